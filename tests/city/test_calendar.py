"""The SLA clock."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from city.calendar import checked_promise, due_at, promise_for, public_holidays

JAMBI = ZoneInfo("Asia/Jakarta")
FILED = datetime(2026, 12, 23, 3, tzinfo=UTC)  # Wednesday 10.00


def test_hours_run_through_nights_and_holidays():
    assert due_at(FILED, "48h", JAMBI) == datetime(2026, 12, 25, 3, tzinfo=UTC)


def test_three_working_days_after_the_eve_of_christmas_leave_is_the_30th():
    assert due_at(FILED, "3wd", JAMBI, public_holidays("ID", (2026,))) == datetime(2026, 12, 30, 3, tzinfo=UTC)


def test_without_holidays_only_the_weekend_is_left_out():
    assert due_at(FILED, "3wd", JAMBI) == datetime(2026, 12, 28, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    ("category", "priority", "promise"),
    [
        ("jalan", None, "72h"),
        ("lain", None, "48h"),
        (None, None, "48h"),
        (None, "segera", "24h"),
        ("jalan", "segera", "72h"),
    ],
)
def test_the_promise_is_by_category_then_priority_then_default(category, priority, promise):
    sla = {"complaint": {"jalan": "72h", "segera": "24h", "default": "48h"}}
    assert promise_for(sla, "complaint", category, priority) == promise


def test_a_kind_without_promise_has_none():
    assert promise_for({}, "memo", "jalan") is None


def test_a_promise_keeps_the_local_hour_across_a_clock_change():
    new_york, filed = ZoneInfo("America/New_York"), datetime(2026, 10, 30, 14, tzinfo=UTC)  # Friday 10.00
    assert due_at(filed, "1wd", new_york) == datetime(2026, 11, 2, 15, tzinfo=UTC)  # Monday 10.00, winter time


def test_a_case_filed_on_a_saturday_counts_from_monday():
    assert due_at(datetime(2026, 11, 21, 3, tzinfo=UTC), "1wd", JAMBI) == datetime(2026, 11, 23, 3, tzinfo=UTC)


def test_a_country_without_joint_leave_has_its_public_holidays_and_an_unknown_one_is_told():
    assert date(2026, 12, 25) in public_holidays("US", (2026,))
    with pytest.raises(ValueError, match="no holidays are known for country 'XX'"):
        public_holidays("XX", (2026,))


@pytest.mark.parametrize("promise", ["1.5wd", "2 days", "-1h", "", "24", "99999d"])
def test_a_promise_that_cannot_be_kept_to_is_refused(promise):
    with pytest.raises(ValueError, match="write 24h, 2d or, in whole working days, 3wd"):
        checked_promise(promise)
    assert checked_promise("3wd") == "3wd"
