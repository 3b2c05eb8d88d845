"""How the sources are doing: their last good run, failures since, and what went wrong."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

from city.config import Config
from city.metrics import Metric

Run = Callable[[str, Mapping[str, Any]], list[dict[str, Any]]]


class SourceState(msgspec.Struct, frozen=True, kw_only=True):
    """How one source is doing. ``last_ok_at`` and ``last_run_at`` are when those runs began to read.

    ``failures`` counts the failed runs since the last good one; ``since`` is when the first of them began.
    """

    name: str
    title: str
    attribution: str | None = None
    last_ok_at: datetime | None = None
    last_run_at: datetime | None = None
    failures: int = 0
    since: datetime | None = None
    error: str | None = None
    error_code: str | None = None
    simulated: bool = False
    stale_after: timedelta
    expires_after: timedelta

    @property
    def credit(self) -> str:
        """The title and, where a licence wants somebody named, whom."""
        return f"{self.title} ({self.attribution})" if self.attribution else self.title


def states(config: Config, run: Run, names: Sequence[str]) -> list[SourceState]:
    """The state of each of ``names``, in their order."""
    if not names:
        return []
    found = {row.pop("source"): row for row in run(_STATES, {"region": config.region.code, "names": list(names)})}
    return [_state(config, name, found[name]) for name in names]


def oldest(states: Sequence[SourceState], at: datetime | None) -> datetime | None:
    """The oldest last good run of ``states``, or ``at`` where that is earlier; None = none of them was ever good."""
    known = [state.last_ok_at for state in states if state.last_ok_at]
    return min([*known, *([at] if at else [])]) if known else None


def _state(config: Config, name: str, row: Mapping[str, Any]) -> SourceState:
    source = config.sources[name]
    title = source.title or name.replace("_", " ").capitalize()
    return SourceState(
        name=name, title=title, attribution=source.attribution,
        stale_after=source.stale_after, expires_after=source.expires_after, **row,
    )  # fmt: skip


def of_metric(config: Config, run: Run, metric: Metric) -> tuple[str, ...]:
    """The configured sources that feed a metric: those of its kind of case, or that delivered its observations.

    A source whose configuration names no kind is asked what it delivered.
    """
    sure = [name for name, source in config.sources.items() if metric.of and source.kind == metric.of]
    asked = [name for name, source in config.sources.items() if not metric.of or source.kind is None]
    if asked:
        names = [metric.of] if metric.of else list(metric.observations)
        values = {"region": config.region.code, "asked": asked, "sort": "kind" if metric.of else "metric"}
        sure += [row["source"] for row in run(_DELIVERED, values | {"names": names})]
    return tuple(name for name in config.sources if name in sure)


_DELIVERED = """select distinct source from delivered
    where region = :region and source = any(:asked) and sort = :sort and name = any(:names)"""

_STATES = """
select s.source, ok.started_at as last_ok_at, coalesce(ok.simulated, false) as simulated,
    last.started_at as last_run_at, bad.failures, bad.since,
    case when not last.ok then last.error end as error,
    case when not last.ok then last.error_code end as error_code
from unnest(cast(:names as text[])) s(source)
left join lateral (select id, started_at, simulated from runs r
    where r.region = :region and r.source = s.source and r.ok order by id desc limit 1) ok on true
left join lateral (select ok, started_at, error, error_code from runs r
    where r.region = :region and r.source = s.source order by id desc limit 1) last on true
left join lateral (select count(*) as failures, min(started_at) as since from runs r
    where r.region = :region and r.source = s.source and not r.ok and r.id > coalesce(ok.id, 0)) bad on true
"""
