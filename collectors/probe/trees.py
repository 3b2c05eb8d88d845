"""JSON as it comes: where its records lie, how its pages follow, and one record as flat texts under JMESPath names."""

import json
import re
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
#: What lists of records are called, so that `fields` or `columns` beside them are not taken for them.
_USUAL = frozenset("records data results result items features rows list hasil value values entries content".split())
_MAX_DEPTH = 6
#: Words at the end of a path in an answer -> what the paging is.
_LINKS = frozenset("next next_url next_page_url nextlink berikut next_link href".split())
_CURSORS = frozenset(
    "next_cursor nextcursor cursor next_token nextpagetoken kursor_berikut kursor continuation".split()
)
_PAGES = ("page", "halaman", "current_page", "currentpage", "page_number", "pagenumber", "pageno")
_OFFSETS = ("offset", "skip", "start", "mulai")
_SIZES = ("per_page", "perpage", "page_size", "pagesize", "limit", "size", "rows", "per_halaman", "count", "take")


def text_of(value: Any) -> str:
    """A cell as a table would hold it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return value.isoformat(" ") if isinstance(value, datetime) else str(value)


def step(name: str) -> str:
    """A key as a step of a JMESPath."""
    return name if _PLAIN.fullmatch(name) else json.dumps(name, ensure_ascii=False)


def records_of(answer: Any) -> tuple[str, list[dict[str, Any]]]:
    """The JMESPath of the list of records, and it: the shallowest, of these a usual name, of these the longest."""
    found = sorted(
        _lists(answer, "", 0), key=lambda one: (one[0], one[1].rpartition(".")[2] not in _USUAL, -len(one[2]))
    )
    if found:
        return found[0][1] or "@", found[0][2]
    path = ""
    while isinstance(answer, dict) and len(answer) == 1 and isinstance(next(iter(answer.values())), dict):
        ((name, answer),) = answer.items()
        path = f"{path}.{step(name)}".lstrip(".")
    return (path or "@", [answer]) if isinstance(answer, dict) and path else ("@", [])


def _lists(part: Any, path: str, depth: int) -> Iterator[tuple[int, str, list[dict[str, Any]]]]:
    if isinstance(part, list) and part and all(isinstance(one, dict) for one in part):
        yield depth, path, part
    elif isinstance(part, dict) and depth < _MAX_DEPTH:
        for name, value in part.items():
            yield from _lists(value, f"{path}.{step(name)}".lstrip("."), depth + 1)


def flat(record: dict[str, Any], path: str = "", depth: int = 0) -> dict[str, str]:
    """Every value of a record under its JMESPath; of a list of objects its last, of a pair of numbers both."""
    found: dict[str, str] = {}
    for name, value in record.items():
        here = f"{path}.{step(name)}".lstrip(".")
        if isinstance(value, list) and value and isinstance(value[-1], dict):
            here, value = f"{here}[-1]", value[-1]
        if isinstance(value, dict):
            found |= flat(value, here, depth + 1) if depth < _MAX_DEPTH else {}
        elif isinstance(value, list):
            numbers = 2 <= len(value) <= 3 and all(isinstance(one, int | float) for one in value)
            found |= {f"{here}[{index}]": text_of(one) for index, one in enumerate(value[:2])} if numbers else {}
        elif isinstance(value, str | int | float | bool | date) or value is None:
            found[here] = text_of(value)
    return found


def history(found: list[dict[str, Any]]) -> str | None:
    """The name of a list of objects in the records that has more than one element somewhere: a case's steps."""
    longest: dict[str, int] = {}
    for record in found:
        for name, value in record.items():
            if isinstance(value, list) and value and all(isinstance(one, dict) for one in value):
                longest[name] = max(longest.get(name, 0), len(value))
    best = max(longest, key=lambda name: longest[name], default=None)
    return best if best and longest[best] > 1 and _PLAIN.fullmatch(best) else None


def is_ckan(answer: Any) -> bool:
    """Whether this is CKAN's envelope around rows of its datastore."""
    return isinstance(answer, dict) and answer.get("success") is True and "records" in (answer.get("result") or {})


def paging(answer: Any, path: str, query: dict[str, str], linked: bool) -> tuple[dict[str, Any] | None, set[str]]:
    """How the pages follow one another, if anything says so; and the query parameters it takes over."""
    around = _around(answer, path)
    link = next((name for name in around if _last(name) in _LINKS and ("next" in name or "berikut" in name)), None)
    cursor = next((name for name in around if _last(name) in _CURSORS), None)
    sizes = [name for name in (*query, *map(_last, around)) if name.lower() in _SIZES]
    size = {"size_param": sizes[0], "size": _number(query.get(sizes[0]), 100)} if sizes else {}
    if linked:
        return {"kind": "link"}, set()
    if link and str(around[link]).startswith(("http", "/", "?", "None")):
        return {"kind": "link", "next": link}, set()
    if cursor or link:
        return {"kind": "cursor", "param": _asked(query, "cursor"), "next": cursor or link}, {"cursor"}
    for kind, words in (("page", _PAGES), ("offset", _OFFSETS)):
        if told := next((name for name in (*query, *map(_last, around)) if name.lower() in words), None):
            param = told if told in query else told.lower().removeprefix("current_").removeprefix("current")
            return {"kind": kind, "param": param} | size, {param, *sizes}
    return None, set()


def _asked(query: dict[str, str], usual: str) -> str:
    return next((name for name in query if _last(name) in _CURSORS | {"after"}), usual)


def _number(told: str | None, usual: int) -> int:
    return int(told) if told and told.isdigit() and int(told) > 0 else usual


def _around(answer: Any, path: str) -> dict[str, Any]:
    """The single values of an answer outside its records, by their path."""
    found: dict[str, Any] = {}

    def walk(part: Any, here: str, depth: int) -> None:
        if isinstance(part, dict) and here != path and depth < _MAX_DEPTH:
            for name, value in part.items():
                walk(value, f"{here}.{step(name)}".lstrip("."), depth + 1)
        elif not isinstance(part, list | dict):
            found[here] = part

    walk(answer, "", 0)
    return found


def _last(path: str) -> str:
    return path.rpartition(".")[2].strip('"').lower()
