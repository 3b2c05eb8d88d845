"""What changed -> which panels -> panel states: each panel is computed once, whoever watches.

Listens for finished runs, gathers those of a moment, computes the affected panels and stores what
they show; each goes out as soon as it is ready. A run that brought nothing new only moves ``as_of``.
A tick recomputes everything for the metrics of "now" and sends what differs. One panel that fails
shows its failure; the others go on. One publisher a region; a second one waits for its lock.
"""

import hashlib
import logging
import threading
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

import orjson
import psycopg
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.engine import Connection, Engine

from city.config import Config
from city.database import listen, notify
from city.queries import Queries, SourceState
from city.tables import panel_bodies, panel_states
from dashboard.words import Words

RUNS, PANELS = "kendali_runs", "kendali_panels"
DEBOUNCE_S, TICK_S, RETRY_S = 0.02, 15.0, (0.5, 1, 2, 4, 8)
KEEP = timedelta(days=30)

log = logging.getLogger("kendali.publish")


class Publisher:
    """Publishes the pages of one region. Hand it a writing engine; ``run`` returns when told to stop."""

    def __init__(
        self, engine: Engine, config: Config, pages: Sequence[Any], queries: Queries, clock: Callable[[], datetime]
    ) -> None:
        self._engine, self._config, self._queries, self._clock = engine, config, queries, clock
        self._words = Words(config)
        self._panels = [(page.name, panel) for page in pages for panel in page.panels.values()]
        self._sent: dict[tuple[str, str], tuple[bytes, bytes]] = {}
        self._broken: dict[tuple[str, str], str] = {}
        self._tick_s = TICK_S

    def run(self, stop: threading.Event) -> None:
        """Publish until ``stop``; survives the database going away and coming back."""
        tries = 0
        while not stop.is_set():
            try:
                self._publish_while_connected(stop)
                tries = 0
            except (psycopg.Error, sa.exc.DBAPIError) as error:
                log.warning("database lost (%s); trying again", type(error).__name__)
                stop.wait(RETRY_S[min(tries, len(RETRY_S) - 1)])
                tries += 1

    def _publish_while_connected(self, stop: threading.Event) -> None:
        url = self._engine.url.render_as_string(hide_password=False)
        with listen(url, (RUNS,)) as heard, self._engine.connect() as leader:
            while not _lead(leader, self._config.region.code):
                if stop.wait(1):
                    return
            self._sent.clear()
            self.publish(self._panels)
            self._prune()
            next_tick = self._clock() + timedelta(seconds=self._tick_s)
            while not stop.is_set():
                left = (next_tick - self._clock()).total_seconds()
                notes = [payload for _, payload in heard.wait(max(0.01, min(0.5, left)))]
                if notes:
                    # A moment for others that commit together, then one pass for all of them.
                    stop.wait(DEBOUNCE_S)
                    notes += [payload for _, payload in heard.wait(0.001)]
                    self.changed(notes)
                elif left <= 0:
                    next_tick = self._clock() + timedelta(seconds=self._tick_s)
                    self.publish(self._panels)

    def changed(self, notes: Iterable[dict[str, Any]]) -> None:
        """Publish what the finished runs in ``notes`` touch."""
        mine = [note for note in notes if note["region"] == self._config.region.code]
        sources = {note["source"] for note in mine}
        news = {note["source"] for note in mine if note["changed"]}
        touched = [item for item in self._panels if sources & set(item[1].sources)]
        fresh = [item for item in touched if news & set(item[1].sources) or (item[0], item[1].name) not in self._sent]
        self.publish(fresh)
        self._restamp([item for item in touched if item not in fresh])

    def publish(self, items: Sequence[tuple[str, Any]]) -> None:
        """Compute and send panels, each as soon as it is ready."""
        states = {state.name: state for state in self._queries.source_states()} if items else {}
        for page, panel in items:
            body, n = self._body(page, panel)
            stamp = self._stamp(page, panel, states, missing=body is None, n=n)
            self._send([(page, panel.name, stamp, body)])

    def _body(self, page: str, panel: Any) -> tuple[bytes | None, int]:
        """What the panel draws, encoded; the last body when it fails, so that its age can go on showing."""
        try:
            reading = panel.module.load(panel.args, self._queries)
            self._broken.pop((page, panel.name), None)
            if reading is None:
                return None, 0
            return encode(panel.module.draw(panel.args, reading, self._words)), reading.n
        except (psycopg.Error, sa.exc.OperationalError):
            raise
        except Exception as error:  # noqa: BLE001 - a panel's own fault must not take the wall with it
            if (page, panel.name) not in self._broken:
                log.exception("panel %s/%s failed", page, panel.name)
            self._broken[page, panel.name] = type(error).__name__
            last = self._sent.get((page, panel.name))
            return (last[1] if last else None), 0

    def _restamp(self, items: Sequence[tuple[str, Any]]) -> None:
        if not items:
            return
        states = {state.name: state for state in self._queries.source_states()}
        known = [(page, panel, self._sent[page, panel.name]) for page, panel in items]
        self._send(
            [
                (page, panel.name, self._stamp(page, panel, states, **_kept(last[0])), last[1])
                for page, panel, last in known
            ]
        )

    def _stamp(self, page: str, panel: Any, states: dict[str, SourceState], *, missing: bool, n: int) -> dict[str, Any]:
        mine = [states[name] for name in panel.sources if name in states]
        known = [state.last_ok_at for state in mine if state.last_ok_at]
        as_of = min(known) if known else None
        return {
            "as_of": as_of.isoformat() if as_of else None,
            "stale_after_s": panel.stale_after_s,
            "expires_after_s": panel.expires_after_s,
            "failure": self._failure(page, panel, mine),
            "missing": missing or as_of is None,
            "simulated": any(state.simulated for state in mine),
            "source": ", ".join(state.title for state in mine),
            "n": n,
        }

    def _failure(self, page: str, panel: Any, states: Sequence[SourceState]) -> dict[str, Any] | None:
        if (page, panel.name) in self._broken:
            return {
                "since": None,
                "tries": 1,
                "code": "K-200",
                "text": f"Panel gagal dihitung ({self._broken[page, panel.name]}).",
            }
        worst = max(states, key=lambda state: state.failures, default=None)
        if worst is None or not worst.failures:
            return None
        since = self._words.time(worst.since) if worst.since else ""
        text = f"{worst.title} tidak terbaca sejak {since}, {worst.failures} kali dicoba. Kode {worst.error_code}."
        return {"since": since, "tries": worst.failures, "code": worst.error_code, "text": text}

    def _send(self, items: Sequence[tuple[str, str, dict[str, Any], bytes | None]]) -> None:
        """Store what differs from what was sent last, and say so; all of it in one transaction."""
        news = [(p, n, orjson.dumps(stamp), body or b"null") for p, n, stamp, body in items]
        news = [(p, n, stamp, body) for p, n, stamp, body in news if self._sent.get((p, n)) != (stamp, body)]
        for page in dict.fromkeys(item[0] for item in news):
            with self._engine.begin() as connection:
                seqs = [self._store(connection, *item) for item in news if item[0] == page]
                notify(connection, PANELS, {"region": self._config.region.code, "page": page, "seqs": seqs})
        self._sent |= {(p, n): (stamp, body) for p, n, stamp, body in news}

    def _store(self, connection: Connection, page: str, panel: str, stamp: bytes, body: bytes) -> int:
        digest = hashlib.blake2b(body, digest_size=16).digest()
        row = insert(panel_bodies).from_select(["hash", "body"], _json_row(digest, body))
        connection.execute(row.on_conflict_do_nothing())
        state = sa.text(_STATE).bindparams(
            region=self._config.region.code, page=page, panel=panel, at=self._clock(), stamp=stamp.decode(), hash=digest
        )
        return int(connection.execute(state).scalar_one())

    def _prune(self) -> None:
        old = self._clock() - KEEP
        with self._engine.begin() as connection:
            connection.execute(sa.delete(panel_states).where(panel_states.c.published_at < old))
            used = sa.select(panel_states.c.hash).where(panel_states.c.hash == panel_bodies.c.hash).exists()
            connection.execute(sa.delete(panel_bodies).where(~used))


