"""A replay in a real Chromium: an unmistakable head, ages of that moment, every way through the day, no stream."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import sqlalchemy as sa
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from city import database as city_database
from tests import builders
from tests.dashboard import conftest, screens
from tests.dashboard.screens import Screen, Server

pytestmark = [pytest.mark.browser, pytest.mark.proof]
expect.set_options(timeout=20_000)
#: 14.05 in Jambi, of a day that is long settled but not thinned in these tests.
BASE = datetime.fromisoformat("2026-11-23T14:05:00+07:00")


class City:
    """Three numbers published at 14.05.00, 14.05.40 and 15.30.00; then a case of 13.00 that came late."""

    def __init__(self, screen: Screen) -> None:
        self.at, self.screen = BASE, Screen(screen.engine, screen.config, screen.page, lambda: self.at)
        with screen.engine.connect() as connection:
            for number, seconds in enumerate((0, 40, 5_100)):
                self.at = BASE + timedelta(seconds=seconds)
                self.screen.save(builders.case(f"A-{number}", opened_at=self.at - timedelta(hours=1)))
                self.screen.publisher.publish(connection, self.screen.publisher.items)
        self.at = BASE + timedelta(hours=3)
        self.screen.save(builders.case("A-9", opened_at=BASE + timedelta(minutes=30)))


@pytest.fixture(scope="module")
def site(
    shared_database: city_database.Database, shared_engine: sa.Engine, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """A served wall with a past."""
    folder, config = tmp_path_factory.mktemp("replayed"), conftest.small_city()
    city = City(Screen(shared_engine, config, screens.wall(folder, config)))
    assert city.screen.shown()["open"]["seq"] > 1
    with screens.serving(config, folder / "uji.yaml", shared_database.web_url) as served:
        yield served


@pytest.fixture(scope="module")
def page(browser: Browser, site: Server) -> Iterator[Page]:
    """One tab for all questions; in another zone, for the machine's own must not matter."""
    opened = browser.new_page(viewport={"width": 1920, "height": 1080}, timezone_id="America/Los_Angeles")
    opened.said, opened.asked = [], []  # type: ignore[attr-defined]
    opened.on("console", lambda message: opened.said.append(message.text))  # type: ignore[attr-defined]
    opened.on("pageerror", lambda error: opened.said.append(str(error)))  # type: ignore[attr-defined]
    opened.on("request", lambda request: opened.asked.append(request.url))  # type: ignore[attr-defined]
    yield opened
    opened.close()


def at(page: Page, text: str) -> None:
    """Wait until the head says the moment."""
    expect(page.locator("#page .rp-at")).to_have_text(f"{text} WIB Sen, 23 Nov 2026")


def open_at(page: Page, site: Server, text: str) -> None:
    page.goto(f"{site.url}/replay/uji?at={text}", wait_until="networkidle")
    expect(page.locator("#page .rp-at")).to_have_text(re.compile(r"\d\d\.\d\d\.\d\d WIB"))


def number(page: Page) -> Any:
    return page.locator("#page #uji-open .n").first


def said(page: Page) -> datetime:
    """The moment in the address."""
    return datetime.fromisoformat(parse_qs(urlsplit(page.url).query)["at"][0])


def test_a_moment_in_the_address_shows_its_numbers_with_their_age_at_that_moment(page: Page, site: Server) -> None:
    open_at(page, site, "2026-11-23T14:05:02")
    at(page, "14.05.02")
    expect(page.locator("#page .rp-head h1")).to_have_text("PUTAR ULANG")
    expect(number(page)).to_have_text("1")
    frame = page.locator("#page #uji-open")
    expect(frame.locator(".ag .age")).to_have_text("2 dtk lalu")
    expect(frame).to_have_class(re.compile("fresh"))
    # 30 s later nothing new was published and the source was stale after 3 s: as it was on the wall.
    page.locator("#page [aria-label=Jam]").fill("14:05:32")
    at(page, "14.05.32")
    expect(frame.locator(".tag")).to_have_text("Basi")
    expect(frame.locator(".ag .age")).to_have_text("32 dtk lalu")
    assert not [one for one in page.asked if "/stream" in one or "worker" in one], "nothing is live"  # type: ignore[attr-defined]
    assert page.said == [], "neither an error nor a violation of the policy"  # type: ignore[attr-defined]


