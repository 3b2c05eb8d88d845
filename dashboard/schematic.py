"""Where districts lie on the screen: real polygons when the region has them, else a schematic. Pure geometry.

The schematic is the Voronoi cell of every centroid, cut to a smooth hull: right in neighbourhood
and direction, wrong in area and border, so it is always labelled as a schematic.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import cos, radians

import shapely
from shapely import Geometry
from shapely.affinity import affine_transform

from city.config import Region
from city.vocabulary import boundaries

#: Every map is this wide in its own units; the screen stretches it.
WIDTH = 1000.0


@dataclass(frozen=True)
class Shape:
    """One district as an SVG path, and where its label goes (share of width and height)."""

    path: str
    x: float
    y: float


@dataclass(frozen=True)
class Picture:
    """The map of a region: its shapes by district code, its height and whether it is a schematic."""

    shapes: Mapping[str, Shape]
    height: float
    schematic: bool


@lru_cache(maxsize=8)
def picture(region: Region) -> Picture:
    """The region's districts as shapes; computed once per region."""
    known = boundaries(region)
    areas = known or cells({d.code: (d.lat, d.lon) for d in region.districts})
    if not areas:
        return Picture({}, WIDTH, True)
    flat, height = _flatten(areas)
    return Picture({code: _shape(area, height) for code, area in flat.items()}, height, not known)


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


def _flatten(areas: Mapping[str, Geometry]) -> tuple[dict[str, Geometry], float]:
    """Areas in screen units, north up; east-west shortened for the latitude."""
    west, south, east, north = shapely.total_bounds(list(areas.values()))
    shrink = cos(radians((south + north) / 2))
    scale = WIDTH / ((east - west) * shrink)
    turned = {code: affine_transform(area, [scale * shrink, 0, 0, -scale, -west * scale * shrink, north * scale])
              for code, area in areas.items()}  # fmt: skip
    # Simplified as one coverage, so that neighbours keep their common border.
    simple = shapely.coverage_simplify(list(turned.values()), 1.5)
    return dict(zip(turned, simple, strict=True)), (north - south) * scale


def _shape(area: Geometry, height: float) -> Shape:
    parts = list(getattr(area, "geoms", [area]))
    largest = max(parts, key=lambda part: part.area)
    spot = shapely.maximum_inscribed_circle(largest, 2.0).coords[0]
    return Shape("".join(_ring(part.exterior) for part in parts), spot[0] / WIDTH, spot[1] / height)


def _ring(ring: Geometry) -> str:
    points = [f"{x:.1f} {y:.1f}" for x, y in ring.coords[:-1]]
    return "M" + "L".join(points) + "Z"
