"""The records of a datastore table, page by page by what was received: all of them, or the newest first."""

import re
from collections.abc import Iterator
from datetime import datetime
from difflib import get_close_matches
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from city.model import ChangedShape, SourceError
from city.times import instant, reader
from collectors.ckan.portal import Args, Invalid, Portal
from collectors.http import Session
from collectors.paging import Offset, pages

Record = dict[str, Any]


class Datastore:
    """A visit to the table; ``known`` is the cursor of the last reading with the same settings, or empty."""

    def __init__(self, args: Args, session: Session, known: dict[str, Any]) -> None:
        self._args, self._warn, self._known = args, session.warn, known
        self._cursor = known
        self._portal = Portal(args, session)
        self._time = reader(args.time_format, ZoneInfo(args.zone))
        self._newest = instant(known["newest"]) if "newest" in known else None
        #: What is older has been read.
        self._until = self._newest - args.overlap if self._newest else None
        self._total, self._received, self._in_order = 0, 0, True

    def rows(self) -> Iterator[Record]:
        """Every record, or with ``newest_by`` those since the last reading. None when the one page is as it was."""
        size = self._args.page_size
        query = self._query()
        first = self._ask(query | {"offset": 0, "limit": size}, self._known.get("marks"))
        if first is None:
            return
        marks, several = self._portal.marks, False

        def ask(url: str, asked: dict[str, Any]) -> tuple[Any, Any]:
            return first if asked["offset"] == 0 else self._ask(asked), {}

        paging = Offset(kind="offset", param="offset", size_param="limit", size=size)
        for page in pages(paging, self._args.url, query, ask, self._records, self._warn):
            several = self._received > len(page)
            yield from page
            if self._is_old(page):
                break
        else:
            if self._received < self._total:
                self._warn(f"received {self._received} of the {self._total} records that the portal counts")
        # What the server says of its first page speaks for the table only where there is no other.
        self._cursor = {"marks": marks} if not several else {}

    def cursor(self) -> dict[str, Any]:
        """The marks of a table of one page, and the time of the newest record."""
        return self._cursor | ({"newest": self._newest.isoformat()} if self._newest else {})

    def settle(self, error: SourceError | None) -> None:
        """Nothing is left to do."""

    def _query(self) -> dict[str, Any]:
        args = self._args
        query: dict[str, Any] = {"resource_id": args.resource, "sort": args.sort}
        if args.newest_by:
            query["sort"] = f"{_quoted(args.newest_by)} desc, {args.sort}"
        if args.filters:
            query["filters"] = msgspec.json.encode(args.filters).decode()
        if not any("," in column for column in args.columns):
            # Names and addresses that nobody asked for stay where they are.
            query["fields"] = ",".join(args.columns)
        return query

    def _ask(self, query: dict[str, Any], marks: dict[str, str] | None = None) -> dict[str, Any] | None:
        try:
            return self._portal.ask("datastore_search", query, marks)
        except Invalid:
            # The portal does not say in a form that can be shown what is wrong: ask what columns there are.
            empty = self._portal.ask("datastore_search", {"resource_id": self._args.resource, "limit": 0}) or {}
            self._check([field.get("id") for field in empty.get("fields", []) if isinstance(field, dict)])
            raise

    def _records(self, result: dict[str, Any]) -> list[Record]:
        found = result.get("records")
        if not isinstance(found, list) or not all(isinstance(record, dict) for record in found):
            raise ChangedShape("no list of `records` in the answer", where=self._portal.where)
        if found and not self._received:
            self._check(list(dict.fromkeys(name for record in found for name in record)))
        total = result.get("total")
        self._total = total if isinstance(total, int) and not result.get("total_was_estimated") else 0
        self._received += len(found)
        return found

    def _check(self, names: list[Any]) -> None:
        names = [str(name) for name in names]
        missing = [column for column in self._args.columns if column not in names]
        if missing:
            close = get_close_matches(missing[0], names, 1, 0.5)
            hint = f"nearest: '{close[0]}'" if close else f"it has: {', '.join(names[:12])}"
            raise ChangedShape(
                f"column {', '.join(map(repr, missing))} is missing; {hint[:300]}", where=self._portal.where
            )

    def _is_old(self, page: list[Record]) -> bool:
        """Whether what follows ``page`` has been read before. Remembers the newest time."""
        if self._args.newest_by is None:
            return False
        times = [time for record in page if (time := self._moment(record.get(self._args.newest_by)))]
        if times != sorted(times, reverse=True) and self._in_order:
            self._in_order = False
            self._warn("the records do not come newest first (are their times texts?): all are read each time")
        self._newest = max([*times, *filter(None, [self._newest])], default=None)
        return bool(self._in_order and self._until and times and times[-1] < self._until)

    def _moment(self, value: Any) -> datetime | None:
        try:
            return self._time(str(value)) if value else None
        except (ValueError, OverflowError):
            return None  # parse rejects and counts it


def _quoted(column: str) -> str:
    return column if re.fullmatch(r"\w+", column) else f'"{column}"'
