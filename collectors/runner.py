"""One run of one source: fetch, parse, gather, enrich, save, record. Never raises for a bad source.

A bad row is skipped, counted and named by number and field; an unknown category is kept and reported;
a changed shape, or more than a tenth of the rows rejected, fails the run and leaves the old data alone.
"""

import logging
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from traceback import format_tb
from types import ModuleType
from typing import Any, NamedTuple, Protocol

import collectors
from city.config import Args, Config
from city.model import SourceError
from city.store import RunResult, Store
from city.vocabulary import Vocabulary
from collectors import figures
from collectors.http import Session
from collectors.pace import SHARED
from collectors.plausible import Plausibility
from collectors.reading import Reading, Sent

log = logging.getLogger("kendali.collect")


class Visit(Protocol):
    """One run's dealings with its source. A collector that has a say in them makes its own with ``visit``."""

    def rows(self) -> Iterator[Any]:
        """What ``parse`` gets."""

    def cursor(self) -> dict[str, Any]:
        """How far the source has been read; asked for when the rows have come to their end."""

    def settle(self, error: SourceError | None) -> None:
        """Called once the run is committed (None) or recorded as failed; never for a trial. Raises nothing.

        A run may be killed just before: whatever is done here, the next run must be able to do.
        """


class Span(NamedTuple):
    """A part of the past: from ``start`` to ``end``, of a backfill that began at ``begins``."""

    begins: datetime
    start: datetime
    end: datetime

    @staticmethod
    def label(source: str) -> str:
        """The name under which runs and mark of a backfill are kept."""
        return f"{source}#backfill"

    def mark(self) -> dict[str, Any]:
        """How far the backfill has come when this part is done."""
        return {"from": self.begins.isoformat(), "done_to": self.end.isoformat()}


class _Plain:
    """The visit of a collector with ``fetch`` and perhaps ``cursor``, or to what was sent."""

    def __init__(self, rows: Iterable[Any], cursor: dict[str, Any]) -> None:
        self._rows, self._cursor = rows, cursor

    def rows(self) -> Iterator[Any]:
        yield from self._rows

    def cursor(self) -> dict[str, Any]:
        return self._cursor

    def settle(self, error: SourceError | None) -> None:
        """Nothing is left to do."""


class _Past(_Plain):
    """The visit to a span of the past, whose mark says how far the backfill has come and nothing else."""


