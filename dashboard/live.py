"""The push stream: each state is encoded once and fanned out to bounded mailboxes.

A mailbox only notes which panels its viewer has not seen; what is sent is the newest state there is.
So a slow viewer skips ahead and costs no memory. A viewer that connects gets every last state first.
With many viewers, what changes soon after the last sending goes out together (0.1 s for a thousand):
one writing per viewer, not one per panel. A few viewers wait for nothing.
A beat every 5 s carries the server's time, so that a browser knows its own skew and notices when
nobody speaks any more. While the database is away the beats and the last states go on.
"""

import asyncio
import logging
import threading
import uuid
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import orjson
import psycopg
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from city.database import listen, reason
from dashboard import states
from dashboard.publish import PANELS

BEAT_S = 5.0
GATHER_S_PER_VIEWER, LONGEST_GATHER_S = 1e-4, 0.1
FIRST_RETRY_S, LAST_RETRY_S = 0.5, 10.0

Key = tuple[str, str]  # page, panel

log = logging.getLogger("kendali.live")


class Encoded(NamedTuple):
    """A state as it is sent: with its body, and without for those who have that body."""

    hash: str
    whole: bytes
    stamp: bytes


class Mailbox:
    """What one viewer has not been sent yet: panels, each with whether its body is new to the viewer."""

    def __init__(self, pages: Iterable[str]) -> None:
        self.pages = frozenset(pages)
        self.due: dict[Key, bool] = {}
        self.ended = self._beat = False
        self._ready = asyncio.Event()

    def put(self, key: Key, *, body: bool) -> None:
        """Note a changed panel."""
        self.due[key] = body or self.due.get(key, False)
        self._ready.set()

    def beat(self) -> None:
        """Note that a beat is due."""
        self._beat = True
        self._ready.set()

    def end(self) -> None:
        """Let the viewer go."""
        self.ended = True
        self._ready.set()

    async def take(self) -> tuple[dict[Key, bool], bool]:
        """What is due, and whether a beat is, as soon as there is something."""
        await self._ready.wait()
        self._ready.clear()
        (due, self.due), (beat, self._beat) = (self.due, {}), (self._beat, False)
        return due, beat


class Hub:
    """The last state of every panel, and who watches. Start it inside the event loop."""

    def __init__(
        self,
        engine: Engine,
        region: str,
        pages: Sequence[str],
        clock: Callable[[], datetime],
        version: str,
        *,
        beat_s: float = BEAT_S,
    ) -> None:
        self._engine, self._region, self._clock, self._beat_s = engine, region, clock, beat_s
        self.version, self.boot = version, uuid.uuid4().hex[:8]
        self.last: dict[str, dict[str, dict[str, Any]]] = {page: {} for page in (*pages, states.CITY)}
        self._encoded: dict[Key, Encoded] = {}
        self._fresh: dict[Key, bool] = {}
        self._sent_at_s = 0.0
        self._boxes: set[Mailbox] = set()
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

    def let_go(self) -> None:
        """End every stream, so that a server which is told to stop need not wait; safe from a signal handler."""
        self._loop.call_soon_threadsafe(lambda: [box.end() for box in self._boxes])

    def viewers(self) -> int:
        """How many streams are open."""
        return len(self._boxes)

    async def stream(self, pages: Sequence[str]) -> AsyncIterator[bytes]:
        """The events of some pages for one viewer, the last states first."""
        self._deliver()  # to the others: this viewer gets the last states whole, and should not get them twice
        box = Mailbox(pages)
        self._boxes.add(box)
        try:
            whole = [sent.whole for (page, _), sent in self._encoded.items() if page in box.pages]
            yield b"retry: 1500\n\n" + self._beat_message() + b"".join(whole)
            while not box.ended:
                yield self._drain(*await box.take())
        finally:
            self._boxes.discard(box)

    def _drain(self, due: dict[Key, bool], beat: bool) -> bytes:
        parts = [self._encoded[key].whole if body else self._encoded[key].stamp for key, body in due.items()]
        return b"".join([*parts, self._beat_message()] if beat else parts)

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(self._beat_s)
            for box in self._boxes:
                box.beat()

    def _beat_message(self) -> bytes:
        # Made when it is sent: a beat that waited behind a slow line must not bring an old time.
        beat = {"now": self._clock().isoformat(), "boot": self.boot, "version": self.version}
        return b"event: beat\ndata: " + orjson.dumps(beat | {"database": self.connected}) + b"\n\n"

    def _follow(self) -> None:
        retry_s, url = FIRST_RETRY_S, self._engine.url.render_as_string(hide_password=False)
        while not self._stop.is_set():
            try:
                with listen(url, (PANELS,)) as heard:
                    # Listening first: what is published while the last states load is heard after them.
                    self._load_all()
                    self.connected, retry_s = True, FIRST_RETRY_S
                    while not self._stop.is_set():
                        self._take_in(heard.wait(0.5))
            except (psycopg.Error, sa.exc.SQLAlchemyError) as error:
                self.connected = False
                log.warning("database lost (%s); the screens keep what they have", reason(error))
                self._stop.wait(retry_s)
                retry_s = min(2 * retry_s, LAST_RETRY_S)

    def _load_all(self) -> None:
        for page in self.last:
            found = states.current(self._engine, self._region, page)
            self._hand_over(list(found.values()), anew=True)

    def _take_in(self, notes: list[tuple[str, dict[str, Any]]]) -> None:
        seqs = [seq for _, note in notes if note["region"] == self._region for seq in note["seqs"]]
        if seqs:
            self._hand_over(states.by_seq(self._engine, self._region, seqs))

    def _hand_over(self, found: list[dict[str, Any]], *, anew: bool = False) -> None:
        ready = [(state, self._encode(state)) for state in found if state["page"] in self.last]
        if ready and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._fan_out, ready, anew)

    def _encode(self, state: dict[str, Any]) -> Encoded:
        head = b"id: %b-%d\nevent: panel\ndata: " % (self.boot.encode(), state["seq"])
        stamp = {key: value for key, value in state.items() if key != "body"}
        return Encoded(*[state["hash"], *[head + orjson.dumps(part) + b"\n\n" for part in (state, stamp)]])

    def _fan_out(self, ready: list[tuple[dict[str, Any], Encoded]], anew: bool) -> None:
        """``anew``: after an outage the database is right, even where its numbers are lower than ours."""
        for state, encoded in ready:
            key = state["page"], state["panel"]
            known, before = self.last[key[0]].get(key[1]), self._encoded.get(key)
            if known and (known["seq"] == state["seq"] or (known["seq"] > state["seq"] and not anew)):
                continue
            self.last[key[0]][key[1]], self._encoded[key] = state, encoded
            new = before is None or before.hash != encoded.hash
            if not self._fresh:
                gather_s = min(LONGEST_GATHER_S, GATHER_S_PER_VIEWER * len(self._boxes))
                self._loop.call_at(self._sent_at_s + gather_s, self._deliver)
            self._fresh[key] = new or self._fresh.get(key, False)

    def _deliver(self) -> None:
        if not self._fresh:
            return
        fresh, self._fresh, self._sent_at_s = self._fresh, {}, self._loop.time()
        for box in self._boxes:
            for key, body in fresh.items():
                if key[0] in box.pages:
                    box.put(key, body=body)
