"""The push stream: each state is encoded once and fanned out to bounded mailboxes.

A mailbox holds at most the newest state of each panel, so a slow viewer skips ahead and costs no
memory. A viewer that connects gets every last state first. A beat every 5 s carries the server's
time, so that a browser knows its own skew and notices when nobody speaks any more.
"""

import asyncio
import logging
import threading
import uuid
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime
from typing import Any

import orjson
import psycopg
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from city.database import listen
from dashboard import publish

BEAT_S = 5.0
RETRY_S = (0.5, 1, 2, 4, 8)

log = logging.getLogger("kendali.live")


class Mailbox:
    """What one viewer has not been sent yet: the newest message of each panel, in order of arrival."""

    def __init__(self) -> None:
        self._waiting: dict[str, bytes] = {}
        self._ready = asyncio.Event()

    def put(self, key: str, message: bytes) -> None:
        """Replace what waits for ``key``."""
        self._waiting.pop(key, None)
        self._waiting[key] = message
        self._ready.set()

    async def take(self) -> bytes:
        """Everything that waits, as soon as there is something."""
        await self._ready.wait()
        self._ready.clear()
        waiting, self._waiting = self._waiting, {}
        return b"".join(waiting.values())


class Hub:
    """The last state of every panel, and who watches. ``start`` it inside the event loop."""

    def __init__(
        self, engine: Engine, region: str, pages: Sequence[str], clock: Callable[[], datetime], version: str
    ) -> None:
        self._engine, self._region, self._pages, self._clock = engine, region, list(pages), clock
        self.version, self.boot = version, uuid.uuid4().hex[:8]
        self.last: dict[str, dict[str, dict[str, Any]]] = {page: {} for page in pages}
        self._encoded: dict[str, dict[str, bytes]] = {page: {} for page in pages}
        self._viewers: dict[str, set[Mailbox]] = {page: set() for page in pages}
        self._stop = threading.Event()
        self.connected = False

    async def start(self) -> None:
        """Begin to follow the database, in a thread of its own, and to beat."""
        self._loop = asyncio.get_running_loop()
        self._thread = threading.Thread(target=self._follow, daemon=True, name="live")
        self._thread.start()
        self._beating = asyncio.create_task(self._beat())

    async def stop(self) -> None:
        """Stop following."""
        self._stop.set()
        self._beating.cancel()
        await asyncio.to_thread(self._thread.join, 2)

    def viewers(self) -> int:
        """How many streams are open."""
        return sum(map(len, self._viewers.values()))

    async def stream(self, page: str) -> AsyncIterator[bytes]:
        """The events of a page for one viewer, the last states first."""
        box = Mailbox()
        self._viewers[page].add(box)
        try:
            yield b"retry: 1500\n\n" + self._beat_message() + b"".join(self._encoded[page].values())
            while True:
                yield await box.take()
        finally:
            self._viewers[page].discard(box)

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(BEAT_S)
            message = self._beat_message()
            for box in [box for boxes in self._viewers.values() for box in boxes]:
                box.put("beat", message)

    def _beat_message(self) -> bytes:
        beat = {"now": self._clock().isoformat(), "boot": self.boot, "version": self.version}
        return b"event: beat\ndata: " + orjson.dumps(beat) + b"\n\n"

    def _follow(self) -> None:
        tries = 0
        url = self._engine.url.render_as_string(hide_password=False)
        while not self._stop.is_set():
            try:
                with listen(url, (publish.PANELS,)) as heard:
                    self._load_all()
                    self.connected, tries = True, 0
                    while not self._stop.is_set():
                        self._take_in(heard.wait(0.5))
            except (psycopg.Error, sa.exc.DBAPIError) as error:
                self.connected = False
                log.warning("database lost (%s); the screens keep what they have", type(error).__name__)
                self._stop.wait(RETRY_S[min(tries, len(RETRY_S) - 1)])
                tries += 1

    def _load_all(self) -> None:
        for page in self._pages:
            with self._engine.connect() as connection:
                found = publish.states(connection, self._region, page)
            self._hand_over(found)

    def _take_in(self, notes: list[tuple[str, dict[str, Any]]]) -> None:
        seqs = [seq for _, note in notes if note["region"] == self._region for seq in note["seqs"]]
        if seqs:
            with self._engine.connect() as connection:
                found = publish.by_seq(connection, seqs)
            self._hand_over(found)

    def _hand_over(self, states: list[dict[str, Any]]) -> None:
        ready = [(state, self._encode(state)) for state in states if state["page"] in self.last]
        if ready and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._fan_out, ready)

    def _encode(self, state: dict[str, Any]) -> bytes:
        return b"id: %b-%d\nevent: panel\ndata: %b\n\n" % (self.boot.encode(), state["seq"], orjson.dumps(state))

    def _fan_out(self, ready: list[tuple[dict[str, Any], bytes]]) -> None:
        for state, message in ready:
            page, panel = state["page"], state["panel"]
            known = self.last[page].get(panel)
            if known and known["seq"] >= state["seq"]:
                continue
            self.last[page][panel], self._encoded[page][panel] = state, message
            for box in self._viewers[page]:
                box.put(panel, message)
