"""One question to the database: a metric, split, over a window or at a moment, becomes rows.

Whole local days are answered from the day roll-ups, everything else from the cases; both give the
same figures (a test holds them together).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar

from city import measures, observed, rollups
from city.buckets import GRAINS, TICK, Bucket, buckets, is_midnight
from city.config import Region
from city.metrics import COUNTS, FLOWS, OBSERVED, STATES, Metric
from city.model import CASE_DIMENSIONS, OBSERVATION_DIMENSIONS
from city.times import Window, day_start, local_day

Row = dict[str, Any]
Run = Callable[[str, Mapping[str, Any]], list[Row]]


@dataclass(frozen=True)
class Question:
    """``at`` is the last moment that counts, ``now`` the clock. ``folds`` says which observations are counts."""

    metric: Metric
    by: tuple[str, ...]
    grain: str | None
    span: Window | None
    at: datetime
    now: datetime
    where: Mapping[str, Any]
    quantile: float
    region: Region
    folds: Mapping[str, str]
    unclosed: ClassVar[str] = "cases"  # where those without an end are

    def rows(self, run: Run) -> list[Row]:
        """The answer: dimensions, ``bucket`` and ``partial``, value, n, extra; every bucket of every group."""
        found = next((answer for group, answer in _ANSWERS if self.metric.measure in group), _observed)(self, run)
        # Nothing behind it: no group of this measure, however many cases of it there are otherwise.
        found = [row for row in found if row["n"]]
        return _spread(self, found) if self.grain else _settled(self, found)

    def buckets(self) -> list[Bucket]:
        """The buckets of the window."""
        assert self.span and self.grain
        return buckets(self.span, self.grain, self.region.zone)

    def parameters(self, **more: Any) -> dict[str, Any]:
        """What the statements of :mod:`city.measures` need, and ``more``."""
        filters = {f"w_{name}": _listed(value) for name, value in self.where.items()}
        span = {"start": self.span.start, "end": self.span.end} if self.span else {}
        metric = self.metric
        return filters | span | {
            "region": self.region.code, "kind": metric.of, "zone": self.region.timezone, "t": self.at,
            "q": self.quantile, "horizon": metric.horizon,
            "from_stage": metric.from_stage, "to_stage": metric.to_stage,
            "w_agencies": [one.code for one in self.region.agencies], "agencies": len(self.region.agencies),
        } | more  # fmt: skip

    @property
    def rolled_up(self) -> bool:
        """Whether the roll-ups know every dimension."""
        return self.grain != "hour" and rollups.covers(self.metric, {*self.by, *self.where})

    @property
    def cases(self) -> str:
        """Where the cases of a flow are."""
        return measures.rows(self.metric)

    @property
    def days(self) -> tuple[str, list[str]]:
        """Where the roll-ups are, and what they must still be filtered by."""
        return "case_days", list(self.where)


def _listed(value: Any) -> list[Any]:
    """The values of a filter; None, what is not known, is the empty text (:func:`city.measures.filters`)."""
    values = list(value) if isinstance(value, list | tuple | set | frozenset) else [value]
    return ["" if one is None else one for one in values]


def _flows(ask: Question, run: Run) -> list[Row]:
    assert ask.span
    zone, span = ask.region.zone, ask.span
    if not (ask.rolled_up and span.start < span.end and _whole_days(ask, run)):
        return run(measures.flow(ask.metric, ask.by, ask.grain, list(ask.where), ask.cases), ask.parameters())
    days = {"first": local_day(span.start, zone), "last": local_day(span.end - TICK, zone)}
    found = run(rollups.flow(ask.metric, ask.by, ask.grain, list(ask.where)), ask.parameters(**days))
    return [row | ({"bucket": day_start(row["bucket"], zone)} if ask.grain else {}) for row in found]


def _whole_days(ask: Question, run: Run) -> bool:
    """Whether the local days of the window hold nothing outside it.

    The last day is usually today, and nothing is dated later than now unless the clock of a source is fast.
    """
    assert ask.span
    zone, end = ask.region.zone, ask.span.end
    if not is_midnight(ask.span.start, zone) or is_midnight(end, zone):
        return is_midnight(ask.span.start, zone)
    night = day_start(local_day(end, zone) + timedelta(days=1), zone)
    return not run(measures.dated(ask.metric), ask.parameters(start=end, end=night))


def _states(ask: Question, run: Run) -> list[Row]:
    if not ask.grain:
        return [{key: row[key] for key in row if key != "bucket"} for row in at_moments(ask, run, [ask.at])]
    moments = {
        bucket: ask.at if bucket.unfinished and bucket.end >= ask.at else bucket.end - TICK for bucket in ask.buckets()
    }
    night = _tonight(ask)
    whole = [bucket for bucket in moments if ask.rolled_up and not bucket.unfinished and bucket.end <= night]
    known = frozenset(whole)  # years of days: a list would be searched for each of them
    starts, tonight = {at: one.start for one, at in moments.items() if one not in known}, night - TICK
    asked = sorted({*starts, *([tonight] if whole else [])})
    found = at_moments(ask, run, asked) if asked else []
    standing = {_group(ask, row): int(row["value"]) for row in found if whole and row["bucket"] == tonight}
    rows = [row | {"bucket": starts[row["bucket"]]} for row in found if row["bucket"] in starts]
    return rows + (_backwards(ask, run, whole, standing) if whole else [])


def _tonight(ask: Question) -> datetime:
    zone = ask.region.zone
    return day_start(local_day(ask.now, zone) + timedelta(days=1), zone)


def at_moments(ask: Question, run: Run, moments: Sequence[datetime]) -> list[Row]:
    """A state at each of ``moments``, from the cases; ``bucket`` is the moment."""
    sql = measures.state(ask.metric, ask.by, list(ask.where), moments=len(moments), unclosed=ask.unclosed)
    each = {f"m{number}": moment for number, moment in enumerate(moments)}
    found = run(sql, ask.parameters(**each, first_t=min(moments), last_t=max(moments)))
    return [
        {dim: row[dim] for dim in ask.by} | {"bucket": moment, "value": value, "n": n, "extra": 0}
        for row in found
        for moment, value, n in zip(moments, row["answers"] or row["counts"], row["counts"], strict=True)
    ]


def _backwards(ask: Question, run: Run, whole: Sequence[Bucket], standing: dict[tuple[Any, ...], int]) -> list[Row]:
    """States at the ends of whole days: what stands at the end of today, less what the days since then moved.

    Backwards, because the open cases have an index and the past is long.
    """
    zone = ask.region.zone
    days = {"first": local_day(whole[0].end, zone), "last": local_day(ask.now, zone)}
    table, where = ask.days
    moved = run(rollups.moves(ask.metric, ask.by, where, table), ask.parameters(**days))
    moved.sort(key=lambda row: row["bucket"])
    found: list[Row] = []
    for bucket in reversed(whole):
        while moved and moved[-1]["bucket"] >= local_day(bucket.end, zone):
            move = moved.pop()
            standing[_group(ask, move)] = standing.get(_group(ask, move), 0) - move["value"]
        found += [_named(ask, group, bucket.start, value) for group, value in standing.items() if value]
    return found


def _named(ask: Question, group: tuple[Any, ...], start: datetime, value: int) -> Row:
    return dict(zip(ask.by, group, strict=True)) | {"bucket": start, "value": value, "n": value, "extra": 0}


def _observed(ask: Question, run: Run) -> list[Row]:
    metric = ask.metric
    if metric.measure != "ratio":
        return _folded(ask, run, metric.measure, metric.observation, metric.kind not in ("ratio", "duration"))
    above, below = (
        _folded(ask, run, "sum" if ask.folds.get(name) == "count" else "latest", name, True)
        for name in metric.observations
    )
    parts = {_key(ask, row): row["value"] for row in above if row["n"]}
    return [
        row | {"value": parts[_key(ask, row)] / row["value"] if row["value"] and _key(ask, row) in parts else None}
        for row in below
    ]


def _folded(ask: Question, run: Run, fold: str, observation: str | None, adds_up: bool) -> list[Row]:
    where = list(ask.where)
    if fold == "latest" and not ask.span:
        sql = observed.at_moment(ask.by, where, adds_up=adds_up)
    else:
        sql = observed.over_window(fold, ask.by, ask.grain, where, adds_up=adds_up)
    return run(sql, ask.parameters(observation=observation))


#: The answer to each group of measures; observations answer the rest.
_ANSWERS = ((FLOWS, _flows), (STATES, _states))


def _group(ask: Question, row: Row) -> tuple[Any, ...]:
    return tuple(row[dim] for dim in ask.by)


def _key(ask: Question, row: Row) -> tuple[Any, ...]:
    return (*_group(ask, row), row.get("bucket"))


def _gap(ask: Question) -> Row:
    return {"value": 0 if ask.metric.measure in COUNTS else None, "n": 0, "extra": 0}


def _settled(ask: Question, found: list[Row]) -> list[Row]:
    """Rows that were not split by time, the largest value first."""
    rows = [_tidy(ask, row) for row in found] or ([] if ask.by else [_gap(ask)])
    return sorted(rows, key=lambda row: (row["value"] is None, -(row["value"] or 0), *map(str, _group(ask, row))))


def _spread(ask: Question, found: list[Row]) -> list[Row]:
    """Every bucket for every group, the group with the most behind it first."""
    known = {_key(ask, row): row for row in found}
    weight: dict[tuple[Any, ...], int] = {} if ask.by else {(): 0}
    for row in found:
        weight[_group(ask, row)] = weight.get(_group(ask, row), 0) + row["n"]
    moments = ask.metric.measure in STATES
    return [
        dict(zip(ask.by, group, strict=True))
        | {
            "bucket": bucket.start.astimezone(ask.region.zone).isoformat(),
            "partial": bucket.unfinished or (bucket.late and not moments),
        }
        | _tidy(ask, {key: known.get((*group, bucket.start), _gap(ask))[key] for key in ("value", "n", "extra")})
        for group in sorted(weight, key=lambda group: (-weight[group], *map(str, group)))
        for bucket in ask.buckets()
    ]


def _tidy(ask: Question, row: Row) -> Row:
    value = row["value"]
    if ask.metric.measure in COUNTS:
        value = int(value or 0)
    return row | {"value": value if value is None or isinstance(value, int) else float(value), "n": int(row["n"])}


def check(metric: Metric, by: Iterable[str], where: Iterable[str], grain: str | None) -> None:
    """ValueError for a dimension or a grain that a metric does not have."""
    known = OBSERVATION_DIMENSIONS if metric.measure in OBSERVED else CASE_DIMENSIONS
    for name in (*by, *where, *metric.where):
        if name not in known:
            raise ValueError(f"unknown dimension '{name}'; {metric.name} is split by {', '.join(known)}")
    if grain is not None and grain not in GRAINS:
        raise ValueError(f"unknown grain '{grain}'; known: {', '.join(GRAINS)}")


def first_groups(rows: list[Row], by: tuple[str, ...], limit: int) -> list[Row]:
    """The rows of the first ``limit`` groups."""
    kept = list(dict.fromkeys(tuple(row[dim] for dim in by) for row in rows))[:limit]
    return [row for row in rows if tuple(row[dim] for dim in by) in kept]
