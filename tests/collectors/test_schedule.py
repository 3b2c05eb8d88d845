"""Every source on its period; one that hangs or breaks holds up nobody else."""

import logging
import threading
import time
from datetime import UTC, datetime

from city.config import Config
from city.store import RunResult
from collectors import schedule


def config(every_s, *names):
    sources = {name: {"collector": "csv_file", "every": f"{every_s}s"} for name in names}
    region = {"code": "15.71", "name": "Jambi", "timezone": "Asia/Jakarta"}
    return Config.model_validate({"region": region, "sources": sources})


def running(made_config, run_one, seconds):
    scheduler = schedule.build(made_config, run_one, datetime.now(UTC))
    scheduler.start()
    time.sleep(seconds)
    scheduler.shutdown(wait=False)


def test_a_hanging_source_delays_no_other():
    release, counts = threading.Event(), {"a": 0, "b": 0, "hangs": 0}

    def run_one(name):
        counts[name] += 1
        if name == "hangs":
            release.wait(10)
        return RunResult(source=name)

    running(config(0.5, *counts), run_one, 2.6)
    release.set()
    assert counts["hangs"] == 1
    assert counts["a"] >= 4
    assert counts["b"] >= 4


def test_a_source_that_goes_is_told_once_and_so_is_its_return(caplog):
    answers = [True, False, False, None, True, True]

    def run_one(name):
        ok = answers.pop(0) if answers else True
        if ok is None:
            raise OSError("the database is away")
        return RunResult(source=name, ok=ok, error=None if ok else "no answer", error_code=None if ok else "K-101")

    with caplog.at_level(logging.INFO, logger="kendali.collect"):
        running(config(0.2, "desk"), run_one, 1.8)
    told = [record.getMessage() for record in caplog.records if record.name == "kendali.collect"]
    assert told == ["source desk failed (K-101): no answer", "source desk is back: 0 fetched, 0 saved"]


def test_sources_start_spread_over_their_period_and_always_at_the_same_offset():
    now = datetime.now(UTC)
    jobs = schedule.build(config(60, "a", "b", "c"), lambda name: RunResult(source=name), now).get_jobs()
    starts = {job.id: job.next_run_time - now for job in jobs}
    assert len(set(starts.values())) == 3
    assert all(0 <= start.total_seconds() < 2 for start in starts.values())
    assert {(job.coalesce, job.max_instances, job.misfire_grace_time) for job in jobs} == {(True, 1, 60)}


def test_a_source_that_sends_by_itself_or_is_filled_in_has_no_period():
    kinds = {"read": "csv_file", "sends": "push", "paper": "manual"}
    region = {"code": "15.71", "name": "Jambi", "timezone": "Asia/Jakarta"}
    sources = {name: {"collector": kind} for name, kind in kinds.items()}
    made = Config.model_validate({"region": region, "sources": sources})
    jobs = schedule.build(made, lambda name: RunResult(source=name), datetime.now(UTC)).get_jobs()
    assert [job.id for job in jobs] == ["read"]
