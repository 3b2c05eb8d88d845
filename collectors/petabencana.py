"""Citizens' flood reports and flooded areas of PetaBencana.id, as GeoJSON or TopoJSON.

Reads   `reports` since the last reading, or `floods` (which areas are under water now), of one province.
Yields  a case a report (category: the kind of disaster, channel: how it came) with flood_depth_cm where it
        says so; or flooded_areas and flooded_areas_state_1 to _4 (1 unclear, 2 to 70 cm, 3 to 150, 4 more).
Limits  nobody tells when a flood is over: a report counts as open for `lasts`. Title, text and pictures are
        never read. No more than 7 days are handed out; times without a zone are in the region's.
"""

import hashlib
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from pydantic import Field

from city import config
from city.config import Duration
from city.model import Case, ChangedShape, Observation, Refused
from city.times import duration, instant
from collectors import RowError, records
from collectors.http import Session, json_of, place

_WEEK_S, STATES = 604_800, (1, 2, 3, 4)  # the longest `timeperiod`; what an area can be


class Args(config.Args):
    """Which province, and how long a report counts."""

    url: str = Field(default="https://api.petabencana.id", pattern=r"^https?://")
    service: Literal["reports", "floods"] = "reports"
    admin: str = Field(description="province, e.g. ID-JK, ID-JA")
    disaster: Literal["flood", "earthquake", "fire", "haze", "wind", "volcano"] = "flood"
    geoformat: Literal["geojson", "topojson"] = "geojson"
    history: Duration = duration("7d")
    overlap: Duration = Field(default=duration("1h"), description="read again: reports come late")
    lasts: Duration = Field(default=duration("6h"), description="how long a report counts as open")
    kind: config.Name = "flood_report"
    zone: config.Zone = "UTC"


def cursor(args: Args, since: dict[str, Any] | None, now: datetime) -> dict[str, Any]:
    """Read up to now."""
    return {"read_to": now.isoformat()}


def fetch(args: Args, session: Session, since: dict[str, Any] | None, now: datetime) -> Iterator[dict[str, Any]]:
    """Every report since the last reading (properties, lon, lat), or how many areas are flooded."""
    url, query = f"{args.url.rstrip('/')}/{args.service}", {"admin": args.admin, "geoformat": args.geoformat}
    if args.service == "reports":
        query |= {"disaster": args.disaster, "timeperiod": str(_span_s(args, session, since, now))}
    features = features_of(json_of(session.body(url, params=query), place(url)), place(url))
    yield from features if args.service == "reports" else [_counted(features, now, place(url))]


def _span_s(args: Args, session: Session, since: dict[str, Any] | None, now: datetime) -> int:
    span = args.history if since is None else now - instant(since["read_to"]) + args.overlap
    if since is not None and span > timedelta(seconds=_WEEK_S):
        session.warn("the last reading is more than 7 days ago: older reports are not handed out")
    return max(1, min(_WEEK_S, int(span.total_seconds())))


def features_of(answer: Any, where: str) -> list[dict[str, Any]]:
    """The features of an answer, in its envelope or bare. Raises Refused or ChangedShape."""
    answer = answer if isinstance(answer, dict) else {}
    found = answer.get("result", answer)
    if answer.get("statusCode", 200) != 200:
        raise Refused("answered with an error in its envelope", where=where)
    form = found.get("type") if isinstance(found, dict) else None
    read = {"FeatureCollection": _of_geojson, "Topology": _of_topojson}.get(str(form))
    features = read(found) if read and isinstance(found, dict) else None
    if features is None or not all(isinstance(one["properties"], dict) for one in features):
        raise ChangedShape("neither a FeatureCollection nor a Topology with properties", where=where)
    return features


def _of_geojson(found: dict[str, Any]) -> list[dict[str, Any]] | None:
    features = found.get("features")
    if not isinstance(features, list) or not all(isinstance(one, dict) for one in features):
        return None
    return [{"properties": one.get("properties")} | _position(one.get("geometry"), {}) for one in features]


def _of_topojson(found: dict[str, Any]) -> list[dict[str, Any]] | None:
    objects = found.get("objects")
    if not isinstance(objects, dict) or not all(isinstance(one, dict) for one in objects.values()):
        return None
    groups, transform = [one.get("geometries", [one]) for one in objects.values()], found.get("transform") or {}
    shapes = [shape for group in groups if isinstance(group, list) for shape in group]
    if not isinstance(transform, dict) or not all(isinstance(shape, dict) for shape in shapes):
        return None
    return [{"properties": one.get("properties")} | _position(one, transform) for one in shapes]


def _position(shape: Any, transform: dict[str, Any]) -> dict[str, Any]:
    """lon and lat of a point; TopoJSON's numbers are steps of a grid. The shapes of areas are not needed."""
    if not isinstance(shape, dict) or shape.get("type") != "Point":
        return {}
    scale, shift = transform.get("scale", (1, 1)), transform.get("translate", (0, 0))
    try:
        lon, lat = (float(shape["coordinates"][axis]) * scale[axis] + shift[axis] for axis in (0, 1))
    except (LookupError, TypeError, ValueError):
        return {}
    return {"lon": lon, "lat": lat}


def _counted(features: list[dict[str, Any]], now: datetime, where: str) -> dict[str, Any]:
    states = Counter(one["properties"].get("state") for one in features)
    if set(states) - set(STATES):
        raise ChangedShape("areas without a `state` from 1 to 4", where=where)
    simulated = any(records.simulated(one["properties"]) for one in features)
    return {"states": {state: states[state] for state in STATES}, "at": now, "simulated": simulated}


def parse(row: dict[str, Any], args: Args) -> list[Case | Observation]:
    """A report as a case and its depth, or the counts of flooded areas. Raises RowError."""
    if args.service == "floods":
        counts = {"flooded_areas": sum(row["states"].values())}
        counts |= {f"flooded_areas_state_{state}": count for state, count in row["states"].items()}
        return [Observation(metric=n, at=row["at"], value=v, simulated=row["simulated"]) for n, v in counts.items()]
    report, simulated = row["properties"], records.simulated(row["properties"])
    at, (lat, lon) = records.needed_time(report, "created_at", ZoneInfo(args.zone)), records.position(row, "lat", "lon")
    channel = records.text(report, "source")
    case = Case(
        key=records.text(report, "pkey") or _digest(report, row), kind=args.kind, opened_at=at,
        closed_at=at + args.lasts, category=records.text(report, "disaster_type") or args.disaster, channel=channel,
        lat=lat, lon=lon, simulated=simulated,
    )  # fmt: skip
    if (depth := _depth_cm(report)) is None:
        return [case]
    return [case, Observation(metric="flood_depth_cm", at=at, value=depth, channel=channel, simulated=simulated)]


def _digest(report: dict[str, Any], row: dict[str, Any]) -> str:
    # The archive has no keys; two reports of one minute and place differ by their picture.
    parts = [report["created_at"], report.get("source"), row.get("lon"), row.get("lat"), report.get("image_url")]
    return hashlib.blake2s(repr(parts).encode(), digest_size=8).hexdigest()


def _depth_cm(report: dict[str, Any]) -> float | None:
    data = report.get("report_data")
    depth = data.get("flood_depth") if isinstance(data, dict) else None
    if depth is None:
        return None
    if isinstance(depth, bool) or not isinstance(depth, int | float) or not 0 <= depth <= 1_000:
        raise RowError("report_data.flood_depth", "not a depth in cm")
    return float(depth)
