"""Cases one by one: a page of them sorted, how many there are, all of them in a stream; from the mirror or PostgreSQL.

There is nothing of a person in a case. Cases about health are not listed all the same: each row would be a patient.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from city import measures
from city.config import Config
from city.documents import nearest
from city.mirror_queries import MirrorQueries
from city.queries import Queries
from city.selection import Selection
from city.times import day_start

#: What a row has, in the order in which it is exported. ``source`` and ``key`` make a case unique.
COLUMNS = (
    "key", "opened_at", "category", "district", "place", "agency", "channel", "status", "priority", "outcome",
    "due_at", "closed_at", "source",
)  # fmt: skip
INSTANTS = frozenset({"opened_at", "due_at", "closed_at"})
#: So many rows are taken from the database at once.
BLOCK = 10_000
_HOURS = "extract(epoch from c.closed_at - c.opened_at)::float8 / 3600"


class Private(LookupError):
    """Cases of this kind are not listed one by one."""


class Stats(NamedTuple):
    """Cases of a selection, those open and overdue now, and the median hours to close of those closed."""

    cases: int
    open: int
    overdue: int
    median_h: float | None
    closed: int


class Listing:
    """The cases of ``selection``, as ``queries`` finds them. Raises Private for a kind that is about health."""

    def __init__(self, queries: Queries, engine: Engine, selection: Selection) -> None:
        self._queries, self._engine, self.selection = queries, engine, selection
        if selection.kind in queries.config.health.kinds:
            raise Private(f"cases of kind '{selection.kind}' are about people's health: ask for counts of them instead")

    def rows(self, order: Sequence[tuple[str, bool]], start: int, count: int) -> list[dict[str, Any]]:
        """``count`` rows from ``start`` on; ``order``: columns and whether descending, the newest first unless told."""
        span, skip = self._narrowed(dict(order), start, count)
        sql = f"select {_all()} {self._from()} {_ordered(order)} limit :count offset :skip"
        return self._queries.own(sql, self._values() | span | {"count": count, "skip": skip})

    def _narrowed(self, order: dict[str, bool], start: int, count: int) -> tuple[dict[str, datetime], int]:
        """The days in which rows by time lie, and how many of theirs come before: years are counted, not sorted."""
        first = next(iter(order), "opened_at")
        if first != "opened_at" or not isinstance(self._queries, MirrorQueries):
            return {}, start
        counted = self._queries.own(
            f"select c.opened_on as day, count(*) as n {self._from()} group by 1", self._values()
        )
        found, before, seen = list[date](), 0, 0
        for row in sorted(counted, key=lambda row: row["day"], reverse=order.get(first, True)):
            if seen + row["n"] <= start:
                before = seen + row["n"]
            elif seen < start + count:
                found.append(row["day"])
            seen += row["n"]
        if not found:
            return {}, start
        zone = self._queries.zone
        return {
            "start": day_start(min(found), zone),
            "end": day_start(max(found) + timedelta(days=1), zone),
        }, start - before

    def stats(self) -> Stats:
        """What stands above the table."""
        sql = f"""select count(*) as cases, count(*) filter (where c.closed_at is null) as open,
            count(*) filter (where c.closed_at is null and c.due_at <= :now) as overdue,
            percentile_cont(0.5) within group (order by {_HOURS}) filter (where c.closed_at is not null) as median_h,
            count(c.closed_at) as closed {self._from()}"""
        return Stats(**self._queries.own(sql, self._values() | {"now": self._queries.clock()})[0])

    def count(self) -> int:
        """How many there are."""
        return int(self._queries.own(f"select count(*) as n {self._from()}", self._values())[0]["n"])

    def stream(self) -> Iterator[list[tuple[Any, ...]]]:
        """All rows in the order of the mirror, block by block; memory stays flat."""
        yield from self._blocks(f"select {_all()} {self._from()}", self._values())

    def lines(self) -> Iterator[list[tuple[str]]]:
        """The same as lines of CSV without their ends: the database writes them, no value is touched in Python."""
        zone = self._queries.config.region.timezone
        offset = steady_offset(self._queries.config, self.selection)
        values = self._values() | {"shown": zone if offset != "Z" else "UTC"}
        parts = [self._instant(name, offset) if name in INSTANTS else _field(name) for name in COLUMNS]
        line = " || ',' || ".join(parts)
        yield from self._blocks(f"select {line} as line {self._from()}", values)

    def parquet(self, target: str, how: str) -> None:
        """Have the mirror write all rows to ``target``, a file in its folder."""
        assert isinstance(self._queries, MirrorQueries)
        sql = f"copy (select {_all()} {self._from()}) to '{target}' ({how})"
        self._queries.mirror.cursor(sql, self._values()).close()

    def _instant(self, name: str, offset: str) -> str:
        if isinstance(self._queries, MirrorQueries):
            local = f"local_time(c.{name}, cast(:shown as varchar))" if offset != "Z" else f"timezone('UTC', c.{name})"
            return f"coalesce(strftime({local}, '%Y-%m-%dT%H:%M:%S') || '{offset}', '')"
        local = f"c.{name} at time zone cast(:shown as text)"
        return f"""coalesce(to_char({local}, 'YYYY-MM-DD"T"HH24:MI:SS') || '{offset}', '')"""

    def _from(self) -> str:
        return f"""from cases c where c.region = :region and c.kind = :kind and c.opened_at >= :start
            and c.opened_at < :end {measures.filters(list(self.selection.where))}"""

    def _values(self) -> dict[str, Any]:
        region, span = self._queries.config.region, self.selection.window(self._queries.zone)
        filters = {f"w_{name}": list(values) for name, values in self.selection.where.items()}
        place = {"region": region.code, "kind": self.selection.kind, "start": span.start, "end": span.end}
        return filters | place

    def _blocks(self, sql: str, values: Mapping[str, Any]) -> Iterator[list[tuple[Any, ...]]]:
        if isinstance(self._queries, MirrorQueries):
            with closing(self._queries.mirror.cursor(sql, values)) as cursor:
                while rows := cursor.fetchmany(BLOCK):
                    yield rows
            return
        with self._engine.connect().execution_options(stream_results=True, max_row_buffer=BLOCK) as connection:
            for block in connection.execute(sa.text(sql), dict(values)).partitions(BLOCK):
                yield [tuple(row) for row in block]


def _all() -> str:
    return ", ".join(f"c.{name}" for name in COLUMNS)


def _ordered(order: Sequence[tuple[str, bool]]) -> str:
    """What is not known comes last; the key makes the order one, so that no row is on two pages."""
    for name, _ in order:
        if name not in COLUMNS:
            raise ValueError(f"unknown column '{name}'" + nearest(name, COLUMNS))
    wanted = dict(order) or {"opened_at": True}
    if not wanted.keys() & {"opened_at"}:
        wanted["opened_at"] = True
    parts = [f"c.{name} {'desc' if down else 'asc'} nulls last" for name, down in wanted.items() if name != "key"]
    keys = f"c.key {'desc' if wanted.get('key') else 'asc'}, c.source"
    return "order by " + (f"{keys}" if next(iter(wanted)) == "key" else f"{', '.join(parts)}, {keys}")


#: A text that begins with one of these is a formula to a spreadsheet (OWASP, CSV injection): it gets an apostrophe.
RISKY = ("=", "+", "-", "@", "\t", "\r", "\n")


def _field(name: str) -> str:
    codes = ", ".join(f"chr({ord(one)})" for one in RISKY)
    safe = f"case when substr(c.{name}, 1, 1) in ({codes}) then '''' || c.{name} else c.{name} end"
    return f"""coalesce('"' || replace({safe}, '"', '""') || '"', '')"""


def steady_offset(config: Config, selection: Selection) -> str:
    """``+07:00`` where clocks never change around the days of a selection; else ``Z``: instants are told in UTC."""
    years = range(selection.first.year - 1, selection.last.year + 3)
    seen = {datetime(year, month, 1, tzinfo=UTC).astimezone(config.region.zone).strftime("%z")
            for year in years for month in range(1, 13)}  # fmt: skip
    offset = seen.pop()
    return "Z" if seen else f"{offset[:3]}:{offset[3:]}"
