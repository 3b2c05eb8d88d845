"""How punctual each source is: per local day, its runs and for how long its data were fresh.

A good run keeps the data fresh from the moment it began to read until the source's ``stale_after`` has
passed or the next good run begins. The seconds are counted when that next run is recorded, in its
transaction; the time since the last good run is added by the reader. So a month is thirty small rows.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from city.times import day_start, local_day


def fresh_seconds(
    last_ok_at: datetime | None, until: datetime, stale_after: timedelta, zone: ZoneInfo
) -> Iterator[tuple[date, float]]:
    """(local day, seconds of it) during which data read at ``last_ok_at`` were fresh, up to ``until``."""
    if last_ok_at is None:
        return
    start, end = last_ok_at, min(until, last_ok_at + stale_after)
    while start < end:
        day = local_day(start, zone)
        midnight = day_start(day + timedelta(days=1), zone)
        yield day, (min(end, midnight) - start).total_seconds()
        start = midnight


def record(
    connection: Connection, place: dict[str, Any], run: dict[str, Any], stale_after: timedelta, zone: ZoneInfo
) -> None:
    """Count a finished run; before its row is written. ``place`` is region and source, ``run`` a row of ``runs``."""
    counts = {name: run[name] for name in ("fetched", "saved", "revised", "rejected")}
    day = local_day(run["started_at"], zone)
    connection.execute(sa.text(_COUNT), place | counts | {"day": day, "ok": int(run["ok"]), "fresh_s": 0.0, "runs": 1})
    if not run["ok"]:
        return
    last: datetime | None = connection.scalar(sa.text(_LAST_OK), place)
    none = dict.fromkeys([*counts, "ok", "runs"], 0)
    for fresh_on, seconds in fresh_seconds(last, run["started_at"], stale_after, zone):
        connection.execute(sa.text(_COUNT), place | none | {"day": fresh_on, "fresh_s": seconds})


_LAST_OK = "select started_at from runs where region = :region and source = :source and ok order by id desc limit 1"

_COUNT = """
insert into run_days as known (region, source, day, runs, ok, fetched, saved, revised, rejected, fresh_s)
values (:region, :source, :day, :runs, :ok, :fetched, :saved, :revised, :rejected, :fresh_s)
on conflict (region, source, day) do update set
    runs = known.runs + excluded.runs, ok = known.ok + excluded.ok, fetched = known.fetched + excluded.fetched,
    saved = known.saved + excluded.saved, revised = known.revised + excluded.revised,
    rejected = known.rejected + excluded.rejected, fresh_s = known.fresh_s + excluded.fresh_s
"""
