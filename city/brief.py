"""The daily brief, read: what a leader must know of yesterday in a minute, each number with the age of its data.

One structure; how it is said (text, HTML, PDF; Indonesian or English) is the dashboard's. What is not known is named
with its reason and never told as zero.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from statistics import quantiles
from typing import Any

from city import against, scorecard_reading, silence, sources, why
from city.brief_settings import BriefSettings
from city.change import Part
from city.config import Config
from city.freshness import state
from city.metrics import FEW, GROWING, QUANTILES, RATIOS, STATES, Metric
from city.model import State
from city.periods import Period, last_complete
from city.queries import USUAL_WEEKS, Queries
from city.scorecard import Card, Line, Why
from city.silence import Silent
from city.sources import SourceState
from city.times import Window

#: What is told of a kind of case unless the settings name metrics.
_USUALLY = ("opened", "closed", "open", "overdue")
#: How many agencies, changes and reasons are told: it is one page.
LATE, CHANGES, REASONS = 5, 2, 2
#: An earlier moment than this is the past: of it nobody knows how the sources were doing.
_NOW = timedelta(minutes=5)


@dataclass(frozen=True)
class Figure:
    """A number of yesterday. ``band``: the usual one of this weekday; ``why`` is set where it does not hold.

    ``as_of``: the moment that its data describe (None: never collected), ``sources``: where they come from.
    """

    metric: Metric
    value: float | None
    n: int
    band: tuple[float, float] | None
    why: Why | None
    as_of: datetime | None
    sources: tuple[str, ...] = ()


@dataclass(frozen=True)
class Late:
    """An agency with overdue cases: how many of each kind, the largest sum first."""

    agency: str | None
    overdue: Mapping[str, int]


@dataclass(frozen=True)
class Changed:
    """A line of the scorecard that moved the score by ``points``; ``by`` and ``parts``: what had most to do with it.

    ``share``: the parts are shares; ``beyond``: of a quantile, the share of cases that took longer than these hours.
    """

    line: Line
    points: Fraction
    by: str | None = None
    parts: tuple[Part, ...] = ()
    share: bool = False
    beyond: float | None = None


@dataclass(frozen=True)
class Brief:
    """The brief of a day, read at ``at``. ``card`` None: no scorecard; ``away`` None: not known of the past."""

    region: str
    day: date
    at: datetime
    simulated: bool
    card: Card | None
    figures: tuple[Figure, ...]
    late: tuple[Late, ...]
    late_as_of: Mapping[str, datetime | None]
    silent: tuple[tuple[str, tuple[Silent, ...]], ...]
    changed: tuple[Changed, ...]
    away: tuple[tuple[SourceState, State], ...] | None
    alive: int

    @property
    def oldest(self) -> Figure | None:
        """The number with the oldest data, of those that have any."""
        known = [one for one in self.figures if one.as_of and one.value is not None]
        return min(known, key=lambda one: one.as_of or self.at, default=None)


def read(queries: Queries, at: datetime | None = None) -> Brief:
    """The brief as of ``at`` (now), of the local day before it; with what is known today."""
    config, now = queries.config, queries.clock()
    moment, settings = min(at or now, now), config.brief or BriefSettings()
    day = last_complete("day", moment, queries.zone)
    with queries.held():
        states = queries.look()
        present = now - moment < _NOW
        away = tuple((one, found) for one in states if (found := _state(one, moment)) is not State.FRESH)
        card = _card(queries, settings, moment)
        late, since = _late(queries, _kinds(config, settings), moment)
        return Brief(
            region=config.region.name, day=day.first, at=moment, simulated=any(one.simulated for one in states),
            card=card, late=late, late_as_of=since,
            figures=tuple(_figure(queries, name, day, moment, states) for name in metrics(queries, settings)),
            silent=_silent(queries, _kinds(config, settings), settings.silent_days) if present else (),
            changed=_changed(queries, card) if card else (),
            away=away if present else None, alive=len(states) - len(away),
        )  # fmt: skip


def _state(source: SourceState, at: datetime) -> State:
    return state(source.last_ok_at, at, source.stale_after, source.expires_after)


def _kinds(config: Config, settings: BriefSettings) -> Sequence[str]:
    """The kinds whose overdue are told: those of the settings, or the ones that are collected and were promised."""
    kinds = dict.fromkeys(source.kind for source in config.sources.values() if source.kind)
    return settings.late or [kind for kind in kinds if kind in config.sla]


def metrics(queries: Queries, settings: BriefSettings) -> Sequence[str]:
    """What is told of yesterday: what the settings name, else the usual of the kinds that are collected."""
    if settings.metrics:
        return settings.metrics
    found = [f"{kind}s_{measure}" for kind in _kinds(queries.config, settings) for measure in _USUALLY]
    return [name for name in found if name in queries.metrics][:12]


def _card(queries: Queries, settings: BriefSettings, at: datetime) -> Card | None:
    return scorecard_reading.read(queries, settings.period, at) if queries.config.scorecard else None


def _figure(queries: Queries, name: str, day: Period, at: datetime, states: Sequence[SourceState]) -> Figure:
    metric, span = queries.metric(name), day.window(queries.zone)
    names = queries.standing(lambda run, region: sources.of_metric(queries.config, run, metric))
    feeding = [one for one in states if one.name in names]
    first = queries.first_at(name)
    found = queries.measure(name, window=span)
    value = None if found.value is None else float(found.value)
    lack = _lack(metric, found.n, value, feeding, first, span)
    kept = None if lack in (Why.NEVER, Why.EMPTY, Why.FEW) else value
    band = _band(queries, name, span, first) if first else None
    return Figure(metric, kept, found.n, band, lack, sources.oldest(feeding, at), tuple(one.title for one in feeding))


def _lack(
    metric: Metric, n: int, value: float | None, feeding: Sequence[SourceState], first: datetime | None, span: Window
) -> Why | None:
    """Why a number of yesterday does not hold, by the rules of the scorecard."""
    if not any(one.last_ok_at for one in feeding):
        return Why.NEVER
    if first is None or first >= span.end:
        return Why.EMPTY  # a zero from before anybody counted is no zero
    if any(_state(one, span.end) is not State.FRESH for one in feeding):
        return Why.STALE
    if metric.measure in GROWING and first > span.start:
        return Why.PARTIAL
    if metric.measure in QUANTILES | (RATIOS - {"ratio"}) and 0 < n < FEW:
        return Why.FEW
    return Why.EMPTY if value is None else None


def _band(queries: Queries, name: str, span: Window, first: datetime) -> tuple[float, float] | None:
    """The 10th to 90th percentile of the same weekday of up to eight past weeks; None of fewer than four."""
    is_state = queries.metric(name).measure in STATES
    pasts = [one for one in against.periods("weekdays", span, queries.zone)
             if (one.end if is_state else one.start) >= first]  # fmt: skip
    values = [queries.measure(name, window=one).value for one in pasts]
    known = [float(value) for value in values if value is not None]
    if len(known) < USUAL_WEEKS:
        return None
    tenths = quantiles(known, n=10, method="inclusive")
    return tenths[0], tenths[-1]


def _late(
    queries: Queries, kinds: Sequence[str], at: datetime
) -> tuple[tuple[Late, ...], Mapping[str, datetime | None]]:
    """The agencies with the most overdue cases, and how old the data of each kind are."""
    found: dict[str | None, dict[str, int]] = {}
    ages: dict[str, datetime | None] = {}
    for kind in kinds:
        reading = queries.measure(f"{kind}s_overdue", by=("agency",), at=at)
        ages[kind] = reading.as_of
        for row in reading.rows if reading.as_of else ():
            if row["value"]:
                found.setdefault(row["agency"], {})[kind] = int(row["value"])
    ranked = sorted(found.items(), key=lambda item: (-sum(item[1].values()), str(item[0])))
    return tuple(Late(agency, counts) for agency, counts in ranked[:LATE]), ages


def _silent(queries: Queries, kinds: Sequence[str], days: int) -> tuple[tuple[str, tuple[Silent, ...]], ...]:
    heard = ((kind, silence.read(queries, kind, days).silent) for kind in kinds if kind in ("complaint", "memo"))
    return tuple((kind, silent) for kind, silent in heard if silent)


def _changed(queries: Queries, card: Card) -> tuple[Changed, ...]:
    """The lines that moved the score most, and why."""
    total = sum((line.weight for line in card.counted), Fraction())
    moved = [(line, line.weight * (now - before) / total) for line in card.lines
             if (now := line.achieved(-1)) is not None and (before := line.achieved(-2)) is not None]  # fmt: skip
    moved = [one for one in moved if abs(one[1]) >= Fraction(1, 20)]  # less is 0.0 as it is shown
    moved.sort(key=lambda one: (-abs(one[1]), one[0].goal.metric))
    return tuple(_reason(queries, line, points) for line, points in moved[:CHANGES])


def _reason(queries: Queries, line: Line, points: Fraction) -> Changed:
    """What had most to do with the change, by whatever dimension tells most of it; nothing where it has no parts."""
    now, then = (line.periods[at].window(queries.zone) for at in (-1, -2))
    known = why.DIMENSIONS if line.metric.of else ("district", "agency")
    where: Mapping[str, Any] = line.goal.where
    try:
        found = why.why(queries, line.goal.metric, [(by,) for by in known], now, [then], where=where, limit=REASONS)
    except ValueError:
        return Changed(line, points)
    share = line.metric.unit == "ratio" or found.sort == "beyond"
    best = max(found.splits.items(), key=lambda item: _told(item[1].parts), default=None)
    if best is None or not _told(best[1].parts):
        return Changed(line, points)
    total = (found.came or 0) - (found.was or 0)
    parts = tuple(part for part in best[1].parts if part.group != (None,) and part.change * total > 0)
    beyond = found.beyond if found.sort == "beyond" else None
    return Changed(line, points, best[0][0], parts, share, beyond)


def _told(parts: Sequence[Part]) -> float:
    """How much of a change the named groups of a split tell; one group that is everything tells nothing."""
    named = [part for part in parts if part.group != (None,)]
    return max((abs(part.change) for part in named), default=0.0) if len(parts) > 1 else 0.0
