"""The cells of a metric in a period: per group how many and how much, so that the whole is made of them.

Which whole that is depends on the measure (:func:`sort`): an amount adds up, a ratio or a mean is a mean of its
cells. A quantile is neither: a median of medians is nobody's median. Of it the share of cases that took longer
than a given time is read instead, which is a mean.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

from city import measures
from city.change import Cell, Cells
from city.metrics import QUANTILES, Metric
from city.queries import Queries
from city.question import Question, Row, Run
from city.times import Window

Sort = Literal["amount", "mean", "beyond"]
_MEANS = frozenset({"on_time_ratio", "rejected_ratio", "ratio", "mean"})


def sort(metric: Metric) -> Sort:
    """How the groups of a metric make its whole; ValueError for one that has no parts."""
    if metric.measure == "oldest_open":
        raise ValueError(f"{metric.name} is the age of one case, the oldest: it has no parts")
    if metric.measure == "agencies_ratio":
        raise ValueError(
            f"{metric.name} counts agencies, not cases: it has no parts; `run.py silent` names who is quiet"
        )
    if metric.measure in QUANTILES:
        return "beyond"
    averaged = metric.measure == "latest" and metric.kind in ("ratio", "duration")
    return "mean" if metric.measure in _MEANS or averaged else "amount"


def read(
    queries: Queries, name: str, by: Sequence[str], span: Window, *,
    where: Mapping[str, Any] | None = None, beyond: float | None = None,
) -> Cells:  # fmt: skip
    """The cells of a metric over ``span``, a state at its end. ``beyond``: the time in hours, of a quantile.

    A group whose ratio is not known (its numerator never came) is left out.
    """
    kind = sort(queries.metric(name))

    def answer(ask: Question, run: Run) -> list[Row]:
        if kind == "beyond":
            return run(measures.longer(ask.metric, ask.by, list(ask.where)), ask.parameters(beyond=beyond))
        return _shares(ask, run) if ask.metric.measure == "ratio" else ask.rows(run)

    rows = queries.answered(name, answer, by=by, window=span, where=where).rows
    known = [row for row in rows if row["n"] and row["value"] is not None]
    return {tuple(row[dim] for dim in by): Cell(row["n"], _total(row, kind)) for row in known}


def _total(row: Row, kind: Sort) -> float:
    return row["value"] * row["n"] if kind == "mean" else float(row["value"])


def _shares(ask: Question, run: Run) -> list[Row]:
    """A ratio of observations with its denominator as ``n``: that is what its groups weigh."""
    above, below = (
        {tuple(row[dim] for dim in ask.by): row["value"] for row in _folded(ask, name).rows(run) if row["n"]}
        for name in ask.metric.observations
    )
    return [
        dict(zip(ask.by, group, strict=True)) | {"value": above[group] / size, "n": size, "extra": 0}
        for group, size in below.items()
        if size and above.get(group) is not None
    ]


def _folded(ask: Question, observation: str) -> Question:
    """One side of a ratio as a metric of its own, folded over time as the ratio folds it."""
    fold = "sum" if ask.folds.get(observation) == "count" else "latest"
    side = replace(ask.metric, measure=fold, kind="gauge", observation=observation, numerator=None, denominator=None)
    return replace(ask, metric=side)
