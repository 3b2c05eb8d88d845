"""Panels onto a wall of any shape: nothing over a seam, nothing smaller than it needs, in order of importance.

The displays (or, of a broad one, equal columns) become cells that stay clear of every seam and edge. A cell holds
shelves: groups on top, panels, strips at the bottom. Groups and strips keep their heights; panels share the
rest. How many columns, and how many panels side by side, is tried out; the least distorted wins. Pure.
"""

from collections.abc import Iterator, Sequence
from itertools import combinations, pairwise

from dashboard.geometry import Geometry, Rect
from dashboard.grid import Grid
from dashboard.shelves import BETWEEN_U, GAP_U, Piece, Placed, distortion, least, shelve

CLEAR_U = 28  # of every seam and of the sides
TOP_U, BOTTOM_U = 18, 16
NARROWEST_U = 440  # a column of a broad display
#: What an empty cell and an overfull one cost beside a panel of e times the wrong shape; how often to improve.
EMPTY, TOO_MUCH, ROUNDS = 4.0, 1000.0, 30


class NoRoom(Exception):
    """A panel does not fit any more; ``piece`` is which, ``left`` the largest room (width, height) there is for it."""

    def __init__(self, piece: Piece, left: tuple[float, float]) -> None:
        self.piece, self.left = piece, left
        super().__init__(
            f"{piece.name} needs {piece.width:.0f} x {piece.height:.0f}, there is {left[0]:.0f} x {left[1]:.0f}"
        )


def pack(pieces: Sequence[Piece], wall: Geometry, head: float) -> Placed:
    """Where each panel stands on a wall whose header is ``head`` units high. Raises NoRoom."""
    found: list[tuple[float, int, Placed]] = []
    lacks: list[NoRoom] = []
    for split in _splits(wall):
        try:
            placed = _spread(pieces, cells(wall, head, split))
            found.append((distortion(pieces, placed), split, placed))
        except NoRoom as lack:
            lacks.append(lack)
    if not found:
        raise max(lacks, key=lambda lack: pieces.index(lack.piece))
    return min(found, key=lambda one: one[:2])[2]


