"""Reads one workbook from standard input, in a process of its own: a hostile one may end that, never the collectors.

A text in the last cell of the last column makes any reader ask for hundreds of gigabytes, and a zip bomb for
as much; the reader is ended by the system for it. ``collectors.workbooks`` starts this file as a script, so it
imports nothing of ours. Writes JSON, one value a line: ``{"sheets": [..]}``, each row as a list of texts, and
``null`` once all has been said.
"""

import io
import sys
from contextlib import suppress
from datetime import date, datetime
from typing import Any

import msgspec
from python_calamine import CalamineError, CalamineWorkbook


def cell(value: Any, decimal: str) -> str:
    """A cell as text: dates in ISO form, whole numbers as codes, other numbers with ``decimal``.

    With ``auto`` as ``12.5e0``, so that it is not taken for a text (:mod:`collectors.decimals`).
    """
    if isinstance(value, float):
        if value.is_integer():
            return str(int(value))  # Excel turns codes into floats: 21215.0 is the code 21215
        # Its own numbers as the texts beside them are written.
        if decimal == "auto":
            return str(value) if "e" in str(value) else f"{value}e0"
        return str(value).replace(".", decimal)
    if isinstance(value, datetime | date):
        return value.isoformat(" ") if isinstance(value, datetime) else value.isoformat()
    return str(value)


def main(sheet: str, decimal: str, max_bytes: str, max_cpu_s: str) -> None:
    """Write the rows of ``sheet`` ('' = the first) of the workbook on standard input."""
    _bounded(int(max_bytes), int(max_cpu_s))
    out, content = sys.stdout.buffer, sys.stdin.buffer.read()
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        out.write(msgspec.json.encode({"sheets": book.sheet_names}) + b"\n")
        out.flush()  # what opens and then ends its reader is told apart from what does not open
        if sheet and sheet not in book.sheet_names:
            return
        page = book.get_sheet_by_name(sheet) if sheet else book.get_sheet_by_index(0)
    except (CalamineError, ValueError, LookupError, OSError):
        return
    for row in page.iter_rows():
        cells = [cell(value, decimal) for value in row]
        if any(cells):  # an empty row is passed over, as an empty line is
            out.write(msgspec.json.encode(cells) + b"\n")
    out.write(b"null\n")


def _bounded(max_bytes: int, max_cpu_s: int) -> None:
    with suppress(ImportError, ValueError, OSError):  # not on every system
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (max_bytes, max_bytes))
        resource.setrlimit(resource.RLIMIT_CPU, (max_cpu_s, max_cpu_s))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    main(*sys.argv[1:])
