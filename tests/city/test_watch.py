"""A limit is passed late enough to be believed, left late enough to be over, and never left by silence."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from city import watch
from city.limits import Limit
from city.watch import Watched, step
from tests.builders import NOW

MINUTE = timedelta(minutes=1)
LIMIT = Limit.model_validate({"warn": 25, "breach": 40})


def limit(**how):
    return Limit.model_validate(how)


def walk(values, of=LIMIT, direction="lower", every=MINUTE, old=None):
    """The states after each value, a minute apart; None = it cannot be seen."""
    states = []
    for index, value in enumerate(values):
        old = step(value, of, direction, old, NOW + index * every)
        states.append(old)
    return states


def priorities(values, **how):
    return [state.priority for state in walk(values, **how)]


def test_a_limit_equalled_is_passed_and_a_breach_stands_before_a_warning():
    assert priorities([24, 25, 39.9, 40, 39, 24]) == [None, 3, 3, 2, 3, None]


def test_of_a_metric_where_higher_is_better_the_low_values_are_bad():
    assert priorities([0.9, 0.8, 0.7, 0.95], of=limit(warn=0.8, breach=0.7), direction="higher") == [None, 3, 2, None]


@pytest.mark.parametrize(
    ("how", "direction", "value", "priority"),
    [
        ({"breach": 0}, "lower", 0, 2),
        ({"warn": 0}, "higher", 1, None),
        ({"warn": 25, "breach": 100}, "neutral", 100, 2),
        ({"warn": 25, "breach": 100}, "neutral", 24.9, None),
    ],
)
def test_zero_is_a_limit_and_unless_higher_is_better_it_is_passed_upwards(how, direction, value, priority):
    assert priorities([value], of=limit(**how), direction=direction) == [priority]


def test_a_limit_with_a_breach_only_never_warns():
    assert priorities([39, 40, 39], of=limit(breach=40)) == [None, 2, None]


def test_within_the_deadband_a_passed_limit_stays_passed():
    # 5 below the first value, so 5 below the breach too.
    assert priorities([40, 36, 35, 21, 20, 21], of=limit(warn=25, breach=40, clear=20)) == [2, 2, 3, 3, None, None]


def test_a_limit_counts_only_after_its_delay_and_since_the_moment_it_was_passed():
    states = walk([41, 41, 41, 41], of=limit(breach=40, **{"for": "2m"}))
    assert [state.priority for state in states] == [None, None, 2, 2]
    assert states[3].passed[1].since == NOW


def test_a_peak_shorter_than_the_delay_is_no_breach_and_a_dip_is_no_end():
    assert priorities([41, 39, 41, 39], of=limit(breach=40, **{"for": "2m"})) == [None] * 4
    assert priorities([41, 41, 41, 39, 41, 39, 39, 39], of=limit(breach=40, **{"for": "2m"}))[2:] == [2] * 5 + [None]


def test_a_value_that_swings_between_warning_and_breach_still_warns():
    swinging = [26, 41] * 4
    assert priorities(swinging, of=limit(warn=25, breach=40, **{"for": "2m"})) == [None, None] + [3] * 6


def test_what_cannot_be_seen_keeps_its_breach_its_last_value_and_its_age():
    seen, blind, later = walk([41, None, None])
    assert (blind.priority, blind.value, blind.unseen, later.passed) == (2, 41, True, seen.passed)
    assert (later.seen_at, later.looked_at) == (NOW, NOW + 2 * MINUTE)


def test_a_delay_does_not_run_while_nothing_is_seen():
    slow = limit(breach=40, **{"for": "2m"})
    assert priorities([41, None, None, 41, 41, 41], of=slow) == [None, None, None, None, None, 2]


def test_a_metric_that_was_never_seen_has_no_value_and_no_breach():
    (state,) = walk([None])
    assert (state.value, state.seen_at, state.unseen, state.priority) == (None, None, True, None)


def test_a_limit_taken_out_of_the_settings_is_not_passed_any_more():
    (state,) = walk([41])
    assert step(41, limit(warn=50), "lower", state, NOW + MINUTE).priority is None


@pytest.mark.parametrize(
    ("how", "direction", "said"),
    [
        ({}, "lower", "needs `warn`, `breach` or both"),
        ({"warn": 40, "breach": 25}, "lower", "warn lies above breach"),
        ({"warn": 0.7, "breach": 0.8}, "higher", "warn lies below breach"),
        ({"warn": 25, "clear": 30}, "lower", "clear lies above"),
        ({"breach": 0.7, "clear": 0.6}, "higher", "clear lies below"),
    ],
)
def test_values_of_a_limit_that_contradict_each_other_are_told(how, direction, said):
    assert said in watch.flaw(limit(**how), direction)


def test_values_in_order_are_not_complained_of():
    assert watch.flaw(limit(warn=25, breach=40, clear=20), "lower") is None
    assert watch.flaw(limit(warn=0.8, breach=0.7, clear=0.85), "higher") is None


VALUES = st.lists(st.none() | st.integers(0, 60).map(float), max_size=40)
LIMITS = st.builds(
    lambda first, more, back, minutes: limit(
        warn=first, breach=first + more, clear=first - back, **{"for": f"{minutes}m" if minutes else "0s"}
    ),
    st.integers(10, 50), st.integers(0, 20), st.integers(0, 10), st.integers(0, 4),
)  # fmt: skip


def since(state):
    return state.passed and (state.passed[0], state.passed[1].since)


@given(VALUES, LIMITS)
def test_silence_never_changes_what_is_passed(values, of):
    before = None
    for state, value in zip(walk(values, of=of), values, strict=True):
        if value is None:
            assert state.unseen and since(state) == (since(before) if before else None)
        before = state


@given(VALUES, LIMITS)
def test_a_breach_is_always_a_warning_too_and_neither_is_older_than_its_cause(values, of):
    for index, state in enumerate(walk(values, of=of)):
        assert not state.breach.passed or state.warn.passed
        assert all(side.since <= NOW + index * MINUTE for side in (state.breach, state.warn))


@given(VALUES, LIMITS)
def test_every_change_was_asked_for_by_seen_values_for_as_long_as_the_delay(values, of):
    states = [Watched(looked_at=NOW), *walk(values, of=of)]
    for index, (old, new) in enumerate(zip(states, states[1:], strict=False)):
        if new.priority == old.priority:
            continue
        first = index - int(of.delay / MINUTE)
        asked = values[max(0, first) : index + 1]
        assert first >= 0 and None not in asked
        worse = (new.priority or 9) < (old.priority or 9)
        assert all(value >= of.warn for value in asked) if worse else all(value < of.breach for value in asked)


@given(VALUES, LIMITS, st.floats(0.1, 10))
def test_the_same_story_told_downwards_is_the_same_for_a_metric_where_higher_is_better(values, of, scale):
    mirrored = limit(warn=-of.warn, breach=-of.breach, clear=-of.clear, **{"for": of.delay})
    down = [None if value is None else -value for value in values]
    assert priorities(values, of=of) == priorities(down, of=mirrored, direction="higher")


def test_what_is_kept_comes_back_as_it_was(engine):
    states = {"beds": walk([None])[0], "late": walk([41, 41, 39, None], of=limit(warn=25, breach=40))[-1]}
    states["level"] = step(3, None, "lower", None, NOW, simulated=True)

    def run(sql, values):
        with engine.connect() as connection:
            return [
                dict(row) for row in connection.exec_driver_sql(sql.replace(":region", "%(region)s"), values).mappings()
            ]

    for kept in (states, {"late": walk([10])[0]}):
        with engine.begin() as connection:
            watch.save(connection, "15.71", kept)
            watch.save(connection, "94.71", {"other": walk([1])[0]})
        assert watch.standing(run, "15.71") == kept
