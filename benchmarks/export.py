"""Taking cases away: time and memory of each format, and the first rows of the table of cases.

    python -m benchmarks.export --stored 1000000 [--data DIR]

``--data`` is a folder of an earlier run (or of benchmarks.mirror), whose rows are used as they are.
"""

import argparse
import multiprocessing
import resource
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.engine import Engine

from benchmarks import synthetic
from benchmarks.mirror import REGION, settings
from benchmarks.parts import opened
from city import database as city_database
from city import mirror, readers
from city.config import Config
from city.export import Export, about
from city.export_files import write
from city.listing import Listing
from city.mirror_writer import Writer
from city.selection import Selection


def main() -> None:
    """Fill, export, look; prints figures."""
    parser = argparse.ArgumentParser(prog="benchmarks.export", description=__doc__)
    parser.add_argument("--stored", type=int, default=1_000_000)
    parser.add_argument("--data", type=Path, metavar="DIR")
    options = parser.parse_args()
    with opened(options.data) as (folder, database, engine):
        place = mirror.place(folder, REGION["code"])
        _fill(engine, place, options.stored)
        _run(database.url, settings(), place, options.stored)


def _fill(engine: Engine, place: Path, stored: int) -> None:
    with engine.connect() as connection:
        known = connection.exec_driver_sql("select exists (select from cases)").scalar()
    if not known:
        synthetic.fill(engine, stored, REGION["code"], "desk", REGION["timezone"], datetime.now(UTC))
    Writer(engine, REGION["code"], place, lambda: datetime.now(UTC)).catch_up()


def _run(url: str, config: Config, place: Path, stored: int) -> None:
    spawn = multiprocessing.get_context("spawn")  # each in a process of its own, whose peak is its alone
    for where, name in (("mirror", place), ("postgresql", Path("/nowhere"))):
        for wanted in ("csv", "parquet", "xlsx"):
            job = spawn.Process(target=_export, args=(url, config, name, where, wanted))
            job.start()
            job.join()
        job = spawn.Process(target=_table, args=(url, config, name, where))
        job.start()
        job.join()


def _reader(url: str, config: Config, place: Path):  # type: ignore[no-untyped-def]
    engine = city_database.engine(url)
    chosen = Selection("complaint", datetime(2000, 1, 1).date(), datetime.now(UTC).date())
    return readers.best(engine, config, lambda: datetime.now(UTC), place), engine, chosen


def _export(url: str, config: Config, place: Path, where: str, wanted: str) -> None:
    export = Export(*_reader(url, config, place))
    small, first = _peak_mb(), [0.0]
    with tempfile.TemporaryDirectory() as folder:
        path, began = Path(folder) / "x", time.perf_counter()

        def told(done: int) -> None:
            first[0] = first[0] or time.perf_counter() - began

        if wanted == "xlsx" and export.total > 1_000_000:
            return
        write(export, wanted, path, about(export, datetime.now(UTC)), told)
        took, size = time.perf_counter() - began, path.stat().st_size / 1e6
    print(f"{where} {wanted}: {export.total:,} rows in {took:.1f} s, {size:.0f} MB; first after {first[0]:.2f} s; "
          f"memory {small:.0f} to {_peak_mb():.0f} MB", flush=True)  # fmt: skip


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _table(url: str, config: Config, place: Path, where: str) -> None:
    listing = Listing(*_reader(url, config, place))
    listing.rows([], 0, 1)
    for order in ((), (("due_at", False),), (("category", False),), (("key", False),)):
        for skip in (0, 500_000):
            took = []
            for _ in range(3):
                began = time.perf_counter()
                listing.rows(order, skip, 100)
                took.append(time.perf_counter() - began)
            name = order[0][0] if order else "newest first"
            print(f"{where} table, {name}, 100 rows after {skip:,}: {sorted(took)[1] * 1000:.0f} ms", flush=True)
    began = time.perf_counter()
    listing.stats()
    print(f"{where} table, figures above it: {(time.perf_counter() - began) * 1000:.0f} ms", flush=True)


if __name__ == "__main__":
    main()
