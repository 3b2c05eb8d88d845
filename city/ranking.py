"""Agencies in the order of a share, each within the control limits of its own size (:mod:`city.funnel`). Pure."""

from typing import NamedTuple

from city.funnel import limits

#: The band of /kpi: with the city's rate, at most one agency in twenty lies outside by chance alone.
LEVEL = 0.95
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
    made = [Unit(code, good, n, *limits(n, rate, LEVEL)) for code, (good, n) in known.items()]
    return rate, sorted(made, key=lambda one: (not one.ranked, -one.share, -one.n, one.code or ""))
