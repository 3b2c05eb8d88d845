"""APScheduler wiring and nothing else: every source on its period, none delaying another."""

import logging
import zlib
from collections.abc import Callable
from datetime import datetime, timedelta

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from city.config import Config
from city.store import RunResult
from collectors import instead

#: A few sources all start within this time; of many, each takes so much of the window.
_FEW_WINDOW_S, _EACH_S = 2.0, 0.02

log = logging.getLogger("kendali.collect")


def build(config: Config, run_one: Callable[[str], RunResult], now: datetime) -> BackgroundScheduler:
    """A scheduler that runs every polled source now and then on its period. Start it yourself.

    A thread per source, made when it is needed: one that hangs holds up itself only.
    """
    pool = ThreadPoolExecutor(max_workers=max(1, len(config.sources)))
    scheduler = BackgroundScheduler(executors={"default": pool}, timezone="UTC")
    told = _Telling(run_one)
    for name, source in config.sources.items():
        if instead(source.collector):
            continue  # it is a run of its own whenever something is sent
        spread = offset(name, source.every, len(config.sources))
        scheduler.add_job(
            told.run,
            "interval",
            args=[name],
            id=name,
            seconds=source.every.total_seconds(),
            next_run_time=now + spread,
            coalesce=True,
            max_instances=1,
            misfire_grace_time=max(1, int(source.every.total_seconds())),
        )
    return scheduler


def offset(name: str, every: timedelta, count: int) -> timedelta:
    """When in its period a source starts, always the same: spread by its name over at most half of the period.

    Not by jitter, which would lengthen short periods; over longer the more sources there are, lest a thousand
    start at once.
    """
    window_s = min(every.total_seconds() / 2, max(_FEW_WINDOW_S, count * _EACH_S))
    return timedelta(milliseconds=zlib.crc32(name.encode()) % max(1, int(1000 * window_s)))


class _Telling:
    """Says once when a source goes and once when it returns."""

    def __init__(self, run_one: Callable[[str], RunResult]) -> None:
        self._run, self._down = run_one, set[str]()

    def run(self, name: str) -> None:
        try:
            result = self._run(name)
        except Exception as error:  # the database is away, or a mistake of ours: the next period tries again
            result = RunResult(source=name, ok=False, error=f"{type(error).__name__} outside the source")
        if result.ok and name in self._down:
            self._down.discard(name)
            log.info("source %s is back: %d fetched, %d saved", name, result.fetched, result.saved)
        elif not result.ok and name not in self._down:
            self._down.add(name)
            log.warning("source %s failed (%s): %s", name, result.error_code, result.error)
