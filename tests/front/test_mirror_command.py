"""`run.py mirror`: what it says and its exit codes."""

import os
import shutil
from pathlib import Path

import sqlalchemy as sa

from city.database import Database
from tests.front.test_cli import CONFIG, CSV, run


def test_the_mirror_is_written_checked_and_written_anew(database: Database, engine: sa.Engine, tmp_path: Path) -> None:
    (tmp_path / "drop").mkdir()
    (tmp_path / "drop" / "calls.csv").write_text(CSV)
    region = tmp_path / "region.yaml"
    region.write_text(CONFIG.format(folder=tmp_path / "drop"))

    def mirror(*options: str) -> tuple[int, str]:
        shown = run("mirror", "--config", region, *options, data=tmp_path, database=database)
        return shown.returncode, shown.stdout + shown.stderr

    code, told = mirror("--check")
    assert code == 1 and "there is no whole mirror" in told
    run("once", "darurat", "--config", region, data=tmp_path, database=database)
    code, told = mirror()
    assert code == 0 and "1 month(s) written" in told and "2 cases" in told
    assert "the same as PostgreSQL" in mirror("--check")[1]
    with engine.begin() as connection:
        connection.execute(sa.text("update cases set district = null"))
    code, told = mirror("--check")
    assert code == 1 and "cases 2026-11: PostgreSQL has 2 rows, the mirror 2, with other contents" in told
    assert mirror("--rebuild", "--check")[0] == 0
    shutil.rmtree(tmp_path / "mirror")
    assert mirror()[0] == 0 and "cases-2026-11" in " ".join(os.listdir(tmp_path / "mirror" / "15.71"))
    assert mirror("--follow", "--check")[0] == 2
