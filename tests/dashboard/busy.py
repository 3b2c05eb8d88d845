"""A busy day of the shipped city for every scene: long names, large figures, late and contradictory cases, gaps."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Any

from city.config import Config
from city.model import Case, CaseEvent, Observation, Status
from city.times import day_start, local_day
from tests.dashboard.screens import Screen

HOUR = timedelta(hours=1)
EVENTS = ("Hujan Lebat dan Petir", "Angin kencang", "Hujan lebat dan angin kencang", "Kabut asap tebal", "Banjir")
HOSPITALS = (
    "RSUD Simulasi Melati",
    "RSUD H. Simulasi Anggrek",
    "RSUD Simulasi Kenanga S.",
    "RS Simulasi Bhayangkara",
)
CLASSES = ("VIP", "KELAS I", "KELAS II", "KELAS III", "ICU")
CLINICS = ("PENYAKIT DALAM", "SARAF", "JANTUNG", "MATA", "BEDAH", "ANAK", "OBGYN")
MEMO_STEPS = (("received", 0), ("disposition", 3), ("signature", 9), ("done", 27))


def fill(screen: Screen, at: datetime) -> None:
    """Everything, saved as if each source had just had its turn."""
    config = screen.config
    codes = [[one.code for one in part] for part in (
        config.region.agencies, config.region.categories, config.region.districts)]  # fmt: skip
    screen.save(*complaints(at, 1400, *codes), source="sikesal")
    screen.save(*(memo(at, number, codes[0][number % len(codes[0])], 1 + number % 170) for number in range(700)),
                source="sipadek")  # fmt: skip
    for source, items in (*outside(at), *health(at, config)):
        screen.save(*items, source=source)


def complaints(
    at: datetime, count: int, agencies: list[str], categories: list[str], districts: list[str]
) -> Iterator[Case]:
    """Two months, with rejected and reopened ones and one whose records contradict each other."""
    dice = Random("complaint 7")
    for number in range(count):
        opened = at - timedelta(hours=dice.random() ** 2 * 1400)
        closed = opened + timedelta(hours=dice.expovariate(1 / 30))
        shut = closed < at and bool(number % 12)
        status = (Status.REJECTED if number % 9 == 0 else Status.DONE) if shut else Status.IN_PROGRESS
        events = [CaseEvent(opened, "received"), CaseEvent(opened + (closed - opened) / 3, "in_progress")]
        if number % 12 == 0 and opened < at - timedelta(days=3):
            events.append(CaseEvent(opened + timedelta(days=1), "done"))
        yield Case(
            key=f"SKSL-{number:06}", kind="complaint", opened_at=opened, closed_at=closed if shut else None,
            status=status, due_at=opened + timedelta(hours=48), events=tuple(events), agency=dice.choice(agencies),
            category=dice.choice(categories), district=dice.choice(districts), simulated=True,
        )  # fmt: skip


def memo(at: datetime, number: int, agency: str, hours: float) -> Case:
    """A memo opened ``hours`` ago, which moves on after 3, 9 and 27 hours."""
    opened = at - timedelta(hours=hours)
    events = tuple(CaseEvent(opened + timedelta(hours=h), stage, agency) for stage, h in MEMO_STEPS if h <= hours)
    closed = opened + timedelta(hours=27) if hours >= 27 else None
    return Case(key=f"N-{number}", kind="memo", opened_at=opened, due_at=opened + timedelta(hours=26), closed_at=closed,
                status="done" if closed else "received", agency=agency, priority="biasa", events=events)  # fmt: skip


def outside(at: datetime) -> Iterator[tuple[str, list[Any]]]:
    """Emergency, weather and permits: a river at Siaga III and more warnings than fit."""
    district = [f"15.71.{number:02}" for number in range(1, 12)]
    yield (
        "peringatan",
        [
            Case(key=name, kind="warning", opened_at=at - HOUR, closed_at=at + 2 * HOUR, category=name, simulated=True)
            for name in EVENTS
        ],
    )
    yield "laporan_banjir", [
        Case(key=f"f{number}", kind="flood_report", opened_at=at - HOUR * number, closed_at=at + 6 * HOUR,
             category="banjir", district=district[number], lat=-1.60 - number / 300, lon=103.6)
        for number in range(9)
    ]  # fmt: skip
    yield "gangguan_air", [
        Case(key=f"o{number}", kind="outage", opened_at=at - HOUR * (number + 1), district=district[number],
             outcome="pemeliharaan", closed_at=at - HOUR if number % 2 else None)
        for number in range(1, 8)
    ]  # fmt: skip
    yield "gempa", [
        Case(key="q", kind="quake", opened_at=at - HOUR, closed_at=at - HOUR, status=Status.DONE, lat=-3.0, lon=101.0,
             outcome="felt_here", priority="tsunami"),
        Observation(metric="quake_magnitude", at=at - HOUR, value=7.4),
        Observation(metric="quake_distance_km", at=at - HOUR, value=1187.0),
    ]  # fmt: skip
    yield "darurat_112", [
        Case(key=f"c{number}", kind="call", opened_at=at - HOUR * number / 2, status=Status.DONE,
             closed_at=None if number < 9 else at, due_at=at - HOUR * (number / 2 - 1),
             outcome="darurat" if number % 3 else "prank", district=district[number % 11])
        for number in range(60)
    ]  # fmt: skip
    yield "pos_duga_air", [
        Observation(metric="river_level_cm", at=at - timedelta(minutes=30 * back), value=1395 - 3 * back,
                    place="Pos Simulasi Kota")
        for back in range(100)
    ]  # fmt: skip
    start = at.replace(minute=0, second=0, microsecond=0)
    values = {"forecast_temperature_c": 31.0, "forecast_rain_mm": 64.0, "forecast_rain_24h_mm": 148.0}
    yield (
        "prakiraan",
        [
            Observation(metric=name, at=start + 3 * HOUR * step, value=value, place="Titik")
            for step in range(9)
            for name, value in values.items()
        ],
    )
    yield "izin_bangunan", [permit(number, at, district[number % 11]) for number in range(160)]


def permit(number: int, at: datetime, district: str) -> Case:
    """A building permit in one of its four stages."""
    opened = at - timedelta(days=number * 0.6)
    steps = ("diterima", "verifikasi", "rekomendasi", "terbit")[: 1 + number // 12]
    events = tuple(CaseEvent(opened + timedelta(days=0.5 * index), stage) for index, stage in enumerate(steps))
    closed = events[-1].at if len(steps) == 4 else None
    return Case(key=f"p{number}", kind="permit", opened_at=opened, due_at=opened + timedelta(days=8), closed_at=closed,
                status=Status.DONE if closed else Status.IN_PROGRESS, agency="dpmptsp", district=district,
                category=("rumah_tinggal", "usaha", "sosial", "campuran")[number % 4], events=events)  # fmt: skip


def health(at: datetime, config: Config) -> Iterator[tuple[str, list[Observation]]]:
    """Four hospitals, of which one has not written down its beds since the morning."""
    ages = (timedelta(minutes=6), timedelta(minutes=25), timedelta(minutes=70), timedelta(hours=7))
    yield "aplicares", [one for place, age in zip(HOSPITALS, ages, strict=True) for one in beds(at - age, place)]
    yield (
        "antrean_rs",
        [
            one
            for index, clinic in enumerate(CLINICS)
            for place in HOSPITALS
            for one in queue(config, at, place, clinic, 1 + 430 * index, 300 + 20 * index)
        ],
    )
    yield (
        "rumah_sakit",
        [
            Observation(metric="hospital_waiting_minutes", at=at - HOUR * back, value=40 + 3 * back, place=HOSPITALS[0])
            for back in range(20)
        ],
    )
    today = day_start(local_day(at, config.region.zone), config.region.zone)
    yield "puskesmas", [Observation(metric="fktp_registrations", at=today, value=1204, place="Puskesmas Simulasi")]
    yield from offices(at, config)


def offices(at: datetime, config: Config) -> Iterator[tuple[str, list[Observation]]]:
    """What the offices of health, insurance and environment have told last."""
    fevers = [("dengue_cases", value, {"district": one.code}) for value, one in enumerate(config.region.districts)]
    people = [("population", 654_700, {}), ("jkn_members", 653_400, {}), ("jkn_active", 533_900, {})]
    air = [("air_ispu", 62, {"place": "Pos Simulasi Udara"}), ("hot_spots", 3, {"place": "Pos Simulasi Udara"})]
    for source, back, figures in (
        ("dbd", 3 * HOUR, fevers),
        ("kepesertaan", 3 * HOUR, people),
        ("udara", HOUR / 3, air),
    ):
        yield source, [Observation(metric=name, at=at - back, value=value, **dims) for name, value, dims in figures]


def beds(at: datetime, hospital: str, free: int = 12, total: int = 82) -> list[Observation]:
    """The free beds of a hospital by class, written down at ``at``."""
    values = {"hospital_beds": total, "hospital_beds_free": free, "hospital_beds_occupied": total - free}
    return [
        Observation(metric=name, at=at, value=value, place=hospital, category=sort, channel=sort, simulated=True)
        for name, value in values.items()
        for sort in CLASSES
    ]


def queue(config: Config, at: datetime, place: str, clinic: str, entries: int, seconds: float) -> list[Observation]:
    """A clinic's queue of today: ``entries`` patients who spent ``seconds`` each in every task."""
    today = day_start(local_day(at, config.region.zone), config.region.zone)
    values = {f"hospital_wait_task{task}_total_s": entries * seconds * task for task in range(1, 7)}
    return [
        Observation(metric=name, at=today, value=value, place=place, category=clinic)
        for name, value in ({"hospital_queue_entries": entries} | values).items()
    ]
