"""Cases, an event log or observations from CSV or a workbook: a file, a drop folder, or an address.

Reads   `path`, every settled file of `folder`, or `url`; content that is known is not read again. Encoding,
        separator and decimal comma are found and told. Of a folder, a bad file or a byte copy is refused alone.
Yields  cases, cases with stages (`shape: event_log`, one row per event), or observations.
Limits  an event log is gathered in memory and cannot be archived; a file still growing waits for the next run;
        a workbook is read within 2 GB of memory.
"""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import Field, model_validator

from city.model import Case, Observation, SourceError
from collectors import tables_in, written
from collectors.address import Address
from collectors.auth import Auth, credentials
from collectors.drop_folder import DropFolder
from collectors.gather import gather
from collectors.http import Session
from collectors.mapping import compiled
from collectors.written import Visit, Written

#: A change of these changes nothing of what has been read.
_OF_NO_MATTER = {"settle_s", "archive", "quarantine", "headers", "auth"}


class Args(Written):
    """Where the file is, how it is written, where it goes; the mapping of its columns."""

    path: str | None = None
    folder: str | None = None
    url: str | None = Field(default=None, pattern=r"^https?://")
    headers: dict[str, str] = Field(default_factory=dict)
    auth: Auth | None = None
    pattern: str = "*.*"
    settle_s: float = Field(default=2.0, ge=0)
    archive: str | None = Field(default=None, description="a folder for files that have been read")
    quarantine: str | None = Field(default=None, description="a folder for files that were refused")

    @model_validator(mode="after")
    def _one_place(self) -> "Args":
        if sum(place is not None for place in (self.path, self.folder, self.url)) != 1:
            raise ValueError("give exactly one of path and folder, or url")
        leaving = [Path(folder).resolve() for folder in (self.archive, self.quarantine) if folder]
        if leaving and self.folder is None:
            raise ValueError("archive and quarantine belong to a folder")
        if len({*leaving, Path(self.folder or "").resolve()}) <= len(leaving):
            raise ValueError("folder, archive and quarantine must be three different folders")
        if self.archive and self.shape == "event_log":
            raise ValueError("an event log cannot be archived: its cases may span files, which are read together")
        if self.url is None and (self.headers or self.auth):
            raise ValueError("headers and auth belong to a url")
        return self


class OneFile:
    """A visit to `path`. Raises MissingFile."""

    def __init__(self, args: Args, session: Session, known: dict[str, Any]) -> None:
        (self._file,) = tables_in.find(args.path, None, args.pattern, args.settle_s)
        self._mark = tables_in.digest(self._file)
        self._args, self._warn, self._known = args, session.warn, known.get("files", {})

    def rows(self) -> Iterator[Any]:
        """Its rows, unless its content is known."""
        if self._known.get(self._file.name) != self._mark:
            yield from written.rows(self._file, self._args, self._warn)

    def cursor(self) -> dict[str, Any]:
        """What has been read."""
        return {"files": {self._file.name: self._mark}}

    def settle(self, error: SourceError | None) -> None:
        """It stays where it is."""


def visit(args: Args, session: Session, since: dict[str, Any] | None, now: datetime) -> Visit:
    """One look at the file, the folder or the address. A corrected mapping reads everything again."""
    mark = fingerprint(args)
    known = since if since and since.get("args") == mark else {}
    if args.url:
        who = credentials(args.auth, session)
        place: Any = Address(args.url, args, session, known, headers=args.headers, auth=who)
    elif args.folder:
        place = DropFolder(args, known, compiled(args), session.warn, now)
    else:
        place = OneFile(args, session, known)
    return Visit(place, mark)


def fingerprint(args: Args) -> str:
    """Changes with the mapping: a corrected mapping reads every file again."""
    return written.fingerprint(args, _OF_NO_MATTER)


def fetch(args: Args, session: Session, since: dict[str, Any] | None, now: datetime) -> Iterator[Any]:
    """The rows of every file that is new or changed; an event log needs the other files of its cases too."""
    yield from visit(args, session, since, now).rows()


def parser(args: Args) -> Any:
    """:func:`parse` for a whole run, compiled once."""
    return compiled(args)


def parse(row: Any, args: Args) -> Case | list[Observation]:
    """One row as an item. Raises RowError ``field: what is wrong``; IndexError when it is too short."""
    item: Case | list[Observation] = compiled(args)(row)
    return item


#: The events of each case belong together; other shapes pass through.
fold = gather
