"""Several sources, one away, one changed, one full of bad rows: what `once` and `check` say, and how they end."""

import subprocess
from pathlib import Path

import pytest
import yaml

from city.database import Database
from tests import builders
from tests.dashboard.screens import LAYOUT, free_port
from tests.front.test_cli import run

HEADER = "id,masuk,kecamatan,pelapor\n"
FIELDS = {"key": "id", "opened_at": "masuk", "district": "kecamatan"}
BUDI = "Budi 0812"


def rows(count: int, bad: int = 0) -> str:
    times = ["kemarin"] * bad + ["2026-11-24 12:00"] * (count - bad)
    return HEADER + "".join(f"{number},{at},Jelutung,{BUDI}\n" for number, at in enumerate(times, 1))


def table(path: Path, text: str) -> dict[str, object]:
    path.write_text(text)
    return {"collector": "csv_file", "kind": "call", "args": {"path": str(path), "fields": FIELDS}}


@pytest.fixture
def city(tmp_path: Path) -> Path:
    """Five sources: two that are well (one with a few bad rows), one away, one with other columns, one of bad rows."""
    away = {"collector": "open311", "kind": "complaint", "args": {"url": f"http://127.0.0.1:{free_port()}/open311/v2"}}
    sources = {
        "away": away,
        "changed": table(tmp_path / "changed.csv", rows(3).replace("masuk", "masuk_pada")),
        "spoiled": table(tmp_path / "spoiled.csv", rows(10, bad=2)),
        "calls": table(tmp_path / "calls.csv", rows(3)),
        "mixed": table(tmp_path / "mixed.csv", rows(20, bad=2)),
    }
    region = {"code": "15.71", "name": "Kota Jambi", "timezone": "Asia/Jakarta"}
    region["districts"] = [{"code": "15.71.07", "name": "Kota Baru", "lat": -1.65, "lon": 103.6}]  # type: ignore[assignment]
    path = tmp_path / "region.yaml"
    path.write_text(yaml.safe_dump({"region": region, "sources": sources}, sort_keys=False))
    return path


def change(city: Path, **settings: object) -> None:
    city.write_text(yaml.safe_dump(yaml.safe_load(city.read_text()) | settings, sort_keys=False))


def quiet(shown: subprocess.CompletedProcess[str]) -> bool:
    """No citizen and no traceback in anything that was printed."""
    return not any(word in shown.stdout + shown.stderr for word in ("Budi", "0812", "kemarin", "Traceback"))


def test_check_tries_every_source_whatever_the_others_do(city: Path, tmp_path: Path) -> None:
    shown = run("check", city, data=tmp_path / "data")
    assert (shown.returncode, quiet(shown)) == (1, True), shown.stderr
    first, *lines = shown.stdout.splitlines()
    assert first == f"{city}: settings are right, 5 sources, 0 pages"
    verdicts = [line.split(":")[0] for line in lines if not line.startswith(" ")]
    assert verdicts == ["FAILED away", "FAILED changed", "FAILED spoiled", "ok     calls", "ok     mixed"]
    reasons = [line.strip() for line in lines if line.startswith("       (")]
    assert [reason[:7] for reason in reasons] == ["(K-101)", "(K-106)", "(K-107)"]
    assert "no connection" in reasons[0]
    assert "changed.csv: column 'masuk' is missing; nearest: 'masuk_pada'" in reasons[1]
    assert "2 of 10 rows not understood, first: row 1: opened_at: not a time in the configured form" in reasons[2]
    assert not (tmp_path / "data").exists(), "check needs no database"


def test_check_counts_the_bad_rows_and_the_unknown_words_of_a_good_source(city: Path, tmp_path: Path) -> None:
    lines = run("check", "--config", city, data=tmp_path).stdout.splitlines()
    said = lines[next(number for number, line in enumerate(lines) if line.startswith("ok     mixed")) :]
    assert said[0].endswith("fetched 20, rejected 2")
    assert [line.strip() for line in said[1:]] == [
        "rejected row 1: opened_at: not a time in the configured form",
        "rejected row 2: opened_at: not a time in the configured form",
        "unknown district: Jelutung (18)",
    ]


