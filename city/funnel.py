"""How far a share may lie from the city's by chance alone: control limits of a funnel plot. Pure.

D. J. Spiegelhalter, "Funnel plots for comparing institutional performance", Statistics in Medicine 24 (2005),
1185-1202, holds each unit against the rate of all: a unit outside the limits of its own size differs by more than
chance. The limits here are the exact binomial ones and not his interpolation between two counts: that one names
8 of 10 different from a half at 95 %, though one time in nine chance alone is as far off. A count belongs to what
chance explains as long as a count as far out on its side has a probability of more than (1 - level) / 2, so that
a unit like the city is named different with a probability of at most 1 - level, however small it is.

scipy has this in ``binom``; the sum of a tail is a few lines, and scipy would be the largest library of all.
"""

from math import exp, inf, lgamma, log
from typing import NamedTuple

#: Three standard deviations: what Spiegelhalter names the control limit. 95 % would name one in twenty for nothing.
LEVEL = 0.998


class Limits(NamedTuple):
    """The smallest and the largest share, of this many cases, that chance explains; both included."""

    lower: float
    upper: float


def limits(n: int, rate: float, level: float = LEVEL) -> Limits:
    """The limits of a unit with ``n`` cases in a city with ``rate``. ValueError for no cases or an impossible rate."""
    if n < 1 or not 0 <= rate <= 1 or not 0 < level < 1:
        raise ValueError("limits need at least one case, a rate from 0 to 1 and a level between them")
    tail = (1 - level) / 2
    return Limits(_first_above(n, rate, tail) / n, (n - _first_above(n, 1 - rate, tail)) / n)


def below(k: int, n: int, rate: float) -> float:
    """The probability of at most ``k`` of ``n``: the tail is summed from its end nearest the middle outwards."""
    if k < 0 or rate >= 1:
        return 1.0 if k >= n else 0.0
    if k >= n or rate <= 0:
        return 1.0
    if k > n * rate:
        return 1.0 - below(n - k - 1, n, 1 - rate)
    term = total = exp(_log_term(k, n, rate))
    for count in range(k, 0, -1):
        term *= count * (1 - rate) / ((n - count + 1) * rate)
        total += term
        if term < total * 1e-17:
            break
    return min(total, 1.0)


def _log_term(k: int, n: int, rate: float) -> float:
    ways = lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)
    return ways + k * log(rate) + (n - k) * log(1 - rate) if 0 < rate < 1 else -inf


def _first_above(n: int, rate: float, tail: float) -> int:
    """The smallest count whose probability of it or fewer is more than ``tail``."""
    low, high = 0, n
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if below(middle, n, rate) > tail else (middle + 1, high)
    return low
