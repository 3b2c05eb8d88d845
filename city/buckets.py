"""Hours, days, weeks and months of a region: where buckets begin, and what a gap means. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from city.times import Window

GRAINS = ("hour", "day", "week", "month")


def bucket_starts(span: Window, grain: str, zone: ZoneInfo) -> list[tuple[datetime, datetime]]:
    """(naive local start, UTC end) of every bucket that ``span`` touches; weeks begin on Monday."""
    found, start = [], _floor(span.start.astimezone(zone).replace(tzinfo=None), grain)
    while _utc(start, zone) < span.end:
        after = _next(start, grain)
        found.append((start, _utc(after, zone)))
        start = after
    return found


def _utc(local: datetime, zone: ZoneInfo) -> datetime:
    return local.replace(tzinfo=zone).astimezone(ZoneInfo("UTC"))


def _floor(local: datetime, grain: str) -> datetime:
    if grain == "hour":
        return local.replace(minute=0, second=0, microsecond=0)
    day = local.replace(hour=0, minute=0, second=0, microsecond=0)
    if grain == "week":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if grain == "month" else day


def _next(start: datetime, grain: str) -> datetime:
    if grain == "month":
        return (start.replace(day=28) + timedelta(days=4)).replace(day=1)
    return start + {"hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(weeks=1)}[grain]


def fill(
    rows: list[dict[str, Any]],
    by: Sequence[str],
    grain: str | None,
    span: Window,
    now: datetime,
    zone: ZoneInfo,
    *,
    zero: bool,
) -> list[dict[str, Any]]:
    """``rows`` with every bucket present for every group. A gap is 0 for a count and None for anything else.

    A bucket is ``partial`` while it has not ended at ``now``.
    """
    gap = {"value": 0 if zero else None, "n": 0}
    if grain is None:
        rows = [{**row, "value": _number(row["value"]), "n": int(row["n"])} for row in rows]
        return rows or ([] if by else [gap])
    known = {(row["bucket"], *(row[dim] for dim in by)): row for row in rows}
    groups = list(dict.fromkeys(tuple(row[dim] for dim in by) for row in rows)) or ([] if by else [()])
    return [
        {
            **dict(zip(by, group, strict=True)),
            "bucket": start.isoformat(),
            "partial": end > now,
            **_values(known, start, group, gap),
        }
        for group in groups
        for start, end in bucket_starts(span, grain, zone)
    ]


def _values(
    known: dict[Any, dict[str, Any]], start: datetime, group: tuple[Any, ...], gap: dict[str, Any]
) -> dict[str, Any]:
    row = known.get((start, *group))
    return gap if row is None else {"value": _number(row["value"]), "n": int(row["n"])}


def _number(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value
