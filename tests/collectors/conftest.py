"""A city system on loopback: real HTTP, answers and faults as a test asks for them."""

import os
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pymysql
import pytest

from city import documents
from city.config import Config
from city.queries import Queries
from city.store import RunResult, Store
from collectors import args_of
from collectors.http import Session
from collectors.runner import Job
from simulation import server as simulated
from simulation.town import Town

NOW = datetime(2026, 11, 24, 5, 0, tzinfo=UTC)
#: Status, headers, body; a Content-Length of the test's own is sent as it is.
Answer = tuple[int, dict[str, str], bytes]


class CitySystem:
    """``answer`` gets the query of each request; ``asked``, ``headers`` and ``bodies`` remember them.

    ``routes`` answer their own paths, with the query and the body that was sent.
    """

    def __init__(self) -> None:
        self.answer: Callable[[dict[str, str]], Answer] = lambda query: (200, {}, b"[]")
        self.asked: list[dict[str, str]] = []
        self.headers: list[dict[str, str]] = []
        self.bodies: list[bytes] = []
        self.routes: dict[str, Callable[[dict[str, str], bytes], Answer]] = {}
        self.release = threading.Event()
        self.url = ""


class Quiet(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hung up is what these tests are about."""


@pytest.fixture
def system() -> Iterator[CitySystem]:
    """A server that is stopped after the test; a hanging answer is released first."""
    made = CitySystem()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            query = {key: values[0] for key, values in parse_qs(urlsplit(self.path).query).items()}
            made.asked.append(query)
            made.headers.append(dict(self.headers.items()))
            made.bodies.append(self.rfile.read(int(self.headers.get("Content-Length") or 0)))
            route = made.routes.get(urlsplit(self.path).path)
            status, headers, body = route(query, made.bodies[-1]) if route else made.answer(query)
            self.send_response(status)
            for name, value in ({"Content-Length": str(len(body))} | headers).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    server = Quiet(("127.0.0.1", 0), Handler)
    made.url = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield made
    made.release.set()
    server.shutdown()
    server.server_close()


@pytest.fixture
def session() -> Iterator[Session]:
    """A session that gives up soon."""
    with Session(retries=1, read_timeout_s=0.5, max_bytes=200_000) as made:
        yield made


def region(collector: str, args: dict[str, Any], **more: Any) -> Config:
    """A small Jambi with one source named ``desk``."""
    words = {"code": "15.71", "name": "Jambi", "timezone": "Asia/Jakarta", **more.pop("region", {})}
    source = {"collector": collector, "args": args, **more.pop("source", {})}
    return Config.model_validate({"region": words, "sources": {"desk": source}, **more})


class Desk:
    """The source ``desk`` of a region, run for real against the database."""

    name = "desk"

    def __init__(self, engine: Any, config: Config, now: datetime = NOW) -> None:
        self.engine, self.config, self.now = engine, config, now
        self.store = Store(engine, config, lambda: self.now)

    def run(self, module: Any = None, **options: Any) -> RunResult:
        """Run the source once now, or a ``module`` that stands for a collector somebody writes tomorrow."""
        job = Job(self.name, self.config)
        if module is not None:
            job.module, job.parse = module, module.parse
        return job.run(self.store, Session(retries=0), lambda: self.now, **options)

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        with self.engine.connect() as connection:
            return [tuple(row) for row in connection.exec_driver_sql(sql)]


@pytest.fixture
def desk(engine: Any) -> Callable[..., Desk]:
    """Makes the source ``desk``: ``desk("csv_file", {args}, sla=..., region={...})``."""
    return lambda collector, args, **more: Desk(engine, region(collector, args, **more))


class Worked(Desk):
    """A worked example of docs/examples against the simulated city, whose clock is ``now``."""

    def go(self, source: str) -> RunResult:
        """One run of one of its sources, which must be good."""
        self.name = source
        result = self.run()
        assert result.ok, result.error
        return result

    def measure(self, name: str, **asked: Any) -> Any:
        return Queries(self.engine, self.config, lambda: self.now).measure(name, **asked)


@pytest.fixture
def worked(engine: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Worked]]:
    """``worked("bmkg", now)``: its settings as they stand in the file, and the simulated city behind them."""
    running = []

    def made(name: str, now: datetime) -> Worked:
        city, _ = simulated.start(Town(), tmp_path, clock=lambda: found.now)
        running.append(city)
        monkeypatch.setenv("KENDALI_SIMULATION_URL", f"http://127.0.0.1:{city.server_address[1]}")
        file = Path(documents.__file__).parents[1] / f"docs/examples/{name}.yaml"
        found = Worked(engine, documents.load(str(file), args_of), now)
        return found

    yield made
    for city in running:
        city.stop()


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@pytest.fixture(scope="session")
def mariadb() -> Iterator[str]:
    """The URL, for its root, of a real MariaDB on loopback; stopped by its own process after the session."""
    server, install = (shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin") for name in MARIADB)
    if not server or not install:
        pytest.skip("no MariaDB server: apt install mariadb-server-core mariadb-client-core")
    folder = Path(tempfile.mkdtemp(prefix="kendali-mariadb-"))
    who = ["--user=root"] if os.geteuid() == 0 else []
    options = [*who, f"--datadir={folder}/data", "--innodb-log-file-size=8M", "--innodb-buffer-pool-size=32M"]
    made = [install, "--no-defaults", *options, "--auth-root-authentication-method=normal", "--skip-test-db"]
    subprocess.run(made, check=True, capture_output=True)
    port = free_port()
    options += ["--bind-address=127.0.0.1", f"--port={port}", f"--socket={folder}/s", f"--pid-file={folder}/p"]
    with (folder / "log").open("wb") as log:
        running = subprocess.Popen([server, "--no-defaults", *options, "--skip-name-resolve"], stderr=log)
    try:
        _answering(port, running, folder / "log")
        yield f"mysql+pymysql://root@127.0.0.1:{port}/mysql"
    finally:
        running.terminate()
        running.wait(30)
        shutil.rmtree(folder, ignore_errors=True)


MARIADB = ("mariadbd", "mariadb-install-db")


def _answering(port: int, running: "subprocess.Popen[bytes]", log: Path) -> None:
    until = time.monotonic() + 60
    while running.poll() is None and time.monotonic() < until:
        try:
            pymysql.connect(host="127.0.0.1", port=port, user="root").close()
            return
        except pymysql.Error:
            time.sleep(0.1)
    raise RuntimeError(f"MariaDB did not start:\n{log.read_text()[-2000:]}")
