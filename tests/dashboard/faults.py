"""Random faults of a real wall: what breaks, what a screen must then not show, and how it is made good again.

A city feeds two sources twice a second; publisher and server are processes of their own, the screen is a
Chromium behind a proxy of ours. Limits are short (stale 2 s, expired 5 s), so that many faults take minutes.
"""

import random
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import sqlalchemy as sa
from playwright.sync_api import Page

from city import database as city_database
from city.config import Config
from city.model import Unreachable
from city.queries import Queries
from dashboard.page import load_page
from dashboard.publish import Publisher
from tests import builders
from tests.dashboard.proxy import Proxy
from tests.dashboard.screens import Screen, Server, admin, eventually, now
from tests.forked import Forked

STALE_S, EXPIRES_S, BACK_S = 2.0, 5.0, 30.0
LAYOUT = """
title: Uji
grid: {columns: [600, "1fr"], rows: ["1fr", "1fr"], areas: [open late, memo memo]}
panels:
  open: {kind: number, title: Terbuka, args: {tiles: [{metric: complaints_open, label: Terbuka, usual: false}]}}
  late: {kind: number, title: Lewat, args: {tiles: [{metric: complaints_overdue, label: Lewat, usual: false}]}}
  memo: {kind: number, title: Nota, args: {tiles: [{metric: memos_open, label: Nota, usual: false}]}}
"""
#: Panels by source; a panel of a source that lives must go on looking alive.
PANELS = {"desk": {"open", "late"}, "memos": {"memo"}}

#: What a person sees of every panel, from computed styles: a number that is neither hidden nor struck is alive.
LOOK = """() => [...document.querySelectorAll("#page .pn[data-panel]")].map(frame => {
  const seen = [...frame.querySelectorAll(".n")].filter(at => getComputedStyle(at).visibility === "visible");
  const alive = seen.filter(at => !getComputedStyle(at).textDecorationLine.includes("line-through"));
  return { panel: frame.dataset.panel, state: frame.dataset.state, age: frame.querySelector(".age").textContent,
    tag: frame.querySelector(".tag").textContent, seen: seen.map(at => at.textContent),
    alive: alive.map(at => at.textContent), link: document.getElementById("link").textContent };
})"""


def config() -> Config:
    """Two sources with short limits."""
    limits = {"collector": "csv_file", "stale_after": f"{STALE_S:g}s", "expires_after": f"{EXPIRES_S:g}s"}
    desk, memos = limits | {"kind": "complaint", "title": "SIKESAL"}, limits | {"kind": "memo", "title": "SIPADEK"}
    return builders.config(sources={"desk": desk, "memos": memos})


class Publishing:
    """The publisher as a process of its own, so that it can be killed and frozen like one."""

    def __init__(self, config: Config, layout: Path, url: str) -> None:
        self._said = (config, layout, url)
        self.process: Forked | None = None

    def start(self) -> None:
        """Start it; it publishes when it is ready."""
        self.process = Forked(_publish, *self._said)

    def stop(self) -> None:
        """Kill it."""
        if self.process:
            self.process.kill()
            self.process.wait(20)
        self.process = None


@dataclass
class City:
    """Everything between the sources and the glass."""

    screen: Screen
    server: Server
    publisher: Publishing
    proxy: Proxy
    database: city_database.Database
    layout: Path
    dead: set[str] = field(default_factory=set)

    def feed(self, stop: threading.Event) -> None:
        """A good run of each living source twice a second, a failed one of a dead; now and then a new complaint."""
        turn = 0
        while not stop.wait(0.5):
            turn += 1
            try:
                for source in PANELS:
                    if source in self.dead:
                        self.screen.store.fail(source, started_at=now(), error=Unreachable("gone", where="http://x"))
                    elif source == "desk" and turn % 8 == 0:
                        self.screen.file(f"A-{turn}")
                    else:
                        self.screen.save(source=source)
            except (sa.exc.SQLAlchemyError, psycopg.Error):
                self.screen.engine.dispose()  # the database is down: the next run tries again

    def signal_server(self, how: int) -> None:
        """Freeze or thaw it."""
        assert self.server.process
        self.server.process.send_signal(how)

    def signal_publisher(self, how: int) -> None:
        """Freeze or thaw it."""
        assert self.publisher.process
        self.publisher.process.send_signal(how)

    def let_in(self, allowed: bool) -> None:
        """The database lets everybody in, or ends every connection and lets nobody in."""
        name = sa.make_url(self.database.url).database
        with admin(self.database.url).connect() as connection:
            connection.execute(sa.text(f'alter database "{name}" allow_connections {str(allowed).lower()}'))
            if not allowed:
                ask = "select pg_terminate_backend(pid) from pg_stat_activity where datname = :name"
                connection.execute(sa.text(ask), {"name": name})


