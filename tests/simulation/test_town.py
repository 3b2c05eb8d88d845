"""The simulated city as a whole: a story per seed, figures that could be true, a program that ends well."""

import csv
import hashlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from statistics import mean

import pytest
import requests

from simulation import drops
from simulation.places import CATEGORIES, ZONE
from simulation.town import Rush, Town

ROOT = Path(drops.__file__).parent.parent
TUESDAY = date(2026, 11, 24)
NOON = datetime(2026, 11, 24, 5, tzinfo=UTC)
STREAMS = ("complaints", "memos", "calls", "hospitals")
FOLDERS = ("sipadek", "darurat_112", "rumah_sakit", "kepesertaan", "dbd", "ktp_el", "tte", "spm", "ikm")
#: Everything of three days, as one number: printed by a process of its own.
TOLD = """
import hashlib
from datetime import date
from simulation.town import Town
told = [getattr(Town({seed}), what)(date(2026, 11, day)) for day in (22, 23, 24) for what in {streams}]
print(hashlib.sha256(repr(told).encode()).hexdigest())
"""


def days(count: int, last: date = TUESDAY) -> list[date]:
    return [last - timedelta(days=back) for back in range(count)]


def told_by_a_process(seed: int, salt: str) -> str:
    code = TOLD.format(seed=seed, streams=STREAMS)
    env = os.environ | {"PYTHONHASHSEED": salt, "TZ": "America/New_York"}
    return subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=env, capture_output=True, text=True
    ).stdout.strip()


def test_another_process_on_another_machine_tells_the_same_city():
    told = [getattr(Town(7), what)(date(2026, 11, day)) for day in (22, 23, 24) for what in STREAMS]
    ours = hashlib.sha256(repr(told).encode()).hexdigest()
    assert told_by_a_process(7, "1") == told_by_a_process(7, "2") == ours


@pytest.mark.parametrize("what", STREAMS)
def test_every_seed_is_a_city_of_its_own_and_every_day_another_day(what):
    told = [repr(getattr(Town(seed), what)(day)) for seed in (1, 2, 1571) for day in (TUESDAY, date(2026, 11, 23))]
    assert len(set(told)) == 6


@pytest.mark.parametrize("seed", [1, 7, 1571])
def test_the_figures_of_half_a_year_could_be_true(seed):
    town = Town(seed)
    filed = [complaint for day in days(180) for complaint in town.complaints(day)]
    assert 13 <= len(filed) / 180 <= 15
    assert 0.80 <= mean(complaint.closed_at <= complaint.due_at for complaint in filed) <= 0.86
    working = [len(town.memos(day)) for day in days(180) if day.weekday() < 5]
    assert 200 <= mean(working) <= 220
    assert 38 <= mean(len(town.calls(day)) for day in days(180)) <= 44
    free = [free / beds for day in days(20) for _, _, beds, free, _ in town.hospitals(day)]
    assert 0.10 <= mean(free) <= 0.20


@pytest.mark.parametrize("seed", [1, 7, 1571])
def test_the_backlog_of_a_year_does_not_grow(seed):
    filed = [complaint for day in days(460) for complaint in Town(seed).complaints(day)]

    def backlog(at: datetime) -> int:
        return sum(complaint.opened_at <= at < complaint.closed_at for complaint in filed)

    weeks = [backlog(NOON - timedelta(days=7 * week)) for week in range(52)]
    assert min(weeks) >= 20 and max(weeks) <= 60
    # Of two halves of a year none is larger by more than chance makes it (about 33, give or take 1.4).
    assert abs(mean(weeks[:26]) - mean(weeks[26:])) < 8


def test_a_complaint_belongs_to_the_agency_and_the_promise_of_its_category():
    known = {(code, name, agency, timedelta(hours=hours)) for code, name, agency, hours, _ in CATEGORIES}
    filed = [complaint for day in days(30) for complaint in Town().complaints(day)]
    assert {(one.code, one.name, one.agency, one.due_at - one.opened_at) for one in filed} == known


@pytest.mark.parametrize("what", ["complaints", "memos", "calls"])
def test_a_rush_leaves_what_happened_as_it_was_and_adds_only_after_it_began(what):
    def told(town: Town, day: date) -> set[str]:
        return {repr(one) for one in getattr(town, what)(day)}

    calm, rushed = Town(), Town(rushes=(Rush(NOON, 10),))
    for day in days(14, TUESDAY - timedelta(days=1)):
        assert told(rushed, day) == told(calm, day)
    for day in (TUESDAY, TUESDAY + timedelta(days=1)):
        assert told(rushed, day) > told(calm, day)
    added = [one for one in getattr(rushed, what)(TUESDAY) if repr(one) not in told(calm, TUESDAY)]
    assert min(_began(one) for one in added) >= NOON


def _began(one) -> datetime:
    if hasattr(one, "opened_at"):
        return one.opened_at
    return one[-1][0][1] if isinstance(one[-1], list) else one[1]


def test_a_rush_brings_as_much_more_as_it_says_and_the_added_complaints_close_on_time():
    rushed = Town(rushes=(Rush(NOON, 10),))
    later = [TUESDAY + timedelta(days=ahead) for ahead in range(1, 15)]
    filed = [complaint for day in later for complaint in rushed.complaints(day)]
    assert len({complaint.key for complaint in filed}) == len(filed)
    assert 9 <= len(filed) / sum(len(Town().complaints(day)) for day in later) <= 11
    added = set(filed) - {complaint for day in later for complaint in Town().complaints(day)}
    assert mean(complaint.closed_at <= complaint.due_at for complaint in added) > 0.99


