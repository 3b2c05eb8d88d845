"""For every eye and ear, in a real Chromium: axe-core is content, and what it does not see is measured here."""

import base64
from collections.abc import Iterator
from datetime import timedelta
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from city import database as city_database
from city.config import Config
from city.queries import Queries
from dashboard.publish import Publisher
from tests import builders
from tests.dashboard import manual_site, screens
from tests.dashboard.screens import now

pytestmark = [pytest.mark.browser, pytest.mark.proof]
LAYOUT = """
title: Uji
grid:
  columns: ["1fr", "1fr", "1fr"]
  rows: [172, "1fr", "1fr", 96]
  areas: [open open open, map daily hourly, flow speed late, ratio ratio ratio]
panels:
  open: {kind: number, size: group, title: Pengaduan, args: {tiles: [{metric: complaints_open, label: Terbuka},
    {metric: complaints_time_to_close, label: Median, window: 7d}]}}
  map: {kind: map, title: Per kecamatan, args: {metric: complaints_open, late: complaints_overdue}}
  daily: {kind: trend, title: Lewat tenggat, args: {metric: complaints_overdue, window: 14d}}
  hourly: {kind: trend, title: Masuk hari ini, args: {metric: complaints_opened, cumulative: true}}
  flow: {kind: bars, title: Arus, args: {flow: {opened: complaints_opened, closed: complaints_closed,
    open: complaints_open}}}
  speed: {kind: bars, title: Waktu selesai, args: {metric: complaints_time_to_close, window: 30d, by: category}}
  late: {kind: table, title: Lewat terlama, args: {overdue: true}}
  ratio: {kind: number, size: strip, title: Tepat waktu, args: {shape: line, tiles: [{metric: complaints_on_time_ratio,
    label: 7 hari, window: 7d}]}}
"""
STATES = {
    "fresh": {},
    "partial": {"partial": "9 dari 11 kecamatan"},
    "stale": {"age_s": 700},
    "expired": {"age_s": 8000},
    "missing": {"missing": True, "as_of": None},
    "failed": {"failure": {"text": "SIKESAL tidak menjawab sejak 14.02. Kode K-101.", "tries": 3}},
}
#: Contrast of every text that is seen against what is painted behind it: [ratio, least, text], worst first.
CONTRAST = """() => {
  const parse = (text) => { const p = text.match(/[\\d.]+/g).map(Number); return [p[0], p[1], p[2], p[3] ?? 1]; };
  const over = (a, b) => [0, 1, 2].map(i => a[i] * a[3] + b[i] * (1 - a[3])).concat(1);
  const lum = (c) => c.slice(0, 3).map(v => (v /= 255) <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
  const behind = (at) => {
    const layers = [];
    for (let up = at; up; up = up.parentElement) {
      layers.push(parse(getComputedStyle(up).backgroundColor));
      if (layers.at(-1)[3] === 1) break;
    }
    return layers.reverse().reduce((below, layer) => over(layer, below), [255, 255, 255, 1]);
  };
  const found = [], walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const at = walk.currentNode.parentElement, style = getComputedStyle(at), box = at.getBoundingClientRect();
    if (!walk.currentNode.data.trim() || at.closest("svg, .vh, .klist, script, style, [hidden]")) continue;
    if (style.visibility !== "visible" || !at.checkVisibility() || box.width < 2) continue;
    const ground = behind(at), ink = over(parse(style.color), ground), a = lum(ink), b = lum(ground);
    const size = parseFloat(style.fontSize), large = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
    found.push([(Math.max(a, b) + .05) / (Math.min(a, b) + .05), large ? 3 : 4.5, walk.currentNode.data]);
  }
  return found.sort((one, other) => one[0] / one[1] - other[0] / other[1]);
}"""


#: How many pixels of two pictures differ clearly in their lightness.
ALIKE = """async (both) => {
  const [one, other] = await Promise.all(both.map(async (text) => {
    const bytes = Uint8Array.from(atob(text), letter => letter.charCodeAt(0));
    const bitmap = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
    const canvas = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d");
    canvas.drawImage(bitmap, 0, 0);
    return canvas.getImageData(0, 0, bitmap.width, bitmap.height).data;
  }));
  let count = 0;
  for (let at = 0; at < one.length; at += 4) {
    const light = (data) => .2126 * data[at] + .7152 * data[at + 1] + .0722 * data[at + 2];
    if (Math.abs(light(one) - light(other)) > 30) count++;
  }
  return count;
}"""


