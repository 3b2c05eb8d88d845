"""Rows: what falls due next, what is overdue longest, or the groups of a metric.

Asks    the waiting cases without their keys, or one metric by one dimension.
Shows   time large, what and where, who; the rule below a row is its time left.
Limits  no names, numbers, addresses or subjects: the database has none.
"""

from typing import Any, Literal

from dash import html
from dash.development.base_component import Component
from pydantic import Field

from city import judging
from city.config import Args as BaseArgs
from city.config import WindowText
from city.metrics import FEW
from city.model import Reading
from city.queries import Queries
from city.times import window
from dashboard import case_rows
from dashboard.reading import packed, unpacked
from dashboard.room import TITLE_U
from dashboard.words import Words


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
    """The rows, how the limit of their metric stands, and the horizon they are drawn against."""
    name = metrics(args)[0]
    metric = queries.metric(name)
    found: dict[str, Any] = {"judged": judging.judged(queries, name), "horizon_s": metric.horizon.total_seconds()}
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
        late, due = words.t("Tidak ada yang lewat tenggat"), words.t("Tidak ada yang akan jatuh tempo")
        return html.Div(html.P(late if args.overdue else due, className="calm"), className="dq")
    if args.overdue:
        priority = loaded["judged"].priority()
        drawn = [case_rows.late(row, priority, words) for row in reading.rows[: args.rows]]
        return html.Div([*drawn, *_spare(args, drawn), _more(reading, drawn, words)], className="al")
    drawn = [case_rows.due(row, loaded["horizon_s"], words) for row in reading.rows[: args.rows]]
    return html.Div(
        [*drawn, *_spare(args, drawn), *case_rows.rest(reading.n - len(drawn), loaded["horizon_s"], words)],
        className="dq",
    )


def _spare(args: Args, drawn: list[Component]) -> list[Component]:
    """Empty rows: a short list keeps its row height instead of stretching."""
    return [html.Div(className="er") for _ in range(args.rows - len(drawn))]


def _more(reading: Reading, drawn: list[Component], words: Words) -> Component:
    rest = reading.n - len(drawn)
    return html.Div(words.many("{n} lain", rest) if rest > 0 else "", className="more")


def _figure(row: dict[str, Any], unit: str, words: Words) -> list[Any]:
    """The value; a share of few cases as their number."""
    if unit == "ratio" and row["value"] is not None and row["n"] < FEW:
        return [words.number(row["n"]), html.I(words.many("kasus", row["n"]))]
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
