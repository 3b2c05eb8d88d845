"""Why a number changed, asked of a real database: counts, shares, durations, states and observations by hand."""

from datetime import timedelta
from math import fsum

import pytest

from city import against, cells, why
from city.change import Cell
from city.model import Case, Observation
from city.times import Window, instant
from tests.city.test_queries import DAY, HOUR, NOW, ZONE, City, complaint

TODAY = instant("2026-11-24", ZONE)
NOW_IN = Window(TODAY - 7 * DAY, TODAY)
(THEN_IN,) = against.periods("previous", NOW_IN, ZONE)


@pytest.fixture
def city(engine):
    return City(engine)


def closed(start, count, hours, *, agency="pupr", due_hours=48, **more) -> list[Case]:
    """``count`` complaints closed on the day after ``start`` after so many hours."""
    at = start + DAY
    key = f"{start:%d}-{agency}-{more}-{hours}"
    return [
        complaint(f"{key}-{number}", at - hours * HOUR, closed_at=at, due_at=at + (due_hours - hours) * HOUR,
                  agency=agency, **more)
        for number in range(count)
    ]  # fmt: skip


def ask(city, name, *splits, then=(THEN_IN,), **more):
    return why.why(city.queries, name, splits or [("agency",)], NOW_IN, then, **more)


def changes(found, by=("agency",)):
    return {part.group: pytest.approx(part.change) for part in found.splits[by].everything}


def test_a_count_is_taken_apart_by_every_dimension_and_each_adds_up(city):
    city.saves(*closed(THEN_IN.start, 20, 5, category="jalan"), *closed(NOW_IN.start, 26, 5, category="jalan"))
    city.saves(*closed(THEN_IN.start, 9, 5, agency="dlh", category="sampah"))
    found = ask(city, "complaints_closed", ("agency",), ("category", "district"))
    assert (found.then, found.now, found.was, found.came) == (29, 26, 29, 26)
    assert changes(found) == {("pupr",): 6, ("dlh",): -9}
    assert changes(found, ("category", "district")) == {("jalan", None): 6, ("sampah", None): -9}


def test_a_share_is_taken_apart_into_mix_and_rate(city):
    # pupr 10 of 20 on time, then 20 of 20; dlh 10 of 10, then gone: 20/30 -> 20/20.
    city.saves(*closed(THEN_IN.start, 10, 5), *closed(THEN_IN.start, 10, 60), *closed(NOW_IN.start, 20, 5))
    city.saves(*closed(THEN_IN.start, 10, 5, agency="dlh"))
    found = ask(city, "complaints_on_time_ratio")
    assert (found.then, found.now) == (pytest.approx(2 / 3), 1)
    parts = {part.group[0]: part for part in found.splits["agency",].parts}
    middle = (2 / 3 + 1) / 2
    assert parts["pupr"].rate == pytest.approx((2 / 3 + 1) / 2 * 0.5)
    assert parts["pupr"].mix == pytest.approx(1 / 3 * (0.75 - middle))
    assert (parts["dlh"].mix, parts["dlh"].rate) == (pytest.approx(-1 / 3 * (1 - middle)), 0)
    assert fsum(part.change for part in parts.values()) == pytest.approx(1 / 3)


@pytest.mark.parametrize("name", ["complaints_time_to_close"])
def test_of_a_median_the_share_beyond_the_median_before_is_taken_apart(city, name):
    city.saves(*closed(THEN_IN.start, 5, 10), *closed(THEN_IN.start, 1, 20), *closed(THEN_IN.start, 5, 30))
    city.saves(*closed(NOW_IN.start, 2, 20), *closed(NOW_IN.start, 6, 21, agency="dlh"))
    found = ask(city, name)
    assert (found.sort, found.beyond, found.then, found.now) == ("beyond", 20, 20, 21)
    assert (found.was, found.came) == (pytest.approx(5 / 11), 6 / 8)
    assert fsum(part.change for part in found.splits["agency",].everything) == pytest.approx(6 / 8 - 5 / 11)


def test_a_state_is_held_against_the_state_at_the_end_of_the_other_period(city):
    city.saves(*(complaint(number, THEN_IN.start, agency="pupr") for number in range(6)))
    city.saves(*(complaint(number, NOW_IN.start, agency="dlh") for number in range(6, 13)))
    found = ask(city, "complaints_open")
    assert (found.then, found.now, changes(found)) == (6, 13, {("dlh",): 7, ("pupr",): 0})


