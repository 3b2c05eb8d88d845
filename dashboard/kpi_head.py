"""Head and foot of the page of the scorecard: which period, the way to others, to paper and to files. Pure."""

from datetime import date, datetime, timedelta
from typing import NamedTuple
from urllib.parse import urlencode

from dash import dcc, html
from dash.development.base_component import Component
from dash_svg import Path, Svg

from city.goals import PeriodKind
from city.periods import Period, after, last_complete
from city.scorecard import Card
from dashboard import kpi_words
from dashboard.words import Words

PATH = "/kpi"
FILES = {f"{PATH}/kinerja.xlsx": "XLSX", f"{PATH}/kinerja.csv": "CSV"}
_PRINT = "M4 5V2h8v3M4 11H2.5V5.5h11V11H12M4 9h8v5H4Z"
_DOWN = "M8 2v8M4.5 7 8 10.5 11.5 7M2.5 13.5h11"


class Asked(NamedTuple):
    """What an address asks for: a kind of period, the local day before which it ended (None: now), a goal."""

    kind: PeriodKind
    day: date | None
    why: str = ""

    def link(self, path: str = PATH) -> str:
        """The address that asks for it."""
        parts = {"period": self.kind} | ({"at": self.day.isoformat()} if self.day else {})
        return f"{path}?{urlencode(parts | ({'why': self.why} if self.why else {}))}"


def head(card: Card, ask: Asked, now: datetime, words: Words) -> Component:
    """Title, period, and the actions."""
    period, before = card.period, card.lines[0].periods[-2]
    against = words.t("dibanding {period}", period=kpi_words.low(before, words))
    told = ", ".join(filter(None, [kpi_words.name(period, words), kpi_words.days(period, words), against]))
    acts = [html.Span(_kinds(ask, words), className="seg"), html.Span(_steps(period, ask, now, words), className="sts"),
            *_files(ask, words)]  # fmt: skip
    parts = [html.H1(words.t("Kinerja kota")), html.P(told), html.Div(acts, className="act")]
    return html.Div(parts, className="pgh", **{"data-now": now.isoformat()})


def _kinds(ask: Asked, words: Words) -> list[Component]:
    return [
        dcc.Link(words.t(title), href=ask._replace(kind=kind).link(), className="on" if kind == ask.kind else "")
        for kind, title in kpi_words.KINDS.items()
    ]


def _steps(period: Period, ask: Asked, now: datetime, words: Words) -> list[Component]:
    following, t = after(period), words.t
    latest = last_complete(ask.kind, now, words.zone).last
    earlier = period.last if period.kind == "year" else period.first
    back = dcc.Link("‹", href=ask._replace(day=earlier).link(), className="btn st", title=t("Periode sebelumnya"))
    if following.last > latest:
        return [back, html.Span("›", className="btn st off", **{"aria-hidden": "true"})]
    day = following.last + timedelta(days=1) if following.last < latest else None
    return [back, dcc.Link("›", href=ask._replace(day=day).link(), className="btn st", title=t("Periode berikutnya"))]


def _files(ask: Asked, words: Words) -> list[Component]:
    t, plain = words.t, ask._replace(why="")
    printing = html.Button([_icon(_PRINT), t("Cetak satu halaman")], className="btn pr", **{"data-print": "1"})
    files = [html.A(name, href=plain.link(path), download=True) for path, name in FILES.items()]
    down = html.Details([html.Summary([_icon(_DOWN), t("Unduh")], className="btn"), html.Div(files, className="menu")],
                        className="dwn")  # fmt: skip
    return [html.A(t("Ringkasan harian"), href="/brief", className="btn brf"), printing, down]


def close(ask: Asked, words: Words) -> Component:
    """The way back from an explanation."""
    return dcc.Link("×", href=ask._replace(why="").link(), className="x_", title=words.t("Tutup penjelasan"))


def _icon(path: str) -> Component:
    return Svg([Path(d=path)], viewBox="0 0 16 16", className="ic", **{"aria-hidden": "true"})


def foot(card: Card, at: datetime, basis: str, version: str, words: Words) -> Component:
    """When it was computed, after which paper, by what. The city is named here too: paper has no bar."""
    t = words.t
    computed = f"{words.region.name}. {t('Dihitung')} {words.date(at)}, {words.time(at)} {words.zone_name(at)}"
    kept = t("riwayat target disimpan")
    if basis:
        kept = t("target menurut {basis}, riwayat target disimpan", basis=basis)
    simulated = any(line.simulated for line in card.lines)
    made = f"Kendali {version}".strip() + (f", {t('data simulasi')}" if simulated else "")
    return html.Footer([html.Span(computed), html.Span(kept[:1].upper() + kept[1:]), html.Span(made)], className="foot")
