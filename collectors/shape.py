"""What the rows of a source look like: its fields, their types, how often they are empty, the words they use.

A run's shape, from a sample of its raw rows, is compared with that of the good runs before it. What
differs is a change: a new or a vanished field, a new type, a jump in the share of empty cells, a new
word. A shape holds names of fields, counts and the words of few-valued dimensions, never other content.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from city.model import ShapeChange
from city.times import instant
from collectors.mapping import Mapping as Mapped

#: The first rows are all looked at, then one in so many: a load of millions is not held up.
_ALL, _THEN = 200, 101
#: A source is learned until so many rows were looked at; only then can a word be new or a share jump.
LEARNED = 1_000
#: A field that was in half of the rows is missed when none of this many has it.
_ENOUGH = 20
#: The share of empty cells may move by this much.
_JUMP = 0.3
#: A new type is a change when a fifth of the cells has it: one odd cell is a bad row.
_KIND_RATIO = 0.2
_MAX_WORDS, _MAX_FIELDS, _MAX_NAME = 20, 200, 60

#: Mapped fields whose words are few, and stored as dimensions anyway.
_WORDS = frozenset({"status", "stage", "category", "agency", "district", "channel", "priority", "outcome"})
_NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)*")
Fields = dict[str, dict[str, Any]]
#: How a change is told in one line, by its sort.
_SIGNS = {"new": "+", "gone": "-", "kind": "~", "empty": "~", "words": "~"}


class Shape:
    """Accumulates one run. ``columns`` name the cells of rows that are sequences, ``words`` the fields of few values.

    ``header``: every column of the source, where a collector reads only some of them.
    """

    def __init__(self, columns: Sequence[str] = (), words: Iterable[str] = ()) -> None:
        self._columns, self._words, self._seen = columns, frozenset(words), 0
        self.rows, self.fields, self.header = 0, Fields(), tuple[str, ...]()

    def see(self, row: Any) -> None:
        """Look at a row, if its turn has come."""
        self._seen += 1
        if self._seen > _ALL and self._seen % _THEN:
            return
        cells = _flat(row) if isinstance(row, Mapping) else {}
        if isinstance(row, tuple | list):
            cells = dict(zip(self._columns, row, strict=False))
        self.rows += bool(cells)
        for name, value in cells.items():
            name = name.replace("\x00", "")
            if name in self.fields or len(self.fields) < _MAX_FIELDS:
                self._cell(name, value)

    def _cell(self, name: str, value: Any) -> None:
        field = self.fields.setdefault(name, {"seen": 0, "empty": 0, "kinds": {}})
        field["seen"] += 1
        kind = kind_of(value)
        if kind is None:
            field["empty"] += 1
            return
        field["kinds"][kind] = field["kinds"].get(kind, 0) + 1
        if name in self._words and kind == "text":
            words, value = field.setdefault("words", []), value.replace("\x00", "")  # PostgreSQL has no NUL in JSON
            if value not in words and len(words) <= _MAX_WORDS:
                words.append(value)

    def result(self) -> dict[str, Any]:
        """The shape as it is stored: ``rows`` looked at and ``fields``; columns that nothing reads have no counts."""
        unread = {name: {"seen": self.rows, "empty": 0, "kinds": {}} for name in self.header}
        return {"rows": self.rows, "fields": unread | self.fields}


def of(args: Any) -> Shape:
    """An empty shape for the rows that a collector with these settings yields."""
    if not isinstance(args, Mapped):
        return Shape()
    words = [column for field, column in args.fields.items() if field in _WORDS]
    return Shape(args.columns, words)


def _flat(row: Mapping[str, Any]) -> dict[str, Any]:
    """Fields and, of objects within, theirs: ``jenis.nama``."""
    found: dict[str, Any] = {}
    for name, value in row.items():
        inner = value.items() if isinstance(value, Mapping) else ()
        found |= {f"{name}.{key}"[:_MAX_NAME]: part for key, part in inner} or {str(name)[:_MAX_NAME]: value}
    return found


def kind_of(value: Any) -> str | None:
    """number, time, text, yes_no, list or object; None when there is nothing."""
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "yes_no"
    if isinstance(value, int | float | Decimal):
        return "number"
    if isinstance(value, date):  # and so a datetime: a database gives typed values
        return "time"
    if not isinstance(value, str):
        return "list" if isinstance(value, list) else "object"
    if _NUMBER.fullmatch(value):
        return "number"
    return "time" if value[:4].isdecimal() and _is_time(value) else "text"


def _is_time(text: str) -> bool:
    try:
        instant(text[:32])
    except ValueError as error:
        return "no zone" in str(error)
    return True


def changes(known: Mapping[str, Any], now: Mapping[str, Any]) -> list[ShapeChange]:
    """How ``now`` differs from what is ``known``, fields in their order. Nothing is known before the first good run."""
    if not known or not now["rows"]:
        return []
    found: list[ShapeChange] = []
    for name in dict.fromkeys([*known["fields"], *now["fields"]]):
        was, has = known["fields"].get(name), now["fields"].get(name)
        if was is None:
            found.append(ShapeChange(name, "new", _kinds(has)))
        elif has is None:
            missed = was["seen"] >= known["rows"] / 2 and now["rows"] >= _ENOUGH
            found += [ShapeChange(name, "gone", _kinds(was))] if missed else []
        else:
            found += _within(name, was, has, known["rows"] >= LEARNED, now["rows"])
    return found


def told(changed: Iterable[ShapeChange]) -> str:
    """``+ kondisi, - status_lampu, ~ id_tiang``: names of fields only."""
    return ", ".join(f"{_SIGNS[change.change]} {change.field}" for change in changed)


def _within(name: str, was: Any, has: Any, learned: bool, rows: int) -> list[ShapeChange]:
    full = sum(has["kinds"].values())
    odd = [kind for kind, count in has["kinds"].items() if kind not in was["kinds"] and count >= _KIND_RATIO * full]
    found = [ShapeChange(name, "kind", ", ".join(odd), _kinds(was))] if odd and was["kinds"] else []
    before, after = _empty_ratio(was), _empty_ratio(has)
    if learned and rows >= _ENOUGH and abs(after - before) >= _JUMP:
        found.append(ShapeChange(name, "empty", f"{after:.2f}", f"{before:.2f}"))
    known = was.get("words", ())
    news = [word for word in has.get("words", ()) if word not in known]
    if learned and news and 0 < len(known) <= _MAX_WORDS:
        found.append(ShapeChange(name, "words", ", ".join(news[:5])))
    return found


def _kinds(field: Any) -> str:
    return ", ".join(sorted(field["kinds"], key=lambda kind: -field["kinds"][kind]))


def _empty_ratio(field: Any) -> float:
    return float(field["empty"] / field["seen"]) if field["seen"] else 0.0


def learned(known: Mapping[str, Any] | None, now: Mapping[str, Any], changed: Sequence[ShapeChange]) -> dict[str, Any]:
    """What is known after a good run: both together; a field that changed is known from now on as it is now."""
    if not known:
        return dict(now)
    anew = {change.field for change in changed if change.change != "words"}
    fields: Fields = {name: dict(field) for name, field in known["fields"].items() if name not in anew}
    for name, field in now["fields"].items():
        fields[name] = _together(fields[name], field) if name in fields else field
    return {"rows": known["rows"] + now["rows"], "fields": fields}


def _together(was: Any, has: Any) -> dict[str, Any]:
    kinds = {kind: was["kinds"].get(kind, 0) + has["kinds"].get(kind, 0) for kind in {**was["kinds"], **has["kinds"]}}
    joined = {"seen": was["seen"] + has["seen"], "empty": was["empty"] + has["empty"], "kinds": kinds}
    words = list(dict.fromkeys([*was.get("words", ()), *has.get("words", ())]))[: _MAX_WORDS + 1]
    return joined | ({"words": words} if words else {})
