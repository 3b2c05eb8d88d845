"""A new wall in a real Chromium: it shows a code, is approved, shows the city, is revoked and says so by itself."""

import re
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, Page, expect

from city import database as city_database
from city import paired
from dashboard.registrar import Registrar
from tests import builders
from tests.builders import table
from tests.dashboard import screens
from tests.dashboard.screens import Screen, Server, now

pytestmark = [pytest.mark.browser, pytest.mark.proof]
REGION = "15.71"


@pytest.fixture
def city(engine: sa.Engine, tmp_path: Path) -> Screen:
    """A published wall that only approved screens may see."""
    config = builders.config(screens_paired=True)
    screen = Screen(engine, config, screens.wall(tmp_path, config))
    screen.file("A-1")
    with engine.connect() as connection:
        screen.publisher.publish(connection, screen.publisher.items)
    return screen


@pytest.fixture
def served(city: Screen, database: city_database.Database, tmp_path: Path) -> Iterator[Server]:
    """The server, and the part of the publisher that takes new screens in."""
    stop = threading.Event()
    writer = threading.Thread(target=Registrar(city.engine, REGION, now).run, args=(stop,))
    writer.start()
    with screens.serving(city.config, tmp_path / "uji.yaml", database.web_url) as server:
        yield server
    stop.set()
    writer.join(10)


def shows(page: Page, title: str) -> None:
    """The wall's title, whatever is loaded meanwhile."""
    expect(page.locator("#pair-title")).to_have_text(title, timeout=30_000)


def test_a_new_wall_is_approved_by_its_code_and_revoked_again(browser: Browser, served: Server, city: Screen) -> None:
    page = browser.new_context(viewport={"width": 1920, "height": 1080}).new_page()
    loads: list[str] = []
    page.on("framenavigated", lambda frame: loads.append(frame.url))
    page.goto(served.url + "/wall/uji")
    shows(page, "Layar baru")
    code = page.locator("#pair-code")
    expect(code).to_have_text(re.compile(r"^[A-Z0-9]{3}-[A-Z0-9]{3}$"), timeout=20_000)
    expect(page.locator("#pair-text")).to_have_text("minta persetujuan admin")
    assert page.locator("input, form").count() == 0
    assert page.evaluate("document.cookie") == "", "the secret is out of reach of scripts"
    assert page.evaluate("[document.documentElement.scrollWidth, document.documentElement.scrollHeight]") == [
        1920,
        1080,
    ]
    with city.engine.begin() as connection:
        paired.approve(connection, REGION, code.inner_text(), "wall-1", now())
    expect(page.locator("#uji-open .n").first).to_have_text("1", timeout=30_000)
    expect(page.locator("#page #link")).to_have_text("Tersambung", timeout=20_000)
    page.evaluate("window.kendaliReport()")
    body = httpx.get(served.url + "/healthz").json()
    assert (body["screens_expected"], body["screens_seen"]) == (1, 1)

    with city.engine.begin() as connection:
        paired.revoke(connection, REGION, "wall-1", now())
    shows(page, "Layar tidak diizinkan")
    assert httpx.get(served.url + "/healthz").json()["viewers"] == 0, "its stream has ended"
    count = len(loads)
    page.wait_for_timeout(7_000)
    assert len(loads) == count == 3, "no reload goes round in a circle"
    assert page.locator("input, form").count() == 0
    assert table(city.engine, "select state, name from screens") == [("revoked", "wall-1")]
    page.context.close()


def test_a_server_on_a_network_asks_for_pairing_without_being_told(
    city: Screen, database: city_database.Database, tmp_path: Path
) -> None:
    open_config = builders.config()
    for how, status in (({}, 200), ({"host": "0.0.0.0", "insecure": True}, 403)):
        with screens.serving(open_config, tmp_path / "uji.yaml", database.web_url, **how) as server:
            answer = httpx.get(server.url + "/wall/uji")
            assert answer.status_code == status
            assert ("Layar baru" in answer.text) is (status == 403)
