"""From the collecting part as it is started to the metric: the worked examples, and the curl of the how-to."""

import json
import os
import re
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
import yaml

from city import database as city_database
from city.database import Database
from front import settings
from tests.builders import table
from tests.dashboard.screens import eventually, free_port
from tests.front.test_cli import ROOT, run

EXAMPLES = ROOT / "docs" / "examples"
SECRET = "one-that-is-agreed-with-the-owner"


def example(name: str, folder: Path, **changes: object) -> Path:
    """A worked example with a port of its own."""
    path = folder / f"{name}.yaml"
    made = yaml.safe_load((EXAMPLES / f"{name}.yaml").read_text()) | {"intake": {"port": 0}} | changes
    path.write_text(yaml.safe_dump(made, sort_keys=False))
    return path


@contextmanager
def collecting(config: Path, data: Path, database: Database) -> Iterator[str]:
    """`run.py collect` in a process of its own; the address of its door."""
    env = os.environ | {"KENDALI_DATA": str(data), "DATABASE_URL": database.url, "SENDER_SECRET": SECRET}
    log = (data.parent / "collect.log").open("w+")
    command = [sys.executable, "run.py", "collect", "--config", str(config)]
    process = subprocess.Popen(command, cwd=ROOT, env=env, stdin=subprocess.PIPE, stdout=log, stderr=log)
    try:
        eventually(lambda: settings.intake_port(data).is_file(), "the door is open", 60)
        yield f"http://127.0.0.1:{settings.intake_port(data).read_text().strip()}"
    finally:
        process.terminate()
        process.wait(20)
        log.seek(0)
        assert "Traceback" not in log.read()
        log.close()


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.mark.parametrize("name", ["push", "manual-jkn"])
def test_the_worked_examples_are_short(name: str) -> None:
    assert len((EXAMPLES / f"{name}.yaml").read_text().splitlines()) <= 40


def test_the_curl_of_the_how_to_delivers_a_call(tmp_path: Path, data: Path, database: Database) -> None:
    config = example("push", tmp_path)
    script = re.search(r"```sh\n(.*?)```", (ROOT / "docs" / "add-a-source.md").read_text(), re.DOTALL)
    assert script
    with collecting(config, data, database) as url:
        env = os.environ | {"KENDALI_URL": url, "SENDER_SECRET": SECRET}
        shown = subprocess.run(
            ["sh", "-ec", script[1]], cwd=tmp_path, env=env, capture_output=True, text=True, timeout=30
        )
        assert json.loads(shown.stdout) == {"run": 1, "fetched": 1, "saved": 1, "revised": 0, "rejected": []}, (
            shown.stderr
        )
        wrong = subprocess.run(["sh", "-ec", script[1]], cwd=tmp_path, env=env | {"SENDER_SECRET": SECRET[::-1]},
                               capture_output=True, text=True, timeout=30)  # fmt: skip
        assert "the signature does not fit" in wrong.stdout
    engine = city_database.engine(database.url)
    found = table(engine, "select key, kind, district, due_at - opened_at = interval '1 hour' from cases")
    engine.dispose()
    assert found == [("112-1", "call", "15.71.08", True)]


def test_the_figures_of_a_letter_become_two_metrics(tmp_path: Path, data: Path, database: Database) -> None:
    config = example("manual-jkn", tmp_path)
    with collecting(config, data, database) as url:
        at = f"{datetime.now(UTC):%Y-%m}" if datetime.now(UTC).day > 1 else "2026-01"
        values = {"Kota Jambi": {"jkn_coverage": "99,81", "jkn_active": "81,69"}}
        answer = httpx.post(
            f"{url}/manual/jkn", json={"entered_by": "Rina, Dinkes", "at": at, "values": values}, trust_env=False,
            headers={"X-Kendali-Token": settings.intake_token(data)},
        )  # fmt: skip
        assert (answer.status_code, answer.json()["saved"]) == (200, 2)
    for name, value in (("jkn_coverage", 99.81), ("jkn_active", 81.69)):
        shown = run("metric", name, "--json", "--config", config, data=data, database=database)
        assert [row["value"] for row in json.loads(shown.stdout)["rows"]] == [value], shown.stderr
        assert json.loads(shown.stdout)["as_of"], "as old as its last entry"


def test_once_and_check_say_what_to_do_instead(tmp_path: Path, data: Path, database: Database, monkeypatch) -> None:
    monkeypatch.setenv("SENDER_SECRET", SECRET)
    sends, filled = (
        "it sends by itself, to POST /ingest/darurat_112",
        "it is filled in by hand, on the page /manual/jkn",
    )
    for name, source, instead in (("push", "darurat_112", sends), ("manual-jkn", "jkn", filled)):
        config = example(name, tmp_path)
        once = run("once", source, "--config", config, data=data, database=database)
        assert (once.returncode, instead in once.stderr) == (2, True), once.stderr
        check = run("check", config, data=data)
        assert (check.returncode, f"waits  {source}: {instead}" in check.stdout) == (0, True), check.stderr
        dry = run("once", source, "--dry-run", "--config", config, data=data, database=database)
        assert dry.returncode == 2
    engine = city_database.engine(database.url)
    assert table(engine, "select count(*) from runs") == [(0,)]
    engine.dispose()


def test_a_secret_that_is_not_there_is_told_before_anything_starts(tmp_path: Path, data: Path, monkeypatch) -> None:
    monkeypatch.delenv("SENDER_SECRET", raising=False)
    shown = run("check", example("push", tmp_path), data=data)
    assert (shown.returncode, "SENDER_SECRET" in shown.stderr) == (2, True)


def test_a_port_that_is_taken_leaves_the_sources_that_are_read_alone(
    tmp_path: Path, data: Path, database: Database
) -> None:
    from collectors import intake

    (tmp_path / "calls.csv").write_text("id,masuk\n1,2026-11-20 08:00\n")
    args = {"path": str(tmp_path / "calls.csv"), "fields": {"key": "id", "opened_at": "masuk"}}
    port = free_port()
    made = yaml.safe_load((EXAMPLES / "manual-jkn.yaml").read_text())
    made["sources"]["calls"] = {"collector": "csv_file", "kind": "call", "every": "1s", "args": args}
    config = example("manual-jkn", tmp_path, sources=made["sources"], intake={"port": port})
    engine = city_database.engine(database.url)
    settings.intake_port(data).parent.mkdir(parents=True)
    settings.intake_port(data).write_text("0\n")
    with intake.serving(lambda *_: None, port), collecting(config, data, database):
        eventually(lambda: table(engine, "select 1 from cases"), "the calls are read")
        log = (tmp_path / "collect.log").read_text()
        assert log.count(f"the intake cannot listen on 127.0.0.1:{port}") == 1, log
    engine.dispose()


def test_the_token_of_the_door_is_as_private_as_the_key_it_is_made_from(data: Path) -> None:
    token = settings.intake_token(data)
    assert (token, len(token)) == (settings.intake_token(data), 64)
    assert stat.S_IMODE((data / "secrets").stat().st_mode) == 0o600
    assert token not in (data / "secrets").read_text()
