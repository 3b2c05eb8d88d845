"""Where the names of a map go: inside their area where they fit, beside the map with a line to it where not. Pure."""

from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import NamedTuple

import shapely
from shapely import Geometry

#: Of a label this share lies in its own area, so that nobody has to guess; of a small area at least the second.
INSIDE, MOSTLY = 0.6, 0.3
#: Candidates on each side of an area, and of the picture.
_FINE, _COARSE = 14, 24


class Spot(NamedTuple):
    """The middle of a label, and for one beside its area the ends of the line to it."""

    x: float
    y: float
    lead: tuple[tuple[float, float], tuple[float, float]] | None = None


def spots(
    areas: Mapping[str, Geometry], boxes: Mapping[str, tuple[float, float]], size: tuple[float, float]
) -> dict[str, Spot]:
    """Code to spot, all in the units of ``areas``; ``boxes`` are widths and heights, ``size`` is the picture's.

    The smallest area chooses first. Labels do not overlap unless there is no room at all.
    """
    found: dict[str, Spot] = {}
    taken: list[Geometry] = []
    ranked = sorted(areas, key=lambda code: areas[code].area)
    for code in ranked:
        spot = _inside(areas[code], boxes[code], taken, INSIDE) or _inside(areas[code], boxes[code], taken, MOSTLY)
        if spot:
            found[code] = spot
            taken.append(_box(spot, boxes[code]))
    land = shapely.union_all([shapely.make_valid(area) for area in areas.values()])
    # Those without room in their area come last: their lines must not cross a label that has its place.
    for code in (code for code in ranked if code not in found):
        found[code] = _beside(areas[code], boxes[code], taken, land, size) or Spot(*_middle(areas[code]))
        taken.append(_box(found[code], boxes[code]))
    return found


def overlap(placed: Mapping[str, Spot], boxes: Mapping[str, tuple[float, float]]) -> bool:
    """Whether two labels share more than a hair's breadth."""
    drawn = [_box(spot, boxes[code]) for code, spot in placed.items()]
    return any(one.intersection(other).area > 1 for one, other in combinations(drawn, 2))


def _middle(area: Geometry) -> tuple[float, float]:
    x, y = shapely.maximum_inscribed_circle(_filled(area), 2.0).coords[0]
    return float(x), float(y)


def _filled(area: Geometry) -> Geometry:
    """The largest part without its holes: dissolved neighbours leave slivers, which no map shows."""
    return shapely.Polygon(max(getattr(area, "geoms", [area]), key=lambda part: part.area).exterior)


def _box(spot: Spot, size: tuple[float, float]) -> Geometry:
    width, height = size
    return shapely.box(spot.x - width / 2, spot.y - height / 2, spot.x + width / 2, spot.y + height / 2)


def _inside(area: Geometry, size: tuple[float, float], taken: list[Geometry], share: float) -> Spot | None:
    """The middle; else the point farthest from the border at which the label is its own area's."""
    area = shapely.make_valid(_filled(area))
    points = [point for point in _grid(*area.bounds, _FINE) if area.contains(shapely.Point(point))]
    points.sort(key=lambda point: -shapely.Point(point).distance(area.boundary))
    for point in [_middle(area), *points]:
        box = _box(Spot(*point), size)
        free = not any(box.intersects(other) for other in taken)
        if free and box.intersection(area).area >= share * box.area:
            return Spot(*point)
    return None


def _beside(
    area: Geometry, size: tuple[float, float], taken: list[Geometry], land: Geometry, picture: tuple[float, float]
) -> Spot | None:
    """The nearest place within the picture that is neither land nor taken, and a line to the area's middle."""
    (width, height), home = size, _middle(area)
    room = (width / 2, height / 2, picture[0] - width / 2, picture[1] - height / 2)
    points = sorted(_grid(*room, _COARSE), key=lambda point: (point[0] - home[0]) ** 2 + (point[1] - home[1]) ** 2)
    for point in points:
        box = _box(Spot(*point), size)
        line = shapely.LineString([point, home])
        if not box.intersects(land) and not any(box.intersects(one) or line.intersects(one) for one in taken):
            edge = shapely.difference(line, box).coords[0]
            return Spot(*point, lead=(edge, home))
    return None


def _grid(west: float, north: float, east: float, south: float, count: int) -> Iterator[tuple[float, float]]:
    for down in range(count + 1):
        for across in range(count + 1):
            yield west + (east - west) * across / count, north + (south - north) * down / count
