"""The roll-call in a real Chromium: a page that is frozen for real, dies or comes back is told as what it is."""

import os
import re
import signal
from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, Page, Request, expect

from city import database as city_database
from dashboard.rollcall import Limits
from tests import builders
from tests.dashboard import screens
from tests.dashboard.screens import Screen, Server, eventually

pytestmark = [pytest.mark.browser, pytest.mark.proof]
# Long enough for a machine that is busy with other things.
QUICK = Limits(silent=timedelta(seconds=4), still=timedelta(seconds=4), forget_beside=timedelta(seconds=9))


@pytest.fixture(scope="module")
def site(
    shared_database: city_database.Database, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Server, Screen]]:
    """One served wall with one complaint for all tests of this file, and what publishes it."""
    folder, config = tmp_path_factory.mktemp("screens"), builders.config()
    engine = city_database.engine(shared_database.url, poolclass=sa.NullPool)
    screen = Screen(engine, config, screens.wall(folder, config))
    file(screen, "A-1")
    with screens.serving(config, folder / "uji.yaml", shared_database.web_url, limits=QUICK) as served:
        yield served, screen


def file(screen: Screen, key: str) -> None:
    """One complaint, published."""
    screen.file(key)
    with screen.engine.connect() as connection:
        screen.publisher.publish(connection, screen.publisher.items)


@pytest.fixture
def served(site: tuple[Server, Screen]) -> Server:
    """The server, with an empty roll."""
    becomes(site[0], (0, 0, 0, 0), "every wall is closed")
    return site[0]


@pytest.fixture
def page(browser: Browser, served: Server) -> Iterator[Page]:
    """A wall that reports twice a second."""
    context = browser.new_context(viewport={"width": 1920, "height": 1080})
    opened = context.new_page()
    opened.said = []  # type: ignore[attr-defined]
    opened.on("console", lambda message: opened.said.append(message.text))  # type: ignore[attr-defined]
    opened.goto(served.url + "/wall/uji")
    expect(opened.locator("#page #link")).to_have_text("Tersambung")
    opened.evaluate("setInterval(window.kendaliReport, 500)")
    yield opened
    for one in context.pages:
        one.close()  # each says goodbye
    context.close()


def counts(served: Server) -> tuple[int, ...]:
    body = httpx.get(served.url + "/healthz").json()
    return tuple(body[f"screens_{name}"] for name in ("expected", "seen", "frozen", "lost"))


def renderers(browser: Browser) -> set[int]:
    """The processes that draw pages."""
    found = browser.new_browser_cdp_session().send("SystemInfo.getProcessInfo")["processInfo"]
    return {one["id"] for one in found if one["type"] == "renderer"}


def becomes(served: Server, wanted: tuple[int, ...], what: str, within_s: float = 20) -> None:
    eventually(lambda: counts(served) == wanted, f"{what} {wanted}", within_s)


def test_a_page_whose_paints_stand_still_is_flagged_and_one_that_is_closed_is_not_missed(
    page: Page, served: Server, site: tuple[Server, Screen]
) -> None:
    becomes(served, (1, 1, 0, 0), "the wall reports")
    # It goes on reporting, but nothing that comes is put on the page any more.
    page.evaluate("window.kendali.lastSeq = 0; Object.freeze(window.kendali)")
    file(site[1], "A-2")
    becomes(served, (1, 1, 1, 0), "it stands still")
    page.close()
    becomes(served, (0, 0, 0, 0), "it has said goodbye")


def test_two_walls_of_one_browser_are_two_screens_and_come_back_as_the_same(page: Page, served: Server) -> None:
    other = page.context.new_page()
    slots: list[str] = []

    def heard(asked: Request) -> None:
        if asked.url.endswith("/report"):
            slots.append(asked.post_data_json["slot"])

    page.on("request", heard)
    other.goto(served.url + "/wall/uji")
    expect(other.locator("#page #link")).to_have_text("Tersambung")
    other.evaluate("setInterval(window.kendaliReport, 500)")
    becomes(served, (2, 2, 0, 0), "two walls")
    page.reload()
    expect(page.locator("#page #link")).to_have_text("Tersambung")
    page.evaluate("setInterval(window.kendaliReport, 500)")
    becomes(served, (2, 2, 0, 0), "two walls again")
    assert set(slots) == {"1"}


def test_of_two_walls_of_one_browser_the_frozen_one_is_frozen_and_the_crashed_one_lost_and_then_forgotten(
    page: Page, served: Server, browser: Browser
) -> None:
    before = renderers(browser)
    other = page.context.new_page()
    other.goto(served.url + "/wall/uji")
    expect(other.locator("#page #link")).to_have_text("Tersambung")
    other.evaluate("setInterval(window.kendaliReport, 500)")
    becomes(served, (2, 2, 0, 0), "two walls")
    with other.expect_event("dialog") as opened:
        other.once("dialog", lambda dialog: None)  # or it would be answered at once
        other.evaluate("setTimeout(() => alert('stop'), 0)")
    becomes(served, (2, 1, 1, 0), "one of them is frozen: it holds its number")
    opened.value.accept()
    becomes(served, (2, 2, 0, 0), "it lives again")
    for one in renderers(browser) - before:
        os.kill(one, signal.SIGKILL)  # it ends without a word
    becomes(served, (2, 1, 0, 1), "lost, though the browser's stream is open")
    becomes(served, (1, 1, 0, 0), "and missed for a bounded time")


def test_only_small_reports_of_our_own_pages_are_taken(served: Server) -> None:
    url = served.url + "/screens/report"
    assert httpx.post(url, content=b"{}").status_code == 400
    assert httpx.post(url, content=b"x" * 1_000_000).status_code == 400
    assert httpx.post(url, content=b"{}", headers={"Origin": "http://evil.example"}).status_code == 403
    assert httpx.get(url).status_code == 405
    assert counts(served) == (0, 0, 0, 0)


def test_a_frozen_page_is_flagged_while_it_is_frozen_and_a_dead_one_is_lost(
    page: Page, served: Server, browser: Browser
) -> None:
    becomes(served, (1, 1, 0, 0), "the wall reports")
    desk = browser.new_page(viewport={"width": 1440, "height": 900})
    desk.goto(served.url + "/screens")
    row = desk.locator(".scr tbody tr")
    expect(row).to_have_count(1)
    expect(row.locator("td").first).to_contain_text("Baik")
    seq = page.evaluate("window.kendali.lastSeq")
    # Dots group digits, as everywhere.
    expect(row.locator("td").nth(4)).to_have_text(re.compile(rf"^{seq}mutakhir"))
    # The event loop of the page stops for real while a dialog is open; its worker goes on hearing the stream.
    with page.expect_event("dialog") as opened:
        page.once("dialog", lambda dialog: None)  # or it would be answered at once
        page.evaluate("setTimeout(() => alert('stop'), 0)")
    becomes(served, (1, 0, 1, 0), "frozen, though its stream is open")
    assert httpx.get(served.url + "/healthz").json()["viewers"] == 1
    opened.value.accept()
    becomes(served, (1, 1, 0, 0), "it reports again when it lives again")
    assert page.said == [], "neither an error nor a violation of the policy"  # type: ignore[attr-defined]
    desk.close()
    for one in renderers(browser):
        os.kill(one, signal.SIGKILL)  # no goodbye: the process ends
    becomes(served, (1, 0, 0, 1), "lost: neither page nor stream", 30)
