"""Complaints from an Open311 GeoReport v2 server, in JSON or XML.

Reads   GET requests, in windows of at most 90 days, page by page; then the open cases that did not come, by their ids.
Yields  cases: opened at requested_datetime, due at expected_datetime, closed at updated_datetime; a case that the
        server has not known for `missing_after` is withdrawn (collectors/open311/missing.py).
Limits  the standard has no "updated since": the last 90 days are read again each time. Of open cases the newest
        5,000 that are younger than 60 days and the newest 5,000 that are older are followed. A case that was
        withdrawn and comes back later than 90 days after it was opened is not noticed. Description, address, notes
        and media are never read.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from city.model import Case, Withdrawn
from city.times import instant
from collectors.http import Session
from collectors.open311 import again
from collectors.open311.cases import parse, parse_services
from collectors.open311.missing import Missing
from collectors.open311.server import Server, rows_of
from collectors.open311.settings import Args
from collectors.open311.windows import WINDOW, Windows

__all__ = ["Args", "cursor", "fetch", "parse", "parse_services", "rows_of", "seen"]

#: Cases close late and nothing tells: as much is read again as a server answers for.
OVERLAP = WINDOW
#: A backfill asks for as much as a server answers.
SPAN = WINDOW
#: Of open cases older than this, and of younger ones, so many are followed by id: no pause between two runs of up to
#: a month lets an open case leave the overlap unseen.
FOLLOWED = timedelta(days=60)
MOST_FOLLOWED = 5_000


def cursor(args: Args, since: dict[str, Any] | None, now: datetime) -> dict[str, Any]:
    """Read up to now; the open cases (:func:`seen` brings them up to date), the missing and how many were withdrawn."""
    known = since or {}
    kept = {"open": dict(known.get("open", {})), "missing": known.get("missing", {})}
    return {"read_to": now.isoformat(), **kept, "withdrawn": known.get("withdrawn", 0)}


def seen(items: Iterable[Any], cursor: dict[str, Any]) -> Iterator[Any]:
    """The items as they are, while the cursor learns which cases are open: id -> opened at."""
    followed = cursor["open"]
    for item in items:
        if isinstance(item, Case) and item.closed_at is None:
            followed[item.key] = item.opened_at.isoformat()
        elif isinstance(item, Case | Withdrawn):
            followed.pop(item.key, None)
        yield item
    if len(followed) > MOST_FOLLOWED:
        cursor["open"] = _newest(followed, instant(cursor["read_to"]) - FOLLOWED)


def _newest(followed: dict[str, str], edge: datetime) -> dict[str, str]:
    """The newest of those opened before ``edge``, and the newest of the others."""
    order = sorted(((instant(at), key, at) for key, at in followed.items()), reverse=True)
    old, young = ([case for case in order if (case[0] < edge) is aged][:MOST_FOLLOWED] for aged in (True, False))
    return {key: at for _, key, at in young + old}


def _too_many(followed: dict[str, str], edge: datetime) -> str:
    """Whether as many cases are open as are followed: ``older`` or ``younger`` than the edge."""
    if len(followed) < MOST_FOLLOWED:
        return ""
    old = sum(instant(at) < edge for at in followed.values())
    counts = {"older": old, "younger": len(followed) - old}
    return " and ".join(name for name, count in counts.items() if count >= MOST_FOLLOWED)


def fetch(args: Args, session: Session, since: dict[str, Any] | None, now: datetime) -> Iterator[Any]:
    """Every request of the history (first time) or of the overlap, each once; then the other open ones; then those
    that are no more, as :class:`city.model.Withdrawn`.
    """
    server, known = Server(args, session), since or {}
    windows, followed = Windows(server), known.get("open", {})
    missing = Missing(known.get("missing", {}), followed, now)
    yield from windows.read(_start(args, since, now), now)
    missing.found(windows.ids)
    for row in again.read(server, list(followed), windows.ids, now, missing):
        missing.found([str(row["service_request_id"])])
        yield row
    if too_many := _too_many(followed, now - FOLLOWED):
        session.warn(f"{MOST_FOLLOWED} open cases are {too_many} than {FOLLOWED.days} days: still older ones of them "
                     "are not followed")  # fmt: skip
    gone = list(missing.withdrawn(args.missing_after)) if args.missing == "close" else []
    if gone:
        session.warn(f"{len(gone)} open cases are not known to the server any more: closed as withdrawn")
    session.marks |= {"missing": missing.marks, "withdrawn": known.get("withdrawn", 0) + len(gone)}
    yield from gone


def _start(args: Args, since: dict[str, Any] | None, now: datetime) -> datetime:
    if since is None:
        return now - max(args.history, OVERLAP)
    # After a long silence: from where the cases begin that the last good run did not follow by id.
    return min(now - OVERLAP, instant(since["read_to"]) - FOLLOWED) if "read_to" in since else now - OVERLAP
