"""The only writer of facts: one run, one transaction, safe to repeat.

Rows stream through COPY into staging tables; then one set-wise merge, the events, the day
roll-ups of what changed, the cursor, the run and the notification, all or nothing. A row
delivered again changes nothing; a changed row is an update and counts as a revision.
The SQL lives in :mod:`city.merge`.
"""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from itertools import chain, islice
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from city import folding, merge, punctuality, reopened, staging, touched
from city.config import Config
from city.database import notify
from city.model import Latest, ShapeChange, SourceError
from city.staging import CHUNK_ROWS, Item, Seen
from city.tables import cursors, runs

RUNS_CHANNEL = "kendali_runs"


class Tally(msgspec.Struct, kw_only=True):
    """What the reading side knows once the source is exhausted."""

    fetched: int = 0
    rejected: int = 0
    notes: dict[str, Any] = msgspec.field(default_factory=dict)
    cursor: dict[str, Any] | None = None
    #: What the rows look like, when that is news; and how it differs from what was known.
    shape: dict[str, Any] | None = None
    changes: list[ShapeChange] = msgspec.field(default_factory=list)


class RunResult(msgspec.Struct, kw_only=True):
    """One finished run, good or failed."""

    source: str
    ok: bool = True
    fetched: int = 0
    saved: int = 0
    revised: int = 0
    rejected: int = 0
    seconds: float = 0.0
    notes: dict[str, Any] = msgspec.field(default_factory=dict)
    error: str | None = None
    error_code: str | None = None
    id: int | None = None


class Store:
    """Writes runs. ``clock`` returns the present aware instant."""

    def __init__(self, engine: Engine, config: Config, clock: Callable[[], datetime]) -> None:
        self._engine, self._config, self._clock = engine, config, clock
        self.region = config.region.code

    def cursor(self, source: str) -> dict[str, Any] | None:
        """How far ``source`` has been read; None before its first good run."""
        query = sa.select(cursors.c.cursor).where(cursors.c.region == self.region, cursors.c.source == source)
        with self._engine.connect() as connection:
            return connection.scalar(query)

    def shape(self, source: str) -> dict[str, Any]:
        """What the rows of ``source`` are known to look like; empty before its first good run."""
        with self._engine.connect() as connection:
            return merge.known_shape(connection, self.region, source)

    def latest(self, source: str, metrics: Iterable[str]) -> list[Latest]:
        """The newest observations of these metrics within two weeks."""
        if not (names := sorted(metrics)):
            return []
        place = {"region": self.region, "source": source, "metrics": names, "now": self._clock()}
        with self._engine.connect() as connection:
            found = connection.execute(sa.text(merge.LATEST), place)
            return [Latest(tuple(row[:6]), *row[6:]) for row in found]

    def save(
        self,
        source: str,
        items: Iterable[Item],
        *,
        started_at: datetime,
        finish: Callable[[], Tally],
        label: str | None = None,
    ) -> RunResult:
        """Save everything ``items`` yields, or nothing when ``items`` or ``finish`` raises.

        ``label``: under which the run and its cursor are kept, when not under the source's own name.
        """
        rows = iter(items)
        # Before a connection is taken: a source that never answers must not hold one meanwhile.
        first = list(islice(rows, CHUNK_ROWS))
        with self._engine.begin() as connection:
            merge.lock(connection, self.region, source)
            folding.settle(connection, self.region, self._config.region.timezone)
            merge.create_staging(connection)
            seen = staging.copy_all(connection, chain(first, rows))
            tally = finish()
            result = self._merge(connection, source, started_at, seen)
            return self._close(connection, source, started_at, tally, result, seen, label or source)

    def _merge(self, connection: Connection, source: str, at: datetime, seen: Seen) -> RunResult:
        place = {
            "region": self.region,
            "source": source,
            "zone": self._config.region.timezone,
            "recorded_at": self._clock(),
        }
        result = RunResult(source=source)
        if seen.withdrawn:
            seen.kinds |= merge.withdrawals(connection, place, seen.withdrawn)
        if seen.cases or seen.withdrawn:
            result.saved, result.revised = merge.cases(connection, place)
        if seen.events or seen.withdrawn:
            merge.events(connection, place, result.saved + result.revised)
        if seen.cases:
            reopened.keep(connection, place)
        if seen.observations:
            saved, revised = merge.observations(connection, place)
            result.saved, result.revised = result.saved + saved, result.revised + revised
        touched.trim(connection)
        return result

    def _close(
        self,
        connection: Connection,
        source: str,
        started_at: datetime,
        tally: Tally,
        result: RunResult,
        seen: Seen,
        label: str,
    ) -> RunResult:
        ended_at = self._clock()
        result.fetched, result.rejected, result.notes = tally.fetched, tally.rejected, tally.notes
        result.seconds = (ended_at - started_at).total_seconds()
        if tally.cursor is not None:
            merge.cursor(connection, self.region, label, tally.cursor, ended_at)
        if tally.shape is not None:
            merge.shape(connection, self.region, source, ended_at, tally.shape, tally.changes)
        for sort, names in (("kind", seen.kinds), ("metric", seen.metrics)):
            merge.deliveries(connection, self.region, source, sort, names)
        simulated = seen.simulated or (seen.empty and self._was_simulated(connection, source))
        self._record(connection, label, result, started_at, ended_at, simulated=simulated)
        self._tell(connection, result, sorted(seen.kinds), sorted(seen.metrics))
        return result

    def fail(
        self,
        source: str,
        *,
        started_at: datetime,
        error: SourceError,
        fetched: int = 0,
        rejected: int = 0,
        notes: dict[str, Any] | None = None,
        label: str | None = None,
    ) -> RunResult:
        """Record that a run of ``source`` failed; its data stay as they were."""
        result = RunResult(source=source, ok=False, fetched=fetched, rejected=rejected, notes=notes or {})
        result.error, result.error_code = str(error), error.code
        ended_at = self._clock()
        result.seconds = (ended_at - started_at).total_seconds()
        with self._engine.begin() as connection:
            simulated = self._was_simulated(connection, source)
            self._record(connection, label or source, result, started_at, ended_at, simulated=simulated)
            self._tell(connection, result, [], [])
        return result

    def _was_simulated(self, connection: Connection, source: str) -> bool:
        last = sa.select(runs.c.simulated).where(runs.c.region == self.region, runs.c.source == source, runs.c.ok)
        return bool(connection.scalar(last.order_by(runs.c.id.desc()).limit(1)))

    def _record(
        self,
        connection: Connection,
        label: str,
        result: RunResult,
        started_at: datetime,
        ended_at: datetime,
        *,
        simulated: bool,
    ) -> None:
        row = msgspec.structs.asdict(result)
        del row["seconds"], row["id"]
        row |= {"region": self.region, "source": label, "started_at": started_at, "ended_at": ended_at}
        row["simulated"] = simulated
        source = self._config.sources.get(label)
        stale_after = source.stale_after if source else timedelta()
        place = {"region": self.region, "source": label}
        punctuality.record(connection, place, row, stale_after, self._config.region.zone)
        result.id = connection.scalar(runs.insert().values(row).returning(runs.c.id))

    def _tell(self, connection: Connection, result: RunResult, kinds: list[str], metrics: list[str]) -> None:
        payload = {"region": self.region, "source": result.source, "ok": result.ok, "kinds": kinds}
        # A payload is limited to 8,000 bytes; without the list every metric of the source is meant.
        payload |= {"metrics": metrics[:50], "changed": bool(result.saved or result.revised)}
        notify(connection, RUNS_CHANNEL, payload)
