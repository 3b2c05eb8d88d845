"""What happens in the simulated Kota Jambi: complaints, memos, emergency calls, hospitals. Pure.

Every function answers for one local day from ``Random(f"{seed}:{day}:{what}")``; the state at a
moment is what of it had happened by then, so a restart finds the same city.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from math import exp
from random import Random
from typing import Any

from simulation.places import CATEGORIES, DISTRICTS, HOSPITALS, HOURS, KINDS, OFFICES, OUTCOMES, URGENCIES, ZONE
from simulation.workdays import is_workday

#: Complaints on a working day and at the weekend: 14 a day over a week.
_COMPLAINTS, _AT_WEEKENDS, _MEMOS, _CALLS = 15, 11.5, 210, 41
#: Four in five and some close within the promise, the rest days later: about 15 are overdue at any moment.
_LATE_RATIO = 0.175
#: A collector sees the last 90 days only: a longer life would never be seen to end.
_LONGEST_LIFE = timedelta(days=60)
#: A memo's last step comes within this many days of its receipt.
MEMO_DAYS = 12


@dataclass(frozen=True)
class Complaint:
    """One complaint with its whole life; ask it what was true at a moment."""

    key: str
    opened_at: datetime
    routed_at: datetime
    closed_at: datetime
    due_at: datetime
    code: str
    name: str
    agency: str
    lat: float
    lon: float


@dataclass(frozen=True)
class Rush:
    """From ``started_at`` (until the next rush) things happen ``speed`` times as often."""

    started_at: datetime
    speed: float


@dataclass(frozen=True)
class Town:
    """A seed, and the spans in which it ran faster."""

    seed: int = 1571
    rushes: tuple[Rush, ...] = field(default=())

    def random(self, day: date, what: str) -> Random:
        """The dice of one day and subject."""
        return Random(f"{self.seed}:{day}:{what}")

    def complaints(self, day: date) -> list[Complaint]:
        """The complaints filed on a local day."""
        return list(_complaints(self, day))

    def memos(self, day: date) -> list[tuple[str, str, str, str, list[tuple[str, datetime]]]]:
        """(key, kind, urgency, office, steps) of the memos received on a local day; offices rest at times."""
        return list(_memos(self, day)) if is_workday(day) else []

    def calls(self, day: date) -> list[tuple[str, datetime, datetime, str, str]]:
        """(key, called at, ended at, outcome, district) of the 112 line; few calls are real emergencies."""
        return [_call(random, f"C112-{key}", at) for random, key, at, _ in _arrivals(self, day, "calls", _CALLS)]

    def hospitals(self, day: date) -> list[tuple[datetime, str, int, int, int]]:
        """(at, hospital, beds, free beds, median wait in minutes) every ten minutes."""
        random, found = self.random(day, "hospitals"), []
        tonight, tomorrow = _free_ratios(self, day), _free_ratios(self, day + timedelta(days=1))
        for step in range(144):
            at = datetime.combine(day, time(), ZONE) + timedelta(minutes=10 * step)
            busy = HOURS["complaints"][at.hour] / max(HOURS["complaints"])
            for (name, beds), one, two in zip(HOSPITALS, tonight, tomorrow, strict=True):
                ratio = one + (two - one) * step / 144 - 0.03 * busy + random.gauss(0, 0.004)
                wait = max(5, round(45 + 45 * busy + random.gauss(0, 4)))
                found.append((at, name, beds, round(beds * max(0.01, ratio)), wait))
        return found


@lru_cache(maxsize=512)
def _complaints(town: Town, day: date) -> tuple[Complaint, ...]:
    mean = _COMPLAINTS if is_workday(day) else _AT_WEEKENDS
    arrivals = _arrivals(town, day, "complaints", mean)
    return tuple(_complaint(random, f"SIM-{key}", at, speed) for random, key, at, speed in arrivals)


@lru_cache(maxsize=32)
def _memos(town: Town, day: date) -> tuple[tuple[str, str, str, str, list[tuple[str, datetime]]], ...]:
    found = []
    for random, key, at, speed in _arrivals(town, day, "memos", _MEMOS):
        office, kind, urgency = (_weighted(random, rows)[0] for rows in (OFFICES, KINDS, URGENCIES))
        found.append((f"ND-{key}", kind, urgency, office, _steps(random, _office_hours(at), speed)))
    return tuple(found)


def _arrivals(town: Town, day: date, what: str, mean: float) -> list[tuple[Random, str, datetime, float]]:
    """(dice, number, moment, speed) of everything of a kind that arrives on a day, in hurry or not."""
    random = town.random(day, what)
    hours = HOURS[what]
    times = sorted(_moment(day, random, hours) for _ in range(_poisson(random, mean)))
    found = [(random, f"{day:%y%m%d}-{number:03}", at, 1.0) for number, at in enumerate(times, 1)]
    for nth, rush in enumerate(town.rushes, 1):
        if rush.speed <= 1 or rush.started_at.astimezone(ZONE).date() > day:
            continue
        end = town.rushes[nth].started_at if nth < len(town.rushes) else None
        random = town.random(day, f"{what}:{nth}")
        times = sorted(_moment(day, random, hours) for _ in range(_poisson(random, mean * (rush.speed - 1))))
        for number, at in enumerate(times, 1):
            if rush.started_at <= at and (end is None or at < end):
                found.append((random, f"{day:%y%m%d}-X{nth}{number:05}", at, rush.speed))
    return found


def _complaint(random: Random, key: str, at: datetime, speed: float) -> Complaint:
    category, (_, lat, lon, _) = _weighted(random, CATEGORIES), _weighted(random, DISTRICTS)
    position = lat + random.gauss(0, 0.006), lon + random.gauss(0, 0.006)
    return lived(random, key, at, category, position, speed)


def lived(
    random: Random, key: str, at: datetime, category: tuple[Any, ...], position: tuple[float, float], speed: float = 1.0
) -> Complaint:
    """A complaint with the life that the dice give it."""
    code, name, agency, promise_h, _ = category
    late = random.random() < _LATE_RATIO
    promises = 1 + exp(random.gauss(0.85, 0.8)) if late else min(0.98, exp(random.gauss(-0.55, 0.6)))
    life = min(_LONGEST_LIFE, timedelta(hours=promise_h * promises)) / speed
    routed = at + min(life / 2, timedelta(hours=exp(random.gauss(0.6, 0.7))) / speed)
    return Complaint(key, at, routed, at + life, at + timedelta(hours=promise_h), code, name, agency, *position)


def _call(random: Random, key: str, at: datetime) -> tuple[str, datetime, datetime, str, str]:
    outcome = _weighted(random, OUTCOMES)[0]
    minutes = random.uniform(20, 90) if outcome == "darurat" else random.uniform(0.2, 4)
    return key, at, at + timedelta(minutes=minutes), outcome, _weighted(random, DISTRICTS)[0]


def _steps(random: Random, at: datetime, speed: float) -> list[tuple[str, datetime]]:
    steps = [("diterima", at)]
    for stage, hours in (("disposisi", 3.35), ("tanda tangan", 4.5), ("selesai", 8.0)):
        at = _office_hours(at + timedelta(hours=hours * exp(random.gauss(-0.1, 0.6)) / speed))
        steps.append((stage, at))
    return steps


def _office_hours(at: datetime) -> datetime:
    """What would happen at night, at the weekend or on a holiday happens on the next working morning."""
    if at.hour < 7:
        at = at.replace(hour=7)
    while not is_workday(at.date()) or at.hour >= 17:
        at = datetime.combine(at.date() + timedelta(days=1), time(8, at.minute, at.second), ZONE)
    return at


def _free_ratios(town: Town, day: date) -> list[float]:
    """The share of free beds at midnight, by hospital; the day glides from one to the next."""
    random = town.random(day, "beds")
    return [random.uniform(0.10, 0.22) for _ in HOSPITALS]


def _weighted(random: Random, rows: tuple[tuple[Any, ...], ...]) -> tuple[Any, ...]:
    return random.choices(rows, [row[-1] for row in rows])[0]


def _moment(day: date, random: Random, hours: tuple[int, ...]) -> datetime:
    hour = random.choices(range(24), hours)[0]
    return datetime.combine(day, time(hour, random.randrange(60), random.randrange(60)), ZONE)


def _poisson(random: Random, mean: float) -> int:
    return max(0, round(random.gauss(mean, mean**0.5)))
