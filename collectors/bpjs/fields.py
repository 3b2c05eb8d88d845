"""Fields of BPJS rows: numbers that may be texts, times in the forms BPJS writes."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from city.times import instant, reader
from collectors import RowError
from collectors.cells import number
from collectors.records import needed_text

Row = dict[str, Any]


#: So many digits has what is counted or measured. The number of a person, a card or a telephone has more.
_DIGITS, _COUNT_DIGITS = 9, 6


def amount(row: Row, field: str, digits: int = _DIGITS) -> float:
    """A number that is not negative, of at most so many digits before the point, as number or text. Raises RowError."""
    text = needed_text(row, field)
    try:
        found = number(text, ".")
    except ValueError as error:
        raise RowError(field, "not a number") from error
    if found < 0:
        raise RowError(field, "negative")
    # The zeros before a telephone number count, too.
    if found >= 10**digits or len(text.partition(".")[0]) > digits:
        raise RowError(field, f"more than {digits} digits")
    return found


def count(row: Row, field: str) -> float:
    """A whole number that is not negative, below a million. Raises RowError."""
    found = amount(row, field, _COUNT_DIGITS)
    if found % 1:
        raise RowError(field, "not a whole number")
    return found


def moment(row: Row, field: str, zone: ZoneInfo) -> datetime:
    """An instant: ISO form, or day first as in ``16-03-2021 11:32:49 WIB``. Raises RowError."""
    text = needed_text(row, field)
    try:
        return instant(text, zone)
    except (ValueError, OverflowError):
        try:
            return reader("%d-%m-%Y %H:%M:%S", zone)(text)
        except (ValueError, OverflowError) as error:
            raise RowError(field, "not a time of a known form") from error
