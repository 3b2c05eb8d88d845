"""BMKG for the simulated city: forecast, earthquakes and nowcast warnings in the shapes of the real ones.

GET publik/prakiraan-cuaca?adm4=15.71.NN.1001    one invented point per kecamatan; any other code is 404
GET DataMKG/TEWS/autogempa|gempaterkini|gempadirasakan.json
GET alerts/nowcast/id/rss.xml, alerts/nowcast/id/CODE_alert.xml
"""

from datetime import UTC, datetime, time, timedelta
from typing import Any

from simulation import nowcast, quakes, weather
from simulation.messages import Answer, Request, of_json
from simulation.places import DISTRICTS, ZONE
from simulation.town import Town

#: Kelurahan code -> kecamatan, lat, lon; the kecamatan of places.py stand in the order of their codes.
POINTS = {f"15.71.{number:02}.1001": row[:3] for number, row in enumerate(DISTRICTS, 1)}
_STEP, _STEPS = timedelta(hours=3), 24
_DESCRIPTIONS = ((0, "Cerah Berawan", "Partly Cloudy", 1), (1, "Hujan Ringan", "Light Rain", 61),
                 (15, "Hujan Sedang", "Moderate Rain", 63), (30, "Hujan Petir", "Thunderstorm", 95))  # fmt: skip


def answer(town: Town, asked: Request) -> Answer:
    """What BMKG would answer at this moment."""
    if asked.path == "publik/prakiraan-cuaca":
        code = asked.query.get("adm4", "")
        return of_json(forecast(town, code, asked.now) if code in POINTS else {"message": "not found"},
                       200 if code in POINTS else 404)  # fmt: skip
    folder, _, name = asked.path.rpartition("/")
    if folder == "DataMKG/TEWS" and (found := quakes.listed(town, name, asked.now)) is not None:
        return of_json({"Infogempa": {"gempa": found, "simulated": True}})
    if folder == "alerts/nowcast/id" and (text := nowcast.document(town, name, asked)) is not None:
        return Answer(text.encode(), kind="text/xml; charset=utf-8")
    return of_json({"message": "not found"}, 404)


def forecast(town: Town, code: str, now: datetime) -> dict[str, Any]:
    """Three days in steps of three hours, issued at 00 and 12 UTC: the coming weather, not quite."""
    kecamatan, lat, lon = POINTS[code]
    issued = now.astimezone(UTC).replace(hour=now.astimezone(UTC).hour // 12 * 12, minute=0, second=0, microsecond=0)
    first = datetime.combine(now.astimezone(UTC), time(now.astimezone(UTC).hour // 3 * 3), UTC)
    steps = [_step(town, code, first + _STEP * number, issued) for number in range(_STEPS)]
    spot = {
        "adm1": "15", "adm2": "15.71", "adm3": code[:8], "adm4": code, "provinsi": "Jambi", "kotkab": "Kota Jambi",
        "kecamatan": kecamatan, "desa": f"Titik {kecamatan}", "lon": lon, "lat": lat, "timezone": "Asia/Jakarta",
        "simulated": True,
    }  # fmt: skip
    days = sorted({step["local_datetime"][:10] for step in steps})
    parts = [[step for step in steps if step["local_datetime"].startswith(day)] for day in days]
    return {"lokasi": spot, "data": [{"lokasi": spot | {"type": "adm4"}, "cuaca": parts}]}


def _step(town: Town, code: str, at: datetime, issued: datetime) -> dict[str, Any]:
    # The same step of the same issue is the same forecast, however often it is asked for.
    random = town.random(issued.date(), f"forecast:{code}:{issued:%H}:{at:%d%H}")
    rain = sum(weather.rain_mm(town, at + timedelta(hours=hour)) for hour in range(3)) * random.uniform(0.6, 1.4)
    said = max(row for row in _DESCRIPTIONS if row[0] <= rain)
    local = at.astimezone(ZONE)
    return {
        "datetime": f"{at:%Y-%m-%dT%H:%M:%SZ}", "utc_datetime": f"{at:%Y-%m-%d %H:%M:%S}",
        "local_datetime": f"{local:%Y-%m-%d %H:%M:%S}", "analysis_date": f"{issued:%Y-%m-%dT%H:%M:%S}",
        "time_index": f"{int((at - issued).total_seconds() // 3600)}-{int((at - issued).total_seconds() // 3600) + 3}",
        "t": round(weather.temperature_c(town, at) + random.gauss(0, 0.7)), "tp": round(rain, 1),
        "hu": round(100 * weather.humidity_ratio(town, at)), "tcc": 100 if rain else random.randint(20, 80),
        "ws": weather.wind_kmh(town, at), "wd": "SE", "wd_to": "NW", "wd_deg": 135,
        "vs": 6_000 if rain else 20_000, "vs_text": "< 7 km" if rain else "> 10 km",
        "weather": said[3], "weather_desc": said[1], "weather_desc_en": said[2], "image": "",
    }  # fmt: skip
