"""The audit of a table by two dimensions: what can somebody who knows its sums still tell of what is hidden?"""

from collections.abc import Collection, Hashable, Mapping, Sequence
from math import ceil, floor
from typing import NamedTuple

Key = tuple[Hashable, ...]


class Unknown(NamedTuple):
    """A hidden figure: a cell (``place`` None), or the sum of a line of the first (0) or second (1) dimension."""

    place: int | None
    key: Key


class Audit:
    """Solves the equations of one table, whose total is known; ``unknown`` are the hidden sums of its lines."""

    def __init__(
        self, cells: Mapping[Key, int], margins: Sequence[Mapping[Key, int]], unknown: Sequence[Collection[Key]],
        below: int,
    ) -> None:  # fmt: skip
        self._cells, self._margins, self._unknown, self._below = cells, margins, unknown, below

    def first_failure(self, hidden: Collection[Key]) -> Unknown | None:
        """A small figure of which fewer than ``below`` - 1 values are possible; None when there is none."""
        values = {Unknown(None, key): self._cells[key] for key in hidden}
        lows = {one: int(0 not in values.values()) for one in values}
        for place, lines in enumerate(self._unknown):
            found = {Unknown(place, line): self._margins[place][line] for line in lines}
            lows |= {one: int(0 not in found.values()) for one in found}
            values |= found
        small = [one for one, value in values.items() if 0 < value < self._below]
        return _Solving(self._equations(values), values, lows).narrow(small, self._below - 2) if small else None

    def _equations(self, values: Mapping[Unknown, int]) -> list[dict[Unknown, int]]:
        """Unknown -> factor; each has the sum that it has in truth, which is what makes it an equation."""
        lines: dict[tuple[int, Hashable], dict[Unknown, int]] = {}
        totals: list[dict[Unknown, int]] = [{}, {}]
        for one in values:
            if one.place is None:
                for place in (0, 1):
                    lines.setdefault((place, one.key[place]), {})[one] = 1
            else:
                lines.setdefault((one.place, one.key[0]), {})[one] = -1
                totals[one.place][one] = 1
        return [equation for equation in (*lines.values(), *totals) if equation]


class _Solving:
    """Least and largest values by linear programming. The matrix is a network's: what is found are whole numbers."""

    def __init__(
        self, equations: Sequence[Mapping[Unknown, int]], values: Mapping[Unknown, int], lows: Mapping[Unknown, int]
    ) -> None:
        from scipy.sparse import csr_array  # type: ignore[import-untyped]  # late: half a second that only this needs

        self._places = {one: place for place, one in enumerate(values)}
        entries = [(row, self._places[one], factor) for row, equation in enumerate(equations)
                   for one, factor in equation.items()]  # fmt: skip
        rows, columns, factors = zip(*entries, strict=True)
        self._matrix = csr_array((factors, (rows, columns)), shape=(len(equations), len(values)))
        truth = [*values.values()]
        self._sums = [
            sum(factor * truth[self._places[one]] for one, factor in equation.items()) for equation in equations
        ]
        self._bounds = [(lows[one], None) for one in values]
        # Every solution that was met, the truth first, bounds all the others as well: most need no search of their own.
        self._least, self._most = [float(value) for value in truth], [float(value) for value in truth]

    def narrow(self, wanted: Sequence[Unknown], width: int) -> Unknown | None:
        """The first whose possible values span less than ``width``."""
        for one in wanted:
            place = self._places[one]
            for sign in (1, -1):
                if self._span(place) < width and not self._search(place, sign):
                    break  # without a limit on this side
            else:
                if self._span(place) < width:
                    return one
        return None

    def _span(self, place: int) -> int:
        return floor(self._most[place] + 1e-6) - ceil(self._least[place] - 1e-6)

    def _search(self, place: int, sign: int) -> bool:
        """Take in the solution with the least (1) or the largest (-1) value; False when there is no largest."""
        from scipy.optimize import linprog  # type: ignore[import-untyped]

        wanted = [0] * len(self._bounds)
        wanted[place] = sign
        found = linprog(wanted, A_eq=self._matrix, b_eq=self._sums, bounds=self._bounds, method="highs")
        if found.x is None:
            return False
        self._least = [min(pair) for pair in zip(self._least, found.x, strict=True)]
        self._most = [max(pair) for pair in zip(self._most, found.x, strict=True)]
        return True
