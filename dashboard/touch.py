"""What a finished run, or a declared stage, touches: a panel's body, only its age, or nothing."""

from collections.abc import Iterable, Mapping
from typing import Any

from city.queries import Queries

#: A run names at most this many metrics; at that many, all of the source's are meant.
METRICS_NAMED = 50
#: The kinds of case and the observations behind a panel's metrics.
Asked = tuple[set[str | None], set[str]]


def asked(queries: Queries, panel: Any) -> Asked:
    """What is behind the metrics of ``panel``."""
    metrics = [queries.metric(name) for name in panel.metrics]
    return {metric.of for metric in metrics}, {name for metric in metrics for name in metric.observations}


def touched(kind: str, behind: Asked, sources: Iterable[str], notes: Iterable[Mapping[str, Any]]) -> str:
    """``body``, ``age`` or nothing: for a panel of ``kind`` that ``sources`` feed."""
    kinds, names = behind
    touch = ""
    for note in notes:
        if "kinds" not in note:  # no run: the log of the stages has grown
            if kind == "city_stage":
                return "body"
            continue
        brought = bool(kinds & set(note["kinds"]) or names & set(note["metrics"]))
        brought = brought or len(note["metrics"]) >= METRICS_NAMED
        if brought and note["changed"]:
            return "body"
        if brought or note["source"] in sources:
            touch = "age"
    return touch