def _splits(wall: Geometry) -> range:
    """Into how many columns one display can be divided."""
    inner = wall.width / wall.columns - 2 * CLEAR_U
    return range(1, max(1, int((inner + BETWEEN_U) // (NARROWEST_U + BETWEEN_U))) + 1)


def cells(wall: Geometry, head: float, split: int) -> list[Rect]:
    """The rooms for panels, row by row, clear of seams, edges and the header."""
    found = []
    for display in wall.displays():
        top = display.y + (head + TOP_U if display.y == 0 else CLEAR_U)
        last = display.bottom >= wall.height - 0.01
        height = display.bottom - (BOTTOM_U if last else CLEAR_U) - top
        width = (display.width - 2 * CLEAR_U - (split - 1) * BETWEEN_U) / split
        found += [Rect(display.x + CLEAR_U + k * (width + BETWEEN_U), top, width, height) for k in range(split)]
    return sorted(found, key=lambda cell: (cell.y, cell.x))


def _spread(pieces: Sequence[Piece], rooms: Sequence[Rect]) -> Placed:
    """Each panel into the emptiest cell that can still take it, the most important first; then made better."""
    for piece in pieces:
        if piece.width > rooms[0].width:
            raise NoRoom(piece, (rooms[0].width, rooms[0].height))
    held: list[list[Piece]] = [[] for _ in rooms]
    for piece in pieces:
        over = [_excess([*own, piece], room) for own, room in zip(held, rooms, strict=True)]
        low = [piece.size == "strip" and room.bottom < rooms[-1].bottom for room in rooms]  # strips belong below
        held[min(range(len(rooms)), key=lambda k: (over[k], low[k], _filled(held[k], rooms[k]), k))].append(piece)
    _improve(held, rooms)
    placed: Placed = {}
    for own, room in zip(held, rooms, strict=True):
        shelved = shelve(own, room)
        if shelved is None:
            last = max(own, key=lambda piece: (_relief(piece, own, room) > 0, pieces.index(piece)))
            raise NoRoom(last, _largest(last, [[p for p in h if p is not last] for h in held], rooms))
        placed |= shelved
    return placed


def _relief(piece: Piece, own: Sequence[Piece], room: Rect) -> float:
    """How much less is too much in a cell without one of its panels: nothing when it stands beside a taller one."""
    return _excess(own, room) - _excess([one for one in own if one is not piece], room)


def _excess(own: Sequence[Piece], room: Rect) -> float:
    """By how much the panels of a cell are too much for it, as a share of its height or width; 0 when they fit."""
    wide = max((piece.width for piece in own), default=0) / max(1.0, room.width) - 1
    tall = least(own, room) / max(1.0, room.height) - 1
    return max(0.0, wide) * 10 + max(0.0, tall if tall > 1e-9 else 0.0)


def _improve(held: list[list[Piece]], rooms: Sequence[Rect]) -> None:
    """Move or exchange panels and strips as long as the whole gets better; groups only where there is too much."""
    known: dict[tuple[int, frozenset[str]], float] = {}

    def cost(k: int, own: list[Piece]) -> float:
        key = k, frozenset(piece.name for piece in own)
        if key not in known:
            known[key] = _cost(own, rooms[k])
        return known[key]

    for _ in range(ROUNDS):
        best: tuple[float, int, int, list[Piece], list[Piece]] | None = None
        for a, b in combinations(range(len(rooms)), 2):
            crowded = max(cost(a, held[a]), cost(b, held[b])) >= TOO_MUCH
            for one, two in _exchanges(held[a], held[b], groups=crowded):
                gain = cost(a, held[a]) + cost(b, held[b]) - cost(a, one) - cost(b, two)
                if gain > 1e-6 and (best is None or gain > best[0]):
                    best = (gain, a, b, one, two)
        if best is None:
            return
        _, a, b, one, two = best
        held[a], held[b] = one, two


def _exchanges(
    one: Sequence[Piece], two: Sequence[Piece], *, groups: bool
) -> Iterator[tuple[list[Piece], list[Piece]]]:
    """What two cells can hold after one or none of each has changed over."""
    for out in (None, *(piece for piece in one if groups or piece.size != "group")):
        for back in (None, *(piece for piece in two if groups or piece.size != "group")):
            if out is not back:
                first = [*(piece for piece in one if piece is not out), *([back] if back else [])]
                second = [*(piece for piece in two if piece is not back), *([out] if out else [])]
                yield first, second


def _cost(own: Sequence[Piece], room: Rect) -> float:
    """How badly a cell is used: distorted panels, and room that stays empty."""
    placed = shelve(own, room)
    if placed is None:
        return TOO_MUCH * (1 + _excess(own, room))
    used = sum(part.width * part.height for part in placed.values())
    return distortion(own, placed) + EMPTY * (1 - used / max(1.0, room.width * room.height))


def _filled(own: Sequence[Piece], room: Rect) -> tuple[bool, float]:
    """Whether there is a panel already, and the share of the room that is needed."""
    share = sum(piece.width * piece.height for piece in own) / max(1.0, room.width * room.height)
    return any(piece.size == "panel" for piece in own), round(share, 2)


def _largest(piece: Piece, held: Sequence[Sequence[Piece]], rooms: Sequence[Rect]) -> tuple[float, float]:
    """The room of a new shelf, where it comes nearest to what the panel needs."""
    left = [
        (room.width, max(0.0, room.height - least(own, room) - (GAP_U if own else 0)))
        for own, room in zip(held, rooms, strict=True)
    ]
    return max(left, key=lambda one: (min(one[0] / piece.width, 1) * min(one[1] / piece.height, 1), one))


def grid_of(placed: Placed, wall: Geometry, head: float) -> Grid:
    """The rectangles as a grid of the scene, which begins below the header."""
    across = _edges([0.0, wall.width], [edge for room in placed.values() for edge in (room.x, room.right)])
    down = _edges([head, wall.height], [edge for room in placed.values() for edge in (room.y, room.bottom)])
    rows = []
    for top, bottom in pairwise(down):
        middles = [((left + right) / 2, (top + bottom) / 2) for left, right in pairwise(across)]
        rows.append(" ".join(_at(placed, *middle) for middle in middles))
    tracks = (tuple(round(end - begin, 2) for begin, end in pairwise(edges)) for edges in (across, down))
    columns, sizes = tracks
    return Grid(columns=columns, rows=sizes, areas=tuple(rows), gap=(0, 0), padding=(0, 0, 0))


def _edges(ends: list[float], found: list[float]) -> list[float]:
    return sorted({round(edge, 2) for edge in (*ends, *found)})


def _at(placed: Placed, x: float, y: float) -> str:
    inside = (name for name, room in placed.items() if room.x < x < room.right and room.y < y < room.bottom)
    return next(inside, ".")
