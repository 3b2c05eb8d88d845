"""Decimal commas of text numbers: told where the form tells, never guessed where it does not."""

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as some

from collectors import RowError, csv_file, decimals
from collectors.http import Session
from tests.collectors.conftest import NOW


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("7", 7), ("-7", -7), ("1234", 1234), ("12,5", 12.5), ("12.5", 12.5), ("1.234,5", 1234.5), ("1,234.5", 1234.5),
        ("1.234.567", 1234567), ("1,234,567", 1234567), ("0,123", 0.123), ("0.123", 0.123), ("1234.567", 1234.567),
        ("1234,567", 1234.567), (",5", 0.5), ("+1.234,50", 1234.5), ("-12,3456", -12.3456), ("1.5e3", 1500),
    ],
)  # fmt: skip
def test_a_number_that_can_mean_one_thing_only_means_it(text, value):
    assert decimals.number(text) == value


@pytest.mark.parametrize(
    "text", ["1.234", "12,345", "-123.456", "", "Budi", "1.2.3", "1,23,4", "1.234,567,8", "1.234.5"]
)
def test_one_that_can_mean_two_or_none_is_refused(text):
    with pytest.raises(ValueError):
        decimals.number(text)


@given(some.decimals(-999_999_999, 999_999_999, places=2), some.sampled_from([",.", ".,"]))
def test_whatever_is_written_with_thousands_and_two_decimals_is_that_number(value, style):
    thousands, decimal = style
    text = f"{value:,.2f}".replace(",", "_").replace(".", decimal).replace("_", thousands)
    assert decimals.number(text) == float(value)


@given(some.text(alphabet="0123456789.,-", max_size=9))
def test_no_text_is_read_in_two_ways(text):
    told = decimals.mark(text)
    if told in (".", ","):
        other = "," if told == "." else "."
        with pytest.raises(ValueError):
            decimals.number(decimals.plain(text, other) + ",,")
        assert decimals.number(text) == float(decimals.plain(text, told))


BEDS = {"shape": "observations", "fields": {"at": "waktu"}, "values": {"rice": "harga", "stock": "stok"}}


def read(path, **more):
    session = Session()
    args = csv_file.Args(path=str(path), zone="Asia/Jakarta", **BEDS | more)
    values = []
    for row in csv_file.fetch(args, session, None, NOW):
        try:
            values.append([item.value for item in csv_file.parse(row, args)])
        except RowError as error:
            values.append(str(error))
    return values, session.warnings


def prices(tmp_path, *rows):
    path = tmp_path / "harga.csv"
    path.write_text("waktu;harga;stok\n" + "".join(f"2026-11-24;{row}\n" for row in rows))
    return path


def test_a_column_that_shows_its_comma_once_is_read_with_it_everywhere_and_that_is_said(tmp_path):
    values, warnings = read(prices(tmp_path, "14.250;7", "13.900,5;8.5", "900;9.25"))
    assert values == [[14250, 7], [13900.5, 8.5], [900, 9.25]]
    assert warnings == ["harga.csv: column 'harga' is read with decimal commas"]


def test_a_column_that_shows_its_point_once_is_read_with_it_everywhere(tmp_path):
    values, warnings = read(prices(tmp_path, "1.250;1", "1.5;2", "1,250;3", "1,250.25;4"))
    assert (values, warnings) == ([[1.25, 1], [1.5, 2], [1250, 3], [1250.25, 4]], [])


def test_a_column_that_nothing_tells_of_is_not_guessed_at(tmp_path):
    values, warnings = read(prices(tmp_path, "14.250;1", "900;2"))
    assert values == ["rice: can mean two numbers; set `decimal`", [900, 2]]
    (said,) = warnings
    assert "column 'harga' has numbers that can be thousands or decimals" in said and "14.250" not in said


def test_a_column_of_both_kinds_is_told_and_only_what_is_doubtful_is_refused(tmp_path):
    values, warnings = read(prices(tmp_path, "14.250,5;1", "12.5;2", "14.250;3"))
    assert values == [[14250.5, 1], [12.5, 2], "rice: can mean two numbers; set `decimal`"]
    assert warnings == [
        "harga.csv: column 'harga' has decimal commas and decimal points: what can be either is rejected"
    ]


@pytest.mark.parametrize(("told", "value"), [(".", 14.25), (",", 14250)])
def test_what_the_settings_say_is_not_asked_again(tmp_path, told, value):
    assert read(prices(tmp_path, "14.250;1"), decimal=told) == ([[value, 1]], [])


def test_a_workbook_s_own_numbers_are_exact_and_say_nothing_of_its_texts(tmp_path):
    book = openpyxl.Workbook()
    for row in (
        ["waktu", "harga", "stok"],
        ["2026-11-24", 1.234, 1],
        ["2026-11-24", "14.250", 0.1],
        ["2026-11-24", 12.5, 1e-7],
    ):
        book.active.append(row)
    book.save(tmp_path / "a.xlsx")
    values, warnings = read(tmp_path / "a.xlsx")
    assert values == [[1.234, 1], "rice: can mean two numbers; set `decimal`", [12.5, 1e-7]]
    assert len(warnings) == 1
    book.active.append(["2026-11-24", "1.250,5", 1])
    book.save(tmp_path / "a.xlsx")
    assert read(tmp_path / "a.xlsx")[0] == [[1.234, 1], [14250, 0.1], [12.5, 1e-7], [1250.5, 1]]


def test_degrees_with_three_decimals_are_degrees_whatever_their_mark(tmp_path):
    args = csv_file.Args(path="x", zone="UTC", fields={"key": "id", "opened_at": "masuk", "lat": "y", "lon": "x"})
    for lat, lon in (("-1.655", "103.603"), ("-1,655", "103,603")):
        case = csv_file.parse(("1", "2026-11-24", lat, lon), args)
        assert (case.lat, case.lon) == (-1.655, 103.603)
