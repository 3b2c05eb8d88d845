"""How an engine that joins finds what PostgreSQL looks up by key: cases with the moments that their events tell.

The same rows as :func:`city.measures.rows`, which asks for the first event of each case one by one. Here the events are
put together by case once, and joined. A property test holds both together. Builds text; runs nothing.
"""

from city import measures
from city.metrics import Metric

_CASE = "region, source, key"
_FIRST = "select {case}, min(v.at) as {name} from case_events v where region = :region and {sort} group by all {tail}"
_REACHED = "having min(v.at) >= :start and min(v.at) < :end"
_CLOSING = "stage in ('done', 'rejected')"


def rows(metric: Metric) -> str:
    """Where the cases of a flow are, with ``reached_at`` and ``from_at`` where it measures events."""
    if metric.measure == "first_response":
        return _answered()
    if metric.measure == "reopened":
        return _reopened()
    if metric.measure == "stage_time":
        return _staged(metric)
    return measures.rows(metric)


def _first(name: str, sort: str, tail: str = "") -> str:
    return "(" + _FIRST.format(case=_CASE, name=name, sort=sort, tail=tail) + ")"


def _answered() -> str:
    first = _first("reached_at", "stage <> 'received'", _REACHED)
    return f"(select k.*, e.reached_at, k.opened_at as from_at from cases k join {first} e using ({_CASE}))"


def _reopened() -> str:
    """A case stands here once for each event that follows its first closing."""
    return f"""(select k.*, e.at as reached_at, k.opened_at as from_at from cases k join case_events e using ({_CASE})
        join {_first("shut_at", _CLOSING)} f using ({_CASE})
        where e.at >= :start and e.at < :end and not {_CLOSING.replace("stage", "e.stage")} and e.at > f.shut_at)"""


def _staged(metric: Metric) -> str:
    start, begun = _moment(metric.from_stage, "from_at", ":from_stage", "")
    end, reached = _moment(metric.to_stage, "reached_at", ":to_stage", _REACHED)
    return f"""(select k.*, {end} as reached_at, {start} as from_at from cases k {reached} {begun}
        where {start} is not null)"""


def _moment(stage: str | None, name: str, parameter: str, tail: str) -> tuple[str, str]:
    """The moment at which a stage began, and the join that brings it."""
    if stage in ("opened", "closed"):
        return f"k.{stage}_at", ""
    return f"{name[0]}.{name}", f"join {_first(name, f'stage = {parameter}', tail)} {name[0]} using ({_CASE})"
