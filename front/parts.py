"""The parts that keep running: up, collect, publish, serve, simulate."""

import os
import sys
import threading
import time
from argparse import Namespace
from collections.abc import Callable, Sequence
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError
from urllib.request import ProxyHandler, build_opener

from city import database as city_database
from city.config import Config
from city.database import Database
from city.queries import Queries
from front import settings
from front.supervise import AlreadyUp, Part, Supervisor, alone, end_with_parent, stop_on_signals

SERVE_WAIT_S, SIMULATION_WAIT_S = 5.0, 20.0
#: Where the simulated city may keep its memo system; only `up` says it.
SIMULATION_DATABASE = "KENDALI_SIMULATION_DATABASE"
#: For this machine's own parts, whatever proxy the environment names for the world outside.
_direct = build_opener(ProxyHandler({}))


def up(options: Namespace) -> int:
    """Everything, supervised, until Ctrl-C."""
    _check_host(options)
    (config, pages), folder = settings.read_all(options.config), settings.data_dir()
    try:
        with alone(folder), settings.database(options) as database:
            _need_pages(pages, options)
            settings.secret_key(folder)
            stop = stop_on_signals()
            served = f"http://{options.host}:{options.port}"
            parts = _parts(config, options, _once_answered(f"{served}/healthz", SERVE_WAIT_S))
            env = settings.environment(options.config) | {
                "DATABASE_URL": database.url, "KENDALI_WEB_DATABASE_URL": database.web_url,
                "PYTHONUNBUFFERED": "1", settings.SUPERVISED: "1",
            }  # fmt: skip
            if config.simulation:
                # Its memo system is a schema beside ours; `check` and `once` find it by this note. A memo system that
                # the city names itself is read and never written: the simulation is told of our database only.
                env |= {"MEMO_DATABASE_URL": os.environ.get("MEMO_DATABASE_URL", database.url)}
                env |= {"KENDALI_SERVED": served, SIMULATION_DATABASE: database.url}
                settings.tell({"MEMO_DATABASE_URL": database.url})
            url = f"{served}/wall/{pages[0].name}"
            threading.Thread(target=_tell_when_up, args=(served, url, stop), daemon=True).start()
            keeper = threading.Thread(target=_keep_database, args=(database, stop))
            keeper.start()
            Supervisor(parts, env, _say).run(stop)
            keeper.join()
    except AlreadyUp as error:
        raise settings.WrongUsage(error) from error
    return 0


def _check_host(options: Namespace) -> None:
    from dashboard.serving import Unsafe, check_address

    try:
        check_address(options.host, insecure=options.insecure)
    except Unsafe as error:
        raise settings.WrongUsage(error) from error


def _parts(config: Config, options: Namespace, served: Callable[[], bool]) -> list[Part]:
    """The screens come first: they show the last states while the rest of the house wakes up."""
    parts = [Part("serve", _command("serve", options)), Part("publish", _command("publish", options), served)]
    collect = Part("collect", _command("collect", options), served)
    if config.simulation:
        parts.append(Part("simulate", _command("simulate", options), served))
        # The first reading should find the simulated city there.
        collect.ready = _once_answered(f"http://127.0.0.1:{config.simulation.port}/health", SIMULATION_WAIT_S)
    # A process of its own: writing a month takes memory and a core for a second, which nobody shall wait for.
    parts.append(Part("mirror", [*_command("mirror", options), "--follow"], served))
    return [*parts, collect]


def _once_answered(url: str, within_s: float) -> Callable[[], bool]:
    """Whether ``url`` has answered yet; after a while nobody waits for it any longer."""
    until = time.monotonic() + within_s

    def ready() -> bool:
        nonlocal until
        if time.monotonic() < until and not _answers(url):
            return False
        until = 0.0  # a part that is started again later does not wait anew
        return True

    return ready


def _answers(url: str) -> bool:
    try:
        with _direct.open(url, timeout=0.5):
            return True
    except HTTPError:
        return True  # up, though it has nothing to say yet
    except (OSError, HTTPException):
        return False


def _need_pages(pages: Sequence[Any], options: Namespace) -> None:
    if not pages:
        raise settings.WrongUsage(f"{options.config} names no `pages`: there is nothing to show on a screen")


