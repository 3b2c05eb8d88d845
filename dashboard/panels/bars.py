"""Bars per group: one metric sorted, or what comes in, goes out and waits.

Asks    one metric (or three: in, out, queue; see dashboard/flow.py) by one dimension.
Shows   the largest groups; the rest of a count folds into one row, never that of a share or a median.
Limits  a group below 5 cases has no rank in shares and medians: it is counted in the last row.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from dash import html
from dash.development.base_component import Component
from pydantic import Field, model_validator

from city import judging
from city.config import Args as BaseArgs
from city.config import WindowText
from city.metrics import FEW, Metric
from city.model import Reading
from city.queries import Queries
from city.times import window
from dashboard import flow, marks, spoken
from dashboard.flow import Flow, others
from dashboard.reading import packed, unpacked
from dashboard.room import ROW_U, TITLE_U
from dashboard.words import Words


class Args(BaseArgs):
    """``metric`` or ``flow``, split ``by`` a dimension; ``rows`` without the folded one."""

    metric: str | None = None
    flow: Flow | None = None
    by: Literal["agency", "district", "category", "channel", "place"] = "agency"
    window: WindowText = "today"
    rows: int = Field(default=5, ge=1, le=20)

    @model_validator(mode="after")
    def _one_of(self) -> "Args":
        if (self.metric is None) == (self.flow is None):
            raise ValueError("give either 'metric' or 'flow'")
        return self


def metrics(args: Args) -> tuple[str, ...]:
    """The metrics a layout names for this panel."""
    return args.flow.metrics if args.flow else (args.metric or "",)


def flaws(args: Args, known: Mapping[str, Metric]) -> Iterator[tuple[str, str]]:
    """(metric, what is wrong) of metrics that do not go together."""
    return flow.flaws(args.flow, known) if args.flow else iter(())


def needs(args: Args, size: str) -> tuple[float, float]:
    """Names, bars, figures; one row more for the others, in a flow for the heads, the sum and what it lacks (units)."""
    if args.flow:
        return 460, TITLE_U + ROW_U * (args.rows + 2 + args.flow.total)
    return 420, TITLE_U + ROW_U * (args.rows + 1)


def load(args: Args, queries: Queries) -> Reading:
    """The figures by group, and how the limit of each stands."""
    if args.flow:
        return packed(flow.load(args.flow, args.by, args.window, queries))
    name = metrics(args)[0]
    metric, span = queries.metric(name), window(args.window, queries.clock(), queries.zone)
    found = {
        "readings": [queries.measure(name, by=(args.by,), window=span)],
        "judged": judging.judged(queries, name, by=args.by, window=args.window),
        "adds_up": metric.kind not in ("ratio", "duration"),
    }
    return packed(found)


def draw(args: Args, reading: Reading, words: Words) -> Component:
    """The rows of the bar list."""
    loaded = unpacked(reading)
    if args.flow:
        rows = flow.draw(args.flow, args.by, args.rows, loaded, words)
        return spoken.listed(rows, "mf flow", words.t("Tabel"))
    return spoken.listed(_single(args, loaded, words), "mf one", words.t("Tabel"))


def _single(args: Args, loaded: dict[str, Any], words: Words) -> list[Component]:
    (reading,) = loaded["readings"]
    counts = loaded["adds_up"]
    known = [row for row in reading.rows if row["value"] is not None and (row["value"] if counts else row["n"] >= FEW)]
    ranked = sorted(known, key=lambda row: (-row["value"], str(row[args.by])))
    stands = loaded["judged"]
    shown = [(words.name(args.by, row[args.by]), row["value"], stands.priority(row[args.by]))
             for row in ranked[: args.rows]]  # fmt: skip
    if counts and (rest := ranked[args.rows :]):
        worst = stands.worst(row[args.by] for row in rest)
        shown.append((others(args.by, len(rest), words), sum(row["value"] for row in rest), worst))
    top = max((value for _, value, _ in shown), default=0) or 1
    drawn = [_row(name, value, top, words.text(value, reading.unit), level, words) for name, value, level in shown]
    left = len(reading.rows) - len(ranked) if not counts else 0
    if not drawn and not left:
        return [html.P(words.t("belum ada kasus"), className="calm")]
    note = f"{others(args.by, left, words)}: {words.t('kurang dari 5 kasus')}"
    return [*drawn, *([html.Div(html.Span(note), className="mr mh note")] if left else [])]


def _row(name: str, value: float, top: float, text: str, priority: int | None, words: Words) -> Component:
    tone = f"pa {marks.css(priority)}" if priority else ""
    bar = html.I(className=tone, style={"left": "0", "width": f"{max(0.0, value / top * 100):.1f}%"})
    figure = marks.figure(text, priority, words)
    return html.Div([html.Span(name, className="nm"), html.Span(bar, className="bar"), figure], className="mr")
