"""Cases, an event log or observations from CSV or XLSX: one file, or a drop folder.

Reads   `path`, or every settled file of `folder`; a file whose content is known is not read again.
Yields  cases, cases with stages (`shape: event_log`, one row per event), or observations.
Limits  an event log is gathered in memory; a file still growing waits for the next run.
"""

import codecs
import hashlib
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from pydantic import Field, model_validator

from city.model import Case, Observation
from collectors import tables_in
from collectors.gather import gather
from collectors.http import Session
from collectors.mapping import Mapping, compiled


class Args(Mapping):
    """Where the file is and how it is written; the mapping of its columns."""

    path: str | None = None
    folder: str | None = None
    pattern: str = "*.*"
    settle_s: float = Field(default=2.0, ge=0)
    encoding: str = "utf-8-sig"
    #: Found in the header unless told.
    delimiter: str | None = Field(default=None, min_length=1, max_length=1)
    sheet: str | None = None

    @model_validator(mode="after")
    def _one_place(self) -> "Args":
        if (self.path is None) == (self.folder is None):
            raise ValueError("give exactly one of path and folder")
        try:
            codecs.lookup(self.encoding)
        except LookupError as error:
            raise ValueError(f"'{self.encoding}' is not an encoding; write for example utf-8-sig or cp1252") from error
        return self


def fetch(args: Args, session: Session, since: dict[str, Any] | None, now: datetime) -> Iterator[Any]:
    """The rows of every file that is new or changed; an event log needs the other files of its cases too."""
    for path in changed(args, since):
        yield from tables_in.rows(
            path, args.columns, encoding=args.encoding, delimiter=args.delimiter, sheet=args.sheet, decimal=args.decimal
        )


def changed(args: Args, since: dict[str, Any] | None) -> list[Any]:
    """The files to read. A case of an event log may span files, so one change reads the whole log again."""
    files = tables_in.find(args.path, args.folder, args.pattern, args.settle_s)
    known = (since or {}).get("files", {}) if (since or {}).get("args") == fingerprint(args) else {}
    news = [file for file in files if known.get(_name(args, file)) != mark(file)]
    return files if news and args.shape == "event_log" else news


def _name(args: Args, file: Any) -> str:
    """Two folders may hold files of one name."""
    return str(file.relative_to(args.folder)) if args.folder else str(file.name)


def mark(file: Any) -> str:
    """What tells one version of a file from the next: its SHA-256."""
    return tables_in.digest(file)


def fingerprint(args: Args) -> str:
    """Changes with the mapping: a corrected mapping reads every file again."""
    return hashlib.sha256(args.model_dump_json().encode()).hexdigest()[:16]


def cursor(args: Args, since: dict[str, Any] | None, now: datetime) -> dict[str, Any]:
    """What has been read once this run is committed."""
    files = tables_in.find(args.path, args.folder, args.pattern, args.settle_s)
    return {"args": fingerprint(args), "files": {_name(args, file): mark(file) for file in files}}


def parser(args: Args) -> Any:
    """:func:`parse` for a whole run, compiled once."""
    return compiled(args)


def parse(row: Any, args: Args) -> Case | list[Observation]:
    """One row as an item. Raises RowError ``field: what is wrong``; IndexError when it is too short."""
    item: Case | list[Observation] = compiled(args)(row)
    return item


#: The events of each case belong together; other shapes pass through.
fold = gather
