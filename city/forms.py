"""A table that is filled in by hand: metric x agency (or district, place) x day or month, as config.yaml declares it.

Shared by the collector kind ``manual``, which saves what is entered, and by the page, which shows the table.
"""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Literal

from pydantic import Field, model_validator

from city.config import Args, Config, Name, Strict, Zone
from city.times import day_start, local_day
from city.vocabulary import Vocabulary

_DAY, _MONTH = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}"), re.compile(r"[0-9]{4}-[0-9]{2}(-[0-9]{2})?")


class Column(Strict):
    """One figure of the table. Outside ``min``..``max`` it is refused; farther than ``jump_ratio`` of the nearest of
    its last values it must be confirmed."""

    title: str
    unit: str = ""
    min: float | None = None
    max: float | None = None
    jump_ratio: float = Field(default=0.5, gt=0)


class FormArgs(Args):
    """The table: its columns (``metrics``, by the name of the observation), its rows and its period."""

    metrics: dict[Name, Column] = Field(min_length=1)
    by: Literal["agency", "district", "place"] = "agency"
    rows: tuple[str, ...] = Field(default=(), description="default: the region's agencies or districts")
    period: Literal["day", "month"] = "day"
    owner: str = ""
    decimal: Literal[".", ","] = ","
    zone: Zone = "UTC"

    @model_validator(mode="after")
    def _has_rows(self) -> "FormArgs":
        if self.by == "place" and not self.rows:
            raise ValueError("rows: is missing; name the places")
        return self


class Form:
    """The table of one source: ``rows`` are (code, name) in their order, ``metrics`` its columns by name."""

    def __init__(self, config: Config, source: str, args: FormArgs | None = None) -> None:
        self.source, self.zone = source, config.region.zone
        self.args = args or FormArgs.model_validate({"zone": config.region.timezone} | config.sources[source].args)
        self.title = config.sources[source].title or source.replace("_", " ").capitalize()
        self.metrics = self.args.metrics
        self.rows = _rows(config, self.args)

    def period(self, text: str) -> date:
        """The first day of the period that a date, or a month, lies in. ValueError when it is neither."""
        form = _DAY if self.args.period == "day" else _MONTH
        if not form.fullmatch(text):
            raise ValueError(f"not a {self.args.period}; write it like 2026-11{'-24' * (self.args.period == 'day')}")
        try:
            day = date.fromisoformat(text if len(text) == 10 else text + "-01")
        except ValueError:
            raise ValueError("no such day in the calendar") from None
        return day if self.args.period == "day" else day.replace(day=1)

    def starts_at(self, day: date) -> datetime:
        """The instant a period's values are kept under: its local beginning."""
        try:
            return day_start(day, self.zone)
        except OverflowError:
            return datetime.min.replace(tzinfo=UTC)  # the first day of the calendar, east of Greenwich

    def current(self, now: datetime) -> date:
        """The period that ``now`` lies in."""
        return self.period(local_day(now, self.zone).isoformat())

    def beside(self, day: date, steps: int) -> date:
        """The period ``steps`` after (or before) the one that begins on ``day``."""
        if self.args.period == "day":
            return day + timedelta(days=steps)
        years, month = divmod(day.month - 1 + steps, 12)
        return date(day.year + years, month + 1, 1)

    def written(self, day: date) -> str:
        """A period as it is sent: ``2026-11-24``, or ``2026-11`` for a month."""
        return day.isoformat() if self.args.period == "day" else day.isoformat()[:7]


def _rows(config: Config, args: FormArgs) -> list[tuple[str, str]]:
    if args.by == "place":
        return [(name, name) for name in args.rows]
    words = Vocabulary(config.region)
    terms = config.region.agencies if args.by == "agency" else config.region.districts
    codes = [words.term(args.by, name)[0] for name in args.rows] if args.rows else [term.code for term in terms]
    return [(code, words.name(args.by, code)) for code in dict.fromkeys(codes)]


def of(config: Config) -> dict[str, Form]:
    """Every table of a region by the name of its source."""
    return {name: Form(config, name) for name, source in config.sources.items() if source.collector == "manual"}
