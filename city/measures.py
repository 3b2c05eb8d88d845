"""The SQL of every measure, over cases, events and observations. Builds text; runs nothing.

Statements give the columns: the dimensions asked for, ``bucket`` (the instant it begins, with a
grain), ``value``, ``n`` and ``extra`` (on time, rejected, or negative durations). Parameters:
:region :kind :start :end :zone :q :horizon :from_stage :to_stage, and a list :w_<dimension> per
filter. Dimensions, grain and measure come from closed lists; values are always parameters.
"""

from collections.abc import Sequence

from city.metrics import Metric

_HOURS = "extract(epoch from {})::float8 / 3600"
_QUANTILE = "percentile_cont(:q) within group (order by " + _HOURS + ")"

#: measure -> (the instant that must lie in the window, value, n, extra)
_FLOW = {
    "opened": ("c.opened_at", "count(*)", "count(*)", "0"),
    "closed": ("c.closed_at", "count(*)", "count(*)", "0"),
    "on_time_ratio": (
        "c.closed_at",
        "avg((c.closed_at <= c.due_at)::int)::float8",
        "count(c.due_at)",
        "count(*) filter (where c.closed_at <= c.due_at)",
    ),
    "rejected_ratio": (
        "c.closed_at",
        "avg((c.status = 'rejected')::int)::float8",
        "count(*)",
        "count(*) filter (where c.status = 'rejected')",
    ),
    "time_to_close": (
        "c.closed_at",
        _QUANTILE.format("c.closed_at - c.opened_at"),
        "count(*)",
        "count(*) filter (where c.closed_at < c.opened_at)",
    ),
    "reopened": ("c.reached_at", "count(distinct (c.source, c.key))", "count(distinct (c.source, c.key))", "0"),
}
_STAGE = (
    "c.reached_at",
    _QUANTILE.format("c.reached_at - c.from_at"),
    "count(*)",
    "count(*) filter (where c.reached_at < c.from_at)",
)
_CASE_TIMES = {"opened": "k.opened_at", "closed": "k.closed_at"}


def flow(metric: Metric, dims: Sequence[str], grain: str | None, where: Sequence[str]) -> str:
    """A measure of cases over a window, by ``dims`` and ``grain``."""
    at, value, n, extra = _FLOW.get(metric.measure, _STAGE)
    columns, group = split(dims, grain and f"date_trunc('{grain}', {at}, cast(:zone as text))")
    return f"""select {columns} {value} as value, {n} as n, {extra} as extra from {_rows(metric)} c
        where c.region = :region and c.kind = :kind and {at} >= :start and {at} < :end {filters(where)} {group}"""


def split(dims: Sequence[str], bucket: str | None) -> tuple[str, str]:
    """The leading columns and the GROUP BY of a split."""
    parts = [f"c.{dim}" for dim in dims] + ([f"{bucket} as bucket"] if bucket else [])
    positions = ", ".join(str(number) for number in range(1, len(parts) + 1))
    return "".join(f"{part}, " for part in parts), f"group by {positions}" if parts else ""


def filters(where: Sequence[str]) -> str:
    """The conditions of the filtered dimensions."""
    return " ".join(f"and c.{name} = any(:w_{name})" for name in where)


def _rows(metric: Metric) -> str:
    if metric.measure in ("first_response", "reopened"):
        return _reached(metric, "k.opened_at")
    if metric.measure != "stage_time":
        return "cases"
    first = _CASE_TIMES.get(
        metric.from_stage or "",
        "(select min(f.at) from case_events f "
        "where f.region = k.region and f.source = k.source and f.key = k.key and (f.stage = :from_stage) is true)",
    )
    if metric.to_stage in _CASE_TIMES:
        reached = _CASE_TIMES[metric.to_stage]
        return f"(select * from (select k.*, {reached} as reached_at, {first} as from_at from cases k) r {_KNOWN})"
    return f"(select * from {_reached(metric, first)} r {_KNOWN})"


