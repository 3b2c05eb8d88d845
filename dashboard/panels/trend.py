"""A metric over time as a line; the unfinished bucket drawn apart.

Asks    the metric by hour, day, week or month over a window.
Draws   SVG: three grid lines, the line of whole buckets, a dashed step to the unfinished one, its value.
Limits  a missing bucket breaks the line; it is never joined.
"""

from datetime import datetime
from typing import Any, Literal

import dash_svg as svg
from dash import html

from city.config import Args as BaseArgs
from city.model import Reading
from city.queries import Queries
from city.times import window
from dashboard.marks import level
from dashboard.words import ABSENT, Words


class Args(BaseArgs):
    """What to draw over which time."""

    metric: str
    grain: Literal["hour", "day", "week", "month"] = "day"
    window: str = "14d"


def metrics(args: Args) -> list[str]:
    """What the trend asks."""
    return [args.metric]


def load(args: Args, queries: Queries) -> Reading | None:
    """The metric by bucket."""
    span = window(args.window, queries.clock(), queries.zone)
    reading = queries.measure(args.metric, grain=args.grain, window=span)
    last = reading.rows[-1]["value"] if reading.rows else None
    reading.extra = {"level": level(queries.config.limits.get(args.metric), last)}
    return reading


def draw(args: Args, reading: Reading, words: Words) -> Any:
    """The plot with its words; paths stretch, words do not."""
    values = [row["value"] for row in reading.rows]
    top = _nice(max([value for value in values if value is not None], default=0))
    step = 100 / max(1, len(values) - 1)
    points = [
        (round(index * step, 2), None if v is None else round(100 - 100 * v / top, 2)) for index, v in enumerate(values)
    ]
    partial = bool(reading.rows) and reading.rows[-1].get("partial")
    whole = points[:-1] if partial else points
    lines = [svg.Path(d=f"M0 {y}H100", className="ax" if y == 100 else "g") for y in (0, 50, 100)]
    lines.append(svg.Path(d=_path(whole), className="l1"))
    if partial:
        lines.append(svg.Path(d=_path(points[-2:]), className="l1 part"))
    chart = svg.Svg(lines, viewBox="0 0 100 100", preserveAspectRatio="none")
    return html.Div(
        [chart, *_ticks(top, words), *_ends(args, reading, words), *_last(points, reading, words)], className="plot tr"
    )


def _path(points: list[tuple[float, float | None]]) -> str:
    parts, pen = [], "M"
    for x, y in points:
        if y is None:
            pen = "M"
            continue
        parts.append(f"{pen}{x} {y}")
        pen = "L"
    return "".join(parts) or "M0 0"


def _nice(top: float) -> float:
    """The round number at or above ``top`` that halves well."""
    scale = 1.0
    while scale * 10 <= top:
        scale *= 10
    return (
        next((factor * scale for factor in (1, 2, 4, 6, 8, 10) if factor * scale >= top), 10 * scale) if top > 0 else 1
    )


def _ticks(top: float, words: Words) -> list[Any]:
    marks = ((0, 0.0), (50, top / 2), (100, top))
    return [
        html.Span(words.number(value, 0 if value.is_integer() else 1), className="yt", style={"bottom": f"{at}%"})
        for at, value in ((at, float(value)) for at, value in marks)
    ]


def _ends(args: Args, reading: Reading, words: Words) -> list[Any]:
    if not reading.rows:
        return []
    first, last = (datetime.fromisoformat(reading.rows[index]["bucket"]) for index in (0, -1))
    texts = [at.strftime("%H.%M") if args.grain == "hour" else words.day(at) for at in (first, last)]
    return [
        html.Span(texts[0], className="xt s", style={"left": "0"}),
        html.Span(texts[1], className="xt e", style={"left": "100%"}),
    ]


def _last(points: list[tuple[float, float | None]], reading: Reading, words: Words) -> list[Any]:
    if not points or points[-1][1] is None:
        return [html.Span(ABSENT, className="lb e hl big", style={"left": "100%", "bottom": "50%"})]
    x, y = points[-1]
    alarm = f" abn p{reading.extra['level']}" if reading.extra.get("level") else ""
    place = {"left": f"{x}%", "bottom": f"{100 - (y or 0)}%"}
    return [
        html.Span(className="dot" + alarm.replace(" abn", " pa"), style=place),
        html.Span(words.value(reading.rows[-1]["value"], reading.unit), className="lb e hl big n" + alarm, style=place),
    ]
