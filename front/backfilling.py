"""``run.py once SOURCE --from D --to D``: the past of a source, span by span, with what is left to do in view."""

import sys
from argparse import Namespace
from datetime import datetime
from typing import Any

from sqlalchemy.engine import Engine
from tqdm import tqdm

from city.config import Config
from city.store import RunResult, Store
from collectors import backfill
from collectors.backfill import CannotBackfill
from collectors.http import Session
from collectors.runner import Job, Span
from front import settings
from front.answers import span


def past(options: Namespace, config: Config, engine: Engine) -> int:
    """Read the past; 1 when a span failed, and then the next call goes on where it stood."""
    job, store = Job(options.source, config), Store(engine, config, settings.clock)
    window = span(options.start, options.end, config, settings.clock())
    assert window  # --from is given
    try:
        todo = backfill.spans(job, store, window.start, window.end)
    except CannotBackfill as error:
        raise settings.WrongUsage(error) from error
    results = _run(job, store, todo)
    good, bad = [one for one in results if one.ok], [one for one in results if not one.ok]
    saved, revised, rejected = (sum(getattr(one, name) for one in good) for name in ("saved", "revised", "rejected"))
    counts = f"fetched {sum(one.fetched for one in good)}  saved {saved}  revised {revised}  rejected {rejected}"
    print(f"{job.name}: {counts}  in {len(good)} of {len(todo)} spans")
    for one in bad:
        print(f"  failed ({one.error_code}): {one.error}\n  the same command goes on from here")
    return 1 if bad else 0


def _run(job: Job, store: Store, todo: list[Span]) -> list[RunResult]:
    found: list[RunResult] = []
    with tqdm(total=len(todo), unit="span", disable=not sys.stderr.isatty(), leave=False) as bar:
        rows = 0

        def told(fetched: int) -> None:
            _show(bar, rows + fetched)

        began: datetime = settings.clock()
        for result in backfill.run(job, store, Session(), settings.clock, todo, told):
            found.append(result)
            rows += result.fetched
            bar.update()
            _show(bar, rows, (settings.clock() - began).total_seconds())
    return found


def _show(bar: "tqdm[Any]", rows: int, seconds: float = 0.0) -> None:
    rate = f", {rows / seconds:,.0f}/s" if seconds else ""
    bar.set_postfix_str(f"{rows:,} rows{rate}")
