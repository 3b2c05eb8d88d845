"""The set-wise SQL behind :mod:`city.store`: staging, merge, roll-ups.

A run of one source holds an advisory lock, so nobody else writes rows with the same keys: an
anti-join insert and a join update are exact and cheaper than ``on conflict``. The day roll-ups
(:mod:`city.folding`) change by the difference between the rows before and after, so a run costs
what it changed, not the size of the days it touched.
"""

from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.engine import Connection

from city import copy_text, folding, touched
from city.model import WITHDRAWN, Case, ShapeChange, Status
from city.tables import cursors, delivered, source_shapes

#: As a Case declares them, between its key and its events: the order of COPY.
_CASE_FACTS = list(Case.__struct_fields__[1:-1])
_OBSERVATION_KEY = ["metric", "at", "agency", "district", "category", "channel", "place"]
_SERIES = "metric, agency, district, category, channel, place"


def _list(names: list[str], prefix: str = "") -> str:
    return ", ".join(prefix + name for name in names)


CASE_COPY = f"copy staged_cases (key, {_list(_CASE_FACTS)}) from stdin ({copy_text.FORMAT})"
EVENT_COPY = f"copy staged_events (key, at, stage, agency) from stdin ({copy_text.FORMAT})"
OBSERVATION_COPY = (
    f"copy staged_observations ({_list(_OBSERVATION_KEY)}, value, simulated) from stdin ({copy_text.FORMAT})"
)

_STAGING = f"""
create temp table staged_cases on commit drop as
    select key, {_list(_CASE_FACTS)} from cases with no data;
create temp table staged_events on commit drop as
    select key, at, stage, agency from case_events with no data;
create temp table staged_observations on commit drop as
    select {_list(_OBSERVATION_KEY)}, value, simulated from observations with no data;
"""

#: The last delivery of a key within one run wins.
_ONE_EACH = """
delete from staged_cases early using staged_cases late
where early.key = late.key and early.ctid < late.ctid
"""

_BEFORE = f"""
create temp table cases_before on commit drop as
select old.* from cases old join staged_cases new on new.key = old.key
where old.region = :region and old.source = :source
  and ({_list(_CASE_FACTS, "old.")}) is distinct from ({_list(_CASE_FACTS, "new.")})
"""

_UPDATE = f"""
update cases set
    {", ".join(f"{name} = new.{name}" for name in _CASE_FACTS)},
    opened_on = (new.opened_at at time zone :zone)::date,
    closed_on = (new.closed_at at time zone :zone)::date,
    revised_at = :recorded_at
from staged_cases new join cases_before old on old.key = new.key
where cases.region = :region and cases.source = :source and cases.key = new.key
"""

_INSERT = f"""
insert into cases (region, source, key, {_list(_CASE_FACTS)}, opened_on, closed_on, recorded_at)
select :region, :source, new.key, {_list(_CASE_FACTS, "new.")},
    (new.opened_at at time zone :zone)::date, (new.closed_at at time zone :zone)::date, :recorded_at
from staged_cases new
where not exists (select from cases old where old.region = :region and old.source = :source and old.key = new.key)
returning {_list(folding.READS)}
"""

#: The merged cases feed the roll-ups without being read again.
_INSERT_AND_FOLD = f"""
with added as ({_INSERT}), folded as ({folding.fold(folding.days("added", +1))}),
    touched as ({touched.mark("cases", "opened_at", "added")})
select count(*) from added
"""

_AFTER = "(select a.* from cases a join cases_before b on (a.region, a.source, a.key) = (b.region, b.source, b.key)) a"
_REFOLD = folding.fold(f"{folding.days('cases_before', -1)} union all {folding.days(_AFTER, +1)}")

_MOVED = touched.mark(
    "cases", "opened_at", f"(select opened_at from cases_before union all select opened_at from {_AFTER}) b"
)

_AS_WITHDRAWN = {
    "closed_at": "greatest(g.at, c.opened_at)",
    "status": f"'{Status.REJECTED}'",
    "outcome": f"'{WITHDRAWN}'",
}

#: A case whose source no longer knows it keeps what is known of it: only its end is added.
_WITHDRAW = f"""
with closed as (
    insert into staged_cases (key, {_list(_CASE_FACTS)})
    select c.key, {", ".join(_AS_WITHDRAWN.get(name, f"c.{name}") for name in _CASE_FACTS)}
    from cases c join unnest(cast(:keys as text[]), cast(:times as timestamptz[])) g(key, at) on c.key = g.key
    where c.region = :region and c.source = :source and c.closed_at is null
        and not exists (select from staged_cases s where s.key = c.key)
    returning key, kind, closed_at, agency
), told as (
    insert into staged_events (key, at, stage, agency) select key, closed_at, '{Status.REJECTED}', agency from closed
)
select distinct kind from closed
"""

#: A mirror keeps with each case what its events tell. Those that came or changed in this run are marked already, and a
#: bulk load has no others: then the first condition spares looking for them.
_TOLD_OF = """(select opened_at from staged_cases where (select count(*) from staged_cases) > :changed
    and key in (select key from told)) c"""

_EVENTS = f"""
with told as (insert into case_events (region, source, key, at, stage, agency, recorded_at)
select distinct on (key, at, stage) :region, :source, key, at, stage, agency, :recorded_at from staged_events
order by key, at, stage
on conflict (region, source, key, at, stage) do update set agency = excluded.agency
where case_events.agency is distinct from excluded.agency
returning key, at), touched as ({touched.mark("case_events", "at", "told")})
{touched.mark("cases", "opened_at", _TOLD_OF)}
"""

