"""The day roll-ups, counted by hand: what a case adds to which local day, and what it moves when it is revised."""

from collections import Counter, defaultdict

import pytest
from day_counts import NEW, days, filed

from city.model import Status
from city.store import Store
from city.times import instant
from tests.builders import case, clock, config, save, table


@pytest.fixture
def store(engine):
    return Store(engine, config(), clock())


ONE_CASE = {
    "open without a promise": (filed(), {20: NEW}),
    "open with a promise counts as overdue from the day it falls due on, though that day is to come": (
        filed(due="28 08:00"), {20: NEW, 28: {"overdue_in": 1}},
    ),
    "closed without a promise": (filed(closed="22 09:00"), {20: NEW, 22: {"closed": 1, "open_out": 1}}),
    "closed in time": (
        filed(due="23 08:00", closed="22 09:00"),
        {20: NEW, 22: {"closed": 1, "closed_due": 1, "closed_on_time": 1, "open_out": 1}},
    ),
    "closed at its due instant": (
        filed(due="22 09:00", closed="22 09:00"),
        {20: NEW, 22: {"closed": 1, "closed_due": 1, "closed_on_time": 1, "open_out": 1}},
    ),
    "closed a microsecond after it": (
        filed(due="22 09:00", closed="22 09:00:00.000001"),
        {20: NEW, 22: {"closed": 1, "closed_due": 1, "open_out": 1, "overdue_in": 1, "overdue_out": 1}},
    ),
    "closed two days late": (
        filed(due="21 08:00", closed="23 08:00"),
        {20: NEW, 21: {"overdue_in": 1}, 23: {"closed": 1, "closed_due": 1, "open_out": 1, "overdue_out": 1}},
    ),
    "rejected": (
        filed(closed="22 09:00", status=Status.REJECTED), {20: NEW, 22: {"closed": 1, "rejected": 1, "open_out": 1}},
    ),
    "called rejected but never closed": (filed(status=Status.REJECTED), {20: NEW}),
    "opened and closed within one day": (filed(closed="20 09:00"), {20: NEW | {"closed": 1, "open_out": 1}}),
    "closed as it was opened, so it was never open": (filed(closed="20 08:00"), {20: {"opened": 1, "closed": 1}}),
    "due before it was opened is overdue from its opening on": (
        filed(due="18 08:00", closed="22 09:00"),
        {20: NEW | {"overdue_in": 1}, 22: {"closed": 1, "closed_due": 1, "open_out": 1, "overdue_out": 1}},
    ),
    "due before it was opened and still open": (filed(due="18 08:00"), {20: NEW | {"overdue_in": 1}}),
    "due before, closed as it was opened: late, but never overdue": (
        filed(due="18 08:00", closed="20 08:00"), {20: {"opened": 1, "closed": 1, "closed_due": 1}},
    ),
    "closed before it was opened": (filed(closed="19 08:00"), {19: {"closed": 1}, 20: {"opened": 1}}),
    "closed before it was opened, the promise kept": (
        filed(due="21 08:00", closed="19 08:00"),
        {19: {"closed": 1, "closed_due": 1, "closed_on_time": 1}, 20: {"opened": 1}},
    ),
    "due, then closed, then opened": (
        filed(due="18 08:00", closed="19 08:00"), {19: {"closed": 1, "closed_due": 1}, 20: {"opened": 1}},
    ),
}  # fmt: skip


def test_one_case_adds_this_to_these_days(store, engine):
    for words, (one, _) in ONE_CASE.items():
        save(store, one, source=words)
    expected = {(day, words): counts for words, (_, by_day) in ONE_CASE.items() for day, counts in by_day.items()}
    assert days(engine, "source") == expected


def test_a_day_ends_at_local_midnight_for_opening_closing_and_due(store, engine):
    last, first = "2026-11-20T16:59:59.999999Z", "2026-11-20T17:00:00Z"  # the two sides of midnight in Jambi
    long_ago, never = instant("2026-11-10T00:00Z"), instant("2026-11-29T00:00Z")
    for number, moment in enumerate((instant(last), instant(first))):
        save(
            store,
            case(f"opened {number}", opened_at=moment),
            case(f"closed {number}", opened_at=long_ago, closed_at=moment, status=Status.DONE),
            case(f"due {number}", opened_at=long_ago, due_at=moment, closed_at=never, status=Status.DONE),
        )
    each = NEW | {"closed": 1, "open_out": 1, "overdue_in": 1}
    assert days(engine) == {
        10: {"opened": 4, "open_in": 4},
        20: each,
        21: each,
        29: {"closed": 2, "closed_due": 2, "open_out": 2, "overdue_out": 2},
    }


