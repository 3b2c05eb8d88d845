"""A wall comes back by itself, within 30 s of the server's return, whatever ended and for however long.

Compressed: outages of 3 min, 15 min and 8 h run on a faked clock of the browser (the server is away for as long
as that takes); the 10 s one is real. A proxy that closes idle streams after 60 s closes them after 3 s here,
when a beat comes every 5 s. Every case counts navigations: none but the first, one for a new version.
"""

import re
import signal
import time
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, BrowserContext, Page, expect

from city import database as city_database
from tests.dashboard import faults, screens
from tests.dashboard.faults import City
from tests.dashboard.proxy import Proxy

pytestmark = [pytest.mark.browser, pytest.mark.proof]
BACK_S = 30.0


@pytest.fixture(scope="module")
def made(
    shared_database: city_database.Database, shared_engine: sa.Engine, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[City]:
    """A running city that is fed twice a second, its screen behind a proxy; every test leaves it whole."""
    folder, settings = tmp_path_factory.mktemp("wall"), faults.config()
    screen = screens.Screen(shared_engine, settings, screens.wall(folder, settings, faults.LAYOUT))
    with faults.city(screen, shared_database, folder / "uji.yaml") as city:
        yield city


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A full HD wall."""
    opened = browser.new_context(viewport={"width": 1920, "height": 1080})
    yield opened
    opened.close()


def open_wall(context: BrowserContext, url: str) -> Page:
    """A wall with fresh numbers; ``page.loads`` are its navigations."""
    page = context.new_page()
    page.loads = []  # type: ignore[attr-defined]
    page.on("framenavigated", lambda frame: page.loads.append(frame.url))  # type: ignore[attr-defined]
    page.goto(url + "/wall/uji")
    expect(page.locator("#page .pn.fresh")).to_have_count(3, timeout=30_000)
    return page


def ticking(page: Page, until_s: float = BACK_S) -> float:
    """Let a faked clock run at the pace of the real one until all is fresh; the seconds that took."""
    began = time.monotonic()
    fresh = "document.querySelectorAll('#page .pn.fresh').length === 3 && !document.querySelector('.link.lost')"
    while not page.evaluate(fresh):
        assert time.monotonic() - began < until_s, page.evaluate(faults.LOOK)
        page.clock.run_for(250)
        time.sleep(0.25)
    return time.monotonic() - began


def test_ten_seconds_away_for_real(context: BrowserContext, made: City) -> None:
    page = open_wall(context, made.proxy.url)
    made.server.stop(signal.SIGKILL)
    time.sleep(10)
    expect(page.locator("#page .pn.expired")).to_have_count(3)
    made.server.start()
    began = time.monotonic()
    expect(page.locator("#page .pn.fresh")).to_have_count(3, timeout=1000 * BACK_S)
    assert time.monotonic() - began < BACK_S and len(page.loads) == 1  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("minutes", "said", "fault"), [(3, "3", "line cut"), (15, "15", "proxy answers 502"), (480, "8", "server killed")]
)
def test_longer_outages_on_a_faked_clock(
    context: BrowserContext, made: City, minutes: int, said: str, fault: str
) -> None:
    context.clock.install()
    page = open_wall(context, made.proxy.url)
    faults.FAULTS[fault][0](made)
    page.clock.fast_forward(minutes * 60_000)
    page.clock.run_for(2_000)
    for frame in page.locator("#page .pn[data-panel]").all():
        expect(frame).to_have_class(re.compile("expired"))
        expect(frame.locator(".age")).to_have_text(re.compile(rf"^{said} {'j' if minutes > 60 else 'mnt'} "))
    assert not [one for one in page.evaluate(faults.LOOK) if one["seen"]], "no number is shown"
    faults.FAULTS[fault][1](made)
    took_s = ticking(page)
    assert took_s < BACK_S and len(page.loads) == 1  # type: ignore[attr-defined]


def test_a_restart_of_the_database_is_said_and_over_by_itself(context: BrowserContext, made: City) -> None:
    page = open_wall(context, made.proxy.url)
    made.let_in(False)
    expect(page.locator("#page #link")).to_have_text("Basis data terputus", timeout=15_000)
    expect(page.locator("#page .pn.expired")).to_have_count(3, timeout=10_000)
    made.let_in(True)
    expect(page.locator("#page .pn.fresh")).to_have_count(3, timeout=1000 * BACK_S)
    expect(page.locator("#page #link")).to_have_text("Tersambung")
    assert len(page.loads) == 1  # type: ignore[attr-defined]


def test_a_line_that_is_answered_for_cut_and_silent_in_turn(context: BrowserContext, made: City) -> None:
    page = open_wall(context, made.proxy.url)
    for mode in ("504", "pass", "cut", "502", "pass", "silent"):
        made.proxy.set(mode)
        page.wait_for_timeout(1_500)
    expect(page.locator("#page .pn.stale, #page .pn.expired")).to_have_count(3, timeout=5_000)
    made.proxy.set("pass")
    expect(page.locator("#page .pn.fresh")).to_have_count(3, timeout=1000 * BACK_S)
    assert len(page.loads) == 1  # type: ignore[attr-defined]


def test_a_line_that_dies_with_every_connection_the_browser_kept(context: BrowserContext, made: City) -> None:
    # A page that was just loaded has idle connections, and the browser asks on each of them again.
    page = open_wall(context, made.proxy.url)
    made.proxy.set("half")
    expect(page.locator("#page .pn.stale, #page .pn.expired")).to_have_count(3, timeout=5_000)
    made.proxy.set("pass")
    expect(page.locator("#page .pn.fresh")).to_have_count(3, timeout=1000 * BACK_S)
    assert len(page.loads) == 1  # type: ignore[attr-defined]


def test_a_proxy_that_closes_streams_again_and_again(context: BrowserContext, made: City) -> None:
    """No publisher: nothing but a beat every 5 s is said, and the proxy closes a stream after 3 s of silence."""
    with Proxy(made.server.port, idle_s=3) as impatient:
        other = open_wall(context, impatient.url)
        made.publisher.stop()
        other.wait_for_timeout(10_000)
        expect(other.locator("#page #link")).to_have_text("Tersambung")
        made.publisher.start()
        expect(other.locator("#page .pn.fresh")).to_have_count(3, timeout=1000 * BACK_S)
        assert len(other.loads) == 1  # type: ignore[attr-defined]
        other.close()


def test_a_new_version_is_loaded_once(context: BrowserContext, made: City) -> None:
    page = open_wall(context, made.proxy.url)
    made.server.stop(signal.SIGKILL)
    layout = made.layout
    layout.write_text(layout.read_text().replace("title: Terbuka", "title: Masih terbuka"))
    made.server.start()
    began = time.monotonic()
    expect(page.locator("#page #uji-open h2")).to_have_text("Masih terbuka", timeout=1000 * BACK_S)
    expect(page.locator("#page .pn.fresh")).to_have_count(3, timeout=1000 * BACK_S)
    assert time.monotonic() - began < BACK_S
    page.wait_for_timeout(6_000)  # a beat later it is loaded still
    assert page.loads == [made.proxy.url + "/wall/uji"] * 2  # type: ignore[attr-defined]
