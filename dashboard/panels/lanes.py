"""Several metrics under each other on one time axis: what came together shows as columns below columns.

Asks    each metric by day, week or month, and where its history begins.
Shows   a lane per metric with its own scale: its name, its highest value, its columns; the unfinished one hollow.
Limits  before a metric's first record is unknown, not zero: hatched. Together is not because of: no correlation
        is computed.
"""

from datetime import datetime
from typing import Any, Literal

from babel.dates import format_date
from dash import html
from dash.development.base_component import Component
from pydantic import Field

from city.buckets import floor
from city.config import Args as BaseArgs
from city.config import Dimension, Strict, WindowText
from city.model import Reading
from city.queries import Queries
from city.times import window
from dashboard.reading import packed, unpacked
from dashboard.speech import Text
from dashboard.words import Words


class Lane(Strict):
    """One metric and how it is called."""

    metric: str
    label: Text
    where: dict[Dimension, str | list[str]] = Field(default_factory=dict)


class Args(BaseArgs):
    """``lanes`` over ``window`` by ``grain``; ``shared``: one scale for all, when they count the same thing."""

    lanes: tuple[Lane, ...] = Field(min_length=1, max_length=5)
    window: WindowText = "14d"
    grain: Literal["day", "week", "month"] = "day"
    shared: bool = False


def metrics(args: Args) -> tuple[str, ...]:
    """The metrics a layout names for this panel."""
    return tuple(lane.metric for lane in args.lanes)


def needs(args: Args, size: str) -> tuple[float, float]:
    """The smallest width and height in units at which it is legible."""
    return 420, 74 + 44 * len(args.lanes)


def load(args: Args, queries: Queries) -> Reading:
    """One reading per lane; what lies before its first record is unknown."""
    span = window(args.window, queries.clock(), queries.zone)
    found = []
    for lane in args.lanes:
        reading = queries.measure(lane.metric, grain=args.grain, window=span, where=lane.where)
        first = queries.first_at(lane.metric)
        begins = floor(first, args.grain, queries.zone) if first else None
        found.append({"reading": reading, "begins": begins})
    return packed(found)


def draw(args: Args, reading: Reading, words: Words) -> Component:
    """The lanes above their axis."""
    loaded = unpacked(reading)
    values = [_known(found) for found in loaded]
    if not any(value is not None for lane in values for value in lane):
        return html.P(words.t("Belum ada data"), className="calm")
    tops = [max((value for value in lane if value is not None), default=0) for lane in values]
    tops = [max(tops)] * len(tops) if args.shared else tops
    rows = [_lane(lane, found, value, top, words)
            for lane, found, value, top in zip(args.lanes, loaded, values, tops, strict=True)]  # fmt: skip
    axis = html.Div([html.Span(), _axis(args, loaded[0]["reading"].rows, words), html.Span()], className="ax2")
    return html.Div([*rows, axis], className="lns")


def _known(found: dict[str, Any]) -> list[float | None]:
    begins = found["begins"]
    return [row["value"] if begins and datetime.fromisoformat(row["bucket"]) >= begins else None
            for row in found["reading"].rows]  # fmt: skip


def _lane(lane: Lane, found: dict[str, Any], values: list[float | None], top: float, words: Words) -> Component:
    rows, unit = found["reading"].rows, found["reading"].unit
    bars = []
    for row, value in zip(rows, values, strict=True):
        name = "unk" if value is None else "open" if row["partial"] and value else ""
        height = 0.0 if not value else max(2.0, 100 * value / top)
        bars.append(html.Span(html.I(style={"height": f"{height:.0f}%"}), className=name))
    known = [value for value in values if value is not None]
    last = html.Span(words.value(values[-1], unit), className="n")
    highest = html.Span(f"{words.t('tertinggi')} {words.text(max(known), unit)}" if known else "")
    name = html.Div([html.Span(lane.label), highest], className="nm")
    return html.Div([name, html.Div(bars, className="lb2"), html.Div(last, className="lv")], className="ln2")


def _axis(args: Args, rows: list[dict[str, Any]], words: Words) -> Component:
    """The first, the middle and the last bucket by name; every month when they are few."""
    days = [datetime.fromisoformat(row["bucket"]).date() for row in rows]
    count = len(days)
    named = range(count) if args.grain == "month" and count <= 7 else sorted({0, (count - 1) // 2, count - 1})
    texts = []
    for index in named:
        month = args.grain == "month"
        text = format_date(days[index], "MMM", locale=words.language) if month else words.day(days[index])
        texts.append(html.U(text, style={"left": f"{100 * (index + 0.5) / count:.1f}%"}))
    return html.Div(texts, className="at")
