"""What a period is held against: the one before it, the same of last year, or the same weekdays of past weeks. Pure.

Days are shifted by the region's calendar and clocks, so that a morning is compared with mornings, and the day so
far with the same hours of another day.
"""

from calendar import monthrange
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from city.buckets import is_midnight, weeks_before
from city.times import Window

WAYS = ("previous", "year", "weekdays")
#: How many past weeks make the usual one.
WEEKS = 8


def periods(way: str, span: Window, zone: ZoneInfo) -> tuple[Window, ...]:
    """The periods that ``span`` is held against, the nearest first; several (past weeks) mean their average.

    ``previous`` of whole calendar months is as many months before, of anything else as many days before.
    ValueError for another way, or for ``weekdays`` of more than a week.
    """
    if way == "previous":
        return (_previous(span, zone),)
    if way == "year":
        return (Window(_months_before(span.start, 12, zone), _months_before(span.end, 12, zone)),)
    if way != "weekdays":
        raise ValueError(f"cannot compare against '{way}'; known: {', '.join(WAYS)}")
    if weeks_before(span.end, 1, zone) > span.start:
        raise ValueError("more than a week has no usual week: compare it against previous or year")
    return tuple(
        Window(weeks_before(span.start, week, zone), weeks_before(span.end, week, zone)) for week in range(1, WEEKS + 1)
    )


def _previous(span: Window, zone: ZoneInfo) -> Window:
    start, end = span.start.astimezone(zone), span.end.astimezone(zone)
    if all(at.day == 1 and is_midnight(at, zone) for at in (start, end)):
        months = (end.year - start.year) * 12 + end.month - start.month
        return Window(_months_before(span.start, months, zone), span.start)
    whole_days = (end.date() - start.date()).days
    days = max(1, whole_days + (end.time() > start.time()))
    return Window(_days_before(span.start, days, zone), _days_before(span.end, days, zone))


def _days_before(at: datetime, days: int, zone: ZoneInfo) -> datetime:
    return (at.astimezone(zone) - timedelta(days=days)).replace(fold=0).astimezone(at.tzinfo)


def _months_before(at: datetime, months: int, zone: ZoneInfo) -> datetime:
    """The same local day and time; the last day of a shorter month."""
    local = at.astimezone(zone)
    year, month = divmod(local.year * 12 + local.month - 1 - months, 12)
    day = min(local.day, monthrange(year, month + 1)[1])
    return local.replace(year=year, month=month + 1, day=day, fold=0).astimezone(at.tzinfo)
