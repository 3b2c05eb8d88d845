"""The only reader that panels, the command line and exports may use.

Ask for a metric; get a :class:`~city.model.Reading`. Whole days come from the day roll-ups, the
rest from the cases themselves; both give the same figures (a test holds them together).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from city import measures, metrics
from city.buckets import GRAINS, bucket_starts, fill
from city.config import Config
from city.metrics import FLOWS, STATES, Metric
from city.model import CASE_DIMENSIONS, OBSERVATION_DIMENSIONS, Reading
from city.times import Window, day_start, local_day, window

#: Below this many weeks of history nothing is called usual.
USUAL_WEEKS = 4


@dataclass(frozen=True)
class SourceState:
    """How one source is doing: last good run, failures since, and why."""

    name: str
    title: str
    last_ok_at: datetime | None
    last_run_at: datetime | None
    failures: int
    since: datetime | None
    error: str | None
    error_code: str | None
    simulated: bool
    stale_after: timedelta
    expires_after: timedelta


class Queries:
    """Reads one region. ``clock`` returns the present aware instant."""

    def __init__(self, engine: Engine, config: Config, clock: Callable[[], datetime]) -> None:
        self._engine, self.config, self.clock = engine, config, clock
        self.zone = config.region.zone
        self.metrics = metrics.catalogue(config)
        self._usual: dict[tuple[Any, ...], tuple[float, float] | None] = {}

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
    ) -> Reading:
        """One metric as a Reading. ``window`` defaults to today, ``at`` to now; ``by`` are dimensions.

        Raises UnknownMetric, or ValueError for a dimension or grain that does not exist.
        """
        metric = self.metric(name)
        self._check(metric, by, grain, where or {})
        ask = _Ask(self, metric, tuple(by), grain, window, at, {**metric.where, **(where or {})}, quantile)
        rows = ask.rows()
        reading = self._described(metric, rows)
        reading.partial = any(row.get("partial") for row in rows)
        reading.extra = {"negative": ask.extra} if metric.measure in metrics.QUANTILES else {"count": ask.extra}
        return reading

    def _check(self, metric: Metric, by: Sequence[str], grain: str | None, where: Mapping[str, Any]) -> None:
        known = CASE_DIMENSIONS if metric.of else OBSERVATION_DIMENSIONS
        for name in (*by, *where):
            if name not in known:
                raise ValueError(f"unknown dimension '{name}'; {metric.name} is split by {', '.join(known)}")
        if grain is not None and grain not in GRAINS:
            raise ValueError(f"unknown grain '{grain}'; known: {', '.join(GRAINS)}")

    def rows(self, sql: str, parameters: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Run a reading statement."""
        with self._engine.connect() as connection:
            return [dict(row) for row in connection.execute(sa.text(sql), dict(parameters)).mappings()]

    def _described(self, metric: Metric, rows: list[dict[str, Any]]) -> Reading:
        states = [state for state in self.source_states() if state.name in self.sources_of(metric)]
        known = [state.last_ok_at for state in states if state.last_ok_at]
        return Reading(
            metric=metric.name,
            unit=metric.unit,
            rows=rows,
            n=int(sum(row["n"] for row in rows)),
            as_of=min(known) if known else None,
            simulated=any(state.simulated for state in states),
            sources=tuple(state.title for state in states),
        )

    def sources_of(self, metric: Metric) -> tuple[str, ...]:
        """The sources that feed a metric: those of its case kind, or those that delivered its observations."""
        if metric.of:
            return tuple(name for name, source in self.config.sources.items() if source.kind == metric.of)
        names = [name for name in (metric.observation, metric.numerator, metric.denominator) if name]
        sql = "select distinct source from observations where region = :region and metric = any(:names)"
        return tuple(row["source"] for row in self.rows(sql, {"region": self.config.region.code, "names": names}))

    def source_states(self) -> list[SourceState]:
        """How every configured source is doing, in the order of the configuration."""
        found = {row["source"]: row for row in self.rows(_SOURCES, {"region": self.config.region.code})}
        return [self._source_state(name, found.get(name, {})) for name in self.config.sources]

    def _source_state(self, name: str, row: Mapping[str, Any]) -> SourceState:
        source = self.config.sources[name]
        failures = row.get("failures") or 0
        return SourceState(
            name=name,
            title=source.title or name.upper(),
            last_ok_at=row.get("ok_at"),
            last_run_at=row.get("run_at"),
            failures=failures,
            since=row.get("since") if failures else None,
            error=row.get("error") if failures else None,
            error_code=row.get("error_code") if failures else None,
            simulated=bool(row.get("simulated")),
            stale_after=source.stale_after,
            expires_after=source.expires_after,
        )

    def usual(
        self, name: str, *, window: str | None = None, where: Mapping[str, Any] | None = None, weeks: int = 8
    ) -> tuple[float, float] | None:
        """The expected band: 10th to 90th percentile at this weekday and time of day over past weeks.

        None with fewer than 4 weeks of history. Computed once an hour.
        """
        now = self.clock()
        key = (name, window, tuple(sorted((where or {}).items())), now.replace(minute=0, second=0, microsecond=0))
        if key not in self._usual:
            if len(self._usual) > 500:
                self._usual.clear()
            self._usual[key] = self._band(self.metric(name), window, where, weeks, now)
        return self._usual[key]

    def _band(
        self, metric: Metric, text: str | None, where: Mapping[str, Any] | None, weeks: int, now: datetime
    ) -> tuple[float, float] | None:
        first = self._first(metric)
        values = []
        for week in range(1, weeks + 1):
            then = now - timedelta(weeks=week)
            if first is None or then < first + timedelta(days=1):
                break
            span = window(text, then, self.zone) if text else None
            value = self.measure(metric.name, window=span, at=then, where=where).value
            values += [] if value is None else [float(value)]
        if len(values) < USUAL_WEEKS:
            return None
        low, high = np.percentile(values, [10, 90])
        return float(low), float(high)

    def _first(self, metric: Metric) -> datetime | None:
        sql = "select min(opened_at) as at from cases where region = :region and kind = :kind"
        if not metric.of:
            sql = "select min(at) as at from observations where region = :region and metric = :kind"
        values = {"region": self.config.region.code, "kind": metric.of or metric.observation}
        found: datetime | None = self.rows(sql, values)[0]["at"]
        return found

    def open_cases(self, kind: str, *, overdue: bool = False, limit: int = 8) -> Reading:
        """Cases that wait, without their keys: the next to fall due, or the longest overdue.

        ``value`` is the time left (or overdue) in seconds; ``n`` of the Reading counts all of them.
        """
        metric = self.metric(f"{kind}s_overdue" if overdue else f"{kind}s_due_soon")
        condition = "due_at <= :t" if overdue else "due_at > :t and due_at <= :t + :horizon"
        sql = f"""select category, agency, district, opened_at, due_at, 1 as n, count(*) over () as total,
                abs(extract(epoch from due_at - :t))::float8 as value
            from cases where region = :region and kind = :kind and closed_at is null and opened_at <= :t and {condition}
            order by due_at limit :limit"""
        values = {"region": self.config.region.code, "kind": kind, "t": self.clock(), "limit": limit}
        reading = self._described(metric, self.rows(sql, values | {"horizon": metric.horizon}))
        reading.n = reading.rows[0]["total"] if reading.rows else 0
        return reading