def test_check_is_content_once_the_failing_sources_are_mended(city: Path, tmp_path: Path) -> None:
    for name in ("changed", "spoiled"):
        (tmp_path / f"{name}.csv").write_text(rows(10, bad=1))
    sources = yaml.safe_load(city.read_text())["sources"]
    change(city, sources={name: source for name, source in sources.items() if name != "away"})
    shown = run("check", city, data=tmp_path)
    assert (shown.returncode, "FAILED" in shown.stdout) == (0, False), shown.stdout
    assert shown.stdout.count("\nok ") == 4


def test_check_says_where_the_simulated_city_is_only_to_those_who_have_one(city: Path, tmp_path: Path) -> None:
    hint = "The simulated city answers while `run.py up` or `run.py simulate` runs."
    assert hint not in run("check", city, data=tmp_path).stdout
    change(city, simulation={"port": free_port()})
    assert run("check", city, data=tmp_path).stdout.splitlines()[-1] == hint


def test_check_reads_nothing_while_the_settings_are_wrong(city: Path, tmp_path: Path) -> None:
    change(city, limits={"calls_opne": {"warn": 1}}, regoin={})
    shown = run("check", city, data=tmp_path)
    assert (shown.returncode, shown.stdout) == (2, ""), shown.stdout
    assert shown.stderr.splitlines()[-1].endswith("nothing was started")
    assert "regoin" in shown.stderr and "Traceback" not in shown.stderr
    missing = run("check", tmp_path / "none.yaml", data=tmp_path)
    assert (missing.returncode, "none.yaml" in missing.stderr, "Traceback" in missing.stderr) == (2, True, False)


def test_check_refuses_a_scene_that_cannot_be_read_on_its_screen(city: Path, tmp_path: Path) -> None:
    (tmp_path / "uji.yaml").write_text(LAYOUT)
    wall = {"size": [1920, 1080], "diagonal_in": 55, "scenes": ["uji"]}
    change(city, pages=["uji.yaml"], screens={"near": wall | {"distance_m": 3}, "far": wall | {"distance_m": 30}})
    shown = run("check", city, data=tmp_path)
    assert (shown.returncode, shown.stdout) == (2, ""), shown.stdout
    problem, _ = shown.stderr.splitlines()
    assert ": screens.far.scenes.0: scene 'uji' cannot be legible: panel 'open' needs " in problem
    assert problem.startswith("region.yaml:") and problem.endswith("or seat people nearer"), problem


def test_a_source_that_is_away_fails_its_run_and_leaves_a_trace_of_it(
    city: Path, tmp_path: Path, database: Database, engine
) -> None:
    shown = run("once", "away", "--config", city, data=tmp_path, database=database)
    assert (shown.returncode, quiet(shown)) == (1, True), shown.stderr
    counts, reason = shown.stdout.splitlines()
    assert counts == "away: fetched 0  saved 0  revised 0  rejected 0"
    assert reason.startswith("  failed (K-101): http://127.0.0.1:") and "no connection. Next: " in reason
    found = builders.table(engine, "select source, ok, error_code from runs")
    assert found == [("away", False, "K-101")]


@pytest.mark.parametrize(("source", "code"), [("changed", "K-106"), ("spoiled", "K-107")])
def test_a_source_that_is_wrong_fails_and_the_old_cases_stay(
    city: Path, tmp_path: Path, database: Database, engine, source: str, code: str
) -> None:
    path = tmp_path / f"{source}.csv"
    wrong = path.read_text()
    path.write_text(rows(4))
    good = run("once", source, "--config", city, data=tmp_path, database=database)
    assert (good.returncode, "saved 4 " in good.stdout) == (0, True), good.stdout
    path.write_text(wrong)
    shown = run("once", source, "--config", city, data=tmp_path, database=database)
    assert (shown.returncode, quiet(shown), f"  failed ({code}): " in shown.stdout) == (1, True, True), shown.stdout
    assert "saved 0 " in shown.stdout
    assert builders.table(engine, "select count(*) from cases") == [(4,)]


