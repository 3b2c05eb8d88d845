"""A table by mapping: how its text is encoded, separated and numbered; told, or found and then said with the run."""

import codecs
import hashlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, field_validator

from collectors import decimals, tables_in
from collectors.mapping import Mapping
from collectors.tables_in import Body

Warn = Callable[[str], None]


class Written(Mapping):
    """A mapping, and how the tables it reads are written."""

    #: ``auto``: what a byte order mark says, else UTF-8, else Windows-1252.
    encoding: str = "auto"
    #: Found in the header unless told.
    delimiter: str | None = Field(default=None, min_length=1, max_length=1)
    sheet: str | None = None
    #: ``auto``: by the form of the numbers; one that can mean two things is rejected.
    decimal: Literal["auto", ".", ","] = "auto"  # type: ignore[assignment]

    @field_validator("encoding")
    @classmethod
    def _known(cls, encoding: str) -> str:
        try:
            encoding == "auto" or codecs.lookup(encoding)
        except LookupError as error:
            raise ValueError(f"'{encoding}' is not an encoding; write for example utf-8-sig or cp1252") from error
        return encoding


class Visit:
    """A visit to a ``place`` whose cursor says by which settings it read; ``mark``: see :func:`fingerprint`."""

    def __init__(self, place: Any, mark: str) -> None:
        self.rows, self.settle = place.rows, place.settle
        self._place, self._mark = place, mark

    def cursor(self) -> dict[str, Any]:
        """As of the place, with the mark of the settings."""
        return {**self._place.cursor(), "args": self._mark}


def fingerprint(args: Written, but: set[str]) -> str:
    """Changes with the settings, except those named in ``but``: a corrected mapping reads everything again."""
    return hashlib.sha256(args.model_dump_json(exclude=but).encode()).hexdigest()[:16]


def rows(file: Path | Body, args: Written, warn: Warn) -> Iterator[Sequence[str]]:
    """The cells of ``args.columns`` of every row. ``warn`` gets what had to be found out about the file.

    Raises UnreadableFile or ChangedShape; a row that is too short comes empty.
    """
    how: dict[str, Any] = {"delimiter": args.delimiter, "sheet": args.sheet, "encoding": args.encoding}
    if args.encoding == "auto" and not tables_in.is_workbook(file):
        how["encoding"] = tables_in.encoding_of(file)
        if how["encoding"] not in ("utf-8", "utf-8-sig"):
            warn(f"{file.name}: read as {how['encoding']}; name it as `encoding` if that is right")
    counted = sorted({args.columns.index(column) for column in args.values.values()})
    if args.decimal != "auto" or not counted:
        decimal = "." if args.decimal == "auto" else args.decimal
        return tables_in.rows(file, args.columns, decimal=decimal, **how)
    marks = decimals.agreed(tables_in.rows(file, args.columns, decimal="auto", **how), counted)
    for column, mark in marks.items():
        if said := _SAID.get(mark):
            warn(f"{file.name}: column '{args.columns[column]}' {said}")
    return decimals.settled(tables_in.rows(file, args.columns, decimal="auto", **how), counted, marks)


def text_of(value: Any, decimal: str, *, counted: bool) -> str:
    """A JSON value as a cell; a number of a ``counted`` column so that it stays that number. TypeError otherwise."""
    if isinstance(value, float):
        if decimal == "auto":
            return f"{value}e0" if counted and "e" not in str(value) else str(value)
        return str(value).replace(".", decimal)
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None or isinstance(value, str | int):
        return "" if value is None else str(value)
    raise TypeError(type(value).__name__)


_SAID = {
    ",": "is read with decimal commas",
    "?": "has numbers that can be thousands or decimals, e.g. 1.234: rejected; set `decimal`",
    ",.": "has decimal commas and decimal points: what can be either is rejected",
}
