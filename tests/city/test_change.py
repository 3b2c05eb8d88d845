"""Why a number changed: every part adds up, whatever the groups do."""

from datetime import UTC, datetime
from math import fsum, isclose
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from city import against, change
from city.change import Cell
from city.times import Window, instant

ZONE = ZoneInfo("Asia/Jakarta")
GROUPS = st.one_of(st.none(), st.sampled_from([f"opd{number}" for number in range(30)]))
MEANS = st.dictionaries(
    st.tuples(GROUPS),
    st.tuples(st.integers(0, 5_000), st.floats(0, 1_000, allow_nan=False)).map(lambda p: Cell(p[0], p[0] * p[1])),
    max_size=30,
)
AMOUNTS = st.dictionaries(st.tuples(GROUPS), st.integers(0, 100_000).map(lambda n: Cell(n, n)), max_size=30)


def parts(then, now, *, mean, limit=10):
    return {part.group: part for part in change.split(then, now, mean=mean, limit=limit).everything}


def sums(then, now, *, mean, limit):
    """The whole change, and the sum of its parts."""
    made = change.split(then, now, mean=mean, limit=limit).everything
    was, came = change.whole(then, mean=mean), change.whole(now, mean=mean)
    return made, was, came, fsum(part.change for part in made)


@given(AMOUNTS, AMOUNTS, st.integers(0, 12))
def test_the_parts_of_a_count_add_up_to_its_change(then, now, limit):
    _, was, came, total = sums(then, now, mean=False, limit=limit)
    assert total == came - was


@given(MEANS, MEANS, st.integers(0, 12))
def test_the_parts_of_a_mean_add_up_to_its_change_and_each_is_mix_and_rate(then, now, limit):
    made, was, came, total = sums(then, now, mean=True, limit=limit)
    if was is None or came is None:
        assert made == ()
        return
    assert isclose(total, came - was, rel_tol=1e-9, abs_tol=1e-9)
    assert all(isclose(part.change, part.mix + part.rate, rel_tol=1e-9, abs_tol=1e-9) for part in made)


@given(MEANS, MEANS)
def test_backwards_in_time_every_effect_changes_its_sign(then, now):
    forth, back = parts(then, now, mean=True, limit=99), parts(now, then, mean=True, limit=99)
    assert forth.keys() == back.keys()
    for group, part in forth.items():
        assert isclose(part.mix, -back[group].mix, abs_tol=1e-9) and isclose(part.rate, -back[group].rate, abs_tol=1e-9)


@given(MEANS, MEANS)
def test_no_group_below_five_in_both_periods_is_told_by_itself_and_the_largest_comes_first(then, now):
    made = change.split(then, now, mean=True)
    assert all(max(part.n_then, part.n_now) >= 5 for part in made.parts) and len(made.parts) <= 10
    effects = [abs(part.change) for part in made.parts]
    assert effects == sorted(effects, reverse=True)


def test_mix_and_rate_by_hand():
    # On time: roads 60 of 100 then 60 of 100; parking 90 of 100 then 270 of 300. Nobody does better, the city does:
    # 150/200 = 0.75 -> 330/400 = 0.825. The share of parking, better than the middle 0.7875, went from 1/2 to 3/4.
    then = {("jalan",): Cell(100, 60), ("parkir",): Cell(100, 90)}
    now = {("jalan",): Cell(100, 60), ("parkir",): Cell(300, 270)}
    made = parts(then, now, mean=True)
    assert [made[name,].rate for name in ("jalan", "parkir")] == [0, 0]
    assert made["parkir",].mix == pytest.approx(0.25 * (0.9 - 0.7875))
    assert made["jalan",].mix == pytest.approx(-0.25 * (0.6 - 0.7875))
    # Parking falls to 240 of 300: its rate costs (1/2 + 3/4)/2 * -0.1.
    worse = parts(then, now | {("parkir",): Cell(300, 240)}, mean=True)
    assert worse["parkir",].rate == pytest.approx(0.625 * -0.1)


