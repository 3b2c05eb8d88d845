"""The past of a source is read span by span; broken off at any moment, it goes on and ends as if undisturbed."""

import json
import os
import random
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml

from city.store import Store
from city.times import instant
from collectors import backfill
from collectors.backfill import CannotBackfill
from collectors.http import Session
from collectors.runner import Job
from tests.builders import table
from tests.collectors.conftest import NOW, region

#: The full proof of 100 takes minutes: KENDALI_KILLS=100.
KILLS = int(os.environ.get("KENDALI_KILLS", "6"))
ROOT = Path(__file__).resolve().parent.parent.parent
DAY = timedelta(days=1)
START, END = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC)
A_DAY = 40
QUERY = {"from": "{since:%Y-%m-%dT%H:%M:%SZ}", "to": "{until:%Y-%m-%dT%H:%M:%SZ}"}
ARGS = {"query": QUERY, "overlap": "0s", "zone": "UTC",
        "fields": {"key": "id", "opened_at": "at", "category": "kind"}}  # fmt: skip


def said(query):
    """Forty complaints a day in the span that is asked for."""
    start, end = instant(query["from"]), instant(query["to"])
    first = int((start - START) / DAY * A_DAY)
    rows = []
    for number in range(max(0, first), int((end - START) / DAY * A_DAY)):
        at = START + number * DAY / A_DAY
        rows.append({"id": f"C{number}", "at": at.isoformat(), "kind": f"k{number % 7}"})
    return 200, {}, json.dumps(rows).encode()


@pytest.fixture
def past(engine, system):
    """A source with a past, and how to read it."""
    system.answer = said
    config = region("json_api", ARGS | {"url": system.url + "/api"}, source={"kind": "complaint"})
    store = Store(engine, config, lambda: NOW)
    job = Job("desk", config)

    def read(start=START, end=END, most=None):
        todo = backfill.spans(job, store, start, end)[:most]
        return list(backfill.run(job, store, Session(retries=0), lambda: NOW, todo))

    read.store, read.engine, read.job = store, engine, job
    return read


def test_each_span_is_a_run_of_its_own_and_all_of_the_past_comes(past, system):
    results = past()
    assert [one.saved for one in results] == [7 * A_DAY] * 8 + [3 * A_DAY]
    assert system.asked[0] == {"from": "2026-01-01T00:00:00Z", "to": "2026-01-08T00:00:00Z"}
    assert table(past.engine, "select count(*), count(distinct key) from cases") == [(59 * A_DAY, 59 * A_DAY)]


def test_a_backfill_that_was_broken_off_goes_on_where_it_stood(past, system):
    past(most=3)
    system.asked.clear()
    assert len(past()) == 6
    assert system.asked[0]["from"] == "2026-01-22T00:00:00Z"
    assert len(past()) == 9, "what is done is done again only when it is asked for anew"


def test_a_span_that_fails_ends_it_and_is_the_first_of_the_next(past, system):
    system.answer = lambda query: said(query) if query["from"] < "2026-01-20" else (500, {}, b"")
    results = past()
    assert [one.ok for one in results] == [True, True, True, False]
    system.answer = said
    assert sum(one.saved for one in past()) == 38 * A_DAY
    assert table(past.engine, "select count(*) from cases") == [(59 * A_DAY,)]


def test_the_past_makes_nothing_fresh_and_moves_no_cursor(past):
    past()
    assert past.store.cursor("desk") is None
    assert table(past.engine, "select distinct source from runs") == [("desk#backfill",)]
    assert table(past.engine, "select distinct source from cases") == [("desk",)]
    assert past.store.shape("desk") == {}


def test_what_cannot_be_asked_for_a_span_says_so(engine, system, tmp_path):
    store = past_of = None
    for collector, args in (
        ("csv_file", {"path": str(tmp_path / "x.csv"), "fields": ARGS["fields"]}),
        ("json_api", {"url": system.url, "fields": ARGS["fields"]}),
    ):
        config = region(collector, args)
        store, past_of = Store(engine, config, lambda: NOW), Job("desk", config)
        with pytest.raises(CannotBackfill, match=rf"source 'desk' \({collector}\) cannot be asked for a span of time"):
            backfill.spans(past_of, store, START, END)


FACTS = "select key, opened_at, category from cases order by key"
DAYS = "select day, category, opened, open_in from case_days where opened <> 0 order by 1, 2"


@pytest.mark.proof
def test_killed_at_any_moment_and_given_again_it_ends_as_if_undisturbed(past, system, database, tmp_path):
    past()
    undisturbed = table(past.engine, FACTS), table(past.engine, DAYS)
    config = {
        "region": {"code": "15.71", "name": "Jambi", "timezone": "Asia/Jakarta"},
        "sources": {
            "desk": {"collector": "json_api", "kind": "complaint", "args": ARGS | {"url": system.url + "/api"}}
        },
    }
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(config))
    with past.engine.begin() as connection:
        connection.exec_driver_sql("truncate cases, case_days, case_events, cursors, runs, run_days, delivered")
    command = [sys.executable, str(ROOT / "run.py"), "once", "desk", "--config", str(tmp_path / "config.yaml"),
               "--from", "2026-01-01T00:00:00Z", "--to", "2026-03-01T00:00:00Z"]  # fmt: skip

    def start():
        return subprocess.Popen(command, env=os.environ | {"DATABASE_URL": database.url}, stdout=subprocess.DEVNULL)

    pick = random.Random(7)
    for _ in range(KILLS):
        process = start()
        time.sleep(pick.uniform(0.5, 2.5))
        process.kill()
        process.wait(10)
    process = start()
    assert process.wait(120) == 0
    assert (table(past.engine, FACTS), table(past.engine, DAYS)) == undisturbed
