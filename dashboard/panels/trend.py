"""One metric over time, in the band of the same weekday.

Asks    the metric by hour or day, and the same hours or days of past weeks.
Shows   line, band, three to five ticks, the latest value; the part beyond a limit in its colour.
Limits  the unfinished bucket of a count is drawn apart; unknown buckets break the line.
"""

from datetime import timedelta
from typing import Any, Literal

from dash import html
from dash.development.base_component import Component
from dash_svg import Path, Svg

from city.config import Args as BaseArgs
from city.model import Reading
from city.queries import Queries
from city.times import Window, day_start, local_day, window
from dashboard import lines, marks
from dashboard.words import Words

WEEKS = 8


class Args(BaseArgs):
    """``cumulative`` counts up through today, hour by hour; otherwise ``window`` by ``grain``."""

    metric: str
    window: str = "14d"
    grain: Literal["hour", "day", "week", "month"] = "day"
    cumulative: bool = False
    band: bool = True


def metrics(args: Args) -> tuple[str, ...]:
    """The metrics a layout names for this panel."""
    return (args.metric,)


def load(args: Args, queries: Queries) -> dict[str, Any]:
    """The line, its band (None for a bucket without enough history) and the limit."""
    metric, now = queries.metric(args.metric), queries.clock()
    found = {"limit": queries.config.limits.get(args.metric), "direction": metric.direction, "kind": metric.kind}
    if args.cumulative:
        return found | _today(args, queries, now)
    span = window(args.window, now, queries.zone)
    if not args.band or args.grain != "day":
        return found | {"reading": queries.measure(args.metric, grain=args.grain, window=span), "band": [], "day": 0.0}
    wide = Window(span.start - timedelta(weeks=WEEKS), span.end)
    reading = queries.measure(args.metric, grain="day", window=wide)
    values = [row["value"] for row in reading.rows]
    rows = reading.rows[WEEKS * 7 :]
    band = [lines.weekday_band(values, index) for index in range(WEEKS * 7, len(values))]
    return found | {"reading": lines.with_rows(reading, rows), "band": band, "day": 0.0}


def _today(args: Args, queries: Queries, now: Any) -> dict[str, Any]:
    reading = queries.measure(args.metric, grain="hour", window=window("today", now, queries.zone))
    passed = (now - day_start(local_day(now, queries.zone), queries.zone)) / timedelta(days=1)
    past: list[list[float]] = []
    if args.band and queries.usual(args.metric, window="today"):
        past = [_hours(args, queries, now - timedelta(weeks=week)) for week in range(1, WEEKS + 1)]
    return {"reading": reading, "band": lines.band_of(past), "day": passed, "on": local_day(now, queries.zone), "now": now}


def _hours(args: Args, queries: Queries, then: Any) -> list[float]:
    on = local_day(then, queries.zone)
    span = Window(day_start(on, queries.zone), day_start(on + timedelta(days=1), queries.zone))
    rows = queries.measure(args.metric, grain="hour", window=span).rows
    return lines.running([row["value"] for row in rows])


def draw(args: Args, loaded: dict[str, Any], words: Words) -> Component:
    """The chart: paths stretch, words do not."""
    reading: Reading = loaded["reading"]
    values = [row["value"] for row in reading.rows]
    if all(value is None for value in values):
        return html.P(words.t("Belum ada data"), className="calm")
    if args.cumulative:
        values = lines.running(values)
        places = lines.hours_so_far(len(values), loaded["day"])
        values, apart, room = [0, *values], False, 1.0
    else:
        apart = bool(reading.rows[-1].get("partial")) and loaded["kind"] == "count"
        room = 0.84
        places = [room * index / max(1, len(values) - 1) for index in range(len(values))]
    band = [pair if pair is not None else None for pair in loaded["band"]]
    flat = [value for value in values if value is not None] + [edge for pair in band if pair for edge in pair]
    ticks = lines.ticks(max(flat, default=0))
    scale = lines.Scale(ticks[-1], places, room)
    return html.Div(
        [_svg(args, loaded, values, band, scale, ticks, apart), *_texts(args, loaded, values, scale, ticks, apart, words)],
        className="plot tr",
    )


def _svg(
    args: Args, loaded: dict[str, Any], values: list[Any], band: list[Any], scale: "lines.Scale", ticks: list[float], apart: bool
) -> Component:
    width = 1000 * scale.room
    paths = [Path(className="ax", d=f"M0 1000H{width:.0f}")]
    paths += [Path(className="g", d=f"M0 {scale.y(tick):.1f}H{width:.0f}") for tick in ticks[1:]]
    paths += [Path(className="band", d=outline) for outline in scale.band(band, args.cumulative)]
    if args.cumulative:
        paths.append(Path(className="now", d=f"M{1000 * loaded['day']:.1f} 1000V0"))
    solid = values[:-1] if apart else values
    paths += [Path(className="l1", d=run) for run in scale.line(solid, step=args.cumulative)]
    if apart and len(values) > 1:
        paths += [Path(className="l1 pt2", d=run) for run in scale.line(values, first=len(values) - 2)]
    priority = marks.level(loaded["limit"], loaded["direction"], values[-1]) if not args.cumulative else None
    if priority and not apart:
        since = lines.since(values, lambda value: marks.level(loaded["limit"], loaded["direction"], value))
        paths += [Path(className=f"lp {marks.css(priority)}", d=run) for run in scale.line(values, first=max(0, since - 1))]
    return Svg(paths, viewBox="0 0 1000 1000", preserveAspectRatio="none", **{"aria-hidden": "true"})


def _texts(
    args: Args, loaded: dict[str, Any], values: list[Any], scale: "lines.Scale", ticks: list[float], apart: bool, words: Words
) -> list[Component]:
    reading: Reading = loaded["reading"]
    priority = marks.level(loaded["limit"], loaded["direction"], values[-1]) if not args.cumulative and not apart else None
    drawn = [html.Span(lines.tick_text(tick, reading.unit, words), className="yt", style={"bottom": f"{100 * tick / ticks[-1]:.1f}%"}) for tick in ticks]
    drawn += [html.Span(text, className=f"xt {name}", style={"left": f"{100 * at:.1f}%"}) for text, at, name in _x_ticks(args, loaded, scale, words)]
    if values[-1] is None:
        return drawn
    left, bottom = 100 * scale.places[-1], 100 - scale.y(values[-1]) / 10
    at = {"left": f"{left:.1f}%", "bottom": f"{bottom:.1f}%"}
    drawn.append(html.Span(className=f"dot{' pa ' + marks.css(priority) if priority else ''}{' op' if apart else ''}", style=at))
    side = "e flip" if left > 80 and args.cumulative else "s"
    drawn.append(html.Span(lines.tick_text(values[-1], reading.unit, words), className=f"lb last hl {side}{' abn ' + marks.css(priority) if priority else ''}", style=at))
    return drawn


def _x_ticks(args: Args, loaded: dict[str, Any], scale: "lines.Scale", words: Words) -> list[tuple[str, float, str]]:
    if args.cumulative:
        hours = [hour for hour in (6, 12, 18) if abs(hour / 24 - loaded["day"]) > 0.1]
        return [(f"{hour:02d}", hour / 24, "") for hour in hours] + [(words.time(loaded["now"]), min(0.93, max(0.06, loaded["day"])), "now")]
    rows = loaded["reading"].rows
    first, last = (lines.bucket_day(rows[index]["bucket"]) for index in (0, -1))
    return [(words.day(first), 0.0, "s"), (words.day(last), scale.places[-1], "e")]
