"""The catalogue: every number on a screen is a metric with one definition, here.

Measures are a closed vocabulary; a region combines them into metrics of its own in ``config.yaml``
(`metrics:`) without Python. Every kind of case gets the usual metrics under its plural name.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from difflib import get_close_matches
from typing import Any

from city.config import Config

#: Measures by how they take time: a flow counts over a window, a state holds at a moment.
FLOWS = {
    "opened": "cases whose opened_at lies in the window",
    "closed": "cases whose closed_at lies in the window",
    "on_time_ratio": "of the cases closed in the window that have due_at: share with closed_at <= due_at",
    "rejected_ratio": "of the cases closed in the window: share closed as rejected",
    "time_to_close": "quantile (linear interpolation) of closed_at - opened_at over cases closed in the window, in "
    "hours; negative values are kept and counted in extra.negative",
    "stage_time": "quantile of first(to_stage) - first(from_stage) over cases that reached to_stage in the "
    "window, in hours",
    "first_response": "quantile of the time from opened_at to the first event that is not 'received', over cases that "
    "had it in the window, in hours",
    "reopened": "cases with an event that is not a closing after a closing, that event lying in the window",
}
STATES = {
    "open": "opened_at <= t and (closed_at is null or closed_at > t)",
    "overdue": "open at t and due_at <= t",
    "due_soon": "open at t and t < due_at <= t + horizon",
    "oldest_open": "t - min(opened_at) over the cases open at t, in hours",
}
OBSERVED = {
    "latest": "last value of each place at or before t and not older than the source's expiry, added up",
    "sum": "sum of the observations in the window",
    "mean": "mean of the observations in the window",
    "ratio": "sum of the numerator's observations divided by the sum of the denominator's in the window",
}
MEASURES = FLOWS | STATES | OBSERVED
QUANTILES = frozenset({"time_to_close", "stage_time", "first_response"})
RATIOS = frozenset({"on_time_ratio", "rejected_ratio", "ratio"})

#: measure -> (unit, kind, direction, Indonesian title)
_USUAL: Mapping[str, tuple[str, str, str, str]] = {
    "opened": ("cases", "count", "neutral", "masuk"),
    "closed": ("cases", "count", "higher", "selesai"),
    "open": ("cases", "gauge", "lower", "terbuka"),
    "overdue": ("cases", "gauge", "lower", "lewat tenggat"),
    "due_soon": ("cases", "gauge", "lower", "akan jatuh tempo"),
    "on_time_ratio": ("ratio", "ratio", "higher", "selesai tepat waktu"),
    "time_to_close": ("hours", "duration", "lower", "waktu penyelesaian"),
    "first_response": ("hours", "duration", "lower", "tanggapan pertama"),
    "oldest_open": ("hours", "duration", "lower", "terlama terbuka"),
    "rejected_ratio": ("ratio", "ratio", "lower", "ditolak"),
    "reopened": ("cases", "count", "lower", "dibuka kembali"),
}
KINDS = {"complaint": "Pengaduan", "memo": "Nota dinas", "permit": "Izin", "call": "Panggilan", "claim": "Klaim"}


class UnknownMetric(LookupError):
    """No metric of that name; says the nearest."""


@dataclass(frozen=True)
class Metric:
    """One named number: how it is computed, in which unit, and what it means."""

    name: str
    measure: str
    title: str
    unit: str
    kind: str
    direction: str
    help: str = ""
    of: str | None = None
    observation: str | None = None
    where: Mapping[str, Any] = field(default_factory=dict)
    quantile: float = 0.5
    horizon: timedelta = timedelta(hours=4)
    from_stage: str | None = None
    to_stage: str | None = None
    numerator: str | None = None
    denominator: str | None = None

    @property
    def definition(self) -> str:
        """What exactly is counted, with its filters."""
        parts = [MEASURES[self.measure]]
        if self.measure == "stage_time":
            parts.append(f"from {self.from_stage} to {self.to_stage}")
        if self.measure == "due_soon":
            parts.append(f"horizon {self.horizon.total_seconds() / 3600:g} h")
        parts += [f"{key} = {value}" for key, value in self.where.items()]
        return f"{self.of or self.observation or self.numerator}: " + "; ".join(parts)


def catalogue(config: Config) -> dict[str, Metric]:
    """Every metric of the region by name: the usual ones of each kind, then the region's own."""
    kinds = dict.fromkeys([*KINDS, *(source.kind for source in config.sources.values() if source.kind)])
    found = {metric.name: metric for kind in kinds for metric in _of_kind(kind)}
    for name, own in config.metrics.items():
        parts = own.model_dump(exclude={"case_kind", "title"})
        found[name] = Metric(name=name, of=own.case_kind, title=own.title or name.replace("_", " "), **parts)
    return found


def _of_kind(kind: str) -> Iterable[Metric]:
    title = KINDS.get(kind, kind.replace("_", " ").capitalize())
    for measure, (unit, sort, direction, words) in _USUAL.items():
        yield Metric(f"{kind}s_{measure}", measure, f"{title} {words}", unit, sort, direction, of=kind)


def find(known: Mapping[str, Metric], name: str) -> Metric:
    """The metric called ``name``; UnknownMetric with the nearest name otherwise."""
    if name in known:
        return known[name]
    close = get_close_matches(name, known, 1)
    hint = f" Did you mean '{close[0]}'?" if close else ""
    raise UnknownMetric(f"unknown metric '{name}'.{hint}")
