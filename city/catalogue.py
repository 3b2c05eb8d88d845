"""The metrics of a region with all it takes to quote one: definition, sources with their age, owner, changes."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from city.metrics import MEASURES, OBSERVED, Metric
from city.model import CASE_DIMENSIONS, OBSERVATION_DIMENSIONS
from city.queries import Queries
from city.question import Question, Row, Run
from city.sources import SourceState
from city.times import Window

_DELIVERED = "select source, sort, name from delivered where region = :region"


class Entry(NamedTuple):
    """A metric, the sources that feed it, who answers for it, and since when it was counted otherwise."""

    metric: Metric
    sources: tuple[SourceState, ...]
    owner: str
    changes: tuple[tuple[date, str], ...]

    @property
    def dimensions(self) -> tuple[str, ...]:
        """What it is split and filtered by."""
        return dimensions(self.metric)


class Statement(NamedTuple):
    """One statement behind a number, with the values of its parameters."""

    sql: str
    values: dict[str, Any]


def dimensions(metric: Metric) -> tuple[str, ...]:
    """What a metric is split and filtered by."""
    return OBSERVATION_DIMENSIONS if metric.measure in OBSERVED else CASE_DIMENSIONS


def read(queries: Queries, names: list[str] | None = None) -> list[Entry]:
    """All metrics, or those called ``names``, in the order of the catalogue: two statements, however many there are."""
    states = {state.name: state for state in queries.source_states()}
    given = queries.standing(lambda run, region: {tuple(row.values()) for row in run(_DELIVERED, {"region": region})})
    wanted = [queries.metric(name) for name in names] if names is not None else queries.metrics.values()
    return [_entry(queries, metric, states, given) for metric in wanted]


def _entry(queries: Queries, metric: Metric, states: Mapping[str, SourceState], given: set[Any]) -> Entry:
    config = queries.config
    fed = [("kind", metric.of)] if metric.of else [("metric", name) for name in metric.observations]
    found = tuple(
        state for name, state in states.items()
        if (metric.of and config.sources[name].kind == metric.of) or any((name, *one) in given for one in fed)
    )  # fmt: skip
    spec = config.metrics.get(metric.name)
    owners = dict.fromkeys(config.sources[state.name].owner or "" for state in found)
    owner = (spec.owner if spec else "") or ", ".join(filter(None, owners))
    return Entry(metric, found, owner, tuple(sorted(spec.changes.items(), reverse=True)) if spec else ())


def behind(
    queries: Queries, name: str, window: Window | None = None, where: Mapping[str, Any] | None = None
) -> tuple[Any, list[Statement]]:
    """The value of a metric, and the statements that gave it, as they ran. Reading, statements."""
    ran: list[Statement] = []

    def answer(ask: Question, run: Run) -> list[Row]:
        def recorded(sql: str, values: Mapping[str, Any]) -> list[Row]:
            used = {key: value for key, value in values.items() if re.search(rf":{key}\b", sql)}
            ran.append(Statement(sql, used))
            return run(sql, values)

        return ask.rows(recorded)

    return queries.answered(name, answer, window=window, where=where), ran


def as_json(entry: Entry) -> dict[str, Any]:
    """Stable JSON of an entry; docs/data-api.md explains each field."""
    metric = entry.metric
    return {
        "name": metric.name, "title": metric.title, "unit": metric.unit, "kind": metric.kind,
        "direction": metric.direction, "measure": metric.measure, "of": metric.of, "help": metric.help,
        "definition": metric.definition, "formula": MEASURES[metric.measure], "where": dict(metric.where),
        "dimensions": list(entry.dimensions), "owner": entry.owner,
        "changes": [{"on": day.isoformat(), "what": text} for day, text in entry.changes],
        "sources": [
            {"name": one.name, "title": one.title, "attribution": one.attribution, "simulated": one.simulated,
             "as_of": one.last_ok_at.isoformat() if one.last_ok_at else None,
             "stale_after_s": one.stale_after.total_seconds()}
            for one in entry.sources
        ],
    }  # fmt: skip
