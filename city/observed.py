"""The SQL of measures over observations. Builds text; runs nothing. Columns as in :mod:`city.measures`.

A series is one source and one set of dimensions (a hospital, a gauge, a counter).
"""

from collections.abc import Sequence

from city.measures import filters, split

#: What tells one series from another, in the alias `c`.
SERIES = "c.source, c.agency, c.district, c.category, c.channel, c.place"
#: A series silent for longer than this before the newest value is not there any more.
SILENT = "interval '7 days'"
_NEWEST = """(select max(newest.at) from observations newest
    where newest.region = :region and newest.metric = :observation and newest.at <= :t)"""


def over_window(fold: str, dims: Sequence[str], grain: str | None, where: Sequence[str], *, adds_up: bool) -> str:
    """``sum``, ``mean`` or ``latest`` of :observation from :start to :end, by ``dims`` and ``grain``."""
    span = "c.at >= :start and c.at < :end"
    if fold == "latest":
        return _last(dims, grain, where, span, adds_up=adds_up)
    columns, group = split(dims, _bucket(grain))
    value = "sum" if fold == "sum" else "avg"
    return f"""select {columns} {value}(c.value) as value, count(*) as n, 0 as extra from observations c
        where c.region = :region and c.metric = :observation and {span} {filters(where)} {group}"""


def at_moment(dims: Sequence[str], where: Sequence[str], *, adds_up: bool) -> str:
    """The last value of each series at or before :t."""
    return _last(dims, None, where, f"c.at <= :t and c.at >= {_NEWEST} - {SILENT}", adds_up=adds_up)


def _bucket(grain: str | None) -> str | None:
    return grain and f"date_trunc('{grain}', c.at, cast(:zone as text))"


def _last(dims: Sequence[str], grain: str | None, where: Sequence[str], span: str, *, adds_up: bool) -> str:
    bucket = _bucket(grain)
    columns, group = split(dims, "c.bucket" if bucket else None)
    series = f"{bucket}, {SERIES}" if bucket else SERIES
    return f"""select {columns} {"sum" if adds_up else "avg"}(c.value) as value, count(*) as n, 0 as extra from (
            select distinct on ({series}) c.* {f", {bucket} as bucket" if bucket else ""} from observations c
            where c.region = :region and c.metric = :observation and {span} {filters(where)}
            order by {series}, c.at desc) c {group}"""
