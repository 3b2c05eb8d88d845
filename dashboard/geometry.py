"""How large things are on a wall: pixels that can be read from the farthest seat, the unit, the seams.

Lengths in units (u) as everywhere on a wall; pixels are CSS pixels. Pure.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import hypot, radians, tan

from city.screens import Screen

#: NUREG-0700 rev 3 for group-view displays, and what ISO 9241-3 prefers, at the farthest seat.
FLOOR_ARCMIN, GOOD_ARCMIN = 16.0, 20.0
#: Height of a capital letter per font size: of most faces, and of ours (Encode Sans).
CAP, OUR_CAP = 0.70, 0.74
#: A primary fact (alarm title, time left, count on a map, latest value) is as large as this.
FACT_U = 31
#: What a scene is drawn for by hand: one display, three side by side (from 9:4 up), one standing upright.
CANVAS, WIDE, UPRIGHT = (1920, 1080), (2880, 1080), (1080, 1920)
MM_PER_INCH = 25.4


@dataclass(frozen=True)
class Rect:
    """A rectangle in units, from the upper left of the wall."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Where it ends to the right."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """Where it ends below."""
        return self.y + self.height


@dataclass(frozen=True)
class Geometry:
    """A wall in units: one unit is ``unit`` px; it is ``width`` x ``height`` of them, in equal displays."""

    unit: float
    width: float
    height: float
    columns: int = 1
    rows: int = 1

    def displays(self) -> Iterator[Rect]:
        """The displays, row by row."""
        width, height = self.width / self.columns, self.height / self.rows
        for row in range(self.rows):
            for column in range(self.columns):
                yield Rect(column * width, row * height, width, height)

    def over_a_seam(self, part: Rect) -> bool:
        """Whether something lies on more than one display (a hundredth of a unit is nothing)."""
        wide, tall = self.width / self.columns, self.height / self.rows
        across = any(part.x + 0.01 < k * wide < part.right - 0.01 for k in range(1, self.columns))
        return across or any(part.y + 0.01 < k * tall < part.bottom - 0.01 for k in range(1, self.rows))

    def is_canvas(self, canvas: tuple[int, int]) -> bool:
        """Whether what was drawn by hand for ``canvas`` fits as it is."""
        return abs(self.width - canvas[0]) < 1 and abs(self.height - canvas[1]) < 1


def font_px(distance_m: float, arcmin: float, diagonal_in: float, size: tuple[float, float], cap: float = CAP) -> float:
    """The font size in px whose capitals are ``arcmin`` high at ``distance_m``; ``size`` of one display in px."""
    letter_mm = distance_m * 1000 * 2 * tan(radians(arcmin / 60) / 2)
    mm_per_px = diagonal_in * MM_PER_INCH / hypot(*size)
    return letter_mm / mm_per_px / cap


def fact_arcmin(screen: Screen, font: float) -> float:
    """How high the capitals of a font size (px) are at the farthest seat, in minutes of arc (our face)."""
    return FLOOR_ARCMIN * font / needed_px(screen)


def needed_px(screen: Screen) -> float:
    """The font size in px that a primary fact must have on this wall (our face, :data:`FLOOR_ARCMIN`)."""
    one = screen.size[0] / screen.columns, screen.size[1] / screen.rows
    return font_px(screen.distance_m, FLOOR_ARCMIN, screen.diagonal_in, one, OUR_CAP)


def natural_unit(width: float, height: float) -> float:
    """The unit in px of a wall that nothing more is known of: 1/1080 of its height at 16:9 and at 8:3."""
    canvas = WIDE if width * 4 >= height * 9 else UPRIGHT if height > width else CANVAS
    return min(width / canvas[0], height / canvas[1])


def geometry(screen: Screen) -> Geometry:
    """A wall in units that are as large as its size allows and its farthest seat needs."""
    width, height = screen.size
    unit = max(natural_unit(width, height), needed_px(screen) / FACT_U)
    return Geometry(unit, width / unit, height / unit, screen.columns, screen.rows)
