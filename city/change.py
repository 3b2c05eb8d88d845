"""Why a number changed: the whole change as the sum of what each group did. Pure.

An **amount** (cases, beds, visits) is the sum of its groups, and so is its change. A **mean** (a ratio, a mean
duration) changes for two reasons: a group does better or worse (``rate``), or it grows or shrinks and so moves
the whole towards or away from itself (``mix``). With the shares w of the groups and their values r, before (0)
and after (1), the whole R = sum(w r) changes by exactly

    sum over groups of   rate = (w0 + w1)/2 * (r1 - r0)   and   mix = (w1 - w0) * ((r0 + r1)/2 - (R0 + R1)/2)

(T. L. Bennet, "The theory of measurement of changes in cost of living", J. R. Statist. Soc. 83, 1920, 455-462:
symmetric in time, nothing left over, and free of the choice which period is the base.) Taking the mean of the
wholes off in ``mix`` changes no sum, for the shares change by 0 in all, and makes a group's mix mean what a
reader takes it for: growth of a group better than the city raises the whole. A group that is there in one of the
periods only has no rate to compare: all it does is mix.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import fsum
from typing import NamedTuple

from city.metrics import FEW

Group = tuple[str | None, ...]


class Cell(NamedTuple):
    """What a group holds in a period: ``n`` cases (or what else the mean is over) and their ``total``."""

    n: float
    total: float


Cells = Mapping[Group, Cell]
_NONE = Cell(0, 0)


class Part(NamedTuple):
    """What a group did. ``change`` = ``mix`` + ``rate`` is its part in the change of the whole.

    ``then`` and ``now`` are the group's own values, None where it was not there. Of an amount all is ``rate``.
    ``few``: a value of it rests on fewer than five cases.
    """

    group: Group
    n_then: float
    n_now: float
    then: float | None
    now: float | None
    change: float
    mix: float
    rate: float
    few: bool


@dataclass(frozen=True)
class Split:
    """A change by groups: the largest first, and ``rest``, the others together (its group is empty).

    ``others`` says how many groups are in the rest, ``small`` how many of them for having too few cases.
    """

    parts: tuple[Part, ...]
    rest: Part | None
    others: int
    small: int

    @property
    def everything(self) -> tuple[Part, ...]:
        """The parts and the rest: their changes add up to the change of the whole."""
        return self.parts + ((self.rest,) if self.rest else ())


def whole(cells: Cells, *, mean: bool) -> float | None:
    """The value of all groups together; None for a mean over nothing."""
    n, total = fsum(cell.n for cell in cells.values()), fsum(cell.total for cell in cells.values())
    return (total / n if n else None) if mean else total


def average(periods: Iterable[Cells]) -> Cells:
    """The cells of a usual period: of several, the mean of each; the ratio of a pooled mean stays what it is."""
    many = list(periods)
    groups = dict.fromkeys(group for cells in many for group in cells)
    return {
        group: Cell(
            fsum(cells.get(group, _NONE).n for cells in many) / len(many),
            fsum(cells.get(group, _NONE).total for cells in many) / len(many),
        )
        for group in groups
    }


def split(then: Cells, now: Cells, *, mean: bool, limit: int = 10, fewest: int = FEW) -> Split:
    """The change from ``then`` to ``now`` by groups, the largest part first, at most ``limit`` of them by themselves.

    Groups with less than ``fewest`` in both periods are in the rest. Empty when a mean is over nothing in one of the
    periods: what is not known did not change by anything that could be told.
    """
    was, now_is = whole(then, mean=mean), whole(now, mean=mean)
    if was is None or now_is is None:
        return Split((), None, 0, 0)
    frame = _Frame(
        fsum(cell.n for cell in then.values()), fsum(cell.n for cell in now.values()), (was + now_is) / 2, mean
    )
    groups = [group for group in dict.fromkeys((*then, *now)) if then.get(group, _NONE).n or now.get(group, _NONE).n]
    made = [_part(group, then.get(group, _NONE), now.get(group, _NONE), frame, fewest) for group in groups]
    told = [part for part in made if max(part.n_then, part.n_now) >= fewest]
    told.sort(key=lambda part: (-abs(part.change), *(str(name) for name in part.group)))
    first = {part.group for part in told[:limit]}
    rest = [part for part in made if part.group not in first]
    return Split(tuple(told[:limit]), _rest(rest, then, now, mean, fewest), len(rest), len(made) - len(told))


class _Frame(NamedTuple):
    """What a group is held against: all cases of both periods, the middle of both wholes; and whether it is a mean."""

    n_then: float
    n_now: float
    middle: float
    mean: bool


def _part(group: Group, before: Cell, after: Cell, frame: _Frame, fewest: int) -> Part:
    was, came = _value(before, frame.mean), _value(after, frame.mean)
    mix, rate = _mix_and_rate(before, after, frame) if frame.mean else (0.0, after.total - before.total)
    return Part(group, before.n, after.n, was, came, mix + rate, mix, rate, _few(before, after, fewest))


def _few(before: Cell, after: Cell, fewest: int) -> bool:
    return any(0 < cell.n < fewest for cell in (before, after))


def _value(cell: Cell, mean: bool) -> float | None:
    if mean:
        return cell.total / cell.n if cell.n else None
    return cell.total if cell.n or cell.total else None


def _mix_and_rate(before: Cell, after: Cell, frame: _Frame) -> tuple[float, float]:
    share_0, share_1 = before.n / frame.n_then, after.n / frame.n_now
    was, now_is = _value(before, True), _value(after, True)
    was, now_is = now_is if was is None else was, was if now_is is None else now_is
    if was is None or now_is is None:
        return 0.0, 0.0
    return (share_1 - share_0) * ((was + now_is) / 2 - frame.middle), (share_0 + share_1) / 2 * (now_is - was)


def _rest(parts: list[Part], then: Cells, now: Cells, mean: bool, fewest: int) -> Part | None:
    """The effects of several groups added up, and their value as if they were one."""
    if not parts:
        return None
    before, after = (
        Cell(*(fsum(column) for column in zip(*(cells.get(part.group, _NONE) for part in parts), strict=True)))
        for cells in (then, now)
    )
    change, mix, rate = (fsum(getattr(part, name) for part in parts) for name in ("change", "mix", "rate"))
    was, came = _value(before, mean), _value(after, mean)
    return Part((), before.n, after.n, was, came, change, mix, rate, _few(before, after, fewest))
