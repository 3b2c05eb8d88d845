"""Columns of a table to cases, events and observations, by configuration alone.

A compiled mapper turns one row (the cells of the configured columns, in order) into one item. It
raises ValueError ``field: what is wrong``; the content of a cell is never part of the message.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any, Literal
from zoneinfo import ZoneInfo

from pydantic import Field, model_validator

from city import config
from city.model import Case, CaseEvent, Observation, Status
from city.times import reader

WORDS = ("outcome", "category", "agency", "district", "channel", "place", "priority")
TIMES = ("opened_at", "due_at", "closed_at", "status_at", "at")
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
    constants: dict[str, str] = Field(default_factory=dict)
    status: dict[str, Status] = Field(
        default_factory=dict, description="source word -> status; a final * matches the rest"
    )
    stages: dict[str, str] = Field(default_factory=dict, description="source stage -> stage")
    closed_when: Literal["last_event"] | tuple[str, ...] = "last_event"
    time_format: str | None = None
    zone: str = "Asia/Jakarta"
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


def _cells(args: Mapping) -> dict[str, Callable[[Sequence[str]], str | None]]:
    """Field -> function giving its text, or None when the cell counts as empty."""
    at = {column: index for index, column in enumerate(args.columns)}
    empty = frozenset(args.empty)

    def getter(index: int) -> Callable[[Sequence[str]], str | None]:
        def get(row: Sequence[str]) -> str | None:
            text = row[index]
            return None if text in empty else text.strip() or None

        return get

    found = {field: getter(at[column]) for field, column in args.fields.items()}
    for field, text in args.constants.items():
        found[field] = lambda row, text=text: text  # type: ignore[misc]
    return found


def _none(row: Sequence[str]) -> None:
    return None


def _time(field: str, cells: dict[str, Any], args: Mapping) -> Callable[[Sequence[str]], datetime | None]:
    get, parse = cells.get(field, _none), reader(args.time_format, ZoneInfo(args.zone))

    def read(row: Sequence[str]) -> datetime | None:
        text = get(row)
        if text is None:
            return None
        try:
            return parse(text)
        except ValueError as error:
            raise ValueError(f"{field}: not a time in the configured form") from error

    return read


def _needed(field: str, read: Callable[[Sequence[str]], Any]) -> Callable[[Sequence[str]], Any]:
    def get(row: Sequence[str]) -> Any:
        value = read(row)
        if value is None:
            raise ValueError(f"{field}: empty")
        return value

    return get


def _case_mapper(args: Mapping) -> Mapper:
    cells = _cells(args)
    times = {name: _time(name, cells, args) for name in ("opened_at", "due_at", "closed_at", "status_at")}
    key, opened = _needed("key", cells["key"]), _needed("opened_at", times["opened_at"])
    status, position = _status(cells.get("status", _none), args.status), _position(cells, args)
    words = [(name, cells[name]) for name in WORDS if name in cells]
    simulated = cells.get("simulated", _none)

    def map_row(row: Sequence[str]) -> Case:
        opened_at, closed_at, state = opened(row), times["closed_at"](row), status(row)
        if state is None:
            state = Status.RECEIVED if closed_at is None else Status.DONE
        lat, lon = position(row)
        moved_at = times["status_at"](row)
        events = () if moved_at is None or state == Status.RECEIVED else (CaseEvent(moved_at, state),)
        return Case(
            key=key(row), kind=args.kind, opened_at=opened_at, due_at=times["due_at"](row), closed_at=closed_at,
            status=state, lat=lat, lon=lon, simulated=simulated(row) == "true", events=events,
            **{name: get(row) for name, get in words},
        )  # fmt: skip

    return map_row


def _status(get: Callable[[Sequence[str]], str | None], words: dict[str, Status]) -> Callable[[Sequence[str]], Any]:
    exact = {word: status for word, status in words.items() if not word.endswith("*")}
    prefixes = [(word[:-1], status) for word, status in words.items() if word.endswith("*")]

    def read(row: Sequence[str]) -> Status | None:
        text = get(row)
        if text is None or not words:
            return None
        if text not in exact:
            # Found once, remembered: the words of a source are few.
            found = next((status for prefix, status in prefixes if text.startswith(prefix)), None)
            if found is None:
                raise ValueError("status: a word the configuration does not map")
            exact[text] = found
        return exact[text]

    return read


def _position(cells: dict[str, Any], args: Mapping) -> Callable[[Sequence[str]], tuple[float | None, float | None]]:
    get_lat, get_lon, ignored = cells.get("lat"), cells.get("lon"), set(args.ignore_positions)

    def read(row: Sequence[str]) -> tuple[float | None, float | None]:
        if get_lat is None or get_lon is None:
            return None, None
        lat, lon = get_lat(row), get_lon(row)
        if lat is None or lon is None:
            return None, None
        try:
            place = (float(lat), float(lon))
        except ValueError as error:
            raise ValueError("lat, lon: not numbers") from error
        return (None, None) if place in ignored or abs(place[0]) > 90 or abs(place[1]) > 180 else place

    return read


def _event_mapper(args: Mapping) -> Mapper:
    cells = _cells(args)
    key, at = _needed("key", cells["key"]), _needed("at", _time("at", cells, args))
    due, stage = _time("due_at", cells, args), _needed("stage", cells["stage"])
    agency, simulated = cells.get("event_agency", _none), cells.get("simulated", _none)
    words = [(name, cells[name]) for name in WORDS if name in cells]

    def map_row(row: Sequence[str]) -> Case:
        moment, step = at(row), stage(row)
        event = CaseEvent(moment, args.stages.get(step, step), agency(row))
        parts = {name: get(row) for name, get in words}
        return Case(
            key=key(row), kind=args.kind, opened_at=moment, due_at=due(row), events=(event,),
            simulated=simulated(row) == "true", **parts,
        )  # fmt: skip

    return map_row


def _observation_mapper(args: Mapping) -> Mapper:
    cells = _cells(args)
    at, simulated = _needed("at", _time("at", cells, args)), cells.get("simulated", _none)
    columns = {metric: args.columns.index(column) for metric, column in args.values.items()}
    dims = [(name, cells[name]) for name in OBSERVATION_FIELDS[1:-1] if name in cells]
    single = itemgetter(*columns.values())
    empty = frozenset(args.empty)

    def map_row(row: Sequence[str]) -> list[Observation]:
        moment, marked = at(row), simulated(row) == "true"
        parts = {name: get(row) for name, get in dims}
        texts = single(row) if len(columns) > 1 else (single(row),)
        return [
            Observation(metric=metric, at=moment, value=_value(metric, text), simulated=marked, **parts)
            for metric, text in zip(columns, texts, strict=True)
            if text not in empty
        ]

    return map_row


def _value(metric: str, text: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise ValueError(f"{metric}: not a number") from error


def fold(events: list[Case], closed_when: str | tuple[str, ...]) -> Case:
    """The rows of one case as one case: the first event opens it, the last (or a closing stage) closes it."""
    steps = tuple(sorted({event for case in events for event in case.events}, key=lambda event: event.at))
    closing = [e.at for e in steps if closed_when != "last_event" and e.stage in closed_when]
    closed_at = steps[-1].at if closed_when == "last_event" else (max(closing) if closing else None)
    first, last = events[0], events[-1]
    status = Status.DONE if closed_at else (Status.RECEIVED if len(steps) == 1 else Status.IN_PROGRESS)
    parts = {name: getattr(last, name) for name in WORDS}
    return Case(
        key=first.key, kind=first.kind, opened_at=steps[0].at, due_at=last.due_at, closed_at=closed_at,
        status=status, simulated=first.simulated, events=steps, **parts,
    )  # fmt: skip
