"""Open cases that were closed before: a short list kept with every run.

How a case came to stand open (:mod:`city.standing`) is told by its history, and nearly always its row says the
same. Only of these few the history must be read; of all that is open it would cost a search for each.
"""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import Column, MetaData, Table, Text
from sqlalchemy.engine import Connection


def add(metadata: MetaData) -> Table:
    """``open_again``: the keys of open cases with a closing in their history."""
    return Table(
        "open_again",
        metadata,
        Column("region", Text, primary_key=True),
        Column("source", Text, primary_key=True),
        Column("key", Text, primary_key=True, comment="of a case that is open and was closed before"),
    )


def keep(connection: Connection, place: dict[str, Any]) -> None:
    """Bring the list up to date with the staged cases, after they and their events were merged."""
    connection.execute(sa.text(_CLOSED), place)
    connection.execute(sa.text(_OPEN), place)


_CLOSED = """
delete from open_again a using staged_cases c
where a.region = :region and a.source = :source and a.key = c.key and c.closed_at is not null
"""
_OPEN = """
insert into open_again (region, source, key)
select :region, :source, c.key from staged_cases c
where c.closed_at is null and exists (select from case_events e where e.region = :region and e.source = :source
    and e.key = c.key and e.stage in ('done', 'rejected'))
on conflict do nothing
"""
