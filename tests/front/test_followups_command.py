"""`run.py followups` as a person uses it."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import yaml

from city.database import Database
from tests.front.test_cli import run
from tests.front.test_scoring import GOALS, REGION, SOURCE


@pytest.fixture
def city(tmp_path: Path) -> Path:
    """A city with two goals."""
    path = tmp_path / "region.yaml"
    path.write_text(yaml.safe_dump({"region": REGION, "sources": {"desk": SOURCE}, "scorecard": {"goals": GOALS}}))
    return path


def test_a_follow_up_is_added_listed_and_closed(city: Path, tmp_path: Path, database: Database) -> None:
    due = (datetime.now(UTC).astimezone(ZoneInfo("Asia/Jakarta")).date() + timedelta(days=7)).isoformat()

    def said(*arguments: object, good: bool = True) -> str:
        shown = run("followups", *arguments, "--config", city, data=tmp_path / "data", database=database)
        assert shown.returncode == (0 if good else 2), shown.stderr
        return shown.stdout if good else shown.stderr

    assert said().strip() == "no open follow-up"
    made = said(
        "add", "memos_overdue", "--what", "Rapat mingguan", "--owner", "setda", "--due", due, "--by", "Setda", "--json"
    )
    (one,) = json.loads(made)
    assert (one["goal"], one["what"], one["owner"], one["due"], one["late"]) == (
        "memos_overdue", "Rapat mingguan", "setda", due, False)  # fmt: skip
    assert "memos_overdue" in said("list")
    number = str(one["id"])
    assert "note: say in a note" in said("close", number, "--by", "Setda", good=False)
    assert said("close", number, "--note", "Selesai", "--by", "Setda").strip() == "no open follow-up"
    assert "closed by Setda: Selesai" in said("list", "--all")
    assert "no open follow-up has this number" in said("close", number, "--note", "x", "--by", "y", good=False)
    nearest = said("add", "memos_overdu", "--what", "x", "--owner", "y", "--due", due, "--by", "z", good=False)
    assert "Did you mean 'memos_overdue'" in nearest
    assert "--due: write the day" in said("add", "memos_overdue", "--due", "besok", good=False)
