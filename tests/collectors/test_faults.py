"""Every kind of source under every fault: its own error, the old data kept, nobody else touched, well again after.

The kinds are in ``fault_kinds.py``, the faults of a network in ``faults.py``, those of a file and of a database below.
What is sent, not asked for, has its own: test_push.py, test_manual.py, test_intake.py.
"""

import gzip
import re
import threading
import time
import tracemalloc
import zlib
from datetime import UTC, datetime

import brotli
import faults
import memo_servers
import pytest
from conftest import NOW
from fault_kinds import KINDS
from faults import BODY_S, FAULTS, MAX_BYTES, READ_S, Fault

import collectors
from city.config import Config
from city.model import NotUnderstood
from city.store import Store
from collectors import schedule
from collectors.http import Session
from collectors.runner import Job
from tests.builders import own_region

#: More than a read and a body may take together, for a machine that is busy.
BOUND_S = 8 * (READ_S + BODY_S)
#: Kinds whose faults are not those of a web server: they are tried further below, or in a test of their own.
NOT_OVER_HTTP = {"csv_file", "sql_query"}
SECRETS = ("Budi", "0812", "12345")


@pytest.fixture(scope="module")
def engine(shared_engine):
    """One database for all; each city has a region of its own in it."""
    return shared_engine


class City:
    """Two sources of one region, run for real: ``desk`` falls ill, ``other`` must not notice."""

    def __init__(self, engine, desk, other, **more):
        region = own_region()
        self.words = {"region": region, "sources": {"desk": desk, "other": other}, **more}
        self.engine, self.config = engine, Config.model_validate(self.words)
        self.store = Store(engine, self.config, lambda: NOW)

    def run(self, name="desk", url=None, was="", hurried=False):
        """One run; with ``url``, at that address instead of ``was``; ``hurried``: what is slow is not waited for."""
        config = self.config
        if url:
            moved = config.model_copy(deep=True)
            args = moved.sources[name].args
            args.update({key: text.replace(was, url) for key, text in args.items() if isinstance(text, str)})
            config = moved
        limits = {"read_timeout_s": READ_S, "body_timeout_s": BODY_S} if hurried else {}
        with Session(retries=0, max_bytes=MAX_BYTES, **limits) as session:
            return Job(name, config).run(self.store, session, lambda: NOW)

    def known(self, name="desk"):
        """All that is stored of a source."""
        query = "select to_jsonb(t) - 'recorded_at' from {} t where region = %s and source = %s order by 1"
        with self.engine.connect() as connection:
            return [
                str(row)
                for table in ("cases", "case_events", "observations")
                for row in connection.exec_driver_sql(query.format(table), (self.store.region, name))
            ]


def city_of(engine, name, kind, service, other):
    collector = name.split()[0]
    source = {"collector": collector, "every": f"{READ_S}s", **kind.source}
    return City(
        engine, source | {"args": kind.args(service.url)}, source | {"args": kind.args(other.url)}, **kind.config
    )


def cases():
    """Every kind with every fault it can have."""
    for name, kind in KINDS.items():
        for fault_name, fault in FAULTS.items():
            told = kind.unlike.get(fault_name, (fault.code, fault.text))
            if told is not None:
                yield pytest.param(name, Fault(fault.spoil, *told, fault.url), id=f"{name}-{fault_name}")
        changed = Fault(lambda wire, good, body=kind.changed: wire.answer(200, {}, body), kind.changed_code, "")
        yield pytest.param(name, changed, id=f"{name}-changed_shape")


@pytest.mark.proof
@pytest.mark.parametrize(("name", "fault"), list(cases()))
def test_a_fault_is_told_apart_and_costs_nothing_that_was_known(engine, caplog, name, fault):
    kind = KINDS[name]
    with faults.serving(kind.good) as service, faults.serving(kind.good) as neighbour:
        city = city_of(engine, name, kind, service, neighbour)
        first = city.run()
        assert (first.ok, first.rejected, first.saved) == (True, 0, kind.rows), first.error
        before = city.known()

        service.fault, began = fault.spoil, time.monotonic()
        failed = city.run(url=fault.url and fault.url(service), was=service.url, hurried=fault.code == "K-101")
        assert time.monotonic() - began < BOUND_S
        assert (failed.ok, failed.error_code) == (False, fault.code), failed.error
        assert re.search(fault.text, failed.error)
        assert not [secret for secret in SECRETS if secret in failed.error + str(failed.notes) + caplog.text]
        assert city.known() == before

        assert city.run("other").ok
        service.fault = None
        again = city.run()
        assert (again.ok, again.revised, city.known()) == (True, 0, before), again.error


