"""What happens in the simulated Kota Jambi: complaints, memos, emergency calls, hospitals. Pure.

Every function answers for one local day from ``Random(f"{seed}:{day}:{what}")``; the state at a
moment is what of it had happened by then. ``speed`` multiplies arrivals after ``started_at`` and
divides how long those cases live; times stay real.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from math import exp
from random import Random
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Jakarta")

#: name, lat, lon, weight (roughly by population)
DISTRICTS = (
    ("Telanaipura", -1.59506, 103.56253, 9), ("Jambi Selatan", -1.62169, 103.63093, 10),
    ("Jambi Timur", -1.58281, 103.63559, 11), ("Pasar Jambi", -1.59450, 103.61402, 3),
    ("Pelayangan", -1.56490, 103.62194, 2), ("Danau Teluk", -1.57171, 103.59289, 2),
    ("Kota Baru", -1.65442, 103.60261, 14), ("Jelutung", -1.61667, 103.61326, 10),
    ("Alam Barajo", -1.64840, 103.55744, 18), ("Danau Sipin", -1.60144, 103.59404, 7),
    ("Paal Merah", -1.62710, 103.65143, 15),
)  # fmt: skip
#: code, name, agency, promise in hours, weight
CATEGORIES = (
    ("jalan", "Jalan berlubang", "PUPR", 72, 20), ("drainase", "Drainase tersumbat", "PUPR", 72, 12),
    ("sampah", "Sampah menumpuk", "DLH", 24, 24), ("lampu_jalan", "Lampu jalan padam", "Dishub", 48, 18),
    ("air_bersih", "Air tidak mengalir", "Tirta Mayang", 48, 8), ("parkir", "Parkir liar", "Dishub", 24, 6),
    ("pelayanan_umum", "Pelayanan umum", "Setda", 48, 6), ("lampu_lalu_lintas", "Lampu lalu lintas mati", "Dishub", 24, 3),
    ("banjir", "Genangan dan banjir", "PUPR", 24, 3),
)  # fmt: skip
OFFICES = (
    ("PUPR", 34), ("Setda", 31), ("Dinkes", 28), ("Disdik", 24), ("DLH", 19), ("Dishub", 12), ("Dukcapil", 11),
    ("Satpol PP", 8), ("BPBD", 7), ("Damkar", 6), ("Diskominfo", 9), ("Bappeda", 8), ("Dinsos", 8),
)  # fmt: skip
HOSPITALS = (
    ("RS Simulasi Melati", 310), ("RS Simulasi Anggrek", 180), ("RS Simulasi Kenanga", 140), ("RS Simulasi Dahlia", 92),
)  # fmt: skip
#: share of a day's arrivals by hour: quiet nights, a peak before noon
_HOURS = (1, 1, 0, 0, 1, 3, 6, 9, 11, 12, 11, 9, 7, 8, 8, 7, 6, 5, 5, 5, 4, 3, 2, 1)


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
class Town:
    """A seed, and when it began to run faster."""

    seed: int = 1571
    speed: float = 1.0
    started_at: datetime | None = None

    def _random(self, day: date, what: str) -> Random:
        return Random(f"{self.seed}:{day}:{what}")

    def complaints(self, day: date) -> list[Complaint]:
        """The complaints filed on a local day, in order."""
        random = self._random(day, "complaints")
        mean = 14 if day.weekday() < 5 else 9
        times = sorted(_moment(day, random) for _ in range(_poisson(random, mean)))
        found = [_complaint(random, f"SIM-{day:%y%m%d}-{number:03}", at) for number, at in enumerate(times, 1)]
        return found + self._hurried(day, mean)

    def _hurried(self, day: date, mean: float) -> list[Complaint]:
        if self.speed <= 1 or self.started_at is None:
            return []
        random = self._random(day, "hurried")
        times = sorted(_moment(day, random) for _ in range(_poisson(random, mean * (self.speed - 1))))
        times = [at for at in times if at >= self.started_at]
        return [_complaint(random, f"SIM-{day:%y%m%d}-X{n:05}", at, self.speed) for n, at in enumerate(times, 1)]

    def memos(self, day: date) -> list[tuple[str, str, str, list[tuple[str, datetime]]]]:
        """(key, urgency, office, steps) of the memos received on a working day."""
        if day.weekday() > 4:
            return []
        random = self._random(day, "memos")
        found = []
        for number in range(1, _poisson(random, 110) + 1):
            office = _weighted(random, OFFICES)[0]
            urgency = random.choices(("biasa", "segera", "amat_segera"), (70, 24, 6))[0]
            found.append((f"ND-{day:%y%m%d}-{number:03}", urgency, office, _steps(random, day)))
        return found

    def calls(self, day: date) -> list[tuple[str, datetime, datetime, str, str]]:
        """(key, called at, ended at, outcome, district) of the 112 line; few calls are real emergencies."""
        random = self._random(day, "calls")
        found = []
        times = sorted(_moment(day, random, flat=True) for _ in range(_poisson(random, 41)))
        for number, at in enumerate(times, 1):
            outcome = random.choices(("darurat", "informasi", "prank", "ghost", "terputus"), (8, 14, 22, 24, 32))[0]
            minutes = random.uniform(20, 90) if outcome == "darurat" else random.uniform(0.2, 4)
            place = _weighted(random, DISTRICTS)[0]
            found.append((f"C112-{day:%y%m%d}-{number:03}", at, at + timedelta(minutes=minutes), outcome, place))
        return found

    def hospitals(self, day: date) -> list[tuple[datetime, str, int, int, int]]:
        """(at, hospital, beds, free beds, median wait in minutes) every ten minutes."""
        random = self._random(day, "hospitals")
        base = {name: random.uniform(0.10, 0.22) for name, _ in HOSPITALS}
        found = []
        for step in range(144):
            at = datetime.combine(day, time(), ZONE) + timedelta(minutes=10 * step)
            busy = _HOURS[at.hour] / 12
            for name, beds in HOSPITALS:
                free = round(beds * max(0.01, base[name] - 0.03 * busy + random.gauss(0, 0.004)))
                found.append((at, name, beds, free, round(45 + 45 * busy + random.gauss(0, 4))))
        return found


def _complaint(random: Random, key: str, at: datetime, speed: float = 1.0) -> Complaint:
    code, name, agency, hours, _ = _weighted(random, CATEGORIES)
    _, lat, lon, _ = _weighted(random, DISTRICTS)
    # Most close well within the promise; about one in six lingers far beyond it.
    late = random.random() < 0.17
    life_h = hours * (random.uniform(1.1, 4.0) if late else min(0.98, exp(random.gauss(-0.7, 0.5)))) / speed
    routed = at + timedelta(hours=min(life_h / 2, exp(random.gauss(0.6, 0.7))))
    return Complaint(
        key, at, routed, at + timedelta(hours=life_h), at + timedelta(hours=hours), code, name, agency,
        lat + random.gauss(0, 0.006), lon + random.gauss(0, 0.006),
    )  # fmt: skip


def _steps(random: Random, day: date) -> list[tuple[str, datetime]]:
    at = datetime.combine(day, time(7, 30), ZONE) + timedelta(minutes=random.triangular(0, 480, 120))
    steps = [("diterima", at)]
    for stage, hours in (("disposisi", 3.2), ("tanda tangan", 5.0), ("selesai", 9.0)):
        at = _office_hours(at + timedelta(hours=hours * exp(random.gauss(-0.1, 0.6))))
        steps.append((stage, at))
    return steps


def _office_hours(at: datetime) -> datetime:
    """Work that would end at night or at the weekend ends the next working morning."""
    while at.weekday() > 4 or at.hour >= 17:
        at = datetime.combine(at.date() + timedelta(days=1), time(8, at.minute), ZONE)
    return at


def _weighted(random: Random, rows: tuple) -> tuple:  # type: ignore[type-arg]
    return random.choices(rows, [row[-1] for row in rows])[0]


def _moment(day: date, random: Random, *, flat: bool = False) -> datetime:
    hour = random.randrange(24) if flat else random.choices(range(24), _HOURS)[0]
    return datetime.combine(day, time(hour, random.randrange(60), random.randrange(60)), ZONE)


def _poisson(random: Random, mean: float) -> int:
    return max(0, round(random.gauss(mean, mean**0.5)))
