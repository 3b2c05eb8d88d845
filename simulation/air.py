"""The air of the simulated city: fine dust hour by hour, its index (ISPU), and hot spots seen from above.

GET readings?since=ISO  {"simulated": true, "readings": [{"station", "at", "pm25", "ispu", "hot_spots", "simulated"}]}
at most seven days, the last one unless asked otherwise; nothing that has not happened yet.
Dry weeks bring hot spots, hot spots bring dust, rain washes it out.
"""

from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from simulation.messages import Answer, Request, of_json
from simulation.places import HOURS, ZONE
from simulation.river import LONGEST, moment
from simulation.town import Town
from simulation.weather import rain_of

STATION = "Pos Simulasi Udara"
#: Days without rain after which the land burns, and how much rain ends that (mm over the days before).
_DRY_DAYS, _DAMP_MM = 5, 20.0
#: PM2.5 in µg/m³ -> ISPU, joined by straight lines: the breakpoints of the Indonesian index.
_ISPU = ((0.0, 0.0), (15.5, 50.0), (55.4, 100.0), (150.4, 200.0), (250.4, 300.0), (500.0, 500.0))


def answer(town: Town, asked: Request) -> Answer:
    """The readings of a span, oldest first."""
    if asked.path != "readings":
        return of_json({"message": "no such resource"}, 404)
    try:
        since = max(asked.now - LONGEST, moment(asked.query.get("since"), asked.now - timedelta(days=1)))
    except ValueError:
        return of_json({"message": "since is ISO 8601 with a zone"}, 400)
    return of_json({"simulated": True, "readings": readings(town, since, asked.now)})


def readings(town: Town, since: datetime, until: datetime) -> list[dict[str, Any]]:
    """Every full hour from ``since`` to ``until``."""
    at = since.astimezone(ZONE).replace(minute=0, second=0, microsecond=0)
    found = []
    while at <= until:
        if at >= since:
            dust = pm25(town, at)
            found.append({"station": STATION, "at": at.isoformat(), "pm25": dust, "ispu": ispu(dust),
                          "hot_spots": hot_spots(town, at), "simulated": True})  # fmt: skip
        at += timedelta(hours=1)
    return found


@lru_cache(maxsize=512)
def dryness(town: Town, day: date) -> float:
    """0 (damp) to 1 (dry): by the rain of the days before."""
    fallen = sum(sum(rain_of(town, day - timedelta(days=back))) for back in range(1, _DRY_DAYS + 1))
    return max(0.0, 1.0 - fallen / _DAMP_MM)


def hot_spots(town: Town, at: datetime) -> int:
    """New ones within 100 km in the hour: satellites pass in the early afternoon and after midnight."""
    local = at.astimezone(ZONE)
    if local.hour not in (1, 13):
        return 0
    dry = dryness(town, local.date())
    return round(town.random(local.date(), f"hot{local.hour}").expovariate(1 / 6) * dry) if dry > 0.3 else 0


def pm25(town: Town, at: datetime) -> float:
    """Micrograms per m³: traffic by the hour, smoke of dry days, less in rain."""
    local = at.astimezone(ZONE)
    random, busy = town.random(local.date(), f"dust{local.hour}"), HOURS["complaints"][local.hour]
    smoke = 30 * dryness(town, local.date())
    washed = 1 + rain_of(town, local.date())[local.hour] / 4
    return round(max(3.0, (12 + busy + smoke + random.gauss(0, 2)) / washed), 1)


def ispu(dust: float) -> int:
    """The index of fine dust."""
    for (low, first), (high, last) in zip(_ISPU, _ISPU[1:], strict=False):
        if dust <= high:
            return round(first + (last - first) * (dust - low) / (high - low))
    return round(_ISPU[-1][1])
