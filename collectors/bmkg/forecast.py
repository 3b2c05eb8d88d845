"""The forecast of three days in steps of three hours, one request a kelurahan.

An hour of a place is observed as forecast_temperature_c, _humidity_ratio, _rain_mm (of three hours), _wind_kmh,
_cloud_ratio and _visibility_m, dated at the hour it is for; forecast_rain_24h_mm is the rain of the 24 hours
from the first step of an answer, dated there. What BMKG leaves empty is unknown, not zero. Two shapes are
read: with `lokasi` beside `data` and without, kotkab/desa and the older kabkota/deskel.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from math import isfinite
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from city.model import ChangedShape, Observation, Refused
from city.times import instant
from collectors import RowError, records
from collectors.bmkg.settings import Args
from collectors.http import Session, json_of, place

#: field -> (what is observed, what the field is divided by)
_VALUES = {
    "t": ("forecast_temperature_c", 1), "hu": ("forecast_humidity_ratio", 100), "tp": ("forecast_rain_mm", 1),
    "ws": ("forecast_wind_kmh", 1), "tcc": ("forecast_cloud_ratio", 100), "vs": ("forecast_visibility_m", 1),
}  # fmt: skip
_STEPS_A_DAY = 8


def fetch(args: Args, session: Session, since: dict[str, Any] | None, now: datetime) -> Iterator[dict[str, Any]]:
    """A row a place and step, and one a place for its next 24 hours.

    A code that BMKG does not know (the youngest kelurahan are not there) is passed over with a warning.
    """
    unknown: dict[str, Refused] = {}
    for code in args.adm4:
        try:
            content = session.body(args.address, params={"adm4": code})
        except Refused as error:
            if error.status != 404:
                raise
            unknown[code] = error
        else:
            yield from rows_of(json_of(content, place(args.address)), code, place(args.address))
    if unknown and len(unknown) == len(args.adm4):
        raise unknown[args.adm4[0]]
    if unknown:
        session.warn(f"no forecast for adm4 {', '.join(unknown)} (HTTP 404): name another kelurahan of the kecamatan")


def rows_of(answer: Any, code: str, where: str) -> list[dict[str, Any]]:
    """The steps of an answer: {"place": .., "step": ..} each, and {"place": .., "ahead": [steps of 24 hours]}."""
    data = answer.get("data") if isinstance(answer, dict) else None
    found: list[dict[str, Any]] = []
    for one in [data] if isinstance(data, dict) else data if isinstance(data, list) else []:
        spot = _dict(answer.get("lokasi")) | _dict(_dict(one).get("lokasi")) | {"asked": code}
        steps = [step for day in _list(_dict(one).get("cuaca")) for step in (day if isinstance(day, list) else [day])]
        steps = [step for step in steps if isinstance(step, dict)]
        found += [{"place": spot, "step": step} for step in steps]
        if len(steps) >= _STEPS_A_DAY:
            found.append({"place": spot, "ahead": steps[:_STEPS_A_DAY]})
    if not found:
        has = f"; it has: {', '.join(map(str, list(answer)[:12]))}" if isinstance(answer, dict) else ""
        raise ChangedShape(f"no 'data' with 'cuaca' in the answer{has}", where=where)
    return found


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def parse(row: dict[str, Any], args: Args) -> list[Observation]:
    """The observations of one step, or of the 24 hours ahead. Raises RowError."""
    spot = row["place"]
    dims: dict[str, Any] = {
        "place": records.text(spot, "desa") or records.text(spot, "deskel") or spot["asked"],
        "district": _district(spot, args),
        "simulated": records.simulated(spot),
    }
    if "ahead" in row:
        return _ahead(row["ahead"], spot, args, dims)
    step = row["step"]
    at = _at(step, spot, args)
    found = [(name, value / by) for field, (name, by) in _VALUES.items() if (value := _number(step, field)) is not None]
    return [Observation(metric=name, at=at, value=value, **dims) for name, value in found]


def _district(spot: dict[str, Any], args: Args) -> str | None:
    code = (records.text(spot, "adm4") or spot["asked"]).rpartition(".")[0]
    known = {district.code for district in args.region.districts} if args.region else set[str]()
    return code if code in known else records.text(spot, "kecamatan")


def _ahead(steps: list[dict[str, Any]], spot: dict[str, Any], args: Args, dims: dict[str, Any]) -> list[Observation]:
    rain, start, end = [_number(step, "tp") for step in steps], _at(steps[0], spot, args), _at(steps[-1], spot, args)
    known = [value for value in rain if value is not None]
    if len(known) < len(rain) or end - start != timedelta(hours=21):  # a gap: the sum would be too small
        return []
    return [Observation(metric="forecast_rain_24h_mm", at=start, value=round(sum(known), 2), **dims)]


def _at(step: dict[str, Any], spot: dict[str, Any], args: Args) -> datetime:
    """The hour a step is for: by its UTC time, or else its local time in the zone of the place."""
    for field in ("utc_datetime", "datetime"):
        if found := records.time(step, field, UTC):  # type: ignore[arg-type]
            return found
    local, zone = records.needed_text(step, "local_datetime"), records.text(spot, "timezone") or args.zone
    try:
        # Sometimes Asia/Jakarta, sometimes +0700.
        return instant(f"{local}{zone}") if zone[:1] in "+-" else instant(local, ZoneInfo(zone))
    except (ValueError, OverflowError, OSError, ZoneInfoNotFoundError) as error:
        raise RowError("local_datetime", "not a time, or its place has an unknown zone") from error


def _number(step: dict[str, Any], field: str) -> float | None:
    value = step.get(field)
    if value is None or value == "":
        return None
    try:
        number = float("nan") if isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        number = float("nan")
    if not isfinite(number):
        raise RowError(field, "not a number")
    return number
