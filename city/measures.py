"""The SQL of every measure, over cases, events and observations. Builds text; runs nothing.

Statements give the columns: the dimensions asked for, ``bucket`` (the instant it begins, with a
grain), ``value``, ``n`` and ``extra`` (on time, rejected, or negative durations). Parameters:
:region :kind :start :end :zone :q :horizon :from_stage :to_stage, the region's agencies (:w_agencies) and how many
they are (:agencies), and a list :w_<dimension> per filter. Dimensions, grain and measure come from closed lists;
values are always parameters.
"""

from collections.abc import Sequence

from city.metrics import Metric

#: Read by :mod:`city.mirror_queries` too, which subtracts instants in a faster way.
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
    # An agency that the region does not have (an old name, none) is not one of them.
    "agencies_ratio": (
        "c.reached_at",
        "count(distinct c.agency) filter (where c.agency = any(:w_agencies))::float8 / nullif(:agencies, 0)",
        "count(*)",
        "count(distinct c.agency) filter (where c.agency = any(:w_agencies))",
    ),
}
_STAGE = (
    "c.reached_at",
    _QUANTILE.format("c.reached_at - c.from_at"),
    "count(*)",
    "count(*) filter (where c.reached_at < c.from_at)",
)
_CASE_TIMES = {"opened": "k.opened_at", "closed": "k.closed_at"}


def flow(metric: Metric, dims: Sequence[str], grain: str | None, where: Sequence[str], cases: str = "") -> str:
    """A measure of cases over a window, by ``dims`` and ``grain``; ``cases``: where they are, when not in rows()."""
    at, value, n, extra = _FLOW.get(metric.measure, _STAGE)
    columns, group = split(dims, grain and f"date_trunc('{grain}', {at}, cast(:zone as text))")
    return f"""select {columns} {value} as value, {n} as n, {extra} as extra from {cases or rows(metric)} c
        where c.region = :region and c.kind = :kind and {at} >= :start and {at} < :end {filters(where)} {group}"""


def longer(metric: Metric, dims: Sequence[str], where: Sequence[str]) -> str:
    """Of the cases behind a quantile over a window, how many took longer than :beyond hours; ``n`` is all of them."""
    at, since = (
        _FLOW.get(metric.measure, _STAGE)[0],
        "c.opened_at" if metric.measure == "time_to_close" else "c.from_at",
    )
    columns, group = split(dims, None)
    return f"""select {columns} count(*) filter (where {_HOURS.format(f"{at} - {since}")} > :beyond) as value,
            count(*) as n, 0 as extra
        from {rows(metric)} c
        where c.region = :region and c.kind = :kind and {at} >= :start and {at} < :end {filters(where)} {group}"""


def dated(metric: Metric) -> str:
    """Whether any case counts in the window at all: one row, or none."""
    at = _FLOW[metric.measure][0]
    return f"""select 1 from cases c where c.region = :region and c.kind = :kind and {at} >= :start and {at} < :end
        limit 1"""


def split(dims: Sequence[str], bucket: str | None) -> tuple[str, str]:
    """The leading columns and the GROUP BY of a split."""
    parts = [f"c.{dim}" for dim in dims] + ([f"{bucket} as bucket"] if bucket else [])
    positions = ", ".join(str(number) for number in range(1, len(parts) + 1))
    return "".join(f"{part}, " for part in parts), f"group by {positions}" if parts else ""


def filters(where: Sequence[str]) -> str:
    """The conditions of the filtered dimensions; the empty text among the values is "not known"."""
    return " ".join(f"and (c.{name} = any(:w_{name}) or c.{name} is null and '' = any(:w_{name}))" for name in where)


def rows(metric: Metric) -> str:
    """Where the cases of a flow are, with ``reached_at`` and ``from_at`` where it measures events."""
    if metric.measure in ("first_response", "reopened", "agencies_ratio"):
        return _reached(metric.measure, "k.opened_at")
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
    return f"(select * from {_reached(metric.measure, first)} r {_KNOWN})"


_KNOWN = "where from_at is not null"
#: measure -> what the event is, and how many of the earlier events that matter (none or one is looked for)
_EVENTS = {
    "stage_time": ("{}.stage = :to_stage", 0),
    "agencies_ratio": ("{}.stage = :to_stage", 0),
    "first_response": ("{}.stage <> 'received'", 0),
    "reopened": ("{}.stage not in ('done', 'rejected')", 1),
}


#: A key finds one row at most: for PostgreSQL's planner, which then looks it up. An engine that joins leaves it out.
BY_KEY = "limit 1 /* by key */"


