"""How far an agency may be from the city's rate by chance, against limits counted out case by case."""

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from city import funnel
from city.change import Cell, whole
from city.complained import LEVEL
from city.league import ranked


def limits(n, rate):
    """Those of 95 %."""
    return funnel.limits(n, rate, LEVEL)


def exact(n, rate, most):
    """The chance of ``most`` or fewer of ``n``, in fractions."""
    return sum(math.comb(n, k) * rate**k * (1 - rate) ** (n - k) for k in range(most + 1))


def test_the_limits_of_ten_cases_at_a_half_are_two_and_eight():
    # Of 1024 ways 11 have one or none (1.1 %), 56 have two or fewer (5.5 %).
    assert limits(10, 0.5) == (0.2, 0.8)


def test_five_cases_at_a_half_can_be_anything():
    assert limits(5, 0.5) == (0.0, 1.0)  # one in 32 is 3.1 %


@given(st.integers(1, 60), st.integers(1, 99))
def test_beyond_the_limits_lies_at_most_a_fortieth_on_each_side(n, percent):
    rate = Fraction(percent, 100)
    low, high = (round(share * n) for share in limits(n, float(rate)))
    tail = Fraction(1, 40)
    assert exact(n, rate, low - 1) <= tail + Fraction(1, 10**9) and exact(n, rate, low) > tail - Fraction(1, 10**9)
    assert 1 - exact(n, rate, high) <= tail + Fraction(1, 10**9)
    assert 1 - exact(n, rate, high - 1) > tail - Fraction(1, 10**9)


def test_a_rate_of_all_or_of_none_leaves_no_room():
    assert limits(7, 1.0) == (1.0, 1.0)
    assert limits(7, 0.0) == (0.0, 0.0)


def test_many_cases_have_narrow_limits_and_no_overflow():
    low, high = limits(20_000, 0.8)
    assert low == pytest.approx(0.7945, abs=0.0002)
    assert high == pytest.approx(0.8055, abs=0.0002)


def test_the_best_is_first_those_with_too_few_are_not_ranked_and_none_is_blamed_for_noise():
    counts = {"pupr": (20, 50), "dlh": (45, 50), "dinkes": (45, 50), "disdik": (1, 4), "setda": (3, 5), "bpbd": (0, 0)}
    cells = {(code,): Cell(n, good) for code, (good, n) in counts.items()}
    assert whole(cells, mean=True) == 114 / 159
    found = ranked(cells, "higher", level=LEVEL)
    assert [(one.name, one.verdict) for one in found] == [
        ("dinkes", "better"), ("dlh", "better"), ("setda", ""), ("pupr", "worse"), ("disdik", ""),
    ]  # fmt: skip
    assert [one.rank is not None for one in found] == [True] * 4 + [False]


def test_without_cases_there_is_no_rate():
    for cells in ({}, {("pupr",): Cell(0, 0)}):
        assert (whole(cells, mean=True), ranked(cells, "higher", level=LEVEL)) == (None, ())


def test_a_share_on_the_limit_is_within_it():
    assert limits(10, 0.5) == (0.2, 0.8)
    for good, verdicts in ((2, ["", ""]), (1, ["better", "worse"])):
        cells = {("a",): Cell(10, good), ("b",): Cell(10, 10 - good)}
        assert [one.verdict for one in ranked(cells, "higher", level=LEVEL)] == verdicts
