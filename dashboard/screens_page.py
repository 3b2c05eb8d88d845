"""The page of the screens: which are frozen, lost, hidden or old, problems first; pure drawing of the roll-call."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from dash import html
from dash.development.base_component import Component
from dash_svg import Circle, Path, Rect, Svg

from city.texts import N_
from dashboard.rollcall import Health, Screen
from dashboard.words import MINUS, NONE, Words

#: Each state: its word, the class of its row, what it means.
_STATES: dict[Health, tuple[str, str, str]] = {
    Health.LOST: (N_("Hilang"), "b un", N_("Halaman dan alirannya diam")),
    Health.FROZEN: (N_("Beku"), "b un", N_("Alirannya terbuka, halamannya diam")),
    Health.STILL: (N_("Gambar diam"), "b un", N_("Halamannya hidup, gambarnya tidak berganti")),
    Health.HIDDEN: (N_("Tersembunyi"), "b", N_("Tertutup jendela lain atau layarnya mati")),
    Health.OLD: (N_("Versi lama"), "b", N_("Belum memuat versi peladen")),
    Health.SKEWED: (N_("Jam salah"), "b", N_("Jamnya berbeda lebih dari 5 detik")),
    Health.GOOD: (N_("Baik"), "ok", ""),
}
_HEADS = (
    N_("Keadaan"),
    N_("Nama, ukuran"),
    N_("Tampilan"),
    N_("Terakhir melapor"),
    N_("Gambar terakhir"),
    N_("Versi"),
    N_("Memori"),
    N_("Selisih jam"),
)
_RIGHT = frozenset({"Memori", "Selisih jam"})
_MB = 1_000_000


def draw(found: Sequence[Screen], counts: dict[str, int], version: str, words: Words, now: datetime) -> list[Component]:
    """The body of the page."""
    head = html.Div(
        [
            html.H1(words.t("Layar")),
            html.P(f"{words.t('Panggilan layar')}, {words.date(now)} {words.time(now)} {words.zone_name(now)}"),
        ],
        className="pgh",
        **{"data-now": now.isoformat()},
    )
    if not found:
        empty = words.t("Belum ada layar yang melapor. Buka dinding di sebuah layar; ia melapor dalam 10 detik.")
        return [head, html.P(empty, className="tx none")]
    return [head, _summary(found, counts, words), _table(found, version, words, now)]


def _summary(found: Sequence[Screen], counts: dict[str, int], words: Words) -> Component:
    of = f"{words.t('dari')} {counts['screens_expected']} {words.many('layar', counts['screens_expected'])}"
    boxes = [html.Div([html.Span(words.t("Melapor")), html.B(str(counts["screens_seen"])), html.Em(of)])]
    for health, (word, _, _) in _STATES.items():
        these = [title(one, words) for one in found if one.health is health]
        if these and health is not Health.GOOD:
            few = ", ".join(these[:2]) + (f" +{len(these) - 2}" if len(these) > 2 else "")
            boxes.append(html.Div([html.Span(words.t(word)), html.B(str(len(these))), html.Em(few)]))
    return html.Div(boxes, className="sm_")


def _table(found: Sequence[Screen], version: str, words: Words, now: datetime) -> Component:
    heads = [html.Th(words.t(text), className="r" if text in _RIGHT else "") for text in _HEADS]
    rows = [_row(one, version, words, now) for one in found]
    side = [html.Span(words.t("bermasalah lebih dulu"), className="ag")]
    top = html.Header([html.H2(f"{len(found)} {words.many('layar', len(found))}"), *side], className="ph")
    table = html.Table([html.Thead(html.Tr(heads)), html.Tbody(rows)], className="tb srcs scr")
    note = f"{words.t('Versi peladen')} {version}. {words.t('Setiap layar melapor tiap 10 detik.')}"
    return html.Section([top, html.Div(table, className="wide"), html.P(note, className="nt")], className="pn")


def _row(one: Screen, version: str, words: Words, now: datetime) -> Component:
    word, css, why = _STATES[one.health]
    state = html.Td([_mark(one.health), html.Div([words.t(word), html.Em(words.t(why) if why else "")])], className="s")
    cells = [
        state,
        html.Td([html.B(title(one, words)), html.Span(_size(one))], className="n_"),
        *_said(one, words, now),
    ]
    return html.Tr(cells, className=css)


def title(one: Screen, words: Words) -> str:
    """What a screen is called: its paired name, else the beginning of its random identity."""
    name = one.name or words.t("Layar {name}", name=one.who[:6])
    return name if one.slot == "1" else f"{name} · {one.slot}"


def _size(one: Screen) -> str:
    return f"{one.report.width} × {one.report.height}" if one.report else NONE


def _said(one: Screen, words: Words, now: datetime) -> list[Component]:
    report = one.report
    seen = NONE if one.seen_at is None else words.age((now - one.seen_at).total_seconds())
    moment = "" if one.seen_at is None else words.moment(one.seen_at, now)
    if report is None:
        return [html.Td(NONE), html.Td([seen, html.Span(moment)], className="cr"), *[html.Td(NONE)] * 2,
                *[html.Td(NONE, className="r")] * 2]  # fmt: skip
    scene = report.scene if report.scene != report.wall else ""
    return [
        html.Td([f"/wall/{report.wall}", html.Span(scene)], className="cr"),
        html.Td([seen, html.Span(moment)], className="cr"),
        html.Td(_painted(one, words), className="cr"),
        html.Td(report.build or NONE, className="bad" if one.old else "k3"),
        html.Td(NONE if report.memory is None else f"{words.number(report.memory / _MB, 0)} MB", className="r"),
        html.Td(_skew(report.skew_ms, words), className="r bad" if one.skewed else "r k3"),
    ]


def _painted(one: Screen, words: Words) -> list[Any]:
    """The last painted sequence, and whether that is all there is."""
    assert one.report
    told = words.t("tertinggal") if one.behind else words.t("mutakhir")
    if one.health in (Health.LOST, Health.FROZEN):
        told = words.t("sebelum diam")
    return [html.B(words.number(one.report.seq)), html.Span(told)]


def _skew(skew_ms: float | None, words: Words) -> str:
    if skew_ms is None:
        return NONE
    sign = MINUS if skew_ms <= -500 else "+" if skew_ms >= 500 else ""
    return sign + words.duration_text(timedelta(milliseconds=abs(skew_ms)) / timedelta(hours=1))


def _mark(health: Health) -> Component:
    cross = Path(className="o", d="M5.8 5.8l4.4 4.4M10.2 5.8l-4.4 4.4")
    drawn = {
        Health.LOST: [Circle(cx="8", cy="8", r="6.2", className="o dash"), cross],
        Health.FROZEN: [
            Rect(x="2.5", y="2.5", width="11", height="11", className="o"),
            Path(className="o", d="M6 5.5v5M10 5.5v5"),
        ],
        Health.STILL: [
            Rect(x="2", y="3.5", width="12", height="9", className="o dash"),
            Path(className="o", d="M5.5 8h5"),
        ],
        Health.HIDDEN: [
            Rect(x="2", y="3.5", width="12", height="9", className="o"),
            Path(className="o", d="M3 13 13 3"),
        ],
        Health.OLD: [
            Circle(cx="8", cy="8", r="6", className="o"),
            Path(className="o", d="M8 11.5v-6M5.7 7.6 8 5.2l2.3 2.4"),
        ],
        Health.SKEWED: [Circle(cx="8", cy="8", r="6", className="o"), Path(className="o", d="M8 4.8V8l2.2 1.6")],
        Health.GOOD: [Circle(cx="8", cy="8", r="3.5", className="fine")],
    }  # fmt: skip
    return Svg(drawn[health], viewBox="0 0 16 16", className="si", **{"aria-hidden": "true"})
