"""Everything that /explore shows of one selection, asked together: the counts, the time series, who, where, how long.

Asks about a dozen questions, several at a time. A measure of the catalogue is asked as such
(:meth:`city.queries.Queries.measure`); what no measure answers is in :mod:`city.explored_sql`.
"""

from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from city import annotations, explored_sql
from city.annotations import NewTarget, Outage
from city.bands import banded
from city.mirror_queries import MirrorQueries
from city.model import Reading
from city.queries import Queries
from city.selection import Selection
from city.times import Window, local_day

Row = dict[str, Any]
#: So many days at most are drawn by hour, day or week; more by month.
_GRAINS = ((2, "hour"), (120, "day"), (1100, "week"))
#: Measures with their number of the period and of what it is compared with.
NUMBERS = ("opened", "on_time_ratio", "time_to_close", "reopened")


class Series(NamedTuple):
    """Cases opened by ``grain``; what is usual of each bucket; and the period it is compared with, bucket by bucket."""

    grain: str
    rows: list[Row]
    band: list[tuple[float, float] | None]
    other: list[Row]


class Events(NamedTuple):
    """What happened on those days."""

    holidays: Mapping[date, str]
    outages: list[Outage]
    targets: list[NewTarget]


class Explored(NamedTuple):
    """What was found. ``splits``: part -> (one, two) -> cases, see :func:`city.explored_sql.splits`.

    ``numbers`` and ``others`` are readings by measure, ``others`` of the period ``against``. ``durations``: whole
    hours and how many of the closed took them; ``p90`` in hours. ``stale_s``: when a source is late.
    ``asked``: how many questions that were.
    """

    selection: Selection
    at: datetime
    span: Window
    against: Window | None
    series: Series
    splits: Mapping[str, Mapping[tuple[str | None, str | None], int]]
    numbers: Mapping[str, Reading]
    others: Mapping[str, Reading]
    overdue: Reading
    oldest_h: float | None
    durations: list[tuple[int, int]]
    p90: float | None
    stages: Mapping[str, int]
    events: Events
    stale_s: float
    expires_s: float
    asked: int

    @property
    def behind_s(self) -> float | None:
        """How far the mirror may be behind; None where PostgreSQL itself was asked."""
        return self.numbers["opened"].extra.get("behind_s")

    def count(self, part: str) -> int:
        """The cases of ``all`` or ``matched``."""
        return self.splits.get(part, {}).get((None, None), 0)


def grain_of(days: int) -> str:
    """By what so many days are drawn."""
    return next((grain for most, grain in _GRAINS if days <= most), "month")


def explore(queries: Queries, selection: Selection, pool: ThreadPoolExecutor) -> Explored:
    """Everything of ``selection``. Raises what the database raises."""
    asking = _Asking(queries, selection, pool)
    queries.look()  # how the sources are doing is the same for all that is asked now
    return asking.found()


class _Asking:
    """The questions of one selection; each runs in the pool as soon as it is named."""

    def __init__(self, queries: Queries, selection: Selection, pool: ThreadPoolExecutor) -> None:
        self._queries, self._selection, self._pool = queries, selection, pool
        self._now, self._zone = queries.clock(), queries.zone
        whole = selection.window(self._zone)
        self._span = Window(whole.start, max(whole.start, min(whole.end, self._now)))
        self._where = {name: list(values) for name, values in selection.where.items()}
        self._mirrored = isinstance(queries, MirrorQueries)
        self._asked = 1

    def found(self) -> Explored:
        """Asks everything and waits for it."""
        selection, against = self._selection, self._selection.other(self._zone, self._now)
        grain = grain_of(selection.days)
        now = {name: self._measure(name, self._span) for name in NUMBERS}
        then = {name: self._measure(name, against) for name in NUMBERS} if against else {}
        series = self._measure("opened", self._wide(grain), grain)
        other = self._measure("opened", against, grain) if against else None
        overdue, oldest = self._measure("overdue"), self._ask(self._oldest)
        p90 = self._measure("time_to_close", self._span, None, 0.9)
        splits, taken = self._own(self._splits()), self._own(explored_sql.durations(list(self._where)))
        stages, out = self._own(self._stages()), self._ask(self._outages)
        first, last = selection.first, min(selection.last, local_day(self._now, self._zone))
        off = annotations.holidays(self._queries.config, first - timedelta(weeks=9), last)
        rows, band = banded(series.result().rows, self._span.start, grain, off)
        return Explored(
            selection, self._now, self._span, against,
            Series(grain, rows, band, other.result().rows if other else []),
            _parts(splits.result()),
            {name: one.result() for name, one in now.items()}, {name: one.result() for name, one in then.items()},
            overdue.result(), oldest.result(), [(int(row["hours"]), int(row["n"])) for row in taken.result()],
            p90.result().value, {row["stage"]: int(row["n"]) for row in stages.result()},
            Events({day: name for day, name in off.items() if day >= first}, out.result(),
                   annotations.new_targets(self._queries.config, selection.kind, first, last)),
            *self._limits(), self._asked,
        )  # fmt: skip

    def _ask(self, question: Callable[[], Any]) -> "Future[Any]":
        self._asked += 1
        return self._pool.submit(question)

    def _measure(
        self, measure: str, window: Window | None = None, grain: str | None = None, quantile: float | None = None
    ) -> "Future[Reading]":
        name = f"{self._selection.kind}s_{measure}"
        return self._ask(
            lambda: self._queries.measure(name, window=window, grain=grain, where=self._where, quantile=quantile)
        )

    def _wide(self, grain: str) -> Window:
        """With the weeks before it, of which the usual is made."""
        back = timedelta(weeks=8) if grain in ("day", "week") else timedelta()
        local = self._span.start.astimezone(self._zone) - back
        return Window(local.astimezone(self._span.start.tzinfo), self._span.end)

    def _splits(self) -> str:
        local = explored_sql.MIRROR_LOCAL if self._mirrored else explored_sql.POSTGRES_LOCAL
        return explored_sql.splits(list(self._where), local)

    def _stages(self) -> str:
        return explored_sql.stages(list(self._where), mirrored=self._mirrored)

    def _own(self, sql: str) -> "Future[list[Row]]":
        values = {
            "region": self._queries.config.region.code, "kind": self._selection.kind,
            "start": self._span.start, "end": self._span.end, "zone": self._queries.config.region.timezone,
        } | {f"w_{name}": values for name, values in self._where.items()}  # fmt: skip
        return self._ask(lambda: self._queries.own(sql, values))

    def _oldest(self) -> float | None:
        """How many hours the case that is overdue longest is past its due date."""
        found = self._queries.open_cases(self._selection.kind, where=self._where, overdue=True, limit=1)
        return float(found.rows[0]["value"]) / 3600 if found.rows else None

    def _limits(self) -> tuple[float, float]:
        """After how many seconds what is shown is late, and after how many it cannot be relied on."""
        sources = [one for one in self._queries.config.sources.values() if one.kind == self._selection.kind]
        ages = [(one.stale_after.total_seconds(), one.expires_after.total_seconds()) for one in sources]
        return max(ages, default=(900.0, 3600.0))

    def _outages(self) -> list[Outage]:
        selection, config = self._selection, self._queries.config
        return self._queries.standing(
            lambda run, _: annotations.outages(config, run, selection.kind, selection.first, selection.last, self._now)
        )


def _parts(rows: list[Row]) -> dict[str, dict[tuple[str | None, str | None], int]]:
    found: dict[str, dict[tuple[str | None, str | None], int]] = {}
    for row in rows:
        found.setdefault(row["part"], {})[row["one"], row["two"]] = int(row["n"])
    return found
