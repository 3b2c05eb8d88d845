"""Small counts of patients do not leave: the one place of the data API that hides them.

Until it is known how much can be told of them (city.small_cells), the strictest rule holds: counts of patients cannot be
narrowed, only split; and where one cell of a table is small, no cell of it is told. A total of the same days that is
not small is told by itself, and from it nothing of a hidden table can be found.
"""

from typing import Any

from city.metrics import Metric
from dashboard.api_asked import Asked, Refused

#: Below this many patients a count may be somebody. MARK says that a value is hidden, and not merely unknown.
BELOW, MARK = 5, "hidden"


def of_patients(metric: Metric) -> bool:
    """Whether a metric counts patients: claims, and what is counted in patients."""
    return metric.of == "claim" or metric.unit == "patients"


def check(metric: Metric, ask: Asked) -> None:
    """Raises Refused where cells could be had one by one and subtracted."""
    if of_patients(metric) and ask.where:
        name = next(iter(ask.where))
        raise Refused(name, "counts of patients cannot be narrowed, or small ones could be found; split them with `by`")


def suppress(metric: Metric, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """``rows`` with None for what is hidden, and ``hidden`` true there."""
    if not of_patients(metric) or not any(_small(row) for row in rows):
        return rows
    return [row | {"value": None, "n": None, MARK: True} for row in rows]


def _small(row: dict[str, Any]) -> bool:
    counted = [row["n"]] if row["value"] is None or row["value"] < 0 else [row["n"], row["value"]]
    return any(0 < one < BELOW for one in counted)
