"""Single cases for those who have a key: page by page, in the order they were opened. No personal field exists.

A page begins after the last case of the one before (a keyset), so that the thousandth costs what the first did and
new cases do not shift it.
"""

import base64
import json
from datetime import datetime
from typing import Any

from city import measures
from city.queries import Queries
from city.question import Row
from dashboard.api_asked import Asked, Refused

COLUMNS = ("source", "key", "opened_at", "due_at", "closed_at", "status", "outcome", "category", "agency", "district",
           "channel", "place", "priority", "lat", "lon")  # fmt: skip
_TIMES = ("opened_at", "due_at", "closed_at")


def page(queries: Queries, kind: str, ask: Asked) -> tuple[list[Row], str | None]:
    """One page of the cases opened in the window, and what the next begins after (None: this was the last)."""
    assert ask.window
    rows = queries.own(_sql(ask), _values(queries, kind, ask))
    more = len(rows) > ask.limit
    rows = [_told(row, queries) for row in rows[: ask.limit]]
    return rows, mark(rows[-1]) if more else None


def _sql(ask: Asked) -> str:
    later = "and (c.opened_at, c.source, c.key) > (:after_at, :after_source, :after_key)" if ask.after else ""
    return f"""select {", ".join(f"c.{name}" for name in COLUMNS)} from cases c
        where c.region = :region and c.kind = :kind and c.opened_at >= :start and c.opened_at < :end
        {measures.filters(list(ask.where))} {later} order by c.opened_at, c.source, c.key limit :most"""


def _values(queries: Queries, kind: str, ask: Asked) -> dict[str, Any]:
    assert ask.window
    values: dict[str, Any] = {f"w_{name}": wanted for name, wanted in ask.where.items()}
    values |= {"region": queries.config.region.code, "kind": kind, "most": ask.limit + 1}
    values |= {"start": ask.window.start, "end": ask.window.end}
    if ask.after:
        values["after_at"], values["after_source"], values["after_key"] = _read(ask.after)
    return values


def _told(row: Row, queries: Queries) -> Row:
    times = {name: row[name].astimezone(queries.zone).isoformat() if row[name] else None for name in _TIMES}
    return {**row, **times}


def mark(row: Row) -> str:
    """What stands for a case in ``after``."""
    text = json.dumps([row["opened_at"], row["source"], row["key"]], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _read(text: str) -> tuple[datetime, str, str]:
    try:
        at, source, key = json.loads(base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True))
        made = datetime.fromisoformat(at)
        if made.tzinfo is None or not isinstance(source, str) or not isinstance(key, str) or "\0" in source + key:
            raise ValueError
    except (ValueError, TypeError):
        raise Refused("after", "is not what `next` of an answer has") from None
    return made, source, key