_OBSERVATIONS = f"""
with merged as (
    insert into observations as known
        (region, source, {_list(_OBSERVATION_KEY)}, value, simulated, day, recorded_at)
    select distinct on ({_list(_OBSERVATION_KEY)})
        :region, :source, {_list(_OBSERVATION_KEY)}, value, simulated, (at at time zone :zone)::date, :recorded_at
    from staged_observations order by {_list(_OBSERVATION_KEY)}, ctid desc
    on conflict (region, source, {_list(_OBSERVATION_KEY)}) do update
        set value = excluded.value, simulated = excluded.simulated, revised_at = excluded.recorded_at
        where (known.value, known.simulated) is distinct from (excluded.value, excluded.simulated)
    returning (revised_at is null) as new, at
), touched as ({touched.mark("observations", "at", "merged")})
select count(*) filter (where new), count(*) filter (where not new) from merged
"""


#: The newest observation of each key, and since when its value has not changed; of the last two weeks.
LATEST = f"""
with recent as (
    select {_SERIES}, at, value from observations
    where region = :region and source = :source and metric = any(:metrics) and at > :now - interval '14 days'
), marked as (
    select *, first_value(value) over key as newest, row_number() over key as number from recent
    window key as (partition by {_SERIES} order by at desc)
)
select {_SERIES}, max(at), min(newest),
    coalesce(min(at) filter (where at > coalesce(changed, '-infinity')), max(at))
from (select *, max(at) filter (where value <> newest) over (partition by
    {_SERIES}) as changed from marked) m
group by {_SERIES}
"""


def lock(connection: Connection, region: str, source: str) -> None:
    """One run of a source at a time, whatever process it runs in; released with the transaction."""
    key = {"key": f"kendali run {region} {source}"}
    connection.execute(sa.text("select pg_advisory_xact_lock(hashtextextended(:key, 0))"), key)


def create_staging(connection: Connection) -> None:
    """Empty staging tables that live as long as the transaction."""
    # The server's default of 4 MB would sort a year of cases on disk; one run at a time per source uses this.
    connection.exec_driver_sql(f"set local work_mem = '128MB'; {_STAGING}")


def cases(connection: Connection, place: dict[str, Any]) -> tuple[int, int]:
    """Merge the staged cases and their roll-ups. Returns (saved, revised)."""
    if connection.scalar(sa.text("select exists (select from staged_cases group by key having count(*) > 1)")):
        connection.execute(sa.text(_ONE_EACH))
    connection.exec_driver_sql("analyze staged_cases")
    revised = connection.execute(sa.text(_BEFORE), place).rowcount
    if revised:
        connection.execute(sa.text(_UPDATE), place)
        connection.execute(sa.text(_REFOLD), place)
        connection.execute(sa.text(_MOVED), place)
    saved = connection.execute(sa.text(_INSERT_AND_FOLD), place).scalar_one()
    return int(saved), int(revised)


def withdrawals(connection: Connection, place: dict[str, Any], gone: dict[str, datetime]) -> set[str]:
    """Stage the closing of the open cases ``gone`` (key -> since when), unless this run brought them. Their kinds."""
    found = connection.execute(sa.text(_WITHDRAW), place | {"keys": list(gone), "times": list(gone.values())})
    return {kind for (kind,) in found}


def events(connection: Connection, place: dict[str, Any], changed: int) -> None:
    """Add the staged events that are not known yet. ``changed``: how many of the staged cases were saved or revised."""
    connection.execute(sa.text(_EVENTS), place | {"changed": changed})


def observations(connection: Connection, place: dict[str, Any]) -> tuple[int, int]:
    """Merge the staged observations. Returns (saved, revised)."""
    saved, revised = connection.execute(sa.text(_OBSERVATIONS), place).one()
    return int(saved), int(revised)


def deliveries(connection: Connection, region: str, source: str, sort: str, names: set[str]) -> None:
    """Remember that ``source`` brought these kinds (``sort`` "kind") or metrics ("metric")."""
    rows = [{"region": region, "source": source, "sort": sort, "name": name} for name in names]
    if rows:
        connection.execute(insert(delivered).on_conflict_do_nothing(), rows)


def cursor(connection: Connection, region: str, source: str, value: dict[str, Any], moved_at: datetime) -> None:
    """Remember how far the job has read, in the transaction of what it read."""
    row = insert(cursors).values(region=region, source=source, cursor=value, moved_at=moved_at)
    known = [cursors.c.region, cursors.c.source]
    connection.execute(row.on_conflict_do_update(index_elements=known, set_={"cursor": value, "moved_at": moved_at}))


def known_shape(connection: Connection, region: str, source: str) -> dict[str, Any]:
    """The newest shape of ``source``, or nothing."""
    of = (source_shapes.c.region == region) & (source_shapes.c.source == source)
    found = sa.select(source_shapes.c.shape).where(of).order_by(source_shapes.c.id.desc()).limit(1)
    return connection.scalar(found) or {}


def shape(
    connection: Connection, region: str, source: str, at: datetime, known: dict[str, Any], changes: list[ShapeChange]
) -> None:
    """Remember the shape of ``source``: a new row when it changed, else what more is known of the same."""
    told = [msgspec.structs.asdict(change) for change in changes]
    row = {"region": region, "source": source, "seen_at": at, "shape": known, "changes": told}
    if changes or not known_shape(connection, region, source):
        connection.execute(source_shapes.insert().values(row))
        return
    of = (source_shapes.c.region == region) & (source_shapes.c.source == source)
    newest = sa.select(sa.func.max(source_shapes.c.id)).where(of).scalar_subquery()
    connection.execute(source_shapes.update().where(source_shapes.c.id == newest).values(shape=known))
