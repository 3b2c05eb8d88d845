"""The days on which the simulated offices work: not at weekends, not on Indonesia's public holidays."""

from datetime import date
from functools import lru_cache

import holidays


@lru_cache(maxsize=32)
def _holidays(year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays("ID", years=year))


def is_workday(day: date) -> bool:
    """Whether offices are open on a local day."""
    return day.weekday() < 5 and day not in _holidays(day.year)
