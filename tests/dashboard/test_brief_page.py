"""`/brief`: the page on a desk and its three forms."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

from city import database as city_database
from city.store import Store, Tally
from tests import builders
from tests.dashboard import screens
from tests.dashboard.screens import Server, now

pytestmark = [pytest.mark.browser, pytest.mark.proof]


@pytest.fixture(scope="module")
def site(shared_database: city_database.Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A city with some complaints."""
    config = builders.config(brief={"metrics": ["complaints_opened", "memos_opened"]})
    engine = city_database.engine(shared_database.url)
    cases = [builders.case(str(day), opened_at=now() - timedelta(days=day)) for day in range(60)]
    Store(engine, config, now).save("desk", cases, started_at=now(), finish=Tally)
    engine.dispose()
    layout = tmp_path_factory.mktemp("brief") / "uji.yaml"
    layout.write_text(screens.LAYOUT)
    with screens.serving(config, layout, shared_database.web_url) as server:
        yield server


def test_the_three_forms_are_there_in_both_languages(site: Server) -> None:
    text = httpx.get(f"{site.url}/brief.txt")
    assert text.text.startswith("RINGKASAN HARIAN KOTA JAMBI")
    assert "Pengaduan masuk: 1;" in text.text
    english = httpx.get(f"{site.url}/brief.txt?language=en")
    assert english.text.startswith("DAILY BRIEF KOTA JAMBI")
    assert re.search(r'attachment; filename="brief-[\d-]+-en.txt"', english.headers["content-disposition"])
    assert "<!doctype html>" in httpx.get(f"{site.url}/brief.html").text
    made = httpx.get(f"{site.url}/brief.pdf", timeout=60)
    assert made.headers["content-type"] == "application/pdf"
    assert len(re.findall(rb"/Type\s*/Page\b(?!s)", made.content)) == 1
    assert httpx.get(f"{site.url}/brief.exe").status_code == 404


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (390, 844)])
def test_the_page_shows_it_fits_and_can_be_read_by_everyone(
    browser: Browser, site: Server, width: int, height: int, tmp_path: Path
) -> None:
    page = browser.new_page(viewport={"width": width, "height": height})
    page.goto(f"{site.url}/brief")
    expect(page.locator(".brief")).to_contain_text("Pengaduan masuk", timeout=15_000)
    expect(page.locator(".sheet.lost")).to_have_count(0)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    bad = Axe().run(page).response["violations"]
    assert not [(one["id"], [node["html"][:120] for node in one["nodes"][:3]]) for one in bad]
    if width == 1440:
        printed = page.pdf(prefer_css_page_size=True)
        assert len(re.findall(rb"/Type\s*/Page\b(?!s)", printed)) == 1
        assert re.search(rb"/MediaBox\s*\[0 0 59\d", printed)  # upright, though the scorecard lies
    page.close()
