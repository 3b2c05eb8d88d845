"""Killed at any moment, a load leaves either what was there before or all of it."""

import os
import random
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from benchmarks import load, synthetic
from tests.builders import table

#: The full proof of 50 takes minutes: KENDALI_KILLS=50.
KILLS = int(os.environ.get("KENDALI_KILLS", "6"))
ROOT = Path(__file__).resolve().parent.parent.parent
FACTS = "select key, opened_at, due_at, closed_at, status, category, agency, district from cases order by key"
DAYS = "select * from case_days order by day, category, agency, district, channel"


@pytest.fixture
def settings(tmp_path):
    synthetic.write_csv(tmp_path / "cases.csv", 30_000, datetime(2026, 11, 1, tzinfo=UTC))
    config = load.config(tmp_path / "cases.csv").model_dump(mode="json", exclude_defaults=True)
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(config))
    return tmp_path / "config.yaml"


def start(settings, url):
    command = [sys.executable, str(ROOT / "run.py"), "once", "file", "--config", str(settings)]
    return subprocess.Popen(command, cwd=ROOT, env=os.environ | {"DATABASE_URL": url}, stdout=subprocess.DEVNULL)


@pytest.mark.proof
def test_a_load_killed_at_random_moments_and_then_finished_is_an_undisturbed_load(settings, database, engine):
    began = time.monotonic()
    assert start(settings, database.url).wait(120) == 0
    whole_s = time.monotonic() - began
    undisturbed = table(engine, FACTS), table(engine, DAYS)
    assert len(undisturbed[0]) == 30_000
    pick = random.Random(7)
    for _ in range(KILLS):
        with engine.begin() as connection:
            connection.exec_driver_sql("truncate cases, case_days, case_events, cursors, runs, delivered")
        process = start(settings, database.url)
        time.sleep(pick.uniform(0.3, 1.0) * whole_s)
        process.kill()
        process.wait(10)
        traces = [len(table(engine, f"select 1 from {name}")) for name in ("cases", "runs", "cursors", "delivered")]
        assert traces in ([0, 0, 0, 0], [30_000, 1, 1, 1]), "all of a run or nothing"
    assert start(settings, database.url).wait(120) == 0
    assert (table(engine, FACTS), table(engine, DAYS)) == undisturbed
