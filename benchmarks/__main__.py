"""Prints one table of figures: the load, the past, the way from a commit to the screens, the first paint.

Everything runs in a folder of its own, which is cleared away; ``--data`` keeps it, so that the cases
which the publisher is measured with are made once only.
"""

import argparse
import json
import os
import sys
from pathlib import Path

import psutil
import sqlalchemy as sa

from benchmarks import browser, json_load, load, parts, past, publishing, scheduling, soak, synthetic
from city import database as city_database
from city.store import Store
from front import settings

ROOT = Path(__file__).resolve().parent.parent


def main() -> None:
    """Measure; a part that is given 0 is left out."""
    options = _parser().parse_args()
    print(machine())
    with parts.opened(options.data) as (folder, database, engine):
        if options.jobs:
            _print(scheduling.measure())
        if options.rows:
            _print(load.measure(engine, folder, options.rows))
            _print(json_load.measure(engine, folder))
        if options.states:
            _print(past.measure(engine, options.states))
        if options.stored:
            _live(database, engine, options)


def _live(database: city_database.Database, engine: sa.Engine, options: argparse.Namespace) -> None:
    path = ROOT / "config.yaml"
    config = settings.read(path)
    region, store = config.region, Store(engine, config, parts.clock)
    with engine.connect() as connection:
        known = connection.scalar(sa.text("select count(*) from cases where region = :r"), {"r": region.code}) or 0
    if known < options.stored:
        synthetic.fill(engine, options.stored, region.code, "sikesal", region.timezone, parts.clock())
    with parts.running(database, path) as server:
        _print(publishing.measure(server.pid, lambda: parts.change(store), options.stored, options.viewers))
        _print(browser.measure(lambda: parts.change(store), options.viewers))
        if options.soak:
            _print(soak.measure(lambda: parts.change(store)))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000, help="cases of the load")
    parser.add_argument("--states", type=int, default=1_000_000, help="states of the past to thin and replay")
    parser.add_argument("--stored", type=int, default=10_000_000, help="cases stored while publishing")
    parser.add_argument("--viewers", type=int, default=1_000, help="open streams")
    parser.add_argument("--jobs", action=argparse.BooleanOptionalAction, default=True, help="two minutes of 2,000 jobs")
    parser.add_argument(
        "--soak", action=argparse.BooleanOptionalAction, default=True, help="a tab's memory, long tasks"
    )
    parser.add_argument("--data", type=Path, metavar="DIR", help="keep the database here")
    return parser


def machine() -> str:
    """What it was measured on."""
    with open("/proc/cpuinfo") as file:
        model = next((line.split(":")[1].strip() for line in file if line.startswith("model name")), "unknown")
    memory = round(psutil.virtual_memory().total / 2**30)
    return json.dumps({"cpu": model, "cores": os.cpu_count(), "memory_gib": memory})


def _print(rows: list[tuple[str, str]]) -> None:
    for name, figure in rows:
        print(f"{name:68} {figure}")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
