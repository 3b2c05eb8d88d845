"""A table as an XLSX workbook to fill in, and a filled one as the table's cells: values only, never formulas.

Row 2 holds the period; the row that begins with ``kode`` (``code``) names the columns, those below it are the table's.
"""

import io
import zipfile
from datetime import date, datetime
from typing import Any

from fastapi import Response

from city.forms import Form
from city.received import Cell
from city.texts import N_
from dashboard.form_page import BY
from dashboard.words import Words

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
#: What an upload may be, and what it may unpack to.
MAX_BYTES, MAX_UNPACKED, MAX_ROWS, MAX_COLUMNS = 1_000_000, 20_000_000, 2_000, 200
HEAD, PERIOD = 5, 2
#: What the row of the columns begins with; a template in another language than the page may be sent back, too.
CODE = N_("kode")


def download(made: bytes, name: str) -> Response:
    """A workbook as an answer that is saved under ``name``."""
    return Response(made, media_type=_XLSX, headers={"Content-Disposition": f'attachment; filename="{name}"'})


class NotTheTemplate(ValueError):
    """Not a workbook, or not one that was made from the template; says what is wrong."""


def template(form: Form, day: date, standing: dict[Cell, float], words: Words) -> bytes:
    """The workbook of one period, with the values that stand."""
    from openpyxl import Workbook  # late: a third of a second that only this needs
    from openpyxl.styles import Alignment, Font

    book = Workbook()
    sheet = book.active
    sheet.title = words.t("Isian")
    small, bold = Font(size=9, color="5D6975"), Font(bold=True)
    text(sheet, 1, 1, form.title).font = Font(bold=True, size=14)
    text(sheet, PERIOD, 1, words.t("Periode"))
    text(sheet, PERIOD, 2, form.written(day)).font = bold
    how = words.t("Isi kolom C dan seterusnya. Sel kosong berarti belum ada angka, bukan nol.")
    text(sheet, 3, 1, how).font = small
    first = [(words.t(CODE), ""), (words.t("nama"), words.t(BY[form.args.by]))]
    for column, (name, head) in enumerate([*first, *_heads(form)], 1):
        text(sheet, HEAD, column, name).font = small
        made = text(sheet, HEAD - 1, column, head)
        made.font, made.alignment = bold, Alignment(wrap_text=True)
    for line, (code, name) in enumerate(form.rows, HEAD + 1):
        text(sheet, line, 1, code).font = small
        text(sheet, line, 2, name)
        for column, metric in enumerate(form.metrics, 3):
            sheet.cell(line, column).value = standing.get((code, metric))
    _finish(sheet, form, words)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def text(sheet: Any, line: int, column: int, text: str) -> Any:
    """A cell that is a text, whatever it begins with: a name such as ``=1+1`` must not be computed."""
    cell = sheet.cell(line, column)
    cell.value = text
    cell.data_type = "s"
    return cell


def _heads(form: Form) -> list[tuple[str, str]]:
    return [(name, f"{one.title} ({one.unit})" if one.unit else one.title) for name, one in form.metrics.items()]


def _finish(sheet: Any, form: Form, words: Words) -> None:
    """Widths, and numbers within the limits of each column where the program that fills it checks them."""
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    widths = [max(12, *(len(code) for code, _ in form.rows)), max(24, *(len(name) for _, name in form.rows))]
    for column, width in enumerate([*widths, *[18] * len(form.metrics)], 1):
        sheet.column_dimensions[get_column_letter(column)].width = width
    sheet.freeze_panes = sheet.cell(HEAD + 1, 3)
    for column, one in enumerate(form.metrics.values(), 3):
        if one.min is not None and one.max is not None:
            rule = DataValidation("decimal", operator="between", formula1=f"{one.min:g}", formula2=f"{one.max:g}")
            rule.error = words.t("Antara {low} dan {high}", low=f"{one.min:g}", high=f"{one.max:g}")
            sheet.add_data_validation(rule)
            letter = get_column_letter(column)
            rule.add(f"{letter}{HEAD + 1}:{letter}{HEAD + max(1, len(form.rows))}")


def read(content: bytes, words: Words) -> tuple[str, dict[Cell, Any], dict[Cell, str]]:
    """The period, the filled cells by (code, metric) as numbers or texts, and where each stands (``C7``).

    Raises NotTheTemplate.
    """
    rows = _rows(content, words)
    head = next((index for index, row in enumerate(rows) if row and _plain(row[0]) in (CODE, words.t(CODE))), None)
    if head is None or len(rows) < PERIOD or len(rows[PERIOD - 1]) < 2:
        raise NotTheTemplate(words.t("bukan templat dari halaman ini: baris kode tidak ada"))
    columns = {index: _plain(name) for index, name in enumerate(rows[head]) if index > 1 and _plain(name)}
    values, places = {}, {}
    for line, row in enumerate(rows[head + 1 :], head + 2):
        code = _plain(row[0]) if row else ""
        for index, metric in columns.items() if code else ():
            value = row[index] if index < len(row) else ""
            if value not in ("", None):
                values[code, metric], places[code, metric] = _value(value), f"{_letter(index)}{line}"
    return _plain(rows[PERIOD - 1][1]), values, places


def _rows(content: bytes, words: Words) -> list[list[Any]]:
    if len(content) > MAX_BYTES:
        raise NotTheTemplate(words.t("berkas lebih besar dari 1 MB"))
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            if sum(part.file_size for part in packed.infolist()) > MAX_UNPACKED:
                raise NotTheTemplate(words.t("berkas terlalu besar setelah dibuka"))
        return _cells(content)
    except NotTheTemplate:
        raise
    except (zipfile.BadZipFile, LookupError, TypeError, ValueError, SyntaxError, OSError) as error:
        # SyntaxError is what a broken part of it raises as XML.
        raise NotTheTemplate(words.t("bukan berkas XLSX yang dapat dibaca")) from error


def _cells(content: bytes) -> list[list[Any]]:
    """The first sheet, cell by cell and only so far: a text in a sheet's last cell must not cost its whole area."""
    from openpyxl import load_workbook

    book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    rows = book.worksheets[0].iter_rows(max_row=MAX_ROWS, max_col=MAX_COLUMNS, values_only=True)
    return [["" if value is None else value for value in row] for row in rows]


def _plain(value: Any) -> str:
    if isinstance(value, datetime | date):
        return value.isoformat()[:10]  # a program has made a date of the period
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value).strip()


def _value(value: Any) -> Any:
    return value if isinstance(value, int | float | str) and not isinstance(value, bool) else str(value)


def _letter(index: int) -> str:
    """0 is A, 26 is AA."""
    return ("" if index < 26 else _letter(index // 26 - 1)) + chr(65 + index % 26)
