"""Files of a city: CSV and workbooks, drop folders, event logs and counted values, from fetch to database."""

import os
import threading
from datetime import UTC, date, datetime, timedelta

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as some
from pydantic import ValidationError

from city import documents
from city.model import Case, CaseEvent, ChangedShape, MissingFile, Observation, Status, UnreadableFile
from city.times import instant
from collectors import RowError, args_of, csv_file
from collectors.http import Session

NOW = datetime(2026, 11, 24, 5, 0, tzinfo=UTC)
FIELDS = {"key": "Nomor", "opened_at": "Masuk", "closed_at": "Selesai", "category": "Jenis", "status": "Keadaan"}
STATUS = {"Baru": "received", "Selesai*": "done", "Selesai (ditolak)": "rejected"}
HEADER = "Nomor,Masuk,Selesai,Jenis,Keadaan,Pelapor\n"
ROW = "A1,2026-11-24 12:00,,Jalan,Baru,Budi 0812\n"


def settings(**more):
    return {"fields": FIELDS, "status": STATUS, **more}


def args(**more):
    return csv_file.Args(**{"path": "none.csv", "zone": "Asia/Jakarta"} | settings(**more))


def cases(made_args):
    return [csv_file.parse(row, made_args) for row in csv_file.fetch(made_args, Session(), None, NOW)]


def written(folder, text, name="cases.csv", age_s=60, encoding="utf-8"):
    path = folder / name
    path.write_bytes(text.encode(encoding))
    os.utime(path, times=(path.stat().st_atime, path.stat().st_mtime - age_s))
    return path


def row(key="A1", opened="2026-11-24 12:00", closed="", category="Jalan", status="Baru"):
    return (key, opened, closed, category, status)


def test_a_row_becomes_a_case_and_the_citizen_stays_in_the_file(tmp_path):
    path = written(tmp_path, HEADER + ROW)
    rows = list(csv_file.fetch(args(path=str(path)), Session(), None, NOW))
    assert rows == [("A1", "2026-11-24 12:00", "", "Jalan", "Baru")]
    case = csv_file.parse(rows[0], args())
    assert case == Case(key="A1", kind="complaint", opened_at=NOW, category="Jalan", status=Status.RECEIVED)


def test_status_words_are_matched_whole_then_by_their_longest_beginning():
    closed = "2026-11-24 13:00"
    words = ["Selesai", "Selesai (duplikat)", "Selesai (ditolak)"]
    found = [csv_file.parse(row(closed=closed, status=word), args()).status for word in words]
    assert found == [Status.DONE, Status.DONE, Status.REJECTED]


@pytest.mark.parametrize(
    "cells, problem",
    [
        (row(key=" "), "key: missing"),
        (row(opened=""), "opened_at: missing"),
        (row(opened="Budi"), "opened_at: not a time in the configured form"),
        (row(status="Budi"), "status: a word that `status` in config.yaml does not map"),
        (row(status="Selesai"), "closed_at: missing in a closed case"),
        (row(category="Budi" * 60), "Jenis: longer than 200 characters"),
    ],
)
def test_a_row_that_is_not_understood_names_its_field_and_not_its_content(cells, problem):
    with pytest.raises(RowError) as caught:
        csv_file.parse(cells, args())
    assert str(caught.value) == problem


def test_na_is_a_word_unless_the_settings_say_that_it_is_empty():
    assert csv_file.parse(row(category="NA"), args()).category == "NA"
    assert csv_file.parse(row(category="NA"), args(empty=["", "NA"])).category is None


def test_constants_fill_what_the_file_does_not_say():
    case = csv_file.parse(row(), args(constants={"channel": "web", "simulated": True}))
    assert (case.channel, case.simulated) == ("web", True)


def test_a_moment_of_the_status_becomes_an_event_and_closes_a_closed_case():
    fields = {"key": "k", "opened_at": "o", "status": "s", "status_at": "t"}
    made = args(fields=fields)
    moved = NOW + timedelta(hours=1)
    case = csv_file.parse(("A1", "2026-11-24 12:00", "Selesai", "2026-11-24 13:00"), made)
    assert (case.closed_at, case.events) == (moved, (CaseEvent(moved, Status.DONE),))


