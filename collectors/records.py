"""The body of an answer to a list of flat records: JSON or XML as real servers write it.

Accepts a single object for a list of one, keys in any case, and numbers with leading zeros (the
Open311 specification's own example has 006): they become text. Anything else is NotUnderstood.
"""

import re
from contextlib import suppress
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from defusedxml import ElementTree

from city.model import NotUnderstood
from city.times import instant
from collectors import RowError
from collectors.http import json_of

#: A longer cell is free text in the wrong place, and too long for the database's indexes.
MAX_TEXT = 200

Record = dict[str, Any]


#: A text (left alone), or a number JSON forbids because it begins with a zero.
_ZEROS = re.compile(rb'"(?:[^"\\]|\\.)*"|(?<![\w.+-])0\d+(?![\w.])')


def of_json(content: bytes, where: str = "") -> list[Record]:
    """The records of a JSON answer, keys in lower case."""
    try:
        found = json_of(content, where)
    except NotUnderstood:
        repaired = _ZEROS.sub(_quoted, content)
        if repaired == content:
            raise
        found = json_of(repaired, where)
    rows = [found] if isinstance(found, dict) else found
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise NotUnderstood("the answer is not a list of records", where=where)
    return [{str(key).lower(): value for key, value in row.items()} for row in rows]


def _quoted(found: re.Match[bytes]) -> bytes:
    return found[0] if found[0].startswith(b'"') else b'"' + found[0] + b'"'


def of_xml(content: bytes, roots: tuple[str, ...], where: str = "") -> list[Record]:
    """The records of an XML answer: one per child of the root, which must be one of ``roots``."""
    try:
        root = ElementTree.fromstring(content)
    except (ElementTree.ParseError, ValueError) as error:  # ValueError: entities and DTD tricks, refused
        raise NotUnderstood("the XML is broken, cut off or not XML", where=where) from error
    if root.tag.lower() not in roots:
        raise NotUnderstood(f"the XML begins with <{root.tag[:20]}>, not <{roots[0]}>", where=where)
    return [{field.tag.lower(): _value(field) for field in item} for item in root]


def _value(field: Any) -> Any:
    return {part.tag.lower(): part.text for part in field} if len(field) else field.text


def text(row: Record, field: str) -> str | None:
    """The field as text; None when absent or empty."""
    value = row.get(field)
    if value is not None and not isinstance(value, str | int | float):
        raise RowError(field, "neither text nor a number")
    found = "" if value is None else str(value).strip()
    if len(found) > MAX_TEXT:
        raise RowError(field, f"longer than {MAX_TEXT} characters")
    return found or None


def needed_text(row: Record, field: str) -> str:
    """The field as text, which must be there."""
    found = text(row, field)
    if found is None:
        raise RowError(field, "missing")
    return found


def time(row: Record, field: str, zone: ZoneInfo) -> datetime | None:
    """The field as an instant; None when absent or empty. A time without a zone is local in ``zone``."""
    found = text(row, field)
    try:
        return None if found is None else instant(found, zone)
    except (ValueError, OverflowError) as error:
        raise RowError(field, "not an ISO time") from error


def needed_time(row: Record, field: str, zone: ZoneInfo) -> datetime:
    """The field as an instant, which must be there."""
    found = time(row, field, zone)
    if found is None:
        raise RowError(field, "missing")
    return found


def position(row: Record, lat: str, lon: str) -> tuple[float | None, float | None]:
    """Degrees, or nothing when there is none or it lies nowhere: a request without a place is still a request."""
    try:
        place = float(row[lat]), float(row[lon])
    except (KeyError, TypeError, ValueError):
        return None, None
    good = abs(place[0]) <= 90 and abs(place[1]) <= 180 and place != (0, 0)
    return place if good else (None, None)


def times(rows: list[Record], field: str, zone: ZoneInfo) -> list[datetime]:
    """The instants of ``field`` that can be read, earliest first."""
    found = []
    for row in rows:
        with suppress(RowError):  # parse rejects and counts it
            found.append(needed_time(row, field, zone))
    return sorted(found)


def simulated(row: Record) -> bool:
    """Whether the record, or its ``extended_attributes``, says that it was made up."""
    more = row.get("extended_attributes")
    marks = (row.get("simulated"), more.get("simulated") if isinstance(more, dict) else None)
    return any(str(mark).lower() == "true" for mark in marks)
