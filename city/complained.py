"""What a leader asks first: which complaint is the most frequent, how long it takes, and who keeps the promise."""

from typing import NamedTuple

from city.queries import Queries
from city.ranking import FEW, Unit, units
from city.times import Window


class Frequent(NamedTuple):
    """A category: how many came in, and the median hours of those closed (None: fewer than five)."""

    code: str | None
    opened: int
    median_h: float | None


class Complained(NamedTuple):
    """The complaints of a period. ``total``: all that came in; ``rate``: the city's share closed on time."""

    total: int
    most: list[Frequent]
    rate: float | None
    agencies: list[Unit]


def read(queries: Queries, window: Window, most: int = 3) -> Complained:
    """The ``most`` frequent categories of complaint and the punctuality of every agency in ``window``."""
    opened = queries.measure("complaints_opened", by=("category",), window=window)
    times = queries.measure("complaints_time_to_close", by=("category",), window=window, quantile=0.5).rows
    median = {row["category"]: row["value"] for row in times if row["n"] >= FEW}
    frequent = [Frequent(row["category"], row["value"], median.get(row["category"])) for row in opened.rows[:most]]
    punctual = queries.measure("complaints_on_time_ratio", by=("agency",), window=window).rows
    # The share is a quotient of two counts: times its count it is the other one, but for the last bit.
    rate, agencies = units({row["agency"]: (round((row["value"] or 0) * row["n"]), row["n"]) for row in punctual})
    return Complained(opened.n, frequent, rate, agencies)
