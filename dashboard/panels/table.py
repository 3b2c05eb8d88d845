"""Rows: what falls due next, what is overdue longest, or the groups of a metric.

Asks    the waiting cases without their keys, or one metric by one dimension.
Shows   time large, what and where, who; the rule below a row is its time left.
Limits  no names, numbers, addresses or subjects: the database has none.
"""

from datetime import timedelta
from typing import Any, Literal

from dash import html
from dash.development.base_component import Component
from pydantic import Field

from city.config import Args as BaseArgs
from city.config import WindowText
from city.model import Reading
from city.queries import Queries
from city.times import window
from dashboard import marks
from dashboard.reading import packed, unpacked
from dashboard.room import TITLE_U
from dashboard.words import FEW, Words

#: Under this a case is about to be late: its rule is white.
SOON = timedelta(hours=1)


class Args(BaseArgs):
    """Cases of a ``kind``: the next to fall due, or ``overdue`` longest; or a ``metric`` split ``by`` a dimension."""

    kind: str = "complaint"
    overdue: bool = False
    metric: str | None = None
    by: Literal["category", "agency", "district", "channel", "place"] = "category"
    window: WindowText | None = None
    rows: int = Field(default=4, ge=1, le=20)


def metrics(args: Args) -> tuple[str, ...]:
    """The metrics a layout names for this panel."""
    if args.metric:
        return (args.metric,)
    return (f"{args.kind}s_overdue" if args.overdue else f"{args.kind}s_due_soon",)


def needs(args: Args, size: str) -> tuple[float, float]:
    """Rows with what is due or overdue: two lines of an overdue case, one of the others (units)."""
    row = 66 if args.overdue and not args.metric else 42
    return (380 if args.metric else 480 if args.overdue else 540), TITLE_U + row * args.rows


def load(args: Args, queries: Queries) -> Reading:
    """The rows, the limit of their metric and the horizon they are drawn against."""
    name = metrics(args)[0]
    metric = queries.metric(name)
    found: dict[str, Any] = {"limit": queries.config.limits.get(name), "direction": metric.direction,
                             "horizon_s": metric.horizon.total_seconds()}  # fmt: skip
    if args.metric:
        span = window(args.window, queries.clock(), queries.zone) if args.window else None
        return packed(found | {"reading": queries.measure(name, by=(args.by,), window=span)})
    within = None if args.overdue else metric.horizon
    cases = queries.open_cases(args.kind, overdue=args.overdue, within=within, limit=args.rows)
    return packed(found | {"reading": cases})


def draw(args: Args, reading: Reading, words: Words) -> Component:
    """The rows, or one line that says there are none."""
    loaded = unpacked(reading)
    reading = loaded["reading"]
    if args.metric:
        return html.Div(_groups(args, reading, words), className="dq")
    if not reading.rows:
        nothing = "Tidak ada yang lewat tenggat" if args.overdue else "Tidak ada yang akan jatuh tempo"
        return html.Div(html.P(words.t(nothing), className="calm"), className="dq")
    if args.overdue:
        priority = marks.level(loaded["limit"], loaded["direction"], reading.n)
        drawn = [_late(row, priority, words) for row in reading.rows[: args.rows]]
        return html.Div([*drawn, *_spare(args, drawn), _more(reading, drawn, words)], className="al")
    drawn = [_due(row, loaded["horizon_s"], words) for row in reading.rows[: args.rows]]
    return html.Div([*drawn, *_spare(args, drawn)], className="dq")


def _spare(args: Args, drawn: list[Component]) -> list[Component]:
    """Empty rows: a short list keeps its row height instead of stretching."""
    return [html.Div(className="er") for _ in range(args.rows - len(drawn))]


def _placed(row: dict[str, Any]) -> bool:
    """Whether a case says what or where; a memo has neither, and who must act is all there is to say."""
    return bool(row["category"] or row["district"] or not row["agency"])


def _what(row: dict[str, Any], words: Words) -> str:
    parts = [words.name("category", row["category"])]
    return ", ".join([*parts, *([words.name("district", row["district"])] if row["district"] else [])])


def _due(row: dict[str, Any], horizon_s: float, words: Words) -> Component:
    agency = words.name("agency", row["agency"])
    share = max(0.0, min(1.0, row["value"] / horizon_s))
    return html.Div(
        [
            html.Span(words.duration(row["value"] / 3600), className="n"),
            html.Span(_what(row, words) if _placed(row) else agency, className="w"),
            html.Span(agency if _placed(row) else "", className="o"),
        ],
        className="dr soon" if row["value"] < SOON.total_seconds() else "dr",
        style={"--w": f"{100 * share:.0f}%"},
    )


def _late(row: dict[str, Any], priority: int | None, words: Words) -> Component:
    agency, over = words.name("agency", row["agency"]), words.duration(abs(row["value"]) / 3600)
    what, where = (words.name(name, row[name]) for name in ("category", "district"))
    said = (what, where, agency) if _placed(row) else (agency, "", "")
    texts = zip((said[0], over, *said[1:]), ("t", "a n", "s", "w"), strict=True)
    parts = [html.Span(text, className=css) for text, css in texts]
    return html.Div([marks.mark(priority), *parts], className=f"ar {marks.css(priority)}")


def _more(reading: Reading, drawn: list[Component], words: Words) -> Component:
    rest = reading.n - len(drawn)
    return html.Div(f"{words.number(rest)} {words.t('lain')}" if rest > 0 else "", className="more")


def _figure(row: dict[str, Any], unit: str, words: Words) -> list[Any]:
    """The value; a share of few cases as their number."""
    if unit == "ratio" and row["value"] is not None and row["n"] < FEW:
        return [words.number(row["n"]), html.I(words.t("kasus"))]
    return words.value(row["value"], unit)


def _groups(args: Args, reading: Reading, words: Words) -> list[Component]:
    rows = sorted(reading.rows, key=lambda row: (row["value"] is None, -(row["value"] or 0)))[: args.rows]
    if not rows:
        return [html.P(words.t("belum ada kasus"), className="calm")]
    return [
        html.Div(
            [
                html.Span(_figure(row, reading.unit, words), className="n"),
                html.Span(words.name(args.by, row[args.by]), className="w"),
            ],
            className="dr",
            style={"--w": "0%"},
        )
        for row in rows
    ]
