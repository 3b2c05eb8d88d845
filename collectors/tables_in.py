"""CSV and workbooks as an iterator of rows: finds the files, decodes them, checks the columns.

A drop folder's file is taken only when it has not changed for ``settle_s``: the run waits that long
for one that is new, and leaves one that is still being written for the next run.
"""

import codecs
import csv
import hashlib
import io
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from operator import itemgetter
from pathlib import Path
from typing import IO, Any

from city.model import ChangedShape, MissingFile, UnreadableFile
from collectors import workbooks

#: Byte order marks and what they say; the longer first, for UTF-32 begins like UTF-16.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"),
)  # fmt: skip
_PART_BYTES = 1 << 20
#: What a name of a column hardly holds, and a citizen's row does: a long number, an address of mail.
_OF_A_ROW = re.compile(r"\d{5}|@")


@dataclass(frozen=True)
class Body:
    """A table that came over the network, read like a file."""

    name: str
    suffix: str
    content: bytes

    def open(self, mode: str = "rb") -> IO[bytes]:
        """Its bytes, from the beginning."""
        return io.BytesIO(self.content)


def find(path: str | None, folder: str | None, pattern: str, settle_s: float) -> list[Path]:
    """The files to read, oldest name first. Raises MissingFile when the path or folder is not there."""
    if path is not None:
        if not Path(path).is_file():
            raise MissingFile("the file is not there", where=Path(path).name)
        return [Path(path)]
    if not Path(str(folder)).is_dir():
        raise MissingFile("the folder is not there", where=Path(str(folder)).name)
    # A file may vanish at any moment: whoever has seen it once need not find it again.
    files = {item: _version(item) for item in Path(str(folder)).glob(pattern) if item.is_file()}
    youngest = max((version[0] for version in files.values() if version), default=0.0)
    # Not longer than settle_s: another machine's clock, by which a shared folder is stamped, may run ahead.
    time.sleep(min(settle_s, max(0.0, youngest + settle_s - time.time())))
    still = [item for item, version in files.items() if version and _version(item) == version]
    return sorted(item for item in still if not item.name.startswith((".", "~")))


def _version(path: Path) -> tuple[float, int] | None:
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    return status.st_mtime, status.st_size


