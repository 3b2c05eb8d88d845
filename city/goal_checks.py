"""Mistakes of ``scorecard`` in the settings that only show beside the rest of them: metrics, agencies, units."""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from city.goals import Goal
from city.metrics import GROWING, OBSERVED, Metric
from city.model import CASE_DIMENSIONS, OBSERVATION_DIMENSIONS
from city.yaml_lines import Where, nearest

Found = Iterator[tuple[Where, str]]


def check(data: Mapping[str, Any], known: Mapping[str, Metric | None]) -> Found:
    """Every mistake of the goals; ``known`` are the metrics by name, None for one that is wrong by itself."""
    card = data.get("scorecard")
    goals = card.get("goals") if isinstance(card, dict) else None
    seen: dict[Any, int] = {}
    for index, raw in enumerate(goals if isinstance(goals, list) else ()):
        at: Where = ("scorecard", "goals", index)
        try:
            goal = Goal.model_validate(raw)
        except ValidationError:
            continue  # told already, by the check of the whole
        if goal.metric not in known:
            yield (*at, "metric"), "unknown metric" + nearest(goal.metric, known)
        elif metric := known[goal.metric]:
            yield from _goal(goal, metric, at)
        yield from _owner(goal, data, at)
        if (first := seen.setdefault(goal.key, index)) != index:
            yield at, f"the same metric as goals.{first}, filtered alike: it would count twice"


def _goal(goal: Goal, metric: Metric, at: Where) -> Found:
    if metric.direction == "neutral":
        yield (*at, "metric"), f"'{metric.name}' has no better or worse: give it a `direction` under metrics"
    dimensions = OBSERVATION_DIMENSIONS if metric.measure in OBSERVED else CASE_DIMENSIONS
    for name in goal.where:
        if name not in dimensions:
            yield (*at, "where", name), "unknown dimension" + nearest(name, dimensions)
    if metric.measure in GROWING and goal.per is None:
        yield at, f"'{metric.name}' grows with its period: say which one the target is for, e.g. per: week"
    if metric.measure not in GROWING and goal.per is not None:
        yield (
            (*at, "per"),
            f"'{metric.name}' does not grow with its period: its target holds in every one, leave it out",
        )
    for number, target in enumerate(goal.targets):
        if metric.unit == "ratio" and target.value > 1:
            yield (*at, "targets", number, "value"), "a share lies between 0 and 1: write 0.85 for 85 %"


def _owner(goal: Goal, data: Mapping[str, Any], at: Where) -> Found:
    region = data.get("region")
    agencies = region.get("agencies") if isinstance(region, dict) else None
    codes = [one["code"] for one in agencies or () if isinstance(one, dict) and isinstance(one.get("code"), str)]
    if goal.owner is not None and goal.owner not in codes:
        yield (*at, "owner"), f"unknown agency '{goal.owner}'" + nearest(goal.owner, codes)
