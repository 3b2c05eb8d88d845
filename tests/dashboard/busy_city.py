"""A city in which something of everything happens: it fills every panel of the shipped scenes, in any language."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from city.config import Config
from city.documents import load
from city.model import Case, CaseEvent, Observation, Unreachable
from city.store import Store, Tally
from city.times import day_start, local_day
from collectors import args_of
from tests.dashboard import busy
from tests.dashboard.manual_site import JKN

ROOT = Path(__file__).resolve().parents[2]
HOSPITALS = ("RS Simulasi Melati", "RS Simulasi Anggrek", "RS Simulasi Kenanga")
CLASSES = ("VIP", "KELAS I", "KELAS II", "KELAS III", "ICU")
CLINICS = ("SARAF", "MATA", "BEDAH")
#: kind -> its source, how many, hours between two of them
_CASES = {
    "complaint": ("sikesal", 160, 4.0),
    "memo": ("sipadek", 120, 4.0),
    "permit": ("izin_bangunan", 80, 20.0),
    "call": ("darurat_112", 60, 1.1),
    "flood_report": ("genangan", 6, 1.0),
    "outage": ("gangguan_air", 5, 9.0),
}
_STAGES = {
    "memo": ("received", "disposition", "signature", "done"),
    "permit": ("diterima", "verifikasi", "rekomendasi"),
}
_OUTCOMES = {"call": ("darurat", "prank"), "outage": ("pipa_bocor", "pompa", "pemeliharaan")}


def config(language: str, **region: Any) -> Config:
    """The shipped city with a form to fill in, in a language; without the walls, which do not matter here."""
    shipped = load(ROOT / "config.yaml", args_of, {"SIMULATION_SECRET": "x" * 40}).model_dump(by_alias=True)
    form = {"collector": "manual", "title": "Kepesertaan JKN", "args": JKN}
    changed = {"screens": {}, "region": shipped["region"] | {"language": language} | region}
    return Config.model_validate(shipped | changed | {"sources": shipped["sources"] | {"jkn": form}})


def fill(store: Store, made: Config, now: datetime) -> None:
    """Every source has run well; then one did not answer."""
    saved: dict[str, list[Any]] = {name: [] for name in made.sources}
    for kind, (source, count, apart) in _CASES.items():
        saved[source if source in saved else _source_of(kind, made)] += cases(kind, count, apart, made, now)
    for source, items in (("aplicares", beds(now)), ("antrean_rs", queues(made, now)), ("prakiraan", forecast(now)),
                          ("pos_duga_air", river(now)), ("rumah_sakit", waits(now)), ("puskesmas", visits(made, now)),
                          ("gempa", quake(now)), ("peringatan", warnings(now)), *busy.offices(now, made)):  # fmt: skip
        saved[source] += items
    for source, items in saved.items():
        store.save(source, items, started_at=now - timedelta(seconds=30), finish=lambda: Tally(fetched=9))
    error = Unreachable("no answer in time", where="sipadek")
    store.fail("sipadek", started_at=now, error=error)


def _source_of(kind: str, made: Config) -> str:
    return next(name for name, source in made.sources.items() if source.kind == kind)


def cases(kind: str, count: int, apart: float, made: Config, now: datetime) -> Iterator[Case]:
    """Cases of a kind, some closed, some late, some due within the hour, each with its stages."""
    dice, region = Random(f"{kind} 15"), made.region
    for number in range(count):
        opened = now - timedelta(hours=apart * (number + dice.random()))
        closed = opened + timedelta(hours=dice.expovariate(1 / 30))
        shut = closed < now and number % 3 > 0
        stages = _STAGES.get(kind, ("received", "in_progress"))[: 1 + number % 4]
        due = now + timedelta(minutes=7 * number) if number % 5 == 1 else opened + timedelta(hours=30)
        yield Case(
            key=f"{kind}-{number}", kind=kind, opened_at=opened, due_at=due, closed_at=closed if shut else None,
            status=("rejected" if number % 9 == 0 else "done") if shut else "in_progress",
            outcome=dice.choice(_OUTCOMES[kind]) if kind in _OUTCOMES else None,
            category=dice.choice(region.categories).code, agency=dice.choice(region.agencies).code,
            district=dice.choice(region.districts).code if number % 11 else None, lat=-1.6, lon=103.6, simulated=True,
            events=tuple(CaseEvent(opened + timedelta(hours=at), stage) for at, stage in enumerate(stages)),
        )  # fmt: skip


def beds(now: datetime) -> Iterator[Observation]:
    """Beds by hospital and class; one hospital has fallen silent."""
    for place, ago in zip(HOSPITALS, (5, 20, 500), strict=True):
        for name, value in (("hospital_beds", 82), ("hospital_beds_free", 2), ("hospital_beds_occupied", 80)):
            for sort in CLASSES:
                yield Observation(metric=name, at=now - timedelta(minutes=ago), value=value, place=place, category=sort,
                                  channel=sort, simulated=True)  # fmt: skip


def queues(made: Config, now: datetime) -> Iterator[Observation]:
    """Today's queues by clinic; one clinic has too few patients for a figure."""
    at = day_start(local_day(now, made.region.zone), made.region.zone)
    for place in HOSPITALS:
        for index, clinic in enumerate(CLINICS):
            entries = 1 + 20 * index
            values = {f"hospital_wait_task{task}_total_s": entries * 400.0 * task for task in range(1, 7)}
            for name, value in ({"hospital_queue_entries": entries} | values).items():
                yield Observation(metric=name, at=at, value=value, place=place, category=clinic)