def test_every_way_through_the_day_changes_the_address_and_the_back_button_leads_back(page: Page, site: Server) -> None:
    open_at(page, site, "2026-11-23T14:05:00%2B07:00")
    at(page, "14.05.00")
    page.keyboard.press("ArrowRight")
    at(page, "14.05.40")
    expect(number(page)).to_have_text("2")
    page.locator("#page [data-do=next]").click()
    at(page, "15.30.00")
    expect(number(page)).to_have_text("3")
    assert said(page) == BASE + timedelta(seconds=5_100)
    page.keyboard.press("PageUp")
    at(page, "14.30.00")
    expect(number(page)).to_have_text("2")
    page.keyboard.press("Shift+ArrowLeft")
    at(page, "14.29.00")
    page.keyboard.press("ArrowLeft")
    at(page, "14.05.40")
    for back in ("14.29.00", "14.30.00", "15.30.00"):
        page.go_back()
        at(page, back)
    box = page.locator("#page .rp-plot").bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] * 15 / 24, box["y"] + 10)
    expect(page.locator("#page .rp-at")).to_have_text(re.compile(r"^(14\.59|15\.00)\."))
    expect(page.locator("#page #rp-slider")).to_have_attribute("aria-valuetext", re.compile(r"^(14:59|15:00):"))
    expect(number(page)).to_have_text("2")


def test_playing_sixty_times_as_fast_passes_what_was_published_and_stops_on_space(page: Page, site: Server) -> None:
    open_at(page, site, "2026-11-23T14:05:05")
    at(page, "14.05.05")
    page.locator("#page [data-speed='60']").click()
    page.locator("#page #rp-slider").focus()
    page.keyboard.press("Space")
    expect(page.locator("#page #rp-play")).to_have_attribute("aria-label", "Jeda")
    expect(number(page)).to_have_text("2")
    page.keyboard.press("Space")
    expect(page.locator("#page #rp-play")).to_have_attribute("aria-label", "Putar")
    stopped = page.locator("#page .rp-at").text_content()
    page.wait_for_timeout(700)
    assert page.locator("#page .rp-at").text_content() == stopped
    assert said(page) > BASE + timedelta(seconds=40)


def test_a_number_corrected_since_is_marked_and_left_as_it_was(page: Page, site: Server) -> None:
    open_at(page, site, "2026-11-23T15:30:00")
    tag = page.locator("#page #uji-open .tag")
    expect(tag).to_have_text("Direvisi")
    expect(tag).to_have_attribute("title", "3 → 4")
    expect(number(page)).to_have_text("3")
    expect(page.locator("#page #uji-late .tag")).to_be_hidden()
    page.keyboard.press("ArrowLeft")
    at(page, "14.05.40")
    expect(tag).to_have_text("")


def test_a_moment_that_is_not_kept_says_what_is(page: Page, site: Server) -> None:
    page.goto(f"{site.url}/replay/uji?at=2020-01-01")
    told = page.locator("#page #rp-said")
    expect(told).to_have_text(re.compile("^Saat itu tidak disimpan lagi. Yang disimpan: Sen, 23 Nov 2026 14.05 – "))
    expect(number(page)).to_be_hidden()
    page.said.clear()  # type: ignore[attr-defined] # the browser notes the 404 itself


def test_the_replay_is_reached_from_the_desk_and_has_no_accessibility_faults(page: Page, site: Server) -> None:
    page.goto(f"{site.url}/sources")
    page.locator("#page nav a", has_text="Putar ulang").click()
    expect(page.locator("#page .rp-at")).to_have_text(re.compile(r"\d\d\.\d\d\.\d\d WIB"))
    found = Axe().run(page)
    assert [(one["id"], [node["target"] for node in one["nodes"]]) for one in found.response["violations"]] == []
