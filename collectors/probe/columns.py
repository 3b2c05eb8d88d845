"""What each column of a table looks like: times and their form, numbers and their country, ids, words, personal data.

Names and texts both count. Whatever looks personal or like free text is only ever named, never shown.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from itertools import product
from zoneinfo import ZoneInfo

from city.times import reader
from collectors import cells, decimals
from collectors.probe.synonyms import PEOPLE, THINGS, WRITTEN

#: Share of the texts that must have a form for the column to have it.
MOST = 0.95
FEW_WORDS = 40
#: Up to so many rows nothing comes again and again.
SMALL = 10
#: What is said with a number in a small sample: "10 km", "3 %".
_UNIT = re.compile(r"\{\} [A-Za-z/%]{1,5}")
_BLANKS = ("NA", "N/A", "null", "NULL", "None", "-", "--")
_PIECES = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")
_DATES = ("%d-%m-%Y", "%d/%m/%Y", "%m/%d/%Y", "%m-%d-%Y", "%d.%m.%Y", "%Y/%m/%d", "%d %B %Y", "%d-%B-%Y", "%B %d, %Y",
          "%d/%m/%y", "%m/%d/%y", "%d-%m-%y")  # fmt: skip
_CLOCKS = ("", " %H:%M:%S", " %H:%M", " %H.%M", ", %H:%M", " pukul %H.%M", " %I:%M:%S %p", " %I:%M %p", " %H:%M:%S.%f")
_FORMS = [None, *(day + date + clock for day, date, clock in product(("", "%A, "), _DATES, _CLOCKS))]
_SHAPED = re.compile(r"\d{1,4}[-/. ]|[A-Za-z]+,? \d")
_ENGLISH = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?")
_NUMBER = re.compile(r"[+-]?[\d.,]*\d([eE][+-]?\d+)?")
_PERSONAL_TEXT = re.compile(
    r".*\S@\S+\.\S.*|(?:1[1-9]|[2-9]\d)\d{4}(?:[04][1-9]|[1256]\d|[37][01])(?:0[1-9]|1[0-2])\d{6}"
    r"|(?:\+?62|0)8\d{7,11}|[A-Z]{1,2} \d{1,4} [A-Z]{1,3}",
    re.DOTALL,
)


@dataclass
class Column:
    """One column: its name, what its texts are, and how sure that is."""

    name: str
    filled: int
    #: The commonest texts first; only for counting and for words that may be shown.
    texts: Counter[str]
    #: Words such as NA that stand for nothing.
    blanks: tuple[str, ...] = ()
    personal: bool = False
    written: bool = False
    is_time: bool = False
    time_format: str | None = None
    zoned: bool = False
    #: Other forms that fit every text as well: 03/04/2026 may be March or April.
    doubtful: bool = False
    #: ``.`` or ``,`` when all are numbers; ``?`` when 1.234 may be a thousand or not.
    decimal: str | None = None
    #: Forms of a number said in words, most common first: "Tersedia {} bed kosong".
    sentences: tuple[str, ...] = ()

    @property
    def distinct_ratio(self) -> float:
        """Different texts per filled cell."""
        return len(self.texts) / self.filled if self.filled else 0.0

    @property
    def few(self) -> bool:
        """Whether it holds a vocabulary: few words, each short, most of them again and again."""
        shortest = max(map(len, self.texts), default=0) <= 60
        return 0 < len(self.texts) <= FEW_WORDS and shortest and (self.filled <= SMALL or self.distinct_ratio <= 0.5)


def tokens(name: str) -> list[str]:
    """The words of a column's name: SRRecordID, case:startdate and no_tiket alike."""
    return [piece.lower() for piece in _PIECES.findall(name)]


def looked_at(name: str, cells: Iterable[str]) -> Column:
    """What a column looks like."""
    texts = Counter(text for cell in cells if (text := cell.strip()))
    blanks = tuple(mark for mark in _BLANKS if texts.pop(mark, 0))
    found = Column(name, texts.total(), texts, blanks)
    found.personal, found.written = _is_personal(found), _is_written(found)
    if texts:
        _look_for_times(found)
    if texts and not found.is_time:
        found.decimal = _decimal(texts)
        if found.decimal is None and not found.personal:
            found.sentences = _sentences(texts)
    return found


