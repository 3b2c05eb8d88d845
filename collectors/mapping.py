"""Columns of a table to cases, events and observations, by configuration alone.

A compiled mapper turns one row (the cells of the configured columns, in order) into one item. It
raises RowError ``field: what is wrong``; the content of a cell is never part of the message.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from math import isfinite
from operator import itemgetter
from typing import Any, Literal
from zoneinfo import ZoneInfo

from pydantic import Field, model_validator

from city import config
from city.model import CLOSING, Case, CaseEvent, Observation, Status
from city.times import reader
from collectors import RowError
from collectors.records import MAX_TEXT, Zone

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
    constants: dict[str, str | bool] = Field(default_factory=dict)
    status: dict[str, Status] = Field(default_factory=dict, description="word -> status; a final * matches the rest")
    stages: dict[str, str] = Field(default_factory=dict, description="source stage -> stage")
    closed_when: Literal["last_event"] | tuple[str, ...] = "last_event"
    time_format: str | None = None
    zone: Zone = "UTC"
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
        if self.shape == "observations" and not self.values:
            raise ValueError("values: is missing; name the column of each metric")
        return self

    @property
    def columns(self) -> list[str]:
        """The columns to read, each once."""
        return list(dict.fromkeys([*self.fields.values(), *self.values.values()]))


Mapper = Callable[[Sequence[str]], Any]


def compiled(args: Mapping) -> Mapper:
    """The fast function from the cells of ``args.columns`` to an item."""
    return {"cases": _case_mapper, "event_log": _event_mapper, "observations": _observation_mapper}[args.shape](args)


Cells = Sequence[str | None]
Get = Callable[[Cells], str | None]


def _cells(args: Mapping) -> tuple[Callable[[Sequence[str]], Cells], dict[str, Get]]:
    """A function that cleans a row (None = counts as empty), and field -> function giving its text in a clean row."""
    empty, width = frozenset(args.empty) | {""}, len(args.columns)
    constants = [str(constant) for constant in args.constants.values()]
    at = {column: index for index, column in enumerate(args.columns)}

    def clean(row: Sequence[str]) -> Cells:
        if len(row) != width:
            raise IndexError
        if len(max(row, key=len)) > MAX_TEXT:
            _reject_long(row, args.columns)
        return [None if (text := cell.strip()) in empty else text for cell in row] + constants

    found = {field: itemgetter(at[column]) for field, column in args.fields.items()}
    return clean, found | {field: itemgetter(width + index) for index, field in enumerate(args.constants)}


def _reject_long(row: Sequence[str], columns: list[str]) -> None:
    for column, cell in zip(columns, row, strict=True):
        if len(cell.strip()) > MAX_TEXT:
            raise RowError(column, f"longer than {MAX_TEXT} characters")


def _marked(cells: dict[str, Get]) -> Callable[[Cells], bool]:
    """Whether a row says that it is simulated."""
    get = cells.get("simulated", _none)
    return lambda row: (get(row) or "").lower() in ("true", "1", "yes", "ya")


def _none(row: Cells) -> None:
    return None


def _time(field: str, cells: dict[str, Get], args: Mapping) -> Callable[[Cells], datetime | None]:
    if field not in cells:
        return _none
    get, parse, plain = (cells[field], *(reader(f, ZoneInfo(args.zone)) for f in (args.time_format, None)))

    def read(row: Cells) -> datetime | None:
        text = get(row)
        if text is None:
            return None
        try:
            return parse(text)
        except (ValueError, OverflowError):
            # A workbook mixes texts in the configured form with real dates, which arrive in ISO form.
            try:
                return plain(text)
            except (ValueError, OverflowError) as error:
                raise RowError(field, "not a time in the configured form") from error

    return read


def _needed(field: str, read: Callable[[Cells], Any]) -> Callable[[Cells], Any]:
    def get(row: Cells) -> Any:
        value = read(row)
        if value is None:
            raise RowError(field, "missing")
        return value

    return get


def _case_mapper(args: Mapping) -> Mapper:
    clean, cells = _cells(args)
    times = {name: _time(name, cells, args) for name in ("opened_at", "due_at", "closed_at", "status_at")}
    key, opened = _needed("key", cells["key"]), _needed("opened_at", times["opened_at"])
    status, position = _status(cells.get("status", _none), args.status), _position(cells, args)
    words = [(name, cells[name]) for name in WORDS if name in cells]
    simulated = _marked(cells)

    def map_row(raw: Sequence[str]) -> Case:
        row = clean(raw)
        opened_at, closed_at, state = opened(row), times["closed_at"](row), status(row)
        if state is None:
            state = Status.RECEIVED if closed_at is None else Status.DONE
        lat, lon = position(row)
        moved_at = times["status_at"](row)
        if closed_at is None and state in CLOSING:
            closed_at = moved_at or _never("closed_at")
        events = () if moved_at is None or state == Status.RECEIVED else (CaseEvent(moved_at, state),)
        return Case(
            key=key(row), kind=args.kind, opened_at=opened_at, due_at=times["due_at"](row), closed_at=closed_at,
            status=state, lat=lat, lon=lon, simulated=simulated(row), events=events,
            **{name: get(row) for name, get in words},
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


def _position(cells: dict[str, Get], args: Mapping) -> Callable[[Cells], tuple[float | None, float | None]]:
    get_lat, get_lon, ignored = cells.get("lat"), cells.get("lon"), set(args.ignore_positions)

    def read(row: Cells) -> tuple[float | None, float | None]:
        if get_lat is None or get_lon is None:
            return None, None
        lat, lon = get_lat(row), get_lon(row)
        if lat is None or lon is None:
            return None, None
        try:
            place = (_number(lat, args.decimal), _number(lon, args.decimal))
        except ValueError:
            return None, None  # a case without a place is still a case
        return (None, None) if place in ignored or abs(place[0]) > 90 or abs(place[1]) > 180 else place

    return read


def _event_mapper(args: Mapping) -> Mapper:
    clean, cells = _cells(args)
    key, at = _needed("key", cells["key"]), _needed("at", _time("at", cells, args))
    due, stage = _time("due_at", cells, args), _needed("stage", cells["stage"])
    agency, simulated = cells.get("event_agency", _none), _marked(cells)
    words = [(name, cells[name]) for name in WORDS if name in cells]

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
    clean, cells = _cells(args)
    at, simulated = _needed("at", _time("at", cells, args)), _marked(cells)
    columns = {metric: args.columns.index(column) for metric, column in args.values.items()}
    dims = [(name, cells[name]) for name in OBSERVATION_FIELDS[1:-1] if name in cells]
    picked: Callable[[Cells], Any] = itemgetter(*columns.values())

    def map_row(raw: Sequence[str]) -> list[Observation]:
        row = clean(raw)
        moment, marked = at(row), simulated(row)
        parts = {name: get(row) for name, get in dims}
        texts = picked(row) if len(columns) > 1 else (picked(row),)
        return [
            Observation(metric=metric, at=moment, value=_value(metric, text, args.decimal), simulated=marked, **parts)
            for metric, text in zip(columns, texts, strict=True)
            if text is not None
        ]

    return map_row


def _value(metric: str, text: str, decimal: str) -> float:
    try:
        return _number(text, decimal)
    except ValueError as error:
        raise RowError(metric, "not a number") from error


def _number(text: str, decimal: str) -> float:
    value = float(text.replace(".", "").replace(",", ".") if decimal == "," else text)
    if not isfinite(value):
        raise ValueError("not finite")
    return value
