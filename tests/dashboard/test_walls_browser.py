"""The overview on every wall of the issue, in Chromium: no scroll, no cut or overlapping words, nothing on a seam."""

import random
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, Page, expect

from city import database as city_database
from city.config import Config
from city.documents import load as load_config
from city.model import Case, Observation
from collectors import args_of
from dashboard.page import load_page
from tests.dashboard import screens
from tests.dashboard.geometries import SCREENS as WALLS
from tests.dashboard.geometries import faults
from tests.dashboard.screens import Screen, Server, now

pytestmark = [pytest.mark.browser, pytest.mark.proof]
ROOT = Path(__file__).resolve().parents[2]
OVERVIEW = ROOT / "layouts/overview.yaml"
#: Names as short as a room has them: they stand in the header.
SCREENS = dict(zip(("fhd", "uhd", "w3x2", "w4x2", "ultra", "tall"), WALLS.values(), strict=True))


def region() -> Config:
    """The shipped city with the walls of the issue; the first has two scenes."""
    shipped = load_config(ROOT / "config.yaml", args_of, {"SIMULATION_SECRET": "s" * 32})
    walls = {name: wall | {"scenes": ["overview"]} for name, wall in SCREENS.items()}
    later = [f"{now().astimezone(shipped.region.zone) + timedelta(hours=hours):%H:%M}" for hours in (3, 4)]
    night = {"from": later[0], "to": later[1], "dim": 0.6}  # whenever this runs, it is day
    walls["fhd"] |= {"scenes": ["overview", "uji"], "night": night}
    return Config.model_validate(shipped.model_dump(by_alias=True) | {"screens": walls})


def fill(screen: Screen, config: Config) -> None:
    """A city of three weeks, the longest names of its vocabulary among it."""
    chance, moment = random.Random(1571), now()
    districts, agencies, categories = ([term.code for term in terms] for terms in (
        config.region.districts, config.region.agencies, config.region.categories))  # fmt: skip
    for kind, source, count in (("complaint", "sikesal", 240), ("memo", "sipadek", 300), ("call", "darurat_112", 60)):
        cases = []
        for number in range(count):
            opened = moment - timedelta(hours=chance.uniform(0.1, 500))
            closed = opened + timedelta(hours=chance.uniform(1, 90))
            cases.append(Case(
                key=f"{kind}-{number}", kind=kind, opened_at=opened, closed_at=closed if closed < moment else None,
                status="closed" if closed < moment else "open", due_at=opened + timedelta(hours=48),
                district=chance.choice(districts), agency=chance.choice(agencies), category=chance.choice(categories),
                outcome="darurat" if kind == "call" else None, simulated=True,
            ))  # fmt: skip
        screen.save(*cases, source=source)
    waits = [
        Observation(metric=name, at=moment - timedelta(minutes=5), value=value, place="RS", simulated=True)
        for name, value in (("hospital_waiting_minutes", 65), ("hospital_beds_free", 111), ("hospital_beds", 722))
    ]
    screen.save(waits[0], source="rumah_sakit")
    screen.save(*waits[1:], source="aplicares")
    weather(screen)


def weather(screen: Screen) -> None:
    """A day of forecasts, a river in Siaga III, a warning that is in force and a quake of this morning."""
    moment = now()
    steps = [moment.replace(minute=0, second=0, microsecond=0) + timedelta(hours=hours) for hours in range(-6, 27)]
    for name, value in (("forecast_temperature_c", 31.0), ("forecast_rain_mm", 12.0)):
        screen.save(*(Observation(metric=name, at=at, value=value, simulated=True) for at in steps), source="prakiraan")
    level = [Observation(metric="river_level_cm", at=moment - timedelta(minutes=minutes), value=1391 - minutes / 10,
                         place="Pos Simulasi Kota", simulated=True) for minutes in range(1, 120, 10)]  # fmt: skip
    screen.save(*level, source="pos_duga_air")
    alert = Case(key="w", kind="warning", opened_at=moment - timedelta(hours=1),
                 closed_at=moment + timedelta(hours=2), category="banjir", simulated=True)  # fmt: skip
    screen.save(alert, source="peringatan")
    shaken = moment - timedelta(hours=7)
    felt = Case(key="q", kind="quake", opened_at=shaken, closed_at=shaken, status="closed", lat=-2.9, lon=102.2,
                outcome="not_felt", simulated=True)  # fmt: skip
    sizes = [Observation(metric=name, at=shaken, value=value, simulated=True)
             for name, value in (("quake_magnitude", 4.6), ("quake_distance_km", 187.0))]  # fmt: skip
    screen.save(felt, *sizes, source="gempa")


