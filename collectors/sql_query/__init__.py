"""Cases, cases with stages or observations from a SELECT against PostgreSQL, MariaDB/MySQL or SQL Server.

Reads   `query` with the bound moments `:since` and `:until`, in a read-only transaction that is always rolled
        back, through a cursor on the server, `batch` rows at a time.
Yields  cases, cases with stages (`shape: event_log`, one row per step) or observations; `fields` name the
        columns of the result.
Limits  an event log is gathered in memory, and a case must come whole: select every step of the cases that
        moved (`where id in (select case_id from history where at >= :since)`), not only the new steps. A
        deleted row is not noticed. SQL Server has no read-only transaction: give it an account that may only
        SELECT. In MariaDB and MySQL `timeout` covers the whole reading, elsewhere each wait for rows.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta, timezone
from difflib import get_close_matches
from operator import itemgetter
from typing import Any, Literal
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from pydantic import Field, field_validator

from city.config import Duration
from city.model import ChangedShape
from city.times import instant
from collectors.gather import gather
from collectors.http import Session
from collectors.mapping import Mapping, compiled
from collectors.sql_query import servers, statement
from collectors.sql_query.cells import texts

#: The longest time that a backfill asks for at once.
SPAN = timedelta(days=30)
#: Of the settings, what does not change which rows are read or what becomes of them.
_MANNERS = {"url", "overlap", "timeout", "batch"}


class Args(Mapping):
    """The server, the question, and the mapping of its columns. Naive times, and `:since`, are local in `zone`."""

    url: str = Field(repr=False, description="postgresql://, mysql://, mariadb:// or mssql://user:password@host/name")
    query: str = Field(description="one SELECT (or WITH ... SELECT); it may use :since and :until")
    since_as: Literal["local", "aware"] = Field(default="local", description="aware: with offset, for datetimeoffset")
    history: Duration = Field(default=timedelta(days=30), description="how far :since lies back the first time")
    overlap: Duration = Field(default=timedelta(days=1), description="how far :since lies before the last reading")
    timeout: Duration = Field(
        default=timedelta(seconds=30), gt=timedelta(0), description="how long a statement may run"
    )
    batch: int = Field(default=1_000, ge=1, le=100_000, description="rows fetched at a time")

    _url = field_validator("url")(servers.checked)
    _query = field_validator("query")(statement.checked)


def spannable(args: Args) -> bool:
    """Whether the query says from when on: else every span of a backfill would read the same.

    Without `:until` each span reads to the end of the table: right, but with more work than needed.
    """
    return "since" in sa.text(args.query).compile().params


def cursor(args: Args, since: dict[str, Any] | None, now: datetime) -> dict[str, Any]:
    """Read up to now, by this question: another one begins again."""
    return {"read_to": now.isoformat(), "args": fingerprint(args)}


def fingerprint(args: Args) -> str:
    """Changes with the query and the mapping: a corrected one reads the history again."""
    return hashlib.sha256(args.model_dump_json(exclude=_MANNERS).encode()).hexdigest()[:16]


def fetch(args: Args, session: Session, since: dict[str, Any] | None, now: datetime) -> Iterator[Sequence[Any]]:
    """The values of the mapped columns of every row, as the driver gives them. Raises SourceErrors."""
    server = servers.Server(args.url, args.timeout, ZoneInfo(args.zone))
    asked = sa.text(args.query)
    moments = {"since": _start(args, since, now), "until": now}
    bound = {name: _bound(args, moments[name]) for name in asked.compile().params}
    with server.reading(args.query, now, session.warn) as connection:
        result = connection.execute(asked, bound, execution_options={"yield_per": args.batch})
        pick = _pick(list(result.keys()), args.columns, server.name)
        for rows in result.partitions(args.batch):  # of no size it would fetch all
            yield from map(pick, rows)


def _start(args: Args, since: dict[str, Any] | None, now: datetime) -> datetime:
    if since is None or since.get("args") != fingerprint(args):
        return now - args.history
    return instant(since["read_to"]) - args.overlap


def _bound(args: Args, moment: datetime) -> datetime:
    local = moment.astimezone(ZoneInfo(args.zone))
    # With its plain offset: pymssql reads the zone from the name and loses one that is called WIB.
    return local.replace(tzinfo=None if args.since_as == "local" else timezone(local.utcoffset() or timedelta()))


def _pick(found: list[str], columns: list[str], where: str) -> Callable[[Sequence[Any]], Sequence[Any]]:
    if missing := [name for name in columns if name not in found]:
        close = get_close_matches(missing[0], found, 1, 0.5)
        hint = f"nearest: '{close[0]}'" if close else f"it has: {', '.join(found[:12])}"
        raise ChangedShape(f"column {', '.join(map(repr, missing))} is missing in the result; {hint}", where=where)
    if twice := [name for name, times in Counter(found).items() if times > 1 and name in columns]:
        what = f"column '{twice[0]}' comes twice in the result; name them apart with AS in the query"
        raise ChangedShape(what, where=where)
    at = [found.index(name) for name in columns]
    get: Any = itemgetter(*at)
    return get if len(at) > 1 else lambda row: (row[at[0]],)


def parser(args: Args) -> Callable[[Sequence[Any]], Any]:
    """The compiled mapping of a whole run."""
    read, mapped = texts(args.columns, args.decimal), compiled(args)
    return lambda row: mapped(read(row))


def parse(row: Sequence[Any], args: Args) -> Any:
    """One row as an item. Raises RowError ``field: what is wrong``."""
    return parser(args)(row)


#: The steps of each case belong together; other shapes pass through.
fold = gather
