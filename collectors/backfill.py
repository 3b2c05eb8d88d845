"""A source's past, read span by span: each span is one run, and what was done is remembered.

A kind that can be asked for a span of time says the longest one as ``SPAN``, and with ``spannable(args)``, where
that depends on the settings. The runs and their mark are kept
under a name of their own (``sikesal#backfill``), so that reading the past makes nothing look fresh and the
job's own cursor stays where it is.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from city.store import RunResult, Store
from city.times import instant
from collectors.http import Session
from collectors.runner import Job, Span


class CannotBackfill(Exception):
    """This kind of source has no spans of time; says why."""


def spans(job: Job, store: Store, start: datetime, end: datetime) -> list[Span]:
    """What is left to do of ``start`` to ``end``: a backfill that was broken off goes on where it stood."""
    length: timedelta | None = getattr(job.module, "SPAN", None)
    if length is None or not getattr(job.module, "spannable", lambda args: True)(job.args):
        raise CannotBackfill(f"source '{job.name}' ({job.source.collector}) cannot be asked for a span of time")
    length = getattr(job.args, "span", None) or length
    known = store.cursor(Span.label(job.name)) or {}
    if known.get("from") == start.isoformat() and start < (done := instant(known["done_to"])) < end:
        start_at = done
    else:
        start_at = start
    found: list[Span] = []
    while start_at < end:
        found.append(Span(start, start_at, min(end, start_at + length)))
        start_at = found[-1].end
    return found


def run(
    job: Job,
    store: Store,
    session: Session,
    clock: Callable[[], datetime],
    todo: list[Span],
    progress: Callable[[int], Any] | None = None,
) -> Iterator[RunResult]:
    """Run every span in turn; stops after the first that fails."""
    for span in todo:
        result = job.run(store, session, clock, span=span, progress=progress)
        yield result
        if not result.ok:
            return
