"""How every limit stands: one state for a limit, for each of its groups, and for each bound of a stage's rule.

Panels, the list of alarms and the stages of the city take it from here: they cannot contradict each other.
Keys    of the states kept by :mod:`city.watch`: ``river_level`` a limit; ``complaints_open_per_agency:pupr`` a
        group of one; ``river_level>=1487.0`` a bound of a rule that is no value of its metric's limit.
Limits  a panel that asks something else than the limit (a filter, another window) has no priority.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from city import criteria, watch
from city.config import Config
from city.criteria import Bound
from city.limits import Limit
from city.metrics import OBSERVED, STATES, Metric
from city.model import CASE_DIMENSIONS, OBSERVATION_DIMENSIONS
from city.queries import Queries
from city.watch import Side, Watched

Known = Mapping[str, Metric]
States = Mapping[str, Watched]
PER = "_per_"


class Aim(NamedTuple):
    """What a limit is about: a metric, or each of its groups ``by`` a dimension."""

    metric: str
    by: str | None = None


class Subject(NamedTuple):
    """One thing to be looked at; with ``by`` each of its groups, by keys of their own (:func:`key`)."""

    name: str
    aim: Aim
    limit: Limit | None
    direction: str


@dataclass(frozen=True)
class Judged:
    """How a limit stands now, by group (None: it has no groups). Empty: nothing stands here."""

    limit: Limit | None = None
    states: Mapping[str | None, Watched] = field(default_factory=dict)

    def priority(self, group: str | None = None) -> int | None:
        """2, 3 or None. What cannot be seen has none: the list of alarms says how it stood."""
        state = self.states.get(group)
        return None if state is None or state.unseen else state.priority

    def since(self, group: str | None = None) -> datetime | None:
        """Since when the limit is passed."""
        state = self.states.get(group)
        return state.passed[1].since if state and state.passed else None

    def worst(self, groups: Iterable[str | None]) -> int | None:
        """The worst priority of several groups that are shown as one."""
        return min(filter(None, map(self.priority, groups)), default=None)

    def waits(self, group: str | None = None) -> bool:
        """Whether the value is beyond a value of the limit, but not yet for as long as it takes to count."""
        state = self.states.get(group)
        return state is not None and not state.unseen and not state.passed and any(map(_turning, _sides(state)))


def _sides(state: Watched) -> tuple[Side | None, Side | None]:
    return state.breach, state.warn


def _turning(side: Side | None) -> bool:
    return side is not None and side.turning_since is not None


def key(name: str, group: Any) -> str:
    """The key of a group of a limit; what has no group (no agency, say) is one of them."""
    return f"{name}:{'' if group is None else group}"


def aim(name: str, known: Mapping[str, Any]) -> Aim | None:
    """What the limit ``name`` is about: a metric of ``known``, or ``<metric>_per_<dimension>``; None = nothing."""
    if name in known:
        return Aim(name)
    metric, _, by = name.rpartition(PER)
    return Aim(metric, by) if metric in known and by in dimensions(known[metric]) else None


def dimensions(metric: Metric | None) -> tuple[str, ...]:
    """What a metric can be split by; of one that is not in order by itself, anything."""
    if metric is None:
        return tuple(dict.fromkeys((*CASE_DIMENSIONS, *OBSERVATION_DIMENSIONS)))
    return OBSERVATION_DIMENSIONS if metric.measure in OBSERVED else CASE_DIMENSIONS


def subjects(config: Config, known: Known) -> tuple[Subject, ...]:
    """What is watched: every limit, the metrics of the rules, and the bounds of those that no limit has."""
    found = [Subject(name, at, limit, known[at.metric].direction)
             for name, limit in config.limits.items() if (at := aim(name, known))]  # fmt: skip
    asked = [name for name in criteria.asked(config) if name not in config.limits]
    found += [Subject(name, Aim(name), None, known[name].direction) for name in asked]
    own = {
        side.name: side for one in bounds(config) for side in _bound(one, config, known) if isinstance(side, Subject)
    }
    return (*found, *own.values())


def bounds(config: Config) -> Iterator[Bound]:
    """Every bound of the rules of the stages."""
    return (bound for rule in criteria.rules(config) if rule for bound in criteria.bounds(rule))


def _bound(bound: Bound, config: Config, known: Known) -> Iterator[Subject | str]:
    """Each end of a bound: ``warn`` or ``breach`` where it is that value of the limit, else a subject of its own.

    The delay and the deadband are those of the metric's limit, whatever the value.
    """
    limit, better = config.limits.get(bound.metric, Limit()), known[bound.metric].direction
    way = "higher" if better == "higher" else "lower"
    for sign, direction, value in ((">=", "lower", bound.at_least), ("<=", "higher", bound.at_most)):
        if value is None:
            continue
        if direction == way and value in (limit.warn, limit.breach):
            yield "warn" if value == limit.warn else "breach"
            continue
        back = watch.deadband(limit, better) * (1 if direction == "higher" else -1)
        own = limit.model_copy(update={"warn": None, "breach": value, "clear": value + back})
        yield Subject(f"{bound.metric}{sign}{value}", Aim(bound.metric), own, direction)


def told(config: Config, known: Known, states: States) -> Callable[[Bound], bool | None]:
    """Whether a bound holds, by how it was judged; None = its metric cannot be seen."""

    def one(bound: Bound) -> bool | None:
        state, ends = states.get(bound.metric), list[bool]()
        if state is None or state.unseen:
            return None
        for end in _bound(bound, config, known):
            kept = states.get(end.name) if isinstance(end, Subject) else state
            side: Side | None = getattr(kept, "breach" if isinstance(end, Subject) else end, None)
            if side is None:
                return None  # not looked at since the rule was written
            ends.append(side.passed)
        return all(ends)

    return one


def states_of(name: str, states: States) -> Iterator[tuple[str, Watched]]:
    """The state of a limit, or those of all its groups, with their keys."""
    return ((at, state) for at, state in states.items() if at == name or at.startswith(f"{name}:"))


def judged(
    queries: Queries, metric: str, *, by: str | None = None, window: str | None = None,
    where: Mapping[str, Any] | None = None,
) -> Judged:  # fmt: skip
    """How the limit of what a panel asks stands; empty where it has none."""
    name = metric if by is None else f"{metric}{PER}{by}"
    limit = queries.config.limits.get(name)
    measure = queries.metric(metric).measure
    if limit is None or where or _span(measure, window) != _span(measure, limit.window):
        return Judged()
    kept = queries.standing(watch.standing)
    if by is None:
        return Judged(limit, {None: kept[name]} if name in kept else {})
    begin = f"{name}:"
    return Judged(limit, {at.removeprefix(begin) or None: state for at, state in kept.items() if at.startswith(begin)})


def _span(measure: str, text: str | None) -> str | None:
    """A window that makes no difference is none: a state holds now, and a flow is today's unless told."""
    if measure in STATES:
        return None
    return text if measure == "latest" else text or "today"
