"""What was sent or entered: an earlier delivery, the values of a table as they stand, who entered them and when.

Reads one region; writes nothing.
"""

from collections import defaultdict
from datetime import datetime
from typing import Any, Literal

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Engine

#: How many earlier values of a cell tell what is usual.
EARLIER = 6
Dimension = Literal["agency", "district", "place"]
Cell = tuple[str, str]  # row, metric


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """A delivery that was taken: its run, its figures, the digest of its body and its rejected rows."""

    run: int
    fetched: int
    saved: int
    revised: int
    body: str
    rejected: list[tuple[int, str]]


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of a table: when and by whom, for which period, and what it did."""

    at: datetime
    entered_by: str
    period: str
    saved: int
    revised: int


def earlier(engine: Engine, region: str, source: str, key: str) -> Delivery | None:
    """The delivery that was taken under ``key``, if any."""
    row = _rows(engine, _EARLIER, region=region, source=source, key=key)
    if not row:
        return None
    found = row[0]
    note = found.pop("delivery")
    return Delivery(**found, body=note["body"], rejected=[(number, text) for number, text in note["rejected"]])


def standing(engine: Engine, region: str, source: str, by: Dimension, at: datetime) -> dict[Cell, float]:
    """The values that stand at ``at``, by row and metric; a cell without a value is absent."""
    found = _rows(engine, _STANDING.format(by=by), region=region, source=source, at=at)
    return {(row["name"], row["metric"]): row["value"] for row in found}


def before(engine: Engine, region: str, source: str, by: Dimension, at: datetime) -> dict[Cell, list[float]]:
    """The last values before ``at`` of each cell, newest first."""
    found: dict[Cell, list[float]] = defaultdict(list)
    for row in _rows(engine, _BEFORE.format(by=by), region=region, source=source, at=at, last=EARLIER):
        found[row["name"], row["metric"]].append(row["value"])
    return dict(found)


def entries(engine: Engine, region: str, source: str, limit: int = 8) -> list[Entry]:
    """The last entries, newest first."""
    return [Entry(**row) for row in _rows(engine, _ENTRIES, region=region, source=source, last=limit)]


def _rows(engine: Engine, sql: str, **values: Any) -> list[dict[str, Any]]:
    with engine.connect() as connection:
        return [dict(row) for row in connection.execute(sa.text(sql), values).mappings()]


_EARLIER = """select id as run, fetched, saved, revised, notes -> 'delivery' as delivery from runs
where region = :region and source = :source and ok and (notes #>> '{delivery,key}') = :key"""

_STANDING = """select {by} as name, metric, value from observations
where region = :region and source = :source and at = :at and {by} is not null"""

_BEFORE = """select name, metric, value from (
    select {by} as name, metric, at, value,
        row_number() over (partition by {by}, metric order by at desc) as back
    from observations where region = :region and source = :source and at < :at and {by} is not null) recent
where back <= :last order by back"""

_ENTRIES = """select ended_at as at, notes ->> 'entered_by' as entered_by, notes ->> 'period' as period, saved, revised
from runs where region = :region and source = :source and ok and notes ? 'entered_by' order by id desc limit :last"""
