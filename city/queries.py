"""The only reader that panels, the command line and exports may use.

Ask for a metric, get a :class:`~city.model.Reading`. Reads one region; writes nothing.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal, TypeVar

from msgspec import structs
from sqlalchemy.engine import Engine

from city import expected, health, measures, metrics, places, sources
from city.asking import Asking
from city.buckets import TICK, weeks_before
from city.config import Config
from city.health import SourceHealth
from city.metrics import COUNTS, QUANTILES, STATES, Metric
from city.model import Reading
from city.question import Question, Row, Run, at_moments, check, first_groups
from city.sources import SourceState
from city.times import Window, window

#: Below this many weeks of history nothing is called usual.
USUAL_WEEKS = expected.FEWEST
Standing = TypeVar("Standing")

__all__ = ["Queries", "SourceState"]


class Queries:
    """Reads one region. ``clock`` returns the present aware instant."""

    def __init__(self, engine: Engine, config: Config, clock: Callable[[], datetime]) -> None:
        self.config, self.clock = config, clock
        self._asking = Asking(engine, config)
        self.held, self.look = self._asking.held, self._asking.look
        self.zone = config.region.zone
        self.metrics = metrics.catalogue(config)
        self._folds = {name: one.kind for one in self.metrics.values() if one.observation for name in one.observations}
        self._remembered: dict[tuple[Any, ...], Any] = {}
        self._remembered_of: datetime | None = None

    def metric(self, name: str) -> Metric:
        """The definition of a metric; UnknownMetric names the nearest."""
        return metrics.find(self.metrics, name)

    def measure(
        self,
        name: str,
        *,
        by: Sequence[str] = (),
        grain: str | None = None,
        window: Window | None = None,
        at: datetime | None = None,
        where: Mapping[str, Any] | None = None,
        quantile: float | None = None,
        limit: int | None = None,
    ) -> Reading:
        """One metric, split ``by`` dimensions and by ``grain``; the largest ``limit`` groups only.

        A flow covers ``window`` (today unless told) up to ``at``; a state holds at ``at`` (now, or the
        end of an earlier window), with a grain at the end of every bucket. Nothing after ``at`` counts.
        Raises UnknownMetric, or ValueError for a dimension or a grain that does not exist.
        """
        metric = self.metric(name)
        check(metric, by, where or {}, grain)
        ask = self._question(metric, tuple(by), grain, window, at, where or {}, quantile)
        rows = ask.rows(self._run)
        if limit is not None:
            rows = first_groups(rows, tuple(by), limit)
        return self._reading(metric, rows, at, sum_up=not (grain and metric.measure in STATES))

    def _question(
        self,
        metric: Metric,
        by: tuple[str, ...],
        grain: str | None,
        span: Window | None,
        at: datetime | None,
        where: Mapping[str, Any],
        quantile: float | None,
    ) -> Question:
        now = self.clock()
        moment = at or now
        if at is None and span and span.end < now and metric.measure in STATES:
            moment = span.end - TICK
        if span is None and (grain or metric.measure not in STATES and metric.measure != "latest"):
            span = window("today", moment, self.zone)
        if span:
            span = Window(span.start, min(span.end, at or now))
        return Question(
            metric=metric, by=by, grain=grain, span=span, at=moment, now=now, where={**metric.where, **where},
            quantile=metric.quantile if quantile is None else quantile, region=self.config.region, folds=self._folds,
        )  # fmt: skip

    def _run(self, sql: str, parameters: Mapping[str, Any]) -> list[Row]:
        return self._asking.run(sql, parameters)

    def _reading(self, metric: Metric, rows: list[Row], at: datetime | None, *, sum_up: bool = True) -> Reading:
        states = self._asking.states(metric)
        extra = sum(int(row.pop("extra", 0)) for row in rows)
        last = rows[-1]["bucket"] if rows and not sum_up else None
        return Reading(
            metric=metric.name,
            unit=metric.unit,
            rows=rows,
            n=sum(row["n"] for row in rows if sum_up or row["bucket"] == last),
            as_of=sources.oldest(states, at),
            partial=any(row.get("partial") for row in rows),
            simulated=any(state.simulated for state in states),
            sources=tuple(state.title for state in states),
            extra={"negative" if metric.measure in QUANTILES else "count": extra},
        )

    def last_seen(
        self, name: str, *, by: Sequence[str], within: timedelta | None = None, where: Mapping[str, Any] | None = None
    ) -> Reading:
        """The last value of each group now, parts older than ``within`` left out; see :func:`city.places.last`.

        ``by`` begins with the dimension of the places; ``extra["within"]`` is what the sources allow unless told.
        """
        metric = self.metric(name)
        check(metric, by, where or {}, None)
        ask = self._question(metric, tuple(by), None, None, None, where or {}, None)
        feeding = sources.of_metric(self.config, self._run, metric)
        within = within or min((self.config.sources[one].expires_after for one in feeding), default=places.MEMORY)
        sql = places.last(by, by[0], list(ask.where), adds_up=metric.kind not in ("ratio", "duration"))
        values = ask.parameters(observation=metric.observation, within=within, memory=places.MEMORY)
        return structs.replace(self._reading(metric, self._run(sql, values), None), extra={"within": within})

    def as_of(self, name: str) -> datetime | None:
        """The moment a metric's data describe: the oldest last good run of its sources; None = never collected."""
        names = sources.of_metric(self.config, self._run, self.metric(name))
        return sources.oldest(sources.states(self.config, self._run, names), None)

    def source_states(self) -> list[SourceState]:
        """How every configured source is doing, in the order of the configuration."""
        return sources.states(self.config, self._run, list(self.config.sources))

    def own(self, sql: str, values: Mapping[str, Any]) -> list[Row]:
        """The rows of a statement of the caller's own, from whoever answers."""
        return self._run(sql, values)

    def standing(self, read: Callable[[Callable[[str, Mapping[str, Any]], list[Row]], str], Standing]) -> Standing:
        """What ``read`` finds of this region, e.g. :func:`city.watch.standing`."""
        return read(self._run, self.config.region.code)

    def source_health(self) -> list[SourceHealth]:
        """Every source with a month of punctuality, the worst first."""
        return health.report(self.config, self._run, self.clock())

    def source_runs(self, name: str, limit: int = 12) -> list[Row]:
        """The last runs of a source, newest first, alike ones in a row once; see :func:`city.health.runs`."""
        return health.runs(self.config, self._run, name, limit)

    def first_at(self, name: str) -> datetime | None:
        """Where the history of a metric begins: the first case opened, or the first observation."""
        metric = self.metric(name)
        sql = "select min(opened_at) as at from cases where region = :region and kind = :of"
        if not metric.of:
            sql = "select min(at) as at from observations where region = :region and metric = any(:names)"
        values = {"region": self.config.region.code, "of": metric.of, "names": list(metric.observations)}
        found: datetime | None = self._run(sql, values)[0]["at"]
        return found

    def usual(
        self, name: str, *, window: str | None = None, where: Mapping[str, Any] | None = None, weeks: int = 8
    ) -> tuple[float, float] | None:
        """The expected band: 10th to 90th percentile at this weekday and time of day over the past weeks.

        ``window`` is a text such as ``today``. None with fewer than 4 weeks of history. Computed once an hour.
        """
        now, known = self.clock(), self.remembered()
        key = (name, window, repr(sorted((where or {}).items())), weeks)
        if key not in known:
            pasts = self._pasts(name, window or "today", weeks, now)
            if len(pasts) < USUAL_WEEKS:
                return None  # not remembered: the history of a new region comes in after its first run
            known[key] = self._band(name, where, pasts, now)
        return known[key]  # type: ignore[no-any-return]

    def remembered(self) -> dict[tuple[Any, ...], Any]:
        """What was found of past weeks within this hour, by metric and more; whoever finds something puts it there."""
        hour = self.clock().replace(minute=0, second=0, microsecond=0)
        if hour != self._remembered_of:
            self._remembered, self._remembered_of = {}, hour
        return self._remembered

    def _pasts(self, name: str, text: str, weeks: int, now: datetime) -> list[Window]:
        """The same window in the weeks before, holidays apart, as far back as the history of the metric goes."""
        state, first = self.metric(name).measure in STATES, self.first_at(name)
        back = expected.weeks_back(now.astimezone(self.zone).date(), self.config, weeks)
        spans = [window(text, weeks_before(now, week, self.zone), self.zone) for week in back]
        return [span for span in spans if first and (span.end if state else span.start) >= first]

    def _band(
        self, name: str, where: Mapping[str, Any] | None, pasts: Sequence[Window], now: datetime
    ) -> tuple[float, float] | None:
        metric = self.metric(name)
        if metric.measure in STATES:
            ask = self._question(metric, (), None, None, now, where or {}, None)
            values = [row["value"] for row in at_moments(ask, self._run, [span.end for span in pasts])]
            # A moment without a row is one at which nothing stood: none, or unknown.
            values += [0 if metric.measure in COUNTS else None] * (len(pasts) - len(values))
        else:
            values = [self.measure(name, window=span, at=span.end, where=where).value for span in pasts]
        return expected.tenths(values)

    def open_cases(
        self,
        kind: str,
        *,
        order: Literal["due_at", "opened_at"] = "due_at",
        where: Mapping[str, Any] | None = None,
        overdue: bool | None = None,
        within: timedelta | None = None,
        limit: int = 8,
    ) -> Reading:
        """Open cases one by one, without their keys; ``n`` of the Reading counts all that match.

        ``value`` is the time left, or over when ``overdue``, in seconds; both None without a promise, which
        only ``overdue=None`` lists. ``within``: due within that time from now, and with None the overdue too.
        """
        metric = self.metric(f"{kind}s_overdue" if overdue else f"{kind}s_open")
        check(metric, (), where or {}, None)
        if order not in ("due_at", "opened_at"):
            raise ValueError(f"unknown order '{order}'; known: due_at, opened_at")
        now = self.clock()
        ask = self._question(metric, (), None, None, now, where or {}, None)
        listed, counted = measures.waiting(overdue, within is not None, order, list(ask.where))
        values = ask.parameters(limit=limit, until=now + (within or timedelta()), first_t=now, last_t=now)
        reading = self._reading(metric, self._run(listed, values), None)
        reading.unit, reading.n = "seconds", self._run(counted, values)[0]["n"]
        return reading

    def listed(self, name: str, sql: str, **values: Any) -> Reading:
        """A neighbour's statement (:mod:`city.occurrences`) as a reading; it gets region, now and ``values``."""
        rows = self._run(sql, {"region": self.config.region.code, "now": self.clock(), **values})
        return self._reading(self.metric(name), rows, None)

    def answered(
        self, name: str, answer: Callable[[Question, Run], list[Row]], *, by: Sequence[str] = (),
        window: Window | None = None, where: Mapping[str, Any] | None = None,
    ) -> Reading:  # fmt: skip
        """What a neighbour (:mod:`city.standing`) answers about a metric, over ``window`` or now."""
        metric = self.metric(name)
        check(metric, by, where or {}, None)
        ask = self._question(metric, tuple(by), None, window, None, where or {}, None)
        return self._reading(metric, answer(ask, self._run), None)