def test_every_kind_that_asks_over_http_has_its_entry():
    asks = {name for name in collectors.names() if not collectors.instead(name)}
    assert asks - NOT_OVER_HTTP == {name.split()[0] for name in KINDS}


GOOD = "nomor,masuk,jenis\n" + "".join(f"{n},2026-11-2{n} 10:00,Jalan\n" for n in range(3))
FILE_FAULTS = {
    "missing": (None, "K-104", "not there"),
    "empty": (b"", "K-105", "empty"),
    "half_written_row": (GOOD.encode()[:-19], "K-105", "half-written"),
    "half_written_quote": (GOOD.encode() + b'4,"2026-11-24', "K-105", "half-written"),
    "wrong_encoding": (GOOD.replace("Jalan", "Jalän").encode("cp1252"), "K-105", "encoding"),
    "other_encoding": (GOOD.encode("utf-16"), "K-105", "encoding"),
    "encoding_without_mark": (GOOD.encode("utf-16-le"), "K-105", "UTF-16 without a mark"),
    "html": (b"<!doctype html><html><p>Budi 0812</p></html>", "K-105", "HTML"),
    "no_header": (b"1,2026-11-24 10:00,Budi 0812\n", "K-106", "is there a header?"),
    "changed_shape": (GOOD.replace("masuk", "tanggal").encode(), "K-106", "'masuk'"),
    "other_content": (GOOD.replace("2026-11", "Budi").encode(), "K-107", "opened_at"),
    "zip_named_csv": (b"PK\x03\x04\x14\x00\x06\x00\x08\x00\xff\xff", "K-105", ""),
}


