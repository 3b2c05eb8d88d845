"""One level over time: its readings one by one, and how fast it rises."""

from collections.abc import Sequence
from datetime import timedelta
from statistics import linear_regression
from typing import Any

from city.measures import filters
from city.metrics import OBSERVED
from city.model import Reading
from city.queries import Queries
from city.times import Window

#: A slope of fewer readings, or of readings over less than half the time, says nothing.
FEWEST = 3


def readings(queries: Queries, name: str, span: Window) -> Reading:
    """The observations of a metric in ``span``, oldest first, as rows of at, place, value and n.

    ``as_of`` is the newest reading's own moment when that is older than the last good run: a gauge that is
    silent while its service goes on answering is old. Raises UnknownMetric, ValueError for a metric that is not
    the level of one observation.
    """
    metric = queries.metric(name)
    if metric.measure not in OBSERVED or not metric.observation:
        raise ValueError(f"{name} is not a level: it is not made of one observation")
    where = {f"w_{dim}": [of] if isinstance(of, str) else list(of) for dim, of in metric.where.items()}
    sql = _READINGS.format(filters(list(metric.where)))
    found = queries.listed(name, sql, observation=metric.observation, start=span.start, end=span.end, **where)
    newest = max((row["at"] for row in found.rows), default=None)
    found.as_of = min(found.as_of, newest) if found.as_of and newest else None
    return found


def per_hour(rows: Sequence[dict[str, Any]], over: timedelta) -> float | None:
    """The rise per hour over the last ``over`` before the newest reading: the slope of the straight line
    through them (least squares). None when there are too few, or of more than one place. Pure.
    """
    if not rows or len({row["place"] for row in rows}) > 1:
        return None
    newest = max(row["at"] for row in rows)
    recent = [row for row in rows if row["at"] >= newest - over]
    hours = [(row["at"] - newest) / timedelta(hours=1) for row in recent]
    if len(recent) < FEWEST or -min(hours) < over / timedelta(hours=2):
        return None
    return linear_regression(hours, [row["value"] for row in recent]).slope


_READINGS = """
select c.at, c.place, c.value, 1 as n from observations c
where c.region = :region and c.metric = :observation and c.at >= :start and c.at < :end {}
order by c.at, c.source, c.place
"""
