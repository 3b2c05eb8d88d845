"""The league of agencies or districts: who does better or worse than the city, beyond chance.

A unit is held against the rate of all of them together, within the limits of its own size (:mod:`city.funnel`), so
that a small unit is not shamed by noise. Only a unit outside its limits is named different; a unit with fewer than
five cases has no place. Of a duration the share of cases that took longer than the city's own quantile is held
against the city's: that needs no bell curve, which durations are not. A count has no league: without the number of
people behind each unit a large district is always the last.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from city import cells, change
from city.change import Cells, Group
from city.funnel import LEVEL, Limits, limits
from city.metrics import FEW, OBSERVED, Metric
from city.queries import Queries
from city.times import Window


@dataclass(frozen=True)
class Unit:
    """One unit: ``n`` cases, its ``share`` and the ``limits`` that chance sets for so many.

    ``value`` is the metric's own: the share itself, or the quantile in hours. ``rank`` 1 is the best (of a neutral
    metric the largest), None with too few cases. ``verdict``: better, worse, above, below, or "" within the limits.
    """

    name: str | None
    n: int
    value: float | None
    share: float
    limits: Limits | None
    rank: int | None
    verdict: str


@dataclass(frozen=True)
class League:
    """Units by rank, those with too few cases last; ``rate`` is the share of all, ``value`` the metric's own.

    ``beyond``: of a duration, the hours that the share is about. ``as_of``: the moment that the data describe.
    """

    metric: str
    by: str
    value: float | None
    rate: float | None
    beyond: float | None
    level: float
    units: tuple[Unit, ...]
    as_of: datetime | None

    @property
    def different(self) -> tuple[Unit, ...]:
        """The units that chance does not explain."""
        return tuple(unit for unit in self.units if unit.verdict)


def ranked(
    found: Cells, direction: str, values: Mapping[Group, float | None] | None = None, *, level: float = LEVEL
) -> tuple[Unit, ...]:
    """The units of ``found`` (cases and how many of them count) by rank. ``direction`` is that of the share.

    ``values``: the metric's own values where they are not the shares. ValueError when the cells are no counts of
    cases out of cases.
    """
    rate = change.whole(found, mean=True)
    if any(cell.n != int(cell.n) or not -1e-6 <= cell.total <= cell.n + 1e-6 for cell in found.values()):
        raise ValueError("its units are no counts out of counts: chance has no limits for them")
    made = [_unit(group, *cell, rate or 0.0, direction, values, level) for group, cell in found.items() if cell.n]
    sign = 1 if direction == "lower" else -1
    made.sort(key=lambda unit: (unit.n < FEW, sign * unit.share, -unit.n, str(unit.name)))
    shares = [unit.share for unit in made if unit.n >= FEW]
    # Equal shares have the same place.
    return tuple(unit if unit.n < FEW else Unit(**vars(unit) | {"rank": shares.index(unit.share) + 1}) for unit in made)


def _unit(
    group: Group, n: float, total: float, rate: float, direction: str,
    values: Mapping[Group, float | None] | None, level: float,
) -> Unit:  # fmt: skip
    share = round(total) / n if abs(total - round(total)) < 1e-6 else total / n
    value = share if values is None else values.get(group)
    if n < FEW:
        return Unit(group[0], int(n), value, share, None, None, "")
    by_chance = limits(int(n), rate, level)
    return Unit(group[0], int(n), value, share, by_chance, None, _verdict(share, by_chance, direction))


def _verdict(share: float, by_chance: Limits, direction: str) -> str:
    # A share is a count out of n, as the limits are: half a count is no difference, rounding is less.
    if by_chance.lower - 1e-12 <= share <= by_chance.upper + 1e-12:
        return ""
    above = share > by_chance.upper
    if direction == "neutral":
        return "above" if above else "below"
    return "better" if above == (direction == "higher") else "worse"


def read(
    queries: Queries, name: str, by: str, span: Window, *, where: Mapping[str, Any] | None = None, level: float = LEVEL
) -> League:
    """The league of a ratio or a duration by one dimension over ``span``.

    Raises UnknownMetric; ValueError for an unknown dimension, or with the reason for a metric that has no league.
    """
    metric = queries.metric(name)
    kind = _sort(metric)
    value = queries.measure(name, window=span, where=where).value
    if kind == "beyond":
        return _of_durations(queries, metric, by, span, where, value, level)
    found = cells.read(queries, name, [by], span, where=where)
    units = ranked(found, metric.direction, level=level)
    return League(name, by, value, change.whole(found, mean=True), None, level, units, queries.as_of(name))


def _of_durations(
    queries: Queries, metric: Metric, by: str, span: Window, where: Mapping[str, Any] | None,
    value: float | None, level: float,
) -> League:  # fmt: skip
    as_of = queries.as_of(metric.name)
    if value is None:
        return League(metric.name, by, None, None, None, level, (), as_of)
    found = cells.read(queries, metric.name, [by], span, where=where, beyond=value)
    rows: Sequence[Mapping[str, Any]] = queries.measure(metric.name, by=[by], window=span, where=where).rows
    units = ranked(found, metric.direction, {(row[by],): row["value"] for row in rows}, level=level)
    return League(metric.name, by, value, change.whole(found, mean=True), value, level, units, as_of)


def _sort(metric: Metric) -> str:
    kind = cells.sort(metric)
    if kind == "amount":
        raise ValueError(
            f"{metric.name} is a count: without the number of people behind each unit it has no league; "
            "take a ratio or a duration"
        )
    if metric.measure in OBSERVED and metric.measure != "ratio":
        raise ValueError(
            f"{metric.name} is a mean of readings: those of one place hang together, and limits that take them for "
            "independent would shame by noise; take a ratio of counts or a duration of cases"
        )
    return kind