@pytest.fixture(scope="module")
def served(
    shared_database: city_database.Database, shared_engine: sa.Engine, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """The shipped overview and a small second page, filled, published and served."""
    folder, config, engine = tmp_path_factory.mktemp("walls"), region(), shared_engine
    small = screens.wall(folder, config)
    screen = Screen(engine, config, load_page(OVERVIEW, config), others=(small,))
    fill(screen, config)
    with engine.connect() as connection:
        screen.publisher.publish(connection, screen.publisher.items)
    with screens.serving(config, [OVERVIEW, folder / "uji.yaml"], shared_database.web_url) as up:
        yield up


def opened(page: Page, served: Server, name: str) -> Page:
    """A wall in a window of its own size, with what the stream brought."""
    width, height = SCREENS[name]["size"]
    page.set_viewport_size({"width": width, "height": height})
    page.goto(f"{served.url}/wall/{name}")
    expect(page.locator("#page #link")).to_have_text("Tersambung", timeout=20_000)
    expect(page.locator("#page #overview-calls-body .n")).to_be_visible()
    expect(page.locator("#page #scene-overview .pn.missing")).to_have_count(0)
    return page


def test_every_wall_shows_the_whole_overview_with_nothing_cut_and_nothing_on_a_seam(
    browser: Browser, served: Server
) -> None:
    found: dict[str, Any] = {}
    page = browser.new_page()
    for name, screen in SCREENS.items():
        opened(page, served, name)
        size = page.locator("#page #wall").bounding_box()
        assert size and (round(size["width"]), round(size["height"])) == screen["size"]
        found[name] = faults(page, screen)
        if name == "w3x2":  # the look sees what is wrong, when something is
            page.evaluate("document.querySelector('#page .kv .lab').textContent = 'Pengaduan yang '.repeat(9)")
            page.evaluate("document.querySelector('#page #scene-title').style.marginLeft = '600px'")
            told = " ".join(faults(page, screen))
            assert " over " in told and "on seam 1" in told
    page.close()
    assert not any(found.values()), found


def test_the_wall_keeps_its_scenes_whole_while_another_is_shown_and_dims_by_one_attribute(
    browser: Browser, served: Server
) -> None:
    page = opened(browser.new_page(), served, "fhd")
    # The stream fills the scene that nobody sees yet.
    expect(page.locator("#page #uji-open-body .n")).to_have_count(1)
    expect(page.locator("#page #scene-uji")).to_be_hidden()
    page.evaluate(
        """() => { for (const scene of document.querySelectorAll("#page .scene")) scene.hidden = !scene.hidden; }"""
    )
    expect(page.locator("#page #uji-open-body .n")).to_be_visible()
    expect(page.locator("#page #scene-overview")).to_be_hidden()
    veil = "getComputedStyle(document.querySelector('#page #wall'), '::after').opacity"
    assert page.evaluate(veil) == "1", "there is no veil by day"
    dimmed = f"(document.querySelector('#page #wall').dataset.dimmed = '', {veil})"
    assert float(page.evaluate(dimmed)) == pytest.approx(0.4)
    page.close()


def test_a_wall_in_a_smaller_window_is_whole_and_smaller(browser: Browser, served: Server) -> None:
    page = browser.new_page(viewport={"width": 960, "height": 900})
    page.goto(f"{served.url}/wall/fhd")
    expect(page.locator("#page #link")).to_have_text("Tersambung", timeout=20_000)
    size = page.locator("#page #wall").bounding_box()
    assert size and (round(size["width"]), round(size["height"])) == (960, 540)
    page.close()