def test_cases_of_one_day_and_group_add_up_and_what_is_not_known_is_a_group_of_its_own(store, engine):
    save(store, filed("1"), filed("2", agency="pupr"), filed("3", agency="pupr", closed="20 10:00"))
    save(store, filed("4"), filed("5", agency="pupr", district="15.71.07", channel="surat"))
    assert days(engine, "agency", "district", "channel") == {
        (20, None, None, None): {"opened": 2, "open_in": 2},
        (20, "pupr", None, None): {"opened": 2, "open_in": 2, "closed": 1, "open_out": 1},
        (20, "pupr", "15.71.07", "surat"): NEW,
    }


CLOSED_22 = {"closed": 1, "open_out": 1}
REVISIONS = {
    "closed": (filed(), filed(closed="22 09:00"), {20: NEW, 22: CLOSED_22}),
    "closed a day later than was said": (
        filed(closed="22 09:00"), filed(closed="23 09:00"), {20: NEW, 23: {"closed": 1, "open_out": 1}},
    ),
    "reopened": (filed(closed="22 09:00"), filed(), {20: NEW}),
    "reopened, its promise long past": (
        filed(due="21 08:00", closed="20 12:00"), filed(due="21 08:00"), {20: NEW, 21: {"overdue_in": 1}},
    ),
    "rejected instead of done": (
        filed(closed="22 09:00"), filed(closed="22 09:00", status=Status.REJECTED),
        {20: NEW, 22: CLOSED_22 | {"rejected": 1}},
    ),
    "given more time": (
        filed(due="21 08:00", closed="22 09:00"), filed(due="22 09:00", closed="22 09:00"),
        {20: NEW, 22: CLOSED_22 | {"closed_due": 1, "closed_on_time": 1}},
    ),
    "given more time while it is open": (
        filed(due="21 08:00"), filed(due="25 08:00"), {20: NEW, 25: {"overdue_in": 1}},
    ),
    "released from its promise": (
        filed(due="21 08:00", closed="22 09:00"), filed(closed="22 09:00"), {20: NEW, 22: CLOSED_22},
    ),
    "opened a day earlier than was said": (filed(), filed(opened="19 08:00"), {19: NEW}),
    "opened after it was closed, as it turned out": (
        filed(closed="22 09:00"), filed(opened="23 08:00", closed="22 09:00"), {22: {"closed": 1}, 23: {"opened": 1}},
    ),
}  # fmt: skip


def test_a_revised_case_moves_what_it_added_and_leaves_its_neighbour_alone(store, engine):
    neighbour = filed("beside it", opened="20 07:00", due="21 07:00", closed="22 07:00")
    beside = {20: NEW, 21: {"overdue_in": 1}, 22: CLOSED_22 | {"closed_due": 1, "overdue_out": 1}}
    sums = defaultdict(Counter)
    for words, (before, after, expected) in REVISIONS.items():
        save(store, before, neighbour, source=words)
        assert save(store, after, source=words).revised == 1, words
        for day, counts in (*beside.items(), *expected.items()):
            sums[day, words].update(counts)
    assert days(engine, "source") == {key: dict(counts) for key, counts in sums.items()}


def test_a_case_that_changes_hands_takes_all_its_days_with_it(store, engine):
    late = {"due": "21 08:00", "closed": "23 08:00"}
    save(store, filed(agency="pupr", category="jalan", **late), filed("B", agency="pupr", category="jalan"))
    save(store, filed(agency="dlh", category=None, kind="memo", **late))
    assert days(engine, "kind", "agency", "category") == {
        (20, "complaint", "pupr", "jalan"): NEW,
        (20, "memo", "dlh", None): NEW,
        (21, "memo", "dlh", None): {"overdue_in": 1},
        (23, "memo", "dlh", None): {"closed": 1, "closed_due": 1, "open_out": 1, "overdue_out": 1},
    }


def test_a_revision_of_something_no_day_counts_touches_no_day(store, engine):
    save(store, filed(due="21 08:00"))
    written = table(engine, "select ctid::text, xmin::text from case_days order by day")
    assert save(store, filed(due="21 09:00", priority="segera", place="simpang", status=Status.ROUTED)).revised == 1
    assert table(engine, "select ctid::text, xmin::text from case_days order by day") == written


def test_a_key_is_one_case_in_each_region_and_source(store, engine):
    neighbour = Store(engine, config(region={"code": "15.05", "name": "Muaro", "timezone": "Asia/Jakarta"}), clock())
    save(store, filed())
    save(store, filed(), source="other")
    save(neighbour, filed())
    assert save(store, filed(opened="19 08:00", closed="22 09:00")).revised == 1
    assert days(engine, "region", "source") == {
        (19, "15.71", "desk"): NEW,
        (22, "15.71", "desk"): CLOSED_22,
        (20, "15.71", "other"): NEW,
        (20, "15.05", "desk"): NEW,
    }
