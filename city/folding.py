"""The day roll-ups (``case_days``): what each case adds to the days it was opened, was closed and fell due on.

Nine counts per local day and dimensions, from which :mod:`city.rollups` answers flows and states of
whole days. Runs nothing, except :func:`rebuild` and :func:`settle`. A test recounts them from the cases.
"""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.engine import Connection

from city.tables import regions

_DIMENSIONS = "region, source, kind, category, agency, district, channel"
_KEY = "region, kind, day, source, category, agency, district, channel"

#: The columns of a case that its days are counted from.
READS = [*_DIMENSIONS.split(", "), "opened_at", "due_at", "closed_at", "status", "opened_on", "closed_on"]

_LATE = "due_at is not null and (closed_at is null or closed_at > greatest(opened_at, due_at))"
#: The local day on which a case was overdue.
_LATE_DAY = "(greatest(opened_at, due_at) at time zone :zone)::date"
#: (the day, which cases, count -> its aggregate); a case that was closed as it was opened was never open.
_DAYS = [
    (
        "opened_on",
        "true",
        {"opened": "count(*)", "open_in": "count(*) filter (where closed_at is null or closed_at > opened_at)"},
    ),
    (
        "closed_on",
        "closed_at is not null",
        {
            "closed": "count(*)",
            "closed_due": "count(due_at)",
            "closed_on_time": "count(*) filter (where closed_at <= due_at)",
            "rejected": "count(*) filter (where status = 'rejected')",
            "open_out": "count(*) filter (where closed_at > opened_at)",
            "overdue_out": f"count(*) filter (where {_LATE})",
        },
    ),
    (_LATE_DAY, _LATE, {"overdue_in": "count(*)"}),
]
#: State -> the local day on which a case began to be so; null where it never was. It ends with the day it was closed.
BEGINS = {
    "open": "case when closed_at is null or closed_at > opened_at then opened_on end",
    "overdue": f"case when {_LATE} then {_LATE_DAY} end",
}
_COUNTS = [name for _, _, counts in _DAYS for name in counts]


def days(rows: str, sign: int) -> str:
    """A select of (key, counts) of every day that ``rows`` touch; ``sign`` is +1 for what came, -1 for what left."""
    return " union all ".join(_day(rows, sign, day, where, counts) for day, where, counts in _DAYS)


def _day(rows: str, sign: int, day: str, where: str, counts: dict[str, str]) -> str:
    columns = ", ".join(
        f"({sign} * {counts[name]})::int as {name}" if name in counts else f"0 as {name}" for name in _COUNTS
    )
    key = f"{_DIMENSIONS}, {day}"
    return f"select {_DIMENSIONS}, {day} as day, {columns} from {rows} where {where} group by {key}"


def fold(changes: str) -> str:
    """The statement that adds ``changes``, a select as :func:`days` writes it, to the roll-ups."""
    sums = {name: f"sum({name})" for name in _COUNTS}
    return f"""
    insert into case_days as known ({_KEY}, {", ".join(sums)})
    select {_KEY}, {", ".join(sums.values())} from ({changes}) changes group by {_KEY}
    having {" or ".join(f"{total} <> 0" for total in sums.values())}
    on conflict ({_KEY}) do update set {", ".join(f"{name} = known.{name} + excluded.{name}" for name in sums)}
    """


def rebuild(connection: Connection, region: str, zone: str) -> None:
    """Count a region's roll-ups anew from its cases, in the caller's transaction."""
    place = {"region": region, "zone": zone}
    connection.execute(sa.text("delete from case_days where region = :region"), place)
    connection.execute(sa.text(fold(days("(select * from cases where region = :region) c", +1))), place)


#: The local days that rows carry, in the zone of their region.
_LOCAL_DAYS = (
    """update cases set opened_on = (opened_at at time zone :zone)::date,
        closed_on = (closed_at at time zone :zone)::date where region = :region""",
    "update observations set day = (at at time zone :zone)::date where region = :region",
)


def settle(connection: Connection, region: str, zone: str) -> None:
    """Have every local day of ``region`` counted in ``zone``: a zone corrected in the settings counts them anew.

    Before a run changes anything, in its transaction. A second run that starts meanwhile waits for the first.
    """
    known = connection.scalar(sa.select(regions.c.zone).where(regions.c.region == region))
    if known == zone:
        return
    row = insert(regions).values(region=region, zone=zone)
    changed = row.on_conflict_do_update(
        index_elements=["region"], set_={"zone": zone}, where=regions.c.zone != zone
    ).returning(regions.c.zone)
    if connection.execute(changed).first() and known:
        for statement in _LOCAL_DAYS:
            connection.execute(sa.text(statement), {"region": region, "zone": zone})
        rebuild(connection, region, zone)
