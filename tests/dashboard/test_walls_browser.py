"""Every scene on every wall of the issue, dark and bright, in Chromium: no scroll, no cut, overlapping or small words,
nothing on a seam, every word with its contrast; on a good day and with every panel in every state."""

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
from collectors import args_of
from dashboard.page import load_page
from tests.dashboard import busy, screens
from tests.dashboard.geometries import SCREENS as WALLS
from tests.dashboard.geometries import dim, faults
from tests.dashboard.screens import Screen, Server, now

pytestmark = [pytest.mark.browser, pytest.mark.proof]
ROOT = Path(__file__).resolve().parents[2]
SCENES = ("overview", "complaints", "agencies", "health", "memos", "emergency", "planning")
LAYOUTS = [ROOT / f"layouts/{name}.yaml" for name in SCENES]
#: Names as short as a room has them: they stand in the header.
SCREENS = dict(zip(("fhd", "uhd", "w3x2", "w4x2", "ultra", "tall"), WALLS.values(), strict=True))
THEMES = ("theme-dark", "theme-light")
#: What the stream can say of a panel. Long reasons, as the collectors write them.
STATES: list[dict[str, Any]] = [
    {
        "failure": {
            "text": "SIKESAL menjawab dengan isi yang tidak dikenali sejak kemarin 14.02. Kode K-103.",
            "tries": 12,
        }
    },
    {"partial": "9 dari 11 kecamatan"},
    {"age_s": 700},
    {"age_s": 88_000, "failure": {"text": "SIKESAL tidak menjawab sejak 14.02. Kode K-101.", "tries": 3}},
    {"age_s": 88_000},
    {"missing": True, "as_of": None},
]
TELL = """([page, states, first]) => {
  document.querySelectorAll(`#page #scene-${page} .pn[data-panel]`).forEach((frame, index) => {
    const { age_s = 0, ...other } = states[(index + first) % states.length];
    window.kendali.take({ kind: "panel", state: { page, panel: frame.dataset.panel, seq: 1e9, hash: frame.dataset.hash,
      as_of: new Date(Date.now() - 1000 * age_s).toISOString(), stale_after_s: 600, expires_after_s: 7200,
      missing: false, failure: null, simulated: true, partial: "", source: "SIKESAL", n: 1, ...other } });
  });
}"""
DRESS = """(theme) => {
  for (const one of [document.documentElement, document.querySelector("#page #wall")]) {
    one.classList.remove("theme-dark", "theme-light");
    one.classList.add(theme);
  }
}"""


def region() -> Config:
    """The shipped city with the walls of the issue, and one that has a night and a second, small page."""
    shipped = load_config(ROOT / "config.yaml", args_of, {"SIMULATION_SECRET": "s" * 32})
    walls = {name: wall | {"scenes": SCENES} for name, wall in SCREENS.items()}
    later = [f"{now().astimezone(shipped.region.zone) + timedelta(hours=hours):%H:%M}" for hours in (3, 4)]
    night = {"from": later[0], "to": later[1], "dim": 0.6}  # whenever this runs, it is day
    walls["night"] = WALLS["w1920x1080"] | {"scenes": ("overview", "uji"), "night": night}
    return Config.model_validate(shipped.model_dump(by_alias=True) | {"screens": walls})


@pytest.fixture(scope="module")
def served(
    shared_database: city_database.Database, shared_engine: sa.Engine, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """All shipped scenes and a small page, filled, published and served."""
    folder, config = tmp_path_factory.mktemp("walls"), region()
    small = screens.wall(folder, config)
    pages = [load_page(layout, config) for layout in LAYOUTS]
    screen = Screen(shared_engine, config, small, others=tuple(pages))
    busy.fill(screen, now())
    with shared_engine.connect() as connection:
        screen.publisher.publish(connection, screen.publisher.items)
    with screens.serving(config, [*LAYOUTS, folder / "uji.yaml"], shared_database.web_url) as up:
        yield up


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    """One tab, whose window becomes each wall in turn. It paints a quarter of the pixels; layout knows no pixels."""
    opened = browser.new_page(device_scale_factor=0.25)
    yield opened
    opened.close()


def opened(page: Page, served: Server, name: str, size: tuple[int, int]) -> Page:
    """A wall in a window of its own size, with what the stream brought."""
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.goto(f"{served.url}/wall/{name}")
    expect(page.locator("#page #link")).to_have_text("Tersambung", timeout=20_000)
    expect(page.locator("#page .pn:is(.missing, .waiting, .failed), #page .pn > .pb:empty")).to_have_count(0)
    page.evaluate("document.fonts.ready")
    # The breaches of the day have had the screen already, or they would take it while we look.
    page.evaluate("document.querySelectorAll('#page .pn').forEach((frame) => window.kendaliTurn.known.add(frame.id))")
    return page


def turned(page: Page, scene: str) -> None:
    """Another scene, by its key; the header then says that it is held, so it is as full as it can be."""
    page.keyboard.press(str(SCENES.index(scene) + 1))
    expect(page.locator(f"#page #scene-{scene}")).to_be_visible()


def looked(page: Page, screen: dict[str, Any]) -> dict[str, list[str]]:
    """What is wrong with what is shown. The place of the words is the same dark and bright."""
    found = {"place": faults(page, screen)}
    for theme in THEMES:
        page.evaluate(DRESS, theme)
        found[theme] = dim(page)
    return {what: wrong for what, wrong in found.items() if wrong}


@pytest.mark.parametrize("name", SCREENS)
def test_every_scene_can_be_read_on_every_wall_dark_and_bright_and_in_every_state(
    page: Page, served: Server, name: str
) -> None:
    screen, found = SCREENS[name], {}
    opened(page, served, name, screen["size"])
    size = page.locator("#page #wall").bounding_box()
    assert size and (round(size["width"]), round(size["height"])) == screen["size"]
    for scene in SCENES:
        turned(page, scene)
        found[scene] = looked(page, screen)
        shown = page.locator(f"#page #scene-{scene}")
        assert shown.locator(".mf, .plot").count() <= 5
        # A bad day: over the six walls every panel is once in every state.
        page.evaluate(TELL, [scene, STATES, list(SCREENS).index(name)])
        found[f"{scene}, bad day"] = looked(page, screen)
        expect(shown).to_be_visible()
    assert not any(found.values()), {scene: wrong for scene, wrong in found.items() if wrong}


def test_the_look_sees_what_is_wrong_when_something_is(page: Page, served: Server) -> None:
    opened(page, served, "w3x2", SCREENS["w3x2"]["size"])
    page.evaluate("document.querySelector('#page .kv .lab').textContent = 'Pengaduan yang '.repeat(9)")
    page.evaluate("document.querySelector('#page #scene-title').style.marginLeft = '600px'")
    page.evaluate("document.querySelector('#page .pn h3').style.color = '#777'")
    page.evaluate("document.querySelector('#page .mr .nm').style.width = '20px'")
    told = " ".join(faults(page, SCREENS["w3x2"]))
    assert all(word in told for word in (" over ", "on seam 1", " is cut")) and "rgb(119, 119, 119)" in " ".join(
        dim(page)
    )


def test_the_wall_keeps_its_scenes_whole_while_another_is_shown_and_dims_by_one_attribute(
    page: Page, served: Server
) -> None:
    opened(page, served, "night", (1920, 1080))
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


def test_a_wall_in_a_smaller_window_is_whole_and_smaller(page: Page, served: Server) -> None:
    opened(page, served, "night", (960, 900))
    size = page.locator("#page #wall").bounding_box()
    assert size and (round(size["width"]), round(size["height"])) == (960, 540)