def observed(metric, at, value, place):
    return Observation(metric=metric, at=at, value=value, place=place)


def test_observations_add_up_by_place_and_a_ratio_weighs_by_its_denominator(city):
    for at, rsud, bratanata in ((THEN_IN.start, 10, 2), (NOW_IN.start, 4, 20)):
        city.saves(observed("beds", at, 100, "rsud"), observed("beds", at, 25, "bratanata"), source="siranap")
        city.saves(
            observed("beds_used", at, rsud, "rsud"), observed("beds_used", at, bratanata, "bratanata"), source="siranap"
        )
    found = ask(city, "beds", ("place",))
    assert (found.then, found.now, changes(found, ("place",))) == (125, 125, {("rsud",): 0, ("bratanata",): 0})
    ratio = ask(city, "beds_used_ratio", ("place",))
    assert cells.read(city.queries, "beds_used_ratio", ["place"], NOW_IN) == {
        ("rsud",): Cell(100, 4), ("bratanata",): Cell(25, 20)
    }  # fmt: skip
    assert (ratio.was, ratio.came) == (12 / 125, 24 / 125) == (ratio.then, ratio.now)
    assert {part.group[0]: part.rate for part in ratio.splits["place",].parts} == {
        "rsud": pytest.approx(0.8 * -0.06), "bratanata": pytest.approx(0.2 * 0.72)
    }  # fmt: skip


def test_a_group_whose_numerator_never_came_is_left_out_of_a_ratio(city):
    city.saves(observed("beds", NOW_IN.start, 100, "rsud"), observed("beds", NOW_IN.start, 25, "siloam"))
    city.saves(observed("beds_used", NOW_IN.start, 50, "rsud"))
    assert cells.read(city.queries, "beds_used_ratio", ["place"], NOW_IN) == {("rsud",): Cell(100, 50)}


def test_a_week_is_held_against_the_usual_week_with_its_band(city):
    weeks = against.periods("weekdays", NOW_IN, ZONE)
    for number, week in enumerate(weeks):
        city.saves(*closed(week.start, 10 + number, 5))
    city.saves(*closed(NOW_IN.start, 40, 5))
    first_opened = weeks[-1].start  # the eighth week is whole: its first case began in it
    city.saves(complaint("first", first_opened))
    found = ask(city, "complaints_closed", then=weeks)
    assert (found.then, found.now, len(found.then_in)) == (13.5, 40, 8)
    assert found.band == (pytest.approx(10.7), pytest.approx(16.3))
    assert changes(found) == {("pupr",): 26.5}


def test_a_young_city_has_no_usual_week_and_says_where_its_history_begins(city):
    city.saves(*closed(NOW_IN.start, 9, 5))
    with pytest.raises(ValueError, match="0 weeks of history are too few"):
        ask(city, "complaints_closed", then=against.periods("weekdays", NOW_IN, ZONE))
    found = ask(city, "complaints_closed")
    assert (found.then, found.now, found.splits) == (None, 9, {})  # nobody counted then: that is not none
    assert found.since == NOW_IN.start + DAY - 5 * HOUR


def test_what_is_not_known_before_is_not_taken_apart(city):
    city.saves(*closed(NOW_IN.start, 9, 5))
    for name in ("complaints_on_time_ratio", "complaints_time_to_close"):
        found = ask(city, name)
        assert (found.then, found.was) == (None, None) and found.now is not None
        assert not any(split.everything for split in found.splits.values())


def test_the_oldest_case_has_no_parts_and_an_unknown_dimension_is_told(city):
    with pytest.raises(ValueError, match="the age of one case, the oldest: it has no parts"):
        ask(city, "complaints_oldest_open")
    with pytest.raises(ValueError, match="unknown dimension 'opd'"):
        ask(city, "complaints_open", ("opd",))


def test_the_reopened_and_the_first_response_have_parts_too(city):
    city.saves(*closed(THEN_IN.start, 6, 5), *closed(NOW_IN.start, 6, 5))
    assert ask(city, "complaints_reopened").was == 0
    assert ask(city, "complaints_first_response").was is None
    assert NOW - NOW_IN.end < timedelta(days=1)
