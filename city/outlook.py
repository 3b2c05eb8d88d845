"""What a count will come to by the end of a period, read from the city: history, holidays, band and forecast.

Only counts that add up over time are carried on: of a ratio or a backlog the sum over days means nothing.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from city import expected
from city.expected import Band
from city.forecast import NEEDED, USED, Forecast, Tested, backtest, forecast
from city.metrics import GROWING, Metric
from city.queries import Queries
from city.times import Window, day_start, local_day

#: More is looked at for a back-test, which needs a history for each of its origins.
TESTED_DAYS = USED + 365
_DAY = timedelta(days=1)


class History(NamedTuple):
    """Complete local days from ``first`` on, what today has so far, and the holidays around."""

    first: date
    days: list[float | None]
    so_far: float
    closed: frozenset[date]
    as_of: datetime | None


class Outlook(NamedTuple):
    """``forecast`` is None below eight weeks of history; ``bands`` are those of the coming days, today first."""

    metric: Metric
    last: date
    history: History
    forecast: Forecast | None
    bands: list[Band | None]


def history(queries: Queries, name: str, where: Mapping[str, Any] | None = None, days: int = USED) -> History:
    """The days of a count up to yesterday, the last ``days`` of them. ValueError for what does not add up."""
    metric, now = queries.metric(name), queries.clock()
    if metric.measure not in GROWING:
        known = ", ".join(sorted(GROWING))
        raise ValueError(f"{name} does not add up over days; a forecast is made of {known}")
    today, begun = local_day(now, queries.zone), queries.first_at(name)
    first = max(today - timedelta(days=days), local_day(begun, queries.zone) + _DAY if begun else today)
    found = queries.measure(
        name, grain="day", window=Window(day_start(min(first, today), queries.zone), now), where=where
    )
    values = {date.fromisoformat(row["bucket"][:10]): row["value"] for row in found.rows}
    past = [values.get(first + timedelta(days=number)) for number in range(max(0, (today - first).days))]
    years = range(first.year - 1, today.year + 2)
    closed = queries.config.calendar.closed_days(queries.config.region.country, years)
    return History(min(first, today), past, float(values.get(today) or 0), closed, found.as_of)


def read(queries: Queries, name: str, first: date, last: date, where: Mapping[str, Any] | None = None) -> Outlook:
    """The count of the local days ``first`` to ``last``, today or later. ValueError when that is over already."""
    today = local_day(queries.clock(), queries.zone)
    if last < today:
        raise ValueError(f"the period ended on {last}: nothing of it is ahead")
    known = history(queries, name, where, max(USED, (today - first).days))
    begin = max(0, (first - known.first).days)
    done = sum(value or 0 for value in known.days[begin:])
    coming = [today + timedelta(days=number) for number in range((last - today).days + 1)]
    made = forecast(known.days, known.first, len(coming), known.closed, known=done, today=known.so_far)
    past = {known.first + timedelta(days=number): value for number, value in enumerate(known.days)}
    return Outlook(queries.metric(name), last, known, made, [expected.band(past, day, known.closed) for day in coming])


def tested(queries: Queries, name: str, where: Mapping[str, Any] | None = None) -> Tested | None:
    """How well forecasts of two weeks would have done over the last year; None with too little history."""
    known = history(queries, name, where, TESTED_DAYS)
    return backtest(known.days, known.first, known.closed, origins=52)


def as_json(found: Outlook) -> dict[str, Any]:
    """Stable JSON of an outlook; ``forecast`` is null, with ``why``, without enough history."""
    made = found.forecast
    days = zip(made.days, found.bands, strict=True) if made else ()
    return {
        "metric": found.metric.name, "unit": found.metric.unit, "to": found.last.isoformat(),
        "as_of": found.history.as_of.isoformat() if found.history.as_of else None,
        "history_days": len(found.history.days), "so_far": made.known + found.history.so_far if made else None,
        "why": None if made else f"not enough history: {len(found.history.days)} days of {NEEDED}",
        "forecast": made and _rounded(made.total._asdict()),
        "days": [{"day": (made.first + timedelta(days=number)).isoformat()} | _rounded(day._asdict())
                 | {"usual": _rounded(band._asdict()) if band else None}
                 for number, (day, band) in enumerate(days)] if made else [],
    }  # fmt: skip


def _rounded(values: Mapping[str, float]) -> dict[str, float]:
    return {name: round(value, 1) for name, value in values.items()}