_KNOWN = "where from_at is not null"
#: measure -> what the event is, and how many of the earlier events that matter (none or one is looked for)
_EVENTS = {
    "stage_time": ("{}.stage = :to_stage", 0),
    "first_response": ("{}.stage <> 'received'", 0),
    "reopened": ("{}.stage not in ('done', 'rejected')", 1),
}


def _reached(metric: Metric, first: str) -> str:
    """Cases with the event that counts inside the window as ``reached_at``, and ``from_at``.

    The first event of its sort has none of its sort before it; a reopening has a closing before it.
    Two events at one instant are told apart by their stage, so that exactly one of them is first.
    Case and earlier events are looked up by key for each event: joined as sets, a table without
    statistics (a new city) is read again for every event. For the same reason ``is true`` hides the
    stage from its index, and ``offset 0`` has ``from_at`` looked up once.
    """
    sort, earlier = _EVENTS[metric.measure]
    before = f"({sort.format('f')}) is true and (f.at, f.stage) < (e.at, e.stage)"
    if earlier:
        before = "(f.stage in ('done', 'rejected')) is true and f.at < e.at"
    return f"""(select k.*, e.at as reached_at, {first} as from_at from case_events e cross join lateral (
            select * from cases k where k.region = e.region and k.source = e.source and k.key = e.key limit 1) k
        where e.region = :region and {sort.format("e")} and e.at >= :start and e.at < :end and {earlier} = (
            select count(*) from (select from case_events f
            where f.region = e.region and f.source = e.source and f.key = e.key and {before} limit 1) one) offset 0)"""


#: measure -> (value, condition at m.t, what of it holds for every moment between :first_t and :last_t)
_STATE = {
    "open": ("count(*)", "", ""),
    "overdue": ("count(*)", "and c.due_at <= m.t", "and c.due_at <= :last_t"),
    "due_soon": (
        "count(*)",
        "and c.due_at > m.t and c.due_at <= m.t + :horizon",
        "and c.due_at > :first_t and c.due_at <= :last_t + :horizon",
    ),
    "oldest_open": (_HOURS.format("max(m.t - c.opened_at)"), "", ""),
}


def state(metric: Metric, dims: Sequence[str], where: Sequence[str]) -> str:
    """A measure at each of :moments (from :first_t to :last_t); ``bucket`` is the moment.

    Open cases and cases closed since the first moment are read apart: each has an index of its own.
    """
    value, condition, bound = _STATE[metric.measure]
    columns, group = split(dims, "m.t")
    rows = f"""select c.* from cases c where c.region = :region and c.kind = :kind and c.opened_at <= :last_t
        {bound} {filters(where)}"""
    return f"""select {columns} {value} as value, count(*) as n, 0 as extra
        from unnest(cast(:moments as timestamptz[])) m(t)
        join ({rows} and c.closed_at is null union all {rows} and c.closed_at > :first_t) c
            on c.opened_at <= m.t and (c.closed_at is null or c.closed_at > m.t) {condition} {group}"""


def waiting(overdue: bool | None, within: bool, order: str, where: Sequence[str]) -> tuple[str, str]:
    """Open cases at :t one by one (without their keys), the first :limit by ``order``; and how many there are."""
    due = {True: "and c.due_at <= :t", False: "and c.due_at > :t", None: ""}[overdue]
    due += " and c.due_at <= :until" if within else ""
    rows = f"""select c.category, c.agency, c.district, c.opened_at, c.due_at from cases c
        where c.region = :region and c.kind = :kind and c.opened_at <= :t {due} {filters(where)}"""
    either = f"({rows} and c.closed_at is null union all {rows} and c.closed_at > :t) w"
    listed = f"""select *, abs(extract(epoch from due_at - :t))::float8 as value, due_at <= :t as overdue, 1 as n
        from {either} order by {order} nulls last limit :limit"""
    return listed, f"select count(*) as n from {either}"
