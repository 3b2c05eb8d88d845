"""One state of a limit: what it is about, the bounds of rules that rest on it, and who may not take it for theirs."""

from datetime import timedelta

import pytest

from city import criteria, judging, watch
from city.judging import Aim, Judged, Subject
from city.limits import Limit
from city.metrics import catalogue
from city.queries import Queries
from tests.builders import NOW, clock, config
from tests.city.test_settings_mistakes import REGION, SOURCES, told

LEVEL = {"level": {"measure": "latest", "direction": "lower"}, "beds": {"measure": "latest", "direction": "higher"}}
LIMITS = {"level": {"warn": 10, "breach": 20, "clear": 8, "for": "2m"}}


def city(*rules, limits=LIMITS):
    stages = [{"word": "Normal"}, *({"word": f"T{at}", "when": rule} for at, rule in enumerate(rules))]
    return config(metrics=LEVEL, limits=limits, stages=stages)


def walk(made, *values):
    """What the rule of stage 2 is told after each value of ``level``, a minute apart."""
    known, states, held = catalogue(made), {}, []
    for minute, value in enumerate(values):
        now = NOW + timedelta(minutes=minute)
        states = {one.name: watch.step(value, one.limit, one.direction, states.get(one.name), now)
                  for one in judging.subjects(made, known)}  # fmt: skip
        held.append(criteria.holds(criteria.rules(made)[1], judging.told(made, known, states)))
    return held, states


def test_a_limit_is_about_a_metric_or_about_each_of_its_groups():
    known = catalogue(city())
    assert judging.aim("complaints_open", known) == Aim("complaints_open")
    assert judging.aim("complaints_open_per_agency", known) == Aim("complaints_open", "agency")
    assert judging.aim("level_per_status", known) is None, "an observation has no status"
    assert judging.aim("complaint_open_per_agency", known) is judging.aim("x_per_", known) is None


def test_a_bound_at_a_value_of_the_limit_is_the_limit_itself_with_its_delay():
    made = city({"level": {"at_least": 10}})
    held, states = walk(made, 12, 12, 12, 9, 9, 7, 7, 7)
    assert held == [False, False, True, True, True, True, True, False]
    assert list(states) == ["level"], "there is nothing else to keep"
    assert [judging.told(made, catalogue(made), {})(criteria.Bound("level", at_least=10))] == [None]


def test_a_bound_at_another_value_has_the_delay_and_the_deadband_of_the_limit():
    held, states = walk(city({"level": {"at_least": 30}}), 31, 31, 31, 29, 29, 29, 28, 28, 28)
    assert held == [False, False, True, True, True, True, True, True, False]
    assert states["level>=30.0"].breach and states["level"].priority == 2


def test_a_bound_against_the_direction_of_the_metric_is_judged_by_itself():
    held, states = walk(city({"level": {"at_most": 20}}), 25, 19, 19, 19)
    assert held == [False, False, False, True] and "level<=20.0" in states


def test_a_bound_of_a_metric_without_a_limit_holds_at_once_and_ends_at_once():
    assert walk(city({"beds": {"at_most": 5}}, limits={}), 6, 5, 6)[0] == [False, True, False]


def test_a_rule_whose_metric_cannot_be_seen_is_neither_true_nor_false():
    assert walk(city({"level": {"at_least": 10}}), 12, None, None)[0] == [False, None, None]


def test_two_bounds_that_ask_the_same_are_judged_once():
    made = city({"level": {"at_least": 30}}, {"all": [{"level": {"at_least": 30}}, {"beds": {"at_most": 5}}]})
    names = [one.name for one in judging.subjects(made, catalogue(made)) if isinstance(one, Subject)]
    assert names == ["level", "beds", "level>=30.0", "beds<=5.0"]


@pytest.fixture
def queries(engine):
    limits = {"complaints_overdue": {"breach": 2}, "complaints_opened": {"warn": 9, "window": "7d"},
              "complaints_open_per_agency": {"warn": 2}}  # fmt: skip
    made = config(limits=limits)
    states = {name: watch.step(99, limit, "lower", None, NOW) for name, limit in made.limits.items()}
    states["complaints_open_per_agency:pupr"] = states["complaints_open_per_agency:"] = states.pop(
        "complaints_open_per_agency"
    )
    with engine.begin() as connection:
        watch.save(connection, "15.71", states)
    return Queries(engine, made, clock())


def test_a_panel_takes_the_state_only_of_the_very_thing_that_the_limit_is_about(queries):
    def stands(name, **how):
        return judging.judged(queries, name, **how).priority()

    assert stands("complaints_overdue") == stands("complaints_overdue", window="30d") == 2, "a state holds now"
    assert stands("complaints_overdue", where={"agency": "pupr"}) is None
    assert stands("complaints_opened", window="7d") == 3 and stands("complaints_opened", window="today") is None
    assert stands("complaints_open") is None


def test_groups_are_told_apart_and_what_has_no_group_is_one_of_them(queries):
    found = judging.judged(queries, "complaints_open", by="agency")
    assert [found.priority(group) for group in ("pupr", None, "dlh")] == [3, 3, None]
    assert found.worst(["dlh", None]) == 3 and found.worst(["dlh"]) is None


def test_a_value_waits_only_until_it_counts_and_not_while_nothing_is_seen():
    limit = Limit.model_validate({"warn": 10, "for": "2m"})
    states = []
    for minute, value in enumerate((12, 12, 12, None)):
        at = NOW + timedelta(minutes=minute)
        states.append(watch.step(value, limit, "lower", states[-1] if states else None, at))
    assert [Judged(limit, {None: state}).waits() for state in states] == [True, True, False, False]
    assert [Judged(limit, {None: state}).priority() for state in states] == [None, None, 3, None]


@pytest.mark.parametrize(
    ("limit", "said"),
    [
        ("memos_open_per_agency: {warn: 9}", None),
        ("memos_opened: {warn: 9, window: 7d}", None),
        ("memos_open_per_agncy: {warn: 9}", "unknown dimension 'agncy'. Did you mean 'agency'?"),
        ("memo_open_per_agency: {warn: 9}", "unknown metric 'memo_open'. Did you mean 'memos_open'?"),
        ("memos_open_per_agency: {warn: 9, breach: 4}", "warn lies above breach"),
        ("memos_open: {warn: 9, window: 7d}", "holds at a moment: it has no window"),
        ("memos_opened: {warn: 9, window: week}", "is not a window"),
    ],
)
def test_check_takes_limits_of_groups_and_tells_what_is_wrong_with_one(tmp_path, limit, said):
    found = told(tmp_path, f"{REGION}{SOURCES}limits:\n  {limit}\n")
    assert len(found) == bool(said) and (not said or (said in found[0] and "config.yaml:8" in found[0])), found
