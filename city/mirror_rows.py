"""What the events tell of each case, as columns of the case: the moments that PostgreSQL looks up by key.

The mirror writes them with the case (:data:`TOLD`), so that no question joins events. A property test holds the rows
built here and those of :func:`city.measures.rows` together. Builds text; runs nothing.
"""

from city import measures
from city.metrics import Metric

#: Column -> its type. The newest event of all lets a question of some days leave out what had none since.
TOLD = {
    "answered_at": "timestamptz",  # first event that is not 'received'
    "stages": "map(varchar, timestamptz)",  # stage -> its first event
    "reopened": "timestamptz[]",  # events that are not a closing and follow one
    "told_at": "timestamptz",  # newest event
}
_CLOSING = "stage in ('done', 'rejected')"


def with_events(facts: str, events: str) -> str:
    """The select of the cases of ``facts`` (a select) with the columns of TOLD, from ``events`` (a select)."""
    return f"""with k as materialized ({facts}),
        e as materialized (select source, key, stage, "at" as told from ({events}) v semi join k using (source, key)),
        s as (select source, key, stage, min(told) as begun, max(told) as ended from e group by all),
        m as (select source, key, min(begun) filter (stage <> 'received') as answered_at,
            map(list(stage order by stage), list(begun order by stage)) as stages, max(ended) as told_at
            from s group by all),
        f as (select source, key, min(begun) as shut_at from s where {_CLOSING} group by all),
        r as (select source, key, list(told order by told) as reopened from e join f using (source, key)
            where not ({_CLOSING}) and told > shut_at group by all)
        select k.*, {", ".join(TOLD)} from k left join m using (source, key) left join r using (source, key)"""


def rows(metric: Metric) -> str:
    """Where the cases of a flow are, with ``reached_at`` and ``from_at`` where it measures events."""
    if metric.measure == "first_response":
        return _cases("answered_at", "k.opened_at", "k.told_at >= :start")
    if metric.measure == "reopened":
        return _cases("unnest(k.reopened)", "k.opened_at", "k.told_at >= :start and k.reopened is not null")
    if metric.measure == "agencies_ratio":
        return _cases("k.stages[cast(:to_stage as varchar)]", "k.opened_at", "k.told_at >= :start")
    if metric.measure == "stage_time":
        start, end = _moment(metric.from_stage, ":from_stage"), _moment(metric.to_stage, ":to_stage")
        since = "" if metric.to_stage in ("opened", "closed") else " and k.told_at >= :start"
        return _cases(end, start, f"{start} is not null{since}")
    return measures.rows(metric)


def _cases(reached: str, since: str, condition: str) -> str:
    return f"(select k.*, {reached} as reached_at, {since} as from_at from cases k where {condition})"


def _moment(stage: str | None, parameter: str) -> str:
    """The moment at which a stage began."""
    return f"k.{stage}_at" if stage in ("opened", "closed") else f"k.stages[cast({parameter} as varchar)]"