def test_a_city_slower_than_time_is_a_calm_one_and_a_rush_fills_no_beds():
    slow, rushed = Town(rushes=(Rush(NOON, 0.1),)), Town(rushes=(Rush(NOON, 10),))
    assert slow.complaints(TUESDAY) == Town().complaints(TUESDAY)
    assert rushed.hospitals(TUESDAY) == Town().hospitals(TUESDAY)


def rows(folder: Path) -> list[dict[str, str]]:
    with folder.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("seed", [1, 1571])
def test_every_dropped_row_says_it_is_simulated_and_no_real_hospital_is_named(tmp_path, seed):
    drops.write(Town(seed), tmp_path, NOON, days=9)
    found = {name: [row for file in (tmp_path / name).iterdir() for row in rows(file)] for name in FOLDERS}
    assert {row["simulated"] for name in FOLDERS for row in found[name]} == {"true"}
    hospitals = {row["rumah_sakit"] for row in found["rumah_sakit"]}
    assert len(hospitals) == 4 and all(name.startswith("RS Simulasi ") for name in hospitals)
    assert not any("RSUD" in "".join(row.values()) for name in FOLDERS for row in found[name])


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class City:
    """``python -m simulation`` as a process."""

    def __init__(self, data: Path, days: int) -> None:
        self.port, self.data = free_port(), data
        command = [sys.executable, "-m", "simulation", "--data", data, "--port", self.port, "--days", days]
        self.process = subprocess.Popen(list(map(str, command)), cwd=ROOT, stdout=subprocess.PIPE, text=True)

    def healthy(self) -> bool:
        try:
            return requests.get(f"http://127.0.0.1:{self.port}/health", timeout=5).ok
        except requests.ConnectionError:
            return False

    def files(self) -> list[Path]:
        return sorted(self.data.glob("drop/*/*.csv"))

    def told(self) -> str:
        """Its first line: from then on it serves and ends when asked."""
        assert self.process.stdout is not None
        return self.process.stdout.readline()

    def end(self) -> tuple[int, float]:
        """The exit code after SIGTERM, and the seconds that took."""
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(20), time.monotonic() - began


@pytest.fixture
def city(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[City]:
    """A city with forty days of history, or with as many as the test asks for."""
    made = City(tmp_path / "city", days=getattr(request, "param", 40))
    yield made
    made.process.kill()
    made.process.communicate(timeout=20)


def test_the_city_is_healthy_only_once_its_folders_are_filled_and_ends_within_two_seconds(city):
    until = time.monotonic() + 20
    while not city.healthy():
        assert city.process.poll() is None and time.monotonic() < until
        time.sleep(0.01)
    today = datetime.now(UTC).astimezone(ZONE).date()
    names = sorted(f"{day}.csv" for day in days(41, today))
    assert [file.name for file in city.files()] == names * len(FOLDERS)
    assert all(file.read_text().endswith("true\n") for file in city.files() if file.parent.name == "rumah_sakit")
    assert f"http://127.0.0.1:{city.port}/open311/v2/" in city.told()
    time.sleep(0.2)
    code, took_s = city.end()
    assert (code, took_s < 2) == (0, True)
    assert not city.healthy()


@pytest.mark.parametrize("city", [400], indirect=True, ids=["400 days"])
def test_a_city_that_is_stopped_while_it_writes_its_history_has_it_whole_after_a_restart(city, tmp_path):
    until = time.monotonic() + 20
    while len(city.files()) < 6:
        assert city.process.poll() is None and time.monotonic() < until
        time.sleep(0.005)
    assert city.end()[1] < 2
    assert len(city.files()) < 401 * len(FOLDERS), "it was stopped too late to prove anything"
    now = datetime.now(UTC)
    for folder in (city.data / "drop", tmp_path / "other"):
        drops.write(Town(), folder, now, days=20)
    expected = {file.relative_to(tmp_path / "other"): file.read_text() for file in (tmp_path / "other").glob("*/*.csv")}
    assert len(expected) == 21 * len(FOLDERS)
    assert {name: (city.data / "drop" / name).read_text() for name in expected} == expected


def test_a_port_in_use_is_one_line_and_the_city_that_has_it_goes_on(city):
    city.told()
    command = [sys.executable, "-m", "simulation", "--data", str(city.data / "other"), "--port", str(city.port)]
    second = subprocess.run([*command, "--days", "1"], cwd=ROOT, capture_output=True, text=True, timeout=20)
    assert (second.returncode, second.stdout) == (1, "")
    assert second.stderr == f"simulation: cannot serve on 127.0.0.1:{city.port}: Address already in use\n"
    assert city.healthy()


def test_offices_rest_on_public_holidays_and_what_they_would_do_happens_after():
    christmas, new_year = date(2025, 12, 25), date(2026, 1, 1)
    assert Town().memos(christmas) == Town().memos(new_year) == []
    steps = [
        at.date()
        for back in range(1, 8)
        for *_, taken in Town().memos(christmas - timedelta(days=back))
        for _, at in taken
    ]
    assert steps and christmas not in steps and new_year not in steps
