"""Control limits of a share: how far an agency may be from the city's rate by chance alone. Pure.

Exact binomial: with the city's rate and as many cases, fewer than the lower limit, or more than the upper one, come
with a chance of at most 2.5 % each. So a small agency is not blamed, or praised, for noise.
"""

import math
from typing import NamedTuple

#: The chance on each side of the band: 95 % lie within.
TAIL = 0.025
#: Below this many cases there is no share and no place in an order.
FEW = 5


class Unit(NamedTuple):
    """One agency: ``good`` of ``n`` cases; ``low`` and ``high`` are the limits as shares, both still within."""

    code: str | None
    good: int
    n: int
    low: float
    high: float

    @property
    def ranked(self) -> bool:
        """Whether it has cases enough."""
        return self.n >= FEW

    @property
    def side(self) -> int:
        """-1 below the limits, 1 above them, 0 within or too few to tell."""
        if not self.ranked:
            return 0
        return (self.share > self.high) - (self.share < self.low)

    @property
    def share(self) -> float:
        """``good`` of ``n``."""
        return self.good / self.n


def units(counts: dict[str | None, tuple[int, int]]) -> tuple[float | None, list[Unit]]:
    """The city's rate, and its agencies (``code: (good, n)``): the best first, those with too few last.

    Those without any case are left out; the rate is None when nobody has one.
    """
    known = {code: (good, n) for code, (good, n) in counts.items() if n}
    total = sum(n for _, n in known.values())
    if not total:
        return None, []
    rate = sum(good for good, _ in known.values()) / total
    made = [Unit(code, good, n, *limits(n, rate)) for code, (good, n) in known.items()]
    return rate, sorted(made, key=lambda one: (not one.ranked, -one.share, -one.n, one.code or ""))


def limits(n: int, rate: float) -> tuple[float, float]:
    """The smallest and the largest share of ``n`` cases that are within the limits around ``rate``."""
    chances = [_chance(k, n, rate) for k in range(n + 1)]
    return _first(chances) / n, 1 - _first(chances[::-1]) / n


def _first(chances: list[float]) -> int:
    """How many cases it takes until the chance of that many or fewer is more than ``TAIL``."""
    total = 0.0
    for count, chance in enumerate(chances):
        total += chance
        if total > TAIL:
            return count
    return len(chances) - 1


def _chance(k: int, n: int, rate: float) -> float:
    """Of exactly ``k`` of ``n``; by logarithms, because the powers of many cases are too small for a float."""
    if rate in (0.0, 1.0):
        return float(k == n * rate)
    ways = math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
    return math.exp(ways + k * math.log(rate) + (n - k) * math.log1p(-rate))
