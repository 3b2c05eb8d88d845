"""Columns of a table to cases, events and observations, by configuration alone.

A compiled mapper turns one row (the cells of the configured columns, in order) into one item. It
raises RowError ``field: what is wrong``; the content of a cell is never part of the message.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any, Literal

from pydantic import Field, model_validator

from city import config
from city.ikm import ELEMENTS, ikm
from city.model import CLOSING, Case, CaseEvent, Observation, Status
from collectors import RowError, cells, decimals, figures
from collectors.cells import Cells, Get, needed, none

WORDS = ("outcome", "category", "agency", "district", "channel", "place", "priority")
CASE_FIELDS = ("key", "opened_at", "due_at", "closed_at", "status", "status_at", *WORDS, "lat", "lon", "simulated")
EVENT_FIELDS = ("key", "at", "stage", "event_agency", "due_at", *WORDS, "simulated")
OBSERVATION_FIELDS = ("at", "agency", "district", "category", "channel", "place", "simulated")
_FIELDS = {"cases": CASE_FIELDS, "event_log": EVENT_FIELDS, "observations": OBSERVATION_FIELDS}
_NEEDED = {"cases": ("key", "opened_at"), "event_log": ("key", "at", "stage"), "observations": ("at",)}


class Mapping(config.Args):
    """Which column is which field, and how its words and times are written."""

    shape: Literal["cases", "event_log", "observations"] = "cases"
    kind: str = "complaint"
    fields: dict[str, str]
    values: dict[str, str] = Field(default_factory=dict, description="observation metric -> column")
    numbers: dict[str, dict[str, float]] = Field(
        default_factory=dict,
        description="observation metric -> form of its text -> number; {} in a form is the number in the text",
    )
    ikm: tuple[str, ...] = Field(
        default=(), description="the columns of the nine elements' means; gives the observation `ikm`, the index"
    )
    constants: dict[str, str | bool] = Field(default_factory=dict)
    status: dict[str, Status] = Field(default_factory=dict, description="word -> status; a final * matches the rest")
    stages: dict[str, str] = Field(default_factory=dict, description="source stage -> stage")
    closed_when: Literal["last_event"] | tuple[str, ...] = "last_event"
    time_format: str | None = None
    zone: config.Zone = "UTC"
    decimal: Literal[".", ","] = "."
    empty: tuple[str, ...] = ("",)
    ignore_positions: tuple[tuple[float, float], ...] = ()

    @model_validator(mode="after")
    def _known_fields(self) -> "Mapping":
        for name in (*self.fields, *self.constants):
            if name not in _FIELDS[self.shape]:
                raise ValueError(f"fields.{name}: unknown field; known: {', '.join(_FIELDS[self.shape])}")
        if absent := [name for name in _NEEDED[self.shape] if name not in self.fields]:
            raise ValueError(f"fields.{absent[0]}: is missing")
        if self.ikm and (self.shape != "observations" or len(self.ikm) != len(ELEMENTS)):
            raise ValueError(f"ikm: {len(ELEMENTS)} columns of a table of observations, U1 to U{len(ELEMENTS)}")
        if self.shape == "observations" and not (self.values or self.ikm):
            raise ValueError("values: is missing; name the column of each metric")
        if strays := [name for name in self.numbers if name not in self.values]:
            raise ValueError(f"numbers.{strays[0]}: not a metric of `values`")
        return self

    @property
    def columns(self) -> list[str]:
        """The columns to read, each once."""
        return list(dict.fromkeys([*self.fields.values(), *self.values.values(), *self.ikm]))


Mapper = Callable[[Sequence[str]], Any]


def compiled(args: Mapping) -> Mapper:
    """The fast function from the cells of ``args.columns`` to an item."""
    return {"cases": _case_mapper, "event_log": _event_mapper, "observations": _observation_mapper}[args.shape](args)


def _case_mapper(args: Mapping) -> Mapper:
    clean, found = cells.of(args)
    times = {name: cells.time(name, found, args) for name in ("opened_at", "due_at", "closed_at", "status_at")}
    key, opened = needed("key", found["key"]), needed("opened_at", times["opened_at"])
    due, closed, moved = times["due_at"], times["closed_at"], times["status_at"]
    status, position = _status(found.get("status", none), args.status), cells.position(found, args)
    words, simulated, kind = cells.together(WORDS, args), cells.marked(found), args.kind

    def map_row(raw: Sequence[str]) -> Case:
        row = clean(raw)
        opened_at, closed_at, state, moved_at = opened(row), closed(row), status(row), moved(row)
        if state is None:
            state = Status.RECEIVED if closed_at is None else Status.DONE
        lat, lon = position(row)
        if closed_at is None and state in CLOSING:
            closed_at = moved_at or _never("closed_at")
        events = () if moved_at is None or state == Status.RECEIVED else (CaseEvent(moved_at, state),)
        # One by one: a struct takes names that are written out four times as fast as those of a dict.
        outcome, category, agency, district, channel, place, priority = words(row)
        return Case(
            key=key(row), kind=kind, opened_at=opened_at, due_at=due(row), closed_at=closed_at, status=state,
            outcome=outcome, category=category, agency=agency, district=district, channel=channel, place=place,
            priority=priority, lat=lat, lon=lon, simulated=simulated(row), events=events,
        )  # fmt: skip

    return map_row


def _never(field: str) -> datetime:
    raise RowError(field, "missing in a closed case")  # it would count as open for ever


def _status(get: Get, words: dict[str, Status]) -> Callable[[Cells], Any]:
    exact = {word: status for word, status in words.items() if not word.endswith("*")}
    # The longest prefix first: "Closed (Dup*" before "Closed*".
    prefixes = sorted(((w[:-1], status) for w, status in words.items() if w.endswith("*")), key=lambda p: -len(p[0]))

    def read(row: Cells) -> Status | None:
        text = get(row)
        if text is None or not words:
            return None
        if text not in exact:
            # Found once, remembered: the words of a source are few.
            found = next((status for prefix, status in prefixes if text.startswith(prefix)), None)
            if found is None:
                raise RowError("status", "a word that `status` in config.yaml does not map")
            exact[text] = found
        return exact[text]

    return read


def _event_mapper(args: Mapping) -> Mapper:
    clean, found = cells.of(args)
    key, at = needed("key", found["key"]), needed("at", cells.time("at", found, args))
    due, stage = cells.time("due_at", found, args), needed("stage", found["stage"])
    agency, simulated = found.get("event_agency", none), cells.marked(found)
    words = [(name, found[name]) for name in WORDS if name in found]

    def map_row(raw: Sequence[str]) -> Case:
        row = clean(raw)
        moment, step = at(row), stage(row)
        event = CaseEvent(moment, args.stages.get(step, step), agency(row))
        parts: dict[str, Any] = {name: get(row) for name, get in words}
        return Case(
            key=key(row), kind=args.kind, opened_at=moment, due_at=due(row), events=(event,),
            simulated=simulated(row), **parts,
        )  # fmt: skip

    return map_row


def _observation_mapper(args: Mapping) -> Mapper:
    clean, found = cells.of(args)
    at, simulated = needed("at", cells.time("at", found, args)), cells.marked(found)
    columns = {metric: args.columns.index(column) for metric, column in args.values.items()}
    readers = {name: _value_of(name, args) for name in columns}
    dims = [(name, found[name]) for name in OBSERVATION_FIELDS[1:-1] if name in found]
    picked: Callable[[Cells], Any] = itemgetter(*columns.values()) if columns else lambda row: ()
    index = _index_of(args)

    def map_row(raw: Sequence[str]) -> list[Observation]:
        row = clean(raw)
        moment, marked = at(row), simulated(row)
        parts = {name: get(row) for name, get in dims}
        texts = (picked(row),) if len(columns) == 1 else picked(row)
        told = [
            (metric, readers[metric](text)) for metric, text in zip(columns, texts, strict=True) if text is not None
        ]
        told += index(row)
        return [Observation(metric=name, at=moment, value=value, simulated=marked, **parts) for name, value in told]

    return map_row


def _index_of(args: Mapping) -> Callable[[Cells], list[tuple[str, float]]]:
    """IKM from its nine columns with two decimals, as the unit publishes it; none where no element has a mean."""
    places, read = [args.columns.index(column) for column in args.ikm], _value_of("ikm", args)

    def index(row: Cells) -> list[tuple[str, float]]:
        texts = [text for place in places if (text := row[place]) is not None]
        if not texts:
            return []
        try:
            return [("ikm", float(ikm([read(text) for text in texts]).value))]
        except RowError:
            raise
        except ValueError as error:
            raise RowError("ikm", str(error)) from error

    return index


#: No city counts so far, and a float no further exactly: a number of 16 digits is a NIK in the wrong column.
_BEYOND = 1e15


def _value_of(metric: str, args: Mapping) -> Callable[[str], float]:
    forms = args.numbers.get(metric)
    said = cells.sentences(forms, args.decimal) if forms else None

    def value(text: str) -> float:
        if figures.like_a_persons(text):
            raise RowError(metric, "begins with a zero or +62: a person's number?")
        try:
            found = said(text) if said else cells.number(text, args.decimal)
        except ValueError as error:
            if said:
                raise RowError(metric, "a text that `numbers` does not have") from error
            doubt = str(args.decimal) == "auto" and decimals.mark(text) == "?"
            raise RowError(metric, "can mean two numbers; set `decimal`" if doubt else "not a number") from error
        if abs(found) >= _BEYOND:
            raise RowError(metric, "more than 15 digits: a person's number?")
        return found

    return value
