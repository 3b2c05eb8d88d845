"""Which mark a text number has for its decimals: told by its form where that can mean one thing only.

``1.234,5`` ``12,5`` ``1.234.567`` have a decimal comma, ``1,234.5`` ``12.5`` ``0.123`` ``1234.567`` a decimal
point. ``1.234`` and ``12,345`` can mean two numbers a thousand times apart and are never guessed: they follow
the rest of their column, and where that does not tell either, they are refused and counted.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

_GROUPED = r"[1-9]\d{0,2}(?:%s\d{3})"
_POINT = re.compile(rf"[+-]?(?:{_GROUPED % ','}{{2,}}|{_GROUPED % ','}+\.\d+|\d*\.\d+|\d+\.)")
_COMMA = re.compile(rf"[+-]?(?:{_GROUPED % '[.]'}{{2,}}|{_GROUPED % '[.]'}+,\d+|\d*,\d+|\d+,)")
_DOUBTFUL = re.compile(rf"[+-]?{_GROUPED % '[.,]'}")
#: A workbook's own number (:mod:`collectors.workbook_rows`): it says nothing of how its neighbours' texts are written.
_OWN = re.compile(r"-?\d+\.\d+e0")


def mark(text: str) -> str | None:
    """``.`` or ``,`` where ``text`` can only mean that; ``?`` where it can mean either; None for all else."""
    if "." not in text and "," not in text:
        return None
    if _DOUBTFUL.fullmatch(text):
        return "?"
    return "." if _POINT.fullmatch(text) else "," if _COMMA.fullmatch(text) else None


def plain(text: str, decimal: str) -> str:
    """``text``, written with ``decimal``, as float() reads it."""
    return text.replace(".", "").replace(",", ".") if decimal == "," else text.replace(",", "")


def number(text: str) -> float:
    """The number a text can only mean; ValueError when it can mean two, or none."""
    told = mark(text)
    if told == "?":
        raise ValueError("it can mean two numbers")
    return float(plain(text, told) if told else text)


def agreed(rows: Iterable[Sequence[str]], at: Sequence[int]) -> dict[int, str]:
    """The mark of each column of ``at``: ``.``, ``,``, ``?`` (doubtful cells and nothing that tells), or both."""
    found: dict[int, set[str]] = {column: set() for column in at}
    for row in rows:
        for column in at if row else ():
            if told := mark(row[column].strip()):
                found[column].add(told)
    return {column: "".join(sorted(marks - {"?"})) or "?" for column, marks in found.items() if marks}


def settled(rows: Iterable[Sequence[str]], at: Sequence[int], marks: dict[int, str]) -> Iterator[Sequence[str]]:
    """The rows with every number of the columns ``at`` that is not doubtful any more as one that never was."""
    for row in rows:
        cells = list(row)
        for column in at if cells else ():
            cells[column] = _clear(cells[column].strip(), marks.get(column, "?"))
        yield tuple(cells)


def _clear(text: str, told: str) -> str:
    if _OWN.fullmatch(text):
        text, told = text.removesuffix("e0"), "."
    if mark(text) != "?" or told not in (".", ","):
        return text
    # Thousands lose their mark; decimals keep it, and a zero after them changes no value.
    return plain(text, told) + ("0" if told in text else "")