def _command(name: str, options: Namespace) -> list[str]:
    # The database's URL goes through the environment: arguments are visible to every user of the machine.
    where = (
        ["--host", options.host, "--port", str(options.port), *["--insecure"] * options.insecure]
        + [part for name in options.name for part in ("--name", name)]
        if name == "serve"
        else []
    )
    return [sys.executable, sys.argv[0], name, "--config", str(options.config), *where]


def _say(name: str, line: str) -> None:
    print(f"{name:9} {line}", flush=True)


def _keep_database(database: Database, stop: threading.Event) -> None:
    while not stop.wait(1.0):
        try:
            if database.keep_up():
                _say("database", "had ended; started again")
        except Exception as error:  # the next second tries again: without a database there is nothing else to do
            _say(
                "database", f"ended and does not start ({type(error).__name__}); see {settings.data_dir()}/postgres/log"
            )
            stop.wait(5.0)


def _tell_when_up(served: str, url: str, stop: threading.Event) -> None:
    while not stop.wait(0.3):
        try:
            with _direct.open(f"{served}/healthz", timeout=5) as answer:
                if b'"boot"' in answer.read(1_000):  # ours, not another program's on the same port
                    _say("up", url)
                    return
        except (OSError, HTTPException):
            continue


def begin() -> threading.Event:
    """The event that ends a part: set by a signal, or by the end of its parent."""
    if settings.SUPERVISED in os.environ:
        end_with_parent()
    return stop_on_signals()


def publish(options: Namespace) -> int:
    """Compute the panels whose data changed until told to stop."""
    from dashboard.publish import Publisher
    from dashboard.registrar import Registrar

    (config, pages), stop = settings.read_all(options.config), begin()
    with settings.database(options) as database:
        engine = city_database.engine(database.url)
        queries = Queries(engine, config, settings.clock)
        registrar = Registrar(engine, config.region.code, settings.clock)
        threading.Thread(target=registrar.run, args=(stop,), daemon=True, name="registrar").start()
        Publisher(engine, config, pages, queries, settings.clock).run(stop)
        engine.dispose()
    return 0


def serve(options: Namespace) -> int:
    """Answer the screens; the web's role can only read."""
    from dashboard import serving
    from dashboard.door import Door

    _check_host(options)
    config, pages = settings.read_all(options.config)
    _need_pages(pages, options)
    if settings.SUPERVISED in os.environ:
        end_with_parent()
    folder = settings.data_dir()
    key = settings.secret_key(folder)
    for problem in settings.illegible(options.config, config, pages):  # a wall is better small than dark
        print(problem, file=sys.stderr)
    door = Door(settings.intake_token(folder), config.intake.port, settings.intake_port(folder))
    with settings.database(options) as database:
        try:
            serving.serve(config, pages, database.web_url, secret_key=key, host=options.host, port=options.port,
                      insecure=options.insecure, names=options.name, clock=settings.clock, door=door,
                      data=folder, api_keys=settings.api_keys(folder, config.api.keys_env))  # fmt: skip
        except serving.AddressInUse as error:
            raise settings.WrongUsage(error) from error
    return 0


def simulate(options: Namespace) -> int:
    """The simulated city of the settings."""
    from simulation.__main__ import main

    config = settings.read(options.config)
    if config.simulation is None:
        raise settings.WrongUsage(f"{options.config} has no section `simulation`")
    if settings.SUPERVISED in os.environ:
        end_with_parent()
    town, env = config.simulation, settings.environment(options.config)
    # What it is told through the environment: arguments are visible to every user of the machine.
    memos = ["--database", os.environ[SIMULATION_DATABASE]] if SIMULATION_DATABASE in os.environ else []
    sent = next((name for name, source in config.sources.items() if source.collector == "push"), None)
    if sent and "KENDALI_SERVED" in env and "SIMULATION_SECRET" in env:
        memos += ["--send-to", f"{env['KENDALI_SERVED']}/ingest/{sent}", "--secret", env["SIMULATION_SECRET"]]
    main([
        *memos,
        "--data", str(settings.data_dir() / "simulation"), "--port", str(town.port), "--seed", str(town.seed),
        "--days", str(town.days), "--speed", str(town.speed),
    ])  # fmt: skip
    return 0
