"""Open cases that the window does not bring (any more), read again by their ids: nothing else tells that they closed.

One that the server does not know either is handed to :class:`collectors.open311.missing.Missing`, but only when the
server has shown in the same run that it finds cases by their ids: one that knows none must not empty a city's desk.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from random import Random

from city.model import Refused
from collectors import records
from collectors.open311.missing import Missing
from collectors.open311.server import Server, key_of

BATCH = 50
#: Of many open cases so many a run, by lot: each is another question to a server that others use, too.
MOST_LISTED = 500
#: Asked for one by one, where the list does not bring them: so many a run, in turn.
MOST_SINGLE = 100
#: To a question by ids these mean that it, or the case, is not known; 500 is a bad row.
_UNKNOWN = (400, 404, 405, 410, 500, 501)
#: Of them these say it of the case.
_NO_SUCH_CASE = (404, 410)


def read(server: Server, keys: list[str], ids: set[str], now: datetime, missing: Missing) -> Iterator[records.Record]:
    """The rows of the cases ``keys``, but for those whose ``ids`` have come in this run already."""
    wanted = _by_lot([key for key in keys if key not in ids], MOST_LISTED, now)
    listed = [key for key in wanted if "," not in key]
    left, known = dict.fromkeys(wanted), set(ids)
    for first in range(0, len(listed), BATCH):
        batch = listed[first : first + BATCH]
        rows = _rows(server, batch)
        mine = [row for row in rows if key_of(row) in left]
        for row in mine:
            left.pop(str(key_of(row)), None)
            known.add(str(key_of(row)))
        yield from mine
        if len(mine) < len(rows):
            server.session.warn("the server ignores lists of ids: old open cases are asked for one by one")
            break
    yield from _singly(server, list(left), known, now, missing)


def _by_lot(keys: list[str], most: int, now: datetime) -> list[str]:
    """At most so many of ``keys``; by lot, so that all have their turn in time."""
    return keys if len(keys) <= most else Random(now.isoformat()).sample(keys, most)


def _rows(server: Server, batch: list[str]) -> list[records.Record]:
    try:
        return server.named(batch) if len(batch) > 1 else []
    except Refused as error:
        if error.status not in _UNKNOWN:
            raise
        return []


def _singly(
    server: Server, left: list[str], ids: Iterable[str], now: datetime, missing: Missing
) -> Iterator[records.Record]:
    asked, unknown, untold = _by_lot(left, MOST_SINGLE, now), list[str](), 0
    for key in asked:
        row, certain = _one(server, key)
        if row is not None:
            yield row
        elif certain:
            unknown.append(key)
        else:
            untold += 1
    if unknown and (len(unknown) + untold < len(asked) or _knows_ids(server, ids)):
        missing.not_found(unknown)
    else:
        untold += len(unknown)
    if untold:
        server.session.warn(f"{untold} open cases are not listed and cannot be asked for by id: they stay as they were")
    if len(asked) < len(left):
        server.session.warn(f"{len(left) - len(asked)} old open cases wait for their turn to be asked for")


def _one(server: Server, key: str) -> tuple[records.Record | None, bool]:
    """The row of a case; without one, whether it is certain that the server has no such case."""
    try:
        rows = server.one(key)
    except Refused as error:
        if error.status not in _UNKNOWN:
            raise
        return None, error.status in _NO_SUCH_CASE
    # Another case's row in answer to this id says nothing of this case.
    return next((row for row in rows if key_of(row) == key), None), not rows


def _knows_ids(server: Server, ids: Iterable[str]) -> bool:
    """Whether a case that has just come is found by its id, too: else "not found" says nothing about a case."""
    witness = max(ids, default=None)
    return witness is not None and _one(server, witness)[0] is not None
