"""What happened on the days of a chart that its line alone does not tell: holidays, outages of sources, new targets."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any, NamedTuple

from city.config import Config
from city.goals import Goal
from city.metrics import catalogue
from city.times import local_day

Run = Callable[[str, Mapping[str, Any]], list[dict[str, Any]]]
#: A day on which less than this of the time had fresh data is a day without its source.
_ENOUGH, _DAY_S = 0.5, 86_400.0
_ONE_DAY = timedelta(days=1)


class Outage(NamedTuple):
    """A source that could not be read, from one local day to another (both included)."""

    title: str
    first: date
    last: date


class NewTarget(NamedTuple):
    """A target that is in force from a day on; ``before`` is the one that was (None: it is the first)."""

    day: date
    goal: Goal
    value: float
    before: float | None


def holidays(config: Config, first: date, last: date) -> dict[date, str]:
    """The days off between two local days with their names, in the country's language where it is known."""
    # Imported here: it takes longer to import than all of the floor.
    import holidays as calendars

    years, known = range(first.year, last.year + 1), config.calendar.holidays
    off = config.calendar.closed_days(config.region.country, years)
    spoken = calendars.country_holidays(config.region.country).supported_languages
    language = next((name for name in spoken if name[:2] == config.region.language), None)
    names = calendars.country_holidays(
        config.region.country, years=years, categories=_categories(config.region.country), language=language
    )
    return {day: known.add.get(day) or names.get(day) or "" for day in sorted(off) if first <= day <= last}


def _categories(country: str) -> tuple[str, ...]:
    import holidays as calendars

    offered = calendars.country_holidays(country).supported_categories
    return tuple(category for category in ("public", "government") if category in offered)


def new_targets(config: Config, kind: str, first: date, last: date) -> list[NewTarget]:
    """The targets of a kind of case that came into force between two local days."""
    known, goals = catalogue(config), config.scorecard.goals if config.scorecard else ()
    found = [
        NewTarget(target.since, goal, target.value, before.value if before else None)
        for goal in goals
        if goal.metric in known and known[goal.metric].of == kind
        for before, target in zip((None, *goal.targets), goal.targets, strict=False)
        if first <= target.since <= last
    ]
    return sorted(found, key=lambda one: one.day)


def outages(config: Config, run: Run, kind: str, first: date, last: date, now: datetime) -> list[Outage]:
    """The whole days between two local days, today apart, on which a source of ``kind`` could mostly not be read.

    Nothing is said of the days before its first run: nobody knows how it was doing.
    """
    names = [name for name, source in config.sources.items() if source.kind == kind]
    rows = run(_DAYS, {"region": config.region.code, "names": names, "last": last})
    yesterday = min(last, local_day(now, config.region.zone) - _ONE_DAY)
    fresh = {(row["source"], row["day"]): float(row["fresh_s"]) for row in rows}
    found: list[Outage] = []
    for name in names:
        since = min((day for source, day in fresh if source == name), default=None)
        if since is not None:
            # Of its first day only a part could be fresh.
            days = _days(max(first, since + _ONE_DAY), yesterday)
            dead = [day for day in days if fresh.get((name, day), 0.0) < _ENOUGH * _DAY_S]
            found += [Outage(config.sources[name].title or name, *span) for span in _spans(dead)]
    return found


def _days(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=number) for number in range((last - first).days + 1))


def _spans(days: list[date]) -> Iterator[tuple[date, date]]:
    """Days in a row as their first and last."""
    for _, group in groupby(enumerate(days), lambda item: item[1].toordinal() - item[0]):
        run = [day for _, day in group]
        yield run[0], run[-1]


_DAYS = """
select source, day, fresh_s from run_days where region = :region and source = any(:names) and day <= :last
"""
