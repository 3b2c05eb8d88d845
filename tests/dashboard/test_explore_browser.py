"""What an analyst does, in a real Chromium: filter, cross-filter, share, reload, go back, save; on desk and phone."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from city import database as city_database
from city.store import Store, Tally
from tests import builders
from tests.dashboard import screens
from tests.dashboard.screens import Server, now

pytestmark = [pytest.mark.browser, pytest.mark.proof]
#: Other browsers and programs run beside this one.
expect.set_options(timeout=20_000)


#: A busy machine takes its time to answer; nothing here is about how long.
expect.set_options(timeout=30_000)


@pytest.fixture(scope="module")
def site(shared_database: city_database.Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A city with thirty days of six complaints."""
    config = builders.config()
    engine = city_database.engine(shared_database.url)
    cases = builders.six_a_day(
        now(), lambda number: {"channel": "sikesal", "district": ("15.71.07", "15.71.11")[number % 2]}
    )
    Store(engine, config, now).save("desk", cases, started_at=now(), finish=Tally)
    engine.dispose()
    layout = tmp_path_factory.mktemp("explore") / "uji.yaml"
    layout.write_text(screens.LAYOUT)
    with screens.serving(config, layout, shared_database.web_url) as server:
        yield server


def opened(browser: Browser, site: Server, query: str, width: int = 1440, height: int = 900) -> Page:
    page = browser.new_page(viewport={"width": width, "height": height})
    page.goto(f"{site.url}/explore{query}")
    expect(page.locator(".nums b").first).to_be_visible(timeout=60_000)
    expect(page.locator(".sheet.lost")).to_have_count(0)
    return page


def count(page: Page, text: str) -> None:
    expect(page.locator(".nums b").first).to_have_text(text)


def test_an_analyst_narrows_crosses_shares_goes_back_and_comes_again(browser: Browser, site: Server) -> None:
    page = opened(browser, site, "")
    count(page, "180")
    page.locator("#explore-category summary").click()
    page.locator("#explore-category").get_by_role("checkbox", name="Jalan berlubang").click()
    count(page, "90")
    expect(page).to_have_url(re.compile(r"category=jalan"))
    expect(page.locator(".pa_ .pr.on")).to_contain_text("Jalan berlubang")
    page.locator(".mp_ a.ml", has_text="Kota Baru").click()  # a district
    expect(page).to_have_url(re.compile(r"district=15\.71\.07"))
    expect(page.locator(".mp_ a.ml.on")).to_have_count(
        1, timeout=90_000
    )  # drawn; a lost answer comes with the next tick
    page.set_default_timeout(90_000)
    day = page.locator(".strips a").nth(80)
    day.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")  # a day, by key
    expect(page.locator(".ts_ h2")).to_have_text("Kasus per jam")
    shared = page.url
    page.reload()
    expect(page.locator(".ts_ h2")).to_have_text("Kasus per jam", timeout=20_000)
    assert page.url == shared
    page.go_back()
    expect(page.locator(".ts_ h2")).to_have_text("Kasus per hari")
    page.locator(".pa_ .pr.on").click()  # a second press takes it back
    expect(page).not_to_have_url(re.compile("category"))
    page.get_by_role("link", name="Hapus filter").click()
    count(page, "180")
    other = opened(browser, site, shared.partition("/explore")[2])
    expect(other.locator(".ts_ h2")).to_have_text("Kasus per jam")
    other.close()
    page.close()


def test_days_are_chosen_natively_and_a_view_is_kept_in_the_browser(browser: Browser, site: Server) -> None:
    page = opened(browser, site, "?category=jalan")
    page.locator("#explore-period summary").click()
    first = (now() - timedelta(days=5)).date().isoformat()
    page.get_by_role("textbox", name="Dari").fill(first)
    expect(page).to_have_url(re.compile(f"from={first}"))
    expect(page).to_have_url(re.compile("category=jalan"))
    page.keyboard.press("Escape")
    page.locator("#views summary").click()
    page.get_by_role("textbox", name="Nama tampilan").fill("Jalan pekan ini")
    page.get_by_role("textbox", name="Nama tampilan").press("Enter")
    page.goto(f"{site.url}/explore")
    page.locator("#views summary").click()
    page.get_by_role("link", name="Jalan pekan ini").click()
    expect(page).to_have_url(re.compile(f"from={first}.*category=jalan|category=jalan.*from={first}"))
    page.locator("#views summary").click()
    page.get_by_role("button", name="Hapus Jalan pekan ini").click()
    expect(page.get_by_role("link", name="Jalan pekan ini")).to_have_count(0)
    page.close()


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (1920, 1080), (390, 844)])
def test_the_page_can_be_read_by_everyone_and_fits_its_screen(
    browser: Browser, site: Server, width: int, height: int, tmp_path: Path
) -> None:
    page = opened(browser, site, "?compare=previous&agency=pup", width, height)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    if width < 700:
        page.locator(".fold").click()
    page.locator("#explore-district summary").click()
    expect(page.locator("#explore-district .menu")).to_be_visible()
    bad = Axe().run(page).response["violations"]
    assert not [(one["id"], [node["html"][:120] for node in one["nodes"][:3]]) for one in bad]
    assert page.screenshot(path=tmp_path / f"explore-{width}.png", full_page=True)
    page.close()
