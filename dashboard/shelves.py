"""The panels of one cell on shelves: groups on top, panels, strips at the bottom, side by side where there is width.

Groups and strips keep their heights; panels share what is left. Lengths in units. Pure.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import log

from dashboard.geometry import Rect

GAP_U, BETWEEN_U = 18, 32  # below and beside a panel
#: The kinds of shelf from top to bottom.
SIZES = ("group", "panel", "strip")


@dataclass(frozen=True)
class Piece:
    """A panel to place: what it needs (units), how much of the spare room it takes."""

    name: str
    size: str
    width: float
    height: float
    weight: float = 1.0


Placed = dict[str, Rect]
Shelf = list[Piece]


def shelve(own: Sequence[Piece], room: Rect) -> Placed | None:
    """The panels of one cell on shelves that fill it, or None when they do not fit."""
    if not own:
        return {}
    fitting = [s for s in _arrangements(own, room.width) if _total(s) <= room.height + 1e-6]
    drawn = [_drawn(shelves, room) for shelves in fitting]
    return min(drawn, key=lambda placed: distortion(own, placed), default=None)


def _arrangements(own: Sequence[Piece], width: float) -> Iterator[list[Shelf]]:
    """The shelves with one, two, ... panels side by side, as far as they are wide enough."""
    if any(piece.width > width for piece in own):
        return
    of = {size: [piece for piece in own if piece.size == size] for size in SIZES}
    by_height = sorted(of["panel"], key=lambda piece: -piece.height)
    above, below = (_filled_up(of[size], width, len(own)) for size in ("group", "strip"))
    for most in range(1, 1 + max(1, len(by_height))):
        yield above + _filled_up(of["panel"], width, most) + below
        yield above + _filled_up(by_height, width, most) + below


def _filled_up(own: Sequence[Piece], width: float, most: int) -> list[Shelf]:
    """Each panel on the first shelf that has room beside the others."""
    shelves: list[Shelf] = []
    for piece in own:
        for shelf in shelves:
            if len(shelf) < most and _wide([*shelf, piece]) <= width:
                shelf.append(piece)
                break
        else:
            shelves.append([piece])
    return shelves


def _wide(shelf: Shelf) -> float:
    return sum(piece.width for piece in shelf) + (len(shelf) - 1) * BETWEEN_U


def _height(shelf: Shelf) -> float:
    return max(piece.height for piece in shelf)


def _total(shelves: Sequence[Shelf]) -> float:
    return sum(map(_height, shelves)) + (len(shelves) - 1) * GAP_U


def _drawn(shelves: Sequence[Shelf], room: Rect) -> Placed:
    """Shelves of panels share the spare height by their weight, panels of a shelf its spare width."""
    spare = room.height - _total(shelves)
    shares = [sum(piece.weight * piece.height for piece in shelf) / len(shelf) if shelf[0].size == "panel" else 0.0
              for shelf in shelves]  # fmt: skip
    placed: Placed = {}
    y = room.y
    for shelf, share in zip(shelves, shares, strict=True):
        height = _height(shelf) + (spare * share / sum(shares) if share else 0.0)
        placed |= _side_by_side(shelf, Rect(room.x, y, room.width, height))
        y += height + GAP_U
    return placed


def _side_by_side(shelf: Shelf, room: Rect) -> Placed:
    placed: Placed = {}
    x, stretch = room.x, (room.width - (len(shelf) - 1) * BETWEEN_U) / sum(piece.width for piece in shelf)
    for piece in shelf:
        placed[piece.name] = Rect(x, room.y, piece.width * stretch, room.height)
        x += piece.width * stretch + BETWEEN_U
    return placed


def distortion(pieces: Sequence[Piece], placed: Placed) -> float:
    """How far the panels are from the shapes they need, and how unequally they are enlarged: 0 is perfect."""
    own = [(piece, placed[piece.name]) for piece in pieces if piece.size == "panel"]
    shapes = [abs(log((room.width / room.height) / (piece.width / piece.height))) for piece, room in own]
    grown = [log(room.width * room.height / (piece.width * piece.height)) for piece, room in own]
    return sum(shapes) + max(grown, default=0) - min(grown, default=0)


def least(own: Sequence[Piece], room: Rect) -> float:
    """The height that is taken at least."""
    return min((_total(shelves) for shelves in _arrangements(own, room.width) if shelves), default=0.0)
