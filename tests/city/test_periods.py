"""Calendar periods of a region: the last complete one, the one before, and their midnights."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from city.periods import Period, after, before, last_complete, row
from city.times import instant

JAKARTA = ZoneInfo("Asia/Jakarta")
KINDS = ("day", "week", "month", "quarter", "year")
NOW = datetime(2026, 11, 24, 7, 5, tzinfo=UTC)  # Tuesday 14.05 in Jambi


@pytest.mark.parametrize(
    ("kind", "first", "last"),
    [
        ("day", "2026-11-23", "2026-11-23"),
        ("week", "2026-11-16", "2026-11-22"),  # ISO week 47
        ("month", "2026-10-01", "2026-10-31"),
        ("quarter", "2026-07-01", "2026-09-30"),
        ("year", "2026-01-01", "2026-11-23"),
    ],
)
def test_the_last_complete_period_is_one_of_the_calendar(kind, first, last):
    assert last_complete(kind, NOW, JAKARTA) == Period(kind, date.fromisoformat(first), date.fromisoformat(last))


def test_a_period_is_complete_at_local_midnight_and_not_before():
    midnight = instant("2026-11-23T00:00", JAKARTA)
    assert last_complete("week", midnight, JAKARTA).last == date(2026, 11, 22)
    assert last_complete("week", instant("2026-11-22T23:59:59", JAKARTA), JAKARTA).last == date(2026, 11, 15)


def test_the_year_to_date_is_held_against_the_same_days_a_year_earlier():
    year = last_complete("year", NOW, JAKARTA)
    assert before(year) == Period("year", date(2025, 1, 1), date(2025, 11, 23))
    assert before(Period("year", date(2028, 1, 1), date(2028, 2, 29))).last == date(2027, 2, 28)
    new_year = last_complete("year", instant("2027-01-01T08:00", JAKARTA), JAKARTA)
    assert new_year == Period("year", date(2026, 1, 1), date(2026, 12, 31))


def test_quarters_begin_in_january_april_july_and_october():
    found = row(last_complete("quarter", NOW, JAKARTA), 5)
    assert [str(period.first) for period in found] == [
        "2025-07-01", "2025-10-01", "2026-01-01", "2026-04-01", "2026-07-01",
    ]  # fmt: skip
    assert [str(period.last) for period in found] == [
        "2025-09-30", "2025-12-31", "2026-03-31", "2026-06-30", "2026-09-30",
    ]  # fmt: skip


@given(st.sampled_from(KINDS), st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC)))
def test_periods_follow_each_other_without_a_gap(kind, at):
    period = last_complete(kind, at, JAKARTA)
    assert period.window(JAKARTA).end <= at
    assert after(period).window(JAKARTA).end > at
    if kind != "year":
        assert before(period).window(JAKARTA).end == period.window(JAKARTA).start
        assert before(after(period)) == period
