"""Prints one table of figures. ``--rows`` cases for the load, ``--stored`` for the publisher, ``--viewers`` streams."""

import argparse
import sys
import tempfile
from pathlib import Path

import collectors
from benchmarks import load, publishing
from city import database as city_database
from city import documents
from dashboard.page import load_page

ROOT = Path(__file__).resolve().parent.parent


def main() -> None:
    """Measure in a folder of its own and clear it away."""
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--stored", type=int, default=10_000_000)
    parser.add_argument("--viewers", type=int, default=1_000)
    options = parser.parse_args()
    print(publishing.machine())
    with tempfile.TemporaryDirectory(prefix="kendali-bench-") as folder:
        database = city_database.open_database(None, Path(folder))
        engine = city_database.engine(database.url)
        city_database.migrate(engine)
        _print(load.measure(engine, Path(folder), options.rows))
        engine.dispose()
        path = ROOT / "config.yaml"
        config = documents.load(path, collectors.args_of)
        pages = [load_page(ROOT / page, config) for page in config.pages]
        _print(publishing.measure(database, config, path, pages, options.stored, options.viewers))
        database.close()


def _print(rows: list[tuple[str, str]]) -> None:
    for name, figure in rows:
        print(f"{name:68} {figure}")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
