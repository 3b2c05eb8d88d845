"""The languages of the screens: code says Indonesian, ``locale/<language>`` holds what others say for it.

A catalogue is a gettext file that Babel reads when a language is first asked for; nothing is compiled. What a
catalogue lacks stays Indonesian.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache
from gettext import c2py
from pathlib import Path
from typing import Annotated, Any

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from pydantic import AfterValidator, Field, ValidationInfo

SOURCE = "id"
LOCALE = Path(__file__).parent / "locale"
DOMAIN = "kendali"
#: Words of these files are said by the browser itself.
_OF_BROWSER = "assets/"


def path(language: str) -> Path:
    """The file of a language's catalogue."""
    return LOCALE / language / "LC_MESSAGES" / f"{DOMAIN}.po"


def catalogue(language: str) -> Catalog:
    """A language's catalogue as it is in its file."""
    with path(language).open("rb") as file:
        return read_po(file, locale=language, domain=DOMAIN, abort_invalid=True)


class Speech:
    """One language: every text in all its plural forms, and which form a number takes."""

    def __init__(self, found: Catalog | None) -> None:
        texts = [message for message in found or () if message.id and message.string and not message.fuzzy]
        self._forms: dict[str, tuple[str, ...]] = {_name(one.id): _forms(one.string) for one in texts}
        self._form: Callable[[int], int] = c2py(found.plural_expr) if found else lambda count: 0
        places = {_name(one.id): [place for place, _ in one.locations] for one in texts}
        #: What the browser's scripts say, by the Indonesian.
        self.browser: Mapping[str, str] = {
            name: self._forms[name][0]
            for name, where in places.items()
            if any(place.startswith(_OF_BROWSER) for place in where)
        }

    def t(self, text: str) -> str:
        """``text`` (Indonesian) in this language."""
        forms = self._forms.get(text)
        return forms[0] if forms else text

    def many(self, text: str, count: float) -> str:
        """The form of ``text`` for ``count``; what is no whole number is said like several."""
        forms = self._forms.get(text, (text,))
        whole = int(count) if float(count).is_integer() else 2
        return forms[min(self._form(whole), len(forms) - 1)]


def _name(said: Any) -> str:
    return said if isinstance(said, str) else str(said[0])


def _forms(said: Any) -> tuple[str, ...]:
    return (said,) if isinstance(said, str) else tuple(said)


@lru_cache(maxsize=8)
def speech(language: str) -> Speech:
    """The speech of a language; Indonesian needs no catalogue."""
    return Speech(None if language == SOURCE else catalogue(language))


def _said(text: str, info: ValidationInfo) -> str:
    say = (info.context or {}).get("say")
    return say(text) if say and text else text


#: A text of a layout: where settings are read for a screen, it is in the screen's language from then on.
Text = Annotated[str, AfterValidator(_said)]


def default(text: Any) -> Any:
    """A ``Text`` that a layout need not say; mark it (``N_``)."""
    return Field(default=text, validate_default=True)
