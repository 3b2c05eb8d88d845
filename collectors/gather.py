"""The rows of an event log, gathered to one case each."""

from collections.abc import Iterable, Iterator
from typing import Any

from city.model import Case, Status
from collectors.mapping import WORDS, Mapping


def gather(items: Iterable[Any], args: Mapping) -> Iterator[Any]:
    """One case per key, with its events, when ``args.shape`` is an event log; other items pass through."""
    if args.shape != "event_log":
        yield from items
        return
    cases: dict[str, list[Case]] = {}
    for case in items:
        cases.setdefault(case.key, []).append(case)
    for events in cases.values():
        yield gathered(events, args.closed_when)


def gathered(rows: list[Case], closed_when: str | tuple[str, ...]) -> Case:
    """The rows of one case as one case: the first event opens it, the last (or a closing stage) closes it.

    One that is closed by the stage ``rejected`` was rejected, any other was done.
    """
    rows = sorted(rows, key=lambda row: row.opened_at)
    steps = tuple(dict.fromkeys(event for row in rows for event in row.events))
    closing = steps[-1:] if closed_when == "last_event" else [step for step in steps if step.stage in closed_when]
    last = max(closing, key=lambda event: event.at, default=None)
    closed_at = last.at if last else None
    status = Status.RECEIVED if len(steps) == 1 else Status.IN_PROGRESS
    if last:
        status = Status.REJECTED if last.stage == Status.REJECTED else Status.DONE
    return Case(
        key=rows[0].key, kind=rows[0].kind, opened_at=steps[0].at, closed_at=closed_at, status=status,
        simulated=any(row.simulated for row in rows), events=steps,
        **{name: _latest(rows, name) for name in ("due_at", *WORDS)},
    )  # fmt: skip


def _latest(rows: list[Case], name: str) -> Any:
    """What the newest row that says anything about ``name`` says."""
    return next((value for row in reversed(rows) if (value := getattr(row, name)) is not None), None)
