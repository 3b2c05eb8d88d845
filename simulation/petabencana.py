"""The flood reports of the simulated city, as PetaBencana.id hands them out: after heavy rain, nothing otherwise.

GET reports?admin=ID-JA&geoformat=geojson|topojson&disaster=flood&timeperiod=SECONDS   (topojson unless asked)
GET floods?admin=ID-JA&geoformat=geojson|topojson                                      areas with a state
"""

from datetime import datetime, timedelta
from typing import Any

from simulation.messages import Answer, Request, of_json
from simulation.places import DISTRICTS, ZONE
from simulation.town import Town
from simulation.weather import heavy_hours, rain_mm

_GRID = {"scale": [0.00001, 0.00001], "translate": [103.0, -2.0]}


def answer(town: Town, asked: Request) -> Answer:
    """A map of reports or of flooded areas in its envelope."""
    made = {"reports": _reports, "floods": _floods}.get(asked.path)
    if made is None:
        return of_json({"statusCode": 404, "error": "Not Found"}, 404)
    form = asked.query.get("geoformat", "topojson")
    if form not in ("geojson", "topojson") or not asked.query.get("timeperiod", "3600").isdecimal():
        return of_json({"statusCode": 400, "error": "Bad Request"}, 400)
    here = asked.query.get("admin", "ID-JA") == "ID-JA" and asked.query.get("disaster", "flood") == "flood"
    rows = made(town, asked) if here else []
    return of_json({"statusCode": 200, "result": geojson(rows) if form == "geojson" else topojson(rows)})


def _reports(town: Town, asked: Request) -> list[dict[str, Any]]:
    since = asked.now - timedelta(seconds=min(604_800, int(asked.query.get("timeperiod", "3600"))))
    day, found = since.astimezone(ZONE).date() - timedelta(days=1), []
    while day <= asked.now.astimezone(ZONE).date():
        for hour in heavy_hours(town, day):
            found += [row for row in reports(town, hour) if since <= row["at"] <= asked.now]
        day += timedelta(days=1)
    return found


def reports(town: Town, hour: datetime) -> list[dict[str, Any]]:
    """What citizens report after an hour of heavy rain: the more rain, the more reports."""
    random = town.random(hour.date(), f"floods{hour.hour}")
    return [_report(random, hour, number) for number in range(1, round(rain_mm(town, hour) / 2) + 1)]


def _report(random: Any, hour: datetime, number: int) -> dict[str, Any]:
    _, lat, lon, _ = random.choices(DISTRICTS, [row[-1] for row in DISTRICTS])[0]
    at, source = hour + timedelta(minutes=random.uniform(20, 150)), random.choice(("grasp", "qlue", "detik"))
    depth = {"flood_depth": random.randint(10, 90), "report_type": "flood"} if source == "grasp" else None
    return {
        "at": at, "lat": lat + random.gauss(0, 0.006), "lon": lon + random.gauss(0, 0.006),
        "properties": {
            "pkey": f"{hour:%y%m%d%H}{number:02}", "created_at": at.astimezone(ZONE).isoformat(timespec="milliseconds"),
            "source": source, "status": "confirmed", "url": "", "image_url": None, "disaster_type": "flood",
            "report_data": depth, "tags": {"instance_region_code": "ID-JA"}, "title": "", "text": "simulasi",
            "simulated": True,
        },
    }  # fmt: skip


def _floods(town: Town, asked: Request) -> list[dict[str, Any]]:
    """Areas stand under water for six hours after heavy rain."""
    today = asked.now.astimezone(ZONE).date()
    hours = [hour for back in (1, 0) for hour in heavy_hours(town, today - timedelta(days=back))]
    wet = [rain_mm(town, hour) for hour in hours if hour < asked.now < hour + timedelta(hours=6)]
    state = min(4, 1 + int(sum(wet) / 10)) if wet else 0
    return [
        {
            "lat": lat, "lon": lon,
            "properties": {"area_id": name, "area_name": f"Area {name}", "state": state, "simulated": True},
        }
        for name, lat, lon, _ in DISTRICTS[: 2 * state]
    ]  # fmt: skip


def geojson(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """A FeatureCollection of points."""
    return {"type": "FeatureCollection", "features": [
        {"type": "Feature", "geometry": {"type": "Point", "coordinates": [row["lon"], row["lat"]]},
         "properties": row["properties"]} for row in rows
    ]}  # fmt: skip


def topojson(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """A Topology of points on a grid of about a metre."""
    (width, height), (left, bottom) = _GRID["scale"], _GRID["translate"]
    return {"type": "Topology", "arcs": [], "transform": _GRID, "objects": {"output": {
        "type": "GeometryCollection", "geometries": [
            {"type": "Point", "properties": row["properties"],
             "coordinates": [round((row["lon"] - left) / width), round((row["lat"] - bottom) / height)]} for row in rows
        ]}}}  # fmt: skip
