"""``run.py export`` writes files that say what they are, and says what is wrong in what is asked."""

import csv
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml

from city.model import Case
from city.store import Store, Tally
from front.cli import main
from tests import builders


@pytest.fixture
def asked(database, engine, tmp_path, monkeypatch):
    """Three complaints, and the command with its settings."""
    config = builders.config()
    now = datetime.now(UTC)
    cases = [Case(key=f"A-{n}", kind="complaint", opened_at=now - timedelta(hours=n)) for n in range(3)]
    Store(engine, config, lambda: now).save("desk", cases, started_at=now, finish=Tally)
    path = tmp_path / "kota.yaml"
    told = config.model_dump(mode="json", include={"region"}, exclude_defaults=True)
    sources = {
        "desk": {
            "collector": "csv_file",
            "kind": "complaint",
            "args": {"path": "x.csv", "fields": {"key": "id", "opened_at": "at"}},
        }
    }
    path.write_text(yaml.safe_dump(told | {"sources": sources}))
    monkeypatch.setenv("KENDALI_DATA", str(tmp_path))
    return lambda *more: main(["export", "--config", str(path), "--database", database.url, *map(str, more)])


def test_a_csv_is_written_with_what_tells_about_it_beside_it(asked, tmp_path, capsys):
    assert asked(tmp_path / "a.csv", "--select", "period=30d") == 0
    assert len(list(csv.DictReader((tmp_path / "a.csv").open(newline="")))) == 3
    told = json.loads((tmp_path / "a.csv.meta.json").read_text())
    assert told["rows"] == 3 and "complaints_opened" in told["definitions"]
    assert capsys.readouterr().out.startswith("3 rows in ")


def test_what_is_wrong_is_said_and_no_file_is_left(asked, tmp_path, capsys):
    assert asked(tmp_path / "a.csv", "--select", "kind=complain") == 2
    assert "complaint" in capsys.readouterr().err
    assert asked(tmp_path / "a.txt") == 2
    assert asked(tmp_path / "a.xlsx", "--metric", "complaints_opend") == 2
    assert not [one for one in Path(tmp_path).iterdir() if one.name.startswith("a.")]
