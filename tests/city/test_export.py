"""Cases and metrics leave as CSV, XLSX and Parquet: from both engines, with nothing that a spreadsheet would run."""

import csv
import io
import json
from datetime import date, timedelta
from pathlib import Path

import duckdb
import openpyxl
import pytest

from city import export_files, mirror, readers
from city.export import Export, MetricExport, TooLarge, about
from city.export_files import Stopped, csv_blocks, write
from city.listing import Listing, Private
from city.metrics import UnknownMetric
from city.mirror_writer import Writer
from city.model import Status
from city.selection import Selection
from city.store import Store
from tests.builders import NOW, case, clock, config, own_region, save

NASTY = (
    '=HYPERLINK("http://evil")',
    "+62",
    "-1+1",
    "@SUM(A1)",
    "\tx",
    "\rx",
    '"quoted", with comma',
    "baris\nbaru",
    "é✓",
)
CHOSEN = Selection("complaint", date(2026, 11, 1), date(2026, 11, 24))


@pytest.fixture(scope="module")
def city(shared_engine, tmp_path_factory):
    """Complaints with places that no spreadsheet should run, claims by district, and a mirror of them."""
    sources = {
        "desk": {"collector": "csv_file", "kind": "complaint"},
        "claims": {"collector": "csv_file", "kind": "claim"},
    }
    settings = config(region=own_region(), sources=sources, licence="CC BY 4.0")
    store = Store(shared_engine, settings, clock())
    cases = [case(f"A-{n}", place=text, opened_at=NOW - timedelta(hours=n + 1)) for n, text in enumerate(NASTY)]
    cases.append(case("A-99", status=Status.DONE, category="jalan", opened_at=NOW - timedelta(hours=80),
                      due_at=NOW - timedelta(hours=32), closed_at=NOW - timedelta(hours=30)))  # fmt: skip
    save(store, *cases)
    claims = [case(f"K-{n}", kind="claim", district="d1" if n < 3 else "d2" if n < 30 else "d3") for n in range(60)]
    save(store, *claims, source="claims")
    folder = mirror.place(tmp_path_factory.mktemp("data"), settings.region.code)
    Writer(shared_engine, settings.region.code, folder, clock()).catch_up()
    return shared_engine, settings, folder


@pytest.fixture(params=["mirror", "postgresql"])
def reader(city, request):
    """Both who may answer."""
    engine, settings, folder = city
    place = folder if request.param == "mirror" else Path("/nowhere")
    return readers.best(engine, settings, clock(), place), engine


def taken(export, wanted, path):
    """The export as a file."""
    write(export, wanted, path, about(export, NOW), lambda rows: None)
    return path


def test_a_csv_has_every_case_and_nothing_in_it_is_a_formula(reader):
    text = b"".join(part for _, part in csv_blocks(Export(*reader, CHOSEN))).decode()
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert sorted(row["key"] for row in rows) == sorted([*(f"A-{n}" for n in range(len(NASTY))), "A-99"])
    places = {row["key"]: row["place"] for row in rows}
    assert [places[f"A-{n}"] for n in range(len(NASTY))] == ["'" + text for text in NASTY[:6]] + list(NASTY[6:])
    done = next(row for row in rows if row["key"] == "A-99")
    assert (done["closed_at"], done["district"]) == ("2026-11-23T08:05:00+07:00", "")


def test_a_workbook_has_the_rows_and_a_second_sheet_that_says_what_they_are(reader, tmp_path):
    book = openpyxl.load_workbook(taken(Export(*reader, CHOSEN), "xlsx", tmp_path / "a.xlsx"))
    rows = list(book["data"].values)
    place = rows[0].index("place")
    found = {row[0]: row for row in rows[1:]}
    assert found["A-0"][place] == "'" + NASTY[0] and len(found) == len(NASTY) + 1
    assert found["A-99"][rows[0].index("closed_at")].isoformat() == "2026-11-23T08:05:00"
    told = [(row[0], row[1], row[2]) for row in book["about"].values]
    assert ("licence", None, "CC BY 4.0") in told or ("licence", "", "CC BY 4.0") in told
    assert any(name == "definitions" and part == "complaints_opened" for name, part, _ in told)
    assert any(name == "sources" and "last_good: 2026-11-24T14:05:00+07:00" in text for name, _, text in told)


