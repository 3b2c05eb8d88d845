"""The states of the past: kept whole for a while, then thinned to one a panel and minute, then forgotten.

What stays of a minute is its last state, so that a replay of any full minute is exact for as long as
anything is kept. States that only moved the age are thinned first: a source read every five seconds
makes some 17,000 of them a panel and day. Where they are gone a panel looks older than it did, by less
than a minute, and never younger.

The publisher calls :meth:`Past.step` between its panels. A step takes about ``STEP_S``; each of its
transactions covers some thousand states of one panel and holds no lock that a screen or a publisher waits for,
but that of the bodies, for as long as looking up the few that nobody shows any more.
"""

import time
from collections import deque
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from city.history import History

#: How long a step may take before it lets the publisher go on; one transaction may run over.
STEP_S = 0.1
#: States that one transaction looks at.
AT_ONCE = 2_000
_EVER = datetime.min.replace(tzinfo=UTC)


class Task(NamedTuple):
    """``sql`` over the states of a panel published after ``start``, up to ``end``."""

    sql: str
    page: str
    panel: str
    start: datetime
    end: datetime


class Past:
    """Thins and forgets the states of one region. ``clock`` returns the present aware instant."""

    def __init__(self, region: str, history: History, clock: Callable[[], datetime]) -> None:
        self._region, self._history, self._clock = region, history, clock
        self._tasks: deque[Task] = deque()
        self._done: dict[tuple[str, str, str], datetime] = {}

    def step(self, connection: Connection) -> bool:
        """Do some of what is due; whether some is left."""
        until = time.monotonic() + STEP_S
        if not self._tasks:
            with connection.begin():
                self._tasks.extend(self._due(connection))
        while self._tasks and time.monotonic() < until:
            with connection.begin():
                rest = self._run(connection, self._tasks[0])
            done = self._tasks.popleft()
            if rest:
                self._tasks.appendleft(rest)
            if done.sql is not _FORGET:  # which each time begins with the one state that it left
                self._done[done[:3]] = rest.start if rest else done.end
        return bool(self._tasks)

    def _due(self, connection: Connection) -> Iterator[Task]:
        """What is due now: first what only moved an age, then what is older, then what is too old."""
        now, history = self._clock(), self._history
        panels = [(row.page, row.panel) for row in connection.execute(sa.text(_PANELS), {"region": self._region})]
        ends = {_THIN_STAMPS: minute(now - history.thin_stamps_after), _THIN: minute(now - history.thin_after)}
        for sql, end in (ends | {_FORGET: now - history.keep}).items():
            for page, panel in panels:
                yield Task(sql, page, panel, self._done.get((sql, page, panel), _EVER), end)

    def _run(self, connection: Connection, task: Task) -> Task | None:
        """Do ``task`` up to ``AT_ONCE`` states; what is left of it."""
        place: dict[str, Any] = task._asdict() | {"region": self._region, "many": AT_ONCE}
        far = connection.scalar(sa.text(_REACH), place)
        reach = min(max(minute(far), task.start + timedelta(minutes=1)), task.end) if far else task.end
        gone = {bytes(one) for one in connection.scalars(sa.text(task.sql), place | {"reach": reach})}
        if gone:
            # A publisher of another region may be about to show a body that we find unused.
            connection.execute(sa.text("lock table panel_bodies in share row exclusive mode"))
            connection.execute(sa.text(_DROP_BODIES), {"hashes": list(gone)})
        return task._replace(start=reach) if reach < task.end else None


def minute(at: datetime) -> datetime:
    """The full minute at or before ``at``."""
    return at.replace(second=0, microsecond=0)


_PANELS = """
with recursive names(page, panel) as (
    (select page, panel from panel_states where region = :region order by page, panel limit 1)
    union all
    select n.page, n.panel from names cross join lateral (select s.page, s.panel from panel_states s
        where s.region = :region and (s.page, s.panel) > (names.page, names.panel)
        order by s.page, s.panel limit 1) n
)
select page, panel from names
"""

_OF_PANEL = "region = :region and page = :page and panel = :panel"
_ORDER = "order by published_at, seq"
_DUE = f"{_OF_PANEL} and published_at > :start and published_at <= :reach"
#: The state that is still shown, whatever the clock did.
_SHOWN = f"(select max(seq) from panel_states where {_OF_PANEL})"
#: A state published at a full minute is the last of the minute before it.
_MINUTE = "date_trunc('minute', published_at - interval '1 microsecond')"

_REACH = f"""
select published_at from panel_states where {_OF_PANEL} and published_at > :start and published_at <= :end
{_ORDER} offset :many limit 1
"""

#: All but the last state of every minute.
_THIN = f"""
with dated as (
    select seq, lead(seq) over (partition by {_MINUTE} {_ORDER}) is not null as early from panel_states where {_DUE}
)
delete from panel_states s using dated d where s.seq = d.seq and d.early and s.seq <> {_SHOWN} returning s.hash
"""

#: Of those only the ones that say what the one before them said, but for the moment it was known.
_THIN_STAMPS = f"""
with near as (
    select seq, hash, stamp, lead(seq) over (partition by {_MINUTE} {_ORDER}) is not null as early,
        lag(hash) over before as hash_before, lag(stamp) over before as stamp_before
    from panel_states where {_DUE} window before as ({_ORDER})
)
delete from panel_states s using near d where s.seq = d.seq and d.early and d.hash = d.hash_before
    and d.stamp::jsonb - 'as_of' = d.stamp_before::jsonb - 'as_of' and s.seq <> {_SHOWN} returning s.hash
"""

#: All but the one that was shown at the end.
_FORGET = f"""
delete from panel_states where {_DUE} and seq <> {_SHOWN} and (published_at, seq) < (
    select published_at, seq from panel_states where {_OF_PANEL} and published_at <= :end
    order by published_at desc, seq desc limit 1) returning hash
"""

_DROP_BODIES = """
delete from panel_bodies b where b.hash = any(:hashes) and not exists (select from panel_states s where s.hash = b.hash)
"""
