"""One level on its scale with named marks: a river and its stages of alert.

Asks    the readings of one place over the last hours, and the metric's limit.
Shows   value large, the stage it has reached in words, its rise per hour, and where it stands between the marks:
        on a scale (line), or as it went, hour by hour, below the marks (a panel that is high).
Limits  colour only when a limit is passed; the rise needs readings over half of ``over``, else it is not known.
"""

from datetime import timedelta
from typing import Any, Literal

from dash import html
from dash.development.base_component import Component
from pydantic import Field, model_validator

from city import judging, levels
from city.config import Args as BaseArgs
from city.config import Duration, Strict
from city.model import Reading
from city.queries import Queries
from city.texts import N_
from city.times import Window
from dashboard import marks
from dashboard.level_line import history
from dashboard.reading import packed, unpacked
from dashboard.speech import Text, default
from dashboard.words import Part, Words

#: A level that is older than this is not looked for: the frame says that it is not seen.
LOOK_BACK = timedelta(days=7)


class Stage(Strict):
    """A named mark, reached ``at`` a value in the metric's unit."""

    name: Text
    at: float


class Args(BaseArgs):
    """A scale from ``low`` to ``high`` with ``marks``, mildest first, named after ``word`` (Siaga IV, III, II, I).

    The value is shown times ``factor`` in ``unit``; without them as it is. The rise is that of the last ``over``.
    ``shape``: a panel with the last ``back``, or a line of the strip.
    """

    metric: str
    low: float
    high: float
    marks: tuple[Stage, ...] = Field(min_length=1, max_length=6)
    word: Text = default(N_("Siaga"))
    factor: float = 1.0
    unit: Text = ""
    decimals: int = Field(default=0, ge=0, le=3)
    over: Duration = timedelta(hours=3)
    back: Duration = timedelta(days=3)
    shape: Literal["panel", "line"] = "panel"

    @model_validator(mode="after")
    def _in_order(self) -> "Args":
        points = [self.low, *(mark.at for mark in self.marks), self.high]
        if any(first >= second for first, second in zip(points, points[1:], strict=False)):
            raise ValueError("marks must rise from the mildest to the worst, between low and high")
        return self


def metrics(args: Args) -> tuple[str, ...]:
    """The metrics a layout names for this panel."""
    return (args.metric,)


def needs(args: Args, size: str) -> tuple[float, float]:
    """The smallest width and height in units at which it is legible: 30 units from mark to mark."""
    return (340 + 30 * len(args.marks), 86) if args.shape == "line" else (440, 190)


def load(args: Args, queries: Queries) -> Reading:
    """The readings, and how the limit stands."""
    now = queries.clock()
    found = levels.readings(queries, args.metric, Window(now - LOOK_BACK, now))
    return packed({"reading": found, "judged": judging.judged(queries, args.metric)})


def draw(args: Args, reading: Reading, words: Words) -> Component | list[Component]:
    """Value, mark, stage, rise and scale; words when there is no reading."""
    loaded = unpacked(reading)
    rows = loaded["reading"].rows
    if not rows:
        return html.P(words.t("Belum ada data"), className="calm")
    value = rows[-1]["value"]
    priority = loaded["judged"].priority()
    rise = words.t("naik turunnya belum diketahui")
    if (slope := levels.per_hour(rows, args.over)) is not None:
        rise = _rise(slope, loaded["reading"].unit, words)
    tone = f"abn {marks.css(priority)}" if priority else ""
    digits = html.Span(_digits(args, value, loaded["reading"].unit, words), className=f"n v {tone}".strip())
    mark = [marks.mark(priority, words, solid=True)] if priority else []
    texts = html.Div([html.B(_stage(args, value, words)), html.Span(rise)], className="two")
    if args.shape == "line":
        return [digits, *mark, _scale(args, value, priority), texts]
    head = html.Div([digits, *mark, texts], className="gh")
    # The style sheet shows the line where it is high enough, else the scale.
    return html.Div([head, history(args, rows, priority, words), _scale(args, value, priority)], className="gp")


def _digits(args: Args, value: float, unit: str, words: Words) -> list[Part]:
    return [words.number(value * args.factor, args.decimals), html.I(args.unit or unit)]


def _stage(args: Args, value: float, words: Words) -> str:
    """``Siaga III``; before the first mark, how it is called that is not reached. A mark equalled is reached."""
    reached = [mark.name for mark in args.marks if value >= mark.at]
    if reached:
        return f"{args.word} {reached[-1]}"
    return words.t("Di bawah {mark}", mark=f"{args.word} {args.marks[0].name}")


def _rise(slope: float, unit: str, words: Words) -> str:
    """``+6 cm/jam``, ``−3 cm/jam``; less than half a unit is steady."""
    if round(slope) == 0:
        return words.t("stabil")
    return f"{'+' if slope > 0 else ''}{words.number(slope, 0)} {unit}/{words.t('jam')}"


def _scale(args: Args, value: float, priority: int | None) -> Component:
    """The scale from left to right; the word stands once, before its numerals."""

    def at(point: float) -> str:
        return f"{100 * min(1.0, max(0.0, (point - args.low) / (args.high - args.low))):.1f}%"

    ticks: list[Any] = [html.S(html.U(mark.name), style={"left": at(mark.at)}) for mark in args.marks]
    word = html.Span(args.word, className="gw")
    bar = html.B(style={"width": at(value)}, className=f"pa {marks.css(priority)}" if priority else "")
    return html.Div([word, *ticks, bar], className="gauge")
