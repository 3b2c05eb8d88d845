"""The index of satisfaction, worked out by hand: nine elements, a ninth each, two decimals before grading."""

from decimal import Decimal
from fractions import Fraction

import pytest

from city.ikm import ELEMENTS, Ikm, grade, ikm, mean


def test_the_best_answers_give_a_hundred_and_the_worst_a_quarter():
    # With the weight rounded to 0.11, as many offices have it, all fours would give 99.
    assert ikm([4] * 9) == Ikm(Decimal("100.00"), "A")
    assert ikm([1] * 9) == Ikm(Decimal("25.00"), "D")


def test_an_index_is_the_mean_of_the_nine_elements_times_25():
    # Sum 31.5, mean 3.5: 87.50.
    assert ikm([3.25, 3.5, 3.75, 3.5, 3.5, 3.25, 3.75, 3.5, 3.5]) == Ikm(Decimal("87.50"), "B")
    # Sum 32, mean 32/9: 88.888... is 88.89.
    assert ikm([4, 4, 4, 4, 4, 3, 3, 3, 3]) == Ikm(Decimal("88.89"), "A")


@pytest.mark.parametrize(
    ("index", "letter"),
    [
        ("25.00", "D"), ("64.99", "D"), ("64.994", "D"), ("64.995", "C"), ("65.00", "C"), ("76.60", "C"),
        ("76.604", "C"), ("76.605", "B"), ("76.61", "B"), ("88.30", "B"), ("88.304", "B"), ("88.305", "A"),
        ("88.31", "A"), ("100.00", "A"),
    ],
)  # fmt: skip
def test_an_index_has_two_decimals_before_it_is_graded(index, letter):
    assert grade(Decimal(index)) == letter


def test_half_of_a_cent_is_rounded_up_and_decided_exactly():
    # 9 * 2.5998 / 9 * 25 = 64.995 exactly: 65.00, a C.
    assert ikm([Fraction(25998, 10000)] * 9) == Ikm(Decimal("65.00"), "C")
    assert ikm([Fraction(259979, 100000)] * 9) == Ikm(Decimal("64.99"), "D")


def test_the_mean_of_an_element_counts_every_answer():
    assert mean([1, 2, 3, 4]) == 3  # (1 + 4 + 9 + 16) / 10
    assert ikm([mean([0, 0, 1, 3])] * 9) == Ikm(Decimal("93.75"), "A")  # 15 / 4


@pytest.mark.parametrize("means", [[4] * 8, [], [4] * 8 + [4.01], [4] * 8 + [0.99], [4] * 8 + [float("nan")]])
def test_what_is_no_survey_has_no_index(means):
    with pytest.raises(ValueError, match="elements|between 1 and 4"):
        ikm(means)


def test_an_element_that_nobody_answered_has_no_mean():
    for answers in ([0, 0, 0, 0], [1, 2, 3], [1, -1, 0, 0]):
        with pytest.raises(ValueError, match="counts"):
            mean(answers)


def test_the_elements_are_the_nine_of_the_regulation():
    assert len(set(ELEMENTS)) == 9
