"""What changed -> which panels -> panel states: each panel is computed once, whoever watches.

Listens for finished runs, gathers those of a moment, computes the affected panels and stores what
they show; each goes out as soon as it is ready, the cheap before the dear (:mod:`dashboard.agenda`).
A run that brought nothing new only moves ``as_of``. A tick computes the panels anew, since "now" has
moved, and sends what differs. One panel that fails shows its failure; the others go on. One publisher
a region; a second one waits for its lock.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import psycopg
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from city.config import Config
from city.database import Listener, listen, notify, reason
from city.queries import Queries, SourceState
from city.stage_log import CHANNEL
from dashboard import panels, states
from dashboard.agenda import Agenda, Item
from dashboard.city_page import city_page
from dashboard.history import Past
from dashboard.lead import answers, leads
from dashboard.stamps import Fault, Stamper
from dashboard.states import News, at, current, encode
from dashboard.touch import asked, touched
from dashboard.watching import Watching
from dashboard.words import Words

__all__ = ["PANELS", "Publisher", "at", "current"]

RUNS, PANELS = "kendali_runs", "kendali_panels"
FIRST_RETRY_S, LAST_RETRY_S = 0.5, 10.0
STANDBY_S, PRUNE_S, NEXT_PRUNE_S = 1.0, 3_600.0, 1.0

log = logging.getLogger("kendali.publish")


class Publisher:
    """Publishes the pages of one region. Hand it a writing engine; :meth:`run` returns when told to stop."""

    def __init__(
        self,
        engine: Engine,
        config: Config,
        pages: Sequence[Any],
        queries: Queries,
        clock: Callable[[], datetime],
        *,
        debounce_s: float = 0.025,
        tick_s: float = 15.0,
    ) -> None:
        self._engine, self._region, self._queries, self._clock = engine, config.region.code, queries, clock
        self._debounce_s, self._tick_s = debounce_s, tick_s
        self._past = Past(config.region.code, config.history, clock)
        self._words = Words(config)
        self._stamper = Stamper(self._words, clock)
        self.items: list[Item] = [(page.name, panel) for page in (*pages, city_page(config))
                                  for panel in page.panels.values()]  # fmt: skip
        self._watching = Watching(config, queries, clock, self._words)
        self._metrics = {(page, panel.name): panel.metrics for page, panel in self.items}
        self._asked = {(page, panel.name): asked(queries, panel) for page, panel in self.items}
        self._known: dict[tuple[str, str], News] = {}
        self._agenda = Agenda()
        self._seen: dict[str, SourceState] = {}
        self._retry_s = FIRST_RETRY_S

    def run(self, stop: threading.Event) -> None:
        """Publish until ``stop``; survives the database going away and coming back."""
        while not stop.is_set():
            try:
                self._serve(stop)
            except (psycopg.Error, sa.exc.SQLAlchemyError) as error:
                log.warning("database lost (%s); next try in %.1f s", reason(error), self._retry_s)
                stop.wait(self._retry_s)
                self._retry_s = min(2 * self._retry_s, LAST_RETRY_S)

    def _serve(self, stop: threading.Event) -> None:
        # The connection that holds the lock also writes: whoever lost the lock cannot write any more.
        with self._engine.connect() as connection:
            connection.detach()  # closing it must give the lock back, not return it to a pool
            # What is published can be computed again: a screen need not wait for the disk.
            connection.exec_driver_sql("set synchronous_commit = off")
            connection.commit()
            while not leads(connection, self._region):
                if stop.wait(STANDBY_S):
                    return
            with listen(self._engine.url.render_as_string(hide_password=False), (RUNS, CHANNEL)) as heard:
                self.restore()
                self._agenda.add(self.items)
                self._look()
                self._follow(connection, heard, stop)

    def _follow(self, connection: Connection, heard: Listener, stop: threading.Event) -> None:
        next_tick, next_prune = time.monotonic() + self._tick_s, time.monotonic()
        while not stop.is_set():
            wait_s = 0.0 if self._agenda else max(0.01, min(0.5, next_tick - time.monotonic()))
            if notes := heard.wait(wait_s):
                self._hear(connection, [payload for _, payload in notes + self._gather(heard)])
            if time.monotonic() >= next_tick:
                answers(connection)
                self._look()
                self._agenda.tick(self.items)
                next_tick = time.monotonic() + self._tick_s
            if time.monotonic() >= next_prune:
                next_prune = time.monotonic() + (NEXT_PRUNE_S if self.prune(connection) else PRUNE_S)
            self._step(connection)
            self._retry_s = FIRST_RETRY_S

    def _gather(self, heard: Listener) -> list[tuple[str, dict[str, Any]]]:
        """What else is said within a moment: one pass for all of it."""
        notes: list[tuple[str, dict[str, Any]]] = []
        until = time.monotonic() + self._debounce_s
        while (left := until - time.monotonic()) > 0:
            notes += heard.wait(left)
        return notes

    def restore(self) -> None:
        """Remember what the screens show, so that only what differs is sent."""
        self._watching.restore()
        for page in dict.fromkeys(page for page, _ in self.items):
            for name, state in current(self._engine, self._region, page).items():
                self._known[page, name] = News(name, _stamp_of(state), bytes.fromhex(state["hash"]), None)

    def changed(self, connection: Connection, notes: Iterable[Mapping[str, Any]]) -> None:
        """Publish what finished runs touch: computed anew where they brought something, else only restamped."""
        self._hear(connection, notes)
        self._finish(connection)

    def _hear(self, connection: Connection, notes: Iterable[Mapping[str, Any]]) -> None:
        mine = [note for note in notes if note["region"] == self._region]
        touched = [(item, touch) for item in self.items if (touch := self._touch(item, mine))]
        if touched:
            self._look()
            self._restamp(connection, [item for item, touch in touched if touch == "age"])
            self._agenda.add(item for item, touch in touched if touch == "body")

    def _look(self) -> None:
        # Asked before the panels: what a run brings in between may look older than it is, never younger.
        self._seen = {state.name: state for state in self._queries.look()}
        self._watching.due = True

    def _touch(self, item: Item, notes: Iterable[Mapping[str, Any]]) -> str:
        page, panel = item
        touch = touched(panel.kind, self._asked[page, panel.name], self._stamper.sources(page, panel), notes)
        known = self._known.get((page, panel.name))
        # A panel without a body, or one that could not be computed, takes every chance.
        waits = known is None or known.stamp["missing"] or self._stamper.is_broken(page, panel)
        return "body" if touch and waits else touch

    def publish(self, connection: Connection, items: Sequence[Item]) -> None:
        """Compute panels and send those that differ, each as soon as it is ready."""
        self._agenda.add(items)
        self._look()
        self._finish(connection)

    def _finish(self, connection: Connection) -> None:
        while self._step(connection):
            pass

    def _step(self, connection: Connection) -> bool:
        """Compute and send the next panel that is due; False when none is."""
        if not self._agenda:
            return False
        page, panel = item = self._agenda.take()
        began = time.monotonic()
        try:
            with self._queries.held():
                news = self._compute(connection, page, panel, self._seen)
            self._send(connection, page, [news])
        finally:
            self._agenda.took(item, time.monotonic() - began)
        return True

    def _compute(self, connection: Connection, page: str, panel: Any, seen: Mapping[str, SourceState]) -> News:
        try:
            if panels.watches(panel.module) or self._watching.marks(self._metrics[page, panel.name]):
                self._judge(connection, (page, panel))
            reading = panel.module.load(panel.args, self._queries)
            body = b"null" if reading is None else encode(panel.module.draw(panel.args, reading, self._words))
        except Exception as error:  # a panel's own fault must not take the wall with it
            answers(connection)  # raises when it is the database that went
            return self._broken(page, panel, error, seen)
        self._stamper.mended(page, panel)
        return News(panel.name, self._stamper.stamp(page, panel, reading, seen), states.digest(body), body)

    def _judge(self, connection: Connection, item: Item) -> None:
        """Look at the limits before what shows them; where one has changed, so do its frames and its panels."""
        turned = self._watching.look(connection, self._seen)
        if not turned:
            return
        for name in dict.fromkeys(page for page, _ in self._known):
            self._send(connection, name, [known for (page, _), known in self._known.items() if page == name])
        shows = {key for key, metrics in self._metrics.items() if not turned.isdisjoint(metrics)}
        self._agenda.add(other for other in self.items if (other[0], other[1].name) in shows and other != item)

    def _broken(self, page: str, panel: Any, error: Exception, seen: Mapping[str, SourceState]) -> News:
        """The last body with its old age, and what is wrong."""
        fault: Fault = self._stamper.broke(page, panel)
        if fault.tries == 1:
            log.error("panel %s/%s cannot be computed", page, panel.name, exc_info=error)
        known = self._known.get((page, panel.name))
        stamp = self._stamper.kept(page, panel, known.stamp if known else None, seen)
        return News(panel.name, stamp, known.hash, None) if known else News(panel.name, stamp, _EMPTY, b"null")

    def _restamp(self, connection: Connection, items: Sequence[Item]) -> None:
        for name in dict.fromkeys(page for page, _ in items):
            old = [(panel, self._known[page, panel.name]) for page, panel in items if page == name]
            stamps = [self._stamper.restamp(name, panel, known.stamp, self._seen) for panel, known in old]
            news = [known._replace(stamp=stamp, body=None) for (_, known), stamp in zip(old, stamps, strict=True)]
            self._send(connection, name, news)

    def _send(self, connection: Connection, page: str, news: Sequence[News]) -> None:
        """Store what differs from what was sent last, and say so; all of it in one transaction."""
        known = self._known
        news = [self._flagged(page, item) for item in news]
        news = [item for item in news if _differs(known.get((page, item.panel)), item)]
        if not news:
            return
        with connection.begin():
            seqs = states.save(connection, self._region, page, news, self._clock())
            notify(connection, PANELS, {"region": self._region, "page": page, "seqs": seqs})
        known |= {(page, item.panel): item._replace(body=None) for item in news}

    def _flagged(self, page: str, item: News) -> News:
        """With the worst priority that stands among the panel's metrics: what may take the screen."""
        breach = self._watching.priority(self._metrics.get((page, item.panel), ()))
        return item._replace(stamp={**item.stamp, "breach": breach})

    def prune(self, connection: Connection) -> bool:
        """Thin and forget what is old, as much as a moment allows; whether some of it is left for the next."""
        return self._past.step(connection)


_EMPTY = states.digest(b"null")
_NOT_STAMP = ("page", "panel", "seq", "published_at", "hash", "body")


def _stamp_of(state: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in state.items() if key not in _NOT_STAMP}


def _differs(known: News | None, item: News) -> bool:
    return known is None or (known.hash, known.stamp) != (item.hash, item.stamp)
