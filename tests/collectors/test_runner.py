"""One run: what is counted, what is named, what is completed, and what never leaves a trace of a citizen."""

import logging
import os
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

import collectors
from city.config import Region
from city.model import Case, Unreachable
from city.times import instant
from collectors import csv_file
from collectors.runner import Job

NOW = datetime(2026, 11, 24, 5, 0, tzinfo=UTC)
FIELDS = {
    "key": "id",
    "opened_at": "masuk",
    "category": "jenis",
    "agency": "opd",
    "district": "kec",
    "lat": "y",
    "lon": "x",
}
HEADER = "id,masuk,jenis,opd,kec,y,x\n"
WORDS = {
    "districts": [{"code": "15.71.07", "name": "Kota Baru", "aliases": ["Kotabaru"], "lat": -1.654, "lon": 103.602},
                  {"code": "15.71.01", "name": "Telanaipura", "lat": -1.595, "lon": 103.562}],
    "agencies": [{"code": "pupr", "name": "PUPR", "aliases": ["Dinas PUPR"]}],
    "categories": [{"code": "jalan", "name": "Jalan berlubang", "aliases": ["Jalan"]}],
}  # fmt: skip


@pytest.fixture
def drop(tmp_path, desk):
    """Writes rows into a file and makes the desk that reads it."""

    def make(*rows, fields=FIELDS, header=HEADER, **more):
        path = tmp_path / "cases.csv"
        path.write_text(header + "".join(row + "\n" for row in rows), encoding="utf-8")
        return desk("csv_file", {"path": str(path), "fields": fields, **more.pop("args", {})}, **more)

    return make


def rows(count, bad=()):
    return [f"A{n},{'Budi' if n in bad else '2026-11-24 12:00'},Jalan,,,," for n in range(1, count + 1)]


def test_words_become_codes_and_unknown_ones_are_kept_and_counted(drop):
    made = drop("1,2026-11-24,JALAN,dinas  pupr,kotabaru,,", "2,2026-11-24,Kabel,PUPR,Mars,,", "3,2026-11-24,Kabel,,,,",
                region=WORDS)  # fmt: skip
    notes = made.run().notes
    assert made.ask("select category, agency, district from cases order by key") == [
        ("jalan", "pupr", "15.71.07"), ("Kabel", "pupr", "Mars"), ("Kabel", None, None),
    ]  # fmt: skip
    assert notes["unknown"] == {"category": {"Kabel": 2}, "district": {"Mars": 1}}


def test_a_region_without_words_has_no_unknown_ones(drop):
    assert drop("1,2026-11-24,Kabel,X,Y,,").run().notes["unknown"] == {}


def test_the_agencies_of_events_become_codes_too(drop):
    fields = {"key": "id", "at": "masuk", "stage": "tahap", "event_agency": "opd"}
    made = drop("1,2026-11-24,paraf,Dinas PUPR", "1,2026-11-25,selesai,Lain", header="id,masuk,tahap,opd\n",
                fields=fields, args={"shape": "event_log"}, region=WORDS)  # fmt: skip
    made.run()
    assert made.ask("select agency from case_events order by at") == [("pupr",), ("Lain",)]


def test_a_position_is_rounded_to_a_hundred_metres_and_names_the_district(drop):
    made = drop("1,2026-11-24,,,,-1.65512,103.60299", "2,2026-11-24,,,,39,-77", region=WORDS)
    made.run()
    found = made.ask("select district, lat, lon from cases order by key")
    assert found == [("15.71.07", -1.655, 103.603), (None, 39.0, -77.0)]


def test_a_case_without_a_due_date_gets_the_promise_of_its_category_in_working_days_of_the_region(drop):
    sla = {"complaint": {"jalan": "3wd", "default": "48h"}}
    made = drop("1,2026-12-23 09:00,Jalan,,,,", "2,2026-12-23 09:00,Kabel,,,,", region=WORDS, sla=sla)
    made.run()
    found = [row[0] for row in made.ask("select due_at from cases order by key")]
    assert found == [instant("2026-12-30T02:00:00Z"), instant("2026-12-25T02:00:00Z")]


def test_the_kind_and_the_zone_are_those_of_source_and_region_unless_the_source_says_otherwise(drop):
    made = drop("1,2026-11-24 12:00,,,,,", source={"kind": "call"})
    made.run()
    assert made.ask("select kind, opened_at from cases") == [("call", NOW)]
    other = drop("1,2026-11-24 12:00,,,,,", source={"kind": "call"}, args={"zone": "Asia/Jayapura"})
    other.run()
    assert other.ask("select opened_at from cases") == [(NOW - timedelta(hours=2),)]