def reopenings() -> str:
    """Cases with an event between :start and :end that reopens them, once for each such event."""
    return _reached("reopened", "k.opened_at")


def _reached(measure: str, first: str) -> str:
    """Cases with the event that counts inside the window as ``reached_at``, and ``from_at``.

    The first event of its sort has none of its sort before it; a reopening has a closing before it.
    Two events at one instant are told apart by their stage, so that exactly one of them is first.
    Case and earlier events are looked up by key for each event: joined as sets, a table without
    statistics (a new city) is read again for every event. For the same reason ``is true`` hides the
    stage from its index, and ``offset 0`` has ``from_at`` looked up once.
    """
    sort, earlier = _EVENTS[measure]
    before = f"({sort.format('f')}) is true and (f.at, f.stage) < (e.at, e.stage)"
    if earlier:
        before = "(f.stage in ('done', 'rejected')) is true and f.at < e.at"
    return f"""(select k.*, e.at as reached_at, {first} as from_at from case_events e cross join lateral (
            select * from cases k where k.region = e.region and k.source = e.source and k.key = e.key {BY_KEY}) k
        where e.region = :region and {sort.format("e")} and e.at >= :start and e.at < :end and {earlier} = least(1, (
            select count(*) from case_events f
            where f.region = e.region and f.source = e.source and f.key = e.key and {before})) offset 0)"""


#: measure -> (condition at {t}, what of it holds for every moment between :first_t and :last_t)
_STATE = {
    "open": ("", ""),
    "overdue": ("and c.due_at <= {t}", "and c.due_at <= :last_t"),
    "due_soon": (
        "and c.due_at > {t} and c.due_at <= {t} + :horizon",
        "and c.due_at > :first_t and c.due_at <= :last_t + :horizon",
    ),
    "oldest_open": ("", ""),
}


def state(metric: Metric, dims: Sequence[str], where: Sequence[str], *, moments: int, unclosed: str = "cases") -> str:
    """A measure at :m0, :m1, ... (from :first_t to :last_t), in one reading of the cases; ``unclosed``: see standing().

    Columns: the dimensions, ``counts`` (n of each moment) and ``answers`` (the values; null when they are the counts).
    """
    condition, bound = _STATE[metric.measure]
    stands = "filter (where c.opened_at <= {t} and (c.closed_at is null or c.closed_at > {t}) " + condition + ")"
    # What stands between the first and the last moment stands at the only one: nothing to compare.
    each = [stands.format(t=f":m{number}") for number in range(moments)] if moments > 1 else [""]
    counts = "array[" + ", ".join(f"count(*) {stand}" for stand in each) + "]"
    oldest = [_HOURS.format(f"max(:m{number} - c.opened_at) {stand}") for number, stand in enumerate(each)]
    answers = f"array[{', '.join(oldest)}]" if metric.measure == "oldest_open" else "null"
    columns, group = split(dims, None)
    return f"""select {columns} {answers} as answers, {counts} as counts
        from ({standing([*dims, "opened_at", "due_at"], bound, where, unclosed=unclosed)}) c {group}"""


def standing(
    columns: Sequence[str], condition: str, where: Sequence[str], tail: str = "", unclosed: str = "cases"
) -> str:
    """Cases open at some moment between :first_t and :last_t; ``unclosed``: where those without an end are.

    Open cases and cases closed since are read apart, for each has an index of its own; that of the
    open ones carries their columns, so that counting them reads nothing else.
    """
    names = ", ".join(f"c.{name}" for name in columns)
    rows = f"""c where c.region = :region and c.kind = :kind and c.opened_at <= :last_t
        {condition} {filters(where)}"""
    return f"""(select {names}, null::timestamptz as closed_at
            from {unclosed} {rows} and c.closed_at is null {tail}) union all
        (select {names}, c.closed_at from cases {rows} and c.closed_at > :first_t {tail})"""


def waiting(overdue: bool | None, within: bool, order: str, where: Sequence[str]) -> tuple[str, str]:
    """Open cases at :t one by one (without their keys), the first :limit by ``order``; and how many there are."""
    due = {True: "and c.due_at <= :t", False: "and c.due_at > :t", None: ""}[overdue]
    due += " and c.due_at <= :until" if within else ""
    columns, tail = ["category", "agency", "district", "opened_at", "due_at"], f"order by {order} limit :limit"
    names = ", ".join(columns)
    listed = f"""select {names}, abs(extract(epoch from due_at - :t))::float8 as value, due_at <= :t as overdue, 1 as n
        from ({standing(columns, due, where, tail)}) w {tail}"""
    return listed, f"select count(*) as n from ({standing(columns, due, where)}) w"