def test_a_group_that_appears_or_vanishes_is_all_mix_and_has_no_value_where_it_was_not():
    then = {("a",): Cell(100, 50), ("gone",): Cell(100, 90)}
    now = {("a",): Cell(100, 50), ("new",): Cell(100, 10)}
    made = parts(then, now, mean=True)
    assert (made["gone",].now, made["gone",].rate, made["new",].then, made["new",].rate) == (None, 0, None, 0)
    assert made["gone",].mix == pytest.approx(-0.5 * (0.9 - 0.5)) and made["new",].mix == pytest.approx(
        0.5 * (0.1 - 0.5)
    )
    assert fsum(part.change for part in made.values()) == pytest.approx(0.3 - 0.7)


def test_small_groups_are_others_and_a_group_small_in_one_period_is_told_and_marked():
    then = {("a",): Cell(40, 40), ("b",): Cell(4, 4), ("c",): Cell(2, 2)}
    now = {("a",): Cell(41, 41), ("b",): Cell(3, 3), ("c",): Cell(60, 60), (None,): Cell(1, 1)}
    made = change.split(then, now, mean=False)
    assert [(part.group, part.change, part.few) for part in made.parts] == [(("c",), 58, True), (("a",), 1, False)]
    assert made.rest and (made.rest.then, made.rest.now, made.rest.change, made.others, made.small) == (4, 4, 0, 2, 2)


def test_a_mean_over_nothing_is_not_known_and_has_no_parts():
    assert change.whole({}, mean=True) is None and change.whole({}, mean=False) == 0
    assert change.split({}, {("a",): Cell(9, 3)}, mean=True).everything == ()


def test_a_usual_week_is_the_average_of_the_weeks_and_keeps_their_ratio():
    weeks = [{("a",): Cell(10, 5)}, {("a",): Cell(30, 9), ("b",): Cell(8, 8)}]
    usual = change.average(weeks)
    assert usual == {("a",): Cell(20, 7), ("b",): Cell(4, 4)}
    assert change.whole(usual, mean=True) == 22 / 48


# the periods


def span(start, end):
    return Window(instant(start, ZONE), instant(end, ZONE))


@pytest.mark.parametrize(
    ("way", "now", "then"),
    [
        ("previous", ("2026-11-17", "2026-11-24"), ("2026-11-10", "2026-11-17")),
        ("previous", ("2026-11-24", "2026-11-24 14:05"), ("2026-11-23", "2026-11-23 14:05")),
        ("previous", ("2026-11-23", "2026-11-24 14:05"), ("2026-11-21", "2026-11-22 14:05")),
        ("previous", ("2026-11-24 08:00", "2026-11-24 12:00"), ("2026-11-23 08:00", "2026-11-23 12:00")),
        ("previous", ("2026-11-01", "2026-12-01"), ("2026-10-01", "2026-11-01")),
        ("previous", ("2026-01-01", "2026-04-01"), ("2025-10-01", "2026-01-01")),
        ("year", ("2026-11-17", "2026-11-24"), ("2025-11-17", "2025-11-24")),
        ("year", ("2024-02-29", "2024-03-01"), ("2023-02-28", "2023-03-01")),
    ],
)
def test_a_period_is_held_against_the_one_before_it_or_of_the_year_before(way, now, then):
    assert against.periods(way, span(*now), ZONE) == (span(*then),)


def test_the_same_weekdays_are_those_of_eight_weeks():
    found = against.periods("weekdays", span("2026-11-24", "2026-11-25"), ZONE)
    assert (
        len(found) == 8
        and found[0] == span("2026-11-17", "2026-11-18")
        and found[7].start == instant("2026-09-29", ZONE)
    )
    with pytest.raises(ValueError, match="more than a week has no usual week"):
        against.periods("weekdays", span("2026-11-10", "2026-11-24"), ZONE)
    with pytest.raises(ValueError, match="known: previous, year, weekdays"):
        against.periods("before", span("2026-11-10", "2026-11-24"), ZONE)


def test_a_day_before_a_clock_change_begins_at_its_own_midnight():
    new_york = ZoneInfo("America/New_York")  # clocks go back on 1 November 2026
    now = Window(datetime(2026, 11, 2, 5, tzinfo=UTC), datetime(2026, 11, 3, 5, tzinfo=UTC))
    assert against.periods("previous", now, new_york) == (
        Window(datetime(2026, 11, 1, 4, tzinfo=UTC), datetime(2026, 11, 2, 5, tzinfo=UTC)),
    )
