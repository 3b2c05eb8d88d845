"""The SLA clock."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from city.calendar import due_at, promise_for, public_holidays

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
