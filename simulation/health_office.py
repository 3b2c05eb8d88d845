"""What the simulated health office exports once a day: who is insured (JKN), and new cases of dengue. Pure.

Dengue follows the rain of two to four weeks before and is commonest where most people live.
"""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from simulation.places import DISTRICTS, ZONE
from simulation.town import Town
from simulation.weather import rain_of

PEOPLE = 649_656
#: The hour at which the office exports.
_AT = time(7)
_COVERED, _ACTIVE = 0.998, 0.817
_CASES_A_DAY = 3.5


def exported(day: date) -> datetime:
    """When the office exports on a local day."""
    return datetime.combine(day, _AT, ZONE)


def members(town: Town, day: date) -> tuple[int, int, int]:
    """(people, members, active members) on a day: members join slowly, and some months more of them pay."""
    age = (day - date(2026, 1, 1)).days
    people = PEOPLE + 25 * age
    month = town.random(day.replace(day=1), "jkn").gauss(0, 0.004)
    covered = round(people * min(0.999, _COVERED + month / 20))
    return people, covered, round(covered * (_ACTIVE + month))


def dengue(town: Town, day: date) -> Iterator[tuple[str, int]]:
    """(district, new cases) of the day before the export, every district."""
    fallen = sum(sum(rain_of(town, day - timedelta(days=back))) for back in range(14, 29))
    mean, random = _CASES_A_DAY * min(2.0, 0.4 + fallen / 150), town.random(day, "dengue")
    weights = sum(weight for *_, weight in DISTRICTS)
    for name, *_, weight in DISTRICTS:
        expected, count = mean * weight / weights, 0
        # Few and independent: as many as fit into the day at that rate.
        left = random.expovariate(1)
        while left < expected:
            count, left = count + 1, left + random.expovariate(1)
        yield name, count
