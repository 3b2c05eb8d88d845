"""The weather ahead, from forecast observations: temperature now, rain to come.

Asks    two metrics, temperature and rain of a step, hour by hour from now.
Shows   a line (now, and the next rain), or the steps of a day with the rain as columns.
Limits  means over the places of the forecast; rain in words by BMKG's classes per hour. No colour: warnings
        have it. A forecast that has run out is words, not zeros.
"""

from datetime import datetime, timedelta
from typing import Any, Literal

from dash import html
from dash.development.base_component import Component
from pydantic import Field

from city.config import Args as BaseArgs
from city.config import Duration
from city.model import Reading
from city.queries import Queries
from city.texts import N_
from city.times import Window
from dashboard.reading import packed, unpacked
from dashboard.words import NONE, Words

#: From this many mm an hour rain is called so (BMKG, decree KEP.009/2010: light to 5, moderate to 10, heavy to 20).
_CLASSES = (
    (20.0, N_("hujan sangat lebat")),
    (10.0, N_("hujan lebat")),
    (5.0, N_("hujan sedang")),
    (0.1, N_("hujan ringan")),
)
DRY = N_("tidak hujan")
#: The lowest top of the columns in mm a step: a drizzle must not look like a downpour.
_TOP_MM = 15.0


class Args(BaseArgs):
    """``temperature`` in degrees, ``rain`` in mm of one ``step``; ``ahead`` is how far to look."""

    temperature: str
    rain: str
    step: Duration = timedelta(hours=3)
    ahead: Duration = timedelta(hours=24)
    shape: Literal["line", "steps"] = "line"
    columns: int = Field(default=8, ge=2, le=12)


def metrics(args: Args) -> tuple[str, ...]:
    """The metrics a layout names for this panel."""
    return args.temperature, args.rain


def needs(args: Args, size: str) -> tuple[float, float]:
    """The smallest width and height in units at which it is legible."""
    return (330, 86) if args.shape == "line" else (64 * args.columns, 170)


def load(args: Args, queries: Queries) -> Reading:
    """Both metrics by hour: from the step that has begun to the end of the look ahead."""
    now = queries.clock()
    span = Window(now - args.step, now + args.ahead)
    both = {
        name: queries.measure(metric, grain="hour", window=span, at=span.end)
        for name, metric in (("temperature", args.temperature), ("rain", args.rain))
    }
    return packed(both | {"now": now})


def draw(args: Args, reading: Reading, words: Words) -> Component | list[Component]:
    """The line or the steps."""
    loaded = unpacked(reading)
    steps = _steps(args, loaded)
    if not steps:
        return html.P(words.t("Prakiraan belum ada"), className="calm")
    return _line(args, steps, words) if args.shape == "line" else _columns(args, steps, words)


def _steps(args: Args, loaded: dict[str, Any]) -> list[dict[str, Any]]:
    """The hours that have a forecast, from the step that holds now: at, temperature, rain in mm (None: unknown)."""
    rain = {row["bucket"]: row["value"] for row in loaded["rain"].rows}
    found = [
        {"at": datetime.fromisoformat(row["bucket"]), "temperature": row["value"], "rain": rain.get(row["bucket"])}
        for row in loaded["temperature"].rows
        if row["value"] is not None or rain.get(row["bucket"]) is not None
    ]
    return [step for step in found if step["at"] + args.step > loaded["now"]]


def sky(mm: float | None, step: timedelta) -> str:
    """Rain of a step in words; empty when unknown."""
    if mm is None:
        return ""
    hourly = mm / (step / timedelta(hours=1))
    return next((word for least, word in _CLASSES if hourly >= least), DRY)


def _line(args: Args, steps: list[dict[str, Any]], words: Words) -> list[Component]:
    first, now = steps[0], sky(steps[0]["rain"], args.step)
    # What changes next is the news: the first rain when it is dry, the first stronger or drier step when it rains.
    later = next((step for step in steps[1:] if sky(step["rain"], args.step) not in ("", now)), None)
    text = words.t("tidak berubah dalam 24 jam") if args.ahead >= timedelta(hours=24) else ""
    if later:
        text = f"{words.time(later['at'])} {words.t(sky(later['rain'], args.step))}, {_degrees(later, words)} °C"
    lines = html.Div([html.B(words.t(now).capitalize()), html.Span(text)], className="two")
    return [html.Span([_degrees(first, words), html.I("°C")], className="n v"), lines]


def _degrees(step: dict[str, Any], words: Words) -> str:
    return NONE if step["temperature"] is None else words.number(step["temperature"], 0)


def _columns(args: Args, steps: list[dict[str, Any]], words: Words) -> Component:
    shown = steps[: args.columns]
    top = max([_TOP_MM, *(step["rain"] or 0 for step in shown)])
    return html.Div([_column(step, top, words) for step in shown], className="wx")


def _column(step: dict[str, Any], top: float, words: Words) -> Component:
    known = step["rain"] is not None
    mm = words.number(step["rain"], 0) if known and round(step["rain"]) else "0" if known else NONE
    bar = html.I(style={"height": f"{100 * (step['rain'] or 0) / top:.0f}%"}, className="" if known else "unk")
    return html.Div(
        [html.B([_degrees(step, words), html.I("°")]), html.Div([bar], className="wb"),
         html.Span([mm, html.I("mm")], className="wm"), html.Span(words.time(step["at"]), className="wt")]
    )  # fmt: skip
