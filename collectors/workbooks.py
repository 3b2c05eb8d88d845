"""The rows of an Excel or OpenDocument workbook as texts, read by a process that may fail (:mod:`workbook_rows`)."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from typing import IO, Any

import msgspec

from city.model import UnreadableFile
from collectors import workbook_rows

#: What its reader may use: a sheet of a million rows and twenty columns fits.
MAX_BYTES, MAX_CPU_S = 2 * 1024**3, 120
SUFFIXES = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")


def rows(content: IO[bytes], where: str, *, sheet: str | None, decimal: str = ".") -> Iterator[list[str]]:
    """The rows of ``sheet`` (or the first) that are not empty. Raises UnreadableFile, also when it ends its reader."""
    command = [sys.executable, "-I", workbook_rows.__file__, sheet or "", decimal, str(MAX_BYTES), str(MAX_CPU_S)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL) as reader:
        try:
            yield from _said(reader, content, where, sheet)
        finally:
            reader.kill()


def _said(reader: Any, content: IO[bytes], where: str, sheet: str | None) -> Iterator[list[str]]:
    with suppress(BrokenPipeError):  # it has ended: what it said tells
        try:
            shutil.copyfileobj(content, reader.stdin)
        finally:
            reader.stdin.close()
    first = reader.stdout.readline()
    sheets = msgspec.json.decode(first)["sheets"] if first else None
    if sheet and sheets and sheet not in sheets:
        raise UnreadableFile(f"it has no sheet '{sheet}'; it has: {', '.join(sheets[:8])}", where=where)
    for line in reader.stdout:
        if line == b"null\n":
            return
        if line.endswith(b"]\n"):
            yield msgspec.json.decode(line)
    what = "too large to be opened, or broken" if sheets else "half-written or another format?"
    raise UnreadableFile(f"not a readable workbook: {what}", where=where)
