"""The score of the city: achievements, their weighted mean, and what each adds or takes. Pure and exact.

The achievement of a metric is actual / target, or target / actual where lower is better, in percent, between 0 and a
cap. The score is their weighted mean: 100 = every target met. All of it is fractions, rounded only to be shown
(:func:`shown`), so that the contributions add up to score - 100 exactly. What is missing, stale or too little is left
out and named, never counted as zero; a value is only ever scored in its own period.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple

from city.goals import Goal
from city.metrics import Metric
from city.periods import Period

FULL = Fraction(100)
#: How many of the best and of the worst are named.
ENDS = 5


class Why(StrEnum):
    """Why a goal is not counted in a period."""

    NEVER = "never"  # its sources have never been read
    EMPTY = "empty"  # nothing was delivered for this period
    STALE = "stale"  # its sources were not read up to the end of the period
    PARTIAL = "partial"  # a count whose history begins within the period
    FEW = "few"  # a share or a median of fewer than five cases
    UNSET = "unset"  # no target was in force, or it is for another kind of period


class Value(NamedTuple):
    """What was measured of one goal in one period. ``why`` is set where it cannot be scored."""

    actual: float | None
    n: int
    why: Why | None = None


@dataclass(frozen=True)
class Line:
    """A goal in a period. ``values`` are those of ``periods``, of which the last is the period itself.

    ``targets``: those in force in each of them; ``as_of``: the moment its data describe.
    """

    goal: Goal
    metric: Metric
    periods: Sequence[Period]
    values: Sequence[Value]
    targets: Sequence[float | None]
    cap: Fraction
    as_of: datetime | None = None
    sources: Sequence[str] = field(default_factory=tuple)
    simulated: bool = False

    @property
    def period(self) -> Period:
        """The period it is about."""
        return self.periods[-1]

    @property
    def value(self) -> Value:
        """What was measured in it."""
        return self.values[-1]

    @property
    def target(self) -> float | None:
        """What was to be reached in it."""
        return self.targets[-1]

    @property
    def weight(self) -> Fraction:
        """What it weighs, as written in the settings: 0.1 is a tenth."""
        return Fraction(str(self.goal.weight))

    @property
    def why(self) -> Why | None:
        """Why it does not count; None when it does."""
        return _why(self.value, self.target)

    @property
    def achievement(self) -> Fraction | None:
        """In percent of the target, capped; None when it does not count."""
        return self.achieved(len(self.values) - 1)

    @property
    def before(self) -> Value:
        """What was measured in the period before."""
        return self.values[-2] if len(self.values) > 1 else Value(None, 0, Why.EMPTY)

    @property
    def change(self) -> float | None:
        """Actual less the actual of the period before, in the unit of the metric; None unless both are sound."""
        if _unsound(self.value) or _unsound(self.before):
            return None
        assert self.value.actual is not None and self.before.actual is not None
        return self.value.actual - self.before.actual

    @property
    def better(self) -> bool | None:
        """Whether it changed for the better; None when it did not change or nobody knows."""
        return None if not self.change else (self.change > 0) == (self.metric.direction == "higher")

    def achieved(self, index: int) -> Fraction | None:
        """The achievement in one of ``periods`` (a list's index), against the target of that period."""
        if not -len(self.values) <= index < len(self.values):
            return None
        value, target = self.values[index], self.targets[index]
        if _why(value, target) or value.actual is None or target is None:
            return None
        return achievement(value.actual, target, self.metric.direction, self.cap)


def _unsound(value: Value) -> bool:
    return value.actual is None or value.why is not None


def _why(value: Value, target: float | None) -> Why | None:
    if value.why:
        return value.why
    if value.actual is None:
        return Why.EMPTY
    return Why.UNSET if target is None else None


def achievement(actual: float, target: float, direction: str, cap: Fraction) -> Fraction:
    """Percent of a target (more than 0) that ``actual`` reaches, from 0 to ``cap``.

    Where lower is better none at all is the best there can be, never the worst; a negative duration (the clock of a
    source) says nothing better than none.
    """
    has, wanted = Fraction(str(actual)), Fraction(str(target))
    if direction == "lower":
        return cap if has <= 0 else min(cap, FULL * wanted / has)
    return max(Fraction(), min(cap, FULL * has / wanted))


@dataclass(frozen=True)
class Card:
    """The scorecard of a period. ``score`` None: nothing could be counted."""

    period: Period
    lines: Sequence[Line]
    score: Fraction | None
    previous: Fraction | None

    @property
    def counted(self) -> list[Line]:
        """The lines that make the score."""
        return [line for line in self.lines if line.why is None]

    @property
    def uncounted(self) -> list[Line]:
        """The lines that do not, each with its ``why``."""
        return [line for line in self.lines if line.why is not None]

    @property
    def coverage(self) -> Fraction:
        """The counted part of all weight, 0 to 1."""
        return _weight(self.counted) / _weight(self.lines)

    @property
    def change(self) -> Fraction | None:
        """Score less the score of the period before; None unless both are known."""
        return None if self.score is None or self.previous is None else self.score - self.previous

    @property
    def like_for_like(self) -> bool:
        """Whether the period before counted the same goals."""
        return all((line.achieved(-1) is None) == (line.achieved(-2) is None) for line in self.lines)

    def contribution(self, line: Line) -> Fraction | None:
        """What a line adds to 100 or takes from it; None when it does not count."""
        reached = line.achievement
        return None if reached is None else line.weight * (reached - FULL) / _weight(self.counted)

    @property
    def fields(self) -> Mapping[str, Fraction | None]:
        """The contribution of each field, in the order of the settings; None where nothing of it counts."""
        found: dict[str, Fraction | None] = dict.fromkeys((line.goal.field for line in self.lines), None)
        for line in self.counted:
            part = self.contribution(line)
            assert part is not None
            found[line.goal.field] = (found[line.goal.field] or Fraction()) + part
        return found

    @property
    def worst(self) -> list[Line]:
        """The lines with the lowest achievements, the lowest first; none of them is among the best."""
        return _ranked(self.counted)[: min(ENDS, (len(self.counted) + 1) // 2)]

    @property
    def best(self) -> list[Line]:
        """The lines with the highest achievements, the highest first."""
        return _ranked(self.counted)[::-1][: min(ENDS, len(self.counted) // 2)]


def card(lines: Sequence[Line]) -> Card:
    """The scorecard of these lines, all of one period; ValueError without any."""
    if not lines:
        raise ValueError("a scorecard without goals has no score")
    return Card(lines[0].period, lines, score((line.weight, line.achieved(-1)) for line in lines),
                score((line.weight, line.achieved(-2)) for line in lines))  # fmt: skip


def score(parts: Iterable[tuple[Fraction, Fraction | None]]) -> Fraction | None:
    """The mean of achievements by weight, of those that are known; None when none is."""
    known = [(weight, reached) for weight, reached in parts if reached is not None]
    total = sum((weight for weight, _ in known), Fraction())
    return sum((weight * reached for weight, reached in known), Fraction()) / total if known else None


def _weight(lines: Iterable[Line]) -> Fraction:
    return sum((line.weight for line in lines), Fraction())


def _ranked(lines: Iterable[Line]) -> list[Line]:
    return sorted(lines, key=lambda line: (line.achievement or 0, line.goal.metric, line.goal.key))


def shown(score: Fraction, decimals: int = 1) -> float:
    """A score as it is shown, rounded half to even. One below 100 is never shown as 100: a target was missed."""
    step = Fraction(1, 10**decimals)
    rounded = round(score / step) * step
    return float(FULL - step if score < FULL <= rounded else rounded)