def waits(now: datetime) -> list[Observation]:
    """A wait an hour."""
    return [Observation(metric="hospital_waiting_minutes", at=now - timedelta(hours=hour), value=40.0 + hour,
                        place=HOSPITALS[0]) for hour in range(20)]  # fmt: skip


def visits(made: Config, now: datetime) -> list[Observation]:
    """Today's registrations of two health centres."""
    at = day_start(local_day(now, made.region.zone), made.region.zone)
    return [
        Observation(metric="fktp_registrations", at=at, value=40, place=place) for place in ("Putri Ayu", "Simpang")
    ]


def forecast(now: datetime) -> list[Observation]:
    """A day ahead: warm, with rain that grows and goes."""
    hour = now.replace(minute=0, second=0, microsecond=0)
    steps = [(hour + timedelta(hours=3 * step), step) for step in range(-1, 9)]
    values = (("forecast_temperature_c", 31.0), ("forecast_rain_mm", None), ("forecast_rain_24h_mm", 60.0))
    return [
        Observation(metric=name, at=at, value=9.0 * (step % 4) if value is None else value, simulated=True)
        for at, step in steps
        for name, value in values
    ]


def river(now: datetime) -> list[Observation]:
    """A river that rises past its third mark, and rain at its gauge."""
    values = (("river_level_cm", 1440.0), ("gauge_rain_mm", 40.0))
    times = [(minutes, now - timedelta(minutes=minutes)) for minutes in range(1, 300, 20)]
    return [
        Observation(metric=name, at=at, value=value - ago / 10, place="Pos Simulasi Kota", simulated=True)
        for ago, at in times
        for name, value in values
    ]


def warnings(now: datetime) -> list[Case]:
    """One in force, one announced, one over."""
    times = ((-1.0, 2.0), (1.0, None), (-30.0, -20.0))
    return [Case(key=f"w{number}", kind="warning", opened_at=now + timedelta(hours=begins), simulated=True,
                 closed_at=None if ends is None else now + timedelta(hours=ends), category="hujan_lebat_petir")
            for number, (begins, ends) in enumerate(times)]  # fmt: skip


def quake(now: datetime) -> list[Any]:
    """One of this morning that was felt here, with its size."""
    at = now - timedelta(hours=7)
    shaken = Case(key="q", kind="quake", opened_at=at, closed_at=at, status="closed", lat=-2.9, lon=102.2,
                  outcome="felt_here", simulated=True)  # fmt: skip
    return [shaken, *(Observation(metric=name, at=at, value=value, simulated=True)
                      for name, value in (("quake_magnitude", 4.6), ("quake_distance_km", 187.0)))]  # fmt: skip
