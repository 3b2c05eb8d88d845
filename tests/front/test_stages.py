"""`run.py stage` as a person uses it."""

from pathlib import Path

import pytest
import yaml

from city.database import Database
from tests.front.test_cli import run

STAGES = [{"word": "Normal"}, {"word": "Waspada", "when": {"calls_open": {"at_least": 2}}}]


@pytest.fixture
def city(tmp_path: Path) -> Path:
    """A city with two stages, where nothing was read yet."""
    region = {"code": "15.71", "name": "Kota Jambi", "timezone": "Asia/Jakarta"}
    source = {
        "collector": "csv_file",
        "kind": "call",
        "args": {"path": "x", "kind": "call", "fields": {"key": "id", "opened_at": "at"}},
    }
    path = tmp_path / "region.yaml"
    path.write_text(yaml.safe_dump({"region": region, "sources": {"calls": source}, "stages": STAGES}))
    return path


def test_a_stage_is_declared_shown_with_why_and_logged(city: Path, tmp_path: Path, database: Database) -> None:
    def said(*arguments: object) -> str:
        shown = run("stage", *arguments, "--config", city, data=tmp_path / "data", database=database)
        assert shown.returncode == 0, shown.stderr
        return shown.stdout

    assert said().splitlines() == [
        "no stage was ever declared", "proposed  -", "  2 Waspada    tidak terlihat (cannot be told)",
        "    calls_open: not looked at yet (does `publish` run?)",
    ]  # fmt: skip
    assert "2 Waspada, since " in said("declare", 2, "--reason", "Hujan lebat", "--by", "Kepala jaga")
    assert "declared  by Kepala jaga: Hujan lebat" in said()
    assert said("log").rstrip().endswith("Kepala jaga declares 2 Waspada: Hujan lebat")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["declare", "3", "--reason", "x", "--by", "y"], "There are 1 Normal, 2 Waspada"),
        (["declare", "2", "--by", "y"], "say why"),
        (["declare", "2", "--reason", "x"], "say who"),
        (["declare", "2", "--reason", "x", "--by", "aturan"], "say who"),
        (["show", "--reason", "x"], "belong to `stage declare`"),
    ],
)
def test_a_declaration_that_says_too_little_changes_nothing(
    city: Path, tmp_path: Path, arguments: list[str], said: str
) -> None:
    shown = run("stage", *arguments, "--config", city, data=tmp_path / "data")
    assert shown.returncode == 2 and said in shown.stderr


def test_a_region_without_stages_is_told_where_to_read_about_them(city: Path, tmp_path: Path) -> None:
    settings = yaml.safe_load(city.read_text())
    city.write_text(yaml.safe_dump({name: part for name, part in settings.items() if name != "stages"}))
    shown = run("stage", "--config", city, data=tmp_path / "data")
    assert shown.returncode == 2 and "docs/stage.md" in shown.stderr
