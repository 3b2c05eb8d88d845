"""When a region works: its office hours, its own holidays, and what stops the clock of a promise.

The shape of ``calendar`` in ``config.yaml``. Unless told otherwise the office hours are those of Indonesian
civil servants: 37.5 hours a week from 07.30, an hour's rest, one and a half on Friday (Perpres 21/2023).
"""

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from typing import Annotated, Literal, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from city.calendar import Span, Week, public_holidays
from city.model import CaseEvent

Day = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
DAYS: tuple[Day, ...] = get_args(Day)
_FORM = "write 07:30-12:00, 13:00-16:00 in order, or nothing for a day off"


def spans(text: object) -> tuple[tuple[time, time], ...]:
    """``07:30-12:00, 13:00-16:00`` as times of day; ValueError says how to write it."""
    if isinstance(text, tuple):
        return text
    found = []
    for part in filter(None, str(text or "").replace(" ", "").split(",")):
        if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d", part):
            raise ValueError(f"{part!r} are no office hours; {_FORM}")
        start, _, end = part.partition("-")
        found.append((time.fromisoformat(start), time.fromisoformat(end)))
    edges = [edge for span in found for edge in span]
    if any(later <= earlier for earlier, later in zip(edges, edges[1:], strict=False)):
        raise ValueError(f"office hours overlap or run backwards; {_FORM}")
    return tuple(found)


Hours = Annotated[tuple[tuple[time, time], ...], BeforeValidator(spans)]
_MONDAY, _FRIDAY = spans("07:30-12:00, 13:00-16:00"), spans("07:30-11:30, 13:00-16:30")


class Holidays(BaseModel):
    """What the region knows better than the calendar of its country: more holidays with their names, and fewer."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    add: dict[date, str] = Field(default_factory=dict)
    remove: tuple[date, ...] = ()


class WorkingTime(BaseModel):
    """``hours`` by weekday (not named: none), ``holidays``, and by kind of case the stages that stop the clock."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    hours: dict[Day, Hours] = Field(
        default_factory=lambda: {day: _FRIDAY if day == "friday" else _MONDAY for day in DAYS[:5]}
    )
    holidays: Holidays = Holidays()
    pauses: dict[str, tuple[str, ...]] = Field(default_factory=dict)

    @property
    def week(self) -> Week:
        """The office hours from Monday on."""
        return tuple(self.hours.get(day, ()) for day in DAYS)

    def closed_days(self, country: str, years: Iterable[int]) -> frozenset[date]:
        """Public holidays, joint leave and the region's own; ValueError when the country is not known."""
        known = public_holidays(country, tuple(years))
        return (known | self.holidays.add.keys()) - set(self.holidays.remove)


def paused(
    events: Sequence[CaseEvent], stages: Iterable[str], closed_at: datetime | None
) -> tuple[list[Span], datetime | None]:
    """When the clock stood still: the spans that are over, and since when it stands now (None: it runs).

    It stands from an event of one of ``stages`` to the next event of another, at the latest to the closing.
    """
    found: list[Span] = []
    since: datetime | None = None
    for event in sorted(events):
        if event.stage in stages:
            since = since or event.at
        elif since is not None:
            found.append((since, event.at))
            since = None
    if since is not None and closed_at is not None:
        return [*found, (since, max(since, closed_at))], None
    return found, since
