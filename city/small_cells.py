"""Small counts of patients are hidden, so that nobody can be found in a table, nor by subtracting from its totals.

What is released of one set of data are its total, its tables by one dimension and its table by two. A count of 1 to
``below`` - 1 is hidden wherever it stands, and with it as many others (complementary suppression) as it takes for
this: **whoever has all these tables and solves them as equations still finds at least ``below`` - 1 possible values
for every small count**, as many as "1 to 4" has. Zero says nothing about anybody and is shown, unless it must cover
for another. All that is hidden looks the same, or the mark itself would tell. Where nothing covers, there is no table.

Coarse is decided before fine and alone (total, one dimension, two), so that the same figure is hidden in every table
in which it stands, whichever of them is asked for, and when. Shown as ``SHOWN``.

Method: L. Willenborg and T. de Waal, Elements of Statistical Disclosure Control, chapter 4; the audit by linear
programming is exact for tables by one and two dimensions, whose equations are a network.
"""

from collections.abc import Callable, Hashable, Mapping, Sequence
from itertools import product
from typing import Any, TypeVar, cast

from city.small_audit import Audit, Key, Unknown

#: What stands in the place of a hidden figure; the note of the table says what the star means.
SHOWN = "<5*"
#: The column that says that a value is hidden, and not merely unknown.
MARK = "hidden"
Row = dict[str, Any]
Counts = dict[Key, int]
Table = TypeVar("Table")


def suppress(table: Table, by: Sequence[str], value: str = "value", below: int = 5) -> Table:
    """``table`` (rows, or a pandas DataFrame) with None for what is hidden, and ``hidden`` true there.

    ``by``: its one or two dimensions; none for a total. ``n`` is hidden with its value. Rows of zero may be added where
    a zero must cover; no row at all comes back where nothing could. ValueError for more than two dimensions.
    """
    if isinstance(table, list):
        return cast(Table, suppress_all(table, by, value, below)[tuple(by)])
    import pandas  # type: ignore[import-untyped]  # late: half a second that rows do not need

    rows = suppress([*table.to_dict("records")], by, value, below)  # type: ignore[attr-defined]
    columns = [*table.columns, *({MARK} - {*table.columns})]  # type: ignore[attr-defined]
    return cast(Table, pandas.DataFrame(rows, columns=columns))


def suppress_all(
    rows: Sequence[Mapping[str, Any]], by: Sequence[str], value: str = "value", below: int = 5
) -> dict[tuple[str, ...], list[Row]]:
    """Every table that the rows give: by all of ``by``, by each of them, and the total (by nothing)."""
    by = tuple(by)
    if len(by) > 2 or len({*by}) < len(by):
        raise ValueError("small counts can be hidden in tables by at most two different dimensions")
    known = {tuple(row[name] for name in by): row for row in rows}
    cells = {key: int(row[value]) for key, row in known.items() if row[value] is not None}
    total = sum(cells.values())
    sums: dict[tuple[str, ...], Counts] = {(name,): _summed(cells, place) for place, name in enumerate(by)}
    sums = {(): {(): total}, **sums, by: cells}
    hidden: dict[tuple[str, ...], set[Key] | None] = {(): {()} if 0 < total < below else set()}
    for name in by:
        hidden[name,] = _by_one(sums[name,], not hidden[()], below)
    if len(by) == 2:
        hidden[by] = _by_two(
            cells, [sums[name,] for name in by], [hidden[name,] for name in by], bool(hidden[()]), below
        )
    return {names: _rows(names, sums[names], hidden[names], value, by, known) for names in sums}


def _summed(cells: Mapping[Key, int], place: int) -> Counts:
    found: Counts = {}
    for key, count in cells.items():
        found[key[place],] = found.get((key[place],), 0) + count
    return found


def _small(counts: Mapping[Key, int], below: int) -> set[Key]:
    return {key for key, count in counts.items() if 0 < count < below}


