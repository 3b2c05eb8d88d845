"""CSV and XLSX as an iterator of rows: finds the files, decodes them, checks the columns.

A drop folder's file is taken only when it has not changed for ``settle_s``: the run waits that long
for one that is new, and leaves one that is still being written for the next run.
"""

import csv
import hashlib
import io
import time
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from difflib import get_close_matches
from operator import itemgetter
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
    files = {item: _version(item) for item in Path(str(folder)).glob(pattern) if item.is_file()}
    youngest = max((changed_at for changed_at, _ in files.values()), default=0.0)
    # Not longer than settle_s: another machine's clock, by which a shared folder is stamped, may run ahead.
    time.sleep(min(settle_s, max(0.0, youngest + settle_s - time.time())))
    still = [item for item, version in files.items() if item.exists() and _version(item) == version]
    return sorted(item for item in still if not item.name.startswith((".", "~")))


def _version(path: Path) -> tuple[float, int]:
    status = path.stat()
    return status.st_mtime, status.st_size


def digest(path: Path) -> str:
    """SHA-256 of a file, so that the same content is never loaded twice."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise UnreadableFile(f"it cannot be opened ({type(error).__name__})", where=path.name) from error


def rows(
    path: Path, columns: list[str], *, encoding: str, delimiter: str | None, sheet: str | None, decimal: str = "."
) -> Iterator[Sequence[str]]:
    """The cells of ``columns`` of every data row, as text. Raises UnreadableFile or ChangedShape.

    A row that is too short for them is yielded empty, to be rejected and counted.
    """
    table = (
        _sheet(path, sheet, decimal)
        if path.suffix.lower() in (".xlsx", ".xlsm", ".xls", ".ods")
        else _csv(path, encoding, delimiter)
    )
    header = [str(name).strip() for name in next(table, [])]
    if not header:
        raise UnreadableFile("the file is empty", where=path.name)
    at = _positions(header, columns, path.name)
    pick: Any = itemgetter(*at) if len(at) > 1 else lambda row: (row[at[0]],)
    width, full = max(at), len(header)
    for row in table:
        if width < len(row) <= full or (len(row) > full and not any(row[full:])):
            yield pick(row)
        elif row:
            # Too short, or a separator inside an unquoted text has moved its cells to the right.
            yield ()


def _positions(header: list[str], columns: list[str], where: str) -> list[int]:
    missing = [name for name in columns if name not in header]
    if missing:
        # Without a known column the first line may be a citizen's row of a file without a header.
        known = len(missing) < len(set(columns))
        close = get_close_matches(missing[0], header, 1, 0.5 if known else 0.8)
        names = f"it has: {', '.join(header[:12])}" if known else "is there a header?"
        hint = f"nearest: '{close[0]}'" if close else names
        raise ChangedShape(f"column {', '.join(map(repr, missing))} is missing; {hint}", where=where)
    return [header.index(name) for name in columns]


def _csv(path: Path, encoding: str, delimiter: str | None) -> Iterator[list[str]]:
    try:
        with path.open(encoding=encoding, newline="") as file:
            first = file.readline()
            if first.lstrip().startswith("<"):
                raise UnreadableFile("it holds HTML or XML instead of a table", where=path.name)
            file.seek(0)
            yield from _whole(csv.reader(file, delimiter=delimiter or separator(first), strict=True), path)
    except UnicodeError as error:
        raise UnreadableFile(f"not {encoding} text; set `encoding`", where=path.name) from error
    except csv.Error as error:
        raise UnreadableFile("a quoted cell does not end, or a cell is huge: half-written?", where=path.name) from error
    except OSError as error:
        raise UnreadableFile(f"it cannot be read ({type(error).__name__})", where=path.name) from error


def separator(header: str) -> str:
    """The separator of a header line: the commonest of comma, semicolon, tab and bar."""
    return max(",;\t|", key=header.count)


def _whole(table: Iterator[list[str]], path: Path) -> Iterator[list[str]]:
    """The rows of a table that was written to its end: its last row is as long as its first or ends its line."""
    header = row = next(table, [])
    yield header
    for row in table:
        yield row
    if row and len(row) < len(header) and not _ends_its_line(path):
        raise UnreadableFile("the last row breaks off: half-written?", where=path.name)


def _ends_its_line(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-1, 2)
        return file.read(1) in (b"\n", b"\r", b"\0")


def _sheet(path: Path, sheet: str | None, decimal: str) -> Iterator[list[str]]:
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(path.read_bytes()))
        if sheet and sheet not in book.sheet_names:
            raise UnreadableFile(
                f"it has no sheet '{sheet}'; it has: {', '.join(book.sheet_names[:8])}", where=path.name
            )
        page = book.get_sheet_by_name(sheet) if sheet else book.get_sheet_by_index(0)
    except (CalamineError, ValueError, LookupError, OSError) as error:
        raise UnreadableFile("not a readable workbook: half-written or another format?", where=path.name) from error
    for row in page.iter_rows():
        cells = [_cell(value, decimal) for value in row]
        yield cells if any(cells) else []  # an empty row is passed over, as an empty line is


def _cell(value: Any, decimal: str) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))  # Excel turns codes into floats: 21215.0 is the code 21215
    if isinstance(value, datetime | date):
        return value.isoformat(" ") if isinstance(value, datetime) else value.isoformat()
    # Its own numbers as the texts beside them are written.
    return str(value).replace(".", decimal) if isinstance(value, float) else str(value)