def test_placeholder_and_impossible_positions_are_no_positions():
    made = args(fields={"key": "k", "opened_at": "o", "lat": "y", "lon": "x"}, ignore_positions=[[39, -77]])
    places = [("39.0", "-77"), ("95", "1"), ("", "1"), ("nan", "1"), ("x", "1"), ("-1.6", "103.6")]
    found = [(case.lat, case.lon) for case in (csv_file.parse(("A", "2026-11-24", *p), made) for p in places)]
    assert found == [(None, None)] * 5 + [(-1.6, 103.6)]


CELL = some.text(max_size=220) | some.sampled_from(["2026-01-01", "Baru", "Selesai", "0001-01-01", "9999-12-31T23:59"])


@given(some.tuples(CELL, CELL, CELL, CELL, CELL))
def test_any_row_is_a_case_or_is_rejected_by_field(cells):
    try:
        assert isinstance(csv_file.parse(cells, args()), Case)
    except RowError as error:
        assert str(error).split(": ")[0] in {*FIELDS, *FIELDS.values()}


@given(CELL, CELL, CELL)
def test_any_counted_row_is_values_or_is_rejected_by_field(at, place, value):
    made = args(shape="observations", fields={"at": "waktu", "place": "rs"}, values={"beds": "tersedia"})
    try:
        assert all(abs(one.value) < float("inf") for one in csv_file.parse((at, place, value), made))
    except RowError as error:
        assert str(error).split(": ")[0] in {"at", "beds", "waktu", "rs"}


def test_one_row_of_counts_gives_several_values_and_an_empty_cell_none():
    made = args(
        shape="observations", fields={"at": "waktu", "place": "rs"}, values={"beds": "kap", "free": "sisa"}, decimal=","
    )
    assert csv_file.parse(("2026-11-24 12:00", "RSUD", "1.200,5", ""), made) == [
        Observation(metric="beds", at=NOW, value=1200.5, place="RSUD")
    ]
    with pytest.raises(RowError, match="^free: not a number"):
        csv_file.parse(("2026-11-24 12:00", "RSUD", "1", "inf"), made)


LOG = {"shape": "event_log", "fields": {"key": "memo", "at": "waktu", "stage": "tahap", "agency": "opd"}, "status": {}}


def gathered(rows, **more):
    made = args(**LOG, **more)
    return list(csv_file.fold([csv_file.parse(cells, made) for cells in rows], made))


def test_the_events_of_a_memo_become_one_case_in_the_order_they_happened():
    rows = [("M1", "2026-11-24 14:00", "paraf", "dlh"), ("M2", "2026-11-24 12:00", "masuk", ""),
            ("M1", "2026-11-24 12:00", "masuk", "pupr"), ("M1", "2026-11-24 14:00", "paraf", "dlh")]  # fmt: skip
    first, second = gathered(rows)
    assert [event.stage for event in first.events] == ["masuk", "paraf"]
    assert (first.opened_at, first.closed_at, first.agency) == (NOW, NOW + timedelta(hours=2), "dlh")
    assert (second.key, second.closed_at) == ("M2", NOW)


def test_a_memo_is_closed_by_a_closing_stage_only_where_the_settings_name_one():
    rows = [("M1", "2026-11-24 12:00", "masuk", ""), ("M1", "2026-11-24 13:00", "selesai", ""),
            ("M2", "2026-11-24 12:00", "masuk", ""), ("M2", "2026-11-24 13:00", "paraf", "")]  # fmt: skip
    first, second = gathered(rows, closed_when=["selesai"])
    assert (first.closed_at, first.status) == (NOW + timedelta(hours=1), Status.DONE)
    assert (second.closed_at, second.status) == (None, Status.IN_PROGRESS)


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_the_separator_is_found_in_the_header_and_a_byte_order_mark_is_no_column(tmp_path, separator):
    path = written(tmp_path, (HEADER + ROW).replace(",", separator), encoding="utf-8-sig")
    assert [case.key for case in cases(args(path=str(path)))] == ["A1"]


def test_a_missing_column_names_the_nearest_one(tmp_path):
    path = written(tmp_path, "Nomer,Masuk,Selesai,Jenis,Keadaan\n")
    with pytest.raises(ChangedShape, match=r"column 'Nomor' is missing; nearest: 'Nomer'"):
        cases(args(path=str(path)))


