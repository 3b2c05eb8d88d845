"""A scene on a screen: drawn by hand where it was drawn for that shape, packed where it was not, or refused.

Every kind of panel may say what it needs at least, with ``needs(args, size) -> (width, height)`` in units; what
:data:`DEFAULT` says holds for the others. The title and the age above a panel need their width as well. Pure.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from math import inf
from typing import Any

from city.screens import Screen
from dashboard.geometry import CANVAS, WIDE, Geometry, Rect, geometry
from dashboard.grid import Grid, rectangles
from dashboard.packing import NoRoom, Piece, grid_of, pack
from dashboard.page import Page, Panel
from dashboard.room import BOLD_LETTER, text_u

#: What a panel needs whose kind does not say: width (of a group: of each tile) and height in units.
DEFAULT = {"panel": (280, 180), "group": (170, 170), "strip": (200, 92)}
#: Height of the header, in one line or in two; below this width it needs two.
HEAD_U, TALL_HEAD_U, ONE_LINE_U = 84, 158, 1780
#: A scene that is refused is drawn all the same, with less than its panels need.
SHARES = (1.0, 0.85, 0.7, 0.5, 0.3)
#: Of a title: its font size, and the width of the age beside it.
_TITLE_U, _AGE_U = {"panel": 24, "group": 20, "strip": 20}, 92


@dataclass(frozen=True)
class Fit:
    """A scene's grid on its screen. ``packed``: nobody drew it by hand. ``lacks``: panels too small to be read."""

    grid: Grid
    packed: bool
    lacks: tuple[str, ...] = ()


def head_u(wall: Geometry) -> float:
    """How high the header of a wall is, with the margin above it."""
    return TALL_HEAD_U if wall.columns == 1 and wall.width < ONE_LINE_U else HEAD_U


def head_form(screen: Screen) -> str:
    """The class of a wall whose header is not in one line from side to side: displays, or a narrow one."""
    if screen.columns > 1:
        return "head-two" if screen.columns == 2 else "head-many"
    return "head-tall" if head_u(geometry(screen)) > HEAD_U else ""


def piece(panel: Panel, display_u: float = inf) -> Piece:
    """What a panel needs; of a kind that can fold (``folded``), what it needs then on a display that is narrower."""
    asks = getattr(panel.module, "needs", None)
    width, height = asks(panel.args, panel.size) if asks else _default(panel)
    if width > display_u and (folds := getattr(panel.module, "folded", None)):
        width, height = folds(panel.args, panel.size)
    sub = text_u(panel.sub, 18) + 12 if panel.sub else 0
    title = text_u(panel.title, _TITLE_U[panel.size], BOLD_LETTER) + sub + _AGE_U
    return Piece(panel.name, panel.size, max(width, title), height, panel.weight)


def _default(panel: Panel) -> tuple[float, float]:
    width, height = DEFAULT[panel.size]
    return width * (len(getattr(panel.args, "tiles", ())) or 1 if panel.size == "group" else 1), height


def fit(page: Page, screen: Screen) -> Fit:
    """The scene on the screen; with ``lacks``, the grid is the best there is."""
    wall = geometry(screen)
    head, pieces = head_u(wall), [piece(panel, wall.width / wall.columns) for panel in page.panels.values()]
    by_hand = _by_hand(page, wall)
    if by_hand is not None:
        placed = rectangles(by_hand, Rect(0, head, wall.width, wall.height - head))
        if not any(map(wall.over_a_seam, placed.values())):
            return Fit(by_hand, packed=False, lacks=tuple(_too_small(pieces, placed, wall)))
    pieces.sort(key=lambda one: -one.weight)
    lacks: tuple[str, ...] = ()
    for share in SHARES:
        try:
            smaller = [replace(one, width=one.width * share, height=one.height * share) for one in pieces]
            return Fit(grid_of(pack(smaller, wall, head), wall, head), packed=True, lacks=lacks)
        except NoRoom as lack:
            lacks = lacks or (_told(lack.piece, lack.left, wall),)
    return Fit(page.grid, packed=False, lacks=lacks)


def _by_hand(page: Page, wall: Geometry) -> Grid | None:
    if wall.is_canvas(WIDE) and page.wide != page.grid:
        return page.wide
    return page.grid if wall.is_canvas(CANVAS) else None


def _too_small(pieces: list[Piece], placed: Mapping[str, Rect], wall: Geometry) -> Iterator[str]:
    for one in pieces:
        room = placed[one.name]
        if room.width < one.width - 1 or room.height < one.height - 1:
            yield _told(one, (room.width, room.height), wall)


def _told(one: Piece, room: tuple[float, float], wall: Geometry) -> str:
    needs, has = ("x".join(f"{length * wall.unit:.0f}" for length in size) for size in ((one.width, one.height), room))
    return (f"panel '{one.name}' needs {needs} px to be read from the farthest seat and has {has}; "
            "take panels out of the scene, hang larger displays, or seat people nearer")  # fmt: skip


def style_of(screen: Screen) -> dict[str, Any]:
    """The size of the wall and its header as CSS variables; a window of another size shows the whole, smaller."""
    wall = geometry(screen)
    fixed = {"--w": f"{wall.width:.3f}", "--h": f"{wall.height:.3f}", "--head": f"{head_u(wall):g}"}
    night = {"--dim": f"{screen.night.dim:g}"} if screen.night else {}
    return fixed | night | ({"--displays": str(wall.columns)} if wall.columns > 1 else {})
