"""Where the panels of a scene stand: a CSS grid of sizes in units, checked, as variables of the style sheet."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Annotated

from pydantic import Field

from city.config import Strict
from city.documents import Document, Problem, nearest
from dashboard.geometry import Rect

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


def rectangles(grid: Grid, room: Rect) -> dict[str, Rect]:
    """Where each panel of a grid stands in a room, in units; a size by content counts as a share."""
    top, sides, bottom = grid.padding
    across = _tracks(grid.columns, room.x + sides, room.width - 2 * sides, grid.gap[1])
    down = _tracks(grid.rows, room.y + top, room.height - top - bottom, grid.gap[0])
    places: dict[str, list[tuple[int, int]]] = {}
    for row, names in enumerate(grid.areas):
        for column, name in enumerate(names.split()):
            places.setdefault(name, []).append((row, column))
    found = {}
    for name, spots in places.items():
        (first, left), (last, right) = min(spots), max(spots)
        x, y = across[left][0], down[first][0]
        found[name] = Rect(x, y, across[right][1] - x, down[last][1] - y)
    return {name: rect for name, rect in found.items() if not re.fullmatch(r"\.+", name)}


def _tracks(sizes: Sequence[float | str], begin: float, length: float, gap: float) -> list[tuple[float, float]]:
    """Begin and end of each track."""
    shares = [_share(size) for size in sizes]
    fixed = sum(size for size in sizes if not isinstance(size, str)) + gap * (len(sizes) - 1)
    one = max(0.0, length - fixed) / max(1e-9, sum(shares))
    found = []
    for size, share in zip(sizes, shares, strict=True):
        end = begin + (share * one if isinstance(size, str) else size)
        found.append((begin, end))
        begin = end + gap
    return found


def _share(size: float | str) -> float:
    if not isinstance(size, str):
        return 0.0
    return 1.0 if size == "auto" else float(size.removesuffix("fr"))