def _decimal(texts: Iterable[str]) -> str | None:
    """The mark of decimals when all texts are numbers: ``.`` or ``,``; ``?`` when 1.234 may be either."""
    marks = {decimals.mark(text) for text in texts}
    told = marks & {".", ","}
    if len(told) > 1 or not all(_NUMBER.fullmatch(text) for text in texts):
        return None
    mark = "," if "," in told else "."
    try:
        for text in texts:
            cells.number(decimals.plain(text, mark), ".")
    except ValueError:
        return None
    return "?" if not told and "?" in marks and mark == "." and "." not in marks else mark


def _is_personal(column: Column) -> bool:
    words = tokens(column.name)
    about_things = bool(THINGS & set(words))
    if PEOPLE & set(words) - ({"nama", "responsible"} if about_things or "section" in words else set()):
        # "agency_responsible" is an office.
        return not (about_things and PEOPLE & set(words) <= {"responsible"})
    if words and words[-1] in ("name", "names") and not about_things:
        return True
    hits = sum(count for text, count in column.texts.items() if _PERSONAL_TEXT.fullmatch(text))
    return hits > 0.02 * column.filled


def _is_written(column: Column) -> bool:
    """Free text: by its name, or because it is long and hardly ever the same."""
    words = tokens(column.name)
    if WRITTEN & set(words):
        return True
    long = sum(count for text, count in column.texts.items() if len(text) > 60 or text.count(" ") > 8)
    return column.filled > 0 and long > 0.2 * column.filled


def _look_for_times(column: Column) -> None:
    some = list(column.texts)[:400]
    numbers = [float(text) for text in some if _ENGLISH.fullmatch(text) and text[0] != "0"]
    named = bool(re.search(r"date|time|tanggal|tgl|waktu|jam|_at$|epoch|since|stamp", column.name, re.IGNORECASE))
    if len(numbers) == len(some):
        for form, low in (("unix", 6e8), ("unix_ms", 6e11)):
            if named and all(low < number < low * 7 for number in numbers):
                column.is_time, column.time_format, column.zoned = True, form, True
        return
    if sum(bool(_SHAPED.match(text)) for text in some) < MOST * len(some):
        return
    fitting = [form for form in _FORMS if _fits(form, some)]
    if fitting:
        column.is_time, column.time_format = True, fitting[0]
        column.doubtful = len(fitting) > 1 and fitting[0] is not None
        column.zoned = all(re.search(r"(Z|[+-]\d\d:?\d\d|WIB|WITA|WIT)$", text) for text in some)


@cache
def _reader(form: str | None) -> Callable[[str], datetime]:
    return reader(form, ZoneInfo("UTC"))


def _fits(form: str | None, some: list[str]) -> bool:
    read, wrong = _reader(form), 0
    for text in some:
        try:
            read(text)
        except (ValueError, OverflowError):
            wrong += 1
            if wrong > (1 - MOST) * len(some):
                return False
    return True


def _sentences(texts: Counter[str]) -> tuple[str, ...]:
    """The forms of texts that say a number in words, when they are few; a text may say none ("Penuh!")."""
    forms: Counter[str] = Counter()
    for text, count in texts.items():
        form, found = re.subn(r"\d+([.,]\d+)?", "{}", text)
        alone = found == 0 or "{}" in form.split()
        if found > 1 or len(text) > 60 or not alone:
            return ()
        forms[form] += count
    counted = sum(count for form, count in forms.items() if "{}" in form)
    # Forms are shown, so they must be nobody's own words: they come again and again, or are a number and its unit.
    common = texts.total() > SMALL and min(forms.values()) >= 3
    usual = common or all(_UNIT.fullmatch(form) for form in forms)
    return tuple(form for form, _ in forms.most_common()) if len(forms) <= 6 and counted > 0 and usual else ()
