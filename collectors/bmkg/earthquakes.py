"""Quakes from BMKG's three lists: the latest, the last 15 felt, the last 15 of magnitude 5 and more.

A quake is a case that opens and closes at its origin time: `place` is BMKG's words for where, `outcome`
felt_here, felt or not_felt, `priority` tsunami when a tsunami is possible. quake_magnitude, quake_depth_km and
quake_distance_km (from the region's centre) are observed without a place, so that `latest` is the latest quake.
Farther than `within_km` only what was felt here counts: a list of all Indonesia is no news of a city.
"""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from city.model import Case, ChangedShape, Observation, Status
from city.times import instant
from collectors import RowError, records
from collectors.bmkg.settings import Args, centre, distance_km
from collectors.http import Session, json_of, place

LISTS = ("gempaterkini", "gempadirasakan", "autogempa")
#: A quake is listed minutes after it; what it is said to be settles within hours.
_SETTLED = timedelta(days=1)
_KM = re.compile(r"\s*(\d+(?:[.,]\d+)?)\s*[Kk][Mm]\s*")
_KIND_OF_AREA = re.compile(r"^(kota|kabupaten|kab\.)\s+", re.IGNORECASE)


def fetch(args: Args, session: Session, since: dict[str, Any] | None, now: datetime) -> Iterator[dict[str, Any]]:
    """Each quake once, with what the lists say of it together."""
    centre(args)
    lists = []
    for name in LISTS:
        url = f"{args.address}/{name}.json"
        lists.append(quakes_of(json_of(session.body(url), place(url)), place(url)))
    read_to = instant(since["read_to"]) if since and "read_to" in since else None
    yield from merged(lists, read_to)


def quakes_of(answer: Any, where: str) -> list[dict[str, Any]]:
    """The quakes of one list; the latest comes bare."""
    found = answer.get("Infogempa") if isinstance(answer, dict) else None
    quakes = found.get("gempa") if isinstance(found, dict) else None
    quakes = [quakes] if isinstance(quakes, dict) else quakes
    if not isinstance(quakes, list) or not all(isinstance(quake, dict) for quake in quakes):
        raise ChangedShape("no 'Infogempa.gempa' in the answer", where=where)
    simulated = records.simulated(found or {})
    return [quake | {"simulated": True} if simulated else quake for quake in quakes]


def merged(lists: list[list[dict[str, Any]]], read_to: datetime | None) -> list[dict[str, Any]]:
    """One row a quake. One that was read whole and that a list no longer reaches back to is not told anew.

    Only the felt list says where it was felt, only the others speak of tsunamis: half a row would undo that.
    """
    found: dict[str, dict[str, Any]] = {}
    for quake in (quake for quakes in lists for quake in quakes):
        key = str(quake.get("DateTime"))
        found[key] = found.get(key, {}) | {name: value for name, value in quake.items() if value not in (None, "")}
    starts = [min(times) for quakes in lists if len(quakes) > 1 and (times := [t for q in quakes if (t := _time(q))])]
    if read_to is None or not starts:
        return list(found.values())
    known = min(max(starts), read_to - _SETTLED)
    return [quake for quake in found.values() if (at := _time(quake)) is None or at >= known]


def _time(quake: dict[str, Any]) -> datetime | None:
    try:
        return instant(str(quake.get("DateTime")))
    except ValueError:
        return None  # parse rejects and counts it


def parse(row: dict[str, Any], args: Args) -> list[Case | Observation]:
    """The case and the observations of a quake; none when it does not concern the region. Raises RowError."""
    at = _time(row)
    if at is None:
        raise RowError("DateTime", "not an ISO time with its zone")
    lat, lon = _position(row)
    away_km, outcome, simulated = distance_km(centre(args), lat, lon), _felt(row, args), records.simulated(row)
    if args.within_km is not None and away_km > args.within_km and outcome != "felt_here":
        return []
    values = {
        "quake_magnitude": _magnitude(row), "quake_depth_km": _depth_km(row), "quake_distance_km": round(away_km, 1)
    }  # fmt: skip
    case = Case(
        key=at.isoformat(), kind=args.kind or "quake", opened_at=at, closed_at=at, status=Status.DONE, outcome=outcome,
        place=records.text(row, "Wilayah"), priority=_tsunami(row), lat=lat, lon=lon, simulated=simulated,
    )  # fmt: skip
    known = {name: value for name, value in values.items() if value is not None}
    return [case, *(Observation(metric=n, at=at, value=value, simulated=simulated) for n, value in known.items())]


def _position(row: dict[str, Any]) -> tuple[float, float]:
    lat, _, lon = (records.text(row, "Coordinates") or "").partition(",")
    found = records.position({"lat": lat, "lon": lon}, "lat", "lon")
    if found[0] is None or found[1] is None:
        raise RowError("Coordinates", "not latitude,longitude")
    return found[0], found[1]


def _magnitude(row: dict[str, Any]) -> float:
    try:
        value = float(records.needed_text(row, "Magnitude").replace(",", "."))
    except ValueError as error:
        raise RowError("Magnitude", "not a number") from error
    if not -2 <= value <= 10:
        raise RowError("Magnitude", "not a magnitude")
    return value


def _depth_km(row: dict[str, Any]) -> float | None:
    text = records.text(row, "Kedalaman")
    if text is None:
        return None
    if not (found := _KM.fullmatch(text)):
        raise RowError("Kedalaman", "not a depth in km")
    return float(found[1].replace(",", "."))


def _felt(row: dict[str, Any], args: Args) -> str:
    felt = str(row.get("Dirasakan") or "").strip(" -")
    if not felt:
        return "not_felt"
    here = _KIND_OF_AREA.sub("", args.region.name.strip()) if args.region else ""
    return "felt_here" if here and re.search(rf"\b{re.escape(here)}\b", felt, re.IGNORECASE) else "felt"


def _tsunami(row: dict[str, Any]) -> str | None:
    said = str(row.get("Potensi") or "").casefold()
    return "tsunami" if "tsunami" in said and "tidak" not in said else None
