"""What is known of a source's health: its state now, a month of punctuality, its last runs, changes and doubts."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

import msgspec

from city import sources
from city.config import Config, Source
from city.metrics import catalogue
from city.punctuality import fresh_seconds
from city.sources import Run, SourceState
from city.times import day_start, local_day

DAYS = 30
#: A job that has not even tried for this many periods (and a minute) is not running.
_MISSED_PERIODS, _GRACE = 3, timedelta(minutes=1)


class Health(StrEnum):
    """How a source is doing, worst first."""

    UNSEEN = "unseen"  # older than expires_after
    CHANGED = "changed"  # a frozen contract holds the last run back
    FAILED = "failed"
    LATE = "late"  # older than stale_after
    PARTIAL = "partial"  # the last run was good, with warnings or doubts
    NEVER = "never"
    GOOD = "good"


class SourceHealth(msgspec.Struct, kw_only=True):
    """One source. ``days``: (local day, share of it with fresh data, runs), oldest first; share None = not known.

    ``punctual_ratio`` is over the days known; ``fetched`` and ``rejected`` are of the last run; ``beats`` says
    whether the job still tries. ``notes`` are those of the last run; ``changed_at`` when its shape last changed.
    ``missing``: open cases that it does not know any more; ``withdrawn``: those that were closed for that, ever.
    """

    state: SourceState
    health: Health
    collector: str
    owner: str
    every: timedelta
    days: list[tuple[date, float | None, int]]
    punctual_ratio: float | None
    fetched: int | None
    rejected: int | None
    beats: bool
    notes: dict[str, Any]
    changed_at: datetime | None
    metrics: tuple[str, ...]
    missing: int = 0
    withdrawn: int = 0


def report(config: Config, run: Run, now: datetime) -> list[SourceHealth]:
    """Every configured source, the worst first, then as configured."""
    names = list(config.sources)
    states = sources.states(config, run, names)
    today = local_day(now, config.region.zone)
    place = {"region": config.region.code, "names": names, "first": today - timedelta(days=DAYS - 1)}
    days: dict[str, dict[date, dict[str, Any]]] = {}
    for row in run(_DAYS, place):
        days.setdefault(row["source"], {})[row["day"]] = row
    last = {row["source"]: row for row in run(_LAST, place)}
    metrics = _metrics(config, run)
    made = [_one(config, state, days.get(state.name, {}), last.get(state.name), metrics, now) for state in states]
    return sorted(made, key=lambda one: list(Health).index(one.health))


def _one(
    config: Config,
    state: SourceState,
    days: Mapping[date, Mapping[str, Any]],
    last: Mapping[str, Any] | None,
    metrics: Mapping[str, Sequence[str]],
    now: datetime,
) -> SourceHealth:
    source, last = config.sources[state.name], last or {}
    strip = _strip(config, state, days, last.get("first_at"), now)
    known = [share for _, share, _ in strip if share is not None]
    return SourceHealth(
        state=state,
        health=_health(state, last.get("notes") or {}, now),
        collector=source.collector,
        owner=source.owner or "",
        every=source.every,
        days=strip,
        punctual_ratio=sum(known) / len(known) if known else None,
        fetched=last.get("fetched"),
        rejected=last.get("rejected"),
        beats=state.last_run_at is not None and now - state.last_run_at <= _MISSED_PERIODS * source.every + _GRACE,
        notes=last.get("notes") or {},
        changed_at=last.get("changed_at"),
        metrics=tuple(metrics.get(state.name, ())),
        missing=last.get("missing") or 0,
        withdrawn=last.get("withdrawn") or 0,
    )


def _health(state: SourceState, notes: Mapping[str, Any], now: datetime) -> Health:
    age = now - state.last_ok_at if state.last_ok_at else None
    if state.failures and notes.get("changes") and state.error_code == "K-106":
        return Health.CHANGED
    if age is None:
        return Health.FAILED if state.failures else Health.NEVER
    if age >= state.expires_after:
        return Health.UNSEEN
    if state.failures:
        return Health.FAILED
    if age >= state.stale_after:
        return Health.LATE
    return Health.PARTIAL if notes.get("warnings") or notes.get("implausible") else Health.GOOD


def _strip(
    config: Config, state: SourceState, days: Mapping[date, Mapping[str, Any]], first_at: datetime | None, now: datetime
) -> list[tuple[date, float | None, int]]:
    zone = config.region.zone
    today, running = local_day(now, zone), dict(fresh_seconds(state.last_ok_at, now, state.stale_after, zone))
    found: list[tuple[date, float | None, int]] = []
    for back in range(DAYS - 1, -1, -1):
        day = today - timedelta(days=back)
        row = days.get(day) or {"fresh_s": 0.0, "runs": 0}
        # A source counts from its first good run on: what came before was nobody's promise.
        start = max(day_start(day, zone), first_at or now)
        length_s = (min(now, day_start(day + timedelta(days=1), zone)) - start).total_seconds()
        fresh_s = row["fresh_s"] + running.get(day, 0.0)
        found.append((day, min(1.0, fresh_s / length_s) if length_s > 0 else None, row["runs"]))
    return found


def _metrics(config: Config, run: Run) -> dict[str, list[str]]:
    """The metrics behind which each source stands: of its kind of case, or observed by it."""
    brought: dict[str, set[str]] = {name: {source.kind or ""} for name, source in config.sources.items()}
    for row in run(_BROUGHT, {"region": config.region.code}):
        # A configured kind is certain; what a source without one brings is what it has delivered.
        if row["sort"] == "metric" or not config.sources.get(row["source"], _NONE).kind:
            brought.setdefault(row["source"], set()).add(row["name"])
    known = catalogue(config).items()
    return {
        source: [name for name, metric in known if {metric.of, *metric.observations} & names]
        for source, names in brought.items()
    }


def runs(config: Config, run: Run, source: str, limit: int = 12) -> list[dict[str, Any]]:
    """The last runs of a source, newest first; alike ones in a row once, with how many ``times`` since ``first_at``."""
    rows = run(_RUNS, {"region": config.region.code, "source": source, "limit": 400})
    found: list[dict[str, Any]] = []
    for row in rows:
        alike = ("ok", "error_code", "saved", "revised", "rejected")
        if found and all(found[-1][name] == row[name] for name in alike):
            found[-1] |= {"times": found[-1]["times"] + 1, "first_at": row["started_at"]}
        elif len(found) == limit:
            break
        else:
            found.append(row | {"times": 1, "first_at": row["started_at"]})
    return found


_NONE = Source(collector="none")

_BROUGHT = "select source, sort, name from delivered where region = :region"

_DAYS = """select d.source, d.day, d.runs, d.ok, d.fresh_s from run_days d
    where d.region = :region and d.source = any(:names) and d.day >= :first"""

_LAST = """select s.source, r.fetched, r.rejected, r.notes, c.seen_at as changed_at, f.started_at as first_at,
        g.missing, g.withdrawn
    from unnest(cast(:names as text[])) s(source)
    cross join lateral (select * from runs where region = :region and source = s.source order by id desc limit 1) r
    left join lateral (select seen_at from source_shapes x where x.region = :region and x.source = s.source
        and jsonb_array_length(x.changes) > 0 order by id desc limit 1) c on true
    left join lateral (select started_at from runs x where x.region = :region and x.source = s.source and x.ok
        order by id limit 1) f on true
    left join lateral (select (select count(*) from jsonb_object_keys(k.cursor -> 'missing')) as missing,
        (k.cursor ->> 'withdrawn')::int as withdrawn from cursors k
        where k.region = :region and k.source = s.source and k.cursor ? 'missing') g on true"""

_RUNS = """select started_at, ended_at, ok, fetched, saved, revised, rejected, error_code, error, notes
    from runs where region = :region and source = :source order by id desc limit :limit"""
