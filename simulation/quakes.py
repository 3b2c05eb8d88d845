"""The earthquakes of the simulated Indonesia, in the three lists of BMKG. Pure.

About one a day somewhere, one a week of magnitude 5 and more, one in some weeks felt in Jambi.
"""

from datetime import date, datetime, time, timedelta
from typing import Any

from simulation.places import ZONE
from simulation.town import Town

_MONTHS = "Jan Feb Mar Apr Mei Jun Jul Agu Sep Okt Nov Des".split()
#: where, lat, lon, who feels it when it is shallow, weight
_ZONES = (
    ("Barat Daya PADANG-SUMBAR", -1.2, 99.6, "III Padang, II-III Kota Jambi", 2),
    ("Barat Laut KERINCI-JAMBI", -1.9, 101.2, "III Sungai Penuh, II Kota Jambi", 1),
    ("Barat Daya BENGKULU", -4.5, 101.6, "III Bengkulu", 4), ("Tenggara ENGGANO-BENGKULU", -5.8, 102.9, "", 4),
    ("Barat Laut MALUKU BARAT DAYA", -7.4, 128.2, "", 10), ("Timur Laut MELONGUANE-SULUT", 4.6, 127.4, "", 8),
    ("Barat Daya JAYAPURA-PAPUA", -3.1, 139.9, "II Jayapura", 8),
)  # fmt: skip
_LOOK_BACK_DAYS = 60


def listed(town: Town, name: str, now: datetime) -> Any:
    """``autogempa.json`` (one quake, bare), ``gempaterkini.json`` or ``gempadirasakan.json`` (15, the latest first)."""
    past = sorted(_past(town, now), key=lambda quake: quake["DateTime"], reverse=True)
    if name == "autogempa.json":
        return past[0]
    if name == "gempaterkini.json":
        strong = [quake for quake in past if float(quake["Magnitude"]) >= 5]
        return [_without(quake, "Dirasakan") for quake in strong][:15]
    if name == "gempadirasakan.json":
        return [_without(quake, "Potensi", "Shakemap") for quake in past if quake["Dirasakan"]][:15]
    return None


def _without(quake: dict[str, str], *names: str) -> dict[str, str]:
    return {name: value for name, value in quake.items() if name not in names}


def _past(town: Town, now: datetime) -> list[dict[str, str]]:
    today = now.astimezone(ZONE).date()
    days = [today - timedelta(days=back) for back in range(_LOOK_BACK_DAYS)]
    return [quake for day in days for at, quake in of_day(town, day) if at <= now]


def of_day(town: Town, day: date) -> list[tuple[datetime, dict[str, str]]]:
    """The quakes of a local day with their moments."""
    random = town.random(day, "quakes")
    count = random.choices((0, 1, 2, 3), (30, 40, 20, 10))[0]
    seconds = sorted(random.randrange(86_400) for _ in range(count))
    return [_quake(random, datetime.combine(day, time(), ZONE) + timedelta(seconds=second)) for second in seconds]


def _quake(random: Any, at: datetime) -> tuple[datetime, dict[str, str]]:
    where, lat, lon, felt, _ = random.choices(_ZONES, [zone[-1] for zone in _ZONES])[0]
    lat, lon = lat + random.gauss(0, 0.3), lon + random.gauss(0, 0.3)
    magnitude, depth = min(7.5, 3.4 + random.expovariate(1 / 0.85)), random.choice((10, 10, 14, 25, 60, 110))
    felt = felt if felt and magnitude >= 4.2 and depth < 60 else ""
    tsunami = "Berpotensi tsunami" if magnitude >= 7 and depth < 60 else "Tidak berpotensi tsunami"
    return at, {
        "Tanggal": f"{at.day:02} {_MONTHS[at.month - 1]} {at.year}", "Jam": f"{at:%H:%M:%S} WIB",
        "DateTime": (at - timedelta(hours=7)).replace(tzinfo=None).isoformat() + "+00:00",
        "Coordinates": f"{lat:.2f},{lon:.2f}", "Lintang": f"{abs(lat):.2f} {'LS' if lat < 0 else 'LU'}",
        "Bujur": f"{lon:.2f} BT", "Magnitude": f"{magnitude:.1f}", "Kedalaman": f"{depth} km",
        "Wilayah": f"{random.randint(12, 160)} km {where}", "Potensi": tsunami, "Dirasakan": felt,
        "Shakemap": f"{at:%Y%m%d%H%M%S}.mmi.jpg",
    }  # fmt: skip
