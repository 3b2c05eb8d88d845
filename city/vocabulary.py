"""The region's words: aliases to codes, codes to names, positions to districts. Pure.

An unknown word is kept as it came and reported, never dropped.
"""

import json
from collections.abc import Mapping
from functools import lru_cache
from math import cos, isfinite, radians
from pathlib import Path
from typing import Any

import shapely

from city.config import Region, Term

#: A position farther than this from the hull of the centroids belongs to no district (about 6 km).
_REACH_DEGREES = 0.055


class Vocabulary:
    """Looks words of one region up. Build it once."""

    def __init__(self, region: Region) -> None:
        terms = {"district": region.districts, "agency": region.agencies, "category": region.categories}
        self._codes = {dimension: _aliases(words) for dimension, words in terms.items()}
        self._names = {d: {term.code: term.name for term in words} for d, words in terms.items()}
        self._districts = _Districts(region)

    def term(self, dimension: str, text: str) -> tuple[str, bool]:
        """(code, True) for a known word; (the text itself, False) for an unknown one."""
        code = self._codes[dimension].get(_plain(text))
        return (text, False) if code is None else (code, True)

    def known(self, dimension: str) -> bool:
        """Whether the region has any words for ``dimension``."""
        return bool(self._codes.get(dimension))

    def name(self, dimension: str, code: str) -> str:
        """How ``code`` is shown; an unknown one is shown as it is."""
        return self._names.get(dimension, {}).get(code, code)

    def district_at(self, lat: float, lon: float) -> str | None:
        """The district a position (degrees) lies in: by polygon when the region has them, else by nearest centroid.

        The position is rounded to about 100 m first, as it is stored: the map and the counts agree.
        """
        return self._districts.at(round(lat, 3), round(lon, 3)) if isfinite(lat) and isfinite(lon) else None


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


def _aliases(terms: tuple[Term, ...]) -> dict[str, str]:
    """Plain word to code. A word that is two things is first of all a code, then a name, then an alias."""
    found = {_plain(alias): term.code for term in terms for alias in term.aliases}
    found |= {_plain(term.name): term.code for term in terms}
    return found | {_plain(term.code): term.code for term in terms}


class _Districts:
    """Positions to districts. East-west is shortened for the latitude, so that the nearest is the nearest."""

    def __init__(self, region: Region) -> None:
        shapes = boundaries(region)
        self._polygons = bool(shapes)
        self._shrink = cos(radians(region.districts[0].lat)) if region.districts else 1.0
        points = [shapely.Point(district.lon * self._shrink, district.lat) for district in region.districts]
        self._codes = list(shapes) or [district.code for district in region.districts]
        self._reach = shapely.MultiPoint(points).convex_hull.buffer(_REACH_DEGREES)
        shapely.prepare(self._reach)
        self._tree = shapely.STRtree(list(shapes.values()) or points)
        self.at = lru_cache(maxsize=100_000)(self._at)

    def _at(self, lat: float, lon: float) -> str | None:
        if self._polygons:
            # Generalised polygons may overlap: the first in the order of the file, the same one every time.
            inside = self._tree.query(shapely.Point(lon, lat), predicate="intersects")
            return self._codes[int(inside.min())] if len(inside) else None
        point = shapely.Point(lon * self._shrink, lat)
        if not self._codes or not self._reach.covers(point):
            return None
        return self._codes[int(self._tree.nearest(point))]


def boundaries(region: Region) -> dict[str, shapely.Geometry]:
    """District code to polygon from the region's GeoJSON; empty when the region names none.

    A feature is a district, or a part of one whose code goes on after the district's
    (15.71.01.1004 is a kelurahan of 15.71.01): parts are dissolved. Lines are no district.
    """
    parts: dict[str, list[shapely.Geometry]] = {}
    known = _aliases(region.districts)
    for feature in _features(region):
        if "Line" in str(feature["geometry"]["type"]):
            continue
        code = _district_of(str(feature["properties"][region.boundaries_key]), known)
        parts.setdefault(code, []).append(shapely.from_geojson(json.dumps(feature["geometry"])))
    return {code: _dissolved(shapes) for code, shapes in parts.items()}


def waters(region: Region) -> list[shapely.Geometry]:
    """The lines of the region's GeoJSON: its rivers, to be drawn on a map."""
    found = [feature["geometry"] for feature in _features(region)]
    return [shapely.from_geojson(json.dumps(shape)) for shape in found if "Line" in str(shape["type"])]


def _features(region: Region) -> list[dict[str, Any]]:
    if not region.boundaries:
        return []
    found: list[dict[str, Any]] = json.loads(Path(region.boundaries).read_text(encoding="utf-8"))["features"]
    return found


def _district_of(code: str, known: Mapping[str, str]) -> str:
    whole, _, rest = code.rpartition(".")
    return known.get(_plain(code)) or (known.get(_plain(whole)) if rest else None) or code


def _dissolved(shapes: list[shapely.Geometry]) -> shapely.Geometry:
    return shapes[0] if len(shapes) == 1 else shapely.union_all(shapely.make_valid(shapes))
