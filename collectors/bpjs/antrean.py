"""Antrean RS: the waiting-time dashboard of a hospital, by clinic and day or month. Already counted, not encrypted.

Task 1 waiting at registration, 2 registration, 3 waiting at the clinic, 4 clinic, 5 waiting at the pharmacy,
6 pharmacy. These are durations; the task ids of a single queue entry are moments, and another thing.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from city.model import Observation
from city.times import day_start
from collectors import RowError
from collectors.bpjs.client import Client, rows_in
from collectors.bpjs.fields import Row, amount, count
from collectors.bpjs.settings import Args
from collectors.records import needed_text, text

_TASKS = range(1, 7)
_ENTRIES = "hospital_queue_entries"


def rows(client: Client, days: list[date]) -> Iterator[Row]:
    """The dashboard rows of these local days, or of the months they lie in, each with ``asked``, its first day."""
    monthly = client.args.period == "month"
    for day in dict.fromkeys(day.replace(day=1) for day in days) if monthly else days:
        span = f"bulan/{day:%m}/tahun/{day:%Y}" if monthly else f"tanggal/{day:%Y-%m-%d}"
        path = f"dashboard/waktutunggu/{span}/waktu/{client.args.waktu}"
        answer = client.plain(path)
        for row in rows_in(answer, "list", client.where(path)):
            yield row | {"facility": client.facility.title, "asked": day.isoformat(), "simulated": answer.simulated}


def parse(row: Row, args: Args) -> list[Observation]:
    """The queue of one clinic: entries, total and average seconds of each task."""
    entries = count(row, "jumlah_antrean")
    values = {_ENTRIES: entries}
    for task in _TASKS:
        total, average = amount(row, f"waktu_task{task}"), amount(row, f"avg_waktu_task{task}")
        values[f"hospital_wait_task{task}_total_s"] = total
        if average:  # 0 stands for a step that nobody recorded: unknown, not instant
            values[f"hospital_wait_task{task}_s"] = average
    category = text(row, "namapoli") or needed_text(row, "kodepoli")
    at, month = day_start(_day(row, args), ZoneInfo(args.zone)), "_month" if args.period == "month" else ""
    common: dict[str, Any] = {"at": at, "place": row["facility"], "category": category, "simulated": row["simulated"]}
    return [Observation(metric=f"{name}{month}", value=value, **common) for name, value in values.items()]


def _day(row: Row, args: Args) -> date:
    try:
        told = date.fromisoformat(needed_text(row, "tanggal")[:10])
    except ValueError as error:
        raise error if isinstance(error, RowError) else RowError("tanggal", "not a day such as 2026-01-31") from error
    asked = date.fromisoformat(row["asked"])
    if args.period == "month":
        return asked  # the rows of a month may be one a clinic, or one a clinic and day
    if told != asked:
        raise RowError("tanggal", "not the day that was asked for")
    return told


def merged(items: Iterable[Observation]) -> Iterator[Observation]:
    """One observation per clinic and span: counts and totals of equal rows add up, averages weigh by their entries.

    Equal rows are two clinics of one name, or the days in a month's answer. Entries come first in each row.
    """
    found: dict[tuple[Any, ...], tuple[Observation, float]] = {}
    entries = 0.0
    for item in items:
        if item.metric.startswith(_ENTRIES):
            entries = item.value
        key = (item.metric, item.at, item.place, item.category)
        known, weight = found.get(key, (item, 0.0))
        if key not in found:
            found[key] = (item, entries)
        elif _is_average(item.metric):
            both = (known.value * weight + item.value * entries) / ((weight + entries) or 1)
            found[key] = (replace(known, value=both), weight + entries)
        else:
            found[key] = (replace(known, value=known.value + item.value), weight + entries)
    yield from (item for item, _ in found.values())


def _is_average(metric: str) -> bool:
    return metric.startswith("hospital_wait") and "_total_s" not in metric
