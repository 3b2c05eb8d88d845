"""The SQL of measures over the day roll-ups (``case_days``), which know whole local days only. Runs nothing.

A split or filter they do not carry, or a window that is not whole days, goes to the cases instead.
"""

from collections.abc import Iterable, Sequence

from city.measures import filters, split
from city.metrics import Metric

#: Dimensions the roll-ups carry.
DAY_DIMENSIONS = frozenset({"source", "category", "agency", "district", "channel"})

#: measure -> (value, n, extra)
_FLOW = {
    "opened": ("sum(c.opened)", "sum(c.opened)", "0"),
    "closed": ("sum(c.closed)", "sum(c.closed)", "0"),
    "on_time_ratio": (
        "sum(c.closed_on_time)::float8 / nullif(sum(c.closed_due), 0)",
        "sum(c.closed_due)",
        "sum(c.closed_on_time)",
    ),
    "rejected_ratio": (
        "sum(c.rejected)::float8 / nullif(sum(c.closed), 0)",
        "sum(c.closed)",
        "sum(c.rejected)",
    ),
}
_STATE = {"open": "c.open_in - c.open_out", "overdue": "c.overdue_in - c.overdue_out"}


def covers(metric: Metric, names: Iterable[str]) -> bool:
    """Whether the roll-ups can answer ``metric`` split or filtered by ``names``."""
    return DAY_DIMENSIONS.issuperset(names) and (metric.measure in _FLOW or metric.measure in _STATE)


def flow(metric: Metric, dims: Sequence[str], grain: str | None, where: Sequence[str]) -> str:
    """As :func:`city.measures.flow`; :first and :last are local days, both included; ``bucket`` is a day."""
    value, n, extra = _FLOW[metric.measure]
    columns, group = split(
        dims, "c.day" if grain == "day" else grain and f"date_trunc('{grain}', c.day::timestamp)::date"
    )
    return f"""select {columns} ({value})::float8 as value, coalesce({n}, 0)::bigint as n,
            coalesce({extra}, 0)::bigint as extra
        from case_days c where c.region = :region and c.kind = :kind and c.day between :first and :last
        {filters(where)} {group}"""


def moves(metric: Metric, dims: Sequence[str], where: Sequence[str], days: str = "case_days") -> str:
    """By how much a state changed on each local day from :first to :last, from ``days``; ``bucket`` is the day."""
    columns, group = split(dims, "c.day")
    return f"""select {columns} sum({_STATE[metric.measure]})::bigint as value
        from {days} c where c.region = :region and c.kind = :kind and c.day between :first and :last
        {filters(where)} {group}"""
