"""What every measure means, said a second time in plain Python over a list of cases, for the tests to compare."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from city.buckets import TICK, buckets
from city.model import CLOSING, Case, CaseEvent
from city.times import Window

HORIZON = timedelta(hours=4)
#: Those that the region has; cases may name others.
AGENCIES = ("pupr", "dlh", "dinkes")
Answer = tuple[Any, int]


def hours(span: timedelta) -> float:
    return span / timedelta(hours=1)


def quantile(values: Iterable[float], q: float = 0.5) -> Answer:
    ordered = sorted(values)
    if not ordered:
        return None, 0
    place = q * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low), len(ordered)


def share(flags: Iterable[bool]) -> Answer:
    known = list(flags)
    return (sum(known) / len(known) if known else None), len(known)


def count(rows: Iterable[Any]) -> Answer:
    total = len(list(rows))
    return total, total


def within(at: datetime | None, span: Window) -> bool:
    return at is not None and span.start <= at < span.end


def first(case: Case, fits: Callable[[CaseEvent], bool]) -> datetime | None:
    return min((event.at for event in case.events if fits(event)), default=None)


def reached(case: Case, stage: str) -> datetime | None:
    return first(case, lambda event: event.stage == stage)


def reopenings(case: Case) -> list[datetime]:
    closed_at = first(case, lambda event: event.stage in CLOSING)
    return [event.at for event in case.events if event.stage not in CLOSING and closed_at and event.at > closed_at]


def flow(measure: str, cases: Sequence[Case], span: Window) -> Answer:
    """(value, n) of a flow over a window."""
    closed = [case for case in cases if within(case.closed_at, span)]
    if measure == "opened":
        return count(case for case in cases if within(case.opened_at, span))
    if measure == "closed":
        return count(closed)
    if measure == "on_time_ratio":
        return share(case.closed_at <= case.due_at for case in closed if case.due_at)
    if measure == "rejected_ratio":
        return share(case.status == "rejected" for case in closed)
    if measure == "time_to_close":
        return quantile(hours(case.closed_at - case.opened_at) for case in closed)
    if measure == "reopened":
        return count(case for case in cases if any(within(at, span) for at in reopenings(case)))
    if measure == "agencies_ratio":
        reaching = [case.agency for case in cases if within(reached(case, "checked"), span)]
        return len({agency for agency in reaching if agency in AGENCIES}) / len(AGENCIES), len(reaching)
    if measure == "first_response":
        answers = [(case.opened_at, first(case, lambda event: event.stage != "received")) for case in cases]
    else:
        answers = [(reached(case, "routed"), reached(case, "checked")) for case in cases]
    return quantile(hours(end - start) for start, end in answers if start and within(end, span))


def state(measure: str, cases: Sequence[Case], at: datetime) -> Answer:
    """(value, n) of a state at a moment."""
    standing = [case for case in cases if case.opened_at <= at and (case.closed_at is None or case.closed_at > at)]
    if measure == "overdue":
        return count(case for case in standing if case.due_at and case.due_at <= at)
    if measure == "due_soon":
        return count(case for case in standing if case.due_at and at < case.due_at <= at + HORIZON)
    if measure == "oldest_open":
        return (hours(at - min(case.opened_at for case in standing)) if standing else None), len(standing)
    return count(standing)


def answer(measure: str, cases: Sequence[Case], span: Window, now: datetime) -> Answer:
    """A flow over ``span``, a state at its end (the present when it lasts until now)."""
    if measure in ("open", "overdue", "due_soon", "oldest_open"):
        return state(measure, cases, now if span.end >= now else span.end - TICK)
    return flow(measure, cases, span)


def table(
    measure: str, cases: Sequence[Case], span: Window, now: datetime, by: Sequence[str], grain: str | None, zone: Any
) -> dict[tuple[Any, ...], Answer]:
    """{(group..., bucket): (value, n)} of everything that has something behind it."""
    groups = {tuple(getattr(case, dim) for dim in by) for case in cases}
    spans = {None: span}
    if grain:
        parts = buckets(span, grain, zone)
        spans = {part.start: Window(max(part.start, span.start), part.end) for part in parts}
    found = {}
    for group in groups:
        members = [case for case in cases if tuple(getattr(case, dim) for dim in by) == group]
        for start, part in spans.items():
            value = answer(measure, members, part, now)
            if value[1]:
                found[(*group, *([start.astimezone(zone).isoformat()] if start else []))] = value
    return found
