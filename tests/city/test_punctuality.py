"""A source's days: its runs, and for how long its data were fresh."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as some

from city.model import SourceError
from city.punctuality import fresh_seconds
from city.store import Store, Tally
from city.times import instant
from tests.builders import case, config, table

ZONE = ZoneInfo("Asia/Jakarta")
HOUR = timedelta(hours=1)


def at(text):
    return instant(f"2026-11-{text}", ZONE)


def fresh(start, end, hours):
    return {day.day: seconds / 3600 for day, seconds in fresh_seconds(at(start), at(end), hours * HOUR, ZONE)}


def test_data_are_fresh_until_they_are_stale_or_read_again():
    assert fresh("20 08:00", "20 09:00", 2) == {20: 1}
    assert fresh("20 08:00", "20 18:00", 2) == {20: 2}
    assert list(fresh_seconds(None, at("20 08:00"), HOUR, ZONE)) == []


def test_each_local_day_gets_its_own_part():
    assert fresh("20 23:00", "22 01:00", 48) == {20: 1, 21: 24, 22: 1}
    assert fresh("20 23:30", "21 09:00", 1) == {20: 0.5, 21: 0.5}


def test_a_day_of_a_clock_change_is_as_long_as_it_is():
    zone = ZoneInfo("America/New_York")
    start, end = instant("2026-03-08", zone), instant("2026-03-09", zone)
    assert list(fresh_seconds(start, end, 48 * HOUR, zone)) == [(date(2026, 3, 8), 23 * 3600)]


@given(some.integers(0, 5_000), some.integers(0, 5_000), some.integers(0, 10_000))
def test_no_second_is_lost_or_counted_twice(start, minutes, limit):
    began = at("01 00:00") + timedelta(minutes=start)
    spans = fresh_seconds(began, began + timedelta(minutes=minutes), timedelta(minutes=limit), ZONE)
    assert sum(seconds for _, seconds in spans) == 60 * min(minutes, limit)


@pytest.fixture
def desk(engine):
    """Runs of the source ``desk``, whose data are stale after an hour."""
    source = {"desk": {"collector": "csv_file", "kind": "complaint", "stale_after": "1h"}}
    now = [at("20 00:00")]
    store = Store(engine, config(sources=source), lambda: now[0])

    def run(text, *items, ok=True, rejected=0):
        now[0] = at(text)
        if ok:
            finish = lambda: Tally(fetched=len(items) + rejected, rejected=rejected)  # noqa: E731
            return store.save("desk", items, started_at=now[0], finish=finish)
        return store.fail("desk", started_at=now[0], error=SourceError("away"), fetched=4, rejected=4)

    return run


def test_the_runs_of_a_day_are_counted_in_their_own_transaction(desk, engine):
    desk("20 08:00", case("A"), case("B"), rejected=1)
    desk("20 08:30", case("A", category="jalan"))
    desk("20 09:00", ok=False)
    desk("20 12:30")
    desk("21 00:10")
    assert table(
        engine,
        "select extract(day from day)::int, runs, ok, fetched, saved, revised, rejected from run_days order by 1",
    ) == [(20, 4, 3, 8, 2, 1, 5), (21, 1, 1, 0, 0, 0, 0)]
    # 08.00 to 08.30, 08.30 to 09.30 (stale), 12.30 to 13.30 (stale): two and a half hours.
    assert table(engine, "select fresh_s from run_days order by day") == [(2.5 * 3600,), (0,)]


def test_a_run_that_is_undone_is_not_counted(desk, engine):
    def broken():
        yield case("A")
        raise OSError("the disk is full")

    store = Store(engine, config(), lambda: at("20 08:00"))
    with pytest.raises(OSError, match="full"):
        store.save("desk", broken(), started_at=at("20 08:00"), finish=Tally)
    assert table(engine, "select * from run_days") == []
