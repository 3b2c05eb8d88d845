"""`run.py score` as a person uses it."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import yaml

from city.config import Config
from city.database import Database, engine
from city.model import Case, Status
from city.store import Store, Tally
from tests.front.test_cli import run

REGION = {"code": "15.71", "name": "Kota Jambi", "timezone": "Asia/Jakarta"}
SOURCE = {
    "collector": "csv_file",
    "kind": "complaint",
    "args": {"path": "x", "kind": "complaint", "fields": {"key": "id", "opened_at": "at"}},
}
GOALS = [
    {"metric": "complaints_on_time_ratio", "title": "Tepat waktu", "field": "Pengaduan",
     "targets": [{"from": "2020-01-01", "value": 0.75}]},
    {"metric": "memos_overdue", "field": "Nota dinas", "targets": [{"from": "2020-01-01", "value": 5}]},
]  # fmt: skip


def test_the_scorecard_is_printed_and_its_json_is_stable(tmp_path: Path, database: Database) -> None:
    path = tmp_path / "region.yaml"
    settings = {"region": REGION, "sources": {"desk": SOURCE}, "scorecard": {"goals": GOALS}}
    path.write_text(yaml.safe_dump(settings))
    now = datetime.now(UTC)
    yesterday = datetime.combine(now.astimezone(ZoneInfo("Asia/Jakarta")).date(), datetime.min.time(),
                                 ZoneInfo("Asia/Jakarta")) - timedelta(hours=9)  # fmt: skip
    cases = [
        Case(key=str(number), kind="complaint", opened_at=yesterday - timedelta(hours=2), closed_at=yesterday,
             due_at=yesterday + timedelta(hours=1 if number < 3 else -1), status=Status.DONE)
        for number in range(5)
    ]  # fmt: skip
    made = engine(database.url)
    Store(made, Config.model_validate(settings), lambda: now).save("desk", cases, started_at=now, finish=Tally)
    made.dispose()

    def said(*arguments: object) -> str:
        shown = run("score", "--config", path, *arguments, data=tmp_path / "data", database=database)
        assert shown.returncode == 0, shown.stderr
        return shown.stdout

    plain = said("--period", "day").splitlines()
    assert plain[0].startswith("score 80.0 for day ")
    assert plain[1:3] == ["1 of 2 metrics, 50% of weight", "not counted: Nota dinas lewat tenggat (never)"]
    answer = json.loads(said("--period", "day", "--json"))
    assert (answer["score"], answer["shown"], answer["previous"]) == (80.0, 80.0, None)
    assert answer["fields"] == [
        {"field": "Pengaduan", "contribution": -20.0}, {"field": "Nota dinas", "contribution": None},
    ]  # fmt: skip
    goal = answer["goals"][0]
    assert (goal["actual"], goal["n"], goal["target"], goal["achievement"]) == (0.6, 5, 0.75, 80.0)
    assert len(goal["trend"]) == 12
    told = run("score", "--config", path, "--at", "2999-01-01", data=tmp_path / "data", database=database)
    assert (told.returncode, "--at is in the future" in told.stderr) == (2, True)
    path.write_text(yaml.safe_dump({"region": REGION, "sources": {"desk": SOURCE}}))
    told = run("score", "--config", path, data=tmp_path / "data", database=database)
    assert (told.returncode, "no `scorecard`" in told.stderr) == (2, True)
