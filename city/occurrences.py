"""Cases one by one: what happened lately, what is in force, where it lies, and at which stage open cases wait.

Every answer leaves the keys out. Readings carry ``as_of`` and sources of the kind's ``*_open`` metric.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from city.measures import filters
from city.model import CASE_DIMENSIONS, Reading
from city.queries import Queries
from city.times import Window

#: More than a wall can list, and little enough to be read at every tick.
MOST = 500


def recent(
    queries: Queries,
    kind: str,
    span: Window,
    *,
    where: Mapping[str, Any] | None = None,
    values: Sequence[str] = (),
    ends: bool = False,
    limit: int = MOST,
) -> Reading:
    """Cases opened in ``span``, newest first; with ``ends`` also those that were closed in it.

    Rows: opened_at, closed_at, category, district, outcome, priority, lat, lon, and ``values``: what the case's
    own source observed at the moment it opened (a quake's magnitude), by name; None where it did not.
    Raises UnknownMetric for an unknown kind, ValueError for an unknown dimension.
    """
    where = _checked(where or {})
    sql = _RECENT.format(
        columns="".join(f", {_VALUE.format(number)} as v{number}" for number in range(len(values))),
        ended="or (c.closed_at >= :start and c.closed_at < :end)" if ends else "",
        filters=filters(list(where)),
    )
    asked = {f"v{number}": name for number, name in enumerate(values)} | {f"w_{name}": of for name, of in where.items()}
    found = queries.listed(f"{kind}s_open", sql, start=span.start, end=span.end, limit=limit, kind=kind, **asked)
    for row in found.rows:
        row["values"] = {name: row.pop(f"v{number}") for number, name in enumerate(values)}
    return found


def _checked(where: Mapping[str, Any]) -> dict[str, list[Any]]:
    for name in where:
        if name not in CASE_DIMENSIONS:
            raise ValueError(f"unknown dimension '{name}'; cases are split by {', '.join(CASE_DIMENSIONS)}")
    return {name: [of] if isinstance(of, str) else list(of) for name, of in where.items()}


def in_force(queries: Queries, kind: str, limit: int = MOST) -> Reading:
    """Cases that end after now, the first to begin first: those announced for later are among them.

    Rows: opened_at, closed_at (None: no end is known), category, district, priority.
    """
    return queries.listed(f"{kind}s_open", _IN_FORCE, kind=kind, limit=limit)


def places(queries: Queries, kind: str, span: Window | None = None) -> Reading:
    """How many cases lie where: those open now, or those opened in ``span``.

    Rows: lat, lon (degrees, rounded to about 100 m; both None for cases without a position), value, n.
    """
    which = "c.opened_at >= :start and c.opened_at < :end" if span else _OPEN
    times = {"start": span.start, "end": span.end} if span else {}
    return queries.listed(f"{kind}s_open", _PLACES.format(which), kind=kind, **times)


def stages(queries: Queries, kind: str) -> Reading:
    """At which stage the open cases wait: that of the last event, or the status of a case without any.

    Rows: stage, value = n = cases, median_h and longest_h = hours since they came to it. Of two events at one
    instant the later in the alphabet counts.
    """
    return queries.listed(f"{kind}s_open", _STAGES, kind=kind)


_OPEN = "c.opened_at <= :now and (c.closed_at is null or c.closed_at > :now)"

_VALUE = """(select o.value from observations o where o.region = c.region and o.source = c.source
    and o.metric = :v{0} and o.at = c.opened_at limit 1)"""

_RECENT = """
select c.opened_at, c.closed_at, c.category, c.district, c.outcome, c.priority, c.lat, c.lon,
    1 as value, 1 as n {columns}
from cases c where c.region = :region and c.kind = :kind
    and ((c.opened_at >= :start and c.opened_at < :end) {ended}) {filters}
order by c.opened_at desc, c.source, c.key limit :limit
"""

_IN_FORCE = """
select c.opened_at, c.closed_at, c.category, c.district, c.priority, 1 as value, 1 as n
from cases c where c.region = :region and c.kind = :kind and (c.closed_at is null or c.closed_at > :now)
order by c.opened_at, c.source, c.key limit :limit
"""

_PLACES = """
select c.lat, c.lon, count(*) as value, count(*) as n from cases c
where c.region = :region and c.kind = :kind and {} group by c.lat, c.lon order by c.lat, c.lon
"""

_STAGES = f"""
select coalesce(e.stage, c.status) as stage, count(*) as value, count(*) as n,
    percentile_cont(0.5) within group (order by extract(epoch from :now - coalesce(e.at, c.opened_at)))::float8 / 3600
        as median_h,
    max(extract(epoch from :now - coalesce(e.at, c.opened_at)))::float8 / 3600 as longest_h
from cases c left join lateral (
    select f.stage, f.at from case_events f
    where f.region = c.region and f.source = c.source and f.key = c.key and f.at <= :now
    order by f.at desc, f.stage desc limit 1) e on true
where c.region = :region and c.kind = :kind and {_OPEN} group by 1 order by 1
"""
