"""A level as it went, below (or above) its named marks: the line of a gauge panel. Pure."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from dash import html
from dash.development.base_component import Component
from dash_svg import Path, Svg

from dashboard import marks
from dashboard.words import Words

#: The line is this wide in its own units; the screen stretches it.
ROOM = 1000.0
#: Readings farther apart than this are not joined.
GAP = timedelta(hours=3)
#: A label takes this share of the height, in per cent: 20 units of a chart of 220.
LABEL = 9.0


def history(args: Any, rows: Sequence[dict[str, Any]], priority: int | None, words: Words) -> Component:
    """The last reading of every hour as a line; a gap of more than three hours breaks it."""
    newest = rows[-1]["at"]
    start = newest - args.back
    hours = {row["at"].replace(minute=0, second=0, microsecond=0): row for row in rows if row["at"] >= start}
    scale = Scale(args, [row["value"] for row in hours.values()])
    places = [((row["at"] - start) / args.back * ROOM, scale.down(row["value"])) for row in hours.values()]
    heights = [scale.down(mark.at) for mark in args.marks]
    lines = [Path(d=f"M0 {height:.1f}H{ROOM:.0f}", className="tgt") for height in heights]
    lines += [Path(d=path, className="l1") for path in _paths(places, ROOM * (GAP / args.back))]
    svg = Svg(lines, viewBox=f"0 0 {ROOM:.0f} 100", preserveAspectRatio="none", **{"aria-hidden": "true"})
    names: list[Component] = []
    for mark, height in zip(args.marks, apart(heights), strict=True):
        where = {"top": f"{height:.1f}%"}
        names.append(html.Span(f"{args.word} {mark.name}", className="gn", style=where))
        names.append(html.Span(words.number(mark.at * args.factor, args.decimals), className="gl", style=where))
    dot = html.Span(className=f"dot pa {marks.css(priority)}" if priority else "dot",
                    style={"left": "100%", "bottom": f"{100 - scale.down(rows[-1]['value']):.1f}%"})  # fmt: skip
    ends = [html.Span(words.moment(start, newest), className="xt s", style={"left": "0"}),
            html.Span(words.time(newest), className="xt e", style={"left": "100%"})]  # fmt: skip
    return html.Div([svg, *names, dot, *ends], className="plot gt")


class Scale:
    """From a little below the lowest of readings and marks to ``high``: a low river must not flatten the marks."""

    def __init__(self, args: Any, values: Sequence[float]) -> None:
        lowest = min([*values, args.marks[0].at])
        self._high = max([*values, args.high])
        self._low = max(args.low, lowest - 0.1 * (self._high - lowest)) if lowest >= args.low else lowest

    def down(self, value: float) -> float:
        """Per cent of the height from the top."""
        return 100 * (self._high - value) / (self._high - self._low)


def apart(heights: Sequence[float]) -> list[float]:
    """Places of labels for ``heights`` (falling), pushed up just enough to be ``LABEL`` apart."""
    placed: list[float] = []
    for height in heights:
        placed.append(min(height, placed[-1] - LABEL) if placed else height)
    return placed


def _paths(places: Sequence[tuple[float, float]], gap: float) -> list[str]:
    runs: list[list[str]] = []
    last = float("-inf")
    for x, down in places:
        if x - last > gap:
            runs.append([])
        runs[-1].append(f"{x:.1f} {down:.1f}")
        last = x
    return ["M" + "L".join(run) for run in runs]
