"""Rules over metrics: what must hold for a stage of the city to be proposed.

A rule is ``{metric: {at_least: x, at_most: y}}``, ``{any: [rule, ...]}`` or ``{all: [rule, ...]}``. A metric
that cannot be seen makes its bound neither true nor false (Kleene): an unseen rule is never taken for one
that does not hold.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from city.config import Config
from city.metrics import COUNTS, RATIOS, Metric
from city.yaml_lines import Where, nearest

Values = Mapping[str, float | None]
Span = tuple[float, float]
_SIDES = ("at_least", "at_most")
_SHAPE = "a rule is one of `any: [...]`, `all: [...]` or `metric: {at_least: 3}`"


@dataclass(frozen=True)
class Bound:
    """A metric inside ``[at_least, at_most]``, in the metric's unit; both ends count."""

    metric: str
    at_least: float | None = None
    at_most: float | None = None

    @property
    def span(self) -> Span:
        """The values that fulfil it."""
        low, high = self.at_least, self.at_most
        return (-math.inf if low is None else low, math.inf if high is None else high)


@dataclass(frozen=True)
class Group:
    """Several rules; ``every`` one of them must hold, or one of them."""

    every: bool
    rules: "tuple[Rule, ...]"


Rule = Bound | Group
#: Whether a bound holds; None = its metric cannot be seen.
Told = Callable[[Bound], bool | None]


def rule(raw: Any) -> Rule:
    """What the settings say as a rule. ValueError when it is none; see :func:`flaws` for the place."""
    for _, message in flaws(raw, (), None):
        raise ValueError(message)
    ((name, inner),) = raw.items()
    if name in ("any", "all"):
        return Group(name == "all", tuple(map(rule, inner)))
    return Bound(name, **{side: float(value) for side, value in inner.items()})


def rules(config: Config) -> "tuple[Rule | None, ...]":
    """The rule of each stage, from the first; None where there is none."""
    return tuple(rule(stage.when) if stage.when else None for stage in config.stages)


def asked(config: Config) -> tuple[str, ...]:
    """The metrics that the rules of the stages ask, each once."""
    return tuple(dict.fromkeys(name for one in rules(config) if one for name in metrics(one)))


def flaws(raw: Any, at: Where, known: Mapping[str, Any] | None) -> Iterator[tuple[Where, str]]:
    """Every mistake of a rule that stands at ``at``. ``known``: the metrics there are; None = do not ask."""
    if not (isinstance(raw, dict) and len(raw) == 1):
        yield at, _SHAPE + ("; several side by side need `all` or `any`" if isinstance(raw, dict) and raw else "")
        return
    ((name, inner),) = raw.items()
    if name in ("any", "all"):
        if not (isinstance(inner, list) and inner):
            yield (*at, name), f"`{name}` needs a list of rules, not an empty one"
            return
        for index, item in enumerate(inner):
            yield from flaws(item, (*at, name, index), known)
    elif known is not None and name not in known:
        yield (*at, name), "unknown metric" + nearest(name, known)
    else:
        yield from _bound_flaws(inner, (*at, name))


def _bound_flaws(inner: Any, at: Where) -> Iterator[tuple[Where, str]]:
    if not (isinstance(inner, dict) and inner):
        yield at, "say from when on: at_least, at_most or both"
        return
    for side, value in inner.items():
        if side not in _SIDES:
            yield (*at, side), "unknown setting" + nearest(side, _SIDES)
        elif isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            yield (*at, side), "must be a number"


def bounds(one: Rule) -> Iterator[Bound]:
    """The bounds inside a rule."""
    if isinstance(one, Bound):
        yield one
    else:
        for inner in one.rules:
            yield from bounds(inner)


def metrics(one: Rule) -> tuple[str, ...]:
    """The metrics a rule asks, each once."""
    return tuple(dict.fromkeys(bound.metric for bound in bounds(one)))


