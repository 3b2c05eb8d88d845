"""``run.py export``: cases or a metric of a selection into a file, with what tells about it beside a CSV."""

import json
import sys
from argparse import Namespace
from pathlib import Path
from typing import Any

from tqdm import tqdm

from city import database as city_database
from city import mirror, readers
from city.export import FORMATS, Export, MetricExport, about
from city.export_files import write
from city.selection import read
from city.times import local_day
from front import settings


def export(options: Namespace) -> int:
    """Write the file; exit code 2 for what cannot be asked. A broken-off export leaves no file."""
    config, path = settings.read(options.config), Path(options.file)
    wanted = options.format or path.suffix.lstrip(".")
    if wanted not in FORMATS:
        raise settings.WrongUsage(f"give a file that ends in .{', .'.join(FORMATS)}, or --format")
    with settings.database(options) as database:
        engine = city_database.engine(database.web_url)
        try:
            folder = mirror.place(settings.data_dir(), config.region.code)
            reader = readers.best(engine, config, settings.clock, folder)
            selection = read(options.select, config, local_day(settings.clock(), config.region.zone))
            made = (
                MetricExport(reader, engine, selection, options.metric, options.by, options.grain)
                if options.metric else Export(reader, engine, selection)
            )  # fmt: skip
            _written(made, wanted, path)
        except (ValueError, LookupError) as error:
            raise settings.WrongUsage(str(error.args[0])) from error
        finally:
            engine.dispose()
    return 0


def _written(made: Export, wanted: str, path: Path) -> None:
    part = path.with_name(path.name + ".part")
    told = about(made, settings.clock())
    try:
        with tqdm(total=made.total, unit=" rows", disable=not sys.stderr.isatty(), leave=False) as bar:
            write(made, wanted, part, told, lambda rows: _moved(bar, rows))
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    if wanted == "csv":
        path.with_name(path.name + ".meta.json").write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n")
    print(f"{made.total:,} rows in {path} ({path.stat().st_size / 1e6:,.1f} MB)")


def _moved(bar: Any, rows: int) -> None:
    bar.update(rows - bar.n)
