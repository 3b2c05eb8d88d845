"""Why did it change: a metric in two periods, and what each group had to do with it.

The reader to :mod:`city.change` (how a change is taken apart) and :mod:`city.against` (which periods).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median, quantiles
from typing import Any

from city import cells, change
from city.cells import Sort
from city.change import Split
from city.metrics import FEW, OBSERVED, Metric
from city.queries import USUAL_WEEKS, Queries
from city.question import check
from city.times import Window

#: What a change is taken apart by unless told.
DIMENSIONS = ("agency", "category", "district", "channel")


@dataclass(frozen=True)
class Answer:
    """A change, whole and in parts. ``then`` and ``now``: the metric itself in both periods, None = unknown.

    ``was`` and ``came``: what is taken apart, which is the same but for a quantile: of it the share of cases that
    took longer than ``beyond`` hours, its own value in the period before. ``band``: the 10th to 90th percentile of
    several past weeks. ``since``: where the history begins, when the earlier period began before it. ``as_of``: the
    moment that the data describe, None = never collected.
    """

    metric: str
    unit: str
    sort: Sort
    now_in: Window
    then_in: tuple[Window, ...]
    then: float | None
    now: float | None
    was: float | None
    came: float | None
    band: tuple[float, float] | None
    beyond: float | None
    since: datetime | None
    as_of: datetime | None
    splits: Mapping[tuple[str, ...], Split]


def why(
    queries: Queries, name: str, splits: Sequence[Sequence[str]], now: Window, then: Sequence[Window], *,
    where: Mapping[str, Any] | None = None, limit: int = 10,
) -> Answer:  # fmt: skip
    """Take apart the change of a metric from ``then`` (of several past weeks, the average) to ``now``.

    ``splits``: each a list of dimensions. Raises UnknownMetric; ValueError for a metric that has no parts, for an
    unknown dimension, or for too few weeks of history to call anything usual.
    """
    metric, kind, first = queries.metric(name), cells.sort(queries.metric(name)), queries.first_at(name)
    for by in splits:
        check(metric, by, where or {}, None)
    then = _with_history(then, first)
    # Before the history begins nothing was counted, which is not the same as nothing having been there.
    known_then = first is not None and first < max(span.end for span in then)
    values = [_number(queries.measure(name, window=span, where=where).value) if known_then else None for span in then]
    known = [value for value in values if value is not None]
    beyond = median(known) if kind == "beyond" and known else None
    made: dict[tuple[str, ...], Split] = {}
    was = came = None
    for by in splits if known_then and (kind != "beyond" or known) else ():
        before = change.average(cells.read(queries, name, by, span, where=where, beyond=beyond) for span in then)
        after = cells.read(queries, name, by, now, where=where, beyond=beyond)
        was, came = (change.whole(period, mean=kind != "amount") for period in (before, after))
        made[tuple(by)] = change.split(before, after, mean=kind != "amount", limit=limit, fewest=_fewest(metric))
    several = len(then) > 1
    return Answer(
        metric=name, unit=metric.unit, sort=kind, now_in=now, then_in=tuple(then), beyond=beyond, splits=made,
        was=was, came=came, now=_number(queries.measure(name, window=now, where=where).value),
        then=values[0] if not several else beyond if kind == "beyond" else was,
        band=_band(known) if several else None, as_of=queries.as_of(name),
        since=first if first and first > min(span.start for span in then) else None,
    )  # fmt: skip


def _fewest(metric: Metric) -> int:
    """A figure that was counted elsewhere (beds, visits) is one reading, however many stand behind it."""
    return 0 if metric.measure in OBSERVED and metric.measure != "ratio" else FEW


def _with_history(then: Sequence[Window], first: datetime | None) -> Sequence[Window]:
    """Of several past weeks, those that the history of the metric covers."""
    if len(then) == 1:
        return then
    covered = [span for span in then if first and span.start >= first]
    if len(covered) < USUAL_WEEKS:
        raise ValueError(f"{len(covered)} weeks of history are too few to know the usual one; {USUAL_WEEKS} are needed")
    return covered


def _band(values: Sequence[float]) -> tuple[float, float] | None:
    if len(values) < USUAL_WEEKS:
        return None
    tenths = quantiles(values, n=10, method="inclusive")
    return tenths[0], tenths[-1]


def _number(value: Any) -> float | None:
    return None if value is None else float(value)
