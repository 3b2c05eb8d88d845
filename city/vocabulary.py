"""The region's words: aliases to codes, codes to names, positions to districts. Pure.

An unknown word is kept as it came and reported, never dropped.
"""

import json
from functools import lru_cache
from pathlib import Path

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
        """The district a position (degrees) lies in: by polygon when the region has them, else by nearest centroid."""
        return self._districts.at(round(lat, 3), round(lon, 3))


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


def _aliases(terms: tuple[Term, ...]) -> dict[str, str]:
    return {_plain(word): term.code for term in terms for word in (*term.aliases, term.name, term.code)}


class _Districts:
    def __init__(self, region: Region) -> None:
        self._codes = [district.code for district in region.districts]
        points = [shapely.Point(district.lon, district.lat) for district in region.districts]
        self._reach = shapely.MultiPoint(points).convex_hull.buffer(_REACH_DEGREES)
        shapely.prepare(self._reach)
        self._shapes = boundaries(region)
        self._tree = shapely.STRtree(list(self._shapes.values()) or points)
        self.at = lru_cache(maxsize=100_000)(self._at)

    def _at(self, lat: float, lon: float) -> str | None:
        point = shapely.Point(lon, lat)
        if self._shapes:
            inside = self._tree.query(point, predicate="within")
            return list(self._shapes)[int(inside[0])] if len(inside) else None
        if not self._codes or not self._reach.covers(point):
            return None
        return self._codes[int(self._tree.nearest(point))]


def boundaries(region: Region) -> dict[str, shapely.Geometry]:
    """District code to polygon from the region's GeoJSON; empty when the region names none."""
    if not region.boundaries:
        return {}
    document = json.loads(Path(region.boundaries).read_text(encoding="utf-8"))
    key = region.boundaries_key
    return {
        str(item["properties"][key]): shapely.from_geojson(json.dumps(item["geometry"]))
        for item in document["features"]
    }
