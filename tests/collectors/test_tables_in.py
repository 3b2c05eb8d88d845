"""Files as cities drop them: which are taken, which are left for later, and what of a table becomes rows."""

import os
import threading
import time
from datetime import date, datetime

import openpyxl
import pytest

from city.model import ChangedShape, MissingFile, UnreadableFile
from collectors import tables_in

COLUMNS = ["id", "masuk"]


def dropped(folder, name, content="id,masuk\n1,kini\n", age_s=60.0):
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    os.utime(path, times=(time.time() - age_s,) * 2)
    return path


def found(folder, pattern="*.*", settle_s=0.0):
    return [path.name for path in tables_in.find(None, str(folder), pattern, settle_s)]


def read(path, columns=COLUMNS, encoding="utf-8-sig", delimiter=None, sheet=None):
    return [tuple(row) for row in tables_in.rows(path, columns, encoding=encoding, delimiter=delimiter, sheet=sheet)]


def table(tmp_path, content, **how):
    return read(dropped(tmp_path, "a.csv", content), **how)


def later(what, after_s=0.15):
    timer = threading.Timer(after_s, what)
    timer.start()
    return timer


def test_files_come_in_the_order_of_their_names_not_of_their_age(tmp_path):
    for age_s, name in enumerate(("2026-11-10.csv", "2026-11-09.csv", "2026-11-11.csv"), 60):
        dropped(tmp_path, name, age_s=age_s)
    assert found(tmp_path) == ["2026-11-09.csv", "2026-11-10.csv", "2026-11-11.csv"]


def test_hidden_files_lock_files_folders_and_other_names_are_passed_over(tmp_path):
    for name in ("a.csv", ".a.csv.new", "~$b.xlsx", ".~lock.b.xlsx#", "b.xlsx", "readme"):
        dropped(tmp_path, name)
    (tmp_path / "old.csv").mkdir()
    dropped(tmp_path / "old.csv", "c.csv")
    assert found(tmp_path) == ["a.csv", "b.xlsx"]
    assert found(tmp_path, "*.csv") == ["a.csv"]


def test_an_empty_folder_is_a_quiet_day_and_a_missing_one_is_an_error(tmp_path):
    assert found(tmp_path, settle_s=5) == []
    with pytest.raises(MissingFile, match="^none: the folder is not there"):
        found(tmp_path / "none")
    with pytest.raises(MissingFile, match="^a.csv: the file is not there"):
        tables_in.find(str(tmp_path / "a.csv"), None, "*", 0)
    with pytest.raises(MissingFile, match="is not there"):
        tables_in.find(str(tmp_path), None, "*", 0)  # a folder is no file


def seconds(folder, settle_s):
    began = time.monotonic()
    names = found(folder, settle_s=settle_s)
    return names, time.monotonic() - began


def test_only_a_file_that_has_not_rested_is_waited_for(tmp_path):
    dropped(tmp_path, "old.csv", age_s=10)
    names, waited_s = seconds(tmp_path, 8)
    assert (names, waited_s < 1) == (["old.csv"], True)
    dropped(tmp_path, "new.csv", age_s=0)
    names, waited_s = seconds(tmp_path, 0.4)
    assert (names, 0.3 < waited_s < 2) == (["new.csv", "old.csv"], True)


def test_a_file_that_grows_meanwhile_is_left_and_the_others_are_taken(tmp_path):
    dropped(tmp_path, "a.csv", age_s=0)
    growing = dropped(tmp_path, "b.csv", age_s=0)
    timer = later(lambda: growing.write_text(growing.read_text() + "2,kini\n"))
    assert found(tmp_path, settle_s=0.5) == ["a.csv"]
    timer.join()
    assert found(tmp_path, settle_s=0.5) == ["a.csv", "b.csv"]


