"""Hours, days, weeks, months and quarters of a region: where buckets begin and which are unfinished. Pure."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from city.times import Window, day_start, local_day

GRAINS = ("hour", "day", "week", "month", "quarter")
_MONTHS = {"month": 1, "quarter": 3}
#: PostgreSQL keeps microseconds, so the last instant of a half-open span is exact.
TICK = timedelta(microseconds=1)


@dataclass(frozen=True)
class Bucket:
    """One bucket of a window. ``start`` is where the whole bucket begins, ``end`` where it (or the window) ends."""

    start: datetime
    end: datetime
    late: bool  # the window begins after the bucket does
    unfinished: bool  # the window ends before the bucket does


def buckets(span: Window, grain: str, zone: ZoneInfo) -> list[Bucket]:
    """Every bucket that ``span`` touches, in order; weeks begin on Monday."""
    found: list[Bucket] = []
    start = floor(span.start, grain, zone)
    while start < span.end:
        after = _after(start, grain, zone)
        found.append(Bucket(start, min(after, span.end), start < span.start, span.end < after))
        start = after
    return found


def floor(at: datetime, grain: str, zone: ZoneInfo) -> datetime:
    """The instant at which the bucket of ``at`` begins, as PostgreSQL's date_trunc(grain, at, zone)."""
    if grain == "hour":
        # Within the hour the offset stays, so that both 01:00 of a clock change are hours of their own.
        return at - (_clock_time(at.astimezone(zone)) % timedelta(hours=1))
    day = local_day(at, zone)
    if grain == "week":
        day -= timedelta(days=day.weekday())
    if grain == "quarter":
        day = day.replace(month=day.month - (day.month - 1) % 3)
    return day_start(day.replace(day=1) if grain in _MONTHS else day, zone)


def _clock_time(local: datetime) -> timedelta:
    return local.replace(tzinfo=None) - datetime.combine(local.date(), time())


def _after(start: datetime, grain: str, zone: ZoneInfo) -> datetime:
    if grain == "hour":
        return start + timedelta(hours=1)
    day = local_day(start, zone)
    if months := _MONTHS.get(grain):
        # A day that is surely in the month after the last one, whatever their lengths.
        return day_start((day.replace(day=28) + timedelta(days=4 + 31 * (months - 1))).replace(day=1), zone)
    return day_start(day + timedelta(days=7 if grain == "week" else 1), zone)


def is_midnight(at: datetime, zone: ZoneInfo) -> bool:
    """Whether a local day begins at ``at``."""
    return day_start(local_day(at, zone), zone) == at


def weeks_before(at: datetime, weeks: int, zone: ZoneInfo) -> datetime:
    """The same weekday and time of day some weeks ago, by the region's clocks."""
    local = at.astimezone(zone)
    earlier = (local - timedelta(weeks=weeks)).replace(fold=0)
    return earlier.astimezone(at.tzinfo)