_STATE = """
insert into panel_states (region, page, panel, published_at, stamp, hash)
values (:region, :page, :panel, :at, cast(:stamp as json), :hash) returning seq
"""


def _json_row(digest: bytes, body: bytes) -> Any:
    return sa.select(sa.literal(digest, sa.LargeBinary), sa.cast(sa.literal(body.decode(), sa.Text), sa.JSON))


def _kept(stamp: bytes) -> dict[str, Any]:
    old = orjson.loads(stamp)
    return {"missing": old["missing"], "n": old["n"]}


def _lead(connection: Connection, region: str) -> bool:
    key = {"key": f"kendali publish {region}"}
    return bool(connection.scalar(sa.text("select pg_try_advisory_lock(hashtextextended(:key, 0))"), key))


def encode(component: Any) -> bytes:
    """A component tree as the JSON the browser's renderer takes."""
    return orjson.dumps(component, default=lambda item: item.to_plotly_json(), option=orjson.OPT_NON_STR_KEYS)


def states(connection: Connection, region: str, page: str, at: datetime | None = None) -> list[dict[str, Any]]:
    """What each panel of a page shows now, or showed at ``at``, as it was streamed."""
    until = "and published_at <= :at" if at else ""
    sql = f"""select distinct on (panel) seq, page, panel, published_at, stamp, hash, body
        from panel_states join panel_bodies using (hash)
        where region = :region and page = :page {until} order by panel, seq desc"""
    values = {"region": region, "page": page} | ({"at": at} if at else {})
    return [_state(row) for row in connection.execute(sa.text(sql), values).mappings()]


def by_seq(connection: Connection, seqs: Sequence[int]) -> list[dict[str, Any]]:
    """The states that a notification names."""
    sql = """select seq, page, panel, published_at, stamp, hash, body from panel_states join panel_bodies using (hash)
        where seq = any(:seqs) order by seq"""
    return [_state(row) for row in connection.execute(sa.text(sql), {"seqs": list(seqs)}).mappings()]


def _state(row: Any) -> dict[str, Any]:
    head = {
        "page": row["page"],
        "panel": row["panel"],
        "seq": row["seq"],
        "published_at": row["published_at"].isoformat(),
    }
    return head | row["stamp"] | {"hash": row["hash"].hex(), "body": row["body"]}
