"""The SQL of every measure, over cases, events and observations. Builds text; runs nothing.

Placeholders: :region, :kind, :start, :end, :t, :zone, :q, :horizon, :from_stage, :to_stage and one
``w_<dimension>`` list per filter. ``dims`` are checked against the closed list of dimensions.
"""

from collections.abc import Sequence

from city.metrics import Metric

#: Dimensions the day roll-ups carry.
DAY_DIMENSIONS = frozenset({"source", "category", "agency", "district", "channel"})
_HOURS = "extract(epoch from {})::float8 / 3600"

#: measure -> (instant that must lie in the window, value, n, extra)
_FLOW = {
    "opened": ("c.opened_at", "count(*)", "count(*)", "0"),
    "closed": ("c.closed_at", "count(*)", "count(*)", "0"),
    "on_time_ratio": (
        "c.closed_at",
        "avg((c.closed_at <= c.due_at)::int) filter (where c.due_at is not null)",
        "count(c.due_at)",
        "count(*) filter (where c.closed_at <= c.due_at)",
    ),
    "rejected_ratio": (
        "c.closed_at",
        "avg((c.status = 'rejected')::int)",
        "count(*)",
        "count(*) filter (where c.status = 'rejected')",
    ),
    "time_to_close": (
        "c.closed_at",
        f"percentile_cont(:q) within group (order by {_HOURS.format('c.closed_at - c.opened_at')})",
        "count(*)",
        "count(*) filter (where c.closed_at < c.opened_at)",
    ),
}
_STAGE_VALUE = f"percentile_cont(:q) within group (order by {_HOURS.format('c.reached_at - c.from_at')})"
_STAGE = (
    "c.reached_at",
    _STAGE_VALUE,
    "count(*)",
    "count(*) filter (where c.reached_at < c.from_at)",
)
_EVENT = (
    "select {what} from case_events e where e.region = k.region and e.source = k.source and e.key = k.key {condition}"
)


def flow(metric: Metric, dims: Sequence[str], grain: str | None, filters: str) -> str:
    """A measure over a window, by ``dims`` and ``grain``. Columns: dims, bucket, value, n, extra."""
    at, value, n, extra = _FLOW.get(metric.measure, _STAGE)
    columns, group = _split(dims, grain, at)
    rows = "cases" if metric.measure in _FLOW else _reached(metric)
    return f"""select {columns} {value} as value, {n} as n, {extra} as extra from {rows} c
        where c.region = :region and c.kind = :kind and {at} >= :start and {at} < :end {filters} {group}"""


def _split(dims: Sequence[str], grain: str | None, at: str) -> tuple[str, str]:
    parts = [f"c.{dim}" for dim in dims]
    if grain:
        parts.append(f"date_trunc('{grain}', {at} at time zone :zone) as bucket")
    positions = ", ".join(str(number + 1) for number in range(len(parts)))
    return ", ".join(parts) + ("," if parts else ""), f"group by {positions}" if parts else ""


def _reached(metric: Metric) -> str:
    """Cases with the instants ``from_at`` and ``reached_at`` of a stage measure."""
    first = "(" + _EVENT.format(what="min(e.at)", condition="and e.stage = {stage}") + ")"
    start, end = "k.opened_at", ""
    if metric.measure == "first_response":
        end = "(" + _EVENT.format(what="min(e.at)", condition="and e.stage <> 'received'") + ")"
    elif metric.measure == "reopened":
        again = (
            "and e.stage not in ('done', 'rejected') and e.at > ("
            + _EVENT.format(what="min(e.at)", condition="and e.stage in ('done', 'rejected')")
            .replace(" e ", " f ")
            .replace("e.", "f.")
            + ")"
        )
        end = "(" + _EVENT.format(what="min(e.at)", condition=again) + ")"
    else:
        start = "k.opened_at" if metric.from_stage == "opened" else first.format(stage=":from_stage")
        end = "k.closed_at" if metric.to_stage == "closed" else first.format(stage=":to_stage")
    return f"""(select * from (select k.*, {start} as from_at, {end} as reached_at from cases k
        where k.region = :region and k.kind = :kind) r where from_at is not null and reached_at is not null)"""


_STATE = {
    "open": ("count(*)", ""),
    "overdue": ("count(*)", "and c.due_at <= m.t"),
    "due_soon": ("count(*)", "and c.due_at > m.t and c.due_at <= m.t + :horizon"),
    "oldest_open": (_HOURS.format("max(m.t - c.opened_at)"), ""),
}


