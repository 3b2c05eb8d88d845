"""Wishes of people: ``run this source now``, heard as notices on the database and handed to the schedule."""

import logging
import threading
import time
from collections.abc import Callable
from typing import Any

import psycopg

from city.database import listen

CHANNEL = "kendali_wanted"
#: A source is run on wish this often at most: a wish costs its owner a request.
PAUSE_S = 5.0
_RETRY_S, _WAIT_S = 2.0, 0.5

log = logging.getLogger("kendali.collect")


class Wanted:
    """Hears wishes of one region. ``start`` runs a source now: (name, whether a changed shape is accepted)."""

    def __init__(self, url: str, region: str, names: frozenset[str], start: Callable[[str, bool], None]) -> None:
        self._url, self._region, self._names, self._start = url, region, names, start
        self._last: dict[str, float] = {}

    def run(self, stop: threading.Event) -> None:
        """Listen until told to stop; survives the database going away."""
        while not stop.is_set():
            try:
                with listen(self._url, (CHANNEL,)) as heard:
                    while not stop.is_set():
                        for _, wish in heard.wait(_WAIT_S):
                            self.hear(wish)
            except psycopg.Error:
                stop.wait(_RETRY_S)

    def hear(self, wish: dict[str, Any]) -> None:
        """Take one wish, unless it is another region's, of no source of ours, or too soon after the last."""
        name, now = wish.get("source"), time.monotonic()
        if wish.get("region") != self._region or name not in self._names:
            return
        if now - self._last.get(name, float("-inf")) < PAUSE_S:
            return
        self._last[name] = now
        log.info("source %s is run on wish", name)
        self._start(name, bool(wish.get("accept")))
