"""A drop folder as one visit sees it: what is new, what is wrong with it, and where each file goes afterwards.

A file that cannot be read, or of which more than a tenth of the rows is not understood, is refused whole; the
others are read. A byte copy of another file is refused too. Files are moved only after the run is in the
database: read ones to `archive`, refused ones to `quarantine` with a reason beside them. Whatever a killed run
left lying is known by its content, so the next run moves it and reads nothing twice.
"""

import errno
import os
import shutil
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from city.model import CopiedFile, SourceError, TooManyRejected, UnreadableFile
from collectors import tables_in, written
from collectors.reading import MAX_REJECTED_RATIO, named

#: Files that have gone are remembered too, so that a copy of one is known: five years of days.
MEMORY = 2_000
REASON = ".reason.txt"


class DropFolder:
    """A visit to the folder of ``args`` (see :class:`collectors.csv_file.Args`); finds and hashes each file once.

    ``known`` is the cursor of the last reading with the same mapping, or empty; ``parse`` turns a row into an
    item, ``warn`` is told what does not stop the run. Raises MissingFile.
    """

    def __init__(
        self, args: Any, known: dict[str, Any], parse: Callable[[Any], Any], warn: Callable[[str], None], now: datetime
    ) -> None:  # fmt: skip
        self._args, self._parse, self._warn, self._now = args, parse, warn, now
        self._files: dict[str, Path] = {}
        self._marks: dict[str, str] = {}
        for path in tables_in.find(None, args.folder, args.pattern, args.settle_s):
            self._see(path)
        self._known: dict[str, str] = known.get("files", {})
        self._bad: dict[str, list[str]] = {
            name: told for name, told in known.get("bad", {}).items() if self._marks.get(name) == told[0]
        }

    def _see(self, path: Path) -> None:
        folders = [Path(folder).resolve() for folder in (self._args.archive, self._args.quarantine) if folder]
        if any(folder in path.resolve().parents for folder in folders):
            return
        name = str(path.relative_to(self._args.folder))
        self._files[name] = path
        try:
            self._marks[name] = tables_in.digest(path)
        except UnreadableFile:
            self._marks[name] = ""  # reading it will say why
            if not path.exists():  # another run was faster
                del self._files[name], self._marks[name]

    def rows(self) -> Iterator[Any]:
        """The rows of every new file that can be read whole.

        Raises the error of the newest file when that cannot be read and nothing else is new: then the source
        has no news because something is wrong. An event log is read whole when anything is new.
        """
        news = [name for name in self._files if self._known.get(name) != self._marks[name] and name not in self._bad]
        problems = self._problems(news)
        self._bad |= {name: [self._marks[name], error.code, error.what] for name, error in problems.items()}
        good = [name for name in news if name not in problems]
        self._tell()
        if not good:
            self._despair(problems)
        whole = good and self._args.shape == "event_log"
        for name in [name for name in self._files if name not in self._bad] if whole else good:
            yield from written.rows(self._files[name], self._args, self._warn)

    def _problems(self, news: list[str]) -> dict[str, SourceError]:
        found: dict[str, SourceError] = {}
        first = {mark: name for name, mark in self._known.items() if self._marks.get(name, mark) == mark}
        for name in news:
            error = self._problem(name, first.get(self._marks[name], name))
            if error is None:
                first.setdefault(self._marks[name], name)
                continue
            if name in self._known and self._args.shape == "event_log":
                # Without it the cases that it began or ended would be told wrongly: the old data stay.
                raise error
            found[name] = error
        return found

    def _problem(self, name: str, original: str) -> SourceError | None:
        count, rejected, first = 0, 0, ""
        try:
            for row in written.rows(self._files[name], self._args, _silent):  # what is read says it then
                count += 1
                if original != name:  # the export of a day on which nothing happened has no rows and many twins
                    return CopiedFile(f"it is a byte copy of {original}", where=name)
                try:
                    self._parse(row)
                except (LookupError, ValueError, TypeError, ArithmeticError) as error:
                    rejected += 1
                    first = first or f"row {count}: {named(error)}"
        except SourceError as error:
            return error
        if rejected > MAX_REJECTED_RATIO * count:
            return TooManyRejected(f"{rejected} of {count} rows not understood, first: {first}", where=name)
        return None

    def _tell(self) -> None:
        fate = "goes to the quarantine" if self._args.quarantine else "it is tried again when it changes"
        for name, (_, code, what) in self._bad.items():
            self._warn(f"{name}: not loaded ({code}): {what}; {fate}")
        if self._args.archive:
            for name in filter(self._is_loaded, self._files):
                self._warn(f"{name}: was loaded before and goes to the archive")
        if waiting := _waiting(self._args.quarantine):
            self._warn(f"{waiting} file(s) in the quarantine wait for somebody: see the {REASON} beside each")

    def _is_loaded(self, name: str) -> bool:
        return self._known.get(name) == self._marks[name]

    def _despair(self, problems: dict[str, SourceError]) -> None:
        """Raise what is wrong with the newest file, by name, or with any that is about to leave for the quarantine."""
        wrong = [name for name, (_, code, _) in self._bad.items() if code != CopiedFile.code]
        if not self._args.quarantine:
            wrong = [name for name in wrong if name == max(self._files)]
        for name in wrong:
            _, code, what = self._bad[name]
            raise problems.get(name) or _kinds()[code](what, where=name)

    def cursor(self) -> dict[str, Any]:
        """The content of every file that was read, now or before, and of those that were refused."""
        read = {name: mark for name, mark in self._marks.items() if name not in self._bad}
        gone = sorted(name for name in self._known if name not in self._marks)[-MEMORY:]
        return {"files": {name: self._known[name] for name in gone} | self._old() | read, "bad": self._bad}

    def _old(self) -> dict[str, str]:
        return {name: self._known[name] for name in self._bad if name in self._known}

    def settle(self, error: SourceError | None) -> None:
        """Refused files leave for the quarantine; read ones, once the run is committed, for the archive."""
        for name, told in self._bad.items():
            if self._args.quarantine:
                self._quarantine(name, told)
        for name in [name for name in self._files if name not in self._bad]:
            if self._args.archive and error is None:
                self._leave(name, Path(self._args.archive), None)

    def _quarantine(self, name: str, told: list[str]) -> None:
        _, code, what = told
        when, then = self._now.isoformat(timespec="seconds"), _kinds()[code].next_step
        reason = f"File:  {name}\nWhen:  {when}\nError: {code}\nWhat:  {what}\nNext:  {then};\n"
        self._leave(name, Path(self._args.quarantine), reason + "       then put the file back into the folder\n")

    def _leave(self, name: str, folder: Path, reason: str | None) -> None:
        try:
            # What was put in its place meanwhile has not been read.
            if tables_in.digest(self._files[name]) == self._marks[name]:
                moved(self._files[name], folder / name, self._marks[name], reason)
        except (OSError, UnreadableFile) as error:
            if self._files[name].exists():
                cause = type(error.__cause__ or error).__name__
                self._warn(f"{name}: could not be moved to '{folder.name}' ({cause}); the next run tries again")


