"""The catalogue: every number on a screen is a metric with one definition, here.

Measures are a closed vocabulary; a region combines them into metrics of its own in ``config.yaml``
(``metrics:``) without Python. Every kind of case gets the usual metrics under its plural name:
``complaints_open``, ``memos_on_time_ratio`` and so on.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from difflib import get_close_matches
from typing import Any

from city.config import Config, MetricConfig
from city.model import CASE_DIMENSIONS, OBSERVATION_DIMENSIONS
from city.texts import N_

#: Measures by how they take time: a flow counts over a window W, a state holds at a moment t.
FLOWS = {
    "opened": "cases whose opened_at lies in W",
    "closed": "cases whose closed_at lies in W",
    "on_time_ratio": "of the cases closed in W that have due_at: share with closed_at <= due_at",
    "rejected_ratio": "of the cases closed in W: share closed as rejected",
    "time_to_close": "quantile (linear interpolation) of closed_at - opened_at over the cases closed in W, in hours; "
    "negative values are kept and counted in extra.negative",
    "stage_time": "quantile (linear interpolation) of first(to_stage) - first(from_stage) over the cases that reached "
    "to_stage in W, in hours; 'opened' and 'closed' stand for opened_at and closed_at",
    "first_response": "quantile (linear interpolation) of the time from opened_at to the first event that is not "
    "'received', over the cases that had it in W, in hours",
    "reopened": "cases with an event in W that is not a closing and comes after a closing",
    "agencies_ratio": "share of the region's agencies that have a case which first reached to_stage in W",
}
STATES = {
    "open": "cases with opened_at <= t and (closed_at is null or closed_at > t)",
    "overdue": "cases open at t with due_at <= t",
    "due_soon": "cases open at t with t < due_at <= t + horizon",
    "oldest_open": "t - min(opened_at) over the cases open at t, in hours",
}
OBSERVED = {
    "latest": "the last value of each place (in W, or up to t and at most 7 days before the newest), added up; "
    "ratios and durations do not add up, of them it is the mean",
    "sum": "sum of the observations in W",
    "mean": "mean of the observations in W",
    "ratio": "numerator / denominator in W, each folded over time: a count with its sum, a gauge with its last values",
}
MEASURES: Mapping[str, str] = FLOWS | STATES | OBSERVED
QUANTILES = frozenset({"time_to_close", "stage_time", "first_response"})
RATIOS = frozenset({"on_time_ratio", "rejected_ratio", "ratio"})
#: Nothing there means none of them. Of every other measure it means unknown.
COUNTS = frozenset({"opened", "closed", "reopened", "open", "overdue", "due_soon"})
#: Below this many cases a share or a quantile says more about chance than about anybody's work.
FEW = 5
#: Of these a longer window has more, so that a target must say which one it is for.
GROWING = frozenset({"opened", "closed", "reopened", "sum"})

#: measure -> (unit, kind, direction, what it is called of a kind of case)
_USUAL: Mapping[str, tuple[str, str, str, str]] = {
    "opened": ("cases", "count", "neutral", N_("{kind} masuk")),
    "closed": ("cases", "count", "higher", N_("{kind} selesai")),
    "open": ("cases", "gauge", "lower", N_("{kind} terbuka")),
    "overdue": ("cases", "gauge", "lower", N_("{kind} lewat tenggat")),
    "due_soon": ("cases", "gauge", "lower", N_("{kind} akan jatuh tempo")),
    "on_time_ratio": ("ratio", "ratio", "higher", N_("{kind} selesai tepat waktu")),
    "time_to_close": ("hours", "duration", "lower", N_("Waktu penyelesaian {kind}")),
    "first_response": ("hours", "duration", "lower", N_("Tanggapan pertama {kind}")),
    "oldest_open": ("hours", "duration", "lower", N_("{kind} terlama terbuka")),
    "rejected_ratio": ("ratio", "ratio", "lower", N_("{kind} ditolak")),
    "reopened": ("cases", "count", "lower", N_("{kind} dibuka kembali")),
}
#: What a metric of the region's own is when its configuration does not say.
_OWN = {
    **{measure: usual[:3] for measure, usual in _USUAL.items()},
    "stage_time": ("hours", "duration", "lower"),
    "agencies_ratio": ("ratio", "ratio", "higher"),
    "ratio": ("ratio", "ratio", "neutral"),
    "sum": ("", "count", "neutral"),
}
#: The kinds that every region has metrics of, and how those of others begin.
KINDS = {
    "complaint": N_("Pengaduan"),
    "memo": N_("Nota dinas"),
    "permit": N_("Izin"),
    "call": N_("Panggilan"),
    "claim": N_("Klaim"),
}
_MORE_KINDS = {
    "quake": N_("Gempa"),
    "warning": N_("Peringatan"),
    "flood_report": N_("Laporan banjir"),
    "outage": N_("Gangguan"),
}


class UnknownMetric(LookupError):
    """No metric of that name; says the nearest."""


@dataclass(frozen=True)
class Metric:
    """One named number: how it is computed, in which unit, and what it means.

    ``words`` are what the title of a usual one is made of (see :func:`titled`).
    ``kind`` is gauge, count, ratio or duration; ``direction`` says which way is better. ``of`` is
    the kind of case it counts; a metric of observations has none.
    """

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
    words: tuple[str, str] | None = None

    @property
    def definition(self) -> str:
        """What exactly is counted, with its filters."""
        parts = [MEASURES[self.measure]]
        if self.measure in QUANTILES:
            parts.append(f"quantile {self.quantile:g}")
        if self.measure == "stage_time":
            parts.append(f"from {self.from_stage} to {self.to_stage}")
        if self.measure == "agencies_ratio":
            parts.append(f"to {self.to_stage}")
        if self.measure == "due_soon":
            parts.append(f"horizon {self.horizon.total_seconds() / 3600:g} h")
        parts += [f"{name} = {value}" for name, value in self.where.items()]
        subject = self.of or self.observation or f"{self.numerator} / {self.denominator}"
        return f"{subject}: " + "; ".join(parts)

    @property
    def is_total(self) -> bool:
        """Whether it only grows when more districts or facilities are seen: of a part it is a lower bound."""
        return self.measure in COUNTS | {"sum", "latest"} and self.kind not in ("ratio", "duration")

    @property
    def observations(self) -> tuple[str, ...]:
        """The observations it is made of; none when it counts cases."""
        names = (self.numerator, self.denominator) if self.measure == "ratio" else (self.observation,)
        return tuple(name for name in names if name)


def catalogue(config: Config) -> dict[str, Metric]:
    """Every metric of the region by name: the usual ones of each kind of case, then the region's own."""
    kinds = dict.fromkeys([*KINDS, *(source.kind for source in config.sources.values() if source.kind)])
    found = {metric.name: metric for kind in kinds for metric in _of_kind(kind)}
    return found | {name: _own(name, spec) for name, spec in config.metrics.items()}


