"""A table of a CKAN portal (Satu Data and others): the datastore's records, or the resource's own file.

Reads   `mode: datastore`: datastore_search of `resource`, page by page, all of it each time; or with `newest_by`
        (a column of times) the newest first, back to `overlap` before the newest that was read.
        `mode: file`: the CSV or workbook that the resource points to, when it has changed.
Yields  cases, cases with stages (`shape: event_log`), or observations; text numbers follow `decimal`.
Limits  with `newest_by`, a record that changes later than `overlap` after its time is not seen to change.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

from city.model import ChangedShape, SourceError
from collectors import RowError
from collectors.address import Address
from collectors.ckan.datastore import Datastore
from collectors.ckan.portal import Args, Portal
from collectors.gather import gather
from collectors.http import Session
from collectors.mapping import compiled
from collectors.written import Visit, fingerprint, text_of

__all__ = ["Args", "fetch", "fold", "parse", "parser", "visit"]


def visit(args: Args, session: Session, since: dict[str, Any] | None, now: datetime) -> Any:
    """One reading. Corrected settings read everything again."""
    mark = fingerprint(args, {"headers", "auth", "overlap"})
    known = since if since and since.get("args") == mark else {}
    place = Datastore(args, session, known) if args.mode == "datastore" else File(args, session, known)
    return Visit(place, mark)


class File:
    """A visit to the file of a resource, wherever the portal says that it lies."""

    def __init__(self, args: Args, session: Session, known: dict[str, Any]) -> None:
        self._args, self._session, self._known, self._cursor = args, session, known, known

    def rows(self) -> Iterator[Any]:
        """Its rows, when it has changed."""
        portal = Portal(self._args, self._session)
        found = (portal.ask("resource_show", {"id": self._args.resource}) or {}).get("url")
        url = urljoin(self._args.url, found) if isinstance(found, str) else ""
        if not found or urlsplit(url).scheme not in ("http", "https"):
            raise ChangedShape("the resource has no address of a file", where=portal.where)
        # Our credentials go to the portal and to nobody else.
        ours = urlsplit(url)[:2] == urlsplit(self._args.url)[:2]
        known = self._known if self._known.get("url") == url else {}
        address = Address(url, self._args, self._session, known, **(portal.credentials if ours else {}))
        yield from address.rows()
        self._cursor = {**address.cursor(), "url": url}

    def cursor(self) -> dict[str, Any]:
        """The marks of the file, and where it lies."""
        return self._cursor

    def settle(self, error: SourceError | None) -> None:
        """Nothing is left to do."""


def fetch(args: Args, session: Session, since: dict[str, Any] | None, now: datetime) -> Iterator[Any]:
    """Records of the datastore, or rows of the file as the cells of ``args.columns``."""
    yield from visit(args, session, since, now).rows()


def parser(args: Args) -> Any:
    """:func:`parse` for a whole run, compiled once."""
    mapped, columns, counted = compiled(args), args.columns, set(args.values.values())

    def cell(record: dict[str, Any], column: str) -> str:
        try:
            return text_of(record.get(column), args.decimal, counted=column in counted)
        except TypeError as error:
            raise RowError(column, "neither text nor a number") from error

    return lambda row: mapped([cell(row, column) for column in columns] if isinstance(row, dict) else row)


def parse(row: Any, args: Args) -> Any:
    """One record or row as an item. Raises RowError ``field: what is wrong``."""
    return parser(args)(row)


#: The events of each case belong together; other shapes pass through.
fold = gather