def _by_one(counts: Counts, total_shown: bool, below: int) -> set[Key] | None:
    """What to hide of a table by one dimension; None: all of it."""
    hidden = _small(counts, below)
    if not total_shown:
        return hidden | {key for key, count in counts.items() if count}
    rest = sorted(
        (key for key in counts if key not in hidden), key=lambda key: (not counts[key], counts[key], str(key))
    )
    while hidden and not _covered([counts[key] for key in hidden], below):
        if not rest:
            return None
        hidden.add(rest.pop(0))
    return hidden


def _covered(hidden: Sequence[int], below: int) -> bool:
    """Whether counts whose sum is known leave each other ``below`` - 1 possible values."""
    least = 0 if 0 in hidden else 1
    return len(hidden) > 1 and sum(hidden) - least * len(hidden) >= below - 2


def _by_two(
    cells: Counts, margins: Sequence[Counts], hidden_margins: Sequence[set[Key] | None], total_hidden: bool, below: int
) -> set[Key] | None:
    every = {key: cells.get(key, 0) for key in product(*({one for (one,) in margin} for margin in margins))}
    unknown = [{*margin} if hidden is None else hidden
               for margin, hidden in zip(margins, hidden_margins, strict=True)]  # fmt: skip
    if total_hidden:
        return {key for key, count in cells.items() if count}
    hidden = _small(cells, below)
    if not hidden and not any(_small(margin, below) for margin in margins):
        return hidden
    choose = _Chooser(every, hidden, unknown)
    choose.pair()
    audit = Audit(every, margins, unknown, below)
    while (failed := audit.first_failure(hidden)) is not None:
        if not choose.more(failed):
            return None
        choose.pair()
    return hidden


class _Chooser:
    """Picks what else to hide: in the line of what lacks cover, small before large, zeros last."""

    def __init__(self, cells: Counts, hidden: set[Key], unknown: Sequence[set[Key]]) -> None:
        self._cells, self._hidden, self._unknown = cells, hidden, unknown

    def pair(self) -> None:
        """No line may have one unknown only: it would be the rest of the line's sum."""
        changed = True
        while changed:
            changed = False
            for place in (0, 1):
                for line in {key[place] for key in self._cells}:
                    if self._alone(place, line):
                        changed |= self._hide(_of_line(place, line))

    def _alone(self, place: int, line: Hashable) -> bool:
        count = sum(key[place] == line for key in self._hidden)
        return count + ((line,) in self._unknown[place]) == 1

    def more(self, failed: Unknown) -> bool:
        """Hide something more to cover ``failed``; False when nothing is left."""
        lines = [(0, failed.key[0]), (1, failed.key[-1])] if failed.place is None else [(failed.place, failed.key[0])]
        found = [self._hide(_of_line(place, line)) for place, line in lines]
        return any(found) or self._hide(self._beside_hidden) or self._hide(lambda key: True)

    def _beside_hidden(self, key: Key) -> bool:
        return any(key[place] == other[place] for other in self._hidden for place in (0, 1))

    def _hide(self, wanted: Callable[[Key], bool]) -> bool:
        rest = [key for key in self._cells if key not in self._hidden and wanted(key)]
        if rest:
            self._hidden.add(min(rest, key=lambda key: (not self._cells[key], self._cells[key], str(key))))
        return bool(rest)


def _of_line(place: int, line: Hashable) -> Callable[[Key], bool]:
    return lambda key: key[place] == line


def _rows(
    names: tuple[str, ...], counts: Counts, hidden: set[Key] | None, value: str, by: tuple[str, ...],
    known: Mapping[Key, Mapping[str, Any]],
) -> list[Row]:  # fmt: skip
    if hidden is None:
        return []
    found = []
    for key in [*counts, *sorted((key for key in hidden if key not in counts), key=str)]:
        row: Row = dict(known.get(key, {})) if names == by else {}
        row |= dict(zip(names, key, strict=True)) | {value: counts.get(key, 0), MARK: key in hidden}
        if key in hidden:
            row |= {name: None for name in (value, "n", "extra") if name in row}
        found.append(row)
    return found