def test_up_to_a_tenth_of_bad_rows_are_skipped_counted_and_the_first_five_named(drop):
    made = drop(*rows(100, bad=range(3, 13)))
    result = made.run()
    assert (result.ok, result.fetched, result.saved, result.rejected) == (True, 100, 90, 10)
    assert result.notes["rejected"] == [f"row {n}: opened_at: not a time in the configured form" for n in range(3, 8)]
    assert "Budi" not in str(made.ask("select * from runs"))


def test_more_than_a_tenth_of_bad_rows_fails_the_run_and_nothing_is_saved(drop):
    made = drop(*rows(100, bad=range(3, 14)))
    result = made.run()
    assert (result.ok, result.error_code, result.saved) == (False, "K-107", 0)
    assert "11 of 100 rows not understood, first: row 3: opened_at: not a time" in result.error
    assert made.ask("select count(*) from cases") == [(0,)]
    assert made.store.cursor("desk") is None


def test_rows_with_too_few_or_shifted_cells_are_rejected(drop):
    made = drop(*rows(20), "B1,2026-11-24", "B2,2026-11-24,Jalan, rusak parah,x,y,z,Budi")
    result = made.run()
    assert result.notes["rejected"] == ["row 21: wrong number of cells", "row 22: wrong number of cells"]
    assert (result.saved, result.rejected) == (20, 2)


def test_a_trial_reads_everything_and_saves_nothing(drop):
    made = drop(*rows(20, bad=[2]))
    result = made.run(dry_run=True)
    assert (result.ok, result.fetched, result.rejected, result.saved) == (True, 20, 1, 0)
    assert made.ask("select count(*) from runs") == [(0,)]
    assert drop(*rows(3, bad=[1, 2])).run(dry_run=True).error_code == "K-107"


def test_progress_is_told_every_thousand_rows(drop):
    told = []
    drop(*rows(2500)).run(progress=told.append)
    assert told == [1000, 2000]


CITIZEN = "Budi: 0812"


def test_a_mistake_of_a_collector_is_a_failed_run_and_no_log_holds_the_row(drop, caplog):
    made = drop(*rows(2))
    mistaken = SimpleNamespace(fetch=lambda *given: (int(text) for text in [CITIZEN]), parse=str)
    with caplog.at_level(logging.DEBUG):
        result = made.run(mistaken)
    assert (result.error_code, result.ok) == ("K-100", False)
    assert "desk: the collector failed with ValueError" in result.error
    assert "0812" not in caplog.text + str(made.ask("select * from runs"))


def test_a_foreign_error_about_a_row_is_named_by_its_class_only(drop):
    def parse(row):
        return Case(key=str(row), kind="call", opened_at=NOW) if row else int(CITIZEN)

    result = drop(*rows(1)).run(SimpleNamespace(fetch=lambda *given: range(20), parse=parse))
    assert result.notes["rejected"] == ["row 1: not understood (ValueError)"]
    assert result.saved == 19


def test_an_unreadable_file_fails_the_run_and_names_the_file_and_what_to_do(drop):
    made = drop(*rows(1))
    os.remove(made.config.sources["desk"].args["path"])
    result = made.run()
    assert result.error == "cases.csv: the file is not there. Next: check the path and that the export has run"


def test_kinds_of_source_are_found_by_name_and_a_wrong_one_names_the_nearest():
    assert {"bmkg", "csv_file", "json_api", "open311", "petabencana"} <= set(collectors.names())
    assert not {"http", "pace"} & set(collectors.names())
    with pytest.raises(LookupError, match="unknown collector 'open31'. Did you mean 'open311'?"):
        collectors.kind("open31")
    with pytest.raises(LookupError, match="unknown collector 'runner'"):
        collectors.kind("runner")


class Remembering:
    """A collector of tomorrow that wants to know next time what it saw."""

    @staticmethod
    def fetch(args, session, since, now):
        session.marks["seen"] = [*(since or {}).get("seen", []), now.hour]
        if session.marks["seen"][-1] == 7:
            raise Unreachable("gone", where="desk")
        yield from ()

    parse = None


def test_what_a_collector_marks_is_handed_to_it_the_next_time_and_only_good_runs_count(drop):
    made = drop()
    for hours in range(4):
        made.now = NOW + timedelta(hours=hours)
        assert made.run(Remembering).ok is (hours != 2)
    assert made.store.cursor("desk")["seen"] == [5, 6, 8]


def test_a_collector_that_asks_for_the_region_is_given_it(monkeypatch, drop):
    class Args(csv_file.Args):
        region: Region | None = None

    monkeypatch.setattr(csv_file, "Args", Args)
    made = drop()
    assert Job("desk", made.config).args.region == made.config.region
