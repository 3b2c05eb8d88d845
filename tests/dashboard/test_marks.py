"""Marks and range bars: shape, digit and colour of a priority, and where a value sits on its line."""

import pytest

from dashboard import marks
from tests.dashboard.look import WORDS, classed, parts, text


def places(drawn) -> dict[str, str]:
    """The parts of a range bar and where they begin."""
    (bar,) = classed(drawn, "rb")
    return {part["type"]: part["props"]["style"]["left"] for part in bar["children"] or []}


def shape(drawn) -> dict:
    return next(part for part in parts(drawn) if part["props"].get("className") == "sh")


@pytest.mark.parametrize("priority", [1, 2, 3])
def test_a_priority_has_its_digit_its_colour_and_its_name(priority):
    drawn = marks.mark(priority, WORDS)
    (outer,) = classed(drawn, "mk")
    assert outer["className"].split() == ["mk", f"p{priority}", "o"] and text(drawn) == str(priority)
    assert outer["children"]["props"]["aria-label"] == f"Prioritas {priority}"


def test_a_solid_mark_has_no_outline_and_a_small_one_says_so():
    assert classed(marks.mark(2, WORDS, solid=True, small=True), "mk")[0]["className"] == "mk p2 sm"


def test_without_a_priority_the_mark_is_neutral_and_has_no_digit():
    drawn = marks.mark(None, WORDS)
    assert classed(drawn, "mk")[0]["className"] == "mk nt o sm" and text(drawn) == ""
    assert shape(drawn)["props"]["d"] == shape(marks.mark(2, WORDS))["props"]["d"]


def test_what_cannot_be_seen_has_a_question_mark_and_no_priority():
    drawn = marks.unseen(WORDS)
    assert (text(drawn), shape(drawn)["type"]) == ("?", "Circle")
    assert classed(drawn, "mk")[0]["className"] == "mk un o"


@pytest.mark.parametrize(("priority", "css"), [(None, ""), (1, "p1"), (2, "p2"), (3, "p3")])
def test_the_colour_class_of_no_priority_is_empty(priority, css):
    assert marks.css(priority) == css


# range bars


def test_a_band_is_a_block_with_room_on_both_sides_and_the_value_within():
    drawn = marks.range_bar(110, (100, 120))
    # Points 100 to 120, 60 % of 20 on both sides: 88 to 132.
    (bar,) = classed(drawn, "rb")
    assert bar["children"][0]["props"]["style"] == {"left": "27.3%", "right": "calc(100% - 72.7%)"}
    assert places(drawn)["Em"] == "50.0%"


def test_the_line_of_what_is_never_negative_does_not_go_below_zero():
    assert places(marks.range_bar(0, (2, 10)))["Em"] == "0.0%"
    assert places(marks.range_bar(-5, (-10, 0)))["Em"] == "50.0%", "what can be negative has room below"


@pytest.mark.parametrize(
    ("value", "at"), [(-3, "0.0%"), (0, "0.0%"), (3, "25.0%"), (12, "100.0%"), (15, "100.0%"), (1e15, "100.0%")]
)
def test_the_pointer_of_a_part_stays_on_its_line(value, at):
    assert places(marks.range_bar(value, None, whole=12)) == {"Em": at}


def test_a_band_wider_than_the_whole_ends_at_its_edges():
    (bar,) = classed(marks.range_bar(5, (-4, 40), whole=10), "rb")
    assert bar["children"][0]["props"]["style"] == {"left": "0.0%", "right": "calc(100% - 100.0%)"}


def test_an_unknown_value_has_no_pointer_but_its_band_and_target_stay():
    assert list(places(marks.range_bar(None, (100, 120), 110))) == ["B", "S"]


def test_a_target_alone_has_its_tick_halfway_from_zero_when_the_value_meets_it():
    # One point: 4 with half of it on both sides, 2 to 6.
    assert places(marks.range_bar(4, None, 4)) == {"S": "50.0%", "Em": "50.0%"}


def test_a_target_of_zero_met_exactly_still_has_a_line():
    assert places(marks.range_bar(0, None, 0)) == {"S": "0.0%", "Em": "0.0%"}


@pytest.mark.parametrize("whole", [None, 0])
def test_with_nothing_to_be_held_against_there_is_no_line(whole):
    (bar,) = classed(marks.range_bar(5, None, None, whole), "rb")
    assert bar["className"] == "rb none" and not bar.get("children")
