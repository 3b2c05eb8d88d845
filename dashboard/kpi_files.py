"""The scorecard as a file: CSV, and XLSX with a second sheet that says what each number is, from where and how old."""

import csv
import io
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from fastapi import Response

from city.goals import Scorecard
from city.periods import Period
from city.scorecard import Card, Line, shown
from city.texts import N_
from dashboard import kpi_words
from dashboard.words import Words

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
#: What a program for tables would compute: a text that begins so gets an apostrophe before it.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_HEADS = (
    N_("Bidang"),
    N_("Metrik"),
    N_("Penanggung jawab"),
    N_("Satuan"),
    N_("Aktual"),
    N_("Target"),
    N_("Skor, 100 = target"),
    N_("Bobot"),
    N_("Perubahan"),
    N_("Banyak kasus"),
    N_("Data per"),
    N_("Tidak dihitung"),
)
_MEANT = (N_("Metrik"), N_("Definisi"), N_("Sumber"), N_("Data per"), N_("Umur"), N_("Simulasi"))
Cell = str | float | int | None


class Sheets(NamedTuple):
    """The rows of both sheets, each with its heads first."""

    rows: list[list[Cell]]
    meant: list[list[Cell]]


def table(card: Card, settings: Scorecard | None, at: datetime, words: Words) -> Sheets:
    """The scorecard as rows: numbers as numbers, in the unit of the metric; what is not known is empty."""
    t = words.t
    rows: list[list[Cell]] = [[t(text) for text in _HEADS], *(_row(line, words) for line in card.lines)]
    meant: list[list[Cell]] = [[t(text) for text in _MEANT], *(_meant(line, at, words) for line in card.lines)]
    score = None if card.score is None else shown(card.score)
    meant += [[], [t("Skor kota"), score], [t("Periode"), f"{card.period.first} / {card.period.last}"],
              [t("Dihitung"), _moment(at, words)], [t("Dasar target"), settings.basis if settings else ""],
              [t("Batas atas"), settings.cap if settings else None]]  # fmt: skip
    return Sheets(rows, meant)


def _row(line: Line, words: Words) -> list[Cell]:
    reached = line.achievement
    why = words.t(kpi_words.BECAUSE[line.why]) if line.why else ""
    owner = words.name("agency", line.goal.owner) if line.goal.owner else words.t("semua OPD")
    return [line.goal.field, kpi_words.title(line, words), owner, line.metric.unit, line.value.actual, line.target,
            None if reached is None else shown(reached), line.goal.weight, line.change, line.value.n,
            _moment(line.as_of, words), why]  # fmt: skip


def _meant(line: Line, at: datetime, words: Words) -> list[Cell]:
    age = kpi_words.age((at - line.as_of).total_seconds(), words) if line.as_of else ""
    where = "; ".join(f"{name} = {value}" for name, value in line.goal.where.items())
    definition = f"{line.metric.definition}; {where}" if where else line.metric.definition
    return [kpi_words.title(line, words), definition, ", ".join(line.sources), _moment(line.as_of, words), age,
            words.t("ya") if line.simulated else words.t("tidak")]  # fmt: skip


def _moment(at: datetime | None, words: Words) -> str:
    return at.astimezone(words.zone).isoformat(timespec="minutes") if at else ""


def safe(cell: Cell) -> Cell:
    """A text that no program for tables computes; numbers as they are."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell


def as_csv(rows: Sequence[Sequence[Cell]]) -> bytes:
    """RFC 4180 with the mark by which spreadsheets know UTF-8; decimals with a point."""
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\r\n").writerows([safe(cell) for cell in row] for row in rows)
    return buffer.getvalue().encode("utf-8-sig")


def as_xlsx(sheets: Sheets, words: Words) -> bytes:
    """Both sheets; texts are written as texts, whatever they begin with."""
    from xlsxwriter import Workbook  # late: only this needs it

    target = io.BytesIO()
    book = Workbook(target, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    bold = book.add_format({"bold": True})
    for name, rows, widths in ((words.t("Kinerja"), sheets.rows, (16, 30, 18, *[12] * 9)),
                               (words.t("Definisi"), sheets.meant, (30, 90, 30, 20, 12, 10))):  # fmt: skip
        sheet = book.add_worksheet(name)
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width)
        for number, row in enumerate(rows):
            for column, cell in enumerate(row):
                _write(sheet, number, column, cell, bold if number == 0 else None)
        sheet.freeze_panes(1, 2 if rows is sheets.rows else 1)
    book.close()
    return target.getvalue()


def _write(sheet: Any, row: int, column: int, cell: Cell, style: Any) -> None:
    if isinstance(cell, str):
        sheet.write_string(row, column, cell, style)
    elif cell is not None:
        sheet.write_number(row, column, cell, style)


def answer(sheets: Sheets, path: str, period: Period, words: Words) -> Response:
    """The file of an address, by what it ends with."""
    end = path.rpartition(".")[2]
    made = as_xlsx(sheets, words) if end == "xlsx" else as_csv(sheets.rows)
    kind = _XLSX if end == "xlsx" else "text/csv; charset=utf-8"
    name = f"kinerja-{period.kind}-{period.first.isoformat()}.{end}"
    return Response(made, media_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})
