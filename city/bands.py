"""What is usual of the buckets of a series: the same weekday of the weeks before, holidays apart. Pure."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from statistics import quantiles
from typing import Any

Band = list[tuple[float, float] | None]
#: So many weeks are looked back on; with fewer known ones than the second nothing is usual.
WEEKS, ENOUGH = 8, 4
#: Buckets of a week by grain.
_WEEK = {"day": 7, "week": 1}


def banded(
    rows: Sequence[Mapping[str, Any]], start: datetime, grain: str, off: Mapping[date, str]
) -> tuple[list[dict[str, Any]], Band]:
    """The rows from ``start`` on, and the 10th to 90th percentile of each in the ``WEEKS`` before it.

    ``rows`` begin those weeks earlier. A holiday is not usual and has no usual; None: not known. Leading zeros are
    the time before the first case, no quiet weeks.
    """
    begins = [datetime.fromisoformat(row["bucket"]) for row in rows]
    first = next((at for at, begun in enumerate(begins) if begun >= start), len(rows))
    if grain == "week" and first and first < len(rows) and begins[first] > start:
        first -= 1  # the week that the period begins in
    shown = [dict(row) for row in rows[first:]]
    step = _WEEK.get(grain)
    if step is None:
        return shown, [None] * len(shown)
    special = [grain == "day" and begun.date() in off for begun in begins]
    counted = next((at for at, row in enumerate(rows) if row["value"]), len(rows))
    values = [None if special[at] or at < counted else float(row["value"]) for at, row in enumerate(rows)]
    return shown, [None if special[at] else _usual(values, at, step) for at in range(first, len(rows))]


def _usual(values: Sequence[float | None], at: int, step: int) -> tuple[float, float] | None:
    past = [values[index] for index in range(at - step, max(-1, at - step * WEEKS - 1), -step)]
    known = [value for value in past if value is not None]
    if len(known) < ENOUGH:
        return None
    tenths = quantiles(known, n=10, method="inclusive")
    return tenths[0], tenths[-1]