@pytest.mark.parametrize("fault", FILE_FAULTS)
def test_a_broken_file_is_told_apart_and_costs_nothing_that_was_known(engine, tmp_path, fault):
    content, code, text = FILE_FAULTS[fault]
    path, sound = tmp_path / "desk.csv", tmp_path / "other.csv"
    fields = {"key": "nomor", "opened_at": "masuk", "category": "jenis"}
    source = {"collector": "csv_file"}
    # Otherwise it is found, and a file in another one is no fault.
    encoding = "utf-8-sig" if fault in ("wrong_encoding", "other_encoding") else "auto"
    common = {"fields": fields, "zone": "Asia/Jakarta", "encoding": encoding}
    args = [common | {"path": str(file)} for file in (path, sound)]
    city = City(engine, source | {"args": args[0]}, source | {"args": args[1]})
    path.write_text(GOOD)
    sound.write_text(GOOD)
    assert city.run().saved == 3
    before = city.known()

    path.unlink() if content is None else path.write_bytes(content)
    failed = city.run()
    assert (failed.ok, failed.error_code) == (False, code), failed.error
    assert text in failed.error
    assert not [secret for secret in SECRETS if secret in failed.error + str(failed.notes)]
    assert city.known() == before

    assert city.run("other").saved == 3
    path.write_text(GOOD + "4,2026-11-24 10:00,Jalan\n")
    again = city.run()
    assert (again.ok, again.saved, len(city.known())) == (True, 1, len(before) + len(before) // 3), again.error


def put_before(what, join=""):
    """Statements that put a view in the place of the history: ``what`` is its time."""
    view = f"create view {{db}}.riwayat as select naskah_id, tahap, {what} as waktu from {{db}}.lama {join}"
    return ["alter table {db}.riwayat rename to lama", view, f"grant select on {{db}}.riwayat to {memo_servers.READER}"]


BACK = ["drop view {db}.riwayat", "alter table {db}.lama rename to riwayat"]
#: What is done to the server or to the address, how it is undone, and the code and text of the error.
DATABASE_FAULTS = {
    "wrong_password": ({"password": "12345"}, [], "K-102", "refused the user, the password"),
    "no_such_database": ({"database": "tidak_ada"}, [], "K-102", "or the database"),
    "no_such_name": ({"query": {}, "host": "desk.invalid"}, [], "K-101", "no connection"),
    "nobody_listens": ({"query": {}, "host": "127.0.0.1", "port": 9}, [], "K-101", "no connection"),
    "right_withdrawn": (
        [f"revoke select on {{db}}.riwayat from {memo_servers.READER}"],
        [f"grant select on {{db}}.riwayat to {memo_servers.READER}"], "K-102", "may not read",
    ),
    "table_renamed": (
        ["alter table {db}.riwayat rename to riwayat2"], ["alter table {db}.riwayat2 rename to riwayat"], "K-106",
        "nearest: 'riwayat2'",
    ),
    "changed_shape": (
        ["alter table {db}.riwayat rename waktu to waktu2"], ["alter table {db}.riwayat rename waktu2 to waktu"],
        "K-106", "nearest: 'waktu2'",
    ),
    "slow": (put_before("waktu", "cross join pg_sleep(20)"), BACK, "K-101", "took longer than 0.4 s"),
    "value": (put_before("waktu + 'Budi 0812'::text::int * interval '1 day'"), BACK, "K-103", "cannot be read"),
    "other_content": (put_before("'Budi 0812'::text"), BACK, "K-107", "opened_at"),
}  # fmt: skip


@pytest.mark.parametrize("fault", DATABASE_FAULTS)
def test_a_broken_database_is_told_apart_and_costs_nothing_that_was_known(database, engine, caplog, fault):
    spoil, mend, code, text = DATABASE_FAULTS[fault]
    memos = memo_servers.on_postgresql(database.url)
    for n in range(3):
        memos.do(f"insert into {{db}}.naskah (id) values ({n})")
        memos.do(f"insert into {{db}}.riwayat values ({n}, 'TTE', '', '2026-11-2{n} 10:00')")
    source = {"collector": "sql_query"}
    args = {"url": memos.url, "timeout": f"{READ_S}s", "fields": {"key": "naskah_id", "opened_at": "waktu"}}
    queries = ["select * from sipadek.riwayat", "select id naskah_id, date '2026-11-24' waktu from sipadek.naskah"]
    city = City(engine, *(source | {"args": args | {"query": query}} for query in queries))
    assert city.run().saved == 3
    before = city.known()

    moved = memos.other(**spoil) if isinstance(spoil, dict) else None
    memos.do(*(spoil if isinstance(spoil, list) else []))
    failed = city.run(url=moved, was=memos.url)
    assert (failed.ok, failed.error_code) == (False, code), failed.error
    assert text in failed.error
    secrets = [*SECRETS, memo_servers.READER, memo_servers.PASSWORD]
    assert not [secret for secret in secrets if secret in failed.error + str(failed.notes) + caplog.text]
    assert city.known() == before

    assert city.run("other").saved == 3
    memos.do(*mend)
    again = city.run()
    assert (again.ok, again.revised, city.known()) == (True, 0, before), again.error


@pytest.mark.parametrize("packing", ["gzip", "br", "gzip, gzip", "deflate"])
def test_a_bomb_costs_little_memory_and_time(packing):
    bomb = b" " * 50_000_000
    for layer in packing.split(", "):
        bomb = {"gzip": gzip.compress, "deflate": zlib.compress, "br": brotli.compress}[layer](bomb)
    with faults.serving(lambda asked: (200, {"Content-Encoding": packing}, bomb)) as service:
        tracemalloc.start()
        with Session(retries=0, max_bytes=2_000_000) as session, pytest.raises(NotUnderstood, match="larger than"):
            began = time.monotonic()
            session.body(service.url)
        peak, took = tracemalloc.get_traced_memory()[1], time.monotonic() - began
        tracemalloc.stop()
    assert peak < 8_000_000
    assert took < 20


def test_a_system_that_hangs_costs_a_thread_its_time_out_and_nothing_else(engine):
    kind = KINDS["json_api"]
    with faults.serving(kind.good) as service, faults.serving(kind.good) as neighbour:
        city = city_of(engine, "json_api", kind, service, neighbour)
        service.fault = FAULTS["drips"].spoil
        ends = {"desk": [], "other": []}

        def run_one(name):
            result = city.run(name, hurried=True)
            ends[name].append((time.monotonic(), result))
            return result

        scheduler = schedule.build(city.config, run_one, datetime.now(UTC))
        threads = threading.active_count()
        scheduler.start()
        time.sleep(4)
        scheduler.shutdown(wait=True)
    assert {result.error_code for _, result in ends["desk"]} == {"K-101"}
    assert {result.ok for _, result in ends["other"]} == {True}
    assert len(ends["other"]) >= 2 * len(ends["desk"]) >= 2
    gaps = [later[0] - earlier[0] for earlier, later in zip(ends["other"], ends["other"][1:], strict=False)]
    assert max(gaps) < BODY_S + READ_S
    assert threading.active_count() <= threads + 2
