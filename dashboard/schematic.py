"""Shapes of a region's districts in a box 1000 wide: real polygons, or a schematic when it has none.

The schematic is the Voronoi cells of the district centroids clipped to a smooth hull, so that every
region has a map on its first day. It shows who is beside whom, not where borders run.
"""

from dataclasses import dataclass
from functools import lru_cache
from math import cos, radians
from typing import Any

import shapely
from shapely import affinity

from city.config import Region
from city.vocabulary import boundaries


@dataclass(frozen=True)
class Shapes:
    """District code to SVG path and label position, in a box of 1000 by ``height``."""

    paths: dict[str, str]
    labels: dict[str, tuple[float, float]]
    height: float
    schematic: bool


@lru_cache(maxsize=8)
def shapes(region: Region) -> Shapes:
    """The map of a region; computed once."""
    polygons = boundaries(region)
    drawn = polygons or cells({d.code: (d.lon, d.lat) for d in region.districts})
    return _fitted(drawn, schematic=not polygons)


def cells(centroids: dict[str, tuple[float, float]]) -> dict[str, Any]:
    """Voronoi cells of the centroids (lon, lat), clipped to a smooth hull around them."""
    points = {code: shapely.Point(place) for code, place in centroids.items()}
    cloud = shapely.MultiPoint(list(points.values()))
    reach = max(0.01, 0.5 * _spacing(list(points.values())))
    # Out, in and out again rounds every corner, the inner ones too.
    hull = cloud.convex_hull.buffer(2 * reach).buffer(-reach).buffer(0.4 * reach)
    diagram = shapely.voronoi_polygons(cloud, extend_to=hull.buffer(reach)).geoms
    return {
        code: next(cell for cell in diagram if cell.covers(point)).intersection(hull) for code, point in points.items()
    }


def _spacing(points: list[Any]) -> float:
    """The median distance to the nearest neighbour, in degrees."""
    nearest = sorted(min((a.distance(b) for b in points if b is not a), default=0.05) for a in points)
    return nearest[len(nearest) // 2] if nearest else 0.05


def _fitted(drawn: dict[str, Any], *, schematic: bool) -> Shapes:
    if not drawn:
        return Shapes({}, {}, 600.0, schematic)
    everything = shapely.union_all(list(drawn.values()))
    west, south, east, north = everything.bounds
    squeeze = cos(radians((south + north) / 2))
    scale = 1000 / ((east - west) * squeeze)
    # x east and squeezed by latitude, y down: a degree of longitude is shorter than one of latitude.
    matrix = [scale * squeeze, 0, 0, -scale, -west * scale * squeeze, north * scale]
    placed = {code: affinity.affine_transform(shape, matrix).simplify(1.0) for code, shape in drawn.items()}
    labels = {code: _label(shape) for code, shape in placed.items()}
    height = round((north - south) * scale, 1)
    return Shapes({code: _path(shape) for code, shape in placed.items()}, labels, height, schematic)


def _label(shape: Any) -> tuple[float, float]:
    inside = shapely.maximum_inscribed_circle(shape, tolerance=5).coords[0]
    return round(inside[0], 1), round(inside[1], 1)


def _path(shape: Any) -> str:
    polygons = shape.geoms if hasattr(shape, "geoms") else [shape]
    rings = [ring for polygon in polygons for ring in (polygon.exterior, *polygon.interiors)]
    return "".join("M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in ring.coords) + "Z" for ring in rings)