def test_a_good_source_is_good_beside_bad_ones_and_brings_nothing_twice(
    city: Path, tmp_path: Path, database: Database
) -> None:
    shown = [run("once", "mixed", "--config", city, data=tmp_path, database=database) for _ in range(2)]
    assert [one.returncode for one in shown] == [0, 0]
    first = shown[0].stdout.splitlines()
    assert first[0] == "mixed: fetched 20  saved 18  revised 0  rejected 2"
    assert first[1:] == [
        "  rejected row 1: opened_at: not a time in the configured form",
        "  rejected row 2: opened_at: not a time in the configured form",
        "  unknown district: Jelutung (18)",
    ]
    assert shown[1].stdout == "mixed: fetched 0  saved 0  revised 0  rejected 0\n"


def test_a_trial_of_a_bad_source_ends_like_its_run_and_records_nothing(
    city: Path, tmp_path: Path, database: Database, engine
) -> None:
    shown = run("once", "spoiled", "--dry-run", "--config", city, data=tmp_path, database=database)
    assert (shown.returncode, quiet(shown)) == (1, True)
    assert shown.stdout.splitlines()[0].endswith("rejected 2  (dry run: nothing saved)")
    assert "  failed (K-107): spoiled: 2 of 10 rows not understood" in shown.stdout
    assert builders.table(engine, "select count(*) from runs") == [(0,)]


def test_a_source_nobody_knows_is_told_with_all_that_there_are(city: Path, tmp_path: Path) -> None:
    shown = run("once", "zzz", "--config", city, data=tmp_path / "data")
    assert (shown.returncode, shown.stdout) == (2, "")
    assert shown.stderr == "run.py once: unknown source 'zzz'. Known: away, changed, spoiled, calls, mixed\n"
    assert not (tmp_path / "data").exists()


def test_a_frozen_source_whose_rows_change_says_how_and_goes_on_when_that_is_accepted(
    tmp_path: Path, database: Database
):
    lamp = {"fields": {"key": "id", "opened_at": "masuk", "category": "lampu"}, "path": str(tmp_path / "lamp.csv")}
    source = {"collector": "csv_file", "kind": "call", "args": lamp, "contract": {"policy": "freeze"}}
    region = {"code": "15.71", "name": "Kota Jambi", "timezone": "Asia/Jakarta"}
    (tmp_path / "config.yaml").write_text(yaml.safe_dump({"region": region, "sources": {"lamp": source}}))

    def once(word: str, *more: str) -> subprocess.CompletedProcess[str]:
        lines = "".join(f"{number},2026-11-24 12:00,{word}\n" for number in range(30))
        (tmp_path / "lamp.csv").write_text("id,masuk,lampu\n" + lines)
        command = ("once", "lamp", *more, "--config", tmp_path / "config.yaml", "--database", database.url)
        return run(*command, data=tmp_path / "data")

    assert once("1").returncode == 0
    failed = once("padam")
    assert failed.returncode == 1
    assert "failed (K-106)" in failed.stdout and "  changed lampu: was number, has become text" in failed.stdout
    assert once("padam", "--accept-shape").returncode == once("padam").returncode == 0


def test_settings_that_name_the_simulations_secret_get_one_of_their_own(tmp_path: Path):
    sent = {"collector": "push", "args": {"secret": "${SIMULATION_SECRET}", "fields": FIELDS}}
    region = {"code": "15.71", "name": "Kota Jambi", "timezone": "Asia/Jakarta"}
    (tmp_path / "config.yaml").write_text(yaml.safe_dump({"region": region, "sources": {"air": sent}}))
    assert run("check", "--config", tmp_path / "config.yaml", data=tmp_path / "data").returncode == 0
    kept = tmp_path / "data" / "simulation.env"
    assert kept.stat().st_mode & 0o777 == 0o600
    first = kept.read_text()
    assert len(first.split("=", 1)[1].strip()) > 30
    assert run("check", "--config", tmp_path / "config.yaml", data=tmp_path / "data").returncode == 0
    assert kept.read_text() == first, "made once"
