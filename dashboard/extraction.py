"""What screens say, collected from code, browser scripts and layouts into the catalogues: ``make words``.

Run as a program it brings ``locale/*/LC_MESSAGES/kendali.po`` up to date: new texts are added empty, what nobody
says any more is dropped, translations are kept. Nothing is guessed: a text that changed is a new one.
"""

import ast
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

import yaml
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import write_po

from dashboard import panels
from dashboard.page import PageSpec
from dashboard.speech import DOMAIN, LOCALE, catalogue, path

ROOT = Path(__file__).resolve().parent.parent
#: Calls whose text is said; a counted one is its own plural in Indonesian.
KEYWORDS: dict[str, Any] = {"t": None, "tr": None, "N_": None, "many": (1, 1), "NN_": (1, 1)}
_HEAD = """\
# What Kendali's screens say in another language; the Indonesian text is the name of each.
# `make words` adds what is new and drops what is gone."""

_NO_DATE = datetime(2026, 1, 1, tzinfo=UTC)

Found = tuple[int, str | None, str, list[str]]


def code(file: BinaryIO, keywords: Mapping[str, Any], comment_tags: Any, options: Any) -> Iterator[Found]:
    """Babel's extraction from Python, looking into f-strings too: the text that a call of a keyword begins with."""
    for node in ast.walk(ast.parse(file.read())):
        if isinstance(node, ast.Call) and node.args and (name := called(node)) in keywords:
            first = node.args[0]
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield node.lineno, name, first.value, []


def called(node: ast.Call) -> str:
    """The last part of the name of what is called."""
    return getattr(node.func, "attr", "") or getattr(node.func, "id", "")


def layouts(file: BinaryIO, keywords: Any, comment_tags: Any, options: Any) -> Iterator[Found]:
    """Babel's extraction from a layout: its titles, and whatever the panel kinds declare as a ``Text``."""
    said: dict[str, str] = {}
    spec = PageSpec.model_validate(yaml.safe_load(file), context={"say": lambda text: said.setdefault(text, text)})
    for panel in spec.panels.values():
        panels.kind(panel.kind).Args.model_validate(
            panel.args, context={"say": lambda text: said.setdefault(text, text)}
        )
    for text in said:
        if any(map(str.isalpha, text)):
            yield 1, None, text, []


def extracted(root: Path = ROOT) -> Catalog:
    """Everything that is said, in the order of files; without translations."""
    with (root / "babel.cfg").open(encoding="utf-8") as mapping:
        methods, options = parse_mapping_cfg(mapping)
    found = Catalog(project=DOMAIN, header_comment=_HEAD, fuzzy=False)
    for file, _, text, _, _ in sorted(extract_from_dir(root, methods, options, KEYWORDS), key=lambda one: one[0]):
        if text:
            found.add(text, locations=[(Path(file).as_posix(), 1)])
    return found


def update(language: str, said: Catalog) -> Catalog:
    """The catalogue of a language with exactly what is ``said``."""
    old, made = catalogue(language), _empty(language)
    for message in said:
        if message.id:
            known = old.get(message.id if isinstance(message.id, str) else message.id[0])
            forms = _forms(known.string) if known else ("",)
            several = forms if len(forms) == made.num_plurals else (forms[0],) * made.num_plurals
            made.add(message.id, forms[0] if isinstance(message.id, str) else several, locations=message.locations)
    return made


def _empty(language: str) -> Catalog:
    made = Catalog(locale=language, project=DOMAIN, version="0", header_comment=_HEAD, fuzzy=False,
                   msgid_bugs_address="CONTRIBUTING.md",
                   last_translator="Kendali", language_team="Kendali")  # fmt: skip
    # When it was written is told by the repository; a date here would differ each time.
    made.creation_date = made.revision_date = _NO_DATE
    return made


def _forms(string: str | Sequence[str]) -> tuple[str, ...]:
    return (string,) if isinstance(string, str) else tuple(string)


def translated(message: Message) -> bool:
    """Whether a text has its translation, in every form."""
    return all(_forms(message.string or ""))


def write(file: BinaryIO, made: Catalog) -> None:
    """A catalogue as it is kept: files are named, lines are not, so that only words make a difference."""
    write_po(file, made, width=120, include_lineno=False)


def main() -> int:
    """Bring every catalogue up to date; 1 when one lacks translations."""
    said, lacking = extracted(), 0
    for language in sorted(one.name for one in LOCALE.iterdir() if one.is_dir()):
        made = update(language, said)
        with path(language).open("wb") as file:
            write(file, made)
        empty = [one.id for one in made if one.id and not translated(one)]
        print(f"{language}: {len(made)} texts, {len(empty)} without a translation", *empty, sep="\n  ")
        lacking += len(empty)
    return 1 if lacking else 0


if __name__ == "__main__":
    sys.exit(main())
