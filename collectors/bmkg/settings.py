"""The settings of a BMKG source, and where its region lies: centre, area, distance."""

from math import asin, cos, radians, sin, sqrt
from typing import Any, Literal

import shapely
from pydantic import Field, model_validator

from city import config
from city.config import Duration, Region, Strict
from city.model import SourceError
from city.times import duration
from city.vocabulary import boundaries

#: The documented addresses (infoBMKG/data-cuaca, infoBMKG/data-gempabumi).
ADDRESSES = {
    "forecast": "https://api.bmkg.go.id/publik/prakiraan-cuaca",
    "earthquakes": "https://data.bmkg.go.id/DataMKG/TEWS",
    "warnings": "https://www.bmkg.go.id/alerts/nowcast/id/rss.xml",
}
_EARTH_KM = 6371.0


class Centre(Strict):
    """A position in degrees."""

    lat: float = Field(ge=-90, le=90)
    lon: float = Field(ge=-180, le=180)


class Args(config.Args):
    """Which of the three services, and what of it concerns the region."""

    service: Literal["forecast", "earthquakes", "warnings"]
    url: str | None = Field(default=None, pattern=r"^https?://", description="unless BMKG's own address")
    adm4: tuple[str, ...] = Field(default=(), description="kelurahan of the forecast, e.g. 15.71.01.1001")
    centre: Centre | None = Field(default=None, description="unless the mean of the districts' centres")
    within_km: float | None = Field(default=500, gt=0, description="quakes farther away count only if felt here")
    lasts: Duration = Field(default=duration("3h"), description="a warning that does not say when it expires")
    kind: config.Name | None = None
    zone: config.Zone = "UTC"
    region: Region | None = Field(default=None, description="filled in by the engine")

    @model_validator(mode="after")
    def _has_places(self) -> "Args":
        if self.service == "forecast" and not self.adm4:
            raise ValueError("adm4: is missing; name one kelurahan per kecamatan, e.g. [15.71.01.1001]")
        if bad := [code for code in self.adm4 if [len(part) for part in code.split(".")] != [2, 2, 2, 4]]:
            raise ValueError(f"adm4: '{bad[0]}' is not a kelurahan's code such as 15.71.01.1001")
        return self

    @property
    def address(self) -> str:
        """Where the service answers, without a slash at the end."""
        return (self.url or ADDRESSES[self.service]).rstrip("/")


def centre(args: Args) -> Centre:
    """The region's centre: as configured, or the mean of its districts' centres. Raises SourceError without either."""
    districts = args.region.districts if args.region else ()
    if args.centre or not districts:
        return args.centre or _nowhere()
    lat, lon = (sum(getattr(one, name) for one in districts) / len(districts) for name in ("lat", "lon"))
    return Centre(lat=lat, lon=lon)


def _nowhere() -> Any:
    raise SourceError(
        "the region has neither districts nor a centre",
        where="bmkg",
        next_step="write `region.districts`, or `centre: {lat: .., lon: ..}` under `args`",
    )


def area(args: Args) -> shapely.Geometry:
    """The region's shape, x = longitude: its boundaries, or else the hull of its districts' centres, or its centre."""
    shapes = boundaries(args.region) if args.region else {}
    if shapes:
        return shapely.union_all(shapely.make_valid(list(shapes.values())))
    if args.region and args.region.districts:
        return shapely.MultiPoint([(one.lon, one.lat) for one in args.region.districts]).convex_hull
    here = centre(args)
    return shapely.Point(here.lon, here.lat)


def distance_km(here: Centre, lat: float, lon: float) -> float:
    """Kilometres over the sphere (haversine) from ``here`` to a position in degrees."""
    north, east = radians(lat - here.lat), radians(lon - here.lon)
    chord = sin(north / 2) ** 2 + cos(radians(here.lat)) * cos(radians(lat)) * sin(east / 2) ** 2
    return 2 * _EARTH_KM * asin(sqrt(min(1.0, chord)))
