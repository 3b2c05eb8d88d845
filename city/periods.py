"""Calendar periods of a region: day, ISO week, month, quarter, and the year to date. Pure.

A week is the Monday to Sunday of the calendar and never "the last seven days with data": what was not delivered
must leave a hole and not shift the days.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from city.goals import PeriodKind
from city.times import Window, day_start, local_day

_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Period:
    """The local days from ``first`` to ``last``, both included."""

    kind: PeriodKind
    first: date
    last: date

    def window(self, zone: ZoneInfo) -> Window:
        """From the midnight it begins with to the midnight it ends with."""
        return Window(day_start(self.first, zone), day_start(self.last + _ONE_DAY, zone))


def last_complete(kind: PeriodKind, at: datetime, zone: ZoneInfo) -> Period:
    """The last period that had ended at ``at``; of the year, its days up to yesterday."""
    today = local_day(at, zone)
    if kind == "year":
        yesterday = today - _ONE_DAY
        return Period(kind, yesterday.replace(month=1, day=1), yesterday)
    return before(_holding(kind, today))


def before(period: Period) -> Period:
    """The period before; of a year to date, the same days of the year before."""
    if period.kind == "year":
        first = period.first.replace(year=period.first.year - 1)
        return Period(period.kind, first, _year_earlier(period.last))
    return _holding(period.kind, period.first - _ONE_DAY)


def after(period: Period) -> Period:
    """The period that follows; of a year to date, the one that is a day longer."""
    if period.kind == "year":
        last = period.last + _ONE_DAY
        return Period(period.kind, last.replace(month=1, day=1), last)
    return _holding(period.kind, period.last + _ONE_DAY)


def row(period: Period, count: int) -> list[Period]:
    """``count`` periods that end with ``period``, the earliest first."""
    found = [period]
    while len(found) < count:
        found.append(before(found[-1]))
    return found[::-1]


def _year_earlier(day: date) -> date:
    """The same day a year earlier; 28 February for the 29th."""
    return day.replace(year=day.year - 1, day=28) if (day.month, day.day) == (2, 29) else day.replace(year=day.year - 1)


def _holding(kind: PeriodKind, day: date) -> Period:
    """The whole period that ``day`` lies in."""
    if kind == "day":
        return Period(kind, day, day)
    if kind == "week":
        first = day - timedelta(days=day.weekday())
        return Period(kind, first, first + timedelta(days=6))
    months = 1 if kind == "month" else 3
    first = date(day.year, day.month - (day.month - 1) % months, 1)
    # A day that is surely in the month after the last one, whatever their lengths.
    beyond = first.replace(day=28) + timedelta(days=4 + 31 * (months - 1))
    return Period(kind, first, beyond.replace(day=1) - _ONE_DAY)
