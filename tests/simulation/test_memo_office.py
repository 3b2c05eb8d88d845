"""The simulated memo system is a real database: it tells what the drop folder tells, step by step, and only adds."""

import csv
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from collectors.http import Session
from collectors.sql_query import Args, fetch, fold, parse
from simulation import drops, memo_office
from simulation.places import ZONE
from simulation.town import MEMO_DAYS, Rush, Town

NOW = datetime(2026, 11, 24, 7, 5, tzinfo=UTC)  # Tuesday 14.05 in Jambi
DAYS = 16
ROOT = Path(__file__).resolve().parents[2]
ALUR = "select nomor_agenda, jenis, urgensi, unit_asal, tahap, waktu from sipadek.alur order by 1, 6, 5"


@pytest.fixture
def url(server):
    """Of a database that is not there yet."""
    name = "sipadek_simulasi"
    yield sa.make_url(server.url).set(database=name).render_as_string(hide_password=False)
    admin = sa.create_engine(server.url, poolclass=sa.NullPool, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql(f"drop database if exists {name} with (force)")


def ask(url, statement):
    with psycopg.connect(memo_office._plain(url)) as connection:
        return connection.execute(statement).fetchall()


def test_the_database_is_made_and_holds_the_steps_of_the_drop_folder(url, tmp_path):
    told = memo_office.keep(url, Town(), NOW, DAYS)
    drops.write(Town(), tmp_path, NOW, DAYS)
    written = []
    for file in (tmp_path / "sipadek").iterdir():
        with file.open(newline="") as lines:
            written += [
                (row["memo_id"], row["tahap"], datetime.fromisoformat(row["waktu"])) for row in csv.DictReader(lines)
            ]
    first = (NOW - timedelta(days=DAYS)).date().strftime("ND-%y%m%d")
    held = [(key, stage, at.replace(tzinfo=ZONE)) for key, _, _, _, stage, at in ask(url, ALUR)]
    assert len(held) == told > 5_000
    # The folders also tell the last steps of memos that were received before the history begins.
    assert sorted(held) == sorted(row for row in written if row[0] >= first)


def test_every_row_says_that_it_is_simulated_and_no_memo_lacks_its_receipt(url):
    memo_office.keep(url, Town(), NOW, DAYS)
    for table in ("naskah", "riwayat", "alur"):
        assert ask(url, f"select distinct simulated from sipadek.{table}") == [(True,)]
    first = "select 1 from sipadek.riwayat where naskah_id = n.id and tahap = 'diterima' and waktu = n.dibuat"
    assert ask(url, f"select count(*) from sipadek.naskah n where not exists ({first})") == [(0,)]


def test_little_by_little_tells_the_same_as_all_at_once(url):
    moments = [NOW - timedelta(hours=hours) for hours in (60, 40, 26, 25, 3, 2, 2, 1, 0)]
    told = [memo_office.keep(url, Town(), moment, DAYS) for moment in moments]
    assert told[6] == 0 < told[7]
    bit_by_bit = [row for row in ask(url, ALUR) if row[0] >= "ND-261110"]
    owner = sa.create_engine(url, poolclass=sa.NullPool)
    with owner.begin() as connection:
        connection.exec_driver_sql("drop schema sipadek cascade")
    memo_office.keep(url, Town(), NOW, DAYS)
    assert [row for row in ask(url, ALUR) if row[0] >= "ND-261110"] == bit_by_bit


def test_only_days_whose_memos_can_still_move_are_looked_at_again(url, monkeypatch):
    memo_office.keep(url, Town(), NOW, DAYS)
    looked = []
    memos = Town.memos
    monkeypatch.setattr(Town, "memos", lambda town, day: looked.append(day) or memos(town, day))
    memo_office.keep(url, Town(), NOW + timedelta(minutes=1), DAYS)
    assert len(looked) == MEMO_DAYS + 1 < DAYS


def test_a_faster_city_adds_memos_and_takes_none_away(url):
    memo_office.keep(url, Town(), NOW, DAYS)
    before = set(ask(url, ALUR))
    rushed = Town(rushes=(Rush(NOW, 50),))
    assert memo_office.keep(url, rushed, NOW + timedelta(minutes=30), DAYS) > 20
    after = set(ask(url, ALUR))
    assert before < after and any("-X1" in row[0] for row in after - before)


def test_the_collector_reads_the_office_as_cases_with_stages(url):
    memo_office.keep(url, Town(), NOW, DAYS)
    query = (
        "select * from sipadek.alur where naskah_id in (select naskah_id from sipadek.riwayat where waktu >= :since)"
    )
    args = Args(
        url=url, query=query, shape="event_log", kind="memo", zone="Asia/Jakarta", closed_when=("done",),
        fields={"key": "nomor_agenda", "at": "waktu", "stage": "tahap", "simulated": "simulated"},
        stages={"selesai": "done"},
    )  # fmt: skip
    rows = [parse(row, args) for row in fetch(args, Session(), None, NOW)]
    cases = {case.key: case for case in fold(rows, args)}
    known = {memo[0]: memo[4] for back in range(DAYS) for memo in Town().memos((NOW - timedelta(days=back)).date())}
    for key, steps in known.items():
        happened = [at.replace(microsecond=0) for _, at in steps if at <= NOW]
        if happened:
            assert cases[key].simulated and [event.at for event in cases[key].events] == sorted(happened)
            assert (cases[key].closed_at is not None) == (len(happened) == 4)


def test_a_database_that_is_away_is_an_error_of_the_driver(url):
    with pytest.raises(psycopg.OperationalError):
        memo_office.keep("postgresql://nobody:x@127.0.0.1:1/sipadek", Town(), NOW, DAYS)
    made = sa.make_url(url).set(username="nobody_at_all").render_as_string(hide_password=False)
    with pytest.raises(psycopg.OperationalError):
        memo_office.keep(made, Town(), NOW, DAYS)


@pytest.mark.parametrize("there", [True, False])
def test_the_running_simulation_fills_the_memo_system_and_does_not_need_it(url, tmp_path, there):
    address = url if there else "postgresql://nobody:rahasia@127.0.0.1:1/sipadek"
    command = [sys.executable, "-m", "simulation", "--data", str(tmp_path), "--port", "0", "--days", "14"]
    running = subprocess.Popen([*command, "--database", address], cwd=ROOT, stdout=-1, stderr=-1, text=True)
    try:
        assert "/open311/v2/" in running.stdout.readline()
        if there:
            assert ask(url, "select count(*) > 1000 from sipadek.riwayat") == [(True,)]
    finally:
        time.sleep(0.2)
        running.send_signal(signal.SIGTERM)
        said = running.communicate(timeout=20)[1]
    assert said == ("" if there else "simulation: no memo system: OperationalError of its database\n")
