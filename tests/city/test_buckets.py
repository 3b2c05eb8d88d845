"""Buckets follow the region's clocks: local midnights, Mondays, firsts of the month, clock changes."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from city.buckets import buckets, is_midnight, weeks_before
from city.times import Window, instant

JAKARTA, NEW_YORK = ZoneInfo("Asia/Jakarta"), ZoneInfo("America/New_York")


def at(text, zone=JAKARTA):
    return instant(text, zone)


def starts(span, grain, zone=JAKARTA):
    return [bucket.start.astimezone(zone).isoformat() for bucket in buckets(span, grain, zone)]


def test_a_day_begins_at_local_midnight():
    assert starts(Window(at("2026-11-23 06:00"), at("2026-11-24 14:00")), "day") == [
        "2026-11-23T00:00:00+07:00",
        "2026-11-24T00:00:00+07:00",
    ]


def test_a_week_begins_on_monday_and_a_month_on_its_first():
    span = Window(at("2026-11-24"), at("2026-12-01 01:00"))
    assert starts(span, "week") == ["2026-11-23T00:00:00+07:00", "2026-11-30T00:00:00+07:00"]
    assert starts(span, "month") == ["2026-11-01T00:00:00+07:00", "2026-12-01T00:00:00+07:00"]


def test_a_window_is_half_open_so_its_end_begins_no_bucket():
    assert len(buckets(Window(at("2026-11-23"), at("2026-11-24")), "day", JAKARTA)) == 1
    assert buckets(Window(at("2026-11-24"), at("2026-11-24")), "day", JAKARTA) == []


def test_a_bucket_cut_by_the_window_says_on_which_side():
    first, last = buckets(Window(at("2026-11-23 06:00"), at("2026-11-24 14:00")), "day", JAKARTA)
    assert (first.late, first.unfinished) == (True, False)
    assert (last.late, last.unfinished, last.end) == (False, True, at("2026-11-24 14:00"))


def test_the_day_the_clocks_go_forward_has_23_hours():
    span = Window(at("2026-03-08", NEW_YORK), at("2026-03-09", NEW_YORK))
    assert len(buckets(span, "hour", NEW_YORK)) == 23
    (day,) = buckets(span, "day", NEW_YORK)
    assert day.end - day.start == timedelta(hours=23)


def test_both_hours_of_a_repeated_hour_are_buckets():
    span = Window(at("2026-11-01", NEW_YORK), at("2026-11-01 03:00", NEW_YORK))
    assert starts(span, "hour", NEW_YORK) == [
        "2026-11-01T00:00:00-04:00",
        "2026-11-01T01:00:00-04:00",
        "2026-11-01T01:00:00-05:00",
        "2026-11-01T02:00:00-05:00",
    ]


def test_local_midnight_is_five_in_the_afternoon_of_the_day_before_in_utc():
    assert is_midnight(instant("2026-11-23T17:00:00Z"), JAKARTA)
    assert not is_midnight(instant("2026-11-24T00:00:00Z"), JAKARTA)


def test_a_week_before_is_the_same_time_on_the_clock_though_the_clocks_changed():
    assert weeks_before(at("2026-03-10 09:00", NEW_YORK), 1, NEW_YORK) == at("2026-03-03 09:00", NEW_YORK)
