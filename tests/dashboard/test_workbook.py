"""The template: what is filled in comes back cell by cell, and nothing that is written in it is ever computed."""

import io
import zipfile
from datetime import date

import openpyxl
import pytest

from city.forms import Form
from dashboard import workbook
from dashboard.workbook import NotTheTemplate
from tests.dashboard.look import WORDS
from tests.dashboard.manual_site import JKN, config

DAY = date(2026, 11, 1)


def form(**changes):
    made = config()
    source = made.sources["jkn"].model_copy(update={"args": JKN | changes})
    return Form(made.model_copy(update={"sources": {"jkn": source}}), "jkn")


def filled(content, cells):
    book = openpyxl.load_workbook(io.BytesIO(content))
    for cell, value in cells.items():
        book.active[cell] = value
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def test_a_template_that_nobody_filled_holds_what_stands():
    made = workbook.template(form(), DAY, {("Kota Jambi", "jkn_active"): 81.69, ("elsewhere", "x"): 1.0}, WORDS)
    assert workbook.read(made, WORDS) == (
        "2026-11",
        {("Kota Jambi", "jkn_active"): 81.69},
        {("Kota Jambi", "jkn_active"): "D6"},
    )


def test_what_is_filled_in_comes_back_with_the_name_of_its_cell():
    made = filled(workbook.template(form(), DAY, {}, WORDS), {"C6": 99.81, "C7": "97,2 ", "D8": "abc", "D6": 0})
    period, values, places = workbook.read(made, WORDS)
    assert (period, values) == ("2026-11", {
        ("Kota Jambi", "jkn_coverage"): 99.81, ("Kota Jambi", "jkn_active"): 0.0,
        ("Muaro Jambi", "jkn_coverage"): "97,2 ", ("Batang Hari", "jkn_active"): "abc",
    })  # fmt: skip
    assert places["Muaro Jambi", "jkn_coverage"] == "C7"
    assert places["Batang Hari", "jkn_active"] == "D8"


def test_columns_and_rows_may_be_moved_about():
    book = openpyxl.load_workbook(io.BytesIO(filled(workbook.template(form(), DAY, {}, WORDS), {"C6": 99, "D6": 81})))
    book.active.insert_rows(3, 2)
    book.active.move_range("C6:C10", cols=6)
    target = io.BytesIO()
    book.save(target)
    _, values, places = workbook.read(target.getvalue(), WORDS)
    assert values == {("Kota Jambi", "jkn_coverage"): 99.0, ("Kota Jambi", "jkn_active"): 81.0}
    assert places["Kota Jambi", "jkn_coverage"] == "I8"


@pytest.mark.parametrize("name", ["=1+1", "+62811", "-1", "@SUM(A1)", '=HYPERLINK("http://x","klik")'])
def test_a_name_is_never_a_formula(name):
    made = workbook.template(form(rows=[name]), DAY, {}, WORDS)
    cells = openpyxl.load_workbook(io.BytesIO(made)).active
    assert [(cells[at].value, cells[at].data_type) for at in ("A6", "B6")] == [(name, "s")] * 2
    sheet = zipfile.ZipFile(io.BytesIO(made)).read("xl/worksheets/sheet1.xml")
    assert b"<f>" not in sheet


def test_a_formula_in_an_upload_is_not_computed_by_us():
    # Written by a program that never computed it: there is no value in the cell, so nothing is taken.
    made = filled(workbook.template(form(), DAY, {}, WORDS), {"C6": "=1+1", "C7": 5})
    assert workbook.read(made, WORDS)[1] == {("Muaro Jambi", "jkn_coverage"): 5.0}


def test_a_period_that_a_program_made_a_date_of_is_read():
    made = filled(workbook.template(form(), DAY, {}, WORDS), {"B2": date(2026, 11, 1), "C6": True})
    assert workbook.read(made, WORDS)[:2] == ("2026-11-01", {("Kota Jambi", "jkn_coverage"): "True"}), (
        "and a tick is no number"
    )


def bomb():
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", b" " * (workbook.MAX_UNPACKED + 1))
    return target.getvalue()


def empty():
    target = io.BytesIO()
    openpyxl.Workbook().save(target)
    return target.getvalue()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "bukan berkas XLSX"),
        (b"nama;angka\n", "bukan berkas XLSX"),
        (workbook.template(form(), DAY, {}, WORDS)[:2000], "bukan berkas XLSX"),
        (b"x" * 1_000_001, "lebih besar dari 1 MB"),
        (bomb(), "terlalu besar setelah dibuka"),
        (empty(), "baris kode tidak ada"),
    ],
    ids=["empty", "csv", "cut off", "large", "bomb", "other"],
)  # fmt: skip
def test_what_is_not_the_template_is_refused_in_words(content, said):
    with pytest.raises(NotTheTemplate, match=said):
        workbook.read(content, WORDS)


def test_columns_after_z_are_named_as_a_program_names_them():
    assert [workbook._letter(index) for index in (0, 25, 26, 51, 52, 701, 702)] == [
        "A", "Z", "AA", "AZ", "BA", "ZZ", "AAA",
    ]  # fmt: skip


def test_a_text_in_the_last_cell_of_a_sheet_costs_neither_memory_nor_the_server():
    made = filled(workbook.template(form(), DAY, {}, WORDS), {"C6": 99, "XFD1048576": "x"})
    assert workbook.read(made, WORDS)[1] == {("Kota Jambi", "jkn_coverage"): 99.0}
