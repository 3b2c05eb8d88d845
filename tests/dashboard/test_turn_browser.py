"""assets/turn.js and age.js on a bare wall in a real Chromium: whose turn it is, what keys do, what a breach takes."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.proof]
ASSETS = Path(__file__).resolve().parents[2] / "assets"
SCRIPTS = "".join(f"<script>{(ASSETS / name).read_text(encoding='utf-8')}</script>" for name in ("age.js", "turn.js"))
#: 14.05.32 in Jambi.
NOW = datetime(2026, 11, 24, 7, 5, 32, tzinfo=UTC)


def wall(seconds: int = 60, more: str = "") -> str:
    scenes = "".join(
        f'<div class="scene" id="scene-{name}" data-page="{name}" data-title="Judul {name}" data-place="{place} dari 3"'
        f'{" hidden" if place > 1 else ""}><section class="pn" id="{name}-late" data-panel="late" data-breach="">'
        '<header class="ph"><h2>x</h2></header></section></div>'
        for place, name in enumerate(("satu", "dua", "tiga"), 1)
    )
    head = '<header id="head" data-zone="Asia/Jakarta" data-language="id"><b id="scene-title"></b>'
    head += '<span id="scene-place"></span><span id="turning" hidden></span></header>'
    body = f'<main id="wall" data-seconds="{seconds}" {more}>{head}{scenes}</main>'
    return f"<!doctype html><html lang=id><meta charset=utf-8><body>{body}{SCRIPTS}</body></html>"


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    opened = browser.new_page()
    faults: list[str] = []
    opened.on("pageerror", lambda error: faults.append(str(error)))
    opened.clock.install(time=NOW)
    yield opened
    opened.close()
    assert faults == []


def opened(page: Page, **how) -> Page:
    page.route("http://dinding.test/**", lambda route: route.fulfill(body=wall(**how), content_type="text/html"))
    page.goto("http://dinding.test/")
    page.clock.run_for(1000)
    return page


def shown(page: Page) -> list[str]:
    return page.eval_on_selector_all(".scene", "all => all.filter(one => !one.hidden).map(one => one.dataset.page)")


def after(page: Page, seconds: float) -> list[str]:
    page.clock.run_for(round(1000 * seconds))
    return shown(page)


def breach(page: Page, name: str, level: str) -> None:
    page.evaluate("([id, level]) => { document.getElementById(id).dataset.breach = level; }", [f"{name}-late", level])


def test_each_scene_has_its_turn_and_the_header_says_whose_it_is(page: Page) -> None:
    opened(page)
    assert shown(page) == ["satu"]
    assert [after(page, 60.5)[0] for _ in range(4)] == ["dua", "tiga", "satu", "dua"]
    assert page.text_content("#scene-title") == "Judul dua"
    assert page.text_content("#scene-place") == "2 dari 3"


def test_five_hundred_turns_leave_the_page_as_it_was(page: Page) -> None:
    opened(page, seconds=5)
    nodes = page.evaluate("document.getElementsByTagName('*').length")
    turns = page.evaluate("kendaliTurn.turns")
    after(page, 500 * 5.0)
    assert page.evaluate("kendaliTurn.turns") - turns >= 400
    assert page.evaluate("document.getElementsByTagName('*').length") == nodes
    assert len(shown(page)) == 1


def test_a_remote_turns_pauses_and_holds(page: Page) -> None:
    opened(page)
    for key, scene in (("PageDown", "dua"), ("ArrowRight", "tiga"), ("n", "satu"), ("PageUp", "tiga"), ("p", "dua")):
        page.keyboard.press(key)
        assert shown(page) == [scene]
    page.keyboard.press(" ")
    assert page.text_content("#turning") == "dijeda"
    assert after(page, 3600) == ["dua"]
    page.keyboard.press(" ")
    assert page.is_hidden("#turning")
    assert after(page, 61) == ["tiga"]
    page.keyboard.press("1")
    assert page.text_content("#turning").startswith("ditahan s.d.\u00a015.1")
    assert after(page, 590) == ["satu"]
    assert after(page, 30) == ["dua"]


def test_a_breach_takes_the_screen_once_and_gives_it_back(page: Page) -> None:
    opened(page)
    after(page, 20)
    breach(page, "tiga", "3")
    assert after(page, 2) == ["satu"], "a warning takes nothing"
    breach(page, "tiga", "2")
    assert after(page, 2) == ["tiga"]
    assert page.text_content("#turning") == "pelampauan baru"
    assert after(page, 50) == ["tiga"]
    assert after(page, 12) == ["satu"], "what it took is given back"
    assert after(page, 30) == ["satu"], "with the time that was left"
    assert after(page, 10) == ["dua"]
    assert after(page, 61) == ["tiga"]
    breach(page, "tiga", "")
    after(page, 2)
    breach(page, "tiga", "1")
    page.keyboard.press("ArrowRight")
    assert after(page, 2) == ["tiga"], "it came back: that is new"
    breach(page, "tiga", "")
    assert after(page, 13) == ["satu"], "one that is over gives back soon"


def test_a_breach_takes_a_paused_screen_too_and_a_hand_sends_it_away(page: Page) -> None:
    opened(page)
    page.keyboard.press(" ")
    breach(page, "dua", "2")
    assert after(page, 2) == ["dua"]
    assert after(page, 62) == ["satu"]
    assert page.text_content("#turning") == "dijeda"
    breach(page, "tiga", "2")
    assert after(page, 2) == ["tiga"]
    page.keyboard.press("PageUp")
    assert after(page, 300) == ["dua"], "still paused"


def test_a_screen_that_was_loaded_again_goes_on_where_it_was(page: Page) -> None:
    opened(page)
    page.keyboard.press("3")
    page.reload()
    page.clock.run_for(1000)
    assert shown(page) == ["tiga"]


def test_a_wall_is_dimmed_from_evening_to_morning(page: Page) -> None:
    opened(page, more='data-night-from="14:06" data-night-to="06:00" data-night-dim="0.6"')
    dimmed = "document.getElementById('wall').hasAttribute('data-dimmed')"
    assert not page.evaluate(dimmed)
    after(page, 30)
    assert page.evaluate(dimmed)
    page.clock.fast_forward("15:55:00")
    after(page, 2)
    assert not page.evaluate(dimmed)
