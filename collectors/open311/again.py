"""Open cases that have fallen out of the window, read again by their ids: nothing else tells that they have closed.

A case that the server does not tell about stays as it is.
"""

from collections.abc import Iterator
from datetime import datetime
from random import Random

from city.model import Refused
from collectors import records
from collectors.open311.server import Server, key_of

BATCH = 50
#: Asked for one by one, where the list does not bring them: so many a run, in turn.
MOST_SINGLE = 100
#: To a question by ids these mean that it, or the case, is not known; 500 is a bad row.
_UNKNOWN = (400, 404, 405, 410, 500, 501)


def read(server: Server, keys: list[str], known: set[str], now: datetime) -> Iterator[records.Record]:
    """The rows of the cases ``keys``, but for those already ``known`` in this run."""
    wanted = [key for key in keys if key not in known]
    listed = [key for key in wanted if "," not in key]
    missing = dict.fromkeys(wanted)
    for first in range(0, len(listed), BATCH):
        batch = listed[first : first + BATCH]
        rows = _rows(server, batch)
        mine = [row for row in rows if key_of(row) in missing]
        for row in mine:
            missing.pop(str(key_of(row)), None)
        yield from mine
        if len(mine) < len(rows):
            server.session.warn("the server ignores lists of ids: old open cases are asked for one by one")
            break
    yield from _singly(server, list(missing), now)


def _rows(server: Server, batch: list[str]) -> list[records.Record]:
    try:
        return server.named(batch) if len(batch) > 1 else []
    except Refused as error:
        if error.status not in _UNKNOWN:
            raise
        return []


def _singly(server: Server, missing: list[str], now: datetime) -> Iterator[records.Record]:
    # By lot, so that all have their turn in time.
    asked = missing if len(missing) <= MOST_SINGLE else Random(now.isoformat()).sample(missing, MOST_SINGLE)
    gone = 0
    for key in asked:
        try:
            rows = [row for row in server.one(key) if key_of(row) == key]
        except Refused as error:
            if error.status not in _UNKNOWN:
                raise
            rows = []
        gone += not rows
        yield from rows[:1]
    if gone:
        server.session.warn(f"{gone} old open cases are not known to the server any more: they stay as they were")
    if len(asked) < len(missing):
        server.session.warn(f"{len(missing) - len(asked)} old open cases wait for their turn to be asked for")
