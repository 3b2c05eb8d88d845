"""Where districts lie on the screen: real polygons when the region has them, else a schematic. Pure geometry.

The schematic is the Voronoi cell of every centroid, cut to a smooth hull: right in neighbourhood
and direction, wrong in area and border, so it is always labelled as a schematic.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from math import cos, radians

import shapely
from shapely import Geometry
from shapely.affinity import affine_transform

from city.config import Region
from city.vocabulary import boundaries, waters
from dashboard.labels import Spot, overlap, spots

#: Every map is this wide in its own units; the screen stretches it.
WIDTH = 1000.0
#: A map is drawn about this many units of the wall wide: what a label of so many units takes of it.
_PER_UNIT = WIDTH / 540
#: Units of the wall: a digit line of 31u, a line of a name of 18u, and a letter of a narrow name.
_DIGITS_U, _LINE_U, _LETTER_U = 32.0, 19.0, 8.6
#: A number of two digits with its marks; without them, where districts are too narrow for all the marks.
_NUMBERS_U = (92.0, 2 * _DIGITS_U)


@dataclass(frozen=True)
class Shape:
    """One district as an SVG path, and where its label goes (share of width and height).

    ``lead``: the path of the line from a label beside the map to its district; empty when it lies inside.
    """

    path: str
    x: float
    y: float
    lead: str = ""


@dataclass(frozen=True)
class Picture:
    """The map of a region: its shapes by district code, its height and whether it is a schematic.

    ``waters``: paths of rivers. ``at``: latitude and longitude to shares of width and height.
    """

    shapes: Mapping[str, Shape]
    height: float
    schematic: bool
    waters: tuple[str, ...] = ()
    at: Callable[[float, float], tuple[float, float]] = field(default=lambda lat, lon: (0.5, 0.5), compare=False)


@lru_cache(maxsize=8)
def picture(region: Region) -> Picture:
    """The region's districts as shapes; computed once per region."""
    known = boundaries(region)
    areas = known or cells({d.code: (d.lat, d.lon) for d in region.districts})
    if not areas:
        return Picture({}, WIDTH, True)
    turn, height = _projection(areas)
    flat = _simple({code: affine_transform(area, turn) for code, area in areas.items()})
    names = {district.code: district.name for district in region.districts}
    placed = _placed(flat, {code: names.get(code, code) for code in flat}, height)
    rivers = tuple(_line(affine_transform(water, turn)) for water in waters(region))
    shapes = {code: _shape(area, placed[code], height) for code, area in flat.items()}

    def at(lat: float, lon: float) -> tuple[float, float]:
        x, y = turn[0] * lon + turn[4], turn[3] * lat + turn[5]
        return x / WIDTH, y / height

    return Picture(shapes, height, not known, rivers, at)


def broken(name: str) -> list[str]:
    """The lines of a label: a name of two long words takes two, since districts are narrow."""
    first, _, last = name.partition(" ")
    return [first, last] if last and len(name) > 10 else [name]


def _placed(flat: Mapping[str, Geometry], names: Mapping[str, str], height: float) -> dict[str, Spot]:
    for number_u in _NUMBERS_U:
        rooms = {code: _room(name, number_u) for code, name in names.items()}
        if not overlap(found := spots(flat, rooms, (WIDTH, height)), rooms):
            break
    return found


def _room(name: str, number_u: float = _NUMBERS_U[-1]) -> tuple[float, float]:
    """What a label takes of the map: width and height."""
    lines = broken(name)
    width = max(number_u, _LETTER_U * max(map(len, lines)))
    return width * _PER_UNIT, (_DIGITS_U + _LINE_U * len(lines)) * _PER_UNIT


def cells(centroids: Mapping[str, tuple[float, float]]) -> dict[str, Geometry]:
    """Code to cell (degrees; x = lon, y = lat): together they fill the hull and never overlap."""
    points = {code: shapely.Point(lon, lat) for code, (lat, lon) in centroids.items()}
    if not points:
        return {}
    hull = _hull(list(points.values()))
    if len(points) == 1:
        return dict.fromkeys(points, hull)
    found = shapely.voronoi_polygons(shapely.MultiPoint(list(points.values())), extend_to=hull)
    parts = [shapely.intersection(part, hull) for part in found.geoms]
    return {code: next(part for part in parts if part.intersects(point)) for code, point in points.items()}


def _hull(points: list[Geometry]) -> Geometry:
    """A smooth outline a little outside the outermost centroids."""
    cloud = shapely.MultiPoint(points)
    west, south, east, north = cloud.bounds
    reach = max(east - west, north - south) * 0.17 or 0.02
    return shapely.convex_hull(cloud).buffer(reach, quad_segs=16)


def _projection(areas: Mapping[str, Geometry]) -> tuple[list[float], float]:
    """The affine map to screen units, north up, east-west shortened for the latitude; and the height."""
    west, south, east, north = shapely.total_bounds(list(areas.values()))
    shrink = cos(radians((south + north) / 2))
    scale = WIDTH / ((east - west) * shrink)
    return [scale * shrink, 0, 0, -scale, -west * scale * shrink, north * scale], (north - south) * scale


def _simple(areas: Mapping[str, Geometry]) -> dict[str, Geometry]:
    """Simplified as one coverage, so that neighbours keep their common border."""
    return dict(zip(areas, shapely.coverage_simplify(list(areas.values()), 1.5), strict=True))


def _shape(area: Geometry, spot: Spot, height: float) -> Shape:
    parts = [part for part in getattr(area, "geoms", [area]) if part.geom_type == "Polygon"]
    lead = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in spot.lead) if spot.lead else ""
    return Shape("".join(_ring(part.exterior) for part in parts), spot.x / WIDTH, spot.y / height, lead)


def _ring(ring: Geometry) -> str:
    points = [f"{x:.1f} {y:.1f}" for x, y in ring.coords[:-1]]
    return "M" + "L".join(points) + "Z"


def _line(line: Geometry) -> str:
    parts = getattr(line, "geoms", [line])
    return "".join("M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in part.coords) for part in parts)
