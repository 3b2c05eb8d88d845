"""What a leader asks first: which complaint is the most frequent, how long it takes, and who keeps the promise."""

from typing import NamedTuple

from city import cells, change, league
from city.league import Unit
from city.metrics import FEW
from city.queries import Queries
from city.times import Window

#: The band of /kpi: with the city's rate, at most one agency in twenty lies outside by chance alone.
LEVEL = 0.95


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
    agencies: tuple[Unit, ...]


def read(queries: Queries, window: Window, most: int = 3) -> Complained:
    """The ``most`` frequent categories of complaint and the punctuality of every agency in ``window``."""
    opened = queries.measure("complaints_opened", by=("category",), window=window)
    times = queries.measure("complaints_time_to_close", by=("category",), window=window, quantile=0.5).rows
    median = {row["category"]: row["value"] for row in times if row["n"] >= FEW}
    frequent = [Frequent(row["category"], row["value"], median.get(row["category"])) for row in opened.rows[:most]]
    punctual = cells.read(queries, "complaints_on_time_ratio", ["agency"], window)
    agencies = league.ranked(punctual, "higher", level=LEVEL)
    return Complained(opened.n, frequent, change.whole(punctual, mean=True), agencies)
