"""Page after page of a JSON service, by what was received: servers cap pages silently, and some ignore the page."""

from collections.abc import Callable, Iterator
from typing import Annotated, Any, Literal
from urllib.parse import urljoin, urlsplit

import msgspec
import requests
from pydantic import Field, field_validator

from city.config import Strict
from city.model import NotUnderstood
from collectors.expressions import checked, finder

MAX_PAGES = 10_000
Ask = Callable[[str, dict[str, Any]], tuple[Any, requests.structures.CaseInsensitiveDict[str]]]


class Page(Strict):
    """``param`` counts pages from ``first``; ``size_param`` asks for ``size`` records a page."""

    kind: Literal["page"]
    param: str = "page"
    first: int = 1
    size_param: str | None = None
    size: int = Field(default=100, ge=1)


class Offset(Strict):
    """``param`` counts records."""

    kind: Literal["offset"]
    param: str = "offset"
    size_param: str | None = None
    size: int = Field(default=100, ge=1)


class Cursor(Strict):
    """``next`` finds in each answer what ``param`` must be in the next request."""

    kind: Literal["cursor"]
    param: str = "cursor"
    next: str

    _path = field_validator("next")(checked)


class Link(Strict):
    """``next`` finds the address of the next page in the answer; else the header ``Link: <...>; rel="next"`` has it."""

    kind: Literal["link"]
    next: str | None = None

    @field_validator("next")
    @classmethod
    def _path(cls, expression: str | None) -> str | None:
        return expression and checked(expression)


Paging = Annotated[Page | Offset | Cursor | Link, Field(discriminator="kind")]


def pages(
    paging: Paging | None, url: str, query: dict[str, Any], ask: Ask, records: Callable[[Any], list[Any]],
    warn: Callable[[str], None],
) -> Iterator[list[Any]]:  # fmt: skip
    """The records of each page. ``ask(url, query)`` gives an answer and its headers; ``records`` its records.

    Ends at an empty page or when nothing names a next one. A page that comes again ends it with a warning.
    """
    known: set[bytes] = set()
    received = 0
    for number in range(MAX_PAGES):
        more = _more(paging, number, received)
        answer, headers = ask(url, query | more)
        rows = records(answer)
        mark = msgspec.json.encode(rows)
        if mark in known:
            warn("the same page came again: the server ignores the paging, or its pages run in a circle")
            return
        known.add(mark)
        received += len(rows)
        if rows:
            yield rows
        step = _next(paging, url, query, answer, headers, bool(rows))
        if step is None:
            return
        url, query = step
    raise NotUnderstood("the pages never end", where=url)


def _more(paging: Paging | None, number: int, received: int) -> dict[str, Any]:
    if not isinstance(paging, Page | Offset):
        return {}
    at = paging.first + number if isinstance(paging, Page) else received
    size = {paging.size_param: paging.size} if paging.size_param else {}
    return {paging.param: at, **size}


def _next(
    paging: Paging | None, url: str, query: dict[str, Any], answer: Any, headers: Any, full: bool
) -> tuple[str, dict[str, Any]] | None:
    if isinstance(paging, Page | Offset):
        return (url, query) if full else None
    if isinstance(paging, Cursor):
        mark = finder(paging.next)(answer)
        return (url, query | {paging.param: mark}) if mark not in (None, "", False) else None
    if isinstance(paging, Link):
        return _linked(paging, url, answer, headers)
    return None


def _linked(paging: Link, url: str, answer: Any, headers: Any) -> tuple[str, dict[str, Any]] | None:
    if paging.next:
        there = finder(paging.next)(answer)
    else:
        links = requests.utils.parse_header_links(headers.get("Link", ""))
        there = next((link["url"] for link in links if link.get("rel") == "next"), None)
    if not isinstance(there, str) or not there:
        return None
    following = urljoin(url, there)
    if urlsplit(following)[:2] != urlsplit(url)[:2]:
        # Our credentials go to the configured host and to no other.
        raise NotUnderstood("the next page lies on another host", where=url)
    return following, {}
