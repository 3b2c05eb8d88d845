"""Where open cases wait: how many at each stage, and for how long already.

Asks    the stage of the last event of every open case of a kind.
Shows   the stages in their order: count as a bar, median wait, longest wait.
Limits  below 5 cases no median is said; a stage that the layout does not name is shown last, as it is called.
"""

from typing import Any

from dash import html
from dash.development.base_component import Component
from pydantic import Field

from city import occurrences
from city.config import Args as BaseArgs
from city.config import Name
from city.metrics import FEW
from city.model import Reading
from city.queries import Queries
from dashboard.reading import packed, unpacked
from dashboard.speech import Text
from dashboard.words import NONE, Words


class Args(BaseArgs):
    """``stages``: the stage's code to its words, in order; those without a case are shown as 0."""

    kind: Name
    stages: dict[str, Text] = Field(default_factory=dict, max_length=8)


def metrics(args: Args) -> tuple[str, ...]:
    """The metrics a layout names for this panel."""
    return (f"{args.kind}s_open",)


def needs(args: Args, size: str) -> tuple[float, float]:
    """The smallest width and height in units at which it is legible."""
    return 480, 74 + 34 * max(1, len(args.stages))


def load(args: Args, queries: Queries) -> Reading:
    """The stages of the open cases."""
    return packed(occurrences.stages(queries, args.kind))


def draw(args: Args, reading: Reading, words: Words) -> Component:
    """One row a stage."""
    found = {row["stage"]: row for row in unpacked(reading).rows}
    names = dict(args.stages) | {code: code for code in found if code not in args.stages}
    if not found and not args.stages:
        return html.P(words.t("belum ada kasus"), className="calm")
    empty = {"value": 0, "n": 0, "median_h": None, "longest_h": None}
    rows = [(name, found.get(code, empty)) for code, name in names.items()]
    top = max((row["value"] for _, row in rows), default=0) or 1
    heads = (("", "nm"), (words.t("menunggu"), ""), (words.t("median"), "r"), (words.t("terlama"), "r"))
    head = html.Div([html.Span(text, className=side) for text, side in heads], className="mr mh")
    return html.Div([head, *(_row(name, row, top, words) for name, row in rows)], className="mf wt")


def _row(name: str, row: dict[str, Any], top: float, words: Words) -> Component:
    width = row["value"] / top * 82
    bar = [html.I(style={"left": "0", "width": f"{width:.1f}%"})]
    bar.append(html.U(words.number(row["value"]), style={"left": f"{width:.1f}%"}))
    median = (
        words.duration(row["median_h"])
        if row["n"] >= FEW
        else [f"<{FEW} {words.many('kasus', FEW)}" if row["n"] else NONE]
    )
    few = "r" if row["n"] >= FEW else "r few"
    parts = [html.Span(name, className="nm"), html.Span(bar, className="bar")]
    parts += [html.Span(html.Span(median, className="n"), className=few)]
    parts += [html.Span(html.Span(words.duration(row["longest_h"]), className="n"), className="r")]
    return html.Div(parts, className="mr")
