"""`run.py probe` as a person types it: a proposal on standard output, faults on standard error, and nobody's data."""

from pathlib import Path

import pytest
import yaml

from city import documents
from city.database import Database
from collectors import args_of
from tests.front.test_cli import run

REGION = 'region: {code: "15.71", name: Kota Jambi, timezone: Asia/Jakarta}\n'
ROWS = "\n".join(
    f"{number},2026-11-{number:02} 08:00,2026-11-{number:02} 09:30,Selesai,Jelutung,Budi Santoso,0812000{number:04}"
    for number in range(1, 29)
)


@pytest.fixture
def export(tmp_path: Path) -> Path:
    path = tmp_path / "Panggilan 2026.csv"
    path.write_text("no_tiket,masuk,selesai,status,kecamatan,pelapor,hp\n" + ROWS + "\n")
    return path


def test_help_teaches_how_to_go_on(tmp_path: Path) -> None:
    shown = run("probe", "--help", data=tmp_path)
    assert shown.returncode == 0
    for words in ("run.py probe export/pengaduan.xlsx", "--table naskah", "FILL IN", "--dry-run", "exit codes: 0"):
        assert words in shown.stdout


def test_a_proposal_pasted_under_a_region_loads_and_runs(export: Path, tmp_path: Path, database: Database) -> None:
    shown = run("probe", export, data=tmp_path / "data")
    assert (shown.returncode, shown.stderr) == (0, "")
    assert not any(word in shown.stdout for word in ("Budi", "0812"))
    assert "look personal: pelapor, hp" in shown.stdout
    settings = tmp_path / "region.yaml"
    settings.write_text(REGION + shown.stdout)
    assert list(documents.load(settings, args_of).sources) == ["panggilan_2026"]
    saved = run("once", "panggilan_2026", "--config", settings, data=tmp_path, database=database)
    assert (saved.returncode, saved.stdout) == (0, "panggilan_2026: fetched 28  saved 28  revised 0  rejected 0\n")
    assert not (tmp_path / "data").exists(), "probe needs no database"


def test_a_database_lists_its_tables_and_proposes_one(tmp_path: Path, database: Database, engine) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql("create table naskah (nomor text, masuk timestamptz, perihal text)")
        connection.exec_driver_sql("insert into naskah select 'N' || n, now(), 'Rahasia' from generate_series(1, 20) n")
    listed = run("probe", database.url, data=tmp_path)
    assert (listed.returncode, "  naskah  (3 columns)" in listed.stdout.splitlines()) == (0, True)
    shown = run("probe", database.url, "--table", "naskah", data=tmp_path)
    assert yaml.safe_load(shown.stdout)["sources"]["naskah"]["args"]["query"] == "select nomor, masuk from naskah"
    assert "Rahasia" not in shown.stdout and database.url not in shown.stdout
    wrong = run("probe", database.url, "--table", "nasakh", data=tmp_path)
    assert (wrong.returncode, wrong.stderr) == (2, "run.py probe: no table 'nasakh'. Did you mean 'naskah'?\n")


def test_what_cannot_be_read_is_one_line_and_exit_1(tmp_path: Path) -> None:
    shown = run("probe", tmp_path / "none.csv", data=tmp_path)
    assert (shown.returncode, shown.stdout) == (1, "")
    assert shown.stderr.startswith("run.py probe: (K-104) none.csv: the file is not there.")
    away = run("probe", "http://127.0.0.1:1/api?token=geheim", data=tmp_path)
    assert (away.returncode, "K-101" in away.stderr, "geheim" in away.stderr) == (1, True, False)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--name", "Sikesal 2"), "--name: small letters, digits and _, beginning with a letter"),
        (("--header", "X-Key"), "--header: write NAME=VARIABLE; the value comes from that environment variable"),
        (("--header", "X-Key=NOT_SET_HERE"), "--header: the variable NOT_SET_HERE is not set"),
    ],
)
def test_wrong_usage_is_exit_2_and_says_what_is_right(export: Path, tmp_path: Path, options, said: str) -> None:
    shown = run("probe", export, *options, data=tmp_path)
    assert (shown.returncode, shown.stdout, shown.stderr) == (2, "", f"run.py probe: {said}\n")
