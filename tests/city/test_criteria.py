"""Rules over metrics: true, false, or not to be told; and what a region may not write."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from city.criteria import Bound, can_hold, flaws, fulfilled, holds, metrics, plainly, propose, rule
from tests.city.test_settings_mistakes import REGION, SOURCES, told

RIVER = {"river": {"at_least": 1437}}
LATE = {"late": {"at_least": 40}}


@pytest.mark.parametrize(
    ("raw", "values", "held"),
    [
        (RIVER, {"river": 1437}, True),
        (RIVER, {"river": 1436.9}, False),
        (RIVER, {"river": None}, None),
        (RIVER, {}, None),
        ({"beds": {"at_most": 10}}, {"beds": 10}, True),
        ({"any": [RIVER, LATE]}, {"river": 1500, "late": None}, True),
        ({"any": [RIVER, LATE]}, {"river": 1000, "late": None}, None),
        ({"all": [RIVER, LATE]}, {"river": 1000, "late": None}, False),
        ({"all": [RIVER, LATE]}, {"river": 1500, "late": None}, None),
        ({"all": [RIVER, {"any": [LATE, {"beds": {"at_most": 10}}]}]}, {"river": 1500, "late": 3, "beds": 4}, True),
    ],
)
def test_a_rule_holds_or_not_or_cannot_be_told(raw, values, held):
    assert holds(rule(raw), plainly(values)) is held


def test_a_rule_says_which_metrics_it_asks_and_why_it_holds():
    one = rule({"any": [RIVER, {"all": [LATE, {"beds": {"at_most": 10}}]}]})
    assert metrics(one) == ("river", "late", "beds")
    assert fulfilled(one, plainly({"river": 1500, "late": 3, "beds": None})) == (Bound("river", at_least=1437),)


BOUNDS = st.builds(lambda name, low: {name: {"at_least": low}}, st.sampled_from("abc"), st.integers(0, 9))
RULES = st.recursive(
    BOUNDS,
    lambda inner: st.dictionaries(st.sampled_from(["any", "all"]), st.lists(inner, min_size=1), min_size=1, max_size=1),
    max_leaves=6,
)
VALUES = st.fixed_dictionaries({name: st.none() | st.integers(0, 9) for name in "abc"})


@given(RULES, VALUES, st.fixed_dictionaries({name: st.integers(0, 9) for name in "abc"}))
def test_what_is_told_without_seeing_all_stays_true_once_all_is_seen(raw, values, hidden):
    one = rule(raw)
    if (held := holds(one, plainly(values))) is not None:
        all_seen = {name: hidden[name] if value is None else value for name, value in values.items()}
        assert holds(one, plainly(all_seen)) is held
    assert can_hold(one, dict.fromkeys("abc", (0, 9)))


def test_a_rule_that_no_value_fulfils_cannot_hold():
    assert not can_hold(rule({"all": [RIVER, {"river": {"at_most": 900}}]}), {})
    assert not can_hold(rule({"late": {"at_least": 5, "at_most": 4}}), {})
    assert not can_hold(rule({"share": {"at_least": 1.5}}), {"share": (0, 1)})
    assert can_hold(rule({"any": [{"share": {"at_least": 1.5}}, RIVER]}), {"share": (0, 1)})


STAGES = [None, rule({"river": {"at_least": 10}}), rule({"river": {"at_least": 20}}), rule({"rain": {"at_least": 5}})]


@pytest.mark.parametrize(
    ("values", "previous", "stage", "blind"),
    [
        ({"river": 3, "rain": 0}, None, 1, ()),
        ({"river": 12, "rain": 0}, 1, 2, ()),
        ({"river": 25, "rain": 0}, 1, 3, ()),
        ({"river": 12, "rain": 7}, 1, 4, ()),
        ({"river": 3, "rain": 0}, 3, 1, ()),
        # Silence lowers nothing that it cannot deny, and raises nothing.
        ({"river": None, "rain": 0}, 3, 3, (2, 3)),
        ({"river": None, "rain": 0}, 4, 3, (2, 3)),
        ({"river": None, "rain": None}, 1, 1, (2, 3, 4)),
        ({"river": 12, "rain": None}, 1, 2, (4,)),
        ({"river": None, "rain": 7}, 1, 4, ()),
        ({"river": None, "rain": 0}, None, None, (2, 3)),
        ({"river": 12, "rain": None}, None, 2, (4,)),
    ],
)
def test_the_rules_propose_the_highest_stage_that_holds_and_silence_never_lowers_it(values, previous, stage, blind):
    found = propose(STAGES, plainly(values), previous)
    assert (found.stage, found.unseen) == (stage, blind)


def test_stages_without_rules_propose_nothing():
    assert propose([None, None], plainly({}), 2) is None and propose([], plainly({}), None) is None


@pytest.mark.parametrize(
    ("when", "said"),
    [
        ("{complaint_overdue: {at_least: 40}}", "unknown metric. Did you mean 'complaints_overdue'?"),
        ("{any: [{memos_open: {at_least: 4}}, {memo_open: {at_least: 4}}]}", "stages.1.when.any.1.memo_open"),
        ("{any: []}", "needs a list of rules"),
        ("{}", "a rule is one of"),
        ("{memos_open: {at_least: 4}, memos_overdue: {at_least: 4}}", "several side by side need `all` or `any`"),
        ("{memos_open: {}}", "say from when on"),
        ("{memos_open: {atleast: 4}}", "Did you mean 'at_least'?"),
        ("{memos_open: {at_least: many}}", "must be a number"),
        ("{memos_open: {at_most: -1}}", "can never hold"),
        ("{memos_on_time_ratio: {at_least: 90}}", "can never hold"),
        ("{all: [{memos_open: {at_least: 9}}, {memos_open: {at_most: 8}}]}", "can never hold"),
        ("{level: {at_least: 3000}}", "can never hold"),
    ],
)
def test_a_rule_that_means_nothing_is_told_with_its_place(tmp_path, when, said):
    text = f"""{REGION}{SOURCES}
metrics: {{level: {{measure: latest, where: {{place: Pos}}}}}}
plausibility: {{level: {{min: 0, max: 2500}}}}
stages:
  - {{word: Normal}}
  - {{word: Waspada, when: {when}}}
"""
    found = told(tmp_path, text)
    assert len(found) == 1 and said in found[0] and "config.yaml:12" in found[0], found


def test_the_first_stage_has_no_rule_and_there_are_five_at_most(tmp_path):
    rules = "stages: [{word: Normal, when: {memos_open: {at_least: 1}}}]"
    assert "leave `when` out" in told(tmp_path, REGION + SOURCES + rules)[0]
    assert "stages" in told(tmp_path, REGION + SOURCES + "stages: [" + "{word: A}," * 6 + "]")[0]


def test_a_limit_whose_values_contradict_each_other_is_told_with_its_line(tmp_path):
    (found,) = told(tmp_path, REGION + SOURCES + "limits:\n  memos_overdue: {warn: 9, breach: 4}\n")
    assert "limits.memos_overdue" in found and "warn lies above breach" in found


PARTS = st.none() | st.booleans() | st.integers() | st.text(max_size=3)
NAMES = st.sampled_from(["any", "all", "late", "at_least"])


@given(st.recursive(PARTS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=2)))
def test_whatever_stands_there_is_a_rule_or_is_complained_of(raw):
    if not list(flaws(raw, (), {"late": None})):
        assert metrics(rule(raw)) == ("late",)
