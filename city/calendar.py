"""Promises to citizens: the SLA clock in calendar hours and in working days. Pure.

Working days leave out Saturday, Sunday and the given holidays. A promise in working days ends
at the same time of day (``3wd`` after Wed 23 Dec 2026 is Wed 30 Dec: joint leave, Christmas, weekend).
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

from city.times import duration


@lru_cache(maxsize=8)
def public_holidays(country: str, years: tuple[int, ...]) -> frozenset[date]:
    """Public holidays and joint leave (*cuti bersama*) of a country, from the ``holidays`` library."""
    known = holidays.country_holidays(country, years=years, categories=("public", "government"))
    return frozenset(known)


def due_at(opened_at: datetime, promise: str, zone: ZoneInfo, closed_days: Iterable[date] = ()) -> datetime:
    """When a case opened at ``opened_at`` must be closed under ``promise`` (``48h`` or ``3wd``)."""
    if not promise.endswith("wd"):
        return opened_at + duration(promise)
    local = opened_at.astimezone(zone)
    day = _add_working_days(local.date(), int(float(promise[:-2])), frozenset(closed_days))
    return datetime.combine(day, local.timetz().replace(tzinfo=None), tzinfo=zone).astimezone(opened_at.tzinfo)


def _add_working_days(day: date, count: int, closed: frozenset[date]) -> date:
    while count > 0:
        day += timedelta(days=1)
        count -= day.weekday() < 5 and day not in closed
    return day


def promise_for(
    sla: Mapping[str, Mapping[str, str]], kind: str, category: str | None, priority: str | None = None
) -> str | None:
    """The promise of a case: by category, else by priority, else the kind's default; None = no promise."""
    terms = sla.get(kind, {})
    for word in (category, priority):
        if word is not None and word in terms:
            return terms[word]
    return terms.get("default")
