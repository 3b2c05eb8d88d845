"""The arithmetic of a line chart: bands, ticks, places on the screen. Pure.

Charts live in a square of 1000 units that the screen stretches; y grows downwards, zero is at 1000.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import msgspec
import numpy as np

from city.model import Reading
from dashboard.words import Words

#: Fewer weeks than this are not called usual.
ENOUGH_WEEKS = 4
Band = Sequence[tuple[float, float] | None]


def running(values: Sequence[float | None]) -> list[float]:
    """Running total; an unknown hour adds nothing."""
    total, found = 0.0, []
    for value in values:
        total += value or 0
        found.append(total)
    return found


def hours_so_far(count: int, day_share: float) -> list[float]:
    """Where the end of each of ``count`` hours lies on the day, the last one at the present; zero first."""
    return [0.0, *(min((index + 1) / 24, day_share) for index in range(count))]


def weekday_band(values: Sequence[float | None], index: int, week: int = 7) -> tuple[float, float] | None:
    """The 10th to 90th percentile of the same bucket in the weeks before ``index`` of a series of ``week`` buckets."""
    past = [values[at] for at in range(index % week, index, week)]
    return _band(_trimmed([value for value in past if value is not None]))


def band_of(days: Sequence[Sequence[float]]) -> list[tuple[float, float] | None]:
    """The band of every hour over past days, newest first; empty with too few days."""
    known = [day for day in days if day]
    while known and not any(known[-1]):
        known.pop()
    if len(known) < ENOUGH_WEEKS:
        return []
    length = min(map(len, known))
    return [(0.0, 0.0), *(_band([day[hour] for day in known]) for hour in range(length))]


def _trimmed(past: list[float]) -> list[float]:
    """Zeros at the beginning are the time before the first case: no history, not quiet weeks."""
    first = next((at for at, value in enumerate(past) if value), len(past))
    return past[first:]


def _band(values: Sequence[float]) -> tuple[float, float] | None:
    if len(values) < ENOUGH_WEEKS:
        return None
    low, high = np.percentile(values, [10, 90])
    return float(low), float(high)


def with_rows(reading: Reading, rows: list[dict[str, Any]]) -> Reading:
    """The same reading with fewer rows."""
    return msgspec.structs.replace(reading, rows=rows)


def bucket_day(bucket: Any) -> date:
    """The local day of a bucket (ISO text or datetime)."""
    found: date = (datetime.fromisoformat(bucket) if isinstance(bucket, str) else bucket).date()
    return found


def bucket_text(bucket: Any, grain: str, words: Words) -> str:
    """What a bucket is called: ``24 Nov``, of hours ``24 Nov 13.00``."""
    day = words.day(bucket_day(bucket))
    at = datetime.fromisoformat(bucket) if isinstance(bucket, str) else bucket
    return f"{day} {at:%H}{words.t('.')}{at:%M}" if grain == "hour" else day


def ticks(top: float) -> list[float]:
    """Three to five round ticks from zero to at least ``top``."""
    if top <= 0:
        return [0.0, 1.0]
    size = 10 ** int(np.floor(np.log10(top)))
    # Half a case is no case: below two the steps stay whole only where the data are.
    for step in (size / 10, size / 5, size / 4, size / 2, size, size * 2, size * 5, size * 10):
        count = int(np.ceil(round(top / step, 6)))
        if 2 <= count <= 3 and (step >= 1 or top < 1):
            return [float(step * index) for index in range(count + 1)]
    return [0.0, float(np.ceil(top))]


def tick_text(value: float, unit: str, words: Words) -> str:
    """Short text of a value on an axis or at a line's end: one unit only."""
    if unit == "minutes":
        return words.number(value, 0)  # the title says so: "1 j" would stand for 60 and for 100 of them
    if unit in ("hours", "days"):
        return " ".join(words.text(value, unit).split()[:2]) if value else "0"
    return words.percent(value, 0) if unit == "ratio" else words.number(value)


def apart(heights: Sequence[float], gap: float) -> list[float]:
    """Heights (0 to 1) for names that would stand at ``heights``: in the same order, ``gap`` apart, inside the chart.

    Equal heights keep the order they come in, the first on top. Names too many for the room reach below zero.
    """
    order = sorted(range(len(heights)), key=lambda at: (heights[at], -at))
    placed = [heights[at] for at in order]
    for at in range(1, len(placed)):
        placed[at] = max(placed[at], placed[at - 1] + gap)
    for at in reversed(range(len(placed))):
        placed[at] = min(placed[at], placed[at + 1] - gap if at + 1 < len(placed) else 1.0)
    return [placed[order.index(at)] for at in range(len(heights))]


@dataclass(frozen=True)
class Scale:
    """Values to places: the ``ticks`` of the axis and the ``places`` of the points (shares of the width)."""

    ticks: Sequence[float]
    places: Sequence[float]

    def y(self, value: float) -> float:
        """Height in chart units."""
        return 1000 - 1000 * value / self.ticks[-1]

    def line(self, values: Sequence[float | None], step: bool = False, *, first: int = 0) -> list[str]:
        """The line in runs: an unknown value breaks it, it is never joined over."""
        runs: list[list[tuple[float, float]]] = [[]]
        for index, value in enumerate(values):
            if index < first:
                continue
            if value is None:
                runs.append([])
            else:
                runs[-1].append((1000 * self.places[index], self.y(value)))
        return [self._steps(run) if step else self._joined(run) for run in runs if run]

    @staticmethod
    def _joined(points: Sequence[tuple[float, float]]) -> str:
        # A lone point is a line of no length: with round ends it is seen as a dot, without one it is not seen.
        points = points if len(points) > 1 else [*points, *points]
        return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)

    @staticmethod
    def _steps(points: Sequence[tuple[float, float]]) -> str:
        x, y = points[0]
        return f"M{x:.1f} {y:.1f}" + "".join(f"H{x:.1f}V{y:.1f}" for x, y in points[1:])

    def band(self, band: Band, whole_day: bool) -> list[str]:
        """The band as closed outlines, one per run of known buckets."""
        places = [hour / 24 for hour in range(len(band))] if whole_day else self.places
        runs: list[list[tuple[float, float, float]]] = [[]]
        for index, pair in enumerate(band):
            if pair is None:
                runs.append([])
            else:
                runs[-1].append((1000 * places[index], self.y(pair[0]), self.y(pair[1])))
        return [self._joined([(x, high) for x, _, high in run] + [(x, low) for x, low, _ in reversed(run)]) + "Z"
                for run in runs if len(run) > 1]  # fmt: skip
