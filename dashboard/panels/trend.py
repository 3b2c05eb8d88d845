"""One metric over time, in the band of the same weekday; or up to five, each named at the end of its line.

Asks    the metric by hour or day, and the same hours or days of past weeks; ``others`` in the same buckets.
Shows   line, band, three to five ticks, the latest value; the part beyond a limit in its colour.
Limits  the unfinished bucket of a count is drawn apart; unknown buckets break the line.
"""

from datetime import timedelta
from typing import Any, Literal

from dash import html
from dash.development.base_component import Component
from pydantic import Field, model_validator

from city import judging
from city.config import Args as BaseArgs
from city.config import WindowText
from city.judging import Judged
from city.metrics import STATES
from city.model import Reading
from city.queries import Queries
from city.texts import N_
from city.times import Window, day_start, local_day, window
from dashboard import lines, spoken
from dashboard.chart import ROOM, ROOM_NAMED, Chart
from dashboard.reading import packed, unpacked
from dashboard.speech import Text, default
from dashboard.words import Words

WEEKS = 8
#: Buckets of a week: the same weekday, or the same hour of the same weekday, is this far back.
_WEEK = {"day": 7, "hour": 168}


class Args(BaseArgs):
    """``cumulative`` counts up through today, hour by hour; otherwise ``window`` by ``grain``.

    ``others``: metric -> what its line is called; ``label`` names the first line then. ``target``: a dotted
    line at that value, called ``target_label``; it is what is promised, no limit.
    """

    metric: str
    window: WindowText = "14d"
    grain: Literal["hour", "day", "week", "month"] = "day"
    cumulative: bool = False
    band: bool = True
    label: Text = ""
    others: dict[str, Text] = Field(default_factory=dict, max_length=4)
    target: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    target_label: Text = default(N_("target"))

    @model_validator(mode="after")
    def _lines(self) -> "Args":
        if self.others and (self.cumulative or not self.label):
            raise ValueError("'others' need a 'label' for the first line, and no 'cumulative'")
        return self


def metrics(args: Args) -> tuple[str, ...]:
    """The metrics a layout names for this panel."""
    return (args.metric, *args.others)


def needs(args: Args, size: str) -> tuple[float, float]:
    """Three ticks and the latest value beside the line; of several lines, room between their names (units)."""
    return 262, 234 if args.others else 160


def load(args: Args, queries: Queries) -> Reading:
    """The line, its band (None for a bucket without enough history) and how the limit stands."""
    metric, now = queries.metric(args.metric), queries.clock()
    found: dict[str, Any] = {
        "judged": _judged(args, queries),
        "kind": metric.kind,
    }
    span = window(args.window, now, queries.zone)
    found["others"] = [queries.measure(name, grain=args.grain, window=span) for name in args.others]
    if args.cumulative:
        return packed(found | _today(args, queries, now))
    if not args.band or args.grain not in _WEEK:
        return packed(found | {"reading": queries.measure(args.metric, grain=args.grain, window=span), "band": []})
    wide = Window(span.start - timedelta(weeks=WEEKS), span.end)
    reading = queries.measure(args.metric, grain=args.grain, window=wide)
    values, week = [row["value"] for row in reading.rows], _WEEK[args.grain]
    rows = reading.rows[WEEKS * week :]
    band = [lines.weekday_band(values, index, week) for index in range(WEEKS * week, len(values))]
    return packed(found | {"reading": lines.with_rows(reading, rows), "band": band})


def _judged(args: Args, queries: Queries) -> Judged:
    """How the limit stands, where the last bucket is what the limit is about: now, or today."""
    measure = queries.metric(args.metric).measure
    if measure in STATES or measure == "latest":
        return judging.judged(queries, args.metric)
    return judging.judged(queries, args.metric, window="today") if args.grain == "day" else Judged()


def _today(args: Args, queries: Queries, now: Any) -> dict[str, Any]:
    reading = queries.measure(args.metric, grain="hour", window=window("today", now, queries.zone))
    passed = (now - day_start(local_day(now, queries.zone), queries.zone)) / timedelta(days=1)
    return {"reading": reading, "band": _band_of_today(args, queries, now), "day": passed, "now": now}


def _band_of_today(args: Args, queries: Queries, now: Any) -> lines.Band:
    """The band of the whole day, of the same weekday in past weeks; asked once an hour."""
    if not (args.band and queries.usual(args.metric, window="today")):
        return []
    known, key = queries.remembered(), (args.metric, "hours", local_day(now, queries.zone))
    if key not in known:
        past = [_hours(args, queries, now - timedelta(weeks=week)) for week in range(1, WEEKS + 1)]
        known[key] = lines.band_of(past)
    band: lines.Band = known[key]
    return band


def _hours(args: Args, queries: Queries, then: Any) -> list[float]:
    on = local_day(then, queries.zone)
    span = Window(day_start(on, queries.zone), day_start(on + timedelta(days=1), queries.zone))
    rows = queries.measure(args.metric, grain="hour", window=span).rows
    return lines.running([row["value"] for row in rows])


def draw(args: Args, reading: Reading, words: Words) -> Component | list[Component]:
    """The chart: paths stretch, words do not; and its numbers for a screen reader."""
    loaded = unpacked(reading)
    rows = loaded["reading"].rows
    if all(row["value"] is None for row in rows):
        return html.P(words.t("Belum ada data"), className="calm")
    values = [row["value"] for row in rows]
    apart = bool(rows[-1].get("partial")) and loaded["kind"] == "count" and not args.cumulative
    others = [[row["value"] for row in other.rows] for other in loaded.get("others", ())]
    room = ROOM_NAMED if others else ROOM
    places = [room * index / max(1, len(values) - 1) for index in range(len(values))]
    if args.cumulative:
        places, values = lines.hours_so_far(len(values), loaded["day"]), [0, *lines.running(values)]
    flat = [value for line in (values, *others) for value in line if value is not None]
    flat += [] if args.target is None else [args.target]
    flat += [edge for pair in loaded["band"] if pair for edge in pair]
    scale = lines.Scale(lines.ticks(max(flat, default=0)), places)
    chart = Chart(args, loaded, values, apart, scale, words, others, room)
    drawn = [chart.svg(), *chart.axes(), *chart.promise(), *chart.latest()]
    said, numbers = spoken.of_chart(chart)
    return [html.Div(drawn, className="plot tr", **said), numbers]
