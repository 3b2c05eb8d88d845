"""Clocks of promises by hand: working hours, pauses, Lebaran, three time zones, and a region's own holidays."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from city import documents
from city.calendar import due_at, is_working, promise_for, public_holidays, working_days_between, years
from city.model import CaseEvent, Status
from city.promises import Promises
from city.times import instant
from city.working import Holidays, WorkingTime, paused, spans
from collectors import args_of
from tests.builders import case, config

JAMBI = ZoneInfo("Asia/Jakarta")
WEEK = WorkingTime().week
OF_2026 = public_holidays("ID", (2026,))


def local(text, zone=JAMBI):
    return instant(text, zone)


def due(opened, promise, *, closed=OF_2026, zone=JAMBI, stood=(), week=WEEK):
    spans_ = [(local(begin, zone), local(end, zone)) for begin, end in stood]
    found = due_at(local(opened, zone), promise, zone, closed, week=week, paused=spans_)
    return f"{found.astimezone(zone):%Y-%m-%d %H:%M}"


# working days


@pytest.mark.parametrize(
    ("opened", "promise", "expected"),
    [
        ("2026-12-23 10:00", "3wd", "2026-12-30 10:00"),  # Thu 24 joint leave, Fri 25 Christmas, weekend, 28, 29, 30
        # Lebaran: Wed 18 and Thu 19 March Nyepi, Fri 20 leave, Sat 21 and Sun 22 Idulfitri, Mon 23 and Tue 24 leave.
        ("2026-03-17 10:00", "1wd", "2026-03-25 10:00"),
        ("2026-03-16 10:00", "3wd", "2026-03-26 10:00"),
        ("2026-11-27 16:00", "1wd", "2026-11-30 16:00"),  # a Friday 16.00 memo: Monday 16.00
        ("2026-11-27 16:00", "2wd", "2026-12-01 16:00"),
        ("2026-11-27 16:00", "0wd", "2026-11-27 16:00"),
    ],
)
def test_a_promise_in_working_days(opened, promise, expected):
    assert due(opened, promise) == expected


# Friday 15.30 UTC is 22.30 in the west, 23.30 in the middle and already Saturday, 00.30, in the east of Indonesia.
@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        ("Asia/Jakarta", datetime(2026, 11, 30, 15, 30, tzinfo=UTC)),
        ("Asia/Makassar", datetime(2026, 11, 30, 15, 30, tzinfo=UTC)),
        ("Asia/Jayapura", datetime(2026, 11, 29, 15, 30, tzinfo=UTC)),  # Monday 00.30 there
    ],
)
def test_one_instant_is_another_working_day_in_another_zone(zone, expected):
    opened = datetime(2026, 11, 27, 15, 30, tzinfo=UTC)
    assert due_at(opened, "1wd", ZoneInfo(zone), OF_2026) == expected
    # In office hours: all three begin with Monday 07.30 of their own.
    begins = datetime(2026, 11, 30, 8, 30, tzinfo=ZoneInfo(zone))
    assert due_at(opened, "1wh", ZoneInfo(zone), OF_2026, week=WEEK) == begins


# working hours: Monday to Thursday 07.30-12.00 and 13.00-16.00, Friday 07.30-11.30 and 13.00-16.30


@pytest.mark.parametrize(
    ("opened", "promise", "expected"),
    [
        ("2026-11-24 08:00", "2wh", "2026-11-24 10:00"),
        ("2026-11-24 11:00", "2wh", "2026-11-24 14:00"),  # over noon
        ("2026-11-24 12:20", "1wh", "2026-11-24 14:00"),
        ("2026-11-24 08:30", "6.5wh", "2026-11-24 16:00"),  # to the very end of the day
        ("2026-11-24 20:00", "1wh", "2026-11-25 08:30"),
        ("2026-11-27 16:00", "8wh", "2026-11-30 16:00"),  # Friday half an hour, Monday seven and a half
        ("2026-11-27 16:00", "8.5wh", "2026-12-01 08:00"),
        ("2026-03-17 15:00", "2wh", "2026-03-25 08:30"),  # over Lebaran
        ("2026-12-23 15:30", "37.5wh", "2027-01-01 16:00"),  # with the holidays of 2026 alone
    ],
)
def test_a_promise_in_working_hours(opened, promise, expected):
    assert due(opened, promise) == expected


def test_a_promise_over_new_year_meets_the_holidays_of_both_years():
    opened = local("2026-12-31 15:30")
    assert 2027 in years(opened, "1wd") and not years(opened, "48h") and 2030 in years(opened, "800wd")
    both = WorkingTime().closed_days("ID", years(opened, "1wd"))
    assert due("2026-12-31 15:30", "1wd", closed=both) == "2027-01-04 15:30"


def test_an_office_without_hours_keeps_no_promise():
    with pytest.raises(ValueError, match="the office has no hours"):
        due("2026-11-24 08:00", "1wh", week=[()] * 7)


# pauses


@pytest.mark.parametrize(
    ("promise", "stood", "expected"),
    [
        ("48h", [("2026-11-24 10:00", "2026-11-24 16:00")], "2026-11-26 14:00"),
        (
            "48h",
            [("2026-11-24 10:00", "2026-11-24 16:00"), ("2026-11-26 12:00", "2026-11-27 12:00")],
            "2026-11-27 14:00",
        ),
        ("48h", [("2026-11-26 08:00", "2026-11-30 08:00")], "2026-11-26 08:00"),  # after it was due: too late
        (
            "48h",
            [("2026-11-23 08:00", "2026-11-24 09:00")],
            "2026-11-26 09:00",
        ),  # what began before does not count twice
        ("2wh", [("2026-11-24 09:00", "2026-11-24 12:30")], "2026-11-24 14:00"),  # one hour by 9, one from 13.00
        ("2wd", [("2026-11-25 07:00", "2026-11-26 07:00")], "2026-11-27 08:00"),  # Wednesday at 8 it waited
        ("2wd", [("2026-11-25 09:00", "2026-11-26 07:00")], "2026-11-26 08:00"),  # at no working day's hour it waited
    ],
)
def test_time_in_a_pause_does_not_count(promise, stood, expected):
    assert due("2026-11-24 08:00", promise, stood=stood) == expected


def event(text, stage):
    return CaseEvent(local(text), stage)


def test_a_case_is_paused_from_the_stage_to_the_next_other_one():
    events = [
        event("2026-11-24 08:00", "received"), event("2026-11-24 12:00", "in_progress"),
        event("2026-11-24 10:00", "waiting_for_citizen"), event("2026-11-24 11:00", "waiting_for_citizen"),
    ]  # fmt: skip
    assert paused(events, ["waiting_for_citizen"], None) == (
        [(local("2026-11-24 10:00"), local("2026-11-24 12:00"))],
        None,
    )
    assert paused(events[:3:2], ["waiting_for_citizen"], None) == ([], local("2026-11-24 10:00"))
    ended = paused(events[:3:2], ["waiting_for_citizen"], local("2026-11-24 15:00"))
    assert ended == ([(local("2026-11-24 10:00"), local("2026-11-24 15:00"))], None)
    assert paused(events, (), None) == ([], None)


SETTINGS = {
    "sla": {"complaint": {"jalan": "48h", "jalan/segera": "8wh", "default": "3wd"}},
    "calendar": {"pauses": {"complaint": ["waiting_for_citizen"]}, "holidays": {"add": {"2026-11-25": "Hari jadi"}}},
}


def test_a_case_that_waits_for_the_citizen_has_no_due_date_until_it_goes_on():
    promises = Promises(config(**SETTINGS))
    waiting = [event("2026-11-24 08:00", "received"), event("2026-11-24 09:00", "waiting_for_citizen")]
    open_ = case(opened_at=local("2026-11-24 08:00"), events=tuple(waiting))
    assert promises.due_at(open_, "jalan") is None
    going_on = case(opened_at=open_.opened_at, events=(*waiting, event("2026-11-26 09:00", "in_progress")))
    assert promises.due_at(going_on, "jalan") == local("2026-11-28 08:00")
    done = case(
        opened_at=open_.opened_at, closed_at=local("2026-11-24 20:00"), status=Status.DONE, events=tuple(waiting)
    )
    assert promises.due_at(done, "jalan") == local("2026-11-26 19:00")


def test_promises_are_by_category_and_priority_and_keep_the_holidays_of_the_region():
    promises = Promises(config(**SETTINGS))
    filed = case(opened_at=local("2026-11-24 15:00"))
    assert promises.due_at(filed, "lain") == local("2026-11-30 15:00")  # Wednesday is the city's own holiday
    urgent = case(opened_at=filed.opened_at, priority="segera")
    assert promises.due_at(urgent, "jalan") == local("2026-11-26 15:30")  # 1 h, holiday, 4.5 h and 2.5 h
    assert promises.due_at(case(kind="memo"), None) is None
    assert promise_for(SETTINGS["sla"], "complaint", "jalan", "biasa") == "48h"


# the calendar of the region


def test_a_region_adds_holidays_and_takes_away():
    made = WorkingTime(holidays=Holidays(add={date(2026, 11, 25): "Hari jadi"}, remove=(date(2026, 12, 24),)))
    closed = made.closed_days("ID", (2026,))
    assert date(2026, 11, 25) in closed and date(2026, 12, 24) not in closed and date(2026, 12, 25) in closed


def test_working_days_are_counted_whole_and_without_the_ends():
    friday, tuesday = date(2026, 11, 20), date(2026, 11, 24)
    assert working_days_between(friday, tuesday, frozenset()) == 1  # Monday
    assert working_days_between(friday, tuesday, frozenset({date(2026, 11, 23)})) == 0
    assert working_days_between(tuesday, tuesday, frozenset()) == 0
    assert working_days_between(date(2026, 3, 17), date(2026, 3, 26), OF_2026) == 1  # Lebaran: the 25th
    assert not is_working(date(2026, 11, 22))


@pytest.mark.parametrize("text", ["7:30-12:00", "07:30", "12:00-07:30", "07:30-12:00, 11:00-16:00", "25:00-26:00"])
def test_office_hours_that_are_none_are_refused(text):
    with pytest.raises(ValueError, match="write 07:30-12:00, 13:00-16:00 in order"):
        spans(text)
    assert spans(" 07:30-12:00,13:00-16:00") == ((time(7, 30), time(12)), (time(13), time(16)))
    assert spans("") == spans(None) == ()


FILE = """
region: {code: "15.71", name: Kota Jambi, timezone: Asia/Jakarta}
sources:
  desk: {collector: csv_file, kind: complaint, args: {path: x.csv, kind: complaint, fields: {key: id, opened_at: t}}}
