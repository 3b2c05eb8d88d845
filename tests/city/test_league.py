"""The league: limits computed by hand, and nobody named different for noise."""

from fractions import Fraction
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from city import funnel, league
from city.change import Cell
from city.funnel import limits
from tests.city.test_queries import City
from tests.city.test_why import NOW_IN, closed, observed


@pytest.fixture
def city(engine):
    return City(engine)


# limits


def test_the_limits_of_ten_tosses_by_hand():
    # Of 1024: at most 1 in 11, at most 2 in 56. 2.5 % are 25.6 of 1024, so 1 of 10 is out and 2 of 10 is not.
    assert limits(10, 0.5, 0.95) == (0.2, 0.8)
    # 0.1 % are 1.024 of 1024: none of 10 has 1 of 1024 and is out, 1 of 10 is not.
    assert limits(10, 0.5, 0.998) == (0.1, 0.9)


def test_the_limits_of_five_cases_in_a_city_of_four_fifths_by_hand():
    # Of 3125: none 1, one 20, two 160, so at most 0, 1, 2: 1, 21, 181. 2.5 % are 78.1: one of 5 is out.
    assert limits(5, 0.8, 0.95) == (0.4, 1.0)
    assert limits(5, 0.8, 0.998) == (0.2, 1.0)  # 0.1 % are 3.1: none of 5 is out, one of 5 is not


def test_a_city_where_everything_is_on_time_explains_nothing_else():
    assert limits(7, 1.0) == (1, 1) and limits(7, 0.0) == (0, 0)
    with pytest.raises(ValueError, match="at least one case"):
        limits(0, 0.5)


@given(st.integers(1, 80), st.integers(0, 50), st.integers(0, 80))
def test_a_tail_is_the_exact_sum_of_its_terms(n, hundredths, k):
    rate = Fraction(2 * hundredths, 100)
    terms = [comb(n, count) * rate**count * (1 - rate) ** (n - count) for count in range(min(k, n) + 1)]
    assert funnel.below(k, n, float(rate)) == pytest.approx(float(sum(terms)), abs=1e-12)


@given(st.integers(1, 60), st.integers(1, 99), st.sampled_from([0.95, 0.998]))
def test_a_unit_like_the_city_is_named_different_no_more_often_than_the_level_says(n, hundredths, level):
    rate = Fraction(hundredths, 100)
    low, high = limits(n, float(rate), level)
    outside = [count for count in range(n + 1) if not low - 1e-12 <= count / n <= high + 1e-12]
    assert (
        float(sum(comb(n, count) * rate**count * (1 - rate) ** (n - count) for count in outside)) <= 1 - level + 1e-12
    )


def test_large_units_have_narrow_limits_near_three_standard_deviations():
    low, high = limits(1_000_000, 0.3)
    assert (0.3 - low, high - 0.3) == (
        pytest.approx(3.09 * 0.000458, rel=0.01),
        pytest.approx(3.09 * 0.000458, rel=0.01),
    )


# units


def units(found, direction="higher", **more):
    made = league.ranked({(name,): Cell(*cell) for name, cell in found.items()}, direction, **more)
    return [(unit.name, unit.rank, unit.verdict) for unit in made]


def test_a_small_unit_with_the_worst_share_is_not_shamed_and_a_large_one_slightly_below_is_named():
    found = {"large": (2_000, 1_540), "small": (6, 3), "tiny": (4, 0), "city": (8_000, 6_600)}
    assert units(found) == [("city", 1, ""), ("large", 2, "worse"), ("small", 3, ""), ("tiny", None, "")]


def test_the_direction_says_who_is_best_and_a_neutral_metric_names_no_better():
    found = {"a": (1_000, 100), "b": (1_000, 300)}
    assert units(found, "lower") == [("a", 1, "better"), ("b", 2, "worse")]
    assert units(found, "neutral") == [("b", 1, "above"), ("a", 2, "below")]


def test_equal_shares_have_the_same_place():
    assert [rank for _, rank, _ in units({"a": (10, 5), "b": (20, 10), "c": (10, 2)})] == [1, 1, 3]


def test_what_is_no_count_out_of_counts_has_no_limits():
    for cell in ((10, 11), (10.5, 3), (10, -1)):
        with pytest.raises(ValueError, match="no counts out of counts"):
            units({"a": cell})


# asked of a database


def test_the_league_of_a_share_by_agency(city):
    city.saves(*closed(NOW_IN.start, 60, 5, agency="pupr"), *closed(NOW_IN.start, 3, 60, agency="pupr"))
    city.saves(*closed(NOW_IN.start, 10, 5, agency="dlh"), *closed(NOW_IN.start, 20, 60, agency="dlh"))
    city.saves(*closed(NOW_IN.start, 4, 60, agency="dishub"))
    found = league.read(city.queries, "complaints_on_time_ratio", "agency", NOW_IN)
    assert (found.value, found.rate) == (pytest.approx(70 / 97), pytest.approx(70 / 97))
    assert [(unit.name, unit.n, unit.rank, unit.verdict) for unit in found.units] == [
        ("pupr", 63, 1, "better"), ("dlh", 30, 2, "worse"), ("dishub", 4, None, ""),
    ]  # fmt: skip
    assert [unit.name for unit in found.different] == ["pupr", "dlh"]


def test_the_league_of_a_duration_is_about_the_share_slower_than_the_median_of_the_city(city):
    for hours, pupr, dlh in ((10, 28, 2), (20, 1, 1), (30, 2, 28)):
        city.saves(*closed(NOW_IN.start, pupr, hours), *closed(NOW_IN.start, dlh, hours, agency="dlh"))
    found = league.read(city.queries, "complaints_time_to_close", "agency", NOW_IN)
    assert (found.value, found.beyond, found.rate) == (20, 20, 30 / 62)
    assert [(unit.name, unit.value, unit.share, unit.verdict) for unit in found.units] == [
        ("pupr", 10, 2 / 31, "better"), ("dlh", 30, 28 / 31, "worse"),
    ]  # fmt: skip


def test_a_city_without_cases_has_an_empty_league(city):
    for name in ("complaints_time_to_close", "complaints_on_time_ratio"):
        assert league.read(city.queries, name, "agency", NOW_IN).units == ()


def test_counts_and_means_of_readings_have_no_league_and_a_ratio_of_counts_has(city):
    for name, reason in (("complaints_opened", "number of people"), ("wait_mean", "mean of readings"),
                         ("wait", "mean of readings"), ("complaints_oldest_open", "no parts")):  # fmt: skip
        with pytest.raises(ValueError, match=reason):
            league.read(city.queries, name, "place", NOW_IN)
    for place, used in (("rsud", 90), ("bratanata", 30)):
        city.saves(observed("beds", NOW_IN.start, 100, place), observed("beds_used", NOW_IN.start, used, place))
    found = league.read(city.queries, "beds_used_ratio", "place", NOW_IN)
    assert [(unit.name, unit.verdict) for unit in found.units] == [("rsud", "above"), ("bratanata", "below")]
