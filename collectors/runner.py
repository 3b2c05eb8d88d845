"""One run of one source: fetch, parse, gather, enrich, save, record. Never raises for a bad source.

A bad row is skipped, counted and named by number and field; an unknown category is kept and reported;
a changed shape, or more than a tenth of the rows rejected, fails the run and leaves the old data alone.
"""

import logging
from collections.abc import Callable
from datetime import datetime
from traceback import format_tb
from types import ModuleType
from typing import Any

import collectors
from city.config import Args, Config
from city.model import SourceError
from city.store import RunResult, Store
from city.vocabulary import Vocabulary
from collectors.http import Session
from collectors.plausible import Plausibility
from collectors.reading import Reading, Sent

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
        accept_shape: bool = False,
        progress: Callable[[int], None] | None = None,
        sent: Sent | None = None,
    ) -> RunResult:
        """Run once now, on what was ``sent`` or on what the kind fetches. A failure is recorded and returned."""
        place = None if dry_run else store
        started_at, reading = clock(), self._reading(place, session, progress, sent, accept=accept_shape)
        session.warnings.clear()
        try:
            since = None if dry_run else store.cursor(self.name)
            # The mark of what is about to be read is taken first: what arrives meanwhile is read next time.
            cursor = (
                self.module.cursor(self.args, since, started_at) if hasattr(self.module, "cursor") else {"read": True}
            )
            rows = self.module.fetch(self.args, session, since, started_at) if sent is None else sent.rows
            items: Any = reading.items(rows)
            if hasattr(self.module, "seen") and sent is None:
                items = self.module.seen(items, cursor)  # what the next run must know of what this one brings
            if dry_run:
                return reading.tried(items, started_at)
            return store.save(self.name, items, started_at=started_at, finish=lambda: reading.tally(cursor, clock()))
        except SourceError as error:
            return self._failed(store, started_at, error, reading, dry_run=dry_run)
        except (ArithmeticError, LookupError, TypeError, ValueError, OSError) as error:
            # A collector's own mistake: class and place say enough, the text might hold a citizen's row.
            log.debug("source %s: %s\n%s", self.name, type(error).__name__, "".join(format_tb(error.__traceback__)))
            wrapped = SourceError(f"the collector failed with {type(error).__name__}", where=self.name)
            return self._failed(store, started_at, wrapped, reading, dry_run=dry_run)

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
        known = store.shape(self.name) if store else {}
        plausibility = Plausibility(rules, latest)
        return Reading(self, session.warnings, plausibility, known, progress=progress, sent=sent, accept=accept)

    def _brings(self, metric: str) -> bool:
        """Whether this source may bring observations of ``metric``: a mapping names them, other kinds may bring any."""
        return metric in getattr(self.args, "values", {metric: ""})

    def _failed(
        self, store: Store, started_at: datetime, error: SourceError, reading: "Reading", *, dry_run: bool
    ) -> RunResult:
        if dry_run:
            result = RunResult(source=self.name, ok=False, fetched=reading.fetched, rejected=reading.rejected)
            result.error, result.error_code = str(error), error.code
            return result
        counts: dict[str, Any] = {"fetched": reading.fetched, "rejected": reading.rejected, "notes": reading.notes()}
        return store.fail(self.name, started_at=started_at, error=error, **counts)