def test_parquet_keeps_types_and_texts_as_they_are_and_tells_about_itself(reader, tmp_path):
    path = taken(Export(*reader, CHOSEN), "parquet", tmp_path / "a.parquet")
    found = duckdb.sql(f"select key, place, opened_at from '{path}' where key = 'A-0'").fetchall()[0]
    assert found[:2] == ("A-0", NASTY[0]) and found[2] == NOW - timedelta(hours=1)
    value = duckdb.sql(f"select value from parquet_kv_metadata('{path}') where key = 'kendali'").fetchall()[0][0]
    assert json.loads(value)["filters"] == {"kind": "complaint", "from": "2026-11-01", "to": "2026-11-24"}


def test_filters_are_those_of_the_selection(reader):
    unknown = Export(*reader, CHOSEN.with_(category=("",)))
    assert (unknown.total, Export(*reader, CHOSEN.with_(category=("jalan",))).total) == (len(NASTY), 1)


def test_pages_of_the_table_follow_one_another_without_a_gap(reader):
    listing = Listing(*reader, CHOSEN)
    for order in ([], [("status", True)], [("place", False)], [("key", True)], [("due_at", False)]):
        whole = [row["key"] for row in listing.rows(order, 0, 100)]
        assert [row["key"] for start in range(0, 12, 3) for row in listing.rows(order, start, 3)] == whole
    assert [row["key"] for row in listing.rows([], 0, 2)] == ["A-0", "A-1"]
    assert tuple(listing.stats()) == (10, 9, 0, 50.0, 1)
    with pytest.raises(ValueError, match="Did you mean 'status'"):
        listing.rows([("statsu", False)], 0, 1)


def test_cases_about_health_are_not_listed_one_by_one(reader):
    with pytest.raises(Private, match="claim"):
        Export(*reader, Selection("claim", date(2026, 11, 1), date(2026, 11, 24)))


def test_small_counts_of_patients_leave_hidden_with_another_that_would_give_them_away(reader):
    chosen = Selection("claim", date(2026, 11, 1), date(2026, 11, 24))
    made = MetricExport(*reader, chosen, "claims_opened", ["district"], None)
    rows = {row[0]: row[1:] for block in made.blocks() for row in block}
    assert rows == {"d1": ("<5*", None), "d2": ("<5*", None), "d3": (30, 30)}
    assert about(made, NOW)["hidden"].startswith("<5*")


def test_a_metric_leaves_by_day(reader, tmp_path):
    made = MetricExport(*reader, CHOSEN, "complaints_opened", [], "day")
    path = taken(made, "parquet", tmp_path / "m.parquet")
    assert duckdb.sql(f"select sum(value), count(*) from '{path}'").fetchall()[0] == (10, 24)
    with pytest.raises(UnknownMetric):
        MetricExport(*reader, CHOSEN, "complaints_opned", [], None)


def test_who_does_not_want_it_any_more_stops_the_work(reader, tmp_path):
    def stop(rows):
        raise Stopped

    for wanted in ("csv", "xlsx", "parquet"):
        with pytest.raises(Stopped):
            write(Export(*reader, CHOSEN), wanted, tmp_path / "x", {}, stop)


def test_a_workbook_that_cannot_hold_the_rows_is_told_before(reader, monkeypatch, tmp_path):
    monkeypatch.setattr("city.export.MOST_XLSX", 9)
    with pytest.raises(TooLarge, match="10 rows do not fit"):
        write(Export(*reader, CHOSEN), "xlsx", tmp_path / "x", {}, print)
    assert not (tmp_path / "x").exists() and export_files.KINDS.keys() == {"csv", "xlsx", "parquet"}
