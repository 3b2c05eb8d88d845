"""Whatever is wrong with a scorecard is told with its line, its path and the nearest valid name."""

import pytest

from tests.city.test_settings_mistakes import SHIPPED, told

GOALS = """region:
  {code: "1", name: Kota, timezone: Asia/Jakarta, agencies: [{code: dinkes, name: Dinkes}]}
sources:
  desk: {collector: csv_file, kind: memo, args: {path: memos.csv, kind: memo, fields: {key: id, opened_at: at}}}
metrics:
  patients: {measure: sum, direction: lower}
  waiting: {measure: mean, unit: minutes}
scorecard:
  goals:
    - {metric: memos_on_time_ratio, field: Nota, owner: dinkes, targets: [{from: 2026-01-01, value: 0.9}]}
"""
AT = "config.yaml:11: scorecard.goals.1"


def also(tmp_path, goal):
    return told(tmp_path, f"{GOALS}    - {goal}\n")


def test_the_scorecard_of_these_tests_is_in_order(tmp_path):
    assert told(tmp_path, GOALS) == []


@pytest.mark.parametrize(
    ("goal", "message"),
    [
        ("{metric: memos_on_time_rato, field: N, targets: [{from: 2026-01-01, value: 0.9}]}",
         f"{AT}.metric: unknown metric. Did you mean 'memos_on_time_ratio'?"),
        ("{metric: memos_overdue, field: N, owner: dinkess, targets: [{from: 2026-01-01, value: 9}]}",
         f"{AT}.owner: unknown agency 'dinkess'. Did you mean 'dinkes'?"),
        ("{metric: memos_overdue, where: {distrik: a}, field: N, targets: [{from: 2026-01-01, value: 9}]}",
         f"{AT}.where.distrik: unknown dimension. Did you mean 'district'?"),
        ("{metric: memos_overdue, field: N, target: [{from: 2026-01-01, value: 9}]}",
         f"{AT}.target: unknown setting. Did you mean 'targets'?"),
        ("{metric: memos_overdue, field: N, targets: [{form: 2026-01-01, value: 9}]}",
         f"{AT}.targets.0.form: unknown setting. Did you mean 'from'?"),
        ("{metric: memos_overdue, field: N, targets: []}", f"{AT}: targets: write at least one"),
        ("{metric: memos_overdue, field: N, targets: [{from: 2026-01-01, value: 0}]}",
         f"{AT}.targets.0.value: Input should be greater than 0"),
        ("{metric: memos_overdue, field: N, weight: -1, targets: [{from: 2026-01-01, value: 9}]}",
         f"{AT}.weight: Input should be greater than 0"),
        ("{metric: memos_overdue, field: N, targets: [{from: 2026-02-01, value: 9}, {from: 2026-01-01, value: 8}]}",
         f"{AT}: targets: each must be in force from a later day"),
        ("{metric: memos_on_time_ratio, where: {agency: dinkes}, field: N, targets: [{from: 2026-01-01, value: 90}]}",
         f"{AT}.targets.0.value: a share lies between 0 and 1: write 0.85 for 85 %"),
        ("{metric: patients, field: N, targets: [{from: 2026-01-01, value: 9}]}",
         f"{AT}: 'patients' grows with its period: say which one the target is for, e.g. per: week"),
        ("{metric: memos_overdue, field: N, per: week, targets: [{from: 2026-01-01, value: 9}]}",
         f"{AT}.per: 'memos_overdue' does not grow with its period"),
        ("{metric: waiting, field: N, targets: [{from: 2026-01-01, value: 9}]}",
         f"{AT}.metric: 'waiting' has no better or worse: give it a `direction` under metrics"),
        ("{metric: memos_on_time_ratio, field: N, targets: [{from: 2026-01-01, value: 0.8}]}",
         f"{AT}: the same metric as goals.0, filtered alike: it would count twice"),
    ],
)  # fmt: skip
def test_one_mistake_is_one_line_that_says_where(tmp_path, goal, message):
    found = also(tmp_path, goal)
    if "unknown setting" in message:
        found = [
            text for text in found if not text.endswith("targets: is missing") and not text.endswith("from: is missing")
        ]
    assert [text[: len(message)] for text in found] == [message]


def test_the_shipped_scorecard_has_goals_in_every_field_of_the_city():
    assert SHIPPED.count("\n    - {metric: ") >= 15
