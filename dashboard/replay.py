"""What can be replayed of a page: the time that is kept, the moments at which something was published, the bodies.

Reads   ``panel_states`` and ``panel_bodies`` of one region; writes nothing.
Yields  instants, and rows for the scrubber; the states themselves come from :func:`dashboard.states.at`.
Limits  old states are thinned to one a panel and minute (:mod:`dashboard.history`): between two full minutes
        of that time a replay shows the state of the full minute before.
"""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from city.times import instant
from dashboard import states
from dashboard.states import CITY, NAMES

#: An address writes a space where somebody typed the plus of ``+07:00``.
_LOST_PLUS = re.compile(r"(\d:\d\d(?::\d\d(?:\.\d+)?)?) (\d\d:?\d\d)$")


class Around(NamedTuple):
    """The moments before and after another one at which the page was published; None where there is none."""

    previous: datetime | None
    next: datetime | None


def moment(text: str, zone: ZoneInfo) -> datetime:
    """The moment that an address names, local unless it says a zone. Raises ValueError in words."""
    return instant(_LOST_PLUS.sub(r"\1+\2", text.strip()), zone)


class Archive:
    """The states kept of one region."""

    def __init__(self, engine: Engine, region: str) -> None:
        self.engine, self.region = engine, region

    def first(self, page: str) -> datetime | None:
        """Since when there are states of the page; None when there are none."""
        found: datetime | None = self._rows(_FIRST, page)[0]["first"]
        return found

    def states(self, page: str, at: datetime, *, bodies: bool = True) -> list[states.State]:
        """What a wall with the page showed at ``at``: its panels, and those that stand on every wall."""
        found = [states.at(self.engine, self.region, one, at, bodies=bodies) for one in (page, CITY)]
        return [state for panels in found for state in panels.values()]

    def around(self, page: str, at: datetime) -> Around:
        """The published moments next to ``at``."""
        found = [self._rows(_AROUND, one, at=at)[0] for one in (page, CITY)]
        before, after = ([one[way] for one in found if one[way]] for way in ("previous", "next"))
        return Around(max(before, default=None), min(after, default=None))

    def minutes(self, page: str, start: datetime, end: datetime) -> list[tuple[int, int, int]]:
        """The minutes after ``start`` in which something was published: (number, states, changed bodies).

        A body has changed when the panel's state before it in that span showed another one.
        """
        rows = self._rows(_MINUTES, page, start=start, end=end)
        return [(int(row["minute"]), row["states"], row["changes"]) for row in rows]

    def bodies(self, page: str, hashes: Sequence[bytes]) -> dict[str, Any]:
        """Bodies by their hash (hex), of those that the page has shown; the JSON as it is stored."""
        rows = self._rows(_BODIES, page, city=CITY, hashes=list(hashes))
        return {bytes(row["hash"]).hex(): row["body"] for row in rows}

    def _rows(self, sql: str, page: str, **values: Any) -> list[Any]:
        with self.engine.connect() as connection:
            found = connection.execute(sa.text(sql), {"region": self.region, "page": page} | values)
            return list(found.mappings())


_OF = "from panel_states s where s.region = :region and s.page = :page and s.panel = names.panel"

_FIRST = f"{NAMES} select min((select min(published_at) {_OF})) as first from names"

_AROUND = f"""{NAMES}
select max((select max(published_at) {_OF} and published_at < :at)) as previous,
    min((select min(published_at) {_OF} and published_at > :at)) as next from names
"""

_MINUTES = f"""{NAMES}
select floor(extract(epoch from d.published_at - :start) / 60) as minute, count(*) as states,
    count(*) filter (where d.hash is distinct from d.before) as changes
from names cross join lateral (select published_at, hash, lag(hash, 1, hash) over (order by published_at, seq) as before
    {_OF} and published_at >= :start and published_at < :end) d
group by 1 order by 1
"""

_BODIES = """
select b.hash, b.body::text as body from panel_bodies b where b.hash = any(:hashes) and exists (
    select from panel_states s where s.hash = b.hash and s.region = :region and s.page in (:page, :city))
"""