def plainly(values: Values) -> Told:
    """By values alone. How the city goes by them, with delay and deadband: :func:`city.judging.told`."""

    def one(bound: Bound) -> bool | None:
        value = values.get(bound.metric)
        return None if value is None else bound.span[0] <= value <= bound.span[1]

    return one


def holds(one: Rule, told: Told) -> bool | None:
    """Whether a rule holds; None = it cannot be told, because something it needs is not seen."""
    if isinstance(one, Bound):
        return told(one)
    found = [holds(inner, told) for inner in one.rules]
    # One false decides an `all`, one true an `any`, whatever cannot be seen.
    if (not one.every) in found:
        return not one.every
    return None if None in found else one.every


def fulfilled(one: Rule, told: Told) -> tuple[Bound, ...]:
    """The bounds because of which a rule holds: those inside it that hold."""
    return tuple(dict.fromkeys(bound for bound in bounds(one) if told(bound)))


def can_hold(one: Rule, possible: Mapping[str, Span]) -> bool:
    """Whether some values fulfil a rule. ``possible``: what a metric can be at all; anything, unless it says."""
    free = (-math.inf, math.inf)
    return any(
        all(_meet(span, possible.get(name, free)) for name, span in way.items() if span) and all(way.values())
        for way in _ways(one)
    )


def _ways(one: Rule) -> list[dict[str, Span | None]]:
    """The ways to fulfil a rule, each as what every metric must be; None = nothing it can be."""
    if isinstance(one, Bound):
        return [{one.metric: _meet(one.span, one.span)}]
    ways = [_ways(inner) for inner in one.rules]
    if not one.every:
        return [way for inner in ways for way in inner]
    whole = ways[0]
    for inner in ways[1:]:
        whole = [_both(first, second) for first in whole for second in inner]
    return whole


def _both(first: Mapping[str, Span | None], second: Mapping[str, Span | None]) -> dict[str, Span | None]:
    shared = first.keys() & second.keys()
    return {**first, **second} | {name: _meet(first[name], second[name]) for name in shared}


def _meet(first: Span | None, second: Span | None) -> Span | None:
    if first is None or second is None:
        return None
    low, high = max(first[0], second[0]), min(first[1], second[1])
    return (low, high) if low <= high else None


def span_of(metric: Metric, plausible: Span | None) -> Span:
    """What a metric can be: a count is not negative, a share of cases lies in 0 to 1.

    ``plausible``: the span outside which its observation is refused. It holds for one place and for a mean;
    the places of a ``latest`` add up, so their sum may lie above.
    """
    if metric.measure in RATIOS - {"ratio"}:
        return (0.0, 1.0)
    one_place = isinstance(metric.where.get("place"), str)
    if plausible and (metric.measure == "mean" or (metric.measure == "latest" and one_place)):
        return plausible
    return (0.0 if metric.measure in COUNTS else -math.inf, math.inf)


@dataclass(frozen=True)
class Proposal:
    """The stage the rules propose (from 1), the bounds because of which, and the stages that cannot be told.

    No stage at all where nothing was proposed before and too little is seen to begin.
    """

    stage: int | None
    because: tuple[Bound, ...]
    unseen: tuple[int, ...]


def propose(rules: Sequence[Rule | None], told: Told, previous: int | None) -> Proposal | None:
    """What the rules of the stages 1, 2, ... propose; None when there is not one rule.

    The highest stage whose rule holds, else the first. A rule that can no longer be seen does not lower what
    it has proposed: ``previous`` stays up to the highest such stage.
    """
    if not any(rules):
        return None
    found = {stage: holds(one, told) for stage, one in enumerate(rules, 1) if one is not None}
    met = max((stage for stage, held in found.items() if held), default=1)
    blind = tuple(stage for stage, held in found.items() if held is None and stage > met)
    if previous is None and blind and met == 1:
        return Proposal(None, (), blind)
    stage = max(met, min(previous or 1, max(blind, default=1)))
    one = rules[stage - 1] if stage == met else None
    return Proposal(stage, fulfilled(one, told) if one else (), blind)
