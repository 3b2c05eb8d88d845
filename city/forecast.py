"""How a count goes on until the end of a period, with its interval; and how well that would have done in the past.

Exponential smoothing with a weekly season (statsmodels' ETS) over the square roots of the daily counts: roots of counts
have the same spread at any level, and their squares are never negative. Holidays are taken out before, and put back
with what they were to their weekday. Never made up: below eight weeks of history there is no forecast.
"""

import warnings
from collections.abc import Sequence
from datetime import date, timedelta
from statistics import fmean, median
from typing import Any, NamedTuple

#: Days of history that are needed, and that are looked at; paths that are simulated for the intervals.
NEEDED, USED, PATHS = 56, 364, 1000
_HOLIDAYS = 3
#: Anscombe's: with it the root of a small count has the spread of a large one's.
_SHIFT = 0.375
_SEED = 1571
Days = Sequence[float | None]


class Ahead(NamedTuple):
    """A forecast value (the median) with its 80 % and its 95 % interval."""

    value: float
    low80: float
    high80: float
    low95: float
    high95: float


class Forecast(NamedTuple):
    """Each coming day, and all of them together with what is ``known`` of the period already."""

    first: date
    days: tuple[Ahead, ...]
    known: float
    total: Ahead


class Tested(NamedTuple):
    """A back-test: mean errors per day, and the shares of days and of totals inside their interval of 80 and 95 %.

    ``mase``: the error over that of the seasonal naive (the same weekday a week before) within the history.
    """

    origins: int
    days: int
    mae: float
    naive_mae: float
    mase: float
    covered80: float
    covered95: float
    total80: float
    total95: float


def forecast(
    history: Days, first: date, ahead: int, closed: frozenset[date] = frozenset(), *,
    known: float = 0.0, today: float | None = None,
) -> Forecast | None:  # fmt: skip
    """The ``ahead`` days after ``history``, which begins on ``first``; None with less than eight weeks of it.

    ``known``: what the period has from its days in ``history``; ``today``: what the first of the coming days has so
    far, which it cannot fall below.
    """
    paths = _paths(history, first, ahead, closed)
    if paths is None or ahead < 1:
        return None
    if today is not None:
        paths[0] = paths[0].clip(min=today)
    days = tuple(_ahead(day) for day in paths)
    return Forecast(first + timedelta(days=len(history)), days, known, _ahead(paths.sum(axis=0) + known))


def _paths(history: Days, first: date, ahead: int, closed: frozenset[date]) -> Any:
    """Simulated days (rows) of many futures (columns), as an array; None without enough history."""
    if sum(value is not None for value in history) < NEEDED:
        return None
    import numpy as np  # late, with statsmodels: nearly two seconds that nobody else should wait for
    from statsmodels.tsa.exponential_smoothing.ets import ETSModel

    first, history = first + timedelta(days=max(0, len(history) - USED)), history[-USED:]
    ordinary, share = _ordinary(history, first, closed)
    roots = np.sqrt(np.array(ordinary) + _SHIFT)
    if not np.ptp(roots):
        paths = np.full((ahead, PATHS), float(ordinary[-1]))
    else:
        model = ETSModel(roots, error="add", seasonal="add", seasonal_periods=7, initialization_method="heuristic")
        with warnings.catch_warnings():  # not converged means a little less fitting: the back-test judges that
            warnings.simplefilter("ignore")
            found = model.fit(disp=False, maxiter=100)
        made = found.simulate(ahead, anchor="end", repetitions=PATHS, rng=np.random.default_rng(_SEED))
        paths = np.maximum(np.maximum(np.asarray(made), 0) ** 2 - _SHIFT, 0).reshape(ahead, PATHS)
    coming = [first + timedelta(days=len(history) + number) for number in range(ahead)]
    return paths * np.array([[share if day in closed else 1.0] for day in coming])


def _ordinary(history: Days, first: date, closed: frozenset[date]) -> tuple[list[float], float]:
    """The history as if it had no holidays and no gaps; and what a holiday is to its weekday (1 when not known)."""
    days = [first + timedelta(days=number) for number in range(len(history))]
    open_ = {day: value for day, value in zip(days, history, strict=True) if value is not None and day not in closed}
    usual = fmean(open_.values()) if open_ else 0.0
    filled, shares = [], []
    for day, value in zip(days, history, strict=True):
        near = [open_[one] for weeks in range(-4, 5) if (one := day + timedelta(weeks=weeks)) in open_ and weeks]
        stand_in = median(near) if near else usual
        if day in closed and value is not None and stand_in:
            shares.append(value / stand_in)
        filled.append(float(open_.get(day, stand_in)))
    return filled, median(shares) if len(shares) >= _HOLIDAYS else 1.0


def _ahead(values: Any) -> Ahead:
    import numpy as np

    low95, low80, middle, high80, high95 = np.quantile(values, [0.025, 0.1, 0.5, 0.9, 0.975]).tolist()
    return Ahead(middle, low80, high80, low95, high95)


def backtest(
    history: Days, first: date, closed: frozenset[date] = frozenset(), *, ahead: int = 14, origins: int = 26
) -> Tested | None:
    """Forecast ``ahead`` days from each of the last ``origins`` weeks as if nothing later were known; None: too short.

    Days that are not known are not judged.
    """
    ends = [len(history) - ahead - 7 * number for number in range(origins)]
    runs = [(end, found) for end in reversed(ends) if end >= NEEDED
            and (found := forecast(history[:end], first, ahead, closed))]  # fmt: skip
    pairs = [(float(value), one, _naive(history, end, number))
             for end, found in runs for number, one in enumerate(found.days)
             if (value := history[end + number]) is not None]  # fmt: skip
    totals = [(sum(value or 0 for value in history[end : end + ahead]), found.total) for end, found in runs]
    return _judged(len(runs), pairs, totals, _scale(history[: runs[0][0]])) if pairs else None


def _naive(history: Days, end: int, number: int) -> float | None:
    return history[end - 7 + number % 7]


def _scale(history: Days) -> float:
    """The mean error of the seasonal naive within a history."""
    steps = [abs(now - then) for now, then in zip(history[7:], history, strict=False)
             if now is not None and then is not None]  # fmt: skip
    return fmean(steps) if steps else 0.0


def _judged(origins: int, pairs: list[Any], totals: list[Any], scale: float) -> Tested:
    mae = fmean(abs(value - one.value) for value, one, _ in pairs)
    naive = [abs(value - before) for value, _, before in pairs if before is not None]
    return Tested(
        origins, len(pairs), mae, fmean(naive) if naive else 0.0, mae / scale if scale else 0.0,
        fmean(_inside(value, one.low80, one.high80) for value, one, _ in pairs),
        fmean(_inside(value, one.low95, one.high95) for value, one, _ in pairs),
        fmean(_inside(value, one.low80, one.high80) for value, one in totals),
        fmean(_inside(value, one.low95, one.high95) for value, one in totals),
    )  # fmt: skip


def _inside(value: float, low: float, high: float) -> float:
    """Counts are whole: the interval is that of the whole numbers nearest to its ends."""
    return float(round(low) <= value <= round(high))
