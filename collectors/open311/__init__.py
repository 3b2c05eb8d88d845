"""Complaints from an Open311 GeoReport v2 server, in JSON or XML.

Reads   GET requests, in windows of at most 90 days, page by page; then older open cases by their ids.
Yields  cases: opened at requested_datetime, due at expected_datetime, closed at updated_datetime.
Limits  the standard has no "updated since": the last 90 days are read again each time. Of cases that are open for
        longer, the newest 5,000 are followed. Description, address, notes and media are never read.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from city.model import Case
from city.times import instant
from collectors import records
from collectors.http import Session
from collectors.open311 import again
from collectors.open311.cases import parse, parse_services
from collectors.open311.server import Server, rows_of
from collectors.open311.settings import Args
from collectors.open311.windows import WINDOW, Windows

__all__ = ["Args", "cursor", "fetch", "parse", "parse_services", "rows_of", "seen"]

#: Cases close late and nothing tells: as much is read again as a server answers for.
OVERLAP = WINDOW
#: A backfill asks for as much as a server answers.
SPAN = WINDOW
#: An open case of this age is followed by its id; before, no pause between two runs lets it leave the overlap unseen.
FOLLOWED = timedelta(days=60)
MOST_FOLLOWED = 5_000


def cursor(args: Args, since: dict[str, Any] | None, now: datetime) -> dict[str, Any]:
    """Read up to now; the open cases that are followed by id (:func:`seen` brings them up to date)."""
    return {"read_to": now.isoformat(), "open": dict((since or {}).get("open", {}))}


def seen(items: Iterable[Any], cursor: dict[str, Any]) -> Iterator[Any]:
    """The items as they are, while the cursor learns which old cases are open: id -> opened at."""
    followed, edge = cursor["open"], instant(cursor["read_to"]) - FOLLOWED
    for item in items:
        if isinstance(item, Case):
            if item.closed_at is None and item.opened_at < edge:
                followed[item.key] = item.opened_at.isoformat()
            else:
                followed.pop(item.key, None)
        yield item
    newest = sorted(followed.items(), key=lambda case: instant(case[1]))[-MOST_FOLLOWED:]
    cursor["open"] = dict(newest)


def fetch(args: Args, session: Session, since: dict[str, Any] | None, now: datetime) -> Iterator[records.Record]:
    """Every request of the history (first time) or of the overlap, each once; then the older open ones."""
    server, start = Server(args, session), _start(args, since, now)
    windows, followed = Windows(server), (since or {}).get("open", {})
    yield from windows.read(start, now)
    yield from again.read(server, [key for key, at in followed.items() if instant(at) < start], windows.seen, now)
    if len(followed) >= MOST_FOLLOWED:
        session.warn(
            f"{MOST_FOLLOWED} open cases are older than {FOLLOWED.days} days: still older ones are not followed"
        )


def _start(args: Args, since: dict[str, Any] | None, now: datetime) -> datetime:
    if since is None:
        return now - max(args.history, OVERLAP)
    # After a long silence: from where the cases begin that the last good run did not follow by id.
    return min(now - OVERLAP, instant(since["read_to"]) - FOLLOWED) if "read_to" in since else now - OVERLAP