@pytest.mark.parametrize(
    "content, problem",
    [
        (b"", "the file is empty"),
        ((HEADER + "A1,2026-11-24,,Drainase \x81,Baru,x\n").encode("latin-1"), "neither utf-8 nor cp1252 text"),
        ((HEADER + ROW + 'A2,2026-11-24,,"Jal').encode(), "does not end"),
        ((HEADER + ROW + "A2,2026-11-24,,Jal").encode(), "the last row breaks off: half-written?"),
        ((HEADER + f'A2,2026-11-24,,"{"x" * 200_000}",Baru,x\n').encode(), "a cell is huge"),
    ],
)
def test_a_file_that_is_not_whole_text_is_unreadable(tmp_path, content, problem):
    path = tmp_path / "cases.csv"
    path.write_bytes(content)
    with pytest.raises(UnreadableFile) as caught:
        list(csv_file.fetch(args(path=str(path)), Session(), None, NOW))
    assert problem in str(caught.value)


def test_another_encoding_can_be_named(tmp_path):
    path = written(tmp_path, HEADER + "A1,2026-11-24,,Caf\xe9,Baru,x\n", encoding="cp1252")
    assert cases(args(path=str(path), encoding="cp1252"))[0].category == "Café"


def test_a_missing_file_and_a_missing_folder_are_named(tmp_path):
    for place in ({"path": str(tmp_path / "none.csv")}, {"path": None, "folder": str(tmp_path / "none")}):
        with pytest.raises(MissingFile, match="none.*is not there"):
            cases(args(**place))


@pytest.mark.parametrize(
    "wrong, problem",
    [
        ({"path": None}, "exactly one of path and folder"),
        ({"folder": "drop"}, "exactly one of path and folder"),
        ({"zone": "Asia/Jambi"}, "unknown time zone"),
        ({"encoding": "utf-9"}, "'utf-9' is not an encoding"),
        ({"fields": {"key": "Nomor"}}, "fields.opened_at: is missing"),
        ({"fields": FIELDS | {"phone": "HP"}}, "fields.phone: unknown field"),
        ({"status": {"Baru": "fresh"}}, "received"),
    ],
)
def test_wrong_settings_are_refused_before_anything_is_read(wrong, problem):
    with pytest.raises(ValidationError, match=problem):
        args(**wrong)


def workbook(path, rows):
    book = openpyxl.Workbook()
    for cells in [HEADER.strip().split(","), *rows]:
        book.active.append(cells)
    book.save(path)
    return path


def test_a_workbook_holds_numbers_as_codes_and_dates_as_dates_or_as_text(tmp_path):
    rows = [[21215.0, datetime(2026, 11, 24, 12), None, "Jalan", "Baru", "Budi"],
            [7, "24/11/2026 12:00", None, "Jalan", "Baru", "Budi"],
            ["A3", date(2026, 11, 24), None, None, "Baru", "Budi"]]  # fmt: skip
    path = workbook(tmp_path / "cases.xlsx", rows)
    found = cases(args(path=str(path), time_format="%d/%m/%Y %H:%M"))
    midnight = instant("2026-11-23T17:00:00Z")
    assert [(case.key, case.opened_at) for case in found] == [("21215", NOW), ("7", NOW), ("A3", midnight)]


def test_a_half_written_workbook_is_unreadable(tmp_path):
    path = workbook(tmp_path / "cases.xlsx", [])
    path.write_bytes(path.read_bytes()[:2000])
    with pytest.raises(UnreadableFile, match="half-written or another format"):
        cases(args(path=str(path)))


def test_a_file_that_grows_is_left_and_one_that_was_just_put_there_is_waited_for(tmp_path, desk):
    made = desk("csv_file", settings(folder=str(tmp_path), pattern="*.csv", settle_s=0.5))
    written(tmp_path, HEADER + ROW, "whole.csv", age_s=0)
    growing = written(tmp_path, HEADER, "growing.csv", age_s=0)
    done = threading.Event()
    writer = threading.Thread(target=lambda: [append(growing, number) for number in range(99) if not done.wait(0.1)])
    writer.start()
    assert (made.run().fetched, made.ask("select key from cases")) == (1, [("A1",)])
    done.set()
    writer.join()
    lines = growing.read_text().count("\n") - 1
    assert (made.run().saved, lines > 1) == (lines, True)