_SOURCES = """
select s.source, ok.started_at as ok_at, ok.simulated, last.started_at as run_at, last.error, last.error_code,
    bad.failures, bad.since
from (select distinct source from runs where region = :region) s
left join lateral (select id, started_at, simulated from runs r
    where r.region = :region and r.source = s.source and r.ok order by id desc limit 1) ok on true
left join lateral (select started_at, error, error_code from runs r
    where r.region = :region and r.source = s.source order by id desc limit 1) last on true
left join lateral (select count(*) as failures, min(started_at) as since from runs r
    where r.region = :region and r.source = s.source and not r.ok and r.id > coalesce(ok.id, 0)) bad on true
"""


class _Ask:
    """One question to the database, from metric to rows."""

    def __init__(
        self,
        queries: Queries,
        metric: Metric,
        by: tuple[str, ...],
        grain: str | None,
        span: Window | None,
        at: datetime | None,
        where: Mapping[str, Any],
        quantile: float | None,
    ) -> None:
        self.queries, self.metric, self.by, self.grain, self.where = queries, metric, by, grain, where
        self.now = queries.clock()
        self.at = at or self.now
        self.span = span or window("today", self.at, queries.zone)
        self.extra = 0
        self.parameters: dict[str, Any] = {
            "region": queries.config.region.code,
            "kind": metric.of,
            "start": self.span.start,
            "end": self.span.end,
            "zone": queries.config.region.timezone,
            "q": metric.quantile if quantile is None else quantile,
            "horizon": metric.horizon,
            "from_stage": metric.from_stage,
            "to_stage": metric.to_stage,
            "t": self.at,
        }
        for name, value in where.items():
            self.parameters[f"w_{name}"] = list(value) if isinstance(value, list | tuple) else [value]

    @property
    def filters(self) -> str:
        return "".join(f" and c.{name} = any(:w_{name})" for name in self.where)

    def rows(self) -> list[dict[str, Any]]:
        """The answer: every bucket and group, gaps filled with what a gap means."""
        if self.metric.measure in STATES:
            found = self._states()
        elif self.metric.measure in FLOWS:
            found = self._flows()
        else:
            found = self._observed()
        self.extra = int(sum(row.pop("extra", 0) or 0 for row in found))
        zero = self.metric.measure in ("opened", "closed", "reopened", "open", "overdue", "due_soon")
        return fill(found, self.by, self.grain, self.span, self.now, self.queries.zone, zero=zero)

    def _flows(self) -> list[dict[str, Any]]:
        days = self._days()
        if days:
            self.parameters |= {"first": days[0], "last": days[1]}
            sql = measures.day_flow(self.metric, self.by, self.grain, self.filters)
        else:
            sql = measures.flow(self.metric, self.by, self.grain, self.filters)
        return self._run(sql)

    def _days(self) -> tuple[date, date] | None:
        """The first and last local day when the roll-ups can answer; a window up to now takes all of today."""
        zone, span = self.queries.zone, self.span
        first, last = local_day(span.start, zone), local_day(span.end - timedelta(microseconds=1), zone)
        whole_start = day_start(first, zone) == span.start
        whole_end = day_start(last + timedelta(days=1), zone) == span.end or span.end == self.now
        fits = self.metric.measure in FLOWS and measures.covered(self.metric, {*self.by, *self.where})
        return (
            (first, last)
            if fits and self.grain != "hour" and whole_start and whole_end and span.end > span.start
            else None
        )

    def _states(self) -> list[dict[str, Any]]:
        if self.grain is None:
            found = self._run(measures.state(self.metric, self.by, self.filters), moments=[self.at])
            return [{key: value for key, value in row.items() if key != "moment"} for row in found]
        starts = bucket_starts(self.span, self.grain, self.queries.zone)
        ends = dict(zip([min(end, self.now, self.span.end) for _, end in starts], [s for s, _ in starts], strict=True))
        found = self._at_moments(list(ends))
        return [{**row, "bucket": ends[row.pop("moment")]} for row in found]

    def _at_moments(self, moments: list[datetime]) -> list[dict[str, Any]]:
        zone = self.queries.zone
        # A state at local midnight is the sum over the days before; only the exact midnight itself may differ
        # by a case due or closed at that very instant, so those come from the cases like any other moment.
        whole = [t for t in moments if day_start(local_day(t, zone), zone) == t]
        if not measures.covered(self.metric, {*self.by, *self.where}) or len(whole) < 3:
            return self._run(measures.state(self.metric, self.by, self.filters), moments=moments)
        rest = [t for t in moments if t not in whole]
        days = [local_day(t, zone) - timedelta(days=1) for t in whole]
        found = self._run(measures.day_state(self.metric, self.by, self.filters), moments=whole, days=days)
        return found + (self._run(measures.state(self.metric, self.by, self.filters), moments=rest) if rest else [])

    def _observed(self) -> list[dict[str, Any]]:
        metric = self.metric
        if metric.measure == "latest":
            expiry = max(
                (source.expires_after for source in self.queries.config.sources.values()), default=timedelta(days=1)
            )
            sql = measures.latest(self.by, self.filters)
            return self._run(sql, names=[metric.observation], oldest=self.at - max(expiry, timedelta(days=1)))
        names = [name for name in (metric.observation, metric.numerator, metric.denominator) if name]
        sql = measures.observed(metric, self.by, self.grain, self.filters)
        return self._run(sql, names=names, numerator=metric.numerator, denominator=metric.denominator)

    def _run(self, sql: str, **more: Any) -> list[dict[str, Any]]:
        return self.queries.rows(sql, self.parameters | more)