def config() -> Config:
    """One source of complaints."""
    desk = {"collector": "csv_file", "kind": "complaint", "title": "SIKESAL", "stale_after": "10m",
            "expires_after": "2h"}  # fmt: skip
    return builders.config(sources={"desk": desk}, limits={"complaints_overdue": {"warn": 1}})


def fill(screen: screens.Screen) -> None:
    """A month of complaints: some closed, some late, in every district."""
    for number in range(60):
        opened = now() - timedelta(hours=11 * number + 1)
        place = {"district": ["15.71.07", "15.71.11", "15.71.05"][number % 3], "agency": "pupr", "category": "jalan"}
        closed = {"closed_at": opened + timedelta(hours=9)} if number % 4 else {}
        screen.file(f"C-{number}", opened_at=opened, due_at=opened + timedelta(hours=24), **place, **closed)


@pytest.fixture(scope="module")
def url(
    shared_database: city_database.Database, shared_engine: sa.Engine, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """A served wall with every kind of chart, published once."""
    folder, settings, engine = tmp_path_factory.mktemp("wall"), config(), shared_engine
    screen = screens.Screen(engine, settings, screens.wall(folder, settings, LAYOUT))
    fill(screen)
    with engine.connect() as connection:
        Publisher(engine, settings, [screen.page], Queries(engine, settings, now), now).publish(
            connection, screen.publisher.items
        )
    with screens.serving(settings, folder / "uji.yaml", shared_database.web_url) as served:
        yield served.url


@pytest.fixture(scope="module")
def wall(browser: Browser, url: str) -> Iterator[Page]:
    """The wall, connected."""
    opened = browser.new_page(viewport={"width": 1920, "height": 1080})
    opened.goto(url + "/wall/uji")
    expect(opened.locator("#page #link")).to_have_text("Tersambung")
    expect(opened.locator("#page #uji-hourly .plot")).to_be_visible()
    yield opened
    opened.close()


TELL = """({ page, changes, all }) => {
  for (const frame of document.querySelectorAll("#page .pn[data-panel]")) {
    const { age_s = 0, ...other } = changes;
    window.kendali.take({ kind: "panel", state: { page, panel: frame.dataset.panel, seq: 1e9, hash: frame.dataset.hash,
      as_of: new Date(Date.now() - 1000 * age_s).toISOString(), stale_after_s: 600, expires_after_s: 7200,
      missing: false, failure: null, simulated: false, partial: "", source: "SIKESAL", n: 1, ...other } });
  }
}"""


def tell(page: Page, state: str) -> None:
    """Every panel in one state."""
    page.evaluate(TELL, {"page": "uji", "changes": STATES[state]})
    expect(page.locator(f"#page .pn[data-state={state}]")).to_have_count(8)


def dress(page: Page, theme: str) -> None:
    """The dark room or the bright one."""
    page.evaluate(
        "(theme) => { const c = document.documentElement.classList;"
        " c.remove('theme-dark', 'theme-light'); c.add(theme); }",
        theme,
    )


def violations(page: Page) -> list[str]:
    """What axe-core finds. Run beside the page's own policy, which forbids injected scripts."""
    found = Axe().run(page).response["violations"]
    return [f"{one['id']}: {one['help']}: {[node['html'][:200] for node in one['nodes']][:3]}" for one in found]


def dim(page: Page) -> list[Any]:
    """Texts with too little contrast."""
    found = page.evaluate(CONTRAST)
    assert len(found) > 10, "there is text"
    return [text for text in found if text[0] < text[1]]


@pytest.mark.parametrize("theme", ["theme-dark", "theme-light"])
def test_the_wall_is_clean_in_every_state_and_every_text_has_its_contrast(wall: Page, theme: str) -> None:
    dress(wall, theme)
    for state in STATES:
        tell(wall, state)
        assert (state, dim(wall)) == (state, [])
        assert (state, violations(wall)) == (state, [])


@pytest.mark.parametrize("theme", ["theme-dark", "theme-light"])
def test_the_page_of_the_sources_and_its_report_are_clean(browser: Browser, url: str, theme: str) -> None:
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    for address in ("/sources", "/sources?laporan=opd"):
        page.goto(url + address)
        page.wait_for_selector("#page .sheet:not(.lost) .srcs")  # what is not heard any more is dimmed on purpose
        dress(page, theme)
        assert (address, violations(page), dim(page)) == (address, [], [])
    page.close()


def test_the_form_is_clean_in_both_themes(browser: Browser, database: city_database.Database, tmp_path: Path) -> None:
    with manual_site.site(tmp_path, database) as made:
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.goto(made.url + "/manual/jkn")
        expect(page.locator("#manual-save")).to_be_visible()
        for theme in ("theme-light", "theme-dark"):
            dress(page, theme)
            assert (theme, violations(page), dim(page)) == (theme, [], [])
        page.close()


def test_headings_go_down_step_by_step_and_the_language_is_said(wall: Page) -> None:
    tell(wall, "fresh")
    assert wall.locator("html").get_attribute("lang") == "id"
    levels = wall.evaluate("[...document.querySelectorAll('#page :is(h1,h2,h3,[aria-level])')]"
                           ".map(at => Number(at.getAttribute('aria-level') ?? at.tagName[1]))")  # fmt: skip
    assert levels[0] == 1 and all(after <= before + 1 for before, after in zip(levels, levels[1:], strict=False))
    assert wall.locator("#page main").count() == 1


def test_every_chart_says_what_it_shows_and_has_its_numbers_as_a_table(wall: Page) -> None:
    tell(wall, "fresh")
    for panel, start in (
        ("daily", "Grafik "),
        ("hourly", "Grafik 00 sampai "),
        ("map", "Peta 3 kecamatan, terbanyak "),
    ):
        (said,) = [at.get_attribute("aria-label") for at in wall.locator(f"#page #uji-{panel}-body > [role=img]").all()]
        assert said.startswith(start), said
    for panel in ("daily", "hourly", "map", "flow", "speed"):
        (table,) = wall.locator(f"#page #uji-{panel}").get_by_role("table").all()
        assert len(table.get_by_role("row").all()) >= 2 or panel == "speed"
    named = wall.locator("#page #uji-map").get_by_role("row", name="Kota Baru")
    shown = wall.locator("#page #uji-map .ml", has_text="Kota").locator("b").inner_text()
    assert named.get_by_role("cell").nth(1).text_content() == shown, "the table says what the map shows"
    last = wall.locator("#page #uji-daily").get_by_role("row").last
    assert last.get_by_role("cell").first.text_content() == wall.locator("#page #uji-daily .lb.last").inner_text()


def test_whoever_wants_less_motion_gets_none(wall: Page) -> None:
    moving = """[...document.querySelectorAll('#page *')].filter(at => {
      const style = getComputedStyle(at), long = (text) => text.split(',').some(part => parseFloat(part) > 0);
      return style.animationName !== 'none' || long(style.transitionDuration); }).map(at => at.id || at.className)"""
    assert wall.evaluate(moving) == ["wall"], "the one thing that moves: against burn-in"
    wall.emulate_media(reduced_motion="reduce")
    assert wall.evaluate(moving) == []
    wall.emulate_media(reduced_motion="no-preference")


def test_the_keyboard_sees_where_it_is(browser: Browser, url: str) -> None:
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.goto(url + "/sources")
    page.wait_for_selector("#page .srcs")
    found = []
    for _ in range(8):
        page.keyboard.press("Tab")
        found.append(
            page.evaluate("""() => { const at = document.activeElement, s = getComputedStyle(at);
          return [at.tagName, s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2]; }""")
        )
    page.close()
    reached = [seen for tag, seen in found if tag != "BODY"]
    assert len(reached) >= 4 and all(reached), found


@pytest.mark.parametrize("kind", ["deuteranopia", "achromatopsia"])
def test_the_states_differ_for_an_eye_without_colour(wall: Page, kind: str) -> None:
    dress(wall, "theme-dark")
    line = wall.context.new_cdp_session(wall)
    line.send("Emulation.setEmulatedVisionDeficiency", {"type": kind})
    # Words differ by their nature; the look must differ too, so what the states say in words is not painted.
    style = "document.documentElement.classList.toggle('mute')"
    wall.add_style_tag(content=".mute :is(.tag, .why, .ag, .ag *, .tag::after) { color: transparent !important }")
    wall.evaluate(style)
    seen = {}
    for state in STATES:
        tell(wall, state)
        seen[state] = wall.locator("#page #uji-open").screenshot()
    line.send("Emulation.setEmulatedVisionDeficiency", {"type": "none"})
    wall.evaluate(style)
    alike = {(one, other): wall.evaluate(ALIKE, [base64.b64encode(seen[at]).decode() for at in (one, other)])
             for one, other in combinations(STATES, 2)}  # fmt: skip
    assert {pair: count for pair, count in alike.items() if count < 200} == {}, "clearly different pixels"
    line.detach()
