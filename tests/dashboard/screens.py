"""A small wall for the tests: two panels, a running publisher, a real uvicorn in a process of its own."""

import asyncio
import json
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import sqlalchemy as sa

from city.config import Config
from city.queries import Queries
from city.store import Store
from dashboard import states
from dashboard.page import Page, load_page
from dashboard.publish import Publisher
from tests import builders
from tests.forked import Forked

ROOT = Path(__file__).resolve().parents[2]
LAYOUT = """
title: Uji
grid: {columns: [600, "1fr"], rows: ["1fr"], areas: [open late]}
panels:
  open:
    kind: number
    title: Pengaduan terbuka
    args: {tiles: [{metric: complaints_open, label: Terbuka, usual: false}]}
  late:
    kind: number
    title: Lewat tenggat
    args: {tiles: [{metric: complaints_overdue, label: Lewat, usual: false}]}
"""


def now() -> datetime:
    """The present."""
    return datetime.now(UTC)


def wall(tmp_path: Path, config: Config, layout: str = LAYOUT) -> Page:
    """The page ``uji``."""
    path = tmp_path / "uji.yaml"
    path.write_text(layout)
    return load_page(path, config)


class Screen:
    """A city with a publisher and the store that feeds it."""

    def __init__(
        self, engine: sa.Engine, config: Config, page: Page, clock: Callable[[], datetime] = now,
        others: tuple[Page, ...] = (), **how: Any,
    ):  # fmt: skip
        self.engine, self.config, self.page, self.clock = engine, config, page, clock
        self.store = Store(engine, config, clock)
        self.publisher = Publisher(engine, config, [page, *others], Queries(engine, config, clock), clock, **how)

    def save(self, *items: Any, source: str = "desk") -> None:
        """A good run that began a moment ago."""
        from city.store import Tally

        self.store.save(source, items, started_at=self.clock(), finish=lambda: Tally(fetched=len(items)))

    def file(self, key: str, **changes: Any) -> None:
        """A good run that brought one open complaint."""
        self.save(builders.case(key, **({"opened_at": self.clock() - timedelta(hours=1)} | changes)))

    def shown(self) -> dict[str, dict[str, Any]]:
        """What the screens show."""
        return states.current(self.engine, self.config.region.code, self.page.name)

    @contextmanager
    def publishing(self) -> Iterator[None]:
        """The publisher at work in a thread."""
        stop = threading.Event()
        thread = threading.Thread(target=self.publisher.run, args=(stop,))
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join(15)
            assert not thread.is_alive()


def eventually(found: Callable[[], Any], what: str, within_s: float = 60) -> Any:
    """What ``found`` returns once it is true."""
    until = time.monotonic() + within_s
    while not (value := found()):
        assert time.monotonic() < until, f"not within {within_s} s: {what}"
        time.sleep(0.05)
    return value


def number(body: Any) -> str:
    """The first number drawn in a body."""
    text = json.dumps(body)
    return text.split('"className": "n"')[0].rsplit('"children": ["', 1)[-1].split('"')[0]


def admin(url: str) -> sa.Engine:
    """The server's own database, for closing others."""
    made = sa.create_engine(sa.make_url(url).set(database="postgres"), poolclass=sa.NullPool)
    return made.execution_options(isolation_level="AUTOCOMMIT")


def free_port() -> int:
    """A port nobody uses."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """``dashboard.serving.serve`` in a process of its own, so that it can be killed like one.

    ``layout``: the file of one page, or those of several.
    """

    def __init__(
        self, config: Config, layout: Path | list[Path], database_url: str, port: int | None = None, **how: Any
    ) -> None:
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._said = (config, layout if isinstance(layout, list) else [layout], database_url, {"port": self.port} | how)
        self.process: Forked | None = None

    def start(self) -> "Server":
        """Start, and wait for the first answer."""
        self.process = Forked(_serve, *self._said)
        eventually(self.healthy, "the server answers", 60)
        return self

    def healthy(self) -> bool:
        """Whether it answers with a database behind it."""
        assert self.process is None or self.process.poll() is None, "the server has ended"
        try:
            return httpx.get(self.url + "/healthz", timeout=2).status_code == 200
        except httpx.HTTPError:
            return False

    def stop(self, how: int = signal.SIGTERM) -> float:
        """End it; the seconds that took."""
        began = time.monotonic()
        if self.process:
            self.process.send_signal(how)
            self.process.wait(20)
        self.process = None
        return time.monotonic() - began


@contextmanager
def serving(*args: Any, **how: Any) -> Iterator[Server]:
    """A server for as long as the block."""
    server = Server(*args, **how).start()
    try:
        yield server
    finally:
        server.stop(signal.SIGKILL)


async def events(url: str, page: str, until: Callable[[list[tuple[str, dict[str, Any]]]], bool]) -> list[Any]:
    """The (event, data) of a stream until there is enough of them."""
    heard: list[tuple[str, dict[str, Any]]] = []
    async with (
        asyncio.timeout(30),
        httpx.AsyncClient(timeout=30) as client,
        client.stream("GET", f"{url}/stream?page={page}") as answer,
    ):
        name = ""
        async for line in answer.aiter_lines():
            if line.startswith("event: "):
                name = line[7:]
            elif line.startswith("data: "):
                heard.append((name, json.loads(line[6:])))
                if until(heard):
                    return heard
    return heard


def _serve(config: Config, layouts: list[Path], url: str, how: dict[str, Any]) -> None:
    from dashboard import serving as web

    web.serve(config, [load_page(layout, config) for layout in layouts], url, clock=now, **how)
