"""The score of the city, worked out by hand; the six defects of Boston's CityScore cannot come back."""

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from city.goals import Goal, Target
from city.metrics import Metric
from city.periods import Period, before, row
from city.scorecard import Line, Value, Why, achievement, card, score, shown

WEEK = Period("week", date(2026, 11, 16), date(2026, 11, 22))
CAP = Fraction(125)


def line(name, values, target=1.0, *, weight=1.0, direction="higher", field="Pengaduan", targets=None, cap=CAP):
    """A goal over as many weeks as there are values (numbers, or Values), the last of them the week of the test."""
    goal = Goal(metric=name, field=field, weight=weight, targets=(Target(since=date(2025, 1, 1), value=target),))
    metric = Metric(name, "on_time_ratio", name, "ratio", "ratio", direction, of="complaint")
    values = [value if isinstance(value, Value) else Value(value, 10) for value in values]
    weeks = row(WEEK, len(values))
    return Line(goal, metric, weeks, values, targets or [target] * len(values), cap)


def test_the_score_is_the_mean_of_achievements_by_weight():
    # 3 x 80 + 1 x 120 = 360, by 4: 90.
    made = card([line("a", [0.8], weight=3), line("b", [1.2])])
    assert made.score == 90
    assert card([line("a", [0.5], 0.5), line("b", [3.0], 3.0)]).score == 100  # every target met


def test_defect_1_0_991_is_never_shown_as_1():
    made = card([line("a", [0.991])])
    assert made.score == Fraction("99.1")
    assert shown(made.score) == 99.1
    assert shown(Fraction("99.96")) == 99.9
    assert shown(Fraction("99.6"), 0) == 99
    assert shown(Fraction(100)) == 100
    assert shown(Fraction("100.04")) == 100
    assert shown(Fraction("95.96")) == 96


def test_defect_2_and_3_a_value_of_another_week_is_not_scored_as_this_ones():
    made = card([line("a", [0.5, Value(None, 0)]), line("b", [1.0, 1.0])])
    assert made.score == 100
    assert [(one.goal.metric, one.why) for one in made.uncounted] == [("a", Why.EMPTY)]
    assert made.previous == 75
    assert not made.like_for_like


def test_defect_4_one_rare_event_cannot_dominate():
    made = card([line("a", [50.0]), line("b", [0.8])])
    assert made.lines[0].achievement == 125
    assert made.score == Fraction("102.5")
    assert card([line("a", [50.0], cap=Fraction(110))]).score == 110


def test_defect_5_the_mean_is_weighted():
    assert card([line("a", [1.0], weight=9), line("b", [0.5], weight=1)]).score == 95


def test_defect_6_none_at_all_is_the_best_there_can_be_where_lower_is_better():
    assert achievement(0, 5, "lower", CAP) == 125
    assert achievement(5, 5, "lower", CAP) == 100
    assert achievement(10, 5, "lower", CAP) == 50
    assert achievement(-3, 5, "lower", CAP) == 125
    assert achievement(0, 5, "higher", CAP) == 0
    assert achievement(-3, 5, "higher", CAP) == 0


def test_what_is_not_known_is_left_out_and_named_and_never_zero():
    stale = Value(0.1, 40, Why.STALE)
    made = card([line("a", [0.9], weight=3), line("b", [stale]), line("c", [Value(None, 0, Why.NEVER)])])
    assert made.score == 90
    assert [(one.goal.metric, one.why) for one in made.uncounted] == [("b", Why.STALE), ("c", Why.NEVER)]
    assert made.coverage == Fraction(3, 5)
    assert made.contribution(made.lines[1]) is None


def test_nothing_known_is_no_score():
    made = card([line("a", [Value(None, 0)])])
    assert (made.score, made.previous, made.change, made.coverage) == (None, None, None, 0)
    assert made.best == made.worst == []
    assert made.fields == {"Pengaduan": None}


def test_a_new_target_does_not_rewrite_the_past():
    goal = Goal(
        metric="a", field="f",
        targets=(Target(since=date(2026, 1, 1), value=0.8), Target(since=date(2026, 11, 20), value=0.9)),
    )  # fmt: skip
    assert goal.target(WEEK.last) == 0.9
    assert goal.target(before(WEEK).last) == 0.8
    assert goal.target(date(2025, 12, 31)) is None
    made = card([line("a", [0.8, 0.9], targets=[0.8, 0.9])])
    assert (made.previous, made.score) == (100, 100)


def test_a_period_before_the_first_target_is_not_scored():
    made = card([line("a", [0.8], targets=[None]), line("b", [0.7])])
    assert made.lines[0].why is Why.UNSET
    assert made.score == 70


def test_change_is_that_of_the_actual_and_knows_which_way_is_better():
    assert line("a", [0.5, 0.75]).change == 0.25
    assert line("a", [0.5, 0.75]).better is True
    assert line("a", [50.0, 55.0], direction="lower").better is False
    assert line("a", [0.5, 0.5]).better is None
    assert line("a", [Value(0.1, 9, Why.STALE), 0.75]).change is None
    assert line("a", [0.5]).change is None


def test_five_are_named_at_each_end_and_none_at_both():
    made = card([line(f"m{number:02}", [number / 10]) for number in range(1, 13)])
    assert [one.goal.metric for one in made.worst] == ["m01", "m02", "m03", "m04", "m05"]
    assert [one.goal.metric for one in made.best] == ["m12", "m11", "m10", "m09", "m08"]
    few = card([line(name, [actual]) for name, actual in [("a", 0.1), ("b", 0.2), ("c", 0.3)]])
    assert [one.goal.metric for one in few.worst] == ["a", "b"]
    assert [one.goal.metric for one in few.best] == ["c"]


finite = st.floats(0.001, 1000)
lines = st.lists(
    st.builds(
        lambda name, actual, target, weight, lower, field: line(
            name, [actual], target, weight=weight, direction="lower" if lower else "higher", field=field
        ),
        st.text("ab", min_size=1), st.one_of(st.just(Value(None, 0)), st.floats(0, 1000)), finite, finite,
        st.booleans(), st.sampled_from(["x", "y", "z"]),
    ),
    min_size=1, max_size=12,
)  # fmt: skip


@given(lines)
def test_contributions_of_metrics_and_of_fields_add_up_to_the_score_exactly(found):
    made = card(found)
    parts = [part for one in made.lines if (part := made.contribution(one)) is not None]
    if made.score is None:
        assert not parts
        return
    assert sum(parts) == made.score - 100
    assert sum(part or 0 for part in made.fields.values()) == made.score - 100
    assert 0 <= made.score <= 125


@given(st.fractions(0, 125))
def test_what_is_shown_is_within_a_tenth_and_never_more_than_was_reached(exact):
    assert abs(shown(exact) - exact) <= Fraction(1, 10)
    assert not (exact < 100 and shown(exact) >= 100)


def test_a_score_of_no_parts_is_none():
    assert score([]) is None
    with pytest.raises(ValueError, match="without goals"):
        card([])
