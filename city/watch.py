"""Limits as an operator needs them: passed since when, with deadband and delay, and never resolved by silence.

Asks    :func:`step`, pure: (value, limit, previous state, now) -> state.
Keeps   ``watched_metrics``, one row per metric, so that a restart forgets neither a breach nor a delay.
Source  ISA-18.2: on-delay, off-delay, deadband; a disappearance is *cannot see*, not *return to normal*.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from city.limits import Limit

BREACH, WARN = 2, 3
Run = Callable[[str, Mapping[str, Any]], list[dict[str, Any]]]


@dataclass(frozen=True)
class Side:
    """One value of a limit: whether it counts as passed, since when, and since when it asks to change that."""

    passed: bool
    since: datetime
    turning_since: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Watched:
    """A watched metric. ``value`` is the last one seen, of the moment ``seen_at``; None = never seen.

    ``unseen``: there is no value now, so ``breach`` and ``warn`` stand as they were. A side is None where
    the limit has no such value.
    """

    looked_at: datetime
    value: float | None = None
    seen_at: datetime | None = None
    unseen: bool = True
    simulated: bool = False
    breach: Side | None = None
    warn: Side | None = None

    @property
    def passed(self) -> tuple[int, Side] | None:
        """The priority that stands (2 before 3) and its side; None = no limit is passed."""
        for priority, side in ((BREACH, self.breach), (WARN, self.warn)):
            if side and side.passed:
                return priority, side
        return None

    @property
    def priority(self) -> int | None:
        """2 breach, 3 warn, or None."""
        return self.passed[0] if self.passed else None


def step(
    value: float | None,
    limit: Limit | None,
    direction: str,
    old: Watched | None,
    now: datetime,
    *,
    seen_at: datetime | None = None,
    simulated: bool = False,
) -> Watched:
    """The state after ``value`` (None = it cannot be seen) was looked at ``now``.

    ``direction`` is the metric's: ``higher`` is better, or lower. ``seen_at``: the moment the value describes.
    """
    breach, warn = (_side(name, value, limit, direction, old, now) for name in ("breach", "warn"))
    seen = Watched(looked_at=now, value=value, seen_at=seen_at or now, unseen=False, simulated=simulated)
    blind = replace(old, looked_at=now, unseen=True) if old else Watched(looked_at=now)
    return replace(blind if value is None else seen, breach=breach, warn=warn)


def _side(
    name: str, value: float | None, limit: Limit | None, direction: str, old: Watched | None, now: datetime
) -> Side | None:
    bound = getattr(limit, name, None)
    if limit is None or bound is None:
        return None
    was: Side = getattr(old, name, None) or Side(False, now)
    if value is None:
        # Nobody knows what it does: a delay that runs begins anew when it is seen again.
        return Side(was.passed, was.since)
    sign = -1 if direction == "higher" else 1
    beyond = sign * (value - bound)
    asks = beyond >= 0 or (was.passed and beyond > -deadband(limit, direction))
    if asks == was.passed:
        return Side(was.passed, was.since)
    began = was.turning_since or now
    return Side(asks, began) if now - began >= limit.delay else Side(was.passed, was.since, began)


def deadband(limit: Limit, direction: str) -> float:
    """How far a value must come back: from the first value of the limit to ``clear``. The breach has as much."""
    first = limit.breach if limit.warn is None else limit.warn
    if limit.clear is None or first is None:
        return 0.0
    return (first - limit.clear) * (-1 if direction == "higher" else 1)


def flaw(limit: Limit, direction: str) -> str | None:
    """What is wrong between the values of a limit, if anything."""
    if limit.warn is None and limit.breach is None:
        return "a limit needs `warn`, `breach` or both"
    sign, worse = (-1, "below") if direction == "higher" else (1, "above")
    if limit.warn is not None and limit.breach is not None and sign * limit.warn > sign * limit.breach:
        return f"warn lies {worse} breach: it would never be told before it"
    if deadband(limit, direction) < 0:
        return f"clear lies {worse} the first value of the limit: it could never be passed"
    if limit.delay < timedelta():
        return "for: a delay cannot be negative"
    return None


def standing(run: Run, region: str) -> dict[str, Watched]:
    """Every watched metric of a region as it was last looked at."""
    return {row["metric"]: _watched(row) for row in run(_STANDING, {"region": region})}


def save(connection: Connection, region: str, states: Mapping[str, Watched]) -> None:
    """Keep ``states`` in the running transaction, and forget the metrics that are watched no more."""
    rows = [{"region": region, "metric": name} | _row(state) for name, state in states.items()]
    if rows:
        connection.execute(sa.text(_SAVE), rows)
    connection.execute(sa.text(_FORGET), {"region": region, "metrics": list(states)})


def _watched(row: Mapping[str, Any]) -> Watched:
    breach, warn = (
        None if row[f"{name}_passed"] is None else Side(*(row[f"{name}_{part}"] for part in _PARTS))
        for name in ("breach", "warn")
    )
    return Watched(breach=breach, warn=warn, **{name: row[name] for name in _PLAIN})


def _row(state: Watched) -> dict[str, Any]:
    row: dict[str, Any] = {name: getattr(state, name) for name in _PLAIN}
    for name in ("breach", "warn"):
        side: Side | None = getattr(state, name)
        for part in _PARTS:
            row[f"{name}_{part}"] = getattr(side, part, None)
    return row


_PLAIN = ("looked_at", "value", "seen_at", "unseen", "simulated")
_PARTS = ("passed", "since", "turning_since")
_COLUMNS = (*_PLAIN, *(f"{name}_{part}" for name in ("breach", "warn") for part in _PARTS))
_STANDING = "select * from watched_metrics where region = :region"
_SAVE = f"""
insert into watched_metrics (region, metric, {", ".join(_COLUMNS)})
values (:region, :metric, {", ".join(f":{name}" for name in _COLUMNS)})
on conflict (region, metric) do update set {", ".join(f"{name} = excluded.{name}" for name in _COLUMNS)}
"""
_FORGET = "delete from watched_metrics where region = :region and metric <> all(:metrics)"