def test_a_file_of_the_same_length_that_was_written_again_is_left_too(tmp_path):
    changing = dropped(tmp_path, "a.csv", age_s=0)
    timer = later(lambda: dropped(tmp_path, "a.csv", age_s=5))
    assert found(tmp_path, settle_s=0.5) == []
    timer.join()
    assert found(tmp_path, settle_s=0.5) == [changing.name]


def test_a_file_that_vanishes_meanwhile_is_not_missed(tmp_path):
    dropped(tmp_path, "a.csv", age_s=0)
    timer = later(dropped(tmp_path, "b.csv", age_s=0).unlink)
    assert found(tmp_path, settle_s=0.5) == ["a.csv"]
    timer.join()


def test_a_clock_that_runs_ahead_costs_one_rest_and_no_more(tmp_path):
    dropped(tmp_path, "a.csv", age_s=-86_400)
    names, waited_s = seconds(tmp_path, 0.3)
    assert (names, 0.2 < waited_s < 2) == (["a.csv"], True)


def test_the_digest_knows_a_content_under_any_name_and_at_any_age(tmp_path):
    one, two = dropped(tmp_path, "a.csv", b"abc"), dropped(tmp_path, "b.csv", b"abc", age_s=9_000)
    assert tables_in.digest(one) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert tables_in.digest(one) == tables_in.digest(two) != tables_in.digest(dropped(tmp_path, "c.csv", b"abd"))
    two.unlink()
    with pytest.raises(UnreadableFile, match=r"^b.csv: it cannot be opened \(FileNotFoundError\)"):
        tables_in.digest(two)


@pytest.mark.parametrize(
    ("header", "mark"),
    [("id;masuk", ";"), ("id\tmasuk", "\t"), ("id|masuk", "|"), ("id,masuk", ","), ("id", ","), ("a;b;c, d", ";")],
)
def test_the_separator_is_the_commonest_of_four(header, mark):
    assert tables_in.separator(header) == mark


def test_a_separator_that_is_told_wins_over_the_commonest(tmp_path):
    assert table(tmp_path, "id:masuk, jam, hari\n1:kini\n", columns=["id"], delimiter=":") == [("1",)]


def test_only_the_asked_columns_leave_the_file_in_the_asked_order(tmp_path):
    text = "nama,masuk, id ,hp\nBudi,kini,1,0812\n"
    assert table(tmp_path, text) == [("1", "kini")]
    assert table(tmp_path, text, columns=["masuk"]) == [("kini",)]


def test_quoted_cells_keep_their_separators_quotes_and_lines(tmp_path):
    text = 'id,masuk\r\n1,"a,b"\r\n\r\n2,"say ""hi"""\r\n3,"two\r\nlines"\r\n'
    assert table(tmp_path, text) == [("1", "a,b"), ("2", 'say "hi"'), ("3", "two\r\nlines")]


