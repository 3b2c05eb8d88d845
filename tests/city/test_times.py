"""Times are aware, and converted."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from city.times import day_start, duration, instant, local_day, reader, window

JAMBI, NEW_YORK = ZoneInfo("Asia/Jakarta"), ZoneInfo("America/New_York")


@pytest.mark.parametrize(
    "text",
    ["2026-01-01T00:00:00+07:00", "2026-01-01T00:00:00+0700", "2025-12-31T17:00:00Z", "2026-01-01 00:00:00 WIB",
     "2026-01-01 01:00:00 WITA", "2025-12-31 17:00:00.000+00:00"],
)  # fmt: skip
def test_one_moment_written_many_ways(text):
    assert instant(text) == datetime(2025, 12, 31, 17, tzinfo=UTC)


def test_a_naive_time_needs_the_zone_it_was_written_in():
    with pytest.raises(ValueError, match="has no zone"):
        instant("2026-01-01T00:00:00")
    assert instant("2026-01-01T00:00:00", JAMBI) == datetime(2025, 12, 31, 17, tzinfo=UTC)


@pytest.mark.parametrize(
    ("fmt", "text"),
    [("%m/%d/%Y %I:%M:%S %p", "04/12/2018 11:11:26 PM"), ("%d-%m-%Y %H:%M", "12-04-2018 23:11"),
     
     ("%d %B %Y", "12 April 2018"), ("%Y%m%d", "20180412"), ("%d/%m/%y", "12/04/18"),
     ("%Y-%m-%d %H:%M:%S.%f", "2018-04-12 23:11:26.5")],
)  # fmt: skip
def test_a_configured_form_reads_what_strptime_reads(fmt, text):
    assert reader(fmt, JAMBI)(text) == datetime.strptime(text, fmt).replace(tzinfo=JAMBI)


@pytest.mark.parametrize("text", ["", "yesterday", "13/45/2018 11:11:26 PM", "2018-04-12"])
def test_another_form_is_refused(text):
    with pytest.raises(ValueError):
        reader("%m/%d/%Y %I:%M:%S %p", JAMBI)(text)


def test_twelve_o_clock_is_noon_with_pm_and_midnight_with_am():
    read = reader("%I:%M %p", ZoneInfo("UTC"))
    assert (read("12:00 PM").hour, read("12:00 AM").hour, read("01:00 PM").hour) == (12, 0, 13)


@given(st.datetimes(datetime(2000, 1, 1), datetime(2035, 1, 1)))
def test_daylight_saving_is_honoured_hour_by_hour(naive):
    text = naive.replace(microsecond=0).isoformat()
    assert reader(None, NEW_YORK)(text) == naive.replace(microsecond=0, tzinfo=NEW_YORK).astimezone(UTC)


@pytest.mark.parametrize(
    ("text", "seconds"), [("30s", 30), ("5m", 300), ("1.5h", 5400), ("2d", 172_800), ("1w", 604_800)]
)
def test_a_duration_is_a_number_and_a_unit(text, seconds):
    assert duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["soon", "5", "5 minutes", "-1h", ""])
def test_another_duration_is_refused_and_told_how(text):
    with pytest.raises(ValueError, match="write a number and a unit: 30s, 5m"):
        duration(text)


def test_the_day_of_a_moment_is_the_local_one():
    assert local_day(datetime(2026, 1, 1, 17, 30, tzinfo=UTC), JAMBI) == date(2026, 1, 2)
    assert day_start(date(2026, 1, 2), JAMBI) == datetime(2026, 1, 1, 17, tzinfo=UTC)


def test_windows_end_now_and_begin_at_local_midnights():
    now = datetime(2026, 11, 24, 7, 5, tzinfo=UTC)
    begins = {text: window(text, now, JAMBI).start for text in ("today", "7d", "this_week", "this_month", "24h")}
    assert begins == {
        "today": datetime(2026, 11, 23, 17, tzinfo=UTC),
        "7d": datetime(2026, 11, 17, 17, tzinfo=UTC),
        "this_week": datetime(2026, 11, 22, 17, tzinfo=UTC),
        "this_month": datetime(2026, 10, 31, 17, tzinfo=UTC),
        "24h": now - timedelta(hours=24),
    }
    assert window("7d", now, JAMBI).end == now
