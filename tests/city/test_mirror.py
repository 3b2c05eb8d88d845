"""The mirror holds what PostgreSQL holds, follows what changes, and a crash leaves it as it was."""

import os
import signal
import subprocess
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from msgspec.structs import replace

from city import mirror, mirror_export
from city.mirror import NoMirror
from city.mirror_queries import Mirror, MirrorQueries
from city.mirror_writer import Writer
from city.model import CaseEvent, Observation, Status
from city.store import Store, Tally
from city.times import Window
from tests.builders import NOW, case, clock, config, own_region, save

ROOT = Path(__file__).resolve().parents[2]
MONTHS_AGO = NOW - timedelta(days=70)


@pytest.fixture
def city(shared_engine, tmp_path):
    """A store, a mirror's writer and the questions to the mirror, of a region of its own."""
    settings = config(region=own_region())
    writer = Writer(shared_engine, settings.region.code, tmp_path, clock())
    return Store(shared_engine, settings, clock()), writer, settings


def asked(writer, settings, **how):
    found = MirrorQueries(writer.engine, settings, clock(), Mirror(writer.folder, threads=1))
    try:
        return found.measure("complaints_open", **how)
    finally:
        found.mirror.close()


def files(folder):
    return sorted(path.name for path in folder.glob("*.parquet"))


def named(folder):
    return sorted(one.file for months in mirror.load(folder).pieces.values() for one in months.values())


def test_only_the_months_that_changed_are_written_again(city):
    store, writer, settings = city
    save(store, case("A-1"), case("A-2", opened_at=MONTHS_AGO), Observation(metric="beds", at=NOW, value=1.5))
    writer.catch_up()
    assert len(named(writer.folder)) == 3
    before = mirror.load(writer.folder).pieces
    save(store, case("A-2", opened_at=MONTHS_AGO, closed_at=NOW, status=Status.DONE))
    assert writer.catch_up() == 1
    after = mirror.load(writer.folder).pieces
    assert after["observations"] == before["observations"]
    assert [month for month in after["cases"] if after["cases"][month] != before["cases"][month]] == ["2026-09"]
    assert asked(writer, settings).value == 1 and writer.check() == []


def test_a_delivery_that_changes_nothing_writes_nothing(city):
    store, writer, _ = city
    rows = [case("A-1", events=(CaseEvent(at=NOW, stage="routed"),)), Observation(metric="beds", at=NOW, value=2)]
    save(store, *rows)
    writer.catch_up()
    save(store, *rows)
    assert writer.catch_up() == 0


def test_a_case_whose_opening_moves_leaves_its_old_month(city):
    store, writer, settings = city
    save(store, case("A-1"))
    writer.catch_up()
    save(store, case("A-1", opened_at=MONTHS_AGO))
    assert writer.catch_up() == 2
    assert list(mirror.load(writer.folder).pieces["cases"]) == ["2026-09"] and writer.check() == []


def test_a_late_event_reaches_the_month_of_its_old_case_and_no_other(city):
    store, writer, _ = city
    old, late = case("A-1", opened_at=MONTHS_AGO), CaseEvent(at=NOW - timedelta(days=30), stage="routed")
    save(store, old, case("A-2"), case("A-3", opened_at=NOW - timedelta(days=40)))
    writer.catch_up()
    before, reader = mirror.load(writer.folder).pieces["cases"], Mirror(writer.folder, threads=1)
    save(store, replace(old, events=(late,)), case("A-3", opened_at=NOW - timedelta(days=40)))
    assert writer.catch_up() == 2
    after = mirror.load(writer.folder).pieces["cases"]
    assert [month for month in after if after[month] != before[month]] == ["2026-09"]
    told = "select answered_at, stages['routed'] as routed_at, reopened, told_at from cases order by key"
    nothing = dict.fromkeys(("answered_at", "routed_at", "reopened", "told_at"))
    first = nothing | dict.fromkeys(("answered_at", "routed_at", "told_at"), late.at)
    assert reader.run(told, {}) == [first, nothing, nothing] and writer.check() == []
    reader.close()


def test_an_event_of_a_run_that_brings_new_cases_too_is_not_lost(city):
    store, writer, settings = city
    old = case("A-1", opened_at=MONTHS_AGO)
    save(store, old)
    writer.catch_up()
    save(store, replace(old, events=(CaseEvent(at=NOW - timedelta(hours=1), stage="routed"),)), case("A-2"))
    writer.catch_up()
    found = MirrorQueries(writer.engine, settings, clock(), Mirror(writer.folder, threads=1))
    span = Window(MONTHS_AGO, NOW)
    assert found.measure("complaints_first_response", window=span).n == 1 and writer.check() == []
    found.mirror.close()