def _of_kind(kind: str) -> Iterator[Metric]:
    title = (KINDS | _MORE_KINDS).get(kind, kind.replace("_", " ").capitalize())
    for measure, (unit, sort, direction, words) in _USUAL.items():
        called = titled(words, title)
        yield Metric(f"{kind}s_{measure}", measure, called, unit, sort, direction, of=kind, words=(words, title))


def titled(pattern: str, kind: str) -> str:
    """What a measure of a kind is called: ``Open {kind}`` of ``Complaints``: ``Open complaints``."""
    text = pattern.format(kind=kind[:1].lower() + kind[1:])
    return text[:1].upper() + text[1:]


def _own(name: str, spec: MetricConfig) -> Metric:
    parts = spec.model_dump(exclude={"case_kind", "title", "owner", "changes"})
    for key, value in zip(("unit", "kind", "direction"), _OWN.get(spec.measure, ()), strict=False):
        if key not in spec.model_fields_set:
            parts[key] = value
    if spec.measure in OBSERVED and spec.measure != "ratio":
        parts["observation"] = spec.observation or name
    return Metric(name=name, of=spec.case_kind, title=spec.title or name.replace("_", " ").capitalize(), **parts)


def flaw(spec: MetricConfig) -> str | None:
    """What a metric of the region's own lacks, if anything, beside a known measure."""
    known = OBSERVATION_DIMENSIONS if spec.measure in OBSERVED else CASE_DIMENSIONS
    for name in spec.where:
        if name not in known:
            return f"unknown dimension '{name}' in `where`; known: {', '.join(known)}"
    if spec.measure in OBSERVED:
        if spec.case_kind:
            return f"'{spec.measure}' is a measure of observations: leave `of` out"
        if spec.measure == "ratio" and not (spec.numerator and spec.denominator):
            return "'ratio' needs `numerator` and `denominator`, each the name of an observation"
        return None
    if spec.case_kind is None:
        return f"'{spec.measure}' counts cases: say which with `of`, e.g. of: complaint"
    if spec.measure == "stage_time" and not (spec.from_stage and spec.to_stage):
        return "'stage_time' needs `from_stage` and `to_stage`"
    if spec.measure == "agencies_ratio" and not spec.to_stage:
        return "'agencies_ratio' needs `to_stage`: what an agency's case must reach"
    return None


def find(known: Mapping[str, Metric], name: str) -> Metric:
    """The metric called ``name``; UnknownMetric with the nearest name otherwise."""
    if name in known:
        return known[name]
    close = get_close_matches(name, known, 1)
    hint = f" Did you mean '{close[0]}'?" if close else ""
    raise UnknownMetric(f"unknown metric '{name}'.{hint}")