def append(path, number):
    with path.open("a") as file:
        file.write(ROW.replace("A1", f"B{number}"))


def test_a_file_stamped_by_a_clock_that_runs_ahead_is_read_all_the_same(tmp_path, desk):
    made = desk("csv_file", settings(folder=str(tmp_path), settle_s=0.1))
    written(tmp_path, HEADER + ROW, age_s=-3_600)
    assert made.run().saved == 1


def test_a_dropped_file_is_read_once_only_unless_it_changes(tmp_path, desk):
    made = desk("csv_file", settings(folder=str(tmp_path), pattern="*.csv"))
    written(tmp_path, HEADER + ROW)
    assert (made.run().saved, made.run().fetched) == (1, 0)
    written(tmp_path, HEADER + ROW.replace("A1", "A2"), "more.csv")
    assert made.run().fetched == 1
    written(tmp_path, HEADER + ROW.replace("Jalan", "Parit"))
    changed = made.run()
    assert (changed.fetched, changed.saved, changed.revised) == (1, 0, 1)
    assert made.ask("select key, category from cases order by key") == [("A1", "Parit"), ("A2", "Jalan")]


def test_a_corrected_mapping_reads_known_files_again(tmp_path, desk):
    written(tmp_path, HEADER + ROW)
    desk("csv_file", settings(folder=str(tmp_path))).run()
    corrected = {name: column for name, column in FIELDS.items() if name != "category"}
    assert desk("csv_file", settings(folder=str(tmp_path)) | {"fields": corrected}).run().revised == 1


def test_an_event_log_in_a_folder_is_read_whole_when_a_file_brings_the_next_stage(tmp_path, desk):
    made = desk("csv_file", LOG | {"folder": str(tmp_path), "closed_when": ["selesai"]})
    written(tmp_path, "memo,waktu,tahap,opd\nM1,2026-11-23 12:00,masuk,pupr\n", "monday.csv")
    made.run()
    written(tmp_path, "memo,waktu,tahap,opd\nM1,2026-11-24 12:00,selesai,pupr\n", "tuesday.csv")
    made.run()
    assert made.ask("select opened_at, closed_at from cases") == [(NOW - timedelta(days=1), NOW)]
    assert made.ask("select stage from case_events order by at") == [("masuk",), ("selesai",)]


def example(shared, monkeypatch, desk, name):
    monkeypatch.setenv("KENDALI_SHARED", str(shared))
    root = documents.__file__.rpartition("city")[0]
    made = desk("csv_file", settings(path="x"))
    made.config = documents.load(f"{root}docs/examples/{name}.yaml", args_of)
    made.store = type(made.store)(made.engine, made.config, lambda: NOW)
    (source,) = made.config.sources
    made.name = source
    return made


@pytest.mark.parametrize("name", ["baltimore", "baltimore-xlsx"])
def test_the_example_of_baltimore_loads_every_request_from_csv_and_from_xlsx(shared, monkeypatch, desk, name):
    made = example(shared, monkeypatch, desk, name)
    result = made.run()
    assert (result.error, result.fetched, result.saved, result.rejected) == (None, 10_000, 10_000, 0)
    assert made.ask(
        "select count(*) filter (where closed_at is null), count(*) filter (where due_at is null),"
        " count(*) filter (where lat is null), count(distinct category) from cases"
    ) == [(208, 286, 590 + 885, 231)]
    assert made.run().fetched == 0


def test_the_example_of_permits_gathers_8577_events_into_1434_cases(shared, monkeypatch, desk):
    made = example(shared, monkeypatch, desk, "permits")
    result = made.run()
    assert (result.error, result.fetched, result.saved, result.rejected) == (None, 8_577, 1_434, 0)
    assert made.ask("select agency, count(*) from cases group by 1 order by 2 desc") == [
        ("General", 1390), ("Customer contact", 29), ("Experts", 15),
    ]  # fmt: skip
    assert made.ask("select count(*) from cases where closed_at <= due_at") == [(1342,)]
    assert made.ask("select count(*) from case_events where agency = 'EMPTY'")[0][0] > 0
