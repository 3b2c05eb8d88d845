"""The simulated city tells the same story every time, in believable figures, and names nobody real."""

from datetime import UTC, date, datetime, timedelta
from statistics import median

import pytest

from simulation.places import CATEGORIES, DISTRICTS, HOSPITALS, OFFICES, ZONE
from simulation.town import MEMO_DAYS, Complaint, Rush, Town

TUESDAY = date(2026, 11, 24)
MOMENTS = [datetime(2026, 6, 1, 3, tzinfo=UTC) + timedelta(hours=71 * n) for n in range(60)]


def known_at(town: Town, moment: datetime) -> list[Complaint]:
    """What the desk has received in the 120 days before the moment."""
    day = moment.astimezone(ZONE).date()
    found = [c for back in range(121) for c in town.complaints(day - timedelta(days=back))]
    return [c for c in found if c.opened_at <= moment]


def open_at(town: Town, moment: datetime) -> list[Complaint]:
    return [c for c in known_at(town, moment) if c.closed_at > moment]


def memos(town: Town, days: int = 28) -> list:
    return [memo for back in range(days) for memo in town.memos(TUESDAY - timedelta(days=back))]


@pytest.mark.parametrize("what", ["complaints", "memos", "calls", "hospitals"])
def test_a_day_is_the_same_after_a_restart(what):
    # A larger city between the two asks: one day must not depend on which were asked before.
    first = getattr(Town(seed=7), what)(TUESDAY)
    getattr(Town(seed=8), what)(TUESDAY - timedelta(days=1))
    assert getattr(Town(seed=7, rushes=()), what)(TUESDAY) == first != getattr(Town(seed=8), what)(TUESDAY)


def test_about_fourteen_complaints_come_a_day_and_fewer_at_the_weekend():
    days = [TUESDAY - timedelta(days=back) for back in range(140)]
    counts = {day: len(Town().complaints(day)) for day in days}
    assert 13 <= sum(counts.values()) / 140 <= 15
    weekend = [count for day, count in counts.items() if day.weekday() > 4]
    assert sum(weekend) / len(weekend) < 13


def test_more_complaints_come_before_noon_than_at_night():
    hours = [c.opened_at.hour for back in range(60) for c in Town().complaints(TUESDAY - timedelta(days=back))]
    assert sum(8 <= hour < 12 for hour in hours) > 6 * sum(hour < 4 for hour in hours)


def test_most_complaints_close_within_their_promise():
    closed = [c for c in known_at(Town(), MOMENTS[-1]) if c.closed_at <= MOMENTS[-1]]
    assert 0.80 <= sum(c.closed_at <= c.due_at for c in closed) / len(closed) <= 0.86


@pytest.mark.parametrize("seed", [1, 1571, 99])
def test_ten_to_twenty_complaints_are_overdue_at_almost_any_moment(seed):
    overdue = [sum(c.due_at <= moment for c in open_at(Town(seed), moment)) for moment in MOMENTS]
    assert 10 <= median(overdue) <= 20
    assert min(overdue) >= 3 and max(overdue) <= 32


def test_the_backlog_stands_between_twenty_and_fifty():
    # With 14 a day and promises of 24 to 72 hours no more than 27 open ones can be inside their promise.
    backlog = [len(open_at(Town(), moment)) for moment in MOMENTS]
    assert 25 <= median(backlog) <= 40 and max(backlog) < 60


def test_a_complaint_is_routed_before_it_closes_and_never_outlives_what_a_collector_sees():
    for c in known_at(Town(), MOMENTS[-1]):
        assert c.opened_at < c.routed_at < c.closed_at <= c.opened_at + timedelta(days=60)


def test_every_complaint_lies_in_or_near_a_district_of_the_city():
    centres = [(lat, lon) for _, lat, lon, _ in DISTRICTS]
    assert len(centres) == 11
    for c in known_at(Town(), MOMENTS[-1]):
        assert min((c.lat - lat) ** 2 + (c.lon - lon) ** 2 for lat, lon in centres) < 0.03**2


