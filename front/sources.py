"""Commands about sources: run one now, or try them all."""

import sys
from argparse import Namespace
from difflib import get_close_matches
from typing import Any

from tqdm import tqdm

import collectors
from city import database as city_database
from city.documents import ConfigError
from city.store import RunResult, Store
from collectors.http import Session
from collectors.runner import Job
from front import settings
from front.backfilling import past


def once(options: Namespace) -> int:
    """One run of one source; 1 when it failed."""
    config = settings.read(options.config)
    if options.source not in config.sources:
        close = get_close_matches(options.source, config.sources, 1, 0.5)
        hint = f"Did you mean '{close[0]}'?" if close else f"Known: {', '.join(config.sources)}"
        raise settings.WrongUsage(f"unknown source '{options.source}'. {hint}")
    if how := collectors.instead(config.sources[options.source].collector):
        raise settings.WrongUsage(
            f"source '{options.source}' cannot be read: {how.replace('<source>', options.source)}"
        )
    if options.end and not options.start:
        raise settings.WrongUsage("--to needs --from: write where the past begins")
    with settings.database(options) as database:
        engine = city_database.engine(database.url)
        if options.start:
            try:
                return past(options, config, engine)
            finally:
                engine.dispose()
        store = Store(engine, config, settings.clock)
        with tqdm(unit=" rows", disable=not sys.stderr.isatty(), leave=False) as bar:

            def told(rows: int) -> None:
                bar.update(rows - bar.n)

            job = Job(options.source, config)
            result = job.run(
                store,
                Session(),
                settings.clock,
                dry_run=options.dry_run,
                accept_shape=options.accept_shape,
                progress=told,
            )
        engine.dispose()
    print(_outcome(result, dry_run=options.dry_run))
    return 0 if result.ok else 1


def _outcome(result: RunResult, *, dry_run: bool) -> str:
    counts = f"fetched {result.fetched}  saved {result.saved}  revised {result.revised}  rejected {result.rejected}"
    lines = [f"{result.source}: {counts}{'  (dry run: nothing saved)' if dry_run else ''}"]
    if not result.ok:
        lines.append(f"  failed ({result.error_code}): {result.error}")
    return "\n".join(lines + _notes(result))


def _notes(result: RunResult) -> list[str]:
    notes = result.notes or {}
    lines = [f"  warning: {text}" for text in notes.get("warnings", ())]
    lines += [f"  rejected {text}" for text in notes.get("rejected", ())]
    lines += [f"  changed {one['field']}: {_change(one)}" for one in notes.get("changes", ())]
    lines += [f"  doubtful {one['metric']} {one['place']}: {_doubt(one)}" for one in notes.get("implausible", ())]
    for field, words in notes.get("unknown", {}).items():
        lines.append(f"  unknown {field}: " + ", ".join(f"{word} ({count})" for word, count in words.items()))
    return lines


def _change(one: dict[str, str]) -> str:
    told = {
        "new": "is new", "gone": "is gone", "kind": f"was {one['was']}, has become {one['now']}",
        "empty": f"share of empty cells was {one['was']}, is {one['now']}", "words": f"new words: {one['now']}",
    }  # fmt: skip
    return told[one["change"]]


def _doubt(one: dict[str, Any]) -> str:
    hours = one["size"] / 3600
    told = {
        "jump": f"jumped by {one['size']:g}",
        "flat": f"unchanged for {hours:.1f} h",
        "silent": f"silent for {hours:.1f} h",
    }
    return told[one["what"]]


def check(options: Namespace) -> int:
    """Check all settings, then try each source; 1 when one failed. Touches no database."""
    path = options.file or options.config
    config, pages = settings.read_all(path)
    if problems := settings.illegible(path, config, pages):
        raise ConfigError(problems)
    print(f"{path}: settings are right, {len(config.sources)} sources, {len(config.pages)} pages")
    failed = 0
    for name, source in config.sources.items():
        if how := collectors.instead(source.collector):
            print(f"waits  {name}: {how.replace('<source>', name)}")
            continue
        result = Job(name, config).run(None, Session(retries=0), settings.clock, dry_run=True)  # type: ignore[arg-type]
        failed += not result.ok
        about = (collectors.kind(source.collector).__doc__ or "").strip().splitlines()[0]
        print(f"{'ok    ' if result.ok else 'FAILED'} {name}: {about} "
              f"fetched {result.fetched}, rejected {result.rejected}")  # fmt: skip
        if not result.ok:
            print(f"       ({result.error_code}) {result.error}")
        for line in _notes(result):
            print("     " + line)
    if failed and config.simulation:
        print("The simulated city answers while `run.py up` or `run.py simulate` runs.")
    return 1 if failed else 0
