"""One run of one source: fetch, parse, gather, enrich, save, record. Never raises for a bad source.

A bad row is skipped, counted and named by number and field; an unknown category is kept and reported;
a changed shape, or more than a tenth of the rows rejected, fails the run and leaves the old data alone.
"""

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from traceback import format_tb
from types import ModuleType
from typing import Any

import msgspec

import collectors
from city.calendar import due_at, promise_for, public_holidays
from city.config import Args, Config
from city.model import Case, CaseEvent, Observation, SourceError, TooManyRejected
from city.store import RunResult, Store, Tally
from city.vocabulary import Vocabulary
from collectors.http import Session

#: More than this share of rejected rows means that the shape changed, not that rows are bad.
MAX_REJECTED_RATIO = 0.1
NAMED_ROWS = 5

log = logging.getLogger("kendali.collect")


class Job:
    """A configured source, ready to run. Holds what is compiled once."""

    def __init__(self, name: str, config: Config, vocabulary: Vocabulary | None = None) -> None:
        self.name, self.config, self.source = name, config, config.sources[name]
        self.module: ModuleType = collectors.kind(self.source.collector)
        self.args = self._settings(self.module.Args)
        self.parse = self.module.parser(self.args) if hasattr(self.module, "parser") else self._parse_plain
        self.vocabulary = vocabulary or Vocabulary(config.region)

    def _settings(self, model: type[Args]) -> Any:
        # What the region and the source have said already need not be said again under `args`.
        said = {"zone": self.config.region.timezone, "kind": self.source.kind}
        known = {name: text for name, text in said.items() if name in model.model_fields and text is not None}
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
        progress: Callable[[int], None] | None = None,
        sent: "Sent | None" = None,
    ) -> RunResult:
        """Run once now, on what was ``sent`` or on what the kind fetches. A failure is recorded and returned."""
        started_at, reading = clock(), _Reading(self, progress, session.warnings, sent)
        session.warnings.clear()
        try:
            since = None if dry_run else store.cursor(self.name)
            # The mark of what is about to be read is taken first: what arrives meanwhile is read next time.
            cursor = (
                self.module.cursor(self.args, since, started_at) if hasattr(self.module, "cursor") else {"read": True}
            )
            rows = self.module.fetch(self.args, session, since, started_at) if sent is None else sent.rows
            items = reading.items(rows)
            if dry_run:
                return reading.tried(items)
            return store.save(self.name, items, started_at=started_at, finish=lambda: reading.tally(cursor))
        except SourceError as error:
            return self._failed(store, started_at, error, reading, dry_run=dry_run)
        except (ArithmeticError, LookupError, TypeError, ValueError, OSError) as error:
            # A collector's own mistake: class and place say enough, the text might hold a citizen's row.
            log.debug("source %s: %s\n%s", self.name, type(error).__name__, "".join(format_tb(error.__traceback__)))
            wrapped = SourceError(f"the collector failed with {type(error).__name__}", where=self.name)
            return self._failed(store, started_at, wrapped, reading, dry_run=dry_run)

    def _failed(
        self, store: Store, started_at: datetime, error: SourceError, reading: "_Reading", *, dry_run: bool
    ) -> RunResult:
        if dry_run:
            result = RunResult(source=self.name, ok=False, fetched=reading.fetched, rejected=reading.rejected)
            result.error, result.error_code = str(error), error.code
            return result
        counts: dict[str, Any] = {"fetched": reading.fetched, "rejected": reading.rejected, "notes": reading.notes()}
        return store.fail(self.name, started_at=started_at, error=error, **counts)


def _named(error: Exception) -> str:
    """Field and problem of a rejected row. Only a RowError's text is known not to quote the row."""
    if isinstance(error, collectors.RowError):
        return str(error)
    if isinstance(error, KeyError):
        return f"{error.args[0]}: missing"
    return "wrong number of cells" if isinstance(error, IndexError) else f"not understood ({type(error).__name__})"


class Sent(msgspec.Struct, kw_only=True):
    """Rows that somebody sent instead of our fetching them.

    ``notes`` are kept with the run as they are when it ends; ``reject`` is told the number (from 1) and the
    problem of every row that is not understood.
    """

    rows: Iterable[Any]
    notes: dict[str, Any] = msgspec.field(default_factory=dict)
    reject: Callable[[int, str], None] = lambda number, problem: None


