"""Which column is which field of a case, an event or an observation, by name and by content, with a confidence 0 to 1.

The name (Indonesian or English) proposes; the content must agree. A personal or freely written column is never mapped.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from collectors.probe.columns import Column, tokens
from collectors.probe.synonyms import AGAINST, NAMES

#: Below this a guess is noise.
LEAST = 0.35
_PHRASES = {name: [phrase.split() for phrase in phrases.split(", ")] for name, phrases in NAMES.items()}
_PHRASES["site"] = _PHRASES["place"]
_AGAINST = {name: set(against.split()) for name, against in AGAINST.items()}
SHAPES = {
    "cases": "key opened_at due_at closed_at status status_at category agency district channel place priority outcome"
    " lat lon".split(),
    "event_log": "key at stage event_agency due_at agency category district channel priority outcome".split(),
    "observations": "at site district agency category channel".split(),
}
_TIMES = frozenset({"opened_at", "at", "closed_at", "due_at", "status_at"})


@dataclass
class Match:
    """``shape`` of the items; field -> (column, confidence); the columns of counted values."""

    shape: str
    sure: float
    fields: dict[str, tuple[Column, float]] = field(default_factory=dict)
    values: list[Column] = field(default_factory=list)
    time_format: str | None = None
    #: Positions that stand for "nowhere", as (lat, lon).
    nowhere: list[tuple[float, float]] = field(default_factory=list)

    @property
    def blanks(self) -> list[str]:
        """Words that count as empty; not one that is the name of a case, as NA may be."""
        key = set(self.fields["key"][0].blanks) if "key" in self.fields else set()
        used = [column for column, _ in self.fields.values()] + self.values
        return [mark for mark in dict.fromkeys(mark for column in used for mark in column.blanks) if mark not in key]


def name_score(name: str, wanted: str) -> float:
    """How well a column's name says the field, 0 to 1: how much of the name the best phrase explains."""
    words = tokens(name)
    if not words or set(words) & _AGAINST.get(wanted, set()):
        return 0.0
    best = 0.0
    for rank, phrase in enumerate(_PHRASES[wanted]):
        explained = _explained(words, phrase)
        best = max(best, explained * (1 - 0.008 * rank))
    # The row number of CKAN and others: it changes when the table is loaded anew.
    return best / 2 if name == "_id" else best


def _explained(words: list[str], phrase: list[str]) -> float:
    size = len(phrase)
    for start in range(len(words) - size + 1):
        if words[start : start + size] == phrase:
            # The end of a name says what it is: "kategori.nama" aside, "case:deadline" is a deadline.
            last = 0.06 if start + size == len(words) else 0.0
            return 0.54 + last + 0.4 * size / len(words)
    joined, whole = "".join(phrase), "".join(words)
    if joined == whole:
        return 0.95
    return 0.6 if len(joined) >= 4 and any(word.startswith(joined) or word.endswith(joined) for word in words) else 0.0


def content_score(column: Column, wanted: str) -> float:
    """How well what a column holds fits the field, 0 to 1; ``site`` is a place of observations, new in every row."""
    if column.personal or column.written or not column.filled:
        return 0.0
    if wanted in _TIMES:
        return 1.0 if column.is_time else 0.0
    if column.is_time:
        return 0.0
    if wanted in ("lat", "lon"):
        return _degrees(column, 90 if wanted == "lat" else 180)
    if wanted in ("key", "site"):
        return 1.0 if max(map(len, column.texts)) <= 60 else 0.0
    # One word throughout splits nothing; words that never come back are no vocabulary.
    if len(column.texts) == 1 and column.filled > 10:
        return 0.5
    fractions = column.decimal is not None and any("." in text or "," in text for text in column.texts)
    return 0.0 if fractions or (column.filled > 20 and column.distinct_ratio > 0.7) else 1.0


def _degrees(column: Column, limit: int) -> float:
    if column.decimal is None:
        return 0.0
    numbers = [float(text.replace(",", ".")) for text in column.texts if text.count(".") + text.count(",") <= 1]
    return 1.0 if numbers and all(abs(number) <= limit for number in numbers) else 0.0


def matched(columns: list[Column], rows: list[list[str]]) -> Match | None:
    """The shape of the rows and the column of each field; None when no column is a time."""
    found = _event_log(columns, rows) or _cases(columns) or _observations(columns) or _cases(columns, keyless=True)
    if found and "lat" in found.fields:
        at = [next(i for i, column in enumerate(columns) if column is found.fields[name][0]) for name in ("lat", "lon")]
        found.nowhere = _nowhere([(row[at[0]], row[at[1]]) for row in rows])
    return found


def _nowhere(places: list[tuple[str, str]]) -> list[tuple[float, float]]:
    """Positions in whole degrees that come again and again: no address lies so often there."""
    common = [(place, count) for place, count in Counter(places).most_common(3) if all(place)]
    known = [(float(lat), float(lon)) for (lat, lon), count in common if count > 0.02 * len(places) and count > 5]
    return [place for place in known if place[0].is_integer() and place[1].is_integer()]


