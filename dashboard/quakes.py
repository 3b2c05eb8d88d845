"""A quake in words: how strong, how far in which direction from the region's centre, and whether it was felt. Pure."""

from collections.abc import Mapping
from math import atan2, cos, degrees, radians, sin
from typing import Any

from city.config import Region
from city.texts import N_
from dashboard.words import NONE, Words

#: What a quake's own source observed at its moment; see collectors/bmkg/earthquakes.py.
MAGNITUDE, DISTANCE_KM = "quake_magnitude", "quake_distance_km"
_POINTS = (
    N_("utara"),
    N_("timur laut"),
    N_("timur"),
    N_("tenggara"),
    N_("selatan"),
    N_("barat daya"),
    N_("barat"),
    N_("barat laut"),
)
_FELT = {
    "felt_here": N_("dirasakan di sini"),
    "felt": N_("dirasakan di tempat lain"),
    "not_felt": N_("tidak dirasakan"),
}


def direction(region: Region, lat: float | None, lon: float | None) -> str:
    """One of eight points of the compass, from the mean of the districts' centres to a position in degrees.

    Empty without a position or without districts.
    """
    if lat is None or lon is None or not region.districts:
        return ""
    north, east = (
        sum(getattr(one, name) for one in region.districts) / len(region.districts) for name in ("lat", "lon")
    )
    here, there, across = radians(north), radians(lat), radians(lon - east)
    y, x = sin(across) * cos(there), cos(here) * sin(there) - sin(here) * cos(there) * cos(across)
    return _POINTS[round(degrees(atan2(y, x)) / 45) % 8]


def magnitude(row: Mapping[str, Any], words: Words) -> str:
    """``4,6``: always one decimal; a dash when the source did not say."""
    return words.number(row["values"].get(MAGNITUDE), 1) if row["values"].get(MAGNITUDE) is not None else NONE


def place(row: Mapping[str, Any], words: Words) -> str:
    """``187 km barat daya``."""
    away = row["values"].get(DISTANCE_KM)
    far = [f"{words.number(away, 0)} km"] if away is not None else []
    return " ".join([*far, words.t(direction(words.region, row["lat"], row["lon"]))]).strip()


def felt(row: Mapping[str, Any], words: Words) -> str:
    """``tidak dirasakan``; instead of it that a tsunami is possible: there is no room for both."""
    danger = [words.t("berpotensi tsunami")] if row["priority"] == "tsunami" else []
    return ", ".join(danger or ([words.t(_FELT[row["outcome"]])] if row["outcome"] in _FELT else []))


def brief(row: Mapping[str, Any], words: Words) -> str:
    """``187 km barat daya`` in a list; instead of the direction that it was felt here or what it may bring."""
    news = words.t("berpotensi tsunami") if row["priority"] == "tsunami" else ""
    if not news and row["outcome"] == "felt_here":
        news = words.t(_FELT["felt_here"])
    if not news:
        return place(row, words)
    away = row["values"].get(DISTANCE_KM)
    return ", ".join([*([f"{words.number(away, 0)} km"] if away is not None else []), news])