def _kinds() -> dict[str, type[SourceError]]:
    kinds, found = [SourceError], dict[str, type[SourceError]]()
    while kinds:
        kind = kinds.pop()
        found[kind.code] = kind
        kinds += kind.__subclasses__()
    return found


def _silent(text: str) -> None:
    """A file that is only looked at tells nothing of how it is written."""


def _waiting(folder: str | None) -> int:
    files = [path for path in Path(folder).rglob("*") if path.is_file()] if folder else []
    return sum(not path.name.startswith(".") and not path.name.endswith(REASON) for path in files)


def moved(path: Path, target: Path, mark: str, reason: str | None = None) -> None:
    """Move a file whose content is ``mark``, whole or not at all, and write the ``reason`` beside it. Raises OSError.

    A file of that name with other content stays; one with the same content is the same file.
    """
    number, free = 1, target
    while free.exists() and tables_in.digest(free) != mark:
        number += 1
        free = target.with_name(f"{target.stem}.{number}{target.suffix}")
    free.parent.mkdir(parents=True, exist_ok=True)
    if reason:
        free.with_name(free.name + REASON).write_text(reason, encoding="utf-8")
    try:
        path.replace(free)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        # On another disk: first a whole copy under a name that nobody reads.
        part = free.with_name(f".{free.name}.part")
        shutil.copy2(path, part)
        os.replace(part, free)
        path.unlink()
