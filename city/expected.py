"""What a day usually brings: the same weekday of the weeks before, public holidays apart. Pure.

One place for "usual": the band of a wall (:meth:`city.queries.Queries.usual`), of a chart, of an exported series.
The quantiles are those of the values themselves, so that one wild week moves a bound and not the middle.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from statistics import median, quantiles
from typing import NamedTuple

from city.config import Config

#: How far back a band looks, and below how many days of a kind nothing is called usual.
WEEKS, FEWEST = 8, 4
_WEEK = timedelta(weeks=1)


class Band(NamedTuple):
    """The 10th percentile, the median and the 90th percentile of ``n`` days of the same kind."""

    low: float
    middle: float
    high: float
    n: int


def tenths(values: Sequence[float | None]) -> tuple[float, float] | None:
    """The 10th and the 90th percentile of what is known; None below ``FEWEST``."""
    known = [float(value) for value in values if value is not None]
    if len(known) < FEWEST:
        return None
    found = quantiles(known, n=10, method="inclusive")
    return found[0], found[-1]


def alike(day: date, closed: frozenset[date], weeks: int = WEEKS) -> list[date]:
    """The days before ``day`` that are like it, the latest first.

    An ordinary day has those of its weekday that were no holidays, a holiday the holidays of the two years before.
    Looked for twice as far back as ``weeks``, so that a run of holidays does not leave too few.
    """
    if day in closed:
        return sorted((one for one in closed if day - timedelta(days=730) <= one < day), reverse=True)[:weeks]
    past = [day - number * _WEEK for number in range(1, 2 * weeks + 1)]
    return [one for one in past if one not in closed][:weeks]


def band(known: Mapping[date, float | None], day: date, closed: frozenset[date], weeks: int = WEEKS) -> Band | None:
    """What ``day`` usually brings, of the days that are ``known``; None with fewer than four like it."""
    values = [float(value) for one in alike(day, closed, weeks) if (value := known.get(one)) is not None]
    ends = tenths(values)
    return Band(ends[0], median(values), ends[1], len(values)) if ends else None


def weeks_back(today: date, config: Config, weeks: int = WEEKS) -> list[int]:
    """How many weeks ago the days were that today is held against: no holidays, unless they leave too few."""
    closed = config.calendar.closed_days(config.region.country, (today.year - 1, today.year))
    kept = [(today - day).days // 7 for day in alike(today, closed - {today}, weeks)]
    return kept if len(kept) >= FEWEST else list(range(1, weeks + 1))
