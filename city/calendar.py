"""Promises to citizens: the SLA clock in calendar hours, working hours and working days. Pure.

Working days leave out Saturday, Sunday and the given holidays. A promise in working days ends
at the same time of day (``3wd`` after Wed 23 Dec 2026 is Wed 30 Dec: joint leave, Christmas, weekend); one in
working hours ends when the office has been open for so long. While a case is paused (it waits for the citizen)
no clock runs: hours do not count, and neither does a working day at whose hour the case is paused.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from city.times import duration

#: From one instant to a later one.
Span = tuple[datetime, datetime]
#: Office hours by weekday, Monday first: times of day, in order.
Week = Sequence[Sequence[tuple[time, time]]]
#: A promise that would end later than this many years on never ends: the office has no hours.
_YEARS = 10


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
    """``promise`` itself if it is one (``48h``, ``1.5d``, ``3wd``, ``8wh``); ValueError says how to write it."""
    if not re.fullmatch(r"[0-9]{1,4}(\.[0-9]+)?([mhd]|wh)|[0-9]{1,3}wd", promise):
        raise ValueError(
            f"{promise!r} is not a promise; write 24h, 2d or, in whole working days, 3wd; in hours of them, 8wh"
        )
    return promise


def years(opened_at: datetime, promise: str) -> range:
    """The years whose holidays a promise may meet; none for one that runs day and night."""
    if promise[-2:] not in ("wd", "wh"):
        return range(0)
    days = float(promise[:-2]) / (1 if promise.endswith("wd") else 4)
    return range(opened_at.year, opened_at.year + 2 + int(days) // 200)


def due_at(
    opened_at: datetime, promise: str, zone: ZoneInfo, closed_days: Iterable[date] = (), *,
    week: Week = (), paused: Sequence[Span] = (),
) -> datetime:  # fmt: skip
    """When a case opened at ``opened_at`` must be closed under ``promise`` (``48h``, ``8wh`` or ``3wd``).

    ``week``: the office hours, for working hours; ValueError when they never come. ``paused``: in order of time.
    """
    if promise.endswith("wd"):
        return _after_working_days(opened_at, int(promise[:-2]), zone, frozenset(closed_days), paused)
    if not promise.endswith("wh"):
        return _after(duration(promise), [(opened_at, datetime.max.replace(tzinfo=opened_at.tzinfo))], paused)
    open_spans = _office_hours(opened_at, zone, week, frozenset(closed_days))
    return _after(duration(promise[:-2] + "h"), open_spans, paused).astimezone(opened_at.tzinfo)


def _after(left: timedelta, running: Iterable[Span], paused: Sequence[Span]) -> datetime:
    """The instant at which the clock has run for ``left`` in ``running`` less ``paused``."""
    for span in running:
        for start, end in _without(span, paused):
            if end - start >= left:
                return start + left
            left -= end - start
    raise ValueError("the office has no hours in which the promise could be kept")


def _without(span: Span, paused: Sequence[Span]) -> Iterator[Span]:
    start, end = span
    for begin, over in paused:
        if over <= start or begin >= end:
            continue
        if begin > start:
            yield start, begin
        start = max(start, over)
    if start < end:
        yield start, end


def _office_hours(since: datetime, zone: ZoneInfo, week: Week, closed: frozenset[date]) -> Iterator[Span]:
    day = since.astimezone(zone).date()
    for _ in range(366 * _YEARS):
        for opens, closes in week[day.weekday()] if week and day not in closed else ():
            start, end = (datetime.combine(day, clock, tzinfo=zone).astimezone(UTC) for clock in (opens, closes))
            if end > since:
                yield max(start, since), end
        day += timedelta(days=1)


def _after_working_days(
    opened_at: datetime, count: int, zone: ZoneInfo, closed: frozenset[date], paused: Sequence[Span]
) -> datetime:
    local = opened_at.astimezone(zone)
    clock, day, at = local.timetz().replace(tzinfo=None), local.date(), opened_at
    while count > 0:
        day += timedelta(days=1)
        if not is_working(day, closed):
            continue
        at = datetime.combine(day, clock, tzinfo=zone).astimezone(opened_at.tzinfo)
        count -= not any(begin <= at < over for begin, over in paused)
    return at


def is_working(day: date, closed: frozenset[date] = frozenset()) -> bool:
    """Whether ``day`` is a working day: Monday to Friday and not ``closed``."""
    return day.weekday() < 5 and day not in closed


def working_days_between(first: date, last: date, closed: frozenset[date]) -> int:
    """The whole working days after ``first`` and before ``last``: how long something has been silent on ``last``."""
    days = (first + timedelta(days=number) for number in range(1, (last - first).days))
    return sum(is_working(day, closed) for day in days)


def promise_for(
    sla: Mapping[str, Mapping[str, str]], kind: str, category: str | None, priority: str | None = None
) -> str | None:
    """The promise of a case: by ``category/priority``, else by category, by priority, or the kind's default.

    None = no promise.
    """
    terms = sla.get(kind, {})
    for word in (f"{category}/{priority}", category, priority):
        if word is not None and word in terms:
            return terms[word]
    return terms.get("default")
