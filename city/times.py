"""Text to aware instants, durations, local days and windows: the only date parser.

Instants are aware and kept in UTC; a naive text needs the zone it was written in. A zone is
never pasted over another: 00:00 in Jakarta is 17:00 UTC of the day before. A local time that
a daylight-saving change repeats means the first one. Messages never quote the text of a time:
a wrong mapping may point at a citizen's name.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

from city.time_formats import ZONE_WORDS, Reader, parser_of, separator_of

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_DURATION = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*([smhdw])")
_FORMS = "write a number and a unit: 30s, 5m, 2h, 1d, 1w"
_WORD_AT_END = re.compile(r"(.*[0-9])\s*(WIB|WITA|WIT)", re.DOTALL)
#: How many days and clock times a reader remembers (a day has 86,400 seconds).
_REMEMBERED = 100_000


def duration(value: object) -> timedelta:
    """``30s 5m 1.5h 2d 1w`` as a timedelta; ValueError names the accepted forms."""
    if isinstance(value, timedelta):
        return value
    found = _DURATION.fullmatch(str(value).strip())
    if not found:
        raise ValueError(f"{value!r} is not a duration; {_FORMS}")
    try:
        return timedelta(**{_UNITS[found[2]]: float(found[1])})
    except OverflowError:
        raise ValueError("the duration is too long") from None


def instant(text: str, zone: ZoneInfo | None = None, fmt: str | None = None) -> datetime:
    """One ISO 8601 text (or ``fmt``, strptime style) as an aware UTC instant.

    Accepts ``Z``, ``+07:00``, ``+0700``, a space for the T, fractions, and WIB/WITA/WIT at the end.
    """
    return _aware(_iso(text) if fmt is None else parser_of(fmt)(text), zone)


def reader(fmt: str | None, zone: ZoneInfo | None) -> Reader:
    """A fast parser of one form, about a microsecond a call, for loads of millions of rows.

    ``fmt`` None means ISO 8601, ``unix`` and ``unix_ms`` seconds and milliseconds since 1970 in UTC.
    ValueError at once when the format cannot be read by anything.
    """
    if fmt is None:
        return _iso_reader(zone)
    if fmt in _UNIX:
        return lambda text: _of_unix(text, _UNIX[fmt])
    parse = parser_of(fmt)
    separator = separator_of(fmt)
    if zone is None or separator is None:
        return lambda text: _aware(parse(text), zone)
    return _remembering(parse, zone, separator)


def _iso_reader(zone: tzinfo | None) -> Reader:
    def read(text: str) -> datetime:
        # All in one: three times a row, a call costs as much as what it does.
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            moment = _odd_iso(text)
        return moment if moment.tzinfo is UTC else _aware(moment, zone)

    return read


_UNIX = {"unix": 1, "unix_ms": 1000}


def _of_unix(text: str, per_s: int) -> datetime:
    try:
        return datetime.fromtimestamp(float(text) / per_s, UTC)
    except (ValueError, OverflowError, OSError):
        raise ValueError("not a number of seconds since 1970") from None


def _aware(moment: datetime, zone: tzinfo | None) -> datetime:
    if moment.tzinfo is None:
        if zone is None:
            raise ValueError("the time has no zone; write an offset, or configure the zone it was written in")
        moment = moment.replace(tzinfo=zone)  # it was written in this zone: nothing is pasted over
    try:
        return moment if moment.tzinfo is UTC else moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("the time is outside the years 1 to 9999") from None


def _iso(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return _odd_iso(text)


def _odd_iso(text: str) -> datetime:
    text, zone = text.strip(), None
    if text.endswith(("WIB", "WITA", "WIT")) and (found := _WORD_AT_END.fullmatch(text)):
        text, zone = found[1], ZONE_WORDS[found[2]]
    elif text[-6:-5] == " " or text[-5:-4] == " ":
        text = re.sub(r"\s(?=[+-][0-9:]+$)", "", text)  # "12:00:00 +0700"
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError("not an ISO 8601 time such as 2026-01-31T14:30:00+07:00") from None
    if zone is None:
        return moment
    if moment.tzinfo is not None:
        raise ValueError("the time has both an offset and a zone word")
    return moment.replace(tzinfo=zone)  # naive until here: the word is its zone


def _remembering(parse: Reader, zone: ZoneInfo, separator: str) -> Reader:
    """A reader that adds a known clock time to a known day, and parses only what it has not met."""
    days: dict[str, datetime] = {}
    clocks: dict[str, timedelta] = {}

    def read(text: str) -> datetime:
        day, _, clock = text.partition(separator)
        try:
            return days[day] + clocks[clock]
        except KeyError:
            moment = parse(text)
        start = days.get(day) or _steady_start(moment, zone)
        if start is not None and moment.tzinfo is None:
            for known in (days, clocks):
                if len(known) >= _REMEMBERED:
                    known.clear()
            days[day], clocks[clock] = start, moment - datetime.combine(moment, time())
        return _aware(moment, zone)

    return read


def _steady_start(moment: datetime, zone: ZoneInfo) -> datetime | None:
    """Local midnight before a naive moment, if the zone keeps its offset that whole day.

    Not on the hour in every zone (Lord Howe moves by 30 minutes), hence by the day.
    """
    if not date.min < moment.date() < date.max:
        return None
    first, last = (datetime.combine(moment, clock, tzinfo=zone) for clock in (time.min, time.max))
    return first.astimezone(UTC) if first.utcoffset() == last.utcoffset() else None


def local_day(at: datetime, zone: ZoneInfo) -> date:
    """The day ``at`` falls on in ``zone``."""
    return at.astimezone(zone).date()


def day_start(day: date, zone: ZoneInfo) -> datetime:
    """Local midnight at which ``day`` begins, in UTC."""
    return datetime.combine(day, time(), tzinfo=zone).astimezone(UTC)


@dataclass(frozen=True)
class Window:
    """A half-open span of instants: ``start <= at < end``."""

    start: datetime
    end: datetime


def checked_window(text: str) -> str:
    """``text`` if it is a window; ValueError with the forms there are."""
    window(text, datetime(2026, 1, 1, tzinfo=UTC), ZoneInfo("UTC"))
    return text


def window(text: str, now: datetime, zone: ZoneInfo) -> Window:
    """``today``, ``this_week``, ``this_month``, ``24h`` (the last 24 hours) or ``7d``, up to ``now``.

    ``7d`` is the last 7 local days including today: from local midnight six days ago.
    """
    today = local_day(now, zone)
    firsts = {"today": today, "this_week": today - timedelta(days=today.weekday()), "this_month": today.replace(day=1)}
    if text in firsts:
        return Window(day_start(firsts[text], zone), now)
    if not re.fullmatch(r"[1-9][0-9]{0,3}[mhdw]", text):
        raise ValueError(f"{text!r} is not a window; write today, this_week, this_month, 24h, 7d or 4w")
    if text[-1] in "dw":
        return Window(day_start(today - duration(text) + timedelta(days=1), zone), now)
    return Window(now - duration(text), now)