def test_a_row_with_missing_or_shifted_cells_comes_as_an_empty_one(tmp_path):
    text = "x,id,masuk\na,1,kini\nb,2\nc,3,kini,,\nd,4,kini,0812\ne,5,kini\n"
    assert table(tmp_path, text) == [("1", "kini"), (), ("3", "kini"), (), ("5", "kini")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_file_is_read_in_the_encoding_that_is_told(tmp_path, encoding):
    told = "utf-8-sig" if encoding == "utf-8" else encoding
    assert table(tmp_path, "id;masuk\n1;café\n".encode(encoding), encoding=told) == [("1", "café")]


@pytest.mark.parametrize(
    ("content", "told"), [("id,masuk\n1,café\n".encode("cp1252"), "utf-8-sig"), ("id,masuk\n1,é\n".encode(), "ascii")]
)
def test_a_file_in_another_encoding_says_which_setting_to_look_at(tmp_path, content, told):
    with pytest.raises(UnreadableFile, match=f"^a.csv: not {told} text; set `encoding`") as caught:
        table(tmp_path, content, encoding=told)
    assert "caf" not in str(caught.value)


def test_a_table_without_rows_is_empty_and_a_file_without_a_header_is_an_error(tmp_path):
    assert table(tmp_path, "id,masuk\n") == table(tmp_path, "id,masuk") == []
    for nothing in ("", "\ufeff", "\n\n"):
        with pytest.raises(UnreadableFile, match="the file is empty"):
            table(tmp_path, nothing)


def test_a_last_row_that_breaks_off_is_half_written_and_a_whole_one_is_not(tmp_path):
    assert table(tmp_path, "id,masuk\n1,kini\n2,kini") == [("1", "kini"), ("2", "kini")]
    assert table(tmp_path, "id,masuk\n1,kini\n2\n") == [("1", "kini"), ()]
    for end in ("2", '2,"ki', '2,"kini'):
        with pytest.raises(UnreadableFile, match="half-written") as caught:
            table(tmp_path, f"id,masuk\n1,kini\n{end}")
        assert "kini" not in str(caught.value)


def test_a_missing_column_is_named_with_the_nearest_or_with_what_there_is(tmp_path):
    with pytest.raises(ChangedShape, match="^a.csv: column 'masuk' is missing; nearest: 'masuk_pada'"):
        table(tmp_path, "id,masuk_pada\n")
    with pytest.raises(ChangedShape, match="column 'masuk' is missing; it has: id, y"):
        table(tmp_path, "id,y\n")


def test_a_first_line_without_any_known_column_is_not_quoted_it_may_be_a_citizens_row(tmp_path):
    with pytest.raises(ChangedShape, match="column 'id', 'masuk' is missing; is there a header") as caught:
        table(tmp_path, "7,Budi\n")
    assert "Budi" not in str(caught.value)
    with pytest.raises(UnreadableFile, match="HTML or XML instead of a table"):
        table(tmp_path, "<html>Budi</html>\n")


def test_of_two_columns_of_one_name_the_first_is_read(tmp_path):
    assert table(tmp_path, "id,masuk,id\n1,kini,2\n") == [("1", "kini")]


def workbook(tmp_path, **sheets):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        page = book.create_sheet(title)
        for row in rows:
            page.append(row)
    book.save(tmp_path / "a.xlsx")
    return tmp_path / "a.xlsx"


def test_the_first_sheet_is_read_or_the_named_one(tmp_path):
    path = workbook(tmp_path, Jan=[COLUMNS, ["1", "kini"]], Feb=[["masuk", "id"], ["nanti", "2"]])
    assert read(path) == [("1", "kini")]
    assert read(path, sheet="Feb") == [("2", "nanti")]
    with pytest.raises(UnreadableFile, match="^a.xlsx: "):
        read(path, sheet="Mar")


def test_codes_that_excel_made_numbers_are_codes_again(tmp_path):
    codes = [21215.0, 7, 1571012345678901, -3.0, 1200.5, "007", True, None]
    path = workbook(tmp_path, Data=[COLUMNS, *[[code, "kini"] for code in codes]])
    assert [row[0] for row in read(path)] == ["21215", "7", "1571012345678901", "-3", "1200.5", "007", "True", ""]


def test_dates_of_a_workbook_arrive_in_iso_form(tmp_path):
    path = workbook(tmp_path, Data=[COLUMNS, ["1", datetime(2026, 11, 24, 14, 5)], ["2", date(2026, 11, 24)]])
    assert [row[1][:10] for row in read(path)] == ["2026-11-24"] * 2
    assert datetime.fromisoformat(read(path)[0][1]) == datetime(2026, 11, 24, 14, 5)


@pytest.mark.parametrize("name", ["a.xlsx", "a.XLS", "a.ods"])
def test_a_text_file_with_a_workbook_s_name_is_no_workbook(tmp_path, name):
    with pytest.raises(UnreadableFile, match="not a readable workbook"):
        read(dropped(tmp_path, name))


def test_an_empty_workbook_is_an_empty_file(tmp_path):
    with pytest.raises(UnreadableFile, match="the file is empty"):
        read(workbook(tmp_path, Data=[]))
