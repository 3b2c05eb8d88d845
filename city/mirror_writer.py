"""Keeps the mirror of a region up with PostgreSQL: the months that were touched, all of them, or a check."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import psycopg
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from city import mirror, mirror_export, touched
from city.database import Listener, listen, reason
from city.mirror import Manifest, Piece
from city.store import RUNS_CHANNEL

#: At least this often PostgreSQL is asked, whatever was told; and no more often than that.
LOOK_EVERY_S, PAUSE_S = 3.0, 0.5
#: Files that a reader may still be at.
LEFT_S = 120.0

log = logging.getLogger("kendali.mirror")
Month = tuple[str, str]
#: Called with (done, of) after each month.
Told = Callable[[int, int], None]


@dataclass
class Writer:
    """Writes the mirror of ``region`` in ``folder``; ``engine`` needs no right to write."""

    engine: Engine
    region: str
    folder: Path
    clock: Callable[[], datetime]
    told: Told = field(default=lambda done, of: None)

    def catch_up(self, *, rebuild: bool = False) -> int:
        """Write what changed since the mirror's snapshot, or everything. Returns how many months were written."""
        with mirror.writing(self.folder), self._snapshot() as connection:
            known = None if rebuild else mirror.load(self.folder)
            at, snapshot, zone = self._now(connection)
            if known and (known.zone != zone or not _follows(connection, known, at)):
                known = None
            todo = touched.since(connection, self.region, known.snapshot) if known else self._all(connection)
            if known is None or todo:
                pieces = self._written(connection, known, todo, zone)
                mirror.replace(self.folder, Manifest(self.region, zone, snapshot, at, pieces))
                self._sweep(pieces)
            mirror.looked(self.folder, at)
            return len(todo)

    def _snapshot(self) -> Connection:
        return self.engine.connect().execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)

    def _now(self, connection: Connection) -> tuple[datetime, str, str]:
        at = self.clock()  # before the snapshot: the mirror may be younger than it says, never older
        asked = "select pg_current_snapshot()::text, (select zone from regions where region = :region)"
        snapshot, zone = connection.execute(sa.text(asked), {"region": self.region}).one()
        return at, snapshot, zone or ""

    def _all(self, connection: Connection) -> list[Month]:
        return [(name, one) for name in mirror_export.SHAPES
                for one in mirror_export.months(connection, self.region, name)]  # fmt: skip

    def _written(
        self, connection: Connection, known: Manifest | None, todo: list[Month], zone: str
    ) -> dict[str, dict[str, Piece]]:
        pieces = {name: dict(known.pieces.get(name, {})) if known else {} for name in mirror_export.SHAPES}
        leads = {name: mirror_export.leads(connection, self.region, name) for name in {name for name, _ in todo}}
        with mirror_export.engine(self.folder) as duck:
            for number, (name, month) in enumerate(sorted(todo), 1):  # events come before cases
                events = [piece.file for piece in pieces["case_events"].values()]
                piece = mirror_export.export(
                    connection, duck, self.folder, self.region, name, month, zone or "UTC", leads[name], events
                )
                pieces[name].pop(month, None)
                if piece:
                    pieces[name][month] = piece
                self.told(number, len(todo))
        return {name: dict(sorted(months.items())) for name, months in pieces.items()}

    def _sweep(self, pieces: dict[str, dict[str, Piece]]) -> None:
        """Remove files that are not the mirror's any more, when no reader can be at them."""
        named = {piece.file for months in pieces.values() for piece in months.values()}
        for path in self.folder.glob("*-*.*"):
            if path.name not in named and time.time() - path.stat().st_mtime > LEFT_S:
                path.unlink(missing_ok=True)

    def check(self) -> list[str]:
        """What of the mirror is not what PostgreSQL had at its snapshot, month by month; nothing when all is well."""
        with mirror.writing(self.folder), self._snapshot() as connection:
            known = mirror.load(self.folder)
            at, _, zone = self._now(connection)
            if known is None:
                return ["there is no whole mirror; `run.py mirror` writes one"]
            if known.zone != zone or not _follows(connection, known, at):
                return ["the mirror is of another database or time zone; `run.py mirror --rebuild` writes it anew"]
            later = set(touched.since(connection, self.region, known.snapshot))
            with mirror_export.engine(self.folder) as duck:
                problems = [self._differences(connection, duck, known, name, later) for name in mirror_export.SHAPES]
            return [one for some in problems for one in some]

    def _differences(
        self, connection: Connection, duck: mirror_export.Duck, known: Manifest, name: str,
        later: set[Month],
    ) -> list[str]:  # fmt: skip
        has = mirror_export.totals_of_postgres(connection, self.region, name, known.zone or "UTC")
        holds = {month: mirror_export.totals(duck, name, self.folder / piece.file)
                 for month, piece in known.pieces.get(name, {}).items()}  # fmt: skip
        told = {month: (piece.rows, piece.checksum) for month, piece in known.pieces.get(name, {}).items()}
        found = []
        for month in sorted({*has, *holds}):
            there, here = has.get(month, (0, "0")), holds.get(month, (0, "0"))
            if here != told.get(month, here):
                found.append(f"{name} {month}: the file is not the one that was written")
            elif here[0] and not mirror_export.told(duck, self.folder, known, name, month):
                found.append(f"{name} {month}: the file does not say what the events tell")
            elif (name, month) not in later and there != here:
                found.append(f"{name} {month}: PostgreSQL has {there[0]} rows, the mirror {here[0]}"
                             + (", with other contents" if there[0] == here[0] else ""))  # fmt: skip
        return found

    def follow(self, url: str, stop: threading.Event) -> None:
        """Stay within seconds of what is committed until ``stop`` is set; a lost database is waited for."""
        lost = False
        while not stop.is_set():
            try:
                with listen(url, (RUNS_CHANNEL,)) as listener:
                    while not stop.is_set():
                        self.catch_up()
                        if lost:
                            log.info("the mirror follows again")
                        lost = False
                        stop.wait(PAUSE_S)
                        _wait_for_news(listener, stop)
            except (psycopg.OperationalError, sa.exc.OperationalError) as error:
                if not lost:
                    log.warning("the mirror waits for the database: %s", reason(error))
                lost = not stop.wait(1.0)


def _wait_for_news(listener: Listener, stop: threading.Event) -> None:
    """Until somebody tells of a run, at most ``LOOK_EVERY_S``; a stop is not kept waiting."""
    until = time.monotonic() + LOOK_EVERY_S
    while not stop.is_set() and time.monotonic() < until:
        if listener.wait(PAUSE_S):
            return


def _follows(connection: Connection, known: Manifest, now: datetime) -> bool:
    """Whether the marks of what changed since ``known`` are all there: same database, and not too long ago."""
    newest = "select pg_snapshot_xmax(pg_current_snapshot()) >= pg_snapshot_xmax(cast(:known as pg_snapshot))"
    young = now - known.as_of < touched.KEPT * 0.9
    return young and bool(connection.scalar(sa.text(newest), {"known": known.snapshot}))
