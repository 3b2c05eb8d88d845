"""Silent agencies: no memo written, no answer, no case handled for some working days, though there was something to do.

Sign     an agency's last deed on a kind of case: a step (not the receipt of a case, nor its being handed on to the
         agency), the closing of a case of its own, and of memos, which agencies write themselves, a new one. A step
         is that of the agency that held the case until then. A case that its source withdrew is nobody's deed.
Silence  the whole working days after the sign, up to the moment that the data describe: a source that is away makes
         nobody silent. Of kinds that citizens file an agency is silent only while a case waits for it, and from the
         day on which the oldest of them came.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from city.calendar import working_days_between
from city.queries import Queries
from city.times import local_day

#: How far back a sign is looked for; first near, which is enough wherever nobody is silent and costs a tenth.
_NEAR, MEMORY = timedelta(days=7), timedelta(days=120)
#: The kinds that agencies write themselves.
WRITTEN = frozenset({"memo"})


@dataclass(frozen=True)
class Sign:
    """The last deed of an agency: when, and what (a stage, ``opened`` or ``closed``)."""

    at: datetime
    stage: str


@dataclass(frozen=True)
class Waiting:
    """The open cases of an agency: how many, and when the oldest was filed."""

    count: int
    oldest: datetime


@dataclass(frozen=True)
class Silent:
    """An agency without a sign for ``days`` whole working days; ``sign`` None: none as far back as was looked."""

    agency: str
    sign: Sign | None
    days: int
    waiting: int


@dataclass(frozen=True)
class Silence:
    """Who is silent, the longest first, at ``as_of`` (None: the kind was never collected). ``heard``: all others."""

    as_of: datetime | None
    silent: tuple[Silent, ...]
    heard: int


def silent(
    signs: Mapping[str, Sign], waiting: Mapping[str, Waiting], agencies: Iterable[str], at: datetime, days: int,
    *, since: datetime, closed: frozenset[date], zone: ZoneInfo, written: bool,
) -> tuple[Silent, ...]:  # fmt: skip
    """The agencies without a sign for ``days`` working days before ``at``. Pure; ``since``: where looking began."""
    found = []
    for agency in agencies:
        work, sign = waiting.get(agency), signs.get(agency)
        if work is None and not written:
            continue
        begun = max([since, *([sign.at] if sign else []), *([work.oldest] if work and not written else [])])
        quiet = working_days_between(local_day(begun, zone), local_day(at, zone), closed)
        if quiet >= days:
            found.append(Silent(agency, sign, quiet, work.count if work else 0))
    return tuple(sorted(found, key=lambda one: (-one.days, one.agency)))


def read(queries: Queries, kind: str, days: int) -> Silence:
    """The silent agencies of a kind: of those of the settings, and of others that gave a sign or hold a case of it.

    UnknownMetric for a kind that there is not; ValueError for less than one day.
    """
    if days < 1:
        raise ValueError("silence is counted in whole working days: at least 1")
    name, region = f"{kind}s_open", queries.config.region
    at, first = queries.as_of(name), queries.first_at(name)
    if at is None or first is None:
        return Silence(at, (), 0)
    since = max(first, at - MEMORY)
    open_rows = queries.listed(name, _WAITING, kind=kind, at=at).rows
    waiting = {row["agency"]: Waiting(row["n"], row["oldest"]) for row in open_rows}
    configured = [term.code for term in region.agencies]
    signs = _signs(queries, name, kind, max(since, at - _NEAR), at)
    if since < at - _NEAR and not signs.keys() >= set(waiting).union(configured if kind in WRITTEN else ()):
        signs = _signs(queries, name, kind, since, at)
    agencies = dict.fromkeys([*configured, *signs, *waiting])
    years = range(local_day(since, region.zone).year, local_day(at, region.zone).year + 1)
    closed = queries.config.calendar.closed_days(region.country, years)
    found = silent(
        signs, waiting, agencies, at, days, since=since, closed=closed, zone=region.zone, written=kind in WRITTEN
    )
    return Silence(at, found, len(agencies) - len(found))


def _signs(queries: Queries, name: str, kind: str, since: datetime, at: datetime) -> dict[str, Sign]:
    rows = queries.listed(name, _SIGNS, kind=kind, since=since, at=at, written=kind in WRITTEN).rows
    return {row["agency"]: Sign(row["at"], row["stage"]) for row in rows}


_SIGNS = """
with touched as (
    select source, key, agency, opened_at, closed_at, outcome from cases
    where region = :region and kind = :kind and opened_at <= :at and (closed_at is null or closed_at >= :since)
), steps as (
    select e.at, e.stage, c.agency as own, c.outcome,
        lag(e.agency) over (partition by e.source, e.key order by e.at, e.stage) as holder
    from touched c join case_events e on e.region = :region and e.source = c.source and e.key = c.key
), signs as (
    select coalesce(holder, case when stage <> 'routed' then own end) as agency, at, stage from steps
    where stage <> 'received' and not (stage = 'rejected' and outcome is not distinct from 'withdrawn')
    union all select agency, closed_at, 'closed' from touched where outcome is distinct from 'withdrawn'
    union all select agency, opened_at, 'opened' from touched where :written
)
select distinct on (agency) agency, at, stage, 1 as n from signs
where agency is not null and at >= :since and at <= :at order by agency, at desc, stage desc
"""
_WAITING = """
select agency, count(*) as n, min(opened_at) as oldest from cases
where region = :region and kind = :kind and closed_at is null and opened_at <= :at and agency is not null group by 1
"""
