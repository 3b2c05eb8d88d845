"""CSV and XLSX as an iterator of rows: finds the files, decodes them, checks the columns.

A drop folder's file is taken only when it has not changed for ``settle_s``: an export still being
written is left for the next run.
"""

import csv
import hashlib
import io
import time
from collections.abc import Iterator
from datetime import date, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook

from city.model import ChangedShape, MissingFile, UnreadableFile


def find(path: str | None, folder: str | None, pattern: str, settle_s: float) -> list[Path]:
    """The files to read, oldest name first. Raises MissingFile when the path or folder is not there."""
    if path is not None:
        if not Path(path).is_file():
            raise MissingFile("the file is not there", where=Path(path).name)
        return [Path(path)]
    if not Path(str(folder)).is_dir():
        raise MissingFile("the folder is not there", where=Path(str(folder)).name)
    settled = time.time() - settle_s
    files = [item for item in Path(str(folder)).glob(pattern) if item.is_file() and item.stat().st_mtime <= settled]
    return sorted(item for item in files if not item.name.startswith((".", "~")))


def digest(path: Path) -> str:
    """SHA-256 of a file, so that the same content is never loaded twice."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def rows(path: Path, columns: list[str], *, encoding: str, delimiter: str, sheet: str | None) -> Iterator[list[str]]:
    """The cells of ``columns`` of every data row, as text. Raises UnreadableFile or ChangedShape."""
    table = (
        _sheet(path, sheet)
        if path.suffix.lower() in (".xlsx", ".xlsm", ".xls", ".ods")
        else _csv(path, encoding, delimiter)
    )
    header = [str(name).strip() for name in next(table, [])]
    if not header:
        raise UnreadableFile("the file is empty", where=path.name)
    at = _positions(header, columns, path.name)
    width = max(at, default=0)
    for row in table:
        if len(row) > width:
            yield [row[index] for index in at]
        elif row:
            yield [row[index] if index < len(row) else "" for index in at]


def _positions(header: list[str], columns: list[str], where: str) -> list[int]:
    missing = [name for name in columns if name not in header]
    if missing:
        close = get_close_matches(missing[0], header, 1, 0.5)
        hint = f"nearest: '{close[0]}'" if close else f"it has: {', '.join(header[:12])}"
        raise ChangedShape(f"column {', '.join(map(repr, missing))} is missing; {hint}", where=where)
    return [header.index(name) for name in columns]


def _csv(path: Path, encoding: str, delimiter: str) -> Iterator[list[str]]:
    try:
        with path.open(encoding=encoding, newline="") as file:
            if file.read(1) == "":
                return
            file.seek(0)
            yield from csv.reader(file, delimiter=delimiter, strict=True)
    except UnicodeDecodeError as error:
        raise UnreadableFile(f"not {encoding} text (byte {error.start}); set `encoding`", where=path.name) from error
    except csv.Error as error:
        raise UnreadableFile("a quoted field does not end: half-written?", where=path.name) from error


def _sheet(path: Path, sheet: str | None) -> Iterator[list[str]]:
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(path.read_bytes()))
        page = book.get_sheet_by_name(sheet) if sheet else book.get_sheet_by_index(0)
    except (CalamineError, ValueError, KeyError) as error:
        raise UnreadableFile("not a readable workbook: half-written or another format?", where=path.name) from error
    for row in page.iter_rows():
        yield [_cell(value) for value in row]


def _cell(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))  # Excel turns codes into floats: 21215.0 is the code 21215
    if isinstance(value, datetime | date):
        return value.isoformat(" ") if isinstance(value, datetime) else value.isoformat()
    return str(value)
