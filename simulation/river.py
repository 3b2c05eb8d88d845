"""The river service of the simulated city: gauges that measure the Batanghari and the rain every ten minutes.

GET readings?since=ISO&until=ISO  {"simulated": true, "readings": [{"station", "at", "level_cm", "rain_mm", ..}]},
at most seven days, the last one unless asked otherwise; nothing that has not happened yet.
"""

from datetime import datetime, timedelta
from typing import Any

from simulation.messages import Answer, Request, of_json
from simulation.places import ZONE
from simulation.town import Town
from simulation.weather import rain_mm, river_cm

#: invented gauge, hours after (before) the city's own, centimetres above it
STATIONS = (("Pos Simulasi Hulu", -6, 140), ("Pos Simulasi Kota", 0, 0), ("Pos Simulasi Hilir", 5, -80))
EVERY, LONGEST = timedelta(minutes=10), timedelta(days=7)


def answer(town: Town, asked: Request) -> Answer:
    """The readings of a span, oldest first."""
    if asked.path != "readings":
        return of_json({"message": "no such resource"}, 404)
    try:
        until = min(asked.now, moment(asked.query.get("until"), asked.now))
        since = max(until - LONGEST, moment(asked.query.get("since"), until - timedelta(days=1)))
    except ValueError:
        return of_json({"message": "since and until are ISO 8601 with a zone"}, 400)
    return of_json({"simulated": True, "readings": readings(town, since, until)})


def moment(text: str | None, otherwise: datetime) -> datetime:
    """The time a query gives; ValueError for one without a zone."""
    if text is None:
        return otherwise
    given = datetime.fromisoformat(text)
    if given.tzinfo is None:
        raise ValueError("no zone")
    return given


def readings(town: Town, since: datetime, until: datetime) -> list[dict[str, Any]]:
    """Every gauge each ten minutes from ``since`` to ``until``."""
    at = since.astimezone(ZONE).replace(minute=0, second=0, microsecond=0)
    found = []
    while at <= until:
        if at >= since:
            found += [_reading(town, at, *station) for station in STATIONS]
        at += EVERY
    return found


def _reading(town: Town, at: datetime, name: str, later_h: int, above_cm: int) -> dict[str, Any]:
    fallen = rain_mm(town, at - EVERY) / 6  # of the ten minutes before
    return {
        "station": name, "at": at.isoformat(), "level_cm": river_cm(town, at, later_h) + above_cm,
        "rain_mm": round(fallen, 2), "simulated": True,
    }  # fmt: skip
