"""The columnar mirror: time to build, size, how far behind, and analytical questions against PostgreSQL.

    python -m benchmarks.mirror --stored 10000000 [--data DIR] [--explore]

One case in five has two events. Filters change with every asking, so that no answer is remembered.
"""

import argparse
import itertools
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from benchmarks import mirror_explore, synthetic
from benchmarks.parts import opened
from city import database as city_database
from city import mirror
from city.config import Config
from city.mirror_queries import Mirror, MirrorQueries
from city.mirror_writer import Writer
from city.model import Case
from city.queries import Queries
from city.store import Store, Tally
from city.times import Window

REGION = {"code": "00.01", "name": "Kota", "timezone": "Asia/Jakarta"}
Ask = Callable[[Queries, Window, int], object]

_EVENTS = """
insert into case_events (region, source, key, at, stage, agency, recorded_at)
select region, source, key, at, stage, agency, recorded_at from (
    select *, opened_at as at, 'received' as stage from cases where region = :region and substr(key, 2)::int % 5 = 0
    union all
    select *, opened_at + interval '50 minutes', 'routed' from cases
    where region = :region and substr(key, 2)::int % 5 = 0) e on conflict do nothing
"""


def _where(number: int) -> dict[str, list[str]]:
    """Another filter each time, of several dimensions."""
    return {
        "agency": [f"opd{number % 8}", f"opd{(number + 3) % 8}"],
        "district": [f"d{n}" for n in range(number % 9, 30)],
    }


def _measure(name: str, **how: object) -> Ask:
    return lambda ask, span, number: ask.measure(f"complaints_{name}", window=span, where=_where(number), **how)  # type: ignore[arg-type]


QUESTIONS: dict[str, Ask] = {
    "opened by day": _measure("opened", grain="day"),
    "opened by category": _measure("opened", by=["category"]),
    "median to close by district": _measure("time_to_close", by=["district"]),
    "p90 to close by week": _measure("time_to_close", grain="week", quantile=0.9),
    "on time by agency and month": _measure("on_time_ratio", by=["agency"], grain="month"),
    "open at the end of each day": _measure("open", grain="day"),
    "overdue by priority and week": _measure("overdue", by=["priority"], grain="week"),
    "first response by agency": _measure("first_response", by=["agency"]),
}


def main() -> None:
    """Fill, build, ask, follow; prints figures."""
    parser = argparse.ArgumentParser(prog="benchmarks.mirror", description=__doc__)
    parser.add_argument("--stored", type=int, default=1_000_000)
    parser.add_argument("--data", type=Path, metavar="DIR")
    parser.add_argument("--rounds", type=int, default=12, help="times that the mirror is asked each question")
    parser.add_argument("--explore", action="store_true", help="only what /explore asks, of the mirror that is there")
    options = parser.parse_args()
    with opened(options.data) as (folder, database, engine):
        if options.explore:
            found = mirror_explore.measure(_mirrored(engine, folder / "mirror"), options.rounds)
        else:
            found = measure(engine, database, folder / "mirror", options.stored, options.rounds)
        for name, figure in found:
            print(f"{name:56} {figure}", flush=True)


def settings() -> Config:
    """A region with one source of complaints."""
    return Config.model_validate(
        {"region": REGION, "sources": {"desk": {"collector": "csv_file", "kind": "complaint"}}}
    )


def _mirrored(engine: Engine, folder: Path) -> MirrorQueries:
    return MirrorQueries(engine, settings(), clock, Mirror(folder))


def measure(
    engine: Engine, database: city_database.Database, folder: Path, count: int, rounds: int
) -> Iterator[tuple[str, str]]:
    """What was measured, line by line."""
    config = settings()
    fill(engine, config, count)
    writer = Writer(engine, config.region.code, folder, clock)
    began = time.perf_counter()
    months = writer.catch_up(rebuild=True)
    taken = time.perf_counter() - began
    known = mirror.load(folder)
    assert known
    yield f"rebuild of {known.rows:,} rows in {months} months", f"{taken:.1f} s, {known.rows / taken:,.0f} rows/s"
    yield "  size", f"{known.bytes / 1e6:,.0f} MB"
    began = time.perf_counter()
    problems = writer.check()
    yield "  check against PostgreSQL", f"{time.perf_counter() - began:.1f} s, {len(problems)} differences"
    mirrored = _mirrored(engine, folder)
    yield from _questions(Queries(engine, config, clock), mirrored, rounds)
    yield from mirror_explore.measure(mirrored, rounds)
    yield from _behind(engine, database, config, writer)


