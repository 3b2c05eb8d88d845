"""``/kpi``: the scorecard of the city for a leader, by period (``?period=week&at=2026-11-23``).

The numbers are those of ``run.py score``. One reading serves everybody who looks at the same period for
``SHARED_S``; a page that is looked at is drawn anew every few seconds, so that its ages are right.
"""

import asyncio
import threading
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple, get_args
from urllib.parse import parse_qs, urlencode

import sqlalchemy as sa
from dash import Dash, Input, Output, dcc, html
from dash.development.base_component import Component
from dash_svg import Path, Svg

from city import complained, scorecard_reading
from city.complained import Complained
from city.goals import PeriodKind
from city.periods import Period, after, last_complete
from city.queries import Queries
from city.scorecard import Card
from city.texts import N_
from city.times import day_start
from dashboard import kpi_score, kpi_sides, kpi_table, kpi_words
from dashboard.words import Words

NAME = "kpi"
TITLE = N_("Kinerja")
SHARED_S = 60.0
#: How many periods are kept; somebody who pages through the past must not fill the memory.
_KEPT = 16
_PRINT = "M4 5V2h8v3M4 11H2.5V5.5h11V11H12M4 9h8v5H4Z"


class Asked(NamedTuple):
    """What an address asks for: a kind of period, and the local day before which it ended (None: now)."""

    kind: PeriodKind
    day: date | None


class Found(NamedTuple):
    """What was read, and when."""

    card: Card
    complained: Complained | None
    at: datetime
    read_s: float


class Kpi:
    """The page. ``draw`` blocks; call it in a thread."""

    def __init__(self, queries: Queries, version: str = "", clock_s: Callable[[], float] = time.monotonic) -> None:
        self._queries, self._version, self._clock_s = queries, version, clock_s
        self.words = Words(queries.config)
        self._lock, self._found = threading.Lock(), dict[Asked, Found]()

    def draw(self, search: str | None) -> Any:
        """The body for an address' query; in words when the database does not answer."""
        try:
            found = self._read(asked(search))
        except sa.exc.SQLAlchemyError:
            t = self.words.t
            return html.P(f"{t('Kinerja tidak dapat dibaca:')} {t('basis data tidak menjawab')}.", className="tx")
        except scorecard_reading.NoScorecard:
            told = self.words.t("Belum ada target: tulis `scorecard` dalam pengaturan (docs/scorecard.md).")
            return html.P(told, className="tx")
        return self._page(found, asked(search))

    def register(self, dash: Dash) -> None:
        """Add the page's callback."""

        @dash.callback(
            Output(f"{NAME}-body", "children"), Input(f"{NAME}-tick", "n_intervals"), Input("where", "search")
        )
        async def show(tick: int, search: str) -> Any:
            return await asyncio.to_thread(self.draw, search)

    def _read(self, ask: Asked) -> Found:
        with self._lock:
            found = self._found.pop(ask, None)
            if found is None or self._clock_s() - found.read_s > SHARED_S:
                found = self._anew(ask)
            self._found[ask] = found
            while len(self._found) > _KEPT:
                self._found.pop(next(iter(self._found)))
            return found

    def _anew(self, ask: Asked) -> Found:
        queries, now = self._queries, self._queries.clock()
        at = day_start(ask.day, queries.zone) if ask.day else now
        with queries.held():
            card = scorecard_reading.read(queries, ask.kind, min(at, now))
            window = card.period.window(queries.zone)
            kinds = {source.kind for source in queries.config.sources.values()}
            told = complained.read(queries, window) if "complaint" in kinds else None
        return Found(card, told, now, self._clock_s())

    def _page(self, found: Found, ask: Asked) -> list[Component]:
        words, now, card = self.words, self._queries.clock(), found.card
        computed = [words.t("dihitung"), " ", html.B(words.time(found.at))]
        settings = self._queries.config.scorecard
        assert settings is not None
        left = [kpi_score.draw(card, settings.cap, computed, words), kpi_table.draw(card, words, now)]
        columns = html.Div(
            [html.Div(left, className="col"), html.Div(kpi_sides.draw(card, found.complained, words), className="col")],
            className="kg_",
        )
        return [self._head(card, ask, now), columns, self._foot(found, settings.basis)]

    def _head(self, card: Card, ask: Asked, now: datetime) -> Component:
        words = self.words
        period, before = card.period, card.lines[0].periods[-2]
        against = words.t("dibanding {period}", period=kpi_words.low(before, words))
        told = ", ".join(filter(None, [kpi_words.name(period, words), kpi_words.days(period, words), against]))
        parts = [
            html.H1(words.t("Kinerja kota")),
            html.P(told),
            html.Div(self._acts(period, ask, now), className="act"),
        ]
        return html.Div(parts, className="pgh", **{"data-now": now.isoformat()})

    def _acts(self, period: Period, ask: Asked, now: datetime) -> list[Component]:
        t, day = self.words.t, {"at": ask.day.isoformat()} if ask.day else {}
        kinds = [
            dcc.Link(
                t(title),
                href=f"/{NAME}?{urlencode({'period': kind} | day)}",
                className="on" if kind == ask.kind else "",
            )
            for kind, title in kpi_words.KINDS.items()
        ]
        following = after(period)
        latest = last_complete(ask.kind, now, self._queries.zone).last
        earlier = period.last if period.kind == "year" else period.first
        steps = [dcc.Link("‹", href=_link(ask.kind, earlier), className="btn st", title=t("Periode sebelumnya"))]
        if following.last <= latest:
            href = (
                _link(ask.kind, following.last + timedelta(days=1))
                if following.last < latest
                else f"/{NAME}?period={ask.kind}"
            )
            steps.append(dcc.Link("›", href=href, className="btn st", title=t("Periode berikutnya")))
        else:
            steps.append(html.Span("›", className="btn st off", **{"aria-hidden": "true"}))
        icon = Svg([Path(d=_PRINT)], viewBox="0 0 16 16", className="ic", **{"aria-hidden": "true"})
        printing = html.Button([icon, t("Cetak satu halaman")], className="btn pr", **{"data-print": "1"})
        return [html.Span(kinds, className="seg"), html.Span(steps, className="sts"), printing]

    def _foot(self, found: Found, basis: str) -> Component:
        words, t = self.words, self.words.t
        # The city is named here too: paper has no bar.
        at = f"{words.date(found.at)}, {words.time(found.at)} {words.zone_name(found.at)}"
        computed = f"{words.region.name}. {t('Dihitung')} {at}"
        kept = t("riwayat target disimpan")
        if basis:
            kept = t("target menurut {basis}, riwayat target disimpan", basis=basis)
        simulated = any(line.simulated for line in found.card.lines)
        made = f"Kendali {self._version}".strip() + (f", {t('data simulasi')}" if simulated else "")
        return html.Footer(
            [html.Span(computed), html.Span(kept[:1].upper() + kept[1:]), html.Span(made)], className="foot"
        )


def _link(kind: PeriodKind, day: date) -> str:
    return f"/{NAME}?{urlencode({'period': kind, 'at': day.isoformat()})}"


def asked(search: str | None) -> Asked:
    """What a query asks for; what is not understood in it is as if it were not there."""
    query = parse_qs((search or "").lstrip("?"))
    kind = next((kind for kind in get_args(PeriodKind) if kind in query.get("period", [])), "week")
    try:
        day = date.fromisoformat(query.get("at", [""])[0])
    except ValueError:
        return Asked(kind, None)
    # Twelve periods are looked back on: before this there is no calendar to do it in, and no city with data.
    return Asked(kind, day if day.year >= 1970 else None)
