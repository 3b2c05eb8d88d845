"""The scorecard of a region, read: every goal over a row of periods, in one question where the calendar allows it.

A value counts only where the data of its period are whole: the sources were fresh when the period ended, and a count
has been counted since before it began.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from fractions import Fraction

from city import sources
from city.freshness import state
from city.goals import Goal, PeriodKind
from city.metrics import FEW, GROWING, QUANTILES, Metric
from city.model import State
from city.periods import Period, last_complete, row
from city.queries import Queries
from city.scorecard import Card, Line, Value, Why, card
from city.sources import SourceState
from city.times import Window, local_day

#: How many periods a trend has.
TREND = 12
#: Measures that are shares or medians of cases.
_SHARES = QUANTILES | {"on_time_ratio", "rejected_ratio"}


class NoScorecard(LookupError):
    """The region's settings have no ``scorecard``."""


def read(queries: Queries, kind: PeriodKind, at: datetime | None = None) -> Card:
    """The scorecard of the last ``kind`` that was complete at ``at`` (now). Raises NoScorecard.

    Read with what is known today: of a period long past, a late correction is in it. Looks at the sources once, and
    that look holds for ``queries`` until the next one.
    """
    settings, now = queries.config.scorecard, queries.clock()
    if settings is None:
        raise NoScorecard("the settings have no `scorecard`; docs/scorecard.md shows how to write one")
    moment = min(at or now, now)
    periods = row(last_complete(kind, moment, queries.zone), TREND)
    states = {one.name: one for one in queries.look()}
    cap = Fraction(str(settings.cap))
    return card([_line(queries, goal, periods, states, cap, moment) for goal in settings.goals])


def _line(
    queries: Queries, goal: Goal, periods: Sequence[Period], states: Mapping[str, SourceState], cap: Fraction,
    moment: datetime,
) -> Line:  # fmt: skip
    metric = queries.metric(goal.metric)
    feeding = [states[name] for name in _feeding(queries, metric)]
    first = _first(queries, metric)
    measured = _measured(queries, goal, metric, periods, first)
    values = [
        _value(found, period, metric, feeding, first, queries)
        for found, period in zip(measured, periods, strict=True)
    ]  # fmt: skip
    kind = periods[-1].kind
    targets = [goal.target(period.last) if goal.per in (None, kind) else None for period in periods]
    return Line(goal, metric, periods, values, targets, cap, sources.oldest(feeding, moment),
                tuple(one.title for one in feeding), any(one.simulated for one in feeding))  # fmt: skip


def _feeding(queries: Queries, metric: Metric) -> tuple[str, ...]:
    found: tuple[str, ...] = queries.standing(lambda run, region: sources.of_metric(queries.config, run, metric))
    return found


def _first(queries: Queries, metric: Metric) -> datetime | None:
    """Where its history begins; that moves so seldom that once an hour is enough to ask."""
    known, key = queries.remembered(), ("first", metric.of, metric.observations)
    if known.get(key) is None:
        known[key] = queries.first_at(metric.name)
    found: datetime | None = known[key]
    return found


def _measured(
    queries: Queries, goal: Goal, metric: Metric, periods: Sequence[Period], first: datetime | None
) -> list[Value]:
    """The value of each period: in one question by the calendar, of the year to date period by period.

    Of a year before the history begins (``first``) nothing is asked.
    """
    windows = [period.window(queries.zone) for period in periods]
    if periods[-1].kind == "year":
        asked = [first is not None and first < window.end for window in windows]
        return [_one(queries, goal, window) if known else Value(None, 0)
                for window, known in zip(windows, asked, strict=True)]  # fmt: skip
    whole = Window(windows[0].start, windows[-1].end)
    rows = queries.measure(metric.name, grain=periods[-1].kind, window=whole, where=goal.where).rows
    known = {datetime.fromisoformat(row["bucket"]): Value(row["value"], row["n"]) for row in rows}
    return [known.get(window.start, Value(None, 0)) for window in windows]


def _one(queries: Queries, goal: Goal, window: Window) -> Value:
    rows = queries.measure(goal.metric, window=window, where=goal.where).rows
    return Value(rows[0]["value"], rows[0]["n"]) if rows else Value(None, 0)


def _value(
    found: Value, period: Period, metric: Metric, feeding: Sequence[SourceState], first: datetime | None,
    queries: Queries,
) -> Value:  # fmt: skip
    end = period.window(queries.zone).end
    if not any(source.last_ok_at for source in feeding):
        return Value(None, 0, Why.NEVER)
    if first is None or first >= end:
        return Value(None, 0, Why.EMPTY)  # a zero from before anybody counted is no zero
    if any(_stale(source, end) for source in feeding):
        return found._replace(why=Why.STALE)
    if metric.measure in GROWING and local_day(first, queries.zone) > period.first:
        return found._replace(why=Why.PARTIAL)
    if metric.measure in _SHARES and 0 < found.n < FEW:
        return found._replace(why=Why.FEW)
    return found if found.actual is not None else Value(None, found.n, Why.EMPTY)


def _stale(source: SourceState, end: datetime) -> bool:
    """Whether its data were not fresh when a period ended: then they do not hold the whole of it."""
    return state(source.last_ok_at, end, source.stale_after, source.expires_after) is not State.FRESH