def clock() -> datetime:
    """The present."""
    return datetime.now(UTC)


def fill(engine: Engine, config: Config, count: int) -> None:
    """``count`` cases, unless they are there."""
    place = {"region": config.region.code}
    with engine.connect() as connection:
        if connection.scalar(sa.text("select 1 from cases where region = :region limit 1"), place):
            return
    synthetic.fill(engine, count, config.region.code, "desk", config.region.timezone, clock())
    with engine.begin() as connection:
        connection.execute(sa.text(_EVENTS), place)
        connection.execute(sa.text("insert into regions values (:region, :zone) on conflict do nothing"),
                           place | {"zone": config.region.timezone})  # fmt: skip
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text("vacuum analyze"))


def _questions(one: Queries, other: Queries, rounds: int) -> Iterator[tuple[str, str]]:
    now = clock()
    for days in (90, 5 * 365):
        span = Window(now - timedelta(days=days), now)
        slowest = []
        for name, ask in QUESTIONS.items():
            mirrored = sorted(_ms(lambda n, ask=ask, span=span: ask(other, span, n), rounds))
            asked = min(_ms(lambda n, ask=ask, span=span: ask(one, span, n), 1 if days > 90 else 2))
            middle, late = mirrored[len(mirrored) // 2], mirrored[min(len(mirrored) - 1, int(0.95 * len(mirrored)))]
            slowest.append(late)
            yield (
                f"{days} days: {name}",
                f"mirror {middle:.0f} ms (p95 {late:.0f}), PostgreSQL {asked:.0f} ms, ratio {asked / middle:.1f}",
            )
        yield f"{days} days: the slowest question's p95", f"{max(slowest):.0f} ms"


_number = itertools.count()


def _ms(ask: Callable[[int], object], times: int) -> list[float]:
    found = []
    for _ in range(times):
        began = time.perf_counter()
        ask(next(_number))
        found.append(1_000 * (time.perf_counter() - began))
    return found


def _behind(
    engine: Engine, database: city_database.Database, config: Config, writer: Writer, seconds: int = 40
) -> Iterator[tuple[str, str]]:
    """5 cases a second, a fifth of them old ones that close; how old the mirror is, ten times a second."""
    stop, store, ages = threading.Event(), Store(engine, config, clock), []
    follower = threading.Thread(target=writer.follow, args=(database.url, stop))
    follower.start()
    mirror_was = mirror.load(writer.folder)
    until, number = time.monotonic() + seconds, 0
    while time.monotonic() < until:
        now = clock()
        new = [Case(key=f"N{now:%H%M%S}{n}", kind="complaint", opened_at=now, status="received") for n in range(4)]
        old = Case(key=f"O{number % 50}", kind="complaint", opened_at=now - timedelta(days=number % 50),
                   closed_at=now if number >= 50 else None, status="done" if number >= 50 else "received")  # fmt: skip
        store.save("desk", [*new, old], started_at=now, finish=Tally)
        number += 1
        for _ in range(10):
            stop.wait(0.1)
            ages.append(mirror.behind_s(writer.folder, clock()) or 0.0)
    stop.set()
    follower.join()
    found, known = sorted(ages[50:]), mirror.load(writer.folder)
    assert known and mirror_was
    yield (
        f"behind a commit, 5 cases/s for {seconds} s",
        f"median {found[len(found) // 2]:.1f} s, p95 {found[int(0.95 * len(found))]:.1f} s, most {found[-1]:.1f} s; "
        f"{known.rows - mirror_was.rows} rows came",
    )


if __name__ == "__main__":
    main()
