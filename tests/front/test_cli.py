"""What a person types and what comes back: exit codes, messages and JSON, by running run.py itself."""

import json
import os
import stat
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from city import documents
from city.config import Config
from city.database import Database
from front import settings
from front.answers import filters, span
from front.supervise import alone
from tests import forked

ROOT = Path(__file__).resolve().parents[2]
CSV = "id,masuk,selesai,kecamatan\n1,2026-11-20 08:00,2026-11-20 09:30,Jelutung\n2,2026-11-21 10:00,,Jelutung\n"
CONFIG = """
region:
  code: "15.71"
  name: Kota Jambi
  timezone: Asia/Jakarta
  districts: [{{code: "15.71.08", name: Jelutung, lat: -1.6, lon: 103.6}}]
sources:
  darurat:
    collector: csv_file
    kind: call
    args:
      folder: {folder}
      settle_s: 0
      kind: call
      fields: {{key: id, opened_at: masuk, closed_at: selesai, district: kecamatan}}
"""


@pytest.fixture
def region(tmp_path: Path) -> Path:
    """A region with one source: a folder with two calls."""
    (tmp_path / "drop").mkdir()
    (tmp_path / "drop" / "calls.csv").write_text(CSV)
    path = tmp_path / "region.yaml"
    path.write_text(CONFIG.format(folder=tmp_path / "drop"))
    return path


def run(*arguments: object, data: Path, database: Database | None = None) -> subprocess.CompletedProcess[str]:
    """`run.py` as a person runs it."""
    env = os.environ | {"KENDALI_DATA": str(data)} | ({"DATABASE_URL": database.url} if database else {})
    return forked.run_py([str(argument) for argument in arguments], dict(env))


def test_help_teaches_by_example(tmp_path: Path) -> None:
    shown = run("--help", data=tmp_path)
    assert shown.returncode == 0
    assert "run.py metric complaints_open --by district" in shown.stdout


def test_wrong_settings_name_every_mistake_and_start_nothing(region: Path, tmp_path: Path) -> None:
    region.write_text(region.read_text().replace("collector: csv_file", "collector: csv_fiel\n    evry: 5m"))
    shown = run("up", "--config", region, data=tmp_path / "data")
    assert shown.returncode == 2
    assert "region.yaml:9: sources.darurat.collector: unknown collector 'csv_fiel'. Did you mean" in shown.stderr
    assert "region.yaml:10: sources.darurat.evry: unknown setting. Did you mean 'every'?" in shown.stderr
    assert not (tmp_path / "data").exists()


def test_a_second_up_says_who_is_up(region: Path, tmp_path: Path) -> None:
    with alone(tmp_path / "data"):
        shown = run("up", "--config", region, data=tmp_path / "data")
    assert shown.returncode == 2
    assert f"(process {os.getpid()})" in shown.stderr


def test_a_run_is_counted_and_its_cases_are_measured(region: Path, tmp_path: Path, database: Database) -> None:
    shown = run("once", "darurat", "--config", region, data=tmp_path, database=database)
    assert (shown.returncode, shown.stdout) == (0, "darurat: fetched 2  saved 2  revised 0  rejected 0\n"), shown.stderr
    shown = run("metric", "calls_opened", "--from", "2026-11-20", "--to", "2026-11-21", "--grain", "day", "--json",
                "--config", region, data=tmp_path, database=database)  # fmt: skip
    answer = json.loads(shown.stdout)
    assert list(answer) == [
        "metric", "unit", "definition", "window", "at", "by", "grain", "n", "as_of", "partial", "rows",
    ]  # fmt: skip
    assert [row["value"] for row in answer["rows"]] == [1, 1]
    assert answer["window"] == {"start": "2026-11-19T17:00:00+00:00", "end": "2026-11-21T17:00:00+00:00"}
    shown = run("metric", "calls_open", "--by", "district", "--config", region, data=tmp_path, database=database)
    assert "15.71.08" in shown.stdout


