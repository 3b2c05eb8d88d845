"""Which months of the facts a run changed: marks that go with its transaction, for mirrors to follow.

A mirror remembers the snapshot it stands at and asks for the marks that this snapshot did not see: exact whatever the
order of commits, without an index on when rows changed, and without a right to write. Months are those of UTC, so that
a corrected zone moves no row from one to another. Marks live for two weeks; an older mirror is built anew.
"""

from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy import BigInteger, Column, Date, Identity, Index, MetaData, Table, Text
from sqlalchemy.engine import Connection

from city.columns import instant

KEPT = timedelta(days=14)


def add(metadata: MetaData) -> Table:
    """``mirror_touched``: one row for each run and month of a table that it changed."""
    return Table(
        "mirror_touched",
        metadata,
        Column("id", BigInteger, Identity(), primary_key=True),
        Column("region", Text, nullable=False),
        Column("sort", Text, nullable=False, comment="cases, case_events or observations"),
        Column("month", Date, nullable=False, comment="first day of a month of UTC in which a row changed"),
        Column(
            "xid", BigInteger, nullable=False, comment="the transaction that changed it; a mirror has seen it or not"
        ),
        instant("touched_at", "when; marks older than two weeks are dropped"),
        Index("mirror_touched_xid", "region", "xid"),
        Index("mirror_touched_at", "touched_at"),
    )


def mark(sort: str, at: str, rows: str) -> str:
    """The statement that marks the months of ``at`` in ``rows``, for :region."""
    return f"""insert into mirror_touched (region, sort, month, xid, touched_at)
        select :region, '{sort}', month, pg_current_xact_id()::text::bigint, now()
        from (select distinct date_trunc('month', {at} at time zone 'UTC')::date as month from {rows}) m"""


#: Never waits for another run that drops the same rows.
_TRIM = """delete from mirror_touched where id in
    (select id from mirror_touched where touched_at < now() - :kept limit 1000 for update skip locked)"""


def trim(connection: Connection) -> None:
    """Drop some of the marks that no mirror needs any more."""
    connection.execute(sa.text(_TRIM), {"kept": KEPT})


_SINCE = """select distinct sort, month from mirror_touched where region = :region
    and xid >= pg_snapshot_xmin(cast(:since as pg_snapshot))::text::bigint
    and not pg_visible_in_snapshot(xid::text::xid8, cast(:since as pg_snapshot))"""


def since(connection: Connection, region: str, snapshot: str) -> list[tuple[str, str]]:
    """The (table, month as 2026-11) that changed after ``snapshot``, as far as this transaction sees."""
    found = connection.execute(sa.text(_SINCE), {"region": region, "since": snapshot})
    return sorted((sort, f"{month:%Y-%m}") for sort, month in found)
