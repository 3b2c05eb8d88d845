"""What a request to the data API asks for: parameters checked against metric and region, or what is wrong. Pure.

Filters are those of an address everywhere (:mod:`city.selection`): codes, names and aliases, ``~`` for "not known".
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from city import answer
from city.buckets import GRAINS
from city.catalogue import dimensions
from city.config import Config
from city.metrics import Metric
from city.selection_words import near, value_of
from city.times import Window

#: Rows of one page, unless told, and at most.
PAGE, MOST = 1_000, 10_000
FORMATS = ("json", "csv")
_PAGING = ("limit", "after")
OF_A_METRIC = ("from", "to", "at", "grain", "by", "quantile", "format", *_PAGING)
OF_CASES = ("kind", "from", "to", "by", "rows", "format", *_PAGING)


class Refused(Exception):
    """A request that cannot be answered: an HTTP status, the parameter, what is wrong with it, the nearest value."""

    def __init__(self, parameter: str, message: str, nearest: str = "", status: int = 400) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"error": {"parameter": parameter, "message": message, "nearest": nearest or None}}


class Asked(NamedTuple):
    """A checked request. ``after``: rows that are skipped, or of single cases the mark of the last one."""

    by: tuple[str, ...]
    where: dict[str, list[str]]
    window: Window | None
    at: datetime | None
    grain: str | None
    quantile: float | None
    format: str
    limit: int
    after: str


def metric(fields: Sequence[tuple[str, str]], about: Metric, config: Config, now: datetime) -> Asked:
    """The request about a metric. Raises Refused."""
    return _read(fields, dimensions(about), OF_A_METRIC, config, now)


def cases(fields: Sequence[tuple[str, str]], dims: Sequence[str], config: Config, now: datetime) -> Asked:
    """The request for cases. Raises Refused."""
    return _read(fields, dims, OF_CASES, config, now)


def _read(
    fields: Sequence[tuple[str, str]], dims: Sequence[str], own: Sequence[str], config: Config, now: datetime
) -> Asked:
    given = _fields(fields, [*own, *dims])
    zone = config.region.zone
    try:
        window = answer.span(given.get("from"), given.get("to"), zone, now)
        at = answer.edge("at", given["at"], zone, 0) if "at" in given else None
    except ValueError as error:
        raise Refused(str(error).split(":")[0].split(" ")[0], str(error)) from error
    return Asked(
        by=tuple(dict.fromkeys(one_of("by", text, dims) for text in _parts(given.get("by", "")))),
        where={name: _values(name, given[name], config) for name in dims if name in given},
        window=window, at=at,
        grain=one_of("grain", given["grain"], GRAINS) if "grain" in given else None,
        quantile=_number("quantile", given["quantile"]) if "quantile" in given else None,
        format=one_of("format", given.get("format", "json"), FORMATS),
        limit=_limit(given.get("limit")), after=given.get("after", ""),
    )  # fmt: skip


def _fields(fields: Sequence[tuple[str, str]], known: Iterable[str]) -> dict[str, str]:
    """Parameter -> text; one that is there twice has the values of both."""
    names, found = list(known), dict[str, str]()
    for name, text in fields:
        if name not in names:
            raise Refused(name, f"unknown parameter; known: {', '.join(names)}", near(name, names))
        if "\0" in text:
            raise Refused(name, "a null character is in no value")
        if not text:
            raise Refused(name, "is empty; leave it out, or write ~ for what is not known")
        found[name] = f"{found[name]},{text}" if name in found else text
    return found


def one_of(name: str, text: str, known: Iterable[str]) -> str:
    """``text`` if it is known. Raises Refused with the nearest that is."""
    words = list(known)
    if text not in words:
        raise Refused(name, f"'{text}' is not known; known: {', '.join(words)}", near(text, words))
    return text


def _parts(text: str) -> list[str]:
    return [part for part in text.split(",") if part]


def _values(name: str, text: str, config: Config) -> list[str]:
    found = []
    for part in _parts(text):
        value, nearest = value_of(name, part.strip(), config)
        if value is None:
            raise Refused(name, f"'{part}' is not known; write ={part} for a word of the source's own", nearest)
        found.append(value)
    if not found:
        raise Refused(name, "names no value")
    return found


def _number(name: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise Refused(name, f"'{text}' is not a number from 0 to 1", "0.5")
    return value


def _limit(text: str | None) -> int:
    if text is None:
        return PAGE
    if not (text.isascii() and text.isdigit() and len(text) < 8 and 1 <= int(text) <= MOST):
        raise Refused("limit", f"'{text}' is not a whole number from 1 to {MOST}", str(PAGE))
    return int(text)


def place(text: str) -> int:
    """How many rows ``after`` skips. Raises Refused."""
    if text and not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Refused("after", f"'{text}' is not what `next` of an answer has", "0")
    return int(text or 0)


def nearest(name: str, known: Mapping[str, Any]) -> str:
    """The nearest name that is known."""
    return near(name, list(known))
