"""Text to aware instants, durations, local days and windows: the only date parser.

Instants are aware and kept in UTC; a naive text needs the zone it was written in. A zone is
never pasted over another: 00:00 in Jakarta is 17:00 UTC of the day before. A local time that
a daylight-saving change repeats means the first one. Messages never quote the text of a time:
a wrong mapping may point at a citizen's name.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

Reader = Callable[[str], datetime]

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_DURATION = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*([smhdw])")
_FORMS = "write a number and a unit: 30s, 5m, 2h, 1d, 1w"
#: Indonesian zone words as they follow a time ("16-03-2021 11:32:49 WIB"); no daylight saving.
_ZONE_WORDS = {word: timezone(timedelta(hours=7 + east)) for east, word in enumerate(("WIB", "WITA", "WIT"))}
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
    return _aware(_iso(text) if fmt is None else _parser(fmt)(text), zone)


def reader(fmt: str | None, zone: ZoneInfo | None) -> Reader:
    """A fast parser of one form, about a microsecond a call, for loads of millions of rows.

    ``fmt`` None means ISO 8601. ValueError at once when the format cannot be read by anything.
    """
    if fmt is None:
        return lambda text: _aware(_iso(text), zone)
    parse = _parser(fmt)
    separator = _separator(fmt)
    if zone is None or separator is None:
        return lambda text: _aware(parse(text), zone)
    return _remembering(parse, zone, separator)


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
        text, zone = found[1], _ZONE_WORDS[found[2]]
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


_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
#: Where Indonesian differs in the first three letters.
_INDONESIAN = {"mei": 5, "agu": 8, "agt": 8, "okt": 10, "des": 12}
_MONTH_OF = {name: number for number, name in enumerate(_MONTHS, 1)} | _INDONESIAN
_LETTERS = r"[^\W\d_]+"
_CODES = {
    "Y": "[0-9]{4}", "y": "[0-9]{2}", "m": "[0-9]{1,2}", "b": _LETTERS, "B": _LETTERS, "d": "[0-9]{1,2}",
    "a": _LETTERS, "A": _LETTERS, "H": "[0-9]{1,2}", "I": "[0-9]{1,2}", "M": "[0-9]{1,2}", "S": "[0-9]{1,2}",
    "f": "[0-9]{1,6}", "p": "[AaPp][Mm]", "z": "Z|[+-][0-9]{2}:?[0-9]{2}",
}  # fmt: skip
_DATE_CODES = frozenset("YymbBdaA")


def _parser(fmt: str) -> Reader:
    """A strptime format as a regular expression; month names in English or Indonesian."""
    parts = re.split(r"%(.)", fmt)
    _check(fmt, [code for code in parts[1::2] if code != "%"])
    pattern = "".join(_piece(part, code=bool(odd % 2)) for odd, part in enumerate(parts))
    match = re.compile(rf"{pattern}(?:\s*(?P<word>WIB|WITA|WIT))?").fullmatch

    def parse(text: str) -> datetime:
        found = match(text.strip())
        if found is None:
            raise ValueError(f"not a time of the form {fmt}")
        return _assembled(found.groupdict())

    return parse


def _check(fmt: str, codes: list[str]) -> None:
    if unknown := [code for code in codes if code not in _CODES]:
        raise ValueError(f"time format '{fmt}': %{unknown[0]} is not known; known: %{' %'.join(_CODES)}")
    if twice := [code for code in codes if codes.count(code) > 1]:
        raise ValueError(f"time format '{fmt}': %{twice[0]} stands there twice")
    if ("I" in codes) != ("p" in codes):
        raise ValueError(f"time format '{fmt}': %I and %p belong together; 24 hours are %H")


def _piece(part: str, *, code: bool) -> str:
    if code:
        return "%" if part == "%" else f"(?P<{part}>{_CODES[part]})"
    return re.sub(r"(?:\\?\s)+", r"\\s+", re.escape(part))


def _assembled(part: dict[str, str | None]) -> datetime:
    def number(code: str, default: int = 0) -> int:
        return int(part.get(code) or default)

    year, hour = number("Y", 1900), number("H")
    if "y" in part:
        year = number("y") + (1900 if number("y") >= 69 else 2000)
    if half := part.get("p"):
        if not 1 <= number("I") <= 12:
            raise ValueError("the hour of a 12-hour clock must be 1 to 12")
        hour = number("I") % 12 + 12 * (half[0] in "Pp")
    micro = int((part.get("f") or "0").ljust(6, "0"))
    return datetime(year, _month(part), number("d", 1), hour, number("M"), number("S"), micro, tzinfo=_zone_in(part))


def _month(part: dict[str, str | None]) -> int:
    name = part.get("b") or part.get("B")
    if name is None:
        return int(part.get("m") or 1)
    if (month := _MONTH_OF.get(name[:3].casefold())) is None:
        raise ValueError("not the name of a month")
    return month


def _zone_in(part: dict[str, str | None]) -> tzinfo | None:
    offset, word = part.get("z"), part.get("word")
    if offset is None:
        return _ZONE_WORDS[word] if word else None
    if offset == "Z":
        return UTC
    away = timedelta(hours=int(offset[1:3]), minutes=int(offset[-2:]))
    return timezone(-away if offset[0] == "-" else away)


def _separator(fmt: str) -> str | None:
    """The character that divides the date from the clock; None when they mix or fractions never repeat."""
    for separator in " T":
        day, found, clock = fmt.partition(separator)
        codes = [set(re.findall(r"%(.)", half)) for half in (day, clock)]
        if found and codes[0] <= _DATE_CODES and not codes[1] & (_DATE_CODES | {"f"}):
            return separator
    return None


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