def test_promises_are_24_48_or_72_hours_by_category():
    assert {hours for _, _, _, hours, _ in CATEGORIES} == {24, 48, 72}
    c = known_at(Town(), MOMENTS[0])[0]
    assert c.due_at - c.opened_at in {timedelta(hours=h) for code, _, _, h, _ in CATEGORIES if code == c.code}


def test_two_hundred_memos_a_working_day_and_none_on_sunday():
    assert 195 <= len(memos(Town())) / 20 <= 225
    assert Town().memos(date(2026, 11, 22)) == []
    assert {office for *_, office, _ in memos(Town())} == {office for office, _ in OFFICES}
    assert len(OFFICES) == 20


def test_half_of_the_memos_reach_disposition_within_about_three_hours():
    hours = [(steps[1][1] - steps[0][1]) / timedelta(hours=1) for *_, steps in memos(Town())]
    assert 2.8 <= median(hours) <= 3.8


def test_a_memo_goes_its_four_steps_in_order_in_office_hours():
    for *_, steps in memos(Town()):
        assert [stage for stage, _ in steps] == ["diterima", "disposisi", "tanda tangan", "selesai"]
        assert [at for _, at in steps] == sorted(at for _, at in steps)
        assert all(at.weekday() < 5 and 7 <= at.hour < 17 for _, at in steps)
        assert (steps[-1][1].date() - steps[0][1].date()).days <= MEMO_DAYS


def test_a_memo_keeps_its_number_to_itself():
    keys = [memo[0] for memo in memos(Town())]
    assert len(keys) == len(set(keys))


def test_few_of_the_emergency_calls_are_real():
    calls = [call for back in range(120) for call in Town().calls(TUESDAY - timedelta(days=back))]
    assert 38 <= len(calls) / 120 <= 44
    assert 2.3 <= sum(call[3] == "darurat" for call in calls) / 120 <= 3.8
    assert {call[3] for call in calls} == {"darurat", "informasi", "prank", "ghost", "terputus"}


def test_beds_are_never_more_than_there_are_and_glide_over_midnight():
    days = [row for back in range(20, -1, -1) for row in Town().hospitals(TUESDAY - timedelta(days=back))]
    before: dict[str, int] = {}
    for _, name, beds, free, wait in days:
        assert 0 <= free <= beds and 5 <= wait < 180
        assert abs(free - before.get(name, free)) <= 0.06 * beds
        before[name] = free


def test_no_real_hospital_is_named():
    assert all(name.startswith("RS Simulasi ") for name, _ in HOSPITALS)


def test_a_rush_adds_to_a_day_and_changes_nothing_before_it():
    noon = datetime(2026, 11, 24, 5, tzinfo=UTC)
    calm, rushed = Town(), Town(rushes=(Rush(noon, 20),))
    assert rushed.complaints(TUESDAY - timedelta(days=1)) == calm.complaints(TUESDAY - timedelta(days=1))
    added = set(rushed.complaints(TUESDAY)) - set(calm.complaints(TUESDAY))
    assert set(calm.complaints(TUESDAY)) < set(rushed.complaints(TUESDAY))
    assert len(added) > 60 and min(c.opened_at for c in added) >= noon


def test_a_rush_that_ended_leaves_what_happened_in_it():
    noon, evening = datetime(2026, 11, 24, 5, tzinfo=UTC), datetime(2026, 11, 24, 11, tzinfo=UTC)
    running, ended = Town(rushes=(Rush(noon, 20),)), Town(rushes=(Rush(noon, 20), Rush(evening, 1)))
    until = [c for c in running.complaints(TUESDAY) if c.opened_at < evening]
    assert sorted(until, key=lambda c: c.key) == sorted(
        (c for c in ended.complaints(TUESDAY) if c.opened_at < evening), key=lambda c: c.key
    )
    assert len(ended.complaints(TUESDAY)) < len(running.complaints(TUESDAY))