def test_a_case_that_does_not_say_what_its_events_tell_is_found(city):
    store, writer, _ = city
    save(store, case("A-1", events=(CaseEvent(at=NOW, stage="routed"),)))
    writer.catch_up()
    kept = mirror.load(writer.folder)
    kept.pieces["case_events"].clear()
    mirror.replace(writer.folder, kept)
    assert "cases 2026-11: the file does not say what the events tell" in writer.check()


def test_what_commits_late_is_not_lost(city, shared_engine):
    """A run that began before the mirror looked, and commits after it, is older by its number than what was seen."""
    store, writer, _ = city
    save(store, case("A-1"))
    looked, go = threading.Event(), threading.Event()

    def finish():
        looked.set()
        go.wait(10)
        return Tally()

    rows = [case("B-1", opened_at=MONTHS_AGO)]
    late = threading.Thread(target=lambda: store.save("late", rows, started_at=NOW, finish=finish))
    late.start()
    looked.wait(10)
    save(store, case("A-2"))
    writer.catch_up()
    assert mirror.load(writer.folder).rows == 2
    go.set()
    late.join()
    assert writer.catch_up() == 1 and mirror.load(writer.folder).rows == 3 and writer.check() == []
    assert writer.catch_up() == 0


def test_odd_texts_and_missing_values_come_through(city):
    store, writer, settings = city
    odd = ['a,"b"', "", "\\N", "dua\nbaris", "é 漢", None]
    save(store, *[case(f"A-{number}", category=text) for number, text in enumerate(odd)])
    writer.catch_up()
    assert {row["category"] for row in asked(writer, settings, by=["category"]).rows} == set(odd)
    assert asked(writer, settings, where={"category": []}).value == 0 and writer.check() == []


def test_a_changed_file_and_a_changed_table_are_found(city, shared_engine):
    store, writer, _ = city
    save(store, case("A-1", agency="pupr"), case("B-1", opened_at=MONTHS_AGO))
    writer.catch_up()
    with shared_engine.begin() as connection:  # past the store: nothing marks it
        place = {"region": writer.region}
        connection.execute(sa.text("update cases set agency = 'dlh' where region = :region and key = 'A-1'"), place)
        connection.execute(sa.text("delete from cases where region = :region and key = 'B-1'"), place)
    assert writer.check() == [
        "cases 2026-09: PostgreSQL has 0 rows, the mirror 1",
        "cases 2026-11: PostgreSQL has 1 rows, the mirror 1, with other contents",
    ]
    writer.catch_up(rebuild=True)
    assert writer.check() == []


def test_without_a_mirror_the_question_says_so(city):
    _, writer, settings = city
    with pytest.raises(NoMirror, match=r"`run\.py mirror` writes one"):
        asked(writer, settings)
    assert writer.check() == ["there is no whole mirror; `run.py mirror` writes one"]


def test_a_mirror_that_lost_a_file_is_built_anew(city):
    store, writer, settings = city
    save(store, case("A-1"), case("A-2", opened_at=MONTHS_AGO))
    writer.catch_up()
    (writer.folder / named(writer.folder)[0]).unlink()
    assert writer.catch_up() > 0 and asked(writer, settings).value == 2


def test_a_corrected_zone_builds_it_anew(city, shared_engine):
    store, writer, settings = city
    save(store, case("A-1"))
    writer.catch_up()
    moved = config(region={**settings.region.model_dump(), "timezone": "Asia/Jayapura"})
    save(Store(shared_engine, moved, clock()))
    assert writer.catch_up() == 1 and mirror.load(writer.folder).zone == "Asia/Jayapura" and writer.check() == []


def test_the_age_of_the_mirror_is_the_age_of_its_last_look(city):
    store, writer, settings = city
    save(store, case("A-1"))
    writer.catch_up()
    assert mirror.behind_s(writer.folder, NOW + timedelta(seconds=7)) == 7
    writer.clock = clock(NOW + timedelta(seconds=5))
    writer.catch_up()
    assert mirror.behind_s(writer.folder, NOW + timedelta(seconds=7)) == 2
    assert asked(writer, settings).extra["behind_s"] == 0


