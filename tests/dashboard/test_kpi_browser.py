"""The scorecard as a leader uses it, in a real Chromium: desk, phone and paper."""

import re
from collections.abc import Iterator
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
FIELDS = ("Pengaduan", "Nota dinas", "Layanan publik")


def goal(metric: str, value: float, field: str) -> dict[str, object]:
    return {"metric": metric, "field": field, "owner": "pupr", "targets": [{"from": "2020-01-01", "value": value}]}


@pytest.fixture(scope="module")
def site(shared_database: city_database.Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A city whose complaints of the last thirty days are known, and of whose memos nothing is."""
    goals = [goal("complaints_on_time_ratio", 0.9, FIELDS[0]), goal("complaints_time_to_close", 48, FIELDS[0]),
             goal("complaints_open", 10, FIELDS[2]), goal("memos_on_time_ratio", 0.9, FIELDS[1])]  # fmt: skip
    config = builders.config(scorecard={"goals": goals})
    engine = city_database.engine(shared_database.url)
    Store(engine, config, now).save("desk", builders.six_a_day(now()), started_at=now(), finish=Tally)
    engine.dispose()
    layout = tmp_path_factory.mktemp("kpi") / "uji.yaml"
    layout.write_text(screens.LAYOUT)
    with screens.serving(config, layout, shared_database.web_url) as server:
        yield server


def opened(browser: Browser, site: Server, width: int, height: int) -> Page:
    page = browser.new_page(viewport={"width": width, "height": height})
    page.goto(f"{site.url}/kpi")
    expect(page.locator(".big > b")).to_have_text(re.compile(r"\d,\d"), timeout=15_000)
    expect(page.locator(".sheet.lost")).to_have_count(0)  # what is not heard of is drawn faint
    return page


def test_a_leader_finds_the_page_in_the_bar_changes_the_period_and_goes_back(browser: Browser, site: Server) -> None:
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.goto(f"{site.url}/sources")
    page.get_by_role("link", name="Kinerja").click()
    expect(page.locator("h1")).to_have_text("Kinerja kota", timeout=15_000)
    expect(page.locator(".seg .on")).to_have_text("Minggu")
    page.locator(".seg").get_by_text("Hari", exact=True).click()
    expect(page.locator(".seg .on")).to_have_text("Hari")
    assert page.url.endswith("/kpi?period=day")
    page.get_by_title("Periode sebelumnya").click()
    expect(page).to_have_url(re.compile(r"period=day&at=20"))
    page.go_back()
    expect(page).to_have_url(re.compile(r"period=day$"))
    page.go_back()
    expect(page.locator(".seg .on")).to_have_text("Minggu")
    expect(page.locator(".cov")).to_contain_text("3 dari 4 metrik")
    assert page.evaluate("document.documentElement.scrollWidth") <= 1440
    assert not page.evaluate("[...document.querySelectorAll('.wide')].some((one) => one.scrollWidth > one.clientWidth)")
    page.close()


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (390, 844)])
def test_the_page_can_be_read_by_everyone_and_fits_its_screen(
    browser: Browser, site: Server, width: int, height: int
) -> None:
    page = opened(browser, site, width, height)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    bad = Axe().run(page).response["violations"]
    assert not [(one["id"], [node["html"][:120] for node in one["nodes"][:3]]) for one in bad]
    page.close()


def test_it_prints_on_one_page_at_the_press_of_a_button(browser: Browser, site: Server, tmp_path: Path) -> None:
    page = opened(browser, site, 1440, 900)
    page.evaluate("window.print = () => { document.title = 'printed'; }")
    page.get_by_role("button", name="Cetak satu halaman").click()
    expect(page).to_have_title("printed")
    made = page.pdf(prefer_css_page_size=True, print_background=True)
    assert len(re.findall(rb"/Type\s*/Page\b(?!s)", made)) == 1
    assert b"841.9" in made  # A4, landscape
    page.close()
