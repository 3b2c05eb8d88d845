"""A configured form of times (strptime style) as a fast parser; month names in English or Indonesian.

For :mod:`city.times`, which is what everyone else asks. Stricter than strptime, and quicker.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone, tzinfo

Reader = Callable[[str], datetime]

#: Indonesian zone words as they follow a time ("16-03-2021 11:32:49 WIB"); no daylight saving.
ZONE_WORDS = {word: timezone(timedelta(hours=7 + east)) for east, word in enumerate(("WIB", "WITA", "WIT"))}

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


def parser_of(fmt: str) -> Reader:
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
        return ZONE_WORDS[word] if word else None
    if offset == "Z":
        return UTC
    away = timedelta(hours=int(offset[1:3]), minutes=int(offset[-2:]))
    return timezone(-away if offset[0] == "-" else away)


def separator_of(fmt: str) -> str | None:
    """The character that divides the date from the clock; None when they mix or fractions never repeat."""
    for separator in " T":
        day, found, clock = fmt.partition(separator)
        codes = [set(re.findall(r"%(.)", half)) for half in (day, clock)]
        if found and codes[0] <= _DATE_CODES and not codes[1] & (_DATE_CODES | {"f"}):
            return separator
    return None
