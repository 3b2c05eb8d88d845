"""A table: one metric by two dimensions, or several metrics by one; or the groups of a metric side by side.

Asks    the last value of each place with its own moment, or each figure by the dimension.
Shows   a row per group with its own age and its sum, "58 dari 412"; with ``shape: cells`` value over name.
Limits  what is older than the limit of its own is withheld, hatched and not added up. ``hide_below`` shows a
        smaller count as "<5": for health figures, where a few cases in one place may point at a person.
"""

from datetime import timedelta
from math import ceil
from typing import Literal

from dash.development.base_component import Component
from pydantic import Field, model_validator

from city import judging
from city.config import Args as BaseArgs
from city.config import Dimension, Duration, Strict, WindowText
from city.metrics import COUNTS
from city.model import Reading
from city.queries import Queries
from city.texts import N_
from city.times import window
from dashboard import matrix_rows
from dashboard.reading import packed, unpacked
from dashboard.speech import Text, default
from dashboard.words import Words


class Figure(Strict):
    """One column of its own metric."""

    metric: str
    label: Text
    window: WindowText | None = None


class Args(BaseArgs):
    """``metric`` ``by`` places ``across`` another dimension, or ``figures``; ``columns`` maps codes to their heads.

    ``of`` is the metric of the whole a row's sum is a part of, ``few`` marks free places that run out,
    ``unseen_after`` is the age at which a value is withheld (else the sources' own limit).
    """

    by: Dimension
    metric: str | None = None
    across: Dimension | None = None
    columns: dict[str, Text] = Field(default_factory=dict)
    figures: tuple[Figure, ...] = ()
    of: str | None = None
    total_label: Text = default(N_("jumlah"))
    window: WindowText | None = None
    rows: int = Field(default=4, ge=1, le=20)
    few: float | None = None
    hide_below: int = Field(default=0, ge=0)
    unseen_after: Duration | None = None
    shape: Literal["table", "cells"] = "table"

    @model_validator(mode="after")
    def _one_of(self) -> "Args":
        if bool(self.metric) == bool(self.figures):
            raise ValueError("give either 'metric' or 'figures'")
        if self.across and not self.columns:
            raise ValueError("'across' needs 'columns': the codes of the dimension, each with its head")
        return self


def metrics(args: Args) -> tuple[str, ...]:
    """The metrics a layout names for this panel."""
    return tuple(name for name in (args.metric, args.of, *(figure.metric for figure in args.figures)) if name)


def needs(args: Args, size: str) -> tuple[float, float]:
    """Width and height in units: a name and every column; a head and 44 for each row, or a row of cells."""
    if args.shape == "cells":
        return 108.0 * args.rows, 92.0
    return 200.0 + 48 * len(args.columns) + 90 * len(args.figures) + 140 * bool(args.metric), 76.0 + 44 * args.rows


def folded(args: Args, size: str) -> tuple[float, float]:
    """The same where a display is narrower: the cells in three rows."""
    width, height = needs(args, size)
    return (108.0 * ceil(args.rows / 3), height + 120) if args.shape == "cells" else (width, height)


def load(args: Args, queries: Queries) -> Reading:
    """The cells (and their whole), or one reading for each figure, and how long values hold."""
    if args.figures or args.window:
        return packed({"figures": _figures(args, queries), "within": None})
    assert args.metric
    by = (args.by, args.across) if args.across else (args.by,)
    cells = queries.last_seen(args.metric, by=by, within=args.unseen_after)
    within: timedelta = cells.extra["within"]
    whole = queries.last_seen(args.of, by=(args.by,), within=within) if args.of else None
    return packed({"cells": cells, "whole": whole, "within": within, "now": queries.clock()})


def _figures(args: Args, queries: Queries) -> list[dict[str, object]]:
    asked = args.figures or (Figure(metric=args.metric or "", label="", window=args.window),)
    found = []
    for figure in asked:
        metric = queries.metric(figure.metric)
        span = window(figure.window, queries.clock(), queries.zone) if figure.window else None
        reading = queries.measure(figure.metric, by=(args.by,), window=span)
        judged = judging.judged(queries, figure.metric, by=args.by, window=figure.window)
        few = bool(metric.of) and metric.measure not in COUNTS
        found.append({"reading": reading, "judged": judged, "few": few})
    return found


def draw(args: Args, reading: Reading, words: Words) -> Component:
    """The table, or one line that says there is nothing."""
    loaded = unpacked(reading)
    if args.shape == "cells":
        return matrix_rows.cells(args, loaded, words)
    return matrix_rows.figures(args, loaded, words) if args.figures else matrix_rows.table(args, loaded, words)
