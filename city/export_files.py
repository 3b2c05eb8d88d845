"""Exports as bytes and files: CSV, XLSX, Parquet, row after row, so that memory does not grow with them.

In CSV and XLSX a text that a spreadsheet would take for a formula gets an apostrophe (OWASP, CSV injection).
"""

import csv
import io
import json
import tempfile
from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from city import mirror_export
from city.export import Export
from city.listing import INSTANTS, RISKY
from city.mirror_queries import MirrorQueries

#: Called with the rows so far; whoever raises :class:`Stopped` in it ends the work.
Told = Callable[[int], None]
KINDS = {
    "csv": "text/csv; charset=utf-8", "parquet": "application/vnd.apache.parquet",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}  # fmt: skip


class Stopped(Exception):
    """Nobody wants it any more."""


def csv_blocks(export: Export) -> Iterator[tuple[int, bytes]]:
    """Rows so far and the next bytes, the head first."""
    yield 0, (",".join(export.head) + "\r\n").encode()
    done = 0
    if export.listing is None:
        for block in export.blocks():
            done += len(block)
            yield done, _csv(block)
        return
    for lines in export.listing.lines():
        done += len(lines)
        yield done, ("\r\n".join(line for (line,) in lines) + "\r\n").encode()


def _csv(block: list[tuple[Any, ...]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows([safe(value) for value in row] for row in block)
    return text.getvalue().encode()


def safe(value: Any) -> Any:
    """A value that no spreadsheet runs."""
    return "'" + value if isinstance(value, str) and value.startswith(RISKY) else value


def write(export: Export, wanted: str, path: Path, about: dict[str, Any], told: Told) -> None:
    """Write ``export`` to ``path``. Raises ValueError as :meth:`Export.check`, Stopped as ``told`` does."""
    export.check(wanted)
    {"csv": _write_csv, "xlsx": _write_xlsx, "parquet": _write_parquet}[wanted](export, path, about, told)


def _write_csv(export: Export, path: Path, about: dict[str, Any], told: Told) -> None:
    with path.open("wb") as file:
        for done, content in csv_blocks(export):
            file.write(content)
            told(done)


def _write_xlsx(export: Export, path: Path, about: dict[str, Any], told: Told) -> None:
    from xlsxwriter import Workbook  # late: only this needs it

    zone, done = export.queries.zone, 0
    options = {"constant_memory": True, "default_date_format": "yyyy-mm-dd hh:mm:ss", "tmpdir": str(path.parent),
               "strings_to_formulas": False, "strings_to_urls": False}  # fmt: skip
    with Workbook(str(path), options) as book:
        bold = book.add_format({"bold": True})
        sheet = book.add_worksheet("data")
        sheet.freeze_panes(1, 1)
        sheet.set_column(0, len(export.head) - 1, 18)
        sheet.write_row(0, 0, export.head, bold)
        for block in export.blocks():
            for number, row in enumerate(block, done + 1):
                for column, value in enumerate(row):
                    if value is not None:
                        sheet.write(number, column, _cell(value, zone))
            done += len(block)
            told(done)
        _tell(book.add_worksheet("about"), about, bold)


def _cell(value: Any, zone: ZoneInfo) -> Any:
    """As a workbook has it: times are local and bare."""
    if isinstance(value, datetime):
        return value.astimezone(zone).replace(tzinfo=None)
    return safe(value) if isinstance(value, str | int | float | date) else str(value)


def _tell(sheet: Any, about: dict[str, Any], bold: Any) -> None:
    sheet.set_column(0, 1, 24)
    sheet.set_column(2, 2, 90)
    line = 0
    for name, value in about.items():
        parts = (
            value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else [("", value)]
        )
        for part, text in parts:
            shown = ", ".join(f"{key}: {one}" for key, one in text.items()) if isinstance(text, dict) else text
            sheet.write(line, 0, name, bold)
            sheet.write(line, 1, safe(str(part)))
            sheet.write(line, 2, safe("" if shown is None else str(shown)))
            line += 1


def _write_parquet(export: Export, path: Path, about: dict[str, Any], told: Told) -> None:
    if export.listing is not None and isinstance(export.queries, MirrorQueries):
        part = export.queries.mirror.folder / "spill" / path.name  # the engine of the mirror writes nowhere else
        try:
            export.listing.parquet(str(part).replace("'", "''"), _metadata(about))
            told(export.total)
            part.replace(path) if part.stat().st_dev == path.parent.stat().st_dev else _moved(part, path)
        finally:
            part.unlink(missing_ok=True)
        return
    _parquet_by_csv(export, path, about, told)


def _moved(part: Path, path: Path) -> None:
    import shutil

    shutil.move(part, path)


def _metadata(about: dict[str, Any]) -> str:
    text = json.dumps(about, ensure_ascii=False).replace("'", "''")
    return f"format parquet, compression zstd, kv_metadata {{kendali: '{text}'}}"


def _parquet_by_csv(export: Export, path: Path, about: dict[str, Any], told: Told) -> None:
    """Without a mirror: text in a folder of our own, which DuckDB reads and writes anew with its types."""
    known = {"value": "double", "n": "bigint", "partial": "boolean", **dict.fromkeys(INSTANTS, "timestamptz")}
    kinds = {name: known.get(name, "varchar") for name in export.head}
    if any(isinstance(value, str) for block in export.blocks() for row in block[:0] or block
           for name, value in zip(export.head, row, strict=True) if name == "value"):  # fmt: skip
        kinds["value"] = "varchar"
    columns = ", ".join(f"'{name}': '{kind}'" for name, kind in kinds.items())
    with tempfile.TemporaryDirectory(prefix="kendali-export-", dir=path.parent) as made:
        folder, done = Path(made), 0
        with (folder / "rows.csv").open("w", newline="", encoding="utf-8") as file:
            out = csv.writer(file)
            for block in export.blocks():
                out.writerows([r"\N" if value is None else value for value in row] for row in block)
                done += len(block)
                told(done)
        with mirror_export.engine(folder) as duck:
            duck.execute(f"""copy (select * from read_csv('{folder / "rows.csv"}', header = false, auto_detect = false,
                delim = ',', quote = '"', escape = '"', nullstr = '\\N', columns = {{{columns}}}))
                to '{folder / "rows.parquet"}' ({_metadata(about)})""")
        (folder / "rows.parquet").replace(path)