"""


def mistakes(tmp_path, text, holidays=None):
    (tmp_path / "region.yaml").write_text(FILE + text)
    if holidays is not None:
        (tmp_path / "libur.yaml").write_text(holidays)
    try:
        return documents.load(tmp_path / "region.yaml", args_of, {})
    except documents.ConfigError as error:
        return [str(problem) for problem in error.problems]


def test_holidays_may_stand_in_a_file_of_their_own(tmp_path):
    found = mistakes(
        tmp_path, "calendar: {holidays: libur.yaml}", "add: {2026-11-25: Hari jadi}\nremove: [2026-12-24]\n"
    )
    assert found.calendar.holidays == Holidays(add={date(2026, 11, 25): "Hari jadi"}, remove=(date(2026, 12, 24),))


def test_mistakes_of_the_calendar_and_of_its_file_are_told_with_their_line(tmp_path):
    text = (
        "sla: {complaint: {default: 8wh}}\ncalendar:\n  hours: {}\n  holidays: libur.yaml\n  pauses: {complain: [x]}\n"
    )
    assert mistakes(tmp_path, text, "\nad: {2026-11-25: Hari jadi}\nremove: [besok]\n") == [
        "region.yaml:5: sla.complaint.default: a promise in working hours needs `calendar: hours:` with a day that has "
        "some",
        "region.yaml:9: calendar.pauses.complain: unknown kind of case. Did you mean 'complaint'?",
        "libur.yaml:2: ad: unknown setting. Did you mean 'add'?",
        "libur.yaml:3: remove.0: must be a date such as 2026-12-24",
    ]
    assert mistakes(tmp_path, "calendar: {holidays: nowhere.yaml}") == [
        "nowhere.yaml:1: cannot be read: FileNotFoundError"
    ]
    assert mistakes(tmp_path, "calendar: {hours: {funday: 08:00-12:00, monday: 8-12}}")[-1].endswith(
        "'8-12' are no office hours; write 07:30-12:00, 13:00-16:00 in order, or nothing for a day off"
    )
