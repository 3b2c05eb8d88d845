"""The last quake: how strong, where from here, when, and whether it was felt.

Asks    the newest case of the window with what its source observed at its moment.
Shows   magnitude large; distance and direction from the region's centre; time and whether felt.
Limits  no colour: there is no alarm rule of a quake. The source decides which quakes concern the region.
"""

from dash import html
from dash.development.base_component import Component

from city import occurrences
from city.config import Args as BaseArgs
from city.config import Name, WindowText
from city.model import Reading
from city.queries import Queries
from city.times import local_day, window
from dashboard import quakes
from dashboard.reading import packed, unpacked
from dashboard.words import Words


class Args(BaseArgs):
    """The newest case of ``kind`` in the last ``window``."""

    kind: Name = "quake"
    window: WindowText = "30d"


def metrics(args: Args) -> tuple[str, ...]:
    """The metrics a layout names for this panel."""
    return (f"{args.kind}s_open",)


def needs(args: Args, size: str) -> tuple[float, float]:
    """Width and height in units: the magnitude, and the day, the time and whether it was felt in one line."""
    return 380, 86


def load(args: Args, queries: Queries) -> Reading:
    """The quake, the present, and since when there was looked for one."""
    now = queries.clock()
    span = window(args.window, now, queries.zone)
    values = (quakes.MAGNITUDE, quakes.DISTANCE_KM)
    found = occurrences.recent(queries, args.kind, span, values=values, limit=1)
    return packed({"reading": found, "now": now, "since": span.start})


def draw(args: Args, reading: Reading, words: Words) -> list[Component]:
    """One line, or words when there was none."""
    loaded = unpacked(reading)
    if not loaded["reading"].rows:
        since = words.day(local_day(loaded["since"], words.zone))
        return [html.P(f"{words.t('Tidak ada gempa sejak')} {since}", className="calm")]
    row = loaded["reading"].rows[0]
    when = ", ".join(filter(None, [words.moment(row["opened_at"], loaded["now"]), quakes.felt(row, words)]))
    lines = html.Div([html.B(quakes.place(row, words)), html.Span(when)], className="two")
    return [html.Span([html.I("M", className="pre"), quakes.magnitude(row, words)], className="n v"), lines]
