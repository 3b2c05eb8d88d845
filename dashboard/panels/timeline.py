"""What happened in the last hours or days, newest first: time, mark, what, where.

Asks    cases that began (and ended) in the window, and hours of a metric by outcome.
Shows   one line per event; alike ones of an hour and district as one line with their number; what lasts has a
        full mark, what is over a hollow one.
Limits  only words of the layout and of the vocabulary, counts and districts: no text of a source, no person.
"""

from typing import Any, Literal

from dash import html
from dash.development.base_component import Component
from pydantic import Field, model_validator

from city import judging, occurrences
from city.config import Args as BaseArgs
from city.config import Dimension, Name, Strict, WindowText
from city.model import Reading
from city.queries import Queries
from city.times import window
from dashboard import marks, quakes
from dashboard.happenings import Happening, of_cases, of_hours, ordered
from dashboard.reading import packed, unpacked
from dashboard.speech import Text
from dashboard.words import Words


class Track(Strict):
    """One sort of event: the cases of a ``kind``, or the hours of a ``metric`` in which the outcome ``lead`` occurred.

    ``ended`` is what its end is called (without it an end is no event); ``words`` are those of its outcomes,
    others are not shown.
    """

    kind: Name | None = None
    metric: str | None = None
    lead: str = ""
    label: Text
    form: Literal["case", "quake", "warning"] = "case"
    ended: Text = ""
    words: dict[str, Text] = Field(default_factory=dict)
    where: dict[Dimension, str | list[str]] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _one_of(self) -> "Track":
        if (self.kind is None) == (self.metric is None):
            raise ValueError("give either 'kind' or 'metric'")
        if self.metric and not self.lead:
            raise ValueError("a track of a metric needs 'lead', the outcome that matters")
        return self


class Args(BaseArgs):
    """``tracks`` over the ``window``, at most ``rows`` lines."""

    tracks: tuple[Track, ...] = Field(min_length=1, max_length=8)
    window: WindowText = "24h"
    rows: int = Field(default=10, ge=2, le=30)


def metrics(args: Args) -> tuple[str, ...]:
    """The metrics a layout names for this panel."""
    return tuple(track.metric or f"{track.kind}s_open" for track in args.tracks)


def needs(args: Args, size: str) -> tuple[float, float]:
    """The smallest width and height in units at which it is legible."""
    return 520, 44 + 34 * args.rows


def load(args: Args, queries: Queries) -> Reading:
    """One reading per track, the limits of those that have one, and the present."""
    now = queries.clock()
    span = window(args.window, now, queries.zone)
    readings = [_load(track, span, queries) for track in args.tracks]
    return packed({"readings": readings, "priorities": [_priority(t, queries) for t in args.tracks], "now": now})


def _load(track: Track, span: Any, queries: Queries) -> Reading:
    if track.metric:
        return queries.measure(track.metric, by=("outcome",), grain="hour", window=span, where=track.where)
    values = (quakes.MAGNITUDE, quakes.DISTANCE_KM) if track.form == "quake" else ()
    ends = bool(track.ended)
    return occurrences.recent(queries, track.kind or "", span, where=track.where, values=values, ends=ends)


def _priority(track: Track, queries: Queries) -> int | None:
    """That of the number open now, if it has a limit: it marks what lasts."""
    name = f"{track.kind}s_open"
    return judging.judged(queries, name).priority() if track.kind else None


def draw(args: Args, reading: Reading, words: Words) -> Component:
    """The lines, or one that says that nothing happened."""
    loaded = unpacked(reading)
    now, found = loaded["now"], []
    span = window(args.window, now, words.zone)
    for number, (track, one) in enumerate(zip(args.tracks, loaded["readings"], strict=True)):
        cases = not track.metric
        found += of_cases(number, track, one.rows, now, words) if cases else of_hours(number, track, one.rows, words)
    lines = [one for one in ordered(found, words) if one.at >= span.start or track_hour(args, one)]
    if not lines:
        return html.P(f"{words.t('Tidak ada kejadian sejak')} {words.moment(span.start, now)}", className="calm")
    drawn = [_line(one, loaded["priorities"][one.track], now, words) for one in lines[: args.rows]]
    spare = [html.Div(className="er") for _ in range(args.rows - len(drawn))]
    rest = len(lines) - len(drawn)
    more = [html.Div(f"+{words.number(rest)} {words.t('lebih lama')}", className="tlm")] if rest > 0 else []
    return html.Div([html.Div([*drawn, *spare], className="tl"), *more], className="tlb")


def track_hour(args: Args, one: Happening) -> bool:
    """An hour is dated at its beginning, which may lie before the window's."""
    return args.tracks[one.track].metric is not None


def _line(one: Happening, priority: int | None, now: Any, words: Words) -> Component:
    level = priority if one.lasts else None
    dot = html.Span(className="dt on" if one.lasts else "dt")
    mark = marks.mark(level, words, solid=True, small=True) if level else dot
    what = f"{words.number(one.count)} × {one.what}" if one.count > 1 else one.what
    parts = [html.Span(words.moment(one.at, now), className="t"), mark]
    parts += [html.Span(what, className="w"), html.Span(one.where, className="o")]
    return html.Div(parts, className=f"te {marks.css(level)}".strip())
