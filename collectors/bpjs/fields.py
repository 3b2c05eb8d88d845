"""Fields of BPJS rows: numbers that may be texts, times in the forms BPJS writes."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from city.times import instant, reader
from collectors import RowError
from collectors.cells import number
from collectors.records import needed_text

Row = dict[str, Any]


def amount(row: Row, field: str) -> float:
    """A number that is not negative, written as a number or as a text. Raises RowError."""
    try:
        found = number(needed_text(row, field), ".")
    except ValueError as error:
        raise error if isinstance(error, RowError) else RowError(field, "not a number") from error
    if found < 0:
        raise RowError(field, "negative")
    return found


def count(row: Row, field: str) -> float:
    """A whole number that is not negative. Raises RowError."""
    found = amount(row, field)
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