class Job:
    """A configured source, ready to run. Holds what is compiled once."""

    def __init__(self, name: str, config: Config, vocabulary: Vocabulary | None = None) -> None:
        self.name, self.config, self.source = name, config, config.sources[name]
        self.module: ModuleType = collectors.kind(self.source.collector)
        self.args = self._settings(self.module.Args)
        self.parse = self.module.parser(self.args) if hasattr(self.module, "parser") else self._parse_plain
        self.vocabulary = vocabulary or Vocabulary(config.region)
        self.large = figures.announced(config)
        for host, most in getattr(self.module, "PER_MINUTE", {}).items():
            SHARED.limit(host, most)

    def _settings(self, model: type[Args]) -> Any:
        # What the region and the source have said already need not be said again under `args`.
        region = self.config.region
        said = {"zone": region.timezone, "kind": self.source.kind, "region": region}
        known = {name: what for name, what in said.items() if name in model.model_fields and what is not None}
        return model.model_validate(known | self.source.args)

    def _parse_plain(self, row: Any) -> Any:
        return self.module.parse(row, self.args)

    def run(
        self,
        store: Store,
        session: Session,
        clock: Callable[[], datetime],
        *,
        dry_run: bool = False,
        accept_shape: bool = False,
        progress: Callable[[int], None] | None = None,
        sent: Sent | None = None,
        span: Span | None = None,
    ) -> RunResult:
        """Run once now, on what was ``sent``, on a ``span`` of the past, or on what the kind fetches.

        A failure is recorded and returned.
        """
        # A trial and the past teach nothing about the shape of today's rows.
        place = None if dry_run or span else store
        started_at, reading = clock(), self._reading(place, session, progress, sent, accept=accept_shape)
        label = Span.label(self.name) if span else self.name
        session.warnings.clear()
        session.marks.clear()
        visit: Visit | None = None
        try:
            since = None if dry_run or span else store.cursor(self.name)
            visit = self._past(session, span) if span else self._visit(session, since, started_at, sent)
            items, mark = self._seen(reading.items(visit.rows()), visit), visit.cursor
            if dry_run:
                return reading.tried(items, started_at)
            finish = lambda: reading.tally(mark() | session.marks, clock())  # noqa: E731
            result = store.save(self.name, items, started_at=started_at, finish=finish, label=label)
            return self._settled(visit, None, result, session)
        except SourceError as error:
            result = self._failed(store, started_at, error, reading, dry_run=dry_run, label=label)
            return result if dry_run or visit is None else self._settled(visit, error, result, session)
        except (ArithmeticError, LookupError, TypeError, ValueError, OSError) as error:
            # A collector's own mistake: class and place say enough, the text might hold a citizen's row.
            log.debug("source %s: %s\n%s", self.name, type(error).__name__, "".join(format_tb(error.__traceback__)))
            wrapped = SourceError(f"the collector failed with {type(error).__name__}", where=self.name)
            return self._failed(store, started_at, wrapped, reading, dry_run=dry_run, label=label)

    def _visit(self, session: Session, since: dict[str, Any] | None, now: datetime, sent: Sent | None) -> Visit:
        if sent is None and hasattr(self.module, "visit"):
            made: Visit = self.module.visit(self.args, session, since, now)
            return made
        # The mark of what is about to be read is taken first: what arrives meanwhile is read next time.
        cursor = self.module.cursor(self.args, since, now) if hasattr(self.module, "cursor") else {"read": True}
        return _Plain(self.module.fetch(self.args, session, since, now) if sent is None else sent.rows, cursor)

    def _seen(self, items: Iterator[Any], visit: Visit) -> Iterator[Any]:
        """What the next run must know of what this one brings goes into its mark, where a kind has ``seen``."""
        if hasattr(self.module, "seen") and type(visit) is _Plain:
            items = self.module.seen(items, visit.cursor())
        return items

    def _past(self, session: Session, span: Span) -> Visit:
        """As if the last reading had ended where the span begins, and now were where it ends."""
        since = self.module.cursor(self.args, None, span.start)
        return _Past(self.module.fetch(self.args, session, since, span.end), span.mark())

    @staticmethod
    def _settled(visit: Visit, error: SourceError | None, result: RunResult, session: Session) -> RunResult:
        """The source is told how the run ended, now that the database holds it for good."""
        visit.settle(error)
        if session.warnings:
            result.notes["warnings"] = [*session.warnings]
        return result

    def _reading(
        self,
        store: Store | None,
        session: Session,
        progress: Callable[[int], None] | None,
        sent: Sent | None,
        *,
        accept: bool,
    ) -> Reading:
        rules = {name: rule for name, rule in self.config.plausibility.items() if self._brings(name)}
        latest = store.latest(self.name, rules) if store else []
        known = store.shape(self.name) if store else None
        plausibility = Plausibility(rules, latest)
        return Reading(self, session.warnings, plausibility, known, progress=progress, sent=sent, accept=accept)

    def _brings(self, metric: str) -> bool:
        """Whether this source may bring observations of ``metric``: a mapping names them, other kinds may bring any."""
        return metric in getattr(self.args, "values", {metric: ""})

    def _failed(
        self, store: Store, started_at: datetime, error: SourceError, reading: Reading, *, dry_run: bool, label: str
    ) -> RunResult:
        if dry_run:
            result = RunResult(source=self.name, ok=False, fetched=reading.fetched, rejected=reading.rejected)
            result.error, result.error_code = str(error), error.code
            return result
        counts: dict[str, Any] = {"fetched": reading.fetched, "rejected": reading.rejected, "notes": reading.notes()}
        return store.fail(self.name, started_at=started_at, error=error, label=label, **counts)
