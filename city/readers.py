"""Who answers a free question: the mirror where there is one that keeps up, PostgreSQL where there is none.

For /explore, exports and the data API. Ask :func:`best` again for each request, for a mirror may come, fall behind or
go; that costs a look at two small files. The wall asks :class:`~city.queries.Queries` itself: it wants now, and needs
no years.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path

from sqlalchemy.engine import Engine

from city.config import Config
from city.mirror import NoMirror
from city.mirror_queries import Mirror, MirrorQueries
from city.queries import Queries

#: A mirror that is farther behind has no writer any more; PostgreSQL is slower, but knows.
BEHIND = timedelta(minutes=10)


@lru_cache(maxsize=8)
def _opened(folder: Path) -> Mirror:
    """One for each folder and process: it holds memory and threads, and serves many at once."""
    return Mirror(folder)


def best(engine: Engine, config: Config, clock: Callable[[], datetime], folder: Path) -> Queries:
    """The fastest reader that is at most ten minutes behind: MirrorQueries of ``folder``, or Queries.

    ``folder``: see :func:`city.mirror.place`. Both give the same figures; a reading of a mirror says in
    ``extra["behind_s"]`` how far it may be behind, and one without it is PostgreSQL's.
    """
    known = mirror_of(folder, clock())
    # Until its writer has heard of a corrected zone, its days are those of the old one.
    if known and known.zone == config.region.timezone:
        return MirrorQueries(engine, config, clock, known)
    return Queries(engine, config, clock)


def mirror_of(folder: Path, now: datetime) -> Mirror | None:
    """The mirror in ``folder`` if it keeps up, for SQL of one's own over its views; None otherwise."""
    try:
        known = _opened(folder)
        return known if known.newest_at() >= now - BEHIND else None
    except NoMirror:
        return None
