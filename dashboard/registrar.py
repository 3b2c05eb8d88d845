"""Writes what the web process, which cannot write, has heard: screens that ask or were seen, numbers said to be wrong.

Part of the publisher and not of the collectors: it is there wherever walls are. Whoever can send a notice can make a
screen wait (twenty at most, ten minutes long); only the command line can approve one.
"""

import logging
import threading
from collections.abc import Callable
from datetime import datetime
from typing import Any

import psycopg
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from city import paired, wrong_numbers
from city.database import listen

_RETRY_S, _WAIT_S = 2.0, 0.5
_HASH_BYTES = 32

log = logging.getLogger("kendali.publish")


class Registrar:
    """Hears notices of one region. Hand it a writing engine."""

    def __init__(self, engine: Engine, region: str, clock: Callable[[], datetime]) -> None:
        self._engine, self._region, self._clock = engine, region, clock

    def run(self, stop: threading.Event) -> None:
        """Listen until told to stop; survives the database going away."""
        url = self._engine.url.render_as_string(hide_password=False)
        while not stop.is_set():
            try:
                with listen(url, (paired.ASKED, paired.SEEN, wrong_numbers.REPORTED)) as heard:
                    while not stop.is_set():
                        for channel, note in heard.wait(_WAIT_S):
                            self.hear(channel, note)
            except (psycopg.Error, sa.exc.SQLAlchemyError):
                stop.wait(_RETRY_S)

    def hear(self, channel: str, note: dict[str, Any]) -> None:
        """Take one notice; another region's, and what is none, changes nothing."""
        if note.get("region") != self._region:
            return
        if channel == paired.SEEN:
            ids = [one for one in note.get("ids", []) if isinstance(one, int)]
            with self._engine.begin() as connection:
                paired.seen(connection, self._region, ids, self._clock())
        elif channel == wrong_numbers.REPORTED:
            with self._engine.begin() as connection:
                wrong_numbers.keep(connection, self._region, note, self._clock())
        elif asks := _asks(note):
            with self._engine.begin() as connection:
                if paired.ask(connection, self._region, *asks, self._clock()):
                    log.info("a new screen waits: run.py screens approve %s --name NAME", paired.written(asks[1]))


def _asks(note: dict[str, Any]) -> tuple[bytes, str] | None:
    """The hash and the code of a notice that is well-formed."""
    try:
        key, code = bytes.fromhex(note["hash"]), note["code"]
    except (KeyError, TypeError, ValueError):
        return None
    return (key, code) if len(key) == _HASH_BYTES and paired.is_code(code) else None
