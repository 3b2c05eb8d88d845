"""How fast a file becomes stored cases: parse to committed, beside a bare COPY and merge of the same rows."""

import os
import time
from datetime import UTC, datetime
from pathlib import Path

import psutil
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from benchmarks.synthetic import HEAD, write_csv
from city.config import Config
from city.store import Store
from collectors.http import Session
from collectors.runner import Job

Row = tuple[str, str]


def config(path: Path) -> Config:
    """A region with one file of cases."""
    fields = dict(zip(("key", "opened_at", "due_at", "closed_at", "status", *HEAD[5:]), HEAD, strict=True))
    source = {
        "collector": "csv_file",
        "kind": "complaint",
        "args": {
            "path": str(path),
            "kind": "complaint",
            "fields": fields,
            "status": {"open": "routed", "closed": "done"},
        },
    }
    region = {"code": "bench", "name": "Bench", "timezone": "Asia/Jakarta"}
    return Config.model_validate({"region": region, "sources": {"file": source}})


def measure(engine: Engine, folder: Path, count: int) -> list[Row]:
    """Rows of the table: cases a second, per core, against bare COPY, and a second run of the same file."""
    path = folder / "cases.csv"
    write_csv(path, count, datetime.now(UTC))
    settings = config(path)
    store = Store(engine, settings, lambda: datetime.now(UTC))
    first, cpu, result = _timed(engine, settings, store)
    again, _, second = _timed(engine, settings, store)
    bare = _bare(engine, path)
    assert (result.saved, second.saved, second.revised) == (count, 0, 0), (result, second)
    return [
        (f"once, {count:,} cases from CSV, parse to committed", f"{count / first:,.0f} cases/s"),
        ("  per core (all processor time, database included)", f"{count / cpu:,.0f} cases/s"),
        ("  bare COPY + merge of the same rows", f"{count / bare:,.0f} cases/s; ratio {first / bare:.1f} : 1"),
        ("  the same file again: 0 saved, 0 revised", f"{again:.2f} s; {first / max(again, 1e-3):,.0f} times as fast"),
    ]


def _timed(engine: Engine, settings: Config, store: Store):  # type: ignore[no-untyped-def]
    start, used = time.perf_counter(), processor_s(engine)
    result = Job("file", settings).run(store, Session(), lambda: datetime.now(UTC))
    return time.perf_counter() - start, processor_s(engine) - used, result


def processor_s(engine: Engine) -> float:
    """Processor time of this process and of its PostgreSQL server, sessions that ended included."""
    with engine.connect() as connection:
        server = psutil.Process(int(connection.scalar(sa.text("select pg_backend_pid()")) or 0)).parent()
    times = [process.cpu_times() for process in ([server, *server.children()] if server else [])]
    ended = sum(each.children_user + each.children_system for each in times[:1])
    return sum(os.times()[:2]) + ended + sum(each.user + each.system for each in times)


# As durable as ours, and by the same key: a table that a crash may lose is another thing.
_BARE = """
drop table if exists bench_bare;
create table bench_bare (region text, source text, key text, opened timestamptz, due timestamptz, closed timestamptz,
    status text, category text, agency text, district text, channel text, lat float8, lon float8,
    primary key (region, source, key));
create temp table bare_in (key text, opened timestamptz, due timestamptz, closed timestamptz, status text,
    category text, agency text, district text, channel text, lat float8, lon float8);
"""


def _bare(engine: Engine, path: Path) -> float:
    with engine.connect() as connection:
        connection.exec_driver_sql(_BARE)
        connection.commit()
        start = time.perf_counter()
        raw = connection.connection.driver_connection
        statement = "copy bare_in from stdin (format csv, header)"
        with path.open("rb") as file, raw.cursor() as cursor, cursor.copy(statement) as copy:  # type: ignore[union-attr]
            while part := file.read(1 << 20):
                copy.write(part)
        merge = "insert into bench_bare select 'bench', 'file', * from bare_in on conflict do nothing"
        connection.execute(sa.text(merge))
        connection.commit()
        took = time.perf_counter() - start
        connection.exec_driver_sql("drop table bench_bare; drop table bare_in")
        connection.commit()
    return took
