"""The drop folders: a file a day, whole or not there, and a restart brings only news."""

import csv
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from simulation import drops
from simulation.town import Town

NOW = datetime(2026, 11, 24, 7, 5, tzinfo=UTC)  # Tuesday 14.05 in Jambi
FOLDERS = ("sipadek", "darurat_112", "rumah_sakit", "kepesertaan", "dbd", "ktp_el", "tte", "spm", "ikm")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    drops.write(Town(), tmp_path, NOW, days=4)
    return tmp_path


def rows(folder: Path, name: str, day: str = "2026-11-24") -> list[dict[str, str]]:
    with (folder / name / f"{day}.csv").open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("name", FOLDERS)
def test_each_folder_has_a_file_a_day_and_nothing_half_written(folder, name):
    names = sorted(path.name for path in (folder / name).iterdir())
    assert names == [f"2026-11-{day}.csv" for day in range(20, 25)]


@pytest.mark.parametrize("name", FOLDERS)
def test_every_row_says_that_it_is_simulated(folder, name):
    assert {row["simulated"] for row in rows(folder, name)} == {"true"}


@pytest.mark.parametrize(("name", "field"), [("sipadek", "waktu"), ("darurat_112", "masuk"), ("rumah_sakit", "waktu")])
def test_nothing_is_told_before_it_happened(folder, name, field):
    moments = [datetime.fromisoformat(row[field]) for row in rows(folder, name)]
    assert moments == sorted(moments) and moments[-1] <= NOW
    assert {moment.date() for moment in moments} == {date(2026, 11, 24)}
    assert all(moment.utcoffset() == timedelta(hours=7) for moment in moments)


def test_the_columns_are_those_of_the_readme(folder):
    readme = (Path(drops.__file__).parent / "README.md").read_text(encoding="utf-8")
    for name in FOLDERS:
        header = (folder / name / "2026-11-24.csv").read_text().splitlines()[0]
        assert f"{name}/ | `{header.replace(',', ', ')}`" in readme


def test_a_memo_of_an_earlier_day_goes_on_in_the_file_of_the_day_it_happens(folder):
    today = rows(folder, "sipadek")
    old = [row for row in today if row["memo_id"].startswith("ND-261123-")]
    assert {row["tahap"] for row in old} >= {"tanda tangan", "selesai"}
    assert all(row["waktu"].startswith("2026-11-24") for row in old)


def test_each_step_of_a_memo_is_in_exactly_one_file(tmp_path):
    drops.write(Town(), tmp_path, NOW, days=20)
    files = sorted((tmp_path / "sipadek").iterdir())
    steps = [(row["memo_id"], row["tahap"]) for file in files for row in rows(tmp_path, "sipadek", file.stem)]
    assert len(steps) == len(set(steps))
    received = {memo for memo, stage in steps if stage == "diterima"}
    whole = [memo for memo in received if memo < "ND-261115"]
    assert whole and all((memo, "selesai") in steps for memo in whole)


def test_a_call_that_is_still_running_has_no_end(tmp_path):
    at, ended = next((call[1], call[2]) for call in Town().calls(date(2026, 11, 23)) if call[3] == "darurat")
    drops.write(Town(), tmp_path, at + (ended - at) / 2, days=0)
    running = next(r for r in rows(tmp_path, "darurat_112", "2026-11-23") if r["masuk"] == at.isoformat())
    assert running["selesai"] == ""


def test_beds_come_every_ten_minutes_and_the_stages_of_waiting_on_the_hour(folder):
    melati = [row for row in rows(folder, "rumah_sakit") if row["rumah_sakit"] == "RS Simulasi Melati"]
    assert len(melati) == 14 * 6 + 1
    for row in melati:
        stages = [row[f"tunggu_{stage}_menit"] for stage in ("pendaftaran", "poli", "farmasi")]
        assert all(stages) if row["waktu"][14:16] == "00" else not any(stages)


def contents(folder: Path) -> dict[str, tuple[str, int]]:
    return {str(path): (path.read_text(), path.stat().st_ino) for path in folder.rglob("*.csv")}


def test_a_restart_writes_only_what_is_new(folder):
    before = contents(folder)
    drops.write(Town(), folder, NOW + timedelta(minutes=20), days=4)
    changed = {path for path, content in contents(folder).items() if before[path] != content}
    assert changed and all(path.endswith("2026-11-24.csv") for path in changed)


def test_nothing_is_rewritten_while_nothing_happens(folder):
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*.csv")}
    drops.write(Town(), folder, NOW + timedelta(seconds=1), days=4)
    after = {path: path.stat().st_mtime_ns for path in folder.rglob("*.csv")}
    assert after == before, "a reader waits for a file to rest: an unchanged one must not be touched"


def test_a_file_is_replaced_and_never_written_in_place(folder):
    file = folder / "rumah_sakit" / "2026-11-24.csv"
    with file.open() as reading:
        drops.write(Town(), folder, NOW + timedelta(hours=1), days=4)
        assert len(reading.read().splitlines()) == 4 * (14 * 6 + 1) + 1
    assert len(file.read_text().splitlines()) == 4 * (15 * 6 + 1) + 1


def test_a_missing_day_comes_back_as_it_was(folder):
    file = folder / "sipadek" / "2026-11-20.csv"
    before = file.read_text()
    file.unlink()
    drops.write(Town(), folder, NOW, days=4)
    assert file.read_text() == before


def test_a_day_during_which_the_city_was_switched_off_is_completed(folder):
    drops.write(Town(), folder, NOW + timedelta(days=3), days=4)
    assert len(rows(folder, "rumah_sakit", "2026-11-24")) == 4 * 144
    before = contents(folder)
    drops.write(Town(), folder, NOW + timedelta(days=3, seconds=30), days=4)
    assert contents(folder) == before
