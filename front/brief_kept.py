"""The daily brief in its forms, as files: those that go to a folder, and those kept for the deliveries of a day."""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

FORMATS = ("text", "html", "pdf")
SUFFIX = {"text": "txt", "html": "html", "pdf": "pdf"}
#: How many days are kept.
KEPT = 31


@dataclass(frozen=True)
class Made:
    """A brief in one language, in its forms. ``lack``: why there is no PDF, where none could be printed."""

    day: str
    language: str
    subject: str
    forms: Mapping[str, bytes]
    lack: str | None = None


def write(made: Made, folder: Path) -> list[Path]:
    """The forms as files, each whole or not there. OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"brief-{made.day}-{made.language}.{SUFFIX[form]}" for form in made.forms]
    for path, body in zip(paths, made.forms.values(), strict=True):
        put(path, body)
    return paths


def put(path: Path, body: bytes) -> None:
    """A file that is whole or not there."""
    part = path.with_name(f".{path.name}.part")
    part.write_bytes(body)
    os.replace(part, path)


def keep(made: Sequence[Made], folder: Path) -> None:
    """Keep what was made, so that a delivery that comes late says what the first one said."""
    for one in made:
        write(one, folder)
        # Last, for it says that the others are whole.
        told = {"subject": one.subject, "forms": list(one.forms), "lack": one.lack}
        put(folder / f"brief-{one.day}-{one.language}.json", json.dumps(told, ensure_ascii=False).encode())


def kept(folder: Path, day: str, languages: Sequence[str]) -> list[Made] | None:
    """What was kept of a day; None unless it is there in all ``languages``."""
    try:
        return [_kept(folder, day, language) for language in languages]
    except (OSError, ValueError, KeyError):
        return None


def _kept(folder: Path, day: str, language: str) -> Made:
    begin = folder / f"brief-{day}-{language}"
    told = json.loads(begin.with_suffix(".json").read_text(encoding="utf-8"))
    forms = {form: begin.with_suffix(f".{SUFFIX[form]}").read_bytes() for form in told["forms"]}
    return Made(day, language, told["subject"], forms, told["lack"])


def forget(folder: Path) -> None:
    """Drop all but the last ``KEPT`` days."""
    days = sorted(path.stem for path in folder.glob("????-??-??.json"))
    for day in days[:-KEPT]:
        for path in (*folder.glob(f"brief-{day}-*"), folder / f"{day}.json"):
            path.unlink(missing_ok=True)