#: name -> (break, make good), healed in this order: a server that starts wants its database first.
FAULTS: dict[str, tuple[Callable[[City], Any], Callable[[City], Any]]] = {
    "database down": (lambda city: city.let_in(False), lambda city: city.let_in(True)),
    "line cut": (lambda city: city.proxy.set("cut"), lambda city: city.proxy.set("pass")),
    "line silent": (lambda city: city.proxy.set("silent"), lambda city: city.proxy.set("pass")),
    "line half open": (lambda city: city.proxy.set("half"), lambda city: city.proxy.set("pass")),
    "proxy answers 502": (lambda city: city.proxy.set("502"), lambda city: city.proxy.set("pass")),
    "publisher killed": (lambda city: city.publisher.stop(), lambda city: city.publisher.start()),
    "publisher frozen": (
        lambda city: city.signal_publisher(signal.SIGSTOP),
        lambda city: city.signal_publisher(signal.SIGCONT),
    ),
    "source dead": (lambda city: city.dead.add("desk"), lambda city: city.dead.clear()),
    "server killed": (lambda city: city.server.stop(signal.SIGKILL), lambda city: city.server.start()),
    "server frozen": (
        lambda city: city.signal_server(signal.SIGSTOP),
        lambda city: city.signal_server(signal.SIGCONT),
    ),
}


@dataclass
class Outcome:
    """One fault: what was wrong, what looked alive when it must not, and how long the way back took."""

    names: tuple[str, ...]
    wrong: list[str]
    back_s: float


@contextmanager
def city(screen: Screen, database: city_database.Database, layout: Path) -> Iterator[City]:
    """A running city; whatever is frozen or shut when the block ends is made good."""
    server = Server(screen.config, layout, database.web_url)
    publisher, stop = Publishing(screen.config, layout, database.url), threading.Event()
    screen.file("A-1")
    screen.save(builders.case("M-1", kind="memo", opened_at=now() - timedelta(hours=1)), source="memos")
    with Proxy(server.port) as proxy:
        made = City(screen, server.start(), publisher, proxy, database, layout)
        feeding = threading.Thread(target=made.feed, args=(stop,))
        publisher.start()
        feeding.start()
        try:
            yield made
        finally:
            made.let_in(True)
            stop.set()
            feeding.join(10)
            publisher.stop()
            server.stop(signal.SIGKILL)


def chosen(pick: random.Random, turn: int) -> tuple[str, ...]:
    """Each fault in turn, one time in five with a second of another part of the way."""
    first = list(FAULTS)[turn % len(FAULTS)]
    part = first.split()[0].replace("proxy", "line")
    others = [name for name in FAULTS if name.split()[0].replace("proxy", "line") != part]
    names = {first, *([pick.choice(others)] if pick.random() < 0.2 else [])}
    return tuple(name for name in FAULTS if name in names)


def one(made: City, page: Page, names: tuple[str, ...], pick: random.Random, *, expire: bool) -> Outcome:
    """Break, look at the limit + 1 s (and at the second limit + 1 s), make good, wait until all is alive."""
    time.sleep(pick.random())
    dead = PANELS["desk"] if names == ("source dead",) else set().union(*PANELS.values())
    began = time.monotonic()
    for name in names:
        FAULTS[name][0](made)
    wrong = _look(page, began + STALE_S + 1, dead, "alive", "shows a live-looking number")
    if expire:
        wrong += _look(page, began + EXPIRES_S + 1, dead, "seen", "still shows a number that has expired")
    for name in names:
        FAULTS[name][1](made)
    healed = time.monotonic()
    while (left := healed + BACK_S - time.monotonic()) > 0 and not _alive(page):
        page.wait_for_timeout(100)
    if left <= 0:
        wrong.append(f"not back within {BACK_S:g} s: {page.evaluate(LOOK)}")
    return Outcome(names, wrong, time.monotonic() - healed)


def _look(page: Page, until: float, dead: set[str], key: str, what: str) -> list[str]:
    page.wait_for_timeout(max(0.0, 1000 * (until - time.monotonic())))
    found = page.evaluate(LOOK)
    wrong = [f"{one['panel']} {what}: {one}" for one in found if one["panel"] in dead and one[key]]
    wrong += [f"{one['panel']} lives and is not shown: {one}" for one in found
              if one["panel"] not in dead and not one["alive"]]  # fmt: skip
    return wrong if len(found) == 3 else [*wrong, f"{len(found)} panels of 3 are there"]


def _alive(page: Page) -> bool:
    found = page.evaluate(LOOK)
    return len(found) == 3 and all(one["state"] == "fresh" and one["link"] == "Tersambung" for one in found)


def run(made: City, page: Page, count: int, seed: int, said: Callable[[str], Any] = lambda text: None) -> list[Outcome]:
    """``count`` faults one after the other, the same ones for the same seed."""
    pick, found = random.Random(seed), list[Outcome]()
    eventually(lambda: page.wait_for_timeout(100) or _alive(page), "the wall is alive", 60)
    for turn in range(count):
        outcome = one(made, page, chosen(pick, turn), pick, expire=turn % 3 == 0)
        found.append(outcome)
        said(f"{turn + 1}/{count} {' + '.join(outcome.names)}: back after {outcome.back_s:.1f} s {outcome.wrong or ''}")
    return found


def _publish(settings: Config, layout: Path, url: str) -> None:
    engine = city_database.engine(url)
    publisher = Publisher(engine, settings, [load_page(layout, settings)], Queries(engine, settings, now), now)
    publisher.run(threading.Event())
