"""One table at an HTTP address, read only when it has changed: the server is asked on condition of its last marks."""

import hashlib
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

from city.model import NotUnderstood, SourceError
from collectors import written
from collectors.http import Session, place
from collectors.tables_in import Body
from collectors.workbooks import SUFFIXES

#: What a body begins with, whatever its name: a zip is a workbook here, and so is an OLE file.
_MAGIC = {b"PK\x03\x04": ".xlsx", b"\xd0\xcf\x11\xe0": ".xls"}


class Address:
    """A visit to the table at ``url``; ``options`` are headers and auth of the request.

    ``known`` is the cursor of the last reading with the same mapping, or empty.
    """

    def __init__(
        self, url: str, args: written.Written, session: Session, known: dict[str, Any], **options: Any
    ) -> None:
        self._url, self._args, self._session, self._options = url, args, session, options
        self._known = self._now = known

    def rows(self) -> Iterator[Any]:
        """The rows, or none when the table is what it was. Raises the errors of the session and of the table."""
        found = self._session.changed(self._url, self._known, **self._options)
        if found is None:
            return
        content, marks = found
        mark = hashlib.sha256(content).hexdigest()
        self._now = marks | {"mark": mark}
        if mark != self._known.get("mark"):
            yield from written.rows(_body(self._url, content), self._args, self._session.warn)

    def cursor(self) -> dict[str, Any]:
        """The marks of what was read."""
        return self._now

    def settle(self, error: SourceError | None) -> None:
        """Nothing is left to do."""


def _body(url: str, content: bytes) -> Body:
    if content.lstrip(b"\xef\xbb\xbf \t\r\n")[:14].lower().startswith((b"<!doctype html", b"<html", b"<?xml")):
        raise NotUnderstood("answered with HTML or XML instead of a table", where=place(url))
    path = PurePosixPath(unquote(urlsplit(url).path))
    suffix = path.suffix.lower() if path.suffix.lower() in SUFFIXES else ".csv"
    return Body(place(url), _MAGIC.get(content[:4], suffix), content)
