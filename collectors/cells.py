"""The cells of one row, cleaned once, and the readers of its fields: text, time, number, position.

A reader raises RowError ``field: what is wrong``; the content of a cell is never part of it.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from fnmatch import translate
from math import isfinite
from operator import itemgetter
from typing import Any
from zoneinfo import ZoneInfo

from city.times import reader
from collectors import RowError, decimals
from collectors.records import MAX_TEXT

#: ``1.234,5``: dots only where thousands are. Elsewhere one would silently make the number ten times as large.
_COMMA = re.compile(r"[+-]?(\d{1,3}(\.\d{3})+|\d*)(,\d*)?([eE][+-]?\d+)?")

Cells = Sequence[str | None]
Get = Callable[[Cells], str | None]


def of(args: Any) -> tuple[Callable[[Sequence[str]], Cells], dict[str, Get]]:
    """A function that cleans a row (None = counts as empty), and field -> function giving its text in a clean row."""
    empty, width = frozenset(args.empty) | {""}, len(args.columns)
    more = [*(str(constant) for constant in args.constants.values()), None]

    def clean(row: Sequence[str]) -> Cells:
        if len(row) != width:
            raise IndexError
        if len("".join(row)) > MAX_TEXT:  # one of them may be, which is rare
            _reject_long(row, args.columns)
        return [None if (text := cell.strip()) in empty else text for cell in row] + more

    return clean, {field: itemgetter(index) for field, index in _places(args).items()}


def together(names: Sequence[str], args: Any) -> Callable[[Cells], tuple[str | None, ...]]:
    """A function that gives the texts of several fields of a clean row at once, None of those that no column has."""
    at, last = _places(args), len(args.columns) + len(args.constants)
    return itemgetter(*(at.get(name, last) for name in names))


def _places(args: Any) -> dict[str, int]:
    """Field -> where its text stands in a clean row: the columns, the constants, and a None."""
    at = {column: index for index, column in enumerate(args.columns)}
    found = {field: at[column] for field, column in args.fields.items()}
    return found | {field: len(at) + index for index, field in enumerate(args.constants)}


def _reject_long(row: Sequence[str], columns: list[str]) -> None:
    for column, cell in zip(columns, row, strict=True):
        if len(cell.strip()) > MAX_TEXT:
            raise RowError(column, f"longer than {MAX_TEXT} characters")


def marked(found: dict[str, Get]) -> Callable[[Cells], bool]:
    """Whether a row says that it is simulated."""
    get = found.get("simulated")
    if get is None:
        return lambda row: False
    return lambda row: (get(row) or "").lower() in ("true", "1", "yes", "ya")


def none(row: Cells) -> None:
    """No such column."""
    return


def time(field: str, found: dict[str, Get], args: Any) -> Callable[[Cells], datetime | None]:
    """The instant of a field in UTC, None when empty; its column is written in ``time_format`` or ISO form."""
    if field not in found:
        return none
    get, parse, plain = (found[field], *(reader(f, ZoneInfo(args.zone)) for f in (args.time_format, None)))

    def read(row: Cells) -> datetime | None:
        text = get(row)
        if text is None:
            return None
        try:
            return parse(text)
        except (ValueError, OverflowError):
            # A workbook mixes texts in the configured form with real dates, which arrive in ISO form.
            try:
                return plain(text)
            except (ValueError, OverflowError) as error:
                raise RowError(field, "not a time in the configured form") from error

    return read


def needed(field: str, read: Callable[[Cells], Any]) -> Callable[[Cells], Any]:
    """``read``, but nothing is an error."""

    def get(row: Cells) -> Any:
        value = read(row)
        if value is None:
            raise RowError(field, "missing")
        return value

    return get


def position(found: dict[str, Get], args: Any) -> Callable[[Cells], tuple[float | None, float | None]]:
    """Degrees, or nothing when there is none or it lies nowhere: a case without a place is still a case."""
    get_lat, get_lon, ignored = found.get("lat"), found.get("lon"), set(args.ignore_positions)

    def read(row: Cells) -> tuple[float | None, float | None]:
        if get_lat is None or get_lon is None:
            return None, None
        lat, lon = get_lat(row), get_lon(row)
        if lat is None or lon is None:
            return None, None
        try:
            place = (degrees(lat, args.decimal), degrees(lon, args.decimal))
        except ValueError:
            return None, None
        return place if abs(place[0]) <= 90 and abs(place[1]) <= 180 and place not in ignored else (None, None)

    return read


def degrees(text: str, decimal: str) -> float:
    """As :func:`number`, or infinite. With ``auto`` any one mark is that of decimals: no place lies so far off."""
    if decimal == "auto" and "." not in text:
        text = text.replace(",", ".")
    return number(text, decimal) if decimal == "," else float(text)


def number(text: str, decimal: str) -> float:
    """A finite number; ValueError when it is none, or with ``auto`` may be two."""
    if decimal == "auto":
        text = repr(decimals.number(text))
    if decimal == ",":
        if not _COMMA.fullmatch(text):
            raise ValueError("a dot that is no thousands mark, or two commas")
        text = text.replace(".", "").replace(",", ".")
    value = float(text)
    if not isfinite(value):
        raise ValueError("not finite")
    return value


def sentences(forms: Mapping[str, float], decimal: str) -> Callable[[str], float]:
    """A reader of numbers that are said in words: "Tersedia 15 bed kosong", "penuh!".

    ``forms`` are tried in their order, with * ? [..] as in file names. Each means its number, or, where ``{}``
    stands for the number in the text, so many times that number ("{} jam": 60). ValueError when none fits.
    """
    known = [
        (re.compile(translate(form).replace(r"\{\}", r"([+-]?[\d.,]*\d)")).fullmatch, times)
        for form, times in forms.items()
    ]

    def read(text: str) -> float:
        for fits, times in known:
            if found := fits(text):
                return times * number(found[1], decimal) if found.groups() else times
        raise ValueError("none of the forms")

    return read
