"""The weather of the simulated Kota Jambi: rain, temperature, wind, and the river that follows. Pure.

Rain comes in the afternoon or evening of wet days, six days in ten from October to April, and about 2,200 mm
a year. The Batanghari stands higher in the wet months and rises for hours after rain.
"""

from datetime import date, datetime, time, timedelta
from functools import lru_cache
from math import cos, exp, pi

from simulation.places import ZONE
from simulation.town import Town

#: The share of wet days by month.
_WET = (0.60, 0.55, 0.60, 0.60, 0.50, 0.35, 0.30, 0.35, 0.45, 0.60, 0.65, 0.65)
_MEAN_MM = 12.0
#: How a day's rain falls, hour by hour from its first.
_FALLS = (0.50, 0.30, 0.14, 0.06)
#: An hour of at least this much is heavy: a warning goes out.
HEAVY_MM = 8.0
#: The river: normal height, what the wet months add, and the rise at its highest per mm of rain.
_NORMAL_CM, _SEASON_CM, _RISE_CM = 930.0, 210.0, 3.2
_PEAK_H, _MEMORY_H = 8, 72


@lru_cache(maxsize=512)
def rain_of(town: Town, day: date) -> tuple[float, ...]:
    """Millimetres in each hour of a local day."""
    random, hours = town.random(day, "rain"), [0.0] * 24
    wet, total, first = random.random(), random.expovariate(1 / _MEAN_MM), random.randint(13, 19)
    if wet < _WET[day.month - 1]:
        for hour, share in enumerate(_FALLS, first):
            hours[hour] = round(total * share, 1)
    return tuple(hours)


def rain_mm(town: Town, at: datetime) -> float:
    """Millimetres in the clock hour of ``at``."""
    local = at.astimezone(ZONE)
    return rain_of(town, local.date())[local.hour]


def heavy_hours(town: Town, day: date) -> list[datetime]:
    """The hours of a local day that begin with heavy rain."""
    start = datetime.combine(day, time(), ZONE)
    return [start + timedelta(hours=hour) for hour, mm in enumerate(rain_of(town, day)) if mm >= HEAVY_MM]


def temperature_c(town: Town, at: datetime) -> float:
    """Degrees: hottest at two in the afternoon, coolest twelve hours later, and rain cools."""
    local = at.astimezone(ZONE)
    warmth = town.random(local.date(), "warmth").gauss(0, 0.8)
    hour = local.hour + local.minute / 60
    return round(27.5 + warmth + 4.0 * cos((hour - 14) / 24 * 2 * pi) - min(3.0, rain_mm(town, at) / 3), 1)


def humidity_ratio(town: Town, at: datetime) -> float:
    """0 to 1: the cooler the damper, and damp in rain."""
    dry = (temperature_c(town, at) - 23) * 0.035
    return round(min(0.99, max(0.45, 0.95 - dry + (0.1 if rain_mm(town, at) else 0))), 2)


def wind_kmh(town: Town, at: datetime) -> float:
    """Kilometres an hour: a breeze, gusts with the rain."""
    local = at.astimezone(ZONE)
    breeze = town.random(local.date(), f"wind{local.hour}").uniform(2, 11)
    return round(breeze + min(20.0, rain_mm(town, at)), 1)


def river_cm(town: Town, at: datetime, later_h: int = 0) -> int:
    """The height of the Batanghari in cm at a gauge that the water reaches ``later_h`` hours later (or earlier)."""
    season = cos((at.astimezone(ZONE).timetuple().tm_yday - 20) / 365 * 2 * pi)
    hour = at - timedelta(hours=later_h, minutes=at.minute, seconds=at.second, microseconds=at.microsecond)
    part, past = at.minute / 60, [rain_mm(town, hour - timedelta(hours=ago)) for ago in range(1, _MEMORY_H)]
    rise = sum(mm * _swell(ended + part) for ended, mm in enumerate(past) if mm)
    return round(_NORMAL_CM + _SEASON_CM * season + _RISE_CM * rise)


def _swell(hours: float) -> float:
    """How much of the highest rise has arrived after so many hours: nothing at first, all after ``_PEAK_H``."""
    return hours / _PEAK_H * exp(1 - hours / _PEAK_H)
