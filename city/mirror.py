"""The columnar mirror of a region's facts: what lies in its folder. Derived from PostgreSQL, disposable.

    cases-2026-11-5f0c....parquet    the rows of one table and one month of UTC; written once, never changed
    manifest.json                    which of them are the mirror, and the snapshot of PostgreSQL they stand at
    looked.json                      when PostgreSQL was last found to have nothing newer

Replacing the manifest is the only step that changes the mirror: a crash before it leaves the old state, one after it
leaves files that nobody names, which the next writer removes.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

#: A manifest of another layout is as good as none.
LAYOUT = 2


class Piece(msgspec.Struct, frozen=True):
    """One file: its name, its rows, its size in bytes, and the checksum of its rows in any order."""

    file: str
    rows: int
    bytes: int
    checksum: str


class Manifest(msgspec.Struct, frozen=True):
    """The mirror at one snapshot of PostgreSQL, taken at ``as_of``. ``pieces``: table -> month (2026-11) -> file."""

    region: str
    zone: str
    snapshot: str
    as_of: datetime
    pieces: dict[str, dict[str, Piece]]
    layout: int = LAYOUT

    def files(self, table: str) -> list[str]:
        """The names of a table's files, in the order of their months."""
        return [piece.file for piece in self.pieces.get(table, {}).values()]

    @property
    def rows(self) -> int:
        """Rows of all tables."""
        return sum(piece.rows for months in self.pieces.values() for piece in months.values())

    @property
    def bytes(self) -> int:
        """Size of all files."""
        return sum(piece.bytes for months in self.pieces.values() for piece in months.values())


class NoMirror(Exception):
    """There is no mirror of the region (yet): `run.py mirror` writes one."""


def place(data: Path, region: str) -> Path:
    """Where the mirror of a region lies in the data folder."""
    return data / "mirror" / region


def load(folder: Path) -> Manifest | None:
    """The manifest; None where there is no mirror, or one of another layout or that is not whole."""
    try:
        found = msgspec.json.decode((folder / "manifest.json").read_bytes(), type=Manifest)
    except (FileNotFoundError, msgspec.DecodeError):
        return None
    files = (folder / piece.file for months in found.pieces.values() for piece in months.values())
    return found if found.layout == LAYOUT and all(path.is_file() for path in files) else None


def replace(folder: Path, manifest: Manifest) -> None:
    """Make ``manifest`` the mirror, at once or not at all; it survives the machine's end."""
    _write(folder / "manifest.json", manifest, sync=True)
    sync(folder)


def looked(folder: Path, at: datetime) -> None:
    """Remember that the mirror held all that was committed at ``at``."""
    _write(folder / "looked.json", {"at": at}, sync=False)


def looked_at(folder: Path) -> datetime | None:
    """When PostgreSQL was last looked at; up to then the mirror holds everything."""
    try:
        return msgspec.json.decode((folder / "looked.json").read_bytes(), type=dict[str, datetime])["at"]
    except (FileNotFoundError, msgspec.DecodeError, KeyError):
        return None


def behind_s(folder: Path, now: datetime) -> float | None:
    """How old the mirror may be, in seconds; None without a mirror."""
    known = load(folder)
    if known is None:
        return None
    return age_s(max(known.as_of, looked_at(folder) or known.as_of), now)


def age_s(at: datetime, now: datetime) -> float:
    """Seconds from ``at`` to ``now``, none below zero."""
    return max(0.0, (now - at).total_seconds())


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """One writer at a time; another waits."""
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "lock", "a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def sync(path: Path) -> None:
    """Have the disk's word that a file, or the names in a folder, will survive."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _write(path: Path, value: Any, *, sync: bool) -> None:
    part = path.with_suffix(".part")
    with part.open("wb") as file:
        file.write(msgspec.json.format(msgspec.json.encode(value), indent=1))
        file.flush()
        if sync:
            os.fsync(file.fileno())
    part.replace(path)
