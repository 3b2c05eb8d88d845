"""The SQL of /explore that no measure answers: every split of a selection at once, durations, stages. Runs nothing.

The same text runs on PostgreSQL and on the mirror, except for the stages; ``local`` is how an engine says the local
time of an instant.
Parameters: :region :kind :start :end :zone, and a list :w_<dimension> per filter (:func:`city.measures.filters`).
"""

from collections.abc import Sequence

from city.measures import filters

#: What the cases of a selection are split by, each without its own filter, so that what was not chosen can be.
SPLITS = (("agency",), ("district",), ("category",), ("channel",), ("status",), ("priority",), ("agency", "status"))
POSTGRES_LOCAL = "(c.opened_at at time zone cast(:zone as text))"
MIRROR_LOCAL = "local_time(c.opened_at, :zone)"
_DIMENSIONS = ("agency", "district", "category", "channel", "status", "priority")


def splits(where: Sequence[str], local: str) -> str:
    """How many cases were opened in the window: ``part, one, two, n``.

    They are counted once by all dimensions, and those counts split: they are few, however many the cases.

    Parts: ``all`` (without any filter), ``matched``, ``time`` (ISO weekday, hour), and one for each of SPLITS, named
    after its dimensions.
    """
    parts = [_part("all", "null::text", "null::text", ()), _part("matched", "null::text", "null::text", where)]
    for split in SPLITS:
        one, two = f"c.{split[0]}", f"c.{split[1]}" if len(split) > 1 else "null::text"
        parts.append(_part("_".join(split), one, two, [name for name in where if name not in split]))
    opened = "c.region = :region and c.kind = :kind and c.opened_at >= :start and c.opened_at < :end"
    dimensions = ", ".join(_DIMENSIONS)
    return f"""with w as (select {dimensions}, count(*) as n from cases c where {opened} group by {dimensions}),
        t as (select extract(isodow from {local})::int as one, extract(hour from {local})::int as two, count(*) as n
            from cases c where {opened} {filters(where)} group by 1, 2)
        {" union all ".join(parts)} union all select 'time', one::text, two::text, n from t"""


def _part(name: str, one: str, two: str, where: Sequence[str]) -> str:
    return f"""select '{name}' as part, {one} as one, {two} as two, sum(n)::bigint as n from w c
        where true {filters(where)} group by 2, 3"""


def durations(where: Sequence[str]) -> str:
    """The cases closed in the window by how many whole hours they took: ``hours, n``; below zero is zero."""
    return f"""select greatest(0, floor(extract(epoch from c.closed_at - c.opened_at)::float8 / 3600))::bigint as hours,
            count(*) as n
        from cases c where c.region = :region and c.kind = :kind and c.closed_at >= :start and c.closed_at < :end
        {filters(where)} group by 1 order by 1"""


def stages(where: Sequence[str], *, mirrored: bool = False) -> str:
    """Of the cases opened in the window, how many have reached each stage so far: ``stage, n``.

    ``mirrored``: of the mirror, whose cases carry their stages.
    """
    if mirrored:
        return f"""select stage, count(*) as n from (select unnest(map_keys(c.stages)) as stage from cases c
            where c.region = :region and c.kind = :kind and c.opened_at >= :start and c.opened_at < :end
            {filters(where)}) s group by 1"""
    return f"""select e.stage, count(distinct (e.source, e.key)) as n from cases c
            join case_events e on e.region = c.region and e.source = c.source and e.key = c.key
        where c.region = :region and c.kind = :kind and c.opened_at >= :start and c.opened_at < :end
        {filters(where)} group by 1"""