def test_a_dry_run_saves_nothing(region: Path, tmp_path: Path, database: Database) -> None:
    shown = run("once", "darurat", "--dry-run", "--config", region, data=tmp_path, database=database)
    assert "(dry run: nothing saved)" in shown.stdout
    with sa.create_engine(database.url).connect() as connection:
        assert connection.scalar(sa.text("select count(*) from cases")) == 0


def test_check_says_which_source_failed_and_what_next(region: Path, tmp_path: Path) -> None:
    good = run("check", region, data=tmp_path)
    assert (good.returncode, "ok     darurat" in good.stdout) == (0, True), good.stdout + good.stderr
    (tmp_path / "drop" / "calls.csv").unlink()
    (tmp_path / "drop").rmdir()
    bad = run("check", region, data=tmp_path)
    assert bad.returncode == 1
    assert "FAILED darurat" in bad.stdout
    assert "K-104" in bad.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["metric", "calls_opne"], "calls_open"),
        (["metric", "calls_open", "--by", "colour"], "unknown dimension 'colour'"),
        (["metric", "calls_opened", "--from", "yesterday"], "--from: "),
        (["metric", "calls_open", "--where", "district"], "write DIM=VALUE"),
        (["once", "darurta"], "Did you mean 'darurat'?"),
        (["simulate"], "has no section `simulation`"),
        (["replay", "nowhere", "--at", "2026-11-24"], "unknown page 'nowhere'"),
    ],
)
def test_a_wrong_word_is_refused_with_the_right_one(
    arguments: list[str], message: str, region: Path, tmp_path: Path, database: Database
) -> None:
    shown = run(*arguments, "--config", region, data=tmp_path, database=database)
    assert (shown.returncode, message in shown.stderr) == (2, True), shown.stderr
    assert "Traceback" not in shown.stderr


def test_a_replay_before_the_first_publication_shows_no_panel(tmp_path: Path, database: Database) -> None:
    shown = run("replay", "overview", "--at", "2026-11-24 14:05", data=tmp_path, database=database)
    answer = {"page": "overview", "at": "2026-11-24T07:05:00+00:00", "panels": []}
    assert json.loads(shown.stdout) == answer, shown.stderr


def test_an_address_that_others_reach_must_be_asked_for_aloud(tmp_path: Path) -> None:
    shown = run("up", "--host", "0.0.0.0", data=tmp_path / "data")
    assert (shown.returncode, "add --insecure" in shown.stderr) == (2, True)
    assert not (tmp_path / "data").exists()


def test_a_window_of_dates_is_local_and_includes_its_last_day(config: Config) -> None:
    now = datetime(2026, 11, 24, tzinfo=UTC)
    week = span("2026-11-01", "2026-11-07", config, now)
    assert week and (week.start, week.end) == (
        datetime(2026, 10, 31, 17, tzinfo=UTC),
        datetime(2026, 11, 7, 17, tzinfo=UTC),
    )
    hour = span("2026-11-01T08:00", "2026-11-01T09:00", config, now)
    assert hour and (hour.end - hour.start).total_seconds() == 3600
    with pytest.raises(settings.WrongUsage, match="--to is before --from"):
        span("2026-11-07", "2026-11-01", config, now)


def test_a_dimension_named_twice_means_either(config: Config) -> None:
    assert filters(["agency=pupr", "agency=dlh", "status=done"]) == {"agency": ["pupr", "dlh"], "status": "done"}


@pytest.fixture
def config(region: Path) -> Config:
    """The region's settings."""
    import collectors

    return documents.load(region, collectors.args_of)


def test_the_secret_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    key = settings.secret_key(tmp_path)
    assert len(key) >= 48
    assert settings.secret_key(tmp_path) == key
    assert stat.S_IMODE((tmp_path / "secrets").stat().st_mode) == 0o600
