"""What became of the promises: how many cases were solved, rejected and reopened, which were late, what is overdue.

Closed is not solved: a rejected case is closed, and a reopened one was; each is counted by itself. Every figure is
that of a metric of the catalogue, so that it is the same here as on a wall.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, NamedTuple

from city import standing
from city.queries import Queries
from city.times import Window


class Kept(NamedTuple):
    """One group. In the window: ``opened``; ``solved`` + ``rejected`` = the closed; ``reopened``.

    ``promised``: of the closed those with a promise, ``late`` of them were closed after it. At its end: ``overdue``
    and ``due_soon``. ``breached`` = late + overdue: promises that were not kept, closed or not.
    """

    group: tuple[str | None, ...]
    opened: int
    solved: int
    rejected: int
    reopened: int
    promised: int
    late: int
    overdue: int
    due_soon: int

    @property
    def breached(self) -> int:
        """Promises not kept: closed too late in the window, or open beyond them at its end."""
        return self.late + self.overdue


def kept(
    queries: Queries, kind: str, by: Sequence[str], span: Window, *, where: Mapping[str, Any] | None = None
) -> tuple[Kept, ...]:
    """Every group of a kind, the one with the most breached promises first; UnknownMetric for no such kind."""

    def figures(measure: str) -> dict[tuple[Any, ...], tuple[float, int]]:
        rows = queries.measure(f"{kind}s_{measure}", by=by, window=span, where=where).rows
        return {tuple(row[dim] for dim in by): (row["value"] or 0, row["n"]) for row in rows}

    names = ("opened", "closed", "rejected_ratio", "reopened", "on_time_ratio", "overdue", "due_soon")
    found = {name: figures(name) for name in names}
    groups = dict.fromkeys(group for answer in found.values() for group in answer)
    made = [_kept(group, {name: answer.get(group, (0, 0)) for name, answer in found.items()}) for group in groups]
    return tuple(sorted(made, key=lambda one: (-one.breached, *map(str, one.group))))


#: How long past its promise a case is: under a day, to three, to a week, to thirty days, and longer.
EDGES = tuple(timedelta(days=days) for days in (1, 3, 7, 30))


def overdue_ages(queries: Queries, kind: str, where: Mapping[str, Any] | None = None) -> tuple[int, ...]:
    """How many cases are overdue now, by the bands that :data:`EDGES` part; their sum is what is overdue."""
    return tuple(row["value"] for row in standing.ages(queries, f"{kind}s_overdue", EDGES, where).rows)


def _kept(group: tuple[Any, ...], figures: Mapping[str, tuple[float, int]]) -> Kept:
    counts = {name: round(value) for name, (value, _) in figures.items()}
    (rejected, closed), (on_time, promised) = figures["rejected_ratio"], figures["on_time_ratio"]
    rejections = round(rejected * closed)
    return Kept(
        group, counts["opened"], counts["closed"] - rejections, rejections, counts["reopened"], promised,
        promised - round(on_time * promised), counts["overdue"], counts["due_soon"],
    )  # fmt: skip
