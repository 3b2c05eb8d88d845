"""The page of the sources: which is healthy, which is late, what changed, and what stands behind each number."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from dash import html
from dash.development.base_component import Component
from dash_svg import Circle, Path, Rect, Svg

from city.health import Health, SourceHealth
from city.texts import N_
from dashboard.words import NONE, Words

#: How a source is named on the page by its state: the word, the class of its row.
STATES: dict[Health, tuple[str, str]] = {
    Health.UNSEEN: (N_("Tidak terlihat"), "b un dead"),
    Health.CHANGED: (N_("Skema berubah"), "b frz"),
    Health.FAILED: (N_("Gagal"), "b"),
    Health.LATE: (N_("Terlambat"), "b late"),
    Health.PARTIAL: (N_("Sebagian"), "b un some"),
    Health.NEVER: (N_("Belum ada"), "none"),
    Health.GOOD: (N_("Tepat waktu"), "ok"),
}
_METHODS = {
    "csv_file": N_("berkas"),
    "json_api": "HTTP JSON",
    "open311": "Open311",
    "sql_query": "SQL",
    "ckan": "CKAN",
    "bpjs": "BPJS",
    "bmkg": "BMKG",
    "petabencana": "PetaBencana",
    "manual": N_("isian manual"),
    "push": N_("kiriman"),
}
#: The part of the address that asks for the report per agency.
REPORT = "laporan"
_SENT = {"push": N_("dikirim sistem"), "manual": N_("diisi petugas")}
_HEADS = (
    N_("Keadaan"),
    N_("Sumber, pemilik"),
    N_("Cara, jadwal"),
    N_("Umur data"),
    N_("30 hari, tinggi = tepat waktu"),
    N_("Tepat"),
    N_("Diterima"),
    N_("Ditolak"),
    N_("Skema"),
    N_("Detak"),
)
_RIGHT = frozenset({"Tepat", "Diterima", "Ditolak"})
_REPORT_ICON = Svg(
    [Path(d="M4 2.5h5.5l3 3v8H4zM6.5 8h4M6.5 10.5h4")], viewBox="0 0 16 16", className="ic", **{"aria-hidden": "true"}
)
#: The largest share of a day that is still drawn as late, and what counts as all of it.
_PARTLY, _WHOLE = 0.5, 0.95


def draw(found: Sequence[SourceHealth], chosen: str, detail: Component, words: Words, now: datetime) -> list[Component]:
    """The body of the page: the summary, the table with ``chosen`` marked, and its ``detail``."""
    report = html.A([_REPORT_ICON, words.t("Laporan ketepatan per OPD")], href=f"?{REPORT}=opd", className="btn")
    told = f"{words.t('Kesehatan setiap sumber')}, {words.date(now)} {words.time(now)}"
    top = head(words.t("Sumber data"), told, [report], now)
    return [top, _summary(found, words), _table(found, chosen, words, now), detail]


def head(title: str, told: str, acts: Sequence[Component], now: datetime) -> Component:
    """The head of a page that is drawn at ``now``: its title, what it is of, what can be done."""
    parts = [html.H1(title), html.P(told), html.Div(acts, className="act")]
    return html.Div(parts, className="pgh", **{"data-now": now.isoformat()})


def _summary(found: Sequence[SourceHealth], words: Words) -> Component:
    good = sum(one.health is Health.GOOD for one in found)
    of = f"{words.t('dari')} {len(found)} {words.many('sumber', len(found))}"
    boxes = [html.Div([html.Span(words.t("Tepat waktu")), html.B(str(good)), html.Em(of)])]
    for health, (word, _) in reversed(STATES.items()):
        these = [one.state.title for one in found if one.health is health]
        if these and health is not Health.GOOD:
            boxes.append(html.Div([html.Span(words.t(word)), html.B(str(len(these))), html.Em(_few(these))]))
    return html.Div(boxes, className="sm_")


def _few(titles: Sequence[str]) -> str:
    return ", ".join(titles[:2]) + (f" +{len(titles) - 2}" if len(titles) > 2 else "")


def _table(found: Sequence[SourceHealth], chosen: str, words: Words, now: datetime) -> Component:
    heads = [html.Th(words.t(text), className="r" if text in _RIGHT else "") for text in _HEADS]
    rows = [_row(one, one.state.name == chosen, words, now) for one in found]
    top = html.Header(
        [
            html.H2(f"{len(found)} {words.many('sumber', len(found))}"),
            html.Span(words.t("bermasalah lebih dulu"), className="ag"),
        ],
        className="ph",
    )
    table = html.Table([html.Thead(html.Tr(heads)), html.Tbody(rows)], className="tb srcs")
    return html.Section([top, html.Div(table, className="wide"), legend(words)], className="pn")


def _row(one: SourceHealth, chosen: bool, words: Words, now: datetime) -> Component:
    word, css = STATES[one.health]
    state, name = one.state, one.state.name
    said = {
        "data-as-of": state.last_ok_at.isoformat() if state.last_ok_at else "",
        "data-stale-after-s": str(state.stale_after.total_seconds()),
        "data-simulated": "1" if state.simulated else "",
    }
    rejected = NONE if one.rejected is None else words.number(one.rejected)
    cells = [
        html.Td([_mark(one.health), words.t(word)], className="s"),
        html.Td([html.A(state.title, href=f"/sources?source={name}"), html.Span(one.owner)], className="n_"),
        html.Td([method(one, words), html.Span(cadence(one, words))], className="k2 cr"),
        html.Td(_age(one, words, now), className="agc"),
        html.Td(strip([share for _, share, _ in one.days], words)),
        html.Td(words.percent(one.punctual_ratio, 1), className="r"),
        html.Td(NONE if one.fetched is None else words.number(one.fetched), className="r"),
        html.Td(rejected, className="r bad" if one.rejected else "r k3"),
        html.Td(
            _shape(one, words) if one.fetched is not None else NONE,
            className="bad" if one.health is Health.CHANGED else "k3",
        ),
        html.Td(beat(one, words, now), className="k3" if one.beats else "gd_"),
    ]
    return html.Tr(cells, className=f"{css} sel" if chosen else css, **said)


def _shape(one: SourceHealth, words: Words) -> str:
    return words.t("berubah") if one.health is Health.CHANGED else words.t("tetap")


def method(one: SourceHealth, words: Words) -> str:
    """How a source is read: ``HTTP JSON``."""
    return words.t(_METHODS.get(one.collector, one.collector))


def cadence(one: SourceHealth, words: Words) -> str:
    """``tiap 5 mnt``, or who sends it."""
    if one.collector in _SENT:
        return words.t(_SENT[one.collector])
    return f"{words.t('tiap')} {words.duration_text(one.every / timedelta(hours=1))}"


def beat(one: SourceHealth, words: Words, now: datetime) -> str:
    """Whether the job still tries: ``hidup``, or since when it does not."""
    if one.state.last_run_at is None:
        return words.t("menunggu")
    if one.beats or one.collector in _SENT:
        return words.t("hidup")
    return f"{words.t('mati')} {words.moment(one.state.last_run_at, now)}"


def _age(one: SourceHealth, words: Words, now: datetime) -> list[Component]:
    """The age in words and as a meter; assets/age.js carries both on."""
    last = one.state.last_ok_at
    if last is None:
        return [
            html.B([html.Span(NONE, className="age"), html.Em(words.t("belum"))]),
            html.Span(html.I(), className="am"),
        ]
    age = max(timedelta(), now - last)
    share = min(1.0, age / one.state.stale_after)
    text = html.Span(words.duration_text(age / timedelta(hours=1)), className="age")
    meter = html.Span(html.I(style={"width": f"{100 * share:.0f}%"}), className="am")
    return [html.B([text, html.Em(words.moment(last, now))]), meter]


def strip(shares: Sequence[float | None], words: Words) -> Component:
    """The days, oldest first, as columns: the share of each during which the data were fresh."""
    return html.Span(list(map(_day, shares)), className="up", role="img", title=words.t("Ketepatan 30 hari"))


def _day(share: float | None) -> Component:
    if share is None:
        return html.I(className="no")
    if share == 0:
        return html.I(className="gone")
    if share < _PARTLY:
        return html.I(className="lt")
    return html.I(style={"--h": "100%" if share >= _WHOLE else f"{100 * share:.0f}%"})


def legend(words: Words) -> Component:
    """What the columns of a strip mean."""
    marks: list[tuple[float | None, str]] = [
        (1.0, N_("tepat waktu")),
        (0.6, N_("sebagian tepat")),
        (0.2, N_("terlambat")),
        (0.0, N_("tidak ada kiriman")),
        (None, N_("tidak dijadwalkan")),
    ]
    parts: list[Any] = []
    for share, text in marks:
        parts += [html.Span(_day(share), className="up"), f" {words.t(text)} "]
    return html.P(parts, className="nt")


def _mark(health: Health) -> Component:
    drawn = {
        Health.UNSEEN: [
            Circle(cx="8", cy="8", r="6.2", className="o dash"),
            Path(className="o", d="M6.2 6.4a1.9 1.9 0 1 1 2.7 1.8c-.6.3-.9.6-.9 1.2M8 11.5v.1"),
        ],
        Health.CHANGED: [
            Rect(x="2.5", y="2.5", width="11", height="11", className="o"),
            Path(className="o", d="M6 5.5v5M10 5.5v5"),
        ],
        Health.FAILED: [
            Circle(cx="8", cy="8", r="6", className="o"),
            Path(className="o", d="M5.8 5.8l4.4 4.4M10.2 5.8l-4.4 4.4"),
        ],
        Health.LATE: [Circle(cx="8", cy="8", r="6", className="o"), Path(className="o", d="M8 4.8V8l2.2 1.6")],
        Health.PARTIAL: [
            Circle(cx="8", cy="8", r="6", className="o"),
            Path(className="half", d="M8 2a6 6 0 0 1 0 12Z"),
        ],
        Health.NEVER: [Circle(cx="8", cy="8", r="6", className="o dots")],
        Health.GOOD: [Circle(cx="8", cy="8", r="3.5", className="fine")],
    }
    return Svg(drawn[health], viewBox="0 0 16 16", className="si", **{"aria-hidden": "true"})
