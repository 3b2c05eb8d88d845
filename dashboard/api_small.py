"""Small counts of patients do not leave: the one place of the data API that hides them (city.small_cells).

They are split by one or two dimensions, or by one and time, and never narrowed: with filters cells could be had one by
one and subtracted. Claims are never listed one by one.
"""

from typing import Any

from city import small_cells
from city.config import Config
from city.metrics import Metric
from dashboard.api_asked import Asked, Refused

#: Says that a value is hidden, and not merely unknown.
MARK = small_cells.MARK


def of_patients(metric: Metric, config: Config) -> bool:
    """Whether a small count of it could be somebody (``health`` in the settings)."""
    return config.health.covers(metric.name, metric.of, metric.unit)


def check(metric: Metric, ask: Asked, config: Config, *, single: bool = False) -> None:
    """Raises Refused where cells could be had one by one and subtracted."""
    if not of_patients(metric, config):
        return
    if single:
        raise Refused("rows", "cases of patients are never listed one by one")
    if ask.where:
        name = next(iter(ask.where))
        raise Refused(name, "counts of patients cannot be narrowed, or small ones could be found; split them with `by`")


def suppress(metric: Metric, rows: list[dict[str, Any]], ask: Asked, config: Config) -> list[dict[str, Any]]:
    """``rows`` with None for what is hidden, and ``hidden`` true there. Raises Refused for too many dimensions."""
    if not of_patients(metric, config):
        return rows
    by, below = [*ask.by, *(["bucket"] if ask.grain else [])], config.health.suppress_below
    if len(by) > 2:
        raise Refused("by", "counts of patients are split by two dimensions at most, of which `grain` is one")
    if metric.kind in ("ratio", "duration"):  # no table that adds up: hidden where few are behind it
        return [row | ({"value": None, "n": None, MARK: True} if 0 < row["n"] < below else {}) for row in rows]
    return small_cells.suppress(rows, by, below=below)
