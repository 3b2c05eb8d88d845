"""The command ``mirror``: write what is new, everything (``--rebuild``), compare (``--check``), or ``--follow``."""

import sys
from argparse import Namespace
from pathlib import Path

from tqdm import tqdm

from city import database as city_database
from city import mirror as city_mirror
from city.mirror_writer import Writer
from front import settings
from front.parts import begin


def folder(region: str) -> Path:
    """Where the mirror of a region lies."""
    return city_mirror.place(settings.data_dir(), region)


def mirror(options: Namespace) -> int:
    """Exit code 1 when ``--check`` finds a difference; nothing in PostgreSQL is ever changed."""
    if options.follow and (options.rebuild or options.check):
        raise settings.WrongUsage("--follow goes alone: it writes and keeps on writing")
    config = settings.read(options.config)
    place = folder(config.region.code)
    with settings.database(options) as database:
        # The role of the screens: it can read, and a mirror needs no more.
        engine = city_database.engine(database.web_url)
        writer = Writer(engine, config.region.code, place, settings.clock)
        try:
            if options.follow:
                writer.follow(database.web_url, begin())
                return 0
            return _once(writer, rebuild=options.rebuild, check=options.check)
        finally:
            engine.dispose()


def _once(writer: Writer, *, rebuild: bool, check: bool) -> int:
    if rebuild or not check:
        with tqdm(unit="month", disable=not sys.stderr.isatty(), leave=False) as bar:

            def told(done: int, of: int) -> None:
                bar.total = of
                bar.update(done - bar.n)

            writer.told = told
            written = writer.catch_up(rebuild=rebuild)
        print(f"{written} month(s) written")
    problems = writer.check() if check else []
    print(*_shown(writer), sep="\n")
    if check:
        print(*(problems or ["the same as PostgreSQL, month by month"]), sep="\n")
    return 1 if problems else 0


def _shown(writer: Writer) -> list[str]:
    known, behind = city_mirror.load(writer.folder), city_mirror.behind_s(writer.folder, settings.clock())
    if known is None:
        return []
    rows = {name: sum(piece.rows for piece in months.values()) for name, months in known.pieces.items()}
    counts = ", ".join(f"{count:,} {name}" for name, count in rows.items())
    return [f"holds {counts} in {known.bytes / 1e6:,.1f} MB", f"at most {behind:.1f} s behind"]
