"""Two thousand sources a minute, a twentieth of them hanging: how late the healthy ones start, and what it costs."""

import logging
import statistics
import threading
import time
from datetime import UTC, datetime, timedelta

import psutil

from city.config import Config
from city.store import RunResult
from collectors import schedule

Row = tuple[str, str]
JOBS, EVERY_S, HANGING, HANG_S, ROUNDS = 2_000, 60, 0.05, 30.0, 2
#: What a healthy run waits for its source, and works.
_WAIT_S, _WORK_S = 0.05, 0.002


class Town:
    """Sources that answer, and some that do not; notes when each run starts."""

    def __init__(self) -> None:
        region = {"code": "bench", "name": "Bench", "timezone": "Asia/Jakarta"}
        sources = {f"s{n}": {"collector": "csv_file", "every": f"{EVERY_S}s"} for n in range(JOBS)}
        self.config = Config.model_validate({"region": region, "sources": sources})
        self.hanging = {f"s{n}" for n in range(JOBS) if n % round(1 / HANGING) == 0}
        self.started: dict[str, list[datetime]] = {name: [] for name in sources}
        self._over = threading.Event()

    def run_one(self, name: str) -> RunResult:
        """One run: hangs, or waits a little and works a little."""
        self.started[name].append(datetime.now(UTC))
        if name in self.hanging:
            self._over.wait(HANG_S)
        else:
            time.sleep(_WAIT_S)
            until = time.thread_time() + _WORK_S
            while time.thread_time() < until:
                pass
        return RunResult(source=name, ok=name not in self.hanging)

    def end(self) -> None:
        """Let the hanging ones go."""
        self._over.set()


def measure() -> list[Row]:
    """Rows of the table: start delay of the healthy ones, what was missed, memory, processor."""
    logging.getLogger("kendali.collect").setLevel(logging.CRITICAL)  # a hundred sources that fail are meant here
    town, us = Town(), psutil.Process()
    start = datetime.now(UTC) + timedelta(seconds=1)
    scheduler = schedule.build(town.config, town.run_one, start)
    scheduler.start()
    time.sleep(1 + EVERY_S)
    early, used = us.memory_info().rss, sum(us.cpu_times()[:2])
    time.sleep((ROUNDS - 1) * EVERY_S)
    late, spent = us.memory_info().rss, sum(us.cpu_times()[:2]) - used
    scheduler.shutdown(wait=False)
    town.end()
    delays, missed = _delays(town, start)
    return [
        (
            f"{JOBS:,} sources every {EVERY_S} s, {HANGING:.0%} hang {HANG_S:.0f} s: start delay of the healthy",
            f"p50 {1000 * statistics.median(delays):.0f} ms, p99 {1000 * delays[int(0.99 * len(delays))]:.0f} ms",
        ),
        ("  runs of the healthy that were missed", f"{missed:,} of {len(delays) + missed:,}"),
        ("  memory after each round", f"{early / 2**20:.0f}, {late / 2**20:.0f} MiB"),
        ("  processor (with the 2 ms of work of each run)", f"{100 * spent / EVERY_S:.0f} % of a core"),
    ]


def _delays(town: Town, start: datetime) -> tuple[list[float], int]:
    found, missed = [], 0
    for name in set(town.started) - town.hanging:
        due = start + schedule.offset(name, timedelta(seconds=EVERY_S), JOBS)
        runs = town.started[name][:ROUNDS]
        found += [(at - due).total_seconds() - number * EVERY_S for number, at in enumerate(runs)]
        missed += ROUNDS - len(runs)
    return sorted(found), missed