class _Reading:
    """The rows of one run on their way: counts, rejections, unknown words."""

    def __init__(
        self, job: Job, progress: Callable[[int], None] | None, warnings: list[str], sent: Sent | None = None
    ) -> None:
        self._job, self._progress, self._warnings = job, progress, warnings
        self._sent = sent or Sent(rows=())
        self.fetched = self.rejected = 0
        self._first: list[str] = []
        self._unknown: dict[str, Counter[str]] = {"category": Counter(), "agency": Counter(), "district": Counter()}
        self._known: dict[tuple[str, str], tuple[str, bool]] = {}
        self._holidays: dict[int, frozenset[Any]] = {}

    def items(self, rows: Iterable[Any]) -> Iterator[Case | Observation]:
        """Parsed, gathered and enriched items of ``rows``."""
        parsed = self._parsed(rows)
        fold = getattr(self._job.module, "fold", None)
        for item in fold(parsed, self._job.args) if fold else parsed:
            try:
                enriched = self._enriched(item)
            except (ArithmeticError, ValueError):  # a promise that would end after the last day of the calendar
                self._reject(collectors.RowError("opened_at", "too near the end of the calendar"))
                continue
            yield enriched

    def _parsed(self, rows: Iterable[Any]) -> Iterator[Any]:
        parse = self._job.parse
        for row in rows:
            self.fetched += 1
            if self._progress and self.fetched % 1_000 == 0:
                self._progress(self.fetched)
            try:
                item = parse(row)
            except (LookupError, ValueError, TypeError, ArithmeticError) as error:
                self._reject(error)
                continue
            if type(item) is list:
                yield from item
            else:
                yield item

    def _reject(self, error: Exception) -> None:
        self.rejected += 1
        self._sent.reject(self.fetched, _named(error))
        if len(self._first) < NAMED_ROWS:
            self._first.append(f"row {self.fetched}: {_named(error)}")

    def _enriched(self, item: Case | Observation) -> Case | Observation:
        changes: dict[str, Any] = {}
        for name in self._unknown:
            text = getattr(item, name)
            if text is not None and (code := self._code(name, text)) != text:
                changes[name] = code
        if type(item) is Case:
            self._complete(item, changes)
            if item.events:
                changes["events"] = tuple(map(self._with_code, item.events))
        return msgspec.structs.replace(item, **changes) if changes else item

    def _code(self, dimension: str, text: str) -> str:
        found = self._known.get((dimension, text))
        if found is None:
            code, known = self._job.vocabulary.term(dimension, text)
            found = self._known[dimension, text] = (code, not known and self._job.vocabulary.known(dimension))
        if found[1]:
            self._unknown[dimension][text] += 1
        return found[0]

    def _with_code(self, event: CaseEvent) -> CaseEvent:
        if event.agency is None:
            return event
        code, _ = self._known.get(("agency", event.agency)) or self._job.vocabulary.term("agency", event.agency)
        return event if code == event.agency else CaseEvent(event.at, event.stage, code)

    def _complete(self, case: Case, changes: dict[str, Any]) -> None:
        if case.lat is not None and case.lon is not None:
            # About 100 m: enough for a district and a map, too little for a house.
            changes["lat"], changes["lon"] = round(case.lat, 3), round(case.lon, 3)
            if case.district is None:
                changes["district"] = self._job.vocabulary.district_at(case.lat, case.lon)
        if case.due_at is None and self._job.config.sla:
            category = changes.get("category", case.category)
            promise = promise_for(self._job.config.sla, case.kind, category, case.priority)
            if promise is not None:
                closed = self._closed_days(case.opened_at.year) if promise.endswith("wd") else ()
                changes["due_at"] = due_at(case.opened_at, promise, self._job.config.region.zone, closed)

    def _closed_days(self, year: int) -> frozenset[Any]:
        if year not in self._holidays:
            self._holidays[year] = public_holidays(self._job.config.region.country, (year, year + 1))
        return self._holidays[year]

    def notes(self) -> dict[str, Any]:
        """The first rejected rows by number and field; unknown words by field; what was odd about the source."""
        # PostgreSQL has no NUL in JSON either.
        unknown = {
            name: {word.replace("\x00", ""): count for word, count in counter.most_common(20)}
            for name, counter in self._unknown.items()
            if counter
        }
        warnings = {"warnings": [*self._warnings]} if self._warnings else {}
        return {"rejected": self._first, "unknown": unknown} | warnings | self._sent.notes

    def tally(self, cursor: dict[str, Any]) -> Tally:
        """The counts of the finished reading; raises TooManyRejected above a tenth."""
        if self.rejected > MAX_REJECTED_RATIO * self.fetched:
            what = f"{self.rejected} of {self.fetched} rows not understood, first: {self._first[0]}"
            raise TooManyRejected(what, where=self._job.name)
        return Tally(fetched=self.fetched, rejected=self.rejected, notes=self.notes(), cursor=cursor)

    def tried(self, items: Iterable[Any]) -> RunResult:
        """Read everything, save nothing."""
        for _ in items:
            pass
        tally = self.tally({})
        return RunResult(source=self._job.name, fetched=tally.fetched, rejected=tally.rejected, notes=tally.notes)
