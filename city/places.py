"""The last value of each place, with its own moment: what a sum over places must not hide.

A hospital that no longer writes down its beds keeps its last numbers for ever. Here every part of a sum
carries its age: what is older than ``within`` is counted as unseen and never added up.
"""

from collections.abc import Sequence
from datetime import timedelta

from city.measures import filters, split
from city.observed import SERIES, SILENT

#: A place that has said nothing for this long is not expected any more.
MEMORY = timedelta(days=30)


def last(dims: Sequence[str], place: str, where: Sequence[str], *, adds_up: bool) -> str:
    """One row for each group of ``dims`` that said anything in :memory before :t.

    Columns: the dimensions, ``value`` (of the parts younger than :within, null when there are none), ``n`` parts,
    ``seen`` of them, ``at`` the oldest moment among the seen and ``last_at`` the newest of all. A part that fell
    silent long before its ``place`` did (a ward that closed) is not a part any more.
    """
    columns, group = split(dims, None)
    young = "filter (where c.at > :t - :within)"
    return f"""select {columns} {"sum" if adds_up else "avg"}(c.value) {young} as value, count(*) as n,
            count(*) {young} as seen, min(c.at) {young} as at, max(c.at) as last_at, 0 as extra
        from (select s.*, max(s.at) over (partition by s.{place}) as newest from (
            select distinct on ({SERIES}) c.* from observations c
            where c.region = :region and c.metric = :observation and c.at <= :t and c.at > :t - :memory {filters(where)}
            order by {SERIES}, c.at desc) s) c
        where c.at >= c.newest - {SILENT} {group}"""
