"""The warnings of the emergency scene take turns, in a real Chromium with a busy day's data."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, BrowserContext, Page, expect

import collectors
from city import database as city_database
from city.documents import load
from city.screens import Screen as ScreenSpec
from dashboard.page import load_page
from tests.dashboard import busy, screens
from tests.dashboard.geometries import SCREENS
from tests.dashboard.screens import Screen, Server, now

pytestmark = [pytest.mark.browser, pytest.mark.proof]
ROOT = Path(__file__).resolve().parents[2]
LAYOUTS = [ROOT / "layouts/emergency.yaml"]


@pytest.fixture(scope="module")
def served(shared_database: city_database.Database, shared_engine: sa.Engine) -> Iterator[Server]:
    """The scene, published once and served."""
    config = load(ROOT / "config.yaml", collectors.args_of, {"SIMULATION_SECRET": "s" * 32})
    walls = {f"w_{one.stem}": ScreenSpec(**SCREENS["w1920x1080"], scenes=(one.stem,)) for one in LAYOUTS}
    config = config.model_copy(update={"screens": walls})
    pages = [load_page(layout, config) for layout in LAYOUTS]
    made = Screen(shared_engine, config, pages[0], others=tuple(pages[1:]))
    for source, items in busy.outside(now()):
        made.save(*items, source=source)
    with screens.serving(config, LAYOUTS, shared_database.web_url) as found:
        with shared_engine.connect() as connection:
            made.publisher.publish(connection, made.publisher.items)
        yield found


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A full HD wall."""
    made = browser.new_context(viewport={"width": 1920, "height": 1080})
    yield made
    made.close()


def opened(context: BrowserContext, served: Server, name: str) -> Page:
    page = context.new_page()
    page.goto(f"{served.url}/wall/w_{name}")
    expect(page.locator("#page #link")).to_have_text("Tersambung", timeout=30_000)
    expect(page.locator("#page .pn.waiting")).to_have_count(0, timeout=10_000)
    return page


def test_of_many_warnings_one_page_is_seen_and_with_reduced_motion_the_first_and_how_many_more(
    context: BrowserContext, served: Server
) -> None:
    page = opened(context, served, "emergency")
    seen = "all => all.filter(one => getComputedStyle(one).visibility === 'visible').length"
    turns = page.locator("#page .tp")
    assert turns.count() == 3 and turns.evaluate_all(seen) == 1
    # Each page has a third of 24 s: the second is on at 9 s, the third at 17 s.
    shown = "all => all.findIndex(one => getComputedStyle(one).visibility === 'visible')"
    at = (
        "(all, ms) => all.forEach(one => one.getAnimations().forEach(turn => { turn.pause(); turn.currentTime = ms; }))"
    )
    for ms, expected in ((1_000, 0), (9_000, 1), (17_000, 2), (25_000, 0)):
        turns.evaluate_all(at, ms)
        assert turns.evaluate_all(shown) == expected
    # Past its limit the panel hides all of them; age.js says so again a second later.
    old = "document.querySelector('#page #emergency-warnings').classList"
    assert page.evaluate(f"{old}.add('expired')") is None and turns.evaluate_all(seen) == 0
    page.evaluate(f"{old}.remove('expired')")
    page.emulate_media(reduced_motion="reduce")
    assert turns.evaluate_all(seen) == 1 and turns.evaluate_all(shown) == 0
    expect(page.locator("#page .tn .still").first).to_have_text("+3 lagi")
    expect(page.locator("#page .tn .still").first).to_be_visible()
