"""The part that reads the sources on their schedule, hears wishes, and takes in what is sent."""

import logging
import os
import sys
import threading
from argparse import Namespace

from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy.engine import Engine

from city import database as city_database
from city.config import Config
from city.store import RunResult, Store
from collectors import intake, schedule
from collectors.breaker import Breaker
from collectors.http import Session
from collectors.runner import Job
from collectors.wanted import Wanted
from front import briefing, settings
from front.parts import begin

#: Of the database: a run holds one only while it saves.
MOST_CONNECTIONS = 20
INTAKE_WAIT_S = 5.0

log = logging.getLogger("kendali.front")


def collect(options: Namespace) -> int:
    """Read the sources on their schedule until told to stop."""
    config, stop = settings.read(options.config), begin()
    with settings.database(options) as database:
        engine = city_database.engine(database.url, pool_size=min(MOST_CONNECTIONS, max(5, len(config.sources))))
        store, jobs = Store(engine, config, settings.clock), {name: Job(name, config) for name in config.sources}
        # A session per source: they run in threads of their own. What one learns of a host serves all.
        breaker = Breaker()
        sessions = {name: Session(breaker=breaker) for name in jobs}
        accepted: set[str] = set()

        def run_one(name: str) -> RunResult:
            accept = name in accepted
            accepted.discard(name)
            return jobs[name].run(store, sessions[name], settings.clock, accept_shape=accept)

        scheduler = schedule.build(config, run_one, settings.clock())
        scheduler.start()
        _hear_wishes(scheduler, database.url, config.region.code, accepted, stop)
        briefing.schedule(scheduler, engine, config, options.config)  # after the wishes, which are about sources
        taken = {name: jobs[name] for name in intake.names(config)}
        if taken or config.scorecard:  # whose follow-ups are entered through the same door
            _take_in(config, engine, store, taken, stop)
        stop.wait()
        scheduler.shutdown(wait=False)
    # Python would wait for runs on their way, as long as a source likes. A run is one transaction: it leaves no trace.
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


def _hear_wishes(
    scheduler: BackgroundScheduler, url: str, region: str, accepted: set[str], stop: threading.Event
) -> None:
    """A polled source is run when somebody wishes it; ``accepted`` gets those whose changed shape is taken."""

    def start(name: str, accept: bool) -> None:
        if accept:
            accepted.add(name)
        scheduler.modify_job(name, next_run_time=settings.clock())

    wanted = Wanted(url, region, frozenset(job.id for job in scheduler.get_jobs()), start)
    threading.Thread(target=wanted.run, args=(stop,), daemon=True).start()


def _take_in(config: Config, engine: Engine, store: Store, jobs: dict[str, Job], stop: threading.Event) -> None:
    """The door for what is sent, open until told to stop; its port is told in the data folder."""
    folder = settings.data_dir()
    app, told = intake.application(config, engine, store, settings.clock, settings.intake_token(folder), jobs), ""
    while not stop.is_set():
        try:
            with intake.serving(app, config.intake.port) as port:
                settings.intake_port(folder).write_text(f"{port}\n")
                stop.wait()
        except intake.PortTaken as error:  # the polled sources go on meanwhile
            if str(error) != told:
                told = str(error)
                log.error("%s", told)
            stop.wait(INTAKE_WAIT_S)
