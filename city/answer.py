"""A metric as stable JSON, for ``run.py metric --json`` and the data API alike; and the window of a from and a to."""

import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from city.metrics import Metric
from city.model import Reading
from city.times import Window, day_start, instant

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def metric_json(
    found: Reading, about: Metric, window: Window | None, at: datetime | None, by: Sequence[str], grain: str | None
) -> dict[str, Any]:
    """What was asked and what was found; docs/command-line.md explains each field."""
    return {
        "metric": found.metric, "unit": found.unit, "definition": about.definition,
        "window": span_json(window) if window else None,
        "at": iso(at), "by": list(by), "grain": grain, "n": found.n, "as_of": iso(found.as_of),
        "partial": found.partial, "rows": found.rows,
    }  # fmt: skip


def iso(at: datetime | None) -> str | None:
    """A moment as it stands in JSON."""
    return at.isoformat() if at else None


def span_json(window: Window) -> dict[str, str]:
    """A window as it stands in JSON."""
    return {"start": window.start.isoformat(), "end": window.end.isoformat()}


def span(
    start: str | None, end: str | None, zone: ZoneInfo, now: datetime, names: tuple[str, str] = ("from", "to")
) -> Window | None:
    """From a date's beginning to a date's end, or between instants; to now when the end is left out.

    Raises ValueError that begins with the one of ``names`` that is wrong.
    """
    first, last = names
    if start is None and end is None:
        return None
    if start is None:
        raise ValueError(f"{last} needs {first}")
    made = Window(edge(first, start, zone, 0), edge(last, end, zone, 1) if end else now)
    if made.end <= made.start:
        raise ValueError(f"{last} is before {first}" if end else f"{first} is in the future")
    return made


def edge(name: str, text: str, zone: ZoneInfo, days: int) -> datetime:
    """A local date as the start of it (``days`` later), or an instant as it is. ValueError begins with ``name``."""
    try:
        if not _DAY.fullmatch(text):
            return instant(text, zone)
        day = date.fromisoformat(text)
    except (ValueError, OverflowError) as error:
        what = f"{text!r} is not a date: " if _DAY.fullmatch(text) else ""
        raise ValueError(f"{name}: {what}{error}") from error
    if not 1970 <= day.year <= 9000:
        raise ValueError(f"{name}: {text} is outside of 1970 to 9000")
    return day_start(day + timedelta(days=days), zone)
