"""The words of an address: codes, names and aliases of a region, and words that only a source knows. Pure."""

from difflib import get_close_matches
from urllib.parse import unquote

from city.config import Config, Term
from city.model import Status

#: What is not known, and what stands before a word that is taken as it came.
UNKNOWN, AS_IT_CAME = "~", "="
STATUSES = [status.value for status in Status]


def near(text: str, known: list[str]) -> str:
    """The word that is nearest; empty when none is near."""
    return next(iter(get_close_matches(text, known, 1, 0.5)), "")


def value_of(name: str, text: str, config: Config) -> tuple[str | None, str]:
    """(value, "") or, for a word that is not known, (None, the nearest that is)."""
    if text == UNKNOWN:
        return "", ""
    if text.startswith(AS_IT_CAME):
        return unquote(text[1:]), ""
    if name == "status":
        return (text, "") if text in STATUSES else (None, near(text, STATUSES))
    terms = _terms(name, config)
    code = next((term.code for term in terms if _plain(text) in map(_plain, (term.code, term.name, *term.aliases))), "")
    nearest = "" if code else _near_term(text, terms)
    return (None, nearest) if nearest else (code or text, "")


def _terms(name: str, config: Config) -> tuple[Term, ...]:
    region = config.region
    known = {"agency": region.agencies, "district": region.districts, "category": region.categories}
    return known.get(name, ())


def _near_term(text: str, terms: tuple[Term, ...]) -> str:
    """The code of the term that is nearest by any of its words."""
    words = {_plain(word): term.code for term in terms for word in (*term.aliases, term.name, term.code)}
    found = get_close_matches(_plain(text), words, 1, 0.6)
    return words[found[0]] if found else ""


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())
