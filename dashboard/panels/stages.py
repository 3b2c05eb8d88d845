"""How long each stage takes, group by group: every stage on its own baseline, all on one scale.

Asks    one or two metrics of time per stage (waiting, then service) by one dimension.
Shows   a bar per stage in one or two tones, its time, and the whole at the right; the longest first.
Limits  a group of fewer than 5 cases has no row: it is counted in the last line. Medians do not add up, so
        they have a whole only when ``total`` names its metric. A part that is unknown makes the rest a lower bound.
"""

from typing import Literal

from dash.development.base_component import Component
from pydantic import Field

from city import judging
from city.config import Args as BaseArgs
from city.config import Dimension, Strict, WindowText
from city.metrics import QUANTILES
from city.model import Reading
from city.queries import Queries
from city.texts import N_
from city.times import window
from dashboard import stage_rows
from dashboard.reading import packed, unpacked
from dashboard.speech import Text, default
from dashboard.words import Words


class Stage(Strict):
    """One stage: the metric of waiting, and perhaps that of the service."""

    title: Text
    parts: tuple[str, ...] = Field(min_length=1, max_length=2)


class Args(BaseArgs):
    """``stages`` in order; ``count`` is the metric of how many cases a group has, where parts do not know it.

    ``zero_is_unknown``: a source that writes 0 for a step that nobody recorded.
    """

    by: Dimension
    stages: tuple[Stage, ...] = Field(min_length=1, max_length=5)
    window: WindowText = "today"
    unit: Literal["minutes", "hours", "days"] = "minutes"
    total: str | None = None
    count: str | None = None
    tones: tuple[Text, Text] = default((N_("tunggu"), N_("layanan")))
    rows: int = Field(default=4, ge=1, le=12)
    zero_is_unknown: bool = False


def parts(args: Args) -> list[str]:
    """The metrics of the stages, in order."""
    return [name for stage in args.stages for name in stage.parts]


def metrics(args: Args) -> tuple[str, ...]:
    """The metrics a layout names for this panel."""
    return tuple(name for name in (*parts(args), args.total, args.count) if name)


def needs(args: Args, size: str) -> tuple[float, float]:
    """Width and height in units: room for a name, 40 of bar and 38 of text per stage, and the whole."""
    return 300.0 + 90 * len(args.stages), 66.0 + 30 * args.rows


def load(args: Args, queries: Queries) -> Reading:
    """Every metric by the dimension, how its limit stands, and what may be added up."""
    span = window(args.window, queries.clock(), queries.zone)
    asked = [queries.metric(name) for name in parts(args)]
    stands = {one.name: judging.judged(queries, one.name, by=args.by, window=args.window) for one in asked}
    readings = {name: queries.measure(name, by=(args.by,), window=span) for name in dict.fromkeys(metrics(args))}
    adds_up = not any(one.measure in QUANTILES for one in asked)
    return packed({"readings": readings, "judged": stands, "adds_up": adds_up, "of_cases": any(a.of for a in asked)})


def draw(args: Args, reading: Reading, words: Words) -> Component:
    """The head and the rows, or one line that says there are none."""
    loaded = unpacked(reading)
    return stage_rows.Rows(args, loaded, parts(args), words).drawn()
