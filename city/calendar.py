"""Promises to citizens: the SLA clock in calendar hours and in working days. Pure.

Working days leave out Saturday, Sunday and the given holidays. A promise in working days ends
at the same time of day (``3wd`` after Wed 23 Dec 2026 is Wed 30 Dec: joint leave, Christmas, weekend).
"""

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from city.times import duration


@lru_cache(maxsize=32)
def public_holidays(country: str, years: tuple[int, ...]) -> frozenset[date]:
    """Public holidays and joint leave (*cuti bersama*) of a country; ValueError when the country is not known."""
    # Imported here: it takes longer to import than all of the floor, and only promises in working days need it.
    import holidays

    try:
        offered = holidays.country_holidays(country).supported_categories
    except NotImplementedError:
        raise ValueError(f"no holidays are known for country '{country}'; write its two letters, e.g. ID") from None
    chosen = tuple(category for category in ("public", "government") if category in offered)
    return frozenset(holidays.country_holidays(country, years=years, categories=chosen))


def checked_promise(promise: str) -> str:
    """``promise`` itself if it is one (``48h``, ``1.5d``, ``3wd``); ValueError says how to write it."""
    if not re.fullmatch(r"[0-9]{1,4}(\.[0-9]+)?[mhd]|[0-9]{1,3}wd", promise):
        raise ValueError(f"{promise!r} is not a promise; write 24h, 2d or, in whole working days, 3wd")
    return promise


def due_at(opened_at: datetime, promise: str, zone: ZoneInfo, closed_days: Iterable[date] = ()) -> datetime:
    """When a case opened at ``opened_at`` must be closed under ``promise`` (``48h`` or ``3wd``)."""
    if not promise.endswith("wd"):
        return opened_at + duration(promise)
    local = opened_at.astimezone(zone)
    day = _add_working_days(local.date(), int(promise[:-2]), frozenset(closed_days))
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
