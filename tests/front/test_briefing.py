"""`run.py brief` as a person uses it, and the schedule in the collecting part."""

import os
import re
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import yaml
from apscheduler.schedulers.background import BackgroundScheduler

from city.config import Config
from city.database import Database, engine
from city.store import Store, Tally
from front import briefing
from tests import builders
from tests.dashboard.screens import eventually, free_port
from tests.front.letterbox import Mails, mail_server
from tests.front.test_cli import run
from tests.front.test_scoring import REGION, SOURCE


def region(folder: Path, **brief: Any) -> tuple[Path, dict[str, Any]]:
    """The settings of a small city, in a file."""
    path = folder / "region.yaml"
    settings = {"region": REGION, "sources": {"desk": SOURCE}, "brief": {"metrics": ["complaints_opened"], **brief}}
    path.write_text(yaml.safe_dump(settings))
    return path, settings


def filled(database: Database, settings: dict[str, Any]) -> None:
    """Two complaints of yesterday and one long ago."""
    now, made = datetime.now(UTC), engine(database.url)
    cases = [builders.case(str(hours), opened_at=now - timedelta(hours=hours)) for hours in (24 * 40,)]
    cases += [builders.case(f"y{number}", opened_at=yesterday(now)) for number in range(2)]
    Store(made, Config.model_validate(settings), lambda: now).save("desk", cases, started_at=now, finish=Tally)
    made.dispose()


def yesterday(now: datetime) -> datetime:
    """Noon of the day before, in Jambi."""
    zone = builders.config().region.zone
    return (now.astimezone(zone) - timedelta(days=1)).replace(hour=12)


@pytest.mark.proof
def test_the_brief_is_printed_written_and_sent(tmp_path: Path, database: Database) -> None:
    mails = Mails()
    with mail_server(mails) as port:
        email = {"host": "127.0.0.1", "port": port, "starttls": False, "from": "a@example.go.id",
                 "to": ["b@example.go.id"]}  # fmt: skip
        path, settings = region(tmp_path, email=email)
        filled(database, settings)

        def said(*arguments: object, code: int = 0) -> str:
            shown = run("brief", "--config", path, *arguments, data=tmp_path / "data", database=database)
            assert shown.returncode == code, shown.stderr
            return shown.stdout + shown.stderr

        text = said()
        assert text.startswith("RINGKASAN HARIAN KOTA JAMBI\n")
        assert re.search(r"- Pengaduan masuk: 2; .* \[\d+ dtk\]", text)
        assert said("--language", "en").startswith("DAILY BRIEF KOTA JAMBI\n")
        assert "a PDF needs a folder: add --out FOLDER" in said("--format", "pdf", code=2)
        assert "--at is in the future" in said("--at", "2999-01-01", code=2)
        names = said("--out", tmp_path / "out", "--format", "text", "--language", "en").split()
        assert [Path(name).suffix for name in names] == [".txt"]
        assert "email id b@example.go.id: sent" in said("--send")
    letter = message_from_bytes(mails.taken[0][2], policy=policy.default)
    assert letter["Subject"].startswith("Ringkasan harian Kota Jambi, ")
    (pdf,) = letter.iter_attachments()
    assert len(re.findall(rb"/Type\s*/Page\b(?!s)", pdf.get_content())) == 1
    assert "does not answer" in said("--send", code=1)


def test_a_brief_that_goes_to_nobody_is_not_sent(tmp_path: Path, database: Database) -> None:
    path, _ = region(tmp_path)
    shown = run("brief", "--config", path, "--send", data=tmp_path / "data", database=database)
    assert shown.returncode == 2
    assert "names no folder, email or webhook under `brief`" in shown.stderr


def test_without_chromium_text_and_html_go_out(
    tmp_path: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KENDALI_CHROMIUM", "no-such-program")
    path, settings = region(tmp_path)
    filled(database, settings)
    shown = run("brief", "--config", path, "--out", tmp_path / "out", data=tmp_path / "data", database=database)
    assert shown.returncode == 1
    assert sorted(file.suffix for file in (tmp_path / "out").iterdir()) == [".html", ".txt"]
    assert "apt install chromium" in shown.stderr


def test_the_collecting_part_sends_what_is_due_by_itself(
    tmp_path: Path, database: Database, engine: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KENDALI_DATA", str(tmp_path / "data"))
    monkeypatch.setitem(os.environ, "KENDALI_CHROMIUM", "no-such-program")
    monkeypatch.setattr(briefing, "FIRST_LOOK_S", 0.2)
    mails, port = Mails(), free_port()
    email = {"host": "127.0.0.1", "port": port, "starttls": False, "from": "a@example.go.id",
             "to": ["b@example.go.id"]}  # fmt: skip
    path, settings = region(tmp_path, at="00:00", email=email)
    filled(database, settings)
    config, scheduler = Config.model_validate(settings), BackgroundScheduler(timezone="UTC")
    with mail_server(mails, port):
        briefing.schedule(scheduler, engine, config, path)
        scheduler.start()
        eventually(lambda: mails.taken, "the brief is sent", 20)
        scheduler.shutdown()
    quiet = BackgroundScheduler(timezone="UTC")
    briefing.schedule(quiet, engine, config.model_copy(update={"brief": None}), path)
    assert not quiet.get_jobs()