def state(metric: Metric, dims: Sequence[str], filters: str) -> str:
    """A measure at each of the moments ``:moments``. Columns: dims, moment, value, n, extra."""
    value, condition = _STATE[metric.measure]
    columns = "".join(f"c.{dim}, " for dim in dims)
    group = "".join(f", c.{dim}" for dim in dims)
    return f"""select {columns} m.t as moment, {value} as value, count(*) as n, 0 as extra
        from unnest(cast(:moments as timestamptz[])) m(t)
        join cases c on c.region = :region and c.kind = :kind and c.opened_at <= m.t
            and (c.closed_at is null or c.closed_at > m.t) {condition} {filters}
        group by m.t {group}"""


_DAY_FLOW = {
    "opened": ("sum(opened)", "sum(opened)", "0"),
    "closed": ("sum(closed)", "sum(closed)", "0"),
    "on_time_ratio": (
        "sum(closed_on_time)::float8 / nullif(sum(closed_due), 0)",
        "sum(closed_due)",
        "sum(closed_on_time)",
    ),
    "rejected_ratio": ("sum(rejected)::float8 / nullif(sum(closed), 0)", "sum(closed)", "sum(rejected)"),
}
_DAY_STATE = {"open": "open_in - open_out", "overdue": "overdue_in - overdue_out"}


def covered(metric: Metric, names: set[str]) -> bool:
    """Whether the day roll-ups can answer ``metric`` split or filtered by ``names``."""
    return names <= DAY_DIMENSIONS and (metric.measure in _DAY_FLOW or metric.measure in _DAY_STATE)


def day_flow(metric: Metric, dims: Sequence[str], grain: str | None, filters: str) -> str:
    """As :func:`flow`, from the day roll-ups; :first and :last are local days, both included."""
    value, n, extra = _DAY_FLOW[metric.measure]
    columns, group = _split(dims, None, "")
    if grain:
        columns += f" date_trunc('{grain}', c.day::timestamp) as bucket,"
        group = (group + ", " if group else "group by ") + str(len(dims) + 1)
    return f"""select {columns} {value} as value, coalesce({n}, 0) as n, coalesce({extra}, 0) as extra from case_days c
        where c.region = :region and c.kind = :kind and c.day between :first and :last {filters} {group}"""


def day_state(metric: Metric, dims: Sequence[str], filters: str) -> str:
    """As :func:`state` at the ends of local days ``:days`` (instants ``:moments``), from the day roll-ups."""
    columns = "".join(f"c.{dim}, " for dim in dims)
    group = "".join(f", c.{dim}" for dim in dims)
    return f"""select {columns} m.t as moment, sum(c.total) as value, sum(c.total) as n, 0 as extra
        from unnest(cast(:moments as timestamptz[]), cast(:days as date[])) m(t, day)
        join (select {columns} c.day, sum({_DAY_STATE[metric.measure]}) as total from case_days c
            where c.region = :region and c.kind = :kind {filters} group by c.day {group}) c on c.day <= m.day
        group by m.t {group}"""


def observed(metric: Metric, dims: Sequence[str], grain: str | None, filters: str) -> str:
    """``sum``, ``mean`` or ``ratio`` of observations over a window. Columns as :func:`flow`."""
    columns, group = _split(dims, grain, "c.at")
    value = {"sum": "sum(c.value)", "mean": "avg(c.value)"}.get(
        metric.measure,
        "sum(c.value) filter (where c.metric = :numerator) / nullif(sum(c.value) filter (where c.metric = :denominator), 0)",
    )
    return f"""select {columns} {value} as value, count(*) as n, 0 as extra from observations c
        where c.region = :region and c.metric = any(:names) and c.at >= :start and c.at < :end {filters} {group}"""


def latest(dims: Sequence[str], filters: str) -> str:
    """The last value of each series at or before :t (not before :oldest), added up by ``dims``."""
    columns, group = _split(dims, None, "")
    key = "source, agency, district, category, channel, place"
    return f"""select {columns} sum(c.value) as value, count(*) as n, 0 as extra from (
            select distinct on ({key}) * from observations
            where region = :region and metric = any(:names) and at <= :t and at >= :oldest order by {key}, at desc) c
        where true {filters} {group}"""
