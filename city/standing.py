"""What stands open: how long already, and how it came to stand (what stood before, came, went and came back).

Each is one statement and therefore one snapshot: its figures can be held against each other.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from city import measures
from city.model import Reading
from city.queries import Queries
from city.question import Question, Row, Run
from city.times import Window

#: measure -> the instant from which the age of a case counts.
SINCE = {"open": "opened_at", "overdue": "due_at"}


def ages(queries: Queries, name: str, edges: Sequence[timedelta], where: Mapping[str, Any] | None = None) -> Reading:
    """The open or overdue cases of a metric by age: ``band`` 0 is younger than the first edge, and so on; every band.

    ``value`` and ``n`` are counts, ``oldest_s`` the greatest age in the band (None in an empty one). The age of
    an overdue case counts from its promise. An age equal to an edge is beyond it. ValueError for other measures.
    """
    if queries.metric(name).measure not in SINCE:
        raise ValueError(f"{name} is no age: only metrics of 'open' and 'overdue' have one")
    return queries.answered(name, lambda ask, run: _aged(ask, run, edges), where=where)


def _aged(ask: Question, run: Run, edges: Sequence[timedelta]) -> list[Row]:
    bounds = [edge.total_seconds() for edge in edges]
    found = run(_ages(ask), ask.parameters(edges=bounds, first_t=ask.at, last_t=ask.at))
    known = {row["band"]: row for row in found}
    none = {"n": 0, "oldest_s": None}
    rows = [{"band": band} | {key: known.get(band, none)[key] for key in none} for band in range(len(bounds) + 1)]
    return [row | {"value": row["n"]} for row in rows]


def _ages(ask: Question) -> str:
    since = SINCE[ask.metric.measure]
    bound = "and c.due_at <= :last_t" if since == "due_at" else ""
    # A source whose clock is fast may say a case began after now: it is in the youngest band.
    return f"""select width_bucket(age, cast(:edges as float8[])) as band, count(*) as n, max(age) as oldest_s
        from (select extract(epoch from :t - {since})::float8 as age
            from ({measures.standing([since], bound, list(ask.where))}) s) a group by 1"""


def flow(queries: Queries, name: str, *, by: Sequence[str], window: Window) -> Reading:
    """Of open cases, per group over ``window``: ``before``, ``opened``, ``closed``, ``reopened``, and what is ``open``.

    ``before + opened - closed + reopened = open``, unless the records contradict each other: ``gap`` is what
    is open beyond that (a closing dated before its opening; a case open again that no event reopened; one
    reopened that its row calls closed). ``before`` goes by the history of a case, so that what was reopened
    since is not taken for something that had been waiting. A late delivery counts where it happened, not
    where it was learned; a rejected case is a closed one. A case counts where it is now: a referral moves
    all of its past. ``reopened`` were closed when the window began; closed and reopened inside is neither.
    """
    if queries.metric(name).measure != "open":
        raise ValueError(f"{name} does not count open cases: only those have a flow")
    return queries.answered(name, _flowed, by=by, window=window)


def _flowed(ask: Question, run: Run) -> list[Row]:
    found = run(_flow(ask), ask.parameters())
    rows = [row | {"gap": row["open"] - row["before"] - row["opened"] + row["closed"] - row["reopened"]}
            for row in found if any(row[name] for name in _FIGURES)]  # fmt: skip
    rows = [row | {"value": row["open"], "n": row["open"]} for row in rows]
    return sorted(rows, key=lambda row: (-row["value"], *(str(row[dim]) for dim in ask.by)))


_FIGURES = ("before", "opened", "closed", "reopened", "open")
#: Whether a closing is the last that is known of a case before the window; at one instant the closing is the last.
_SHUT = """(select max(f.at) filter (where f.stage in ('done', 'rejected')) >= max(f.at) from case_events f
    where f.region = :region and f.source = c.source and f.key = c.key and f.at < :start) is true"""


def _flow(ask: Question) -> str:
    columns, group = measures.split(ask.by, None)
    stood = "opened_at < :start and (closed_at is null or closed_at >= :start)"
    return f"""select {columns}
            count(*) filter (where sort = 'row' and {stood} and not shut) - count(*) filter (where sort = 'undone')
                as before,
            count(*) filter (where sort = 'row' and opened_at >= :start and opened_at < :end) as opened,
            count(*) filter (where sort = 'row' and closed_at >= :start and closed_at < :end) as closed,
            count(*) filter (where sort = 'again' and shut) as reopened,
            count(*) filter (where sort = 'row' and opened_at < :end and (closed_at is null or closed_at >= :end))
                as open
        from ({_touched(ask)}) c {group}"""


def _touched(ask: Question) -> str:
    """Cases that stood or moved in the window, a ``row`` each; and once more those reopened in it (``again``), and
    those open ones whose history says that they did not stand when it began (``undone``).

    The history is read of these and of what was closed since: of all that is open it would cost a search each
    (which ``lateral`` keeps the planner from).
    """
    names = dict.fromkeys(["opened_at", "closed_at", *ask.by])
    columns = ", ".join(f"c.{name}" for name in names)
    where = f"c.region = :region and c.kind = :kind {measures.filters(list(ask.where))}"
    rows = f"from cases c where {where}"
    # Apart, for each part has an index of its own; that of the open ones carries all that is asked of them.
    parts = [
        f"select 'row' as sort, {columns}, false as shut {rows} and c.closed_at is null and c.opened_at < :end",
        f"select 'row', {columns}, c.opened_at < :start and {_SHUT} {rows} and c.closed_at >= :start",
        f"""select 'row', {columns}, false {rows}
            and c.closed_at < :start and c.opened_at >= :start and c.opened_at < :end""",
        f"""select 'again', {columns}, {_SHUT} from (select distinct c.source, c.key, {columns}
            from {measures.reopenings()} c where c.kind = :kind {measures.filters(list(ask.where))}) c""",
        f"""select 'undone', {columns}, true from open_again a cross join lateral (select * from cases k
                where k.region = a.region and k.source = a.source and k.key = a.key limit 1) c
            where a.region = :region and {where} and c.closed_at is null and c.opened_at < :start and {_SHUT}""",
    ]
    return " union all ".join(parts)
