"""The groups of a count in order, with the share of each and of all down to it: which few make up most.

Asks    one count of cases by one dimension, over a window or now.
Shows   bar, count, share and running share; how many groups hold four fifths; the rest as one row.
Limits  below 5 cases in all there are counts and no shares.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from typing import Literal

from dash import html
from dash.development.base_component import Component
from pydantic import Field

from city.config import Args as BaseArgs
from city.config import WindowText
from city.metrics import COUNTS, FEW, Metric
from city.model import Reading
from city.queries import Queries
from city.times import window
from dashboard.flow import PLURAL, others
from dashboard.reading import packed, unpacked
from dashboard.room import ROW_U, TITLE_U
from dashboard.words import Words

#: The share that "most" stands for.
MOST = 0.8


class Args(BaseArgs):
    """A count ``by`` a dimension; without ``window`` what stands now. ``rows`` without the folded one."""

    metric: str
    by: Literal["category", "agency", "district", "channel", "place"] = "category"
    window: WindowText | None = None
    rows: int = Field(default=6, ge=1, le=20)


def metrics(args: Args) -> tuple[str, ...]:
    """The metrics a layout names for this panel."""
    return (args.metric,)


def flaws(args: Args, known: Mapping[str, Metric]) -> Iterator[tuple[str, str]]:
    """(metric, what is wrong) of a metric whose groups do not add up to a whole."""
    metric = known.get(args.metric)
    # A case reopened in two groups would be in the whole once and in its parts twice.
    if metric and metric.measure not in COUNTS - {"reopened"}:
        yield args.metric, f"'{args.metric}' is no count: its groups have no shares of a whole"


def needs(args: Args, size: str) -> tuple[float, float]:
    """A row for every group and for the others, a head and a note (units)."""
    return 480, TITLE_U + ROW_U * (args.rows + 3)


def load(args: Args, queries: Queries) -> Reading:
    """The counts of every group."""
    span = window(args.window, queries.clock(), queries.zone) if args.window else None
    return packed(queries.measure(args.metric, by=(args.by,), window=span))


def draw(args: Args, reading: Reading, words: Words) -> Component:
    """The rows in order, what is left, and how many hold most."""
    found: Reading = unpacked(reading)
    rows = sorted((row for row in found.rows if row["value"]), key=lambda row: (-row["value"], str(row[args.by])))
    if not rows:
        return html.Div(html.P(words.t("belum ada kasus"), className="calm"), className="mf")
    values = [row["value"] for row in rows]
    shown = [(words.name(args.by, row[args.by]), row["value"]) for row in rows[: args.rows]]
    if rest := values[args.rows :]:
        shown.append((others(args.by, len(rest), words), sum(rest)))
    top, whole = max(value for _, value in shown), sum(values)
    running = accumulate(value for _, value in shown)
    drawn = [_row(name, value, total, top, whole, words) for (name, value), total in zip(shown, running, strict=True)]
    heads = (("", ""), (words.t("kasus"), ""), (words.t("bagian"), "r"), (words.t("kumulatif"), "r"))
    head = html.Div([html.Span(text, className=side) for text, side in heads], className="mr mh")
    return html.Div([head, *drawn, _note(args.by, values, words)], className="mf rank")


def _row(name: str, value: int, total: int, top: int, whole: int, words: Words) -> Component:
    share, running = (words.percent(part / whole, 0) if whole >= FEW else "–" for part in (value, total))
    width = f"{value / top * 78:.1f}%"
    bar = [html.I(style={"left": "0", "width": width}), html.U(words.number(value), style={"left": width})]
    return html.Div(
        [
            html.Span(name, className="nm"),
            html.Span(bar, className="bar"),
            html.Span(html.B(share), className="bk"),
            html.Span(running, className="sh2"),
        ],
        className="mr",
    )


def _note(by: str, values: Sequence[int], words: Words) -> Component:
    """``4 dari 9 kategori memuat 82% dari 130 kasus``."""
    whole, groups = sum(values), words.many(PLURAL.get(by, by), len(values))
    if whole < FEW:
        return html.Div(html.Span(words.t("kurang dari 5 kasus")), className="mr mh note")
    few, total = next((at, total) for at, total in enumerate(accumulate(values), 1) if total >= MOST * whole)
    of, holds = words.t("dari"), words.many("memuat", few)
    text = f"{few} {of} {len(values)} {groups} {holds} {words.percent(total / whole, 0)} {of} {words.number(whole)}"
    return html.Div(html.Span(f"{text} {words.many('kasus', whole)}"), className="mr mh note")