def digest(path: Path) -> str:
    """SHA-256 of a file, so that the same content is never loaded twice."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise UnreadableFile(f"it cannot be opened ({type(error).__name__})", where=path.name) from error


def encoding_of(file: Path | Body) -> str:
    """How a text file is encoded: what its mark says, else UTF-8, else Windows-1252. Raises UnreadableFile.

    UTF-8 is so strict that no other text of some length passes for it; Windows-1252 is what old exports write.
    """
    with _opened(file) as raw:
        start = raw.read(4)
    for mark, name in _MARKS:
        if start.startswith(mark):
            if _decodes(file, name):
                return name
            raise UnreadableFile(f"it begins as {name} text and is not: half-written?", where=file.name)
    for name in ("utf-8", "cp1252"):
        if _decodes(file, name):
            return name
    raise UnreadableFile("neither utf-8 nor cp1252 text; set `encoding`", where=file.name)


def _decodes(file: Path | Body, encoding: str) -> bool:
    """Whether a file is text in this encoding, to its end. A NUL is none: it was written half, or is UTF-16."""
    decoder = codecs.getincrementaldecoder(encoding)()
    with _opened(file) as raw:
        try:
            while part := raw.read(_PART_BYTES):
                if "\0" in decoder.decode(part):
                    raise UnreadableFile("it holds NUL characters: half-written, or UTF-16 without a mark?",
                                         where=file.name)  # fmt: skip
            decoder.decode(b"", final=True)
        except UnicodeError:
            return False
    return True


def _opened(file: Path | Body) -> IO[bytes]:
    try:
        return file.open("rb")
    except OSError as error:
        raise UnreadableFile(f"it cannot be opened ({type(error).__name__})", where=file.name) from error


def rows(
    file: Path | Body, columns: list[str], *, encoding: str, delimiter: str | None, sheet: str | None,
    decimal: str = ".",
) -> Iterator[Sequence[str]]:  # fmt: skip
    """The cells of ``columns`` of every data row, as text. Raises UnreadableFile or ChangedShape.

    A row that is too short for them is yielded empty, to be rejected and counted.
    """
    table = _sheet(file, sheet, decimal) if is_workbook(file) else _csv(file, encoding, delimiter)
    header = [str(name).strip() for name in next(table, [])]
    if not header:
        raise UnreadableFile("the file is empty", where=file.name)
    at = _positions(header, columns, file.name)
    pick: Any = itemgetter(*at) if len(at) > 1 else lambda row: (row[at[0]],)
    width, full = max(at), len(header)
    for row in table:
        if width < len(row) <= full or (len(row) > full and not any(row[full:])):
            yield pick(row)
        elif row:
            # Too short, or a separator inside an unquoted text has moved its cells to the right.
            yield ()


def is_workbook(file: Path | Body) -> bool:
    """Whether its name says that it is a workbook, not text."""
    return file.suffix.lower() in workbooks.SUFFIXES


def _positions(header: list[str], columns: list[str], where: str) -> list[int]:
    missing = [name for name in columns if name not in header]
    if missing:
        # Without a known column the first line may be a citizen's row of a file without a header.
        known = len(missing) < len(set(columns))
        close = get_close_matches(missing[0], header, 1, 0.5 if known else 0.8)
        names = f"it has: {', '.join(name[:60] for name in header[:12])}" if known else "is there a header?"
        hint = f"nearest: '{close[0][:60]}'" if close else names
        if any(_OF_A_ROW.search(name) for name in header):
            hint = "the first row looks like data, not like names of columns"
        raise ChangedShape(f"column {', '.join(map(repr, missing))} is missing; {hint}", where=where)
    return [header.index(name) for name in columns]


def _csv(file: Path | Body, encoding: str, delimiter: str | None) -> Iterator[list[str]]:
    if encoding == "auto":
        encoding = encoding_of(file)
    elif not _decodes(file, encoding):
        raise UnreadableFile(f"not {encoding} text; set `encoding`", where=file.name)
    try:
        with io.TextIOWrapper(_opened(file), encoding=encoding, newline="") as text:
            first = text.readline()
            if first.lstrip().startswith("<"):
                raise UnreadableFile("it holds HTML or XML instead of a table", where=file.name)
            text.seek(0)
            yield from _whole(csv.reader(text, delimiter=delimiter or separator(first), strict=True), file)
    except UnicodeError as error:
        raise UnreadableFile("it has changed while it was read", where=file.name) from error
    except csv.Error as error:
        raise UnreadableFile("a quoted cell does not end, or a cell is huge: half-written?", where=file.name) from error
    except OSError as error:
        raise UnreadableFile(f"it cannot be read ({type(error).__name__})", where=file.name) from error


def separator(header: str) -> str:
    """The separator of a header line: the commonest of comma, semicolon, tab and bar."""
    return max(",;\t|", key=header.count)


def _whole(table: Iterator[list[str]], file: Path | Body) -> Iterator[list[str]]:
    """The rows of a table that was written to its end: its last row is as long as its first or ends its line."""
    header = row = next(table, [])
    yield header
    for row in table:
        yield row
    if row and len(row) < len(header) and not _ends_its_line(file):
        raise UnreadableFile("the last row breaks off: half-written?", where=file.name)


def _ends_its_line(file: Path | Body) -> bool:
    with _opened(file) as raw:
        raw.seek(-1, 2)
        return raw.read(1) in (b"\n", b"\r", b"\0")


def _sheet(file: Path | Body, sheet: str | None, decimal: str) -> Iterator[list[str]]:
    with _opened(file) as raw:
        yield from workbooks.rows(raw, file.name, sheet=sheet, decimal=decimal)
