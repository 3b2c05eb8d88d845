"""Which screens may look: the register as the web process knows it, and the way of a new screen into it.

A screen that is not known gets a secret (an HttpOnly cookie) and a short code. The web's role cannot write, so that
it asks is a notice, heard by the publisher (dashboard/registrar.py); it is repeated while the screen waits, so a
publisher that was away takes it in later. The register is read again whenever somebody says that it has changed.
While the database is away what was known last still holds; what was never read lets nobody in.
"""

import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import psycopg
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from city import paired
from city.database import listen, notify, reason
from city.paired import Paired

TOKEN = "kendali_token"
AWAY, UNKNOWN, ASKING, FULL = "away", "unknown", "asking", "full"
#: A notice that is not taken in is said again this often; then the screen gets another code.
AGAIN, GIVE_UP = timedelta(seconds=2), timedelta(seconds=60)
#: New codes: for one address one in this time, and at most so many that wait.
PAUSE, MOST_OF_ONE = timedelta(seconds=2), 10
READ_S, RETRY_S = 20.0, 2.0
SEEN = timedelta(seconds=60)

log = logging.getLogger("kendali.screens")


class Asked(NamedTuple):
    """A screen that asks and was not seen in the register yet."""

    code: str
    address: str
    asked_at: datetime
    told_at: datetime


class Pairing:
    """The register of one region for one web process. Thread-safe: what is read is replaced as a whole."""

    def __init__(self, engine: Engine, region: str, clock: Callable[[], datetime]) -> None:
        self._engine, self._region, self._clock = engine, region, clock
        self._known: dict[bytes, Paired] | None = None
        self._asked: dict[bytes, Asked] = {}
        self._seen: set[int] = set()
        self._told_seen_at = clock()
        self._lock = threading.Lock()

    def start(self, stop: threading.Event) -> None:
        """Read the register, and follow it in a thread of its own until ``stop``."""
        try:
            self.read()
        except sa.exc.SQLAlchemyError as error:
            log.warning("the register of screens cannot be read (%s); nobody is let in yet", reason(error))
        threading.Thread(target=self._follow, args=(stop,), daemon=True, name="pairing").start()

    def _follow(self, stop: threading.Event) -> None:
        url = self._engine.url.render_as_string(hide_password=False)
        while not stop.is_set():
            try:
                with listen(url, (paired.CHANGED,)) as heard:
                    while not stop.is_set():
                        self.read()
                        self._tell_seen()
                        heard.wait(READ_S)
            except (psycopg.Error, sa.exc.SQLAlchemyError):
                stop.wait(RETRY_S)

    def read(self) -> None:
        """Read the register. Raises SQLAlchemyError."""
        with self._engine.connect() as connection:
            found = paired.load(connection, self._region)
        self._known = {one.token_hash: one for one in found}

    def known(self, token: str) -> Paired | None:
        """The row of a secret; None for one that is in no row of this region."""
        return (self._known or {}).get(paired.digest(token)) if token else None

    def approved(self) -> dict[str, tuple[str, datetime | None]]:
        """The screens that must be there: identity -> name and when they were last seen."""
        rows = (self._known or {}).values()
        return {str(one.id): (one.name or "", one.last_seen_at) for one in rows if one.state == paired.APPROVED}

    def standing(self, token: str) -> str:
        """How the holder of a secret stands: approved, revoked, waiting, asking, unknown, or away (not read yet)."""
        if self._known is None:
            return AWAY
        one = self.known(token)
        if one and (one.state != paired.WAITING or one.waits(self._clock())):
            return one.state
        asked = self._asked.get(paired.digest(token)) if token and not one else None
        return ASKING if asked and self._clock() - asked.asked_at < GIVE_UP else UNKNOWN

    def code(self, token: str) -> str:
        """The code of a waiting screen, known to the holder of its secret only."""
        one = self.known(token)
        return paired.written(one.code) if one and one.code else ""

    def ask(self, address: str) -> str:
        """A secret for a new screen at ``address``; empty while too many wait or this address asks too often."""
        now = self._clock()
        with self._lock:
            waiting = [one for one in (self._known or {}).values() if one.waits(now)]
            ours = {one.token_hash for one in waiting}
            self._asked = {key: one for key, one in self._asked.items() if key in ours or now - one.asked_at < GIVE_UP}
            mine = [one for one in self._asked.values() if one.address == address]
            if len(ours | self._asked.keys()) >= paired.MOST_WAITING or len(mine) >= MOST_OF_ONE:
                return ""
            if any(now - one.asked_at < PAUSE for one in mine):
                return ""
            token = paired.new_token()
            self._asked[paired.digest(token)] = Asked(paired.new_code(), address, now, now - AGAIN)
            return token

    def tell(self, token: str) -> None:
        """Say that this screen asks, unless that was said a moment ago. Blocks; call it in a thread."""
        key, now = paired.digest(token), self._clock()
        asked = self._asked.get(key)
        if asked is None or now - asked.told_at < AGAIN:
            return
        self._asked[key] = asked._replace(told_at=now)
        self._notify(paired.ASKED, {"hash": key.hex(), "code": asked.code})

    def saw(self, one: Paired) -> None:
        """Note that a screen is there; told to the register once a minute."""
        self._seen.add(one.id)

    def _tell_seen(self) -> None:
        if not self._seen or self._clock() - self._told_seen_at < SEEN:
            return
        seen, self._seen, self._told_seen_at = sorted(self._seen), set(), self._clock()
        for first in range(0, len(seen), 200):
            self._notify(paired.SEEN, {"ids": seen[first : first + 200]})

    def _notify(self, channel: str, said: dict[str, Any]) -> None:
        try:
            with self._engine.begin() as connection:
                notify(connection, channel, said | {"region": self._region})
        except sa.exc.SQLAlchemyError as error:
            log.warning("a screen's notice could not be told (%s)", reason(error))