def test_a_reader_follows_and_old_files_go_when_nobody_reads_them(city):
    store, writer, _ = city
    save(store, case("A-1"))
    writer.catch_up()
    old, reader = named(writer.folder), Mirror(writer.folder, threads=1)
    assert reader.run("select count(*) as n from cases", {}) == [{"n": 1}]
    save(store, case("A-2"))
    writer.catch_up()
    assert reader.run("select count(*) as n from cases", {}) == [{"n": 2}]
    assert set(old) < set(files(writer.folder))
    for name in old:
        os.utime(writer.folder / name, (1, 1))
    save(store, case("A-3"))
    writer.catch_up()
    assert not set(old) & set(files(writer.folder))
    reader.close()


def test_a_reader_knows_what_is_open_after_each_change(city):
    store, writer, settings = city
    reader = MirrorQueries(writer.engine, settings, clock(), Mirror(writer.folder, threads=1))
    old, new = case("A-1", opened_at=MONTHS_AGO), case("A-2", priority="segera")
    for brought, standing in (
        ([old, new], {None: 1, "segera": 1}),
        ([replace(old, closed_at=NOW, status=Status.DONE), case("A-3")], {None: 1, "segera": 1}),
        ([replace(new, closed_at=NOW, status=Status.DONE)], {None: 1}),
        ([old], {None: 2}),  # opened again
    ):
        save(store, *brought)
        writer.catch_up()
        found = reader.measure("complaints_open", by=["priority"])
        assert {row["priority"]: row["value"] for row in found.rows} == standing
    reader.mirror.close()


def test_a_query_cannot_leave_the_folder(city, tmp_path):
    store, writer, _ = city
    save(store, case("A-1"))
    writer.catch_up()
    reader = Mirror(writer.folder, threads=1)
    for text in ("select * from read_csv('/etc/passwd')", "install httpfs", "set enable_external_access = true"):
        with pytest.raises(Exception, match=r"disabled|not allowed|Cannot|Permission"):
            reader.run(text, {})
    reader.close()


_WRITER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from city import database, mirror_writer
print("writing", flush=True)
while True:
    mirror_writer.Writer(database.engine(sys.argv[1]), sys.argv[2], Path(sys.argv[3]), lambda: datetime.now(UTC)
        ).catch_up(rebuild=True)
    print("written", flush=True)
"""


@pytest.mark.proof
def test_killed_at_any_moment_it_leaves_a_whole_mirror(city, shared_database):
    store, writer, settings = city
    save(store, *[case(f"A-{number}", opened_at=NOW - timedelta(days=number)) for number in range(90)])
    writer.catch_up()
    for wait_s in (0.15, 0.4):
        command = [sys.executable, "-c", _WRITER, shared_database.url, writer.region, str(writer.folder)]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
            process.stdout.readline()
            time.sleep(wait_s)
            os.kill(process.pid, signal.SIGKILL)
        assert asked(writer, settings).value == 90
        assert writer.check() == []
    writer.clock = clock(NOW + timedelta(days=1))
    assert writer.catch_up() == 0


def test_it_follows_within_seconds_of_a_commit(city, shared_database):
    store, writer, settings = city
    stop = threading.Event()
    thread = threading.Thread(target=writer.follow, args=(shared_database.web_url, stop))
    thread.start()
    try:
        _until(lambda: mirror.load(writer.folder) is not None)
        save(store, case("A-1"))
        began = time.monotonic()
        _until(lambda: mirror.load(writer.folder).rows == 1)
        assert time.monotonic() - began < 10
    finally:
        stop.set()
        thread.join()


def test_a_stop_is_not_kept_waiting_while_nothing_comes(city, shared_database):
    _, writer, _ = city
    stop = threading.Event()
    thread = threading.Thread(target=writer.follow, args=(shared_database.web_url, stop))
    thread.start()
    try:
        _until(lambda: mirror.load(writer.folder) is not None)
        time.sleep(0.7)  # by then it waits for news
    finally:
        began = time.monotonic()
        stop.set()
        thread.join()
    assert time.monotonic() - began < 1.5


def _until(true, within_s=20.0):
    until = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < until
        time.sleep(0.02)


def test_the_columns_of_the_mirror_are_those_of_the_tables():
    for name, shape in mirror_export.SHAPES.items():
        assert shape.table.name == name and {"region", shape.at, shape.lead} <= set(shape.columns)