def _scores(columns: list[Column], wanted: Iterable[str]) -> list[tuple[float, str, Column]]:
    pairs = ((name_score(column.name, name) * content_score(column, name), name, column)
             for name in wanted for column in columns)  # fmt: skip
    return sorted((pair for pair in pairs if pair[0] >= LEAST), key=lambda pair: -pair[0])


def _assigned(
    columns: list[Column], wanted: Iterable[str], fixed: dict[str, tuple[Column, float]]
) -> dict[str, tuple[Column, float]]:
    """Each field its best column, each column once; the surest first."""
    found, used = dict(fixed), {column.name for column, _ in fixed.values()}
    for score, name, column in _scores(columns, wanted):
        if name not in found and column.name not in used:
            found[name] = (column, round(min(score, 0.99), 2))
            used.add(column.name)
    return found


def _event_log(columns: list[Column], rows: list[list[str]]) -> Match | None:
    """Several rows per key, with a stage that changes from row to row of one key."""
    where = {column.name: index for index, column in enumerate(columns)}
    moments = _scores(columns, ["at"])
    stages = [(score, column) for score, _, column in _scores(columns, ["stage"]) if len(column.texts) <= 200]
    keys = [(score, column) for score, _, column in _scores(columns, ["key"]) if column.distinct_ratio < 0.9]
    if not (moments and stages and keys) or len(rows) < 2:
        return None
    for key_score, key in keys:
        for stage_score, stage in stages:
            pairs = {(row[where[key.name]], row[where[stage.name]]) for row in rows}
            if key is not stage and len(pairs) > 1.3 * len(key.texts):
                fixed = {"key": (key, round(key_score, 2)), "stage": (stage, round(stage_score, 2))}
                return _finished(Match("event_log", 0.9, _assigned(columns, SHAPES["event_log"], fixed)), "at")
    return None


def _cases(columns: list[Column], *, keyless: bool = False) -> Match | None:
    """One row per key. ``keyless``: a moment alone, for want of anything better."""
    keys = [(score * column.distinct_ratio, column) for score, _, column in _scores(columns, ["key"])
            if column.distinct_ratio > 0.9]  # fmt: skip
    fixed: dict[str, tuple[Column, float]] = {}
    if keys:
        best = max(keys, key=lambda one: one[0])
        fixed["key"] = (best[1], round(min(best[0], 0.99), 2))
    elif not keyless:
        return None
    found = Match("cases", 0.9 if keys else 0.3, _assigned(columns, [n for n in SHAPES["cases"] if n != "key"], fixed))
    if "opened_at" not in found.fields:
        used = {column.name for column, _ in found.fields.values()}
        other = next((column for column in columns if column.is_time and column.name not in used), None)
        if other is None or other.personal:
            return None
        found.fields["opened_at"] = (other, 0.3)
    if keyless:
        found.fields["key"] = (found.fields["opened_at"][0], 0.1)
    if "lat" not in found.fields or "lon" not in found.fields:
        found.fields = {name: pair for name, pair in found.fields.items() if name not in ("lat", "lon")}
    return _finished(found, "opened_at")


def _observations(columns: list[Column]) -> Match | None:
    """A moment and numbers that are no positions."""
    found = Match("observations", 0.8, _assigned(columns, SHAPES["observations"], {}))
    used = {column.name for column, _ in found.fields.values()}
    # "6.89 LS" is a number said in words, but no count.
    used |= {c.name for c in columns if max(name_score(c.name, "lat"), name_score(c.name, "lon")) >= 0.5}
    rows = max((column.filled for column in columns), default=0)
    # A number that most rows lack is a remark about a case, not what is counted.
    found.values = [c for c in columns if c.name not in used and 2 * c.filled >= rows and _is_value(c)]
    if "at" not in found.fields or not found.values:
        return None
    if "site" in found.fields:
        found.fields["place"] = found.fields.pop("site")
    return _finished(found, "at")


def _is_value(column: Column) -> bool:
    words = set(tokens(column.name))
    if (
        column.personal
        or column.written
        or column.is_time
        or not words
        or words & {"id", "kode", "code", "no", "province"}
    ):
        return False
    return column.decimal is not None or bool(column.sentences)


def _finished(found: Match, leading: str) -> Match:
    """One form of times for all: that of the leading moment. Of the others only ISO is read beside it."""
    found.time_format = found.fields[leading][0].time_format
    agree: Callable[[Column], bool] = lambda column: column.time_format in (found.time_format, None)  # noqa: E731
    found.fields = {name: pair for name, pair in found.fields.items() if name not in _TIMES or agree(pair[0])}
    order = dict.fromkeys(
        [*SHAPES["event_log"], *SHAPES["cases"], "place"] if found.shape != "cases" else SHAPES["cases"]
    )
    found.fields = {name: found.fields[name] for name in order if name in found.fields}
    return found
