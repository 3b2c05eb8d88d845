"""Where the panels of a scene stand: a CSS grid of sizes in units, checked, as variables of the style sheet."""

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Annotated

from pydantic import Field

from city.config import Strict
from city.documents import Document, Problem, nearest

HEADER = "the header is the wall's own; take it out of the areas"

#: A size in units (1/1080 of the wall's height), a share, or as large as its content.
Units = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Size = Units | Annotated[str, Field(pattern=r"^(auto|\d+(\.\d+)?fr)$")]
Areas = Annotated[str, Field(pattern=r"^[a-z0-9_. ]+$")]


class Grid(Strict):
    """A CSS grid: ``areas`` row by row, naming panels or ``.`` for empty.

    The wall's own header stands above it; ``padding`` is (top, sides, bottom).
    """

    columns: tuple[Size, ...]
    rows: tuple[Size, ...]
    areas: tuple[Areas, ...]
    gap: tuple[Units, Units] = (18, 32)
    padding: tuple[Units, Units, Units] = (18, 28, 16)


def misplaced(grids: Mapping[str, Grid | None], panels: Collection[str], document: Document) -> Iterator[Problem]:
    """What is wrong with a page's grids: they must be rectangular and place every panel where its name says."""
    for which, grid in grids.items():
        if grid is None:
            continue
        rows = [row.split() for row in grid.areas]
        if len(rows) != len(grid.rows):
            yield document.problem((which, "areas"), f"{len(rows)} rows of areas but {len(grid.rows)} sizes in rows")
        for index, row in enumerate(rows):
            if len(row) != len(grid.columns):
                yield document.problem((which, "areas", index), f"{len(row)} areas but {len(grid.columns)} columns")
        for name in _crooked(rows):
            yield document.problem((which, "areas"), f"the area of '{name}' is not a rectangle")
        placed = {name for row in rows for name in row if not re.fullmatch(r"\.+", name)}
        for name in sorted(placed - set(panels)):
            hint = HEADER if name == "header" else f"unknown panel '{name}'{nearest(name, panels)}"
            yield document.problem((which, "areas"), hint)
        for name in sorted(set(panels) - placed):
            yield document.problem(("panels", name), f"is not placed in {which}.areas")


def _crooked(rows: list[list[str]]) -> Iterator[str]:
    """Names whose places are not one rectangle: the browser would throw away the whole grid."""
    places: dict[str, set[tuple[int, int]]] = {}
    for down, row in enumerate(rows):
        for across, name in enumerate(row):
            places.setdefault(name, set()).add((down, across))
    for name, cells in places.items():
        tall, wide = ({cell[way] for cell in cells} for way in (0, 1))
        box = (max(tall) - min(tall) + 1) * (max(wide) - min(wide) + 1)
        if not re.fullmatch(r"\.+", name) and box != len(cells):
            yield name


def variables(suffix: str, grid: Grid) -> dict[str, str]:
    """The grid as CSS variables: the style sheet picks the set that fits the wall's shape."""
    sizes = {"columns": grid.columns, "rows": grid.rows, "gap": grid.gap, "pad": grid.padding}
    areas = {f"--areas{suffix}": " ".join(f'"{row}"' for row in grid.areas)}
    return areas | {f"--{name}{suffix}": " ".join(map(_size, found)) for name, found in sizes.items()}


def _size(size: float | str) -> str:
    return size if isinstance(size, str) else f"calc({size:g} * var(--u))"
