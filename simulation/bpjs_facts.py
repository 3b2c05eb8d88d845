"""What the simulated BPJS knows of a hospital or puskesmas by a moment: queues, beds, visits, claims, registrations.

Beds and waits are those of :meth:`simulation.town.Town.hospitals`. Patients are numbers; none of them exists.
"""

from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any

from simulation.places import CLINICS, ROOMS, ZONE
from simulation.town import Town
from simulation.workdays import is_workday

Row = dict[str, Any]
#: Registration, clinic and pharmacy as shares of the whole wait; the services between take minutes.
_WAITS, _SERVICES_MIN = {1: 0.2, 3: 0.5, 5: 0.3}, {2: 3, 4: 9, 6: 5}
_FIRST_HOUR, _LAST_HOUR = 7, 15
_CLASSES = ("1", "2", "3")


def queues(town: Town, hospital: str, day: date, now: datetime) -> list[Row]:
    """Dashboard rows of a day, one per clinic; none on Sundays and in the night before the doors open."""
    passed, wait_min = _passed(day, now), _wait_min(town, hospital, day)
    random, found = town.random(day, f"bpjs:queue:{hospital}"), list[Row]()
    for code, name, weight in CLINICS:
        entries = int(weight * random.uniform(3, 6) * (0.5 if day.weekday() == 5 else 1) * passed)
        averages = {task: wait_min * 60 * share * random.uniform(0.8, 1.2) for task, share in _WAITS.items()}
        averages |= {task: minutes * 60 * random.uniform(0.8, 1.2) for task, minutes in _SERVICES_MIN.items()}
        if entries:
            found.append(_queue(code, name, day, entries, {task: round(s) * entries for task, s in averages.items()}))
    return found


def _queue(code: str, name: str, day: date, entries: int, totals: dict[int, int]) -> Row:
    row: Row = {"kodepoli": code, "namapoli": name, "tanggal": f"{day:%Y-%m-%d}", "jumlah_antrean": entries}
    for task, total in sorted(totals.items()):
        row |= {f"waktu_task{task}": total, f"avg_waktu_task{task}": total / entries}
    return row


def month_queues(town: Town, hospital: str, first: date, now: datetime) -> list[Row]:
    """Dashboard rows of the month that begins on ``first``, one per clinic."""
    sums: dict[str, Row] = {}
    for number in range(31):
        day = first + timedelta(days=number)
        for row in queues(town, hospital, day, now) if day.month == first.month else []:
            known = sums.setdefault(row["kodepoli"], row | dict.fromkeys(_added(row), 0))
            known |= {field: known[field] + row[field] for field in _added(row)}
    return [
        _queue(code, row["namapoli"], first, row["jumlah_antrean"], {t: row[f"waktu_task{t}"] for t in range(1, 7)})
        for code, row in sums.items()
    ]


def _added(row: Row) -> list[str]:
    return [field for field in row if field.startswith(("waktu_", "jumlah_"))]


def rooms(town: Town, hospital: str, now: datetime) -> list[Row]:
    """The beds of each room as nurses wrote them down: every half hour in the first, every three in the last."""
    found = []
    for number, (class_code, class_name, code, name, share) in enumerate(ROOMS, 1):
        step = timedelta(minutes=30 * number)
        local = now.astimezone(ZONE)
        midnight = datetime.combine(local.date(), time(), ZONE)
        at = midnight + (local - midnight) // step * step
        beds, free = next((b, f) for t, h, b, f, _ in _day(town, local.date()) if h == hospital and t == at)
        here = max(1, round(beds * share))
        found.append({
            "kodekelas": class_code, "namakelas": class_name, "koderuang": code, "namaruang": name,
            "kapasitas": str(here), "tersedia": str(min(here, round(free * share))), "tersediapria": "0",
            "tersediawanita": "0", "tersediapriawanita": "0", "rownumber": number,
            "lastupdate": f"{at:%Y-%m-%d %H:%M:%S}",
        })  # fmt: skip
    return found


def visits(town: Town, hospital: str, day: date, service: int, now: datetime) -> list[Row]:
    """Letters of eligibility of a day: admissions (service 1), or most of the queue (service 2)."""
    if service == 1:
        random, passed = town.random(day, f"bpjs:admitted:{hospital}"), _passed(day, now, sundays=True)
        classes = random.choices(_CLASSES, (2, 3, 6), k=random.randint(8, 20))
        return [
            _patient(n) | {"kelasRawat": c, "poli": None} for n, c in enumerate(classes[: int(len(classes) * passed)])
        ]
    rows = queues(town, hospital, day, now)
    clinics = [row["namapoli"] for row in rows for _ in range(row["jumlah_antrean"] * 4 // 5)]
    return [_patient(number) | {"kelasRawat": None, "poli": clinic} for number, clinic in enumerate(clinics)]


def claims(town: Town, hospital: str, day: date, service: int, state: int, now: datetime) -> list[Row]:
    """Claims of the patients of a day: verified for two weeks, then paid but for a few that wait for papers."""
    age_days, random = (now.astimezone(ZONE).date() - day).days, town.random(day, f"bpjs:claims:{hospital}:{service}")
    found = []
    for visit in visits(town, hospital, day, service, now):
        turn, waits = random.randint(10, 20), random.random() < 0.08
        price = round(random.uniform(2, 9) * (900_000 if service == 1 else 60_000))
        now_in = 1 if age_days < turn else 2 if waits else 3
        costs = {"byPengajuan": str(price), "bySetujui": str(price) if now_in == 3 else "0"}
        if now_in == state:
            found.append({"biaya": costs, "kelasRawat": visit["kelasRawat"], "noSEP": visit["noSep"]})
    return found


def registrations(town: Town, puskesmas: str, day: date, now: datetime) -> list[Row]:
    """The patients whom a puskesmas registered on a working day by ``now``."""
    if not is_workday(day):
        return []
    number = int(town.random(day, f"bpjs:fktp:{puskesmas}").randint(55, 110) * _passed(day, now))
    poli = {"kdPoli": "001", "nmPoli": "UMUM"}
    return [
        {"noUrut": f"A{n}", "poli": poli, "peserta": {"nama": f"Peserta Simulasi {n}"}} for n in range(1, number + 1)
    ]


def _patient(number: int) -> Row:
    return {"nama": f"Peserta Simulasi {number}", "noKartu": f"SIM{number:010}", "noSep": f"SIM{number:016}"}


def _passed(day: date, now: datetime, *, sundays: bool = False) -> float:
    """The share of a day's patients who had come by ``now``."""
    if day.weekday() == 6 and not sundays:
        return 0.0
    opened = datetime.combine(day, time(_FIRST_HOUR), ZONE)
    return max(0.0, min(1.0, (now - opened) / timedelta(hours=_LAST_HOUR - _FIRST_HOUR)))


def _wait_min(town: Town, hospital: str, day: date) -> float:
    waits = [w for at, name, _, _, w in _day(town, day) if name == hospital and _FIRST_HOUR <= at.hour < _LAST_HOUR]
    return sum(waits) / len(waits)


@lru_cache(maxsize=64)
def _day(town: Town, day: date) -> tuple[tuple[datetime, str, int, int, int], ...]:
    return tuple(town.hospitals(day))
