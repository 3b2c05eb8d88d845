"""Screens in a real Chromium: they come back by themselves and never let a dead number look alive."""

import re
import signal
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, BrowserContext, Page, expect

from city import database as city_database
from city import paired, tables
from city.model import Unreachable
from dashboard.pairing import TOKEN
from dashboard.panels import names as panel_kinds
from tests.dashboard import screens
from tests.dashboard.screens import Screen, Server, now

pytestmark = pytest.mark.browser
LOST_S = 12
# After an outage the worker asks again every 10 s at the latest.
expect.set_options(timeout=20_000)


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A fresh profile on a full HD wall. Requests that leave this machine are refused and written down."""
    made = browser.new_context(viewport={"width": 1920, "height": 1080})
    made.set_default_timeout(30_000)
    made.outside = []  # type: ignore[attr-defined]

    def watch(route: Any) -> None:
        made.outside.append(route.request.url)  # type: ignore[attr-defined]
        route.abort()

    made.route(re.compile(r"^(?!http://127\.0\.0\.1[:/])(https?|wss?):"), watch)
    yield made
    assert made.outside == [], "a screen asks nobody but its own server"  # type: ignore[attr-defined]
    made.close()


@pytest.fixture
def served(screen: Screen, database: city_database.Database, tmp_path: Path) -> Iterator[Server]:
    """A wall with one complaint, published and served."""
    screen.file("A-1")
    with screens.serving(screen.config, tmp_path / "uji.yaml", database.web_url) as server:
        publish(screen)
        yield server


def publish(screen: Screen) -> None:
    """Everything anew."""
    with screen.engine.connect() as connection:
        screen.publisher.publish(connection, screen.publisher.items)


def open_wall(context: BrowserContext, served: Server) -> Page:
    """A connected wall; what its console says is kept in ``page.said``."""
    page = context.new_page()
    page.said = []  # type: ignore[attr-defined]
    page.on("console", lambda message: page.said.append(message.text))  # type: ignore[attr-defined]
    page.on("pageerror", lambda error: page.said.append(str(error)))  # type: ignore[attr-defined]
    page.goto(served.url + "/")
    # The first paint comes before Dash; these tests are about what Dash and the stream keep up.
    expect(page.locator("#page #link")).to_have_text("Tersambung")
    return page


def value(page: Page) -> Any:
    """The number of open complaints."""
    return page.locator("#uji-open .n").first


def has_state(state: str) -> re.Pattern[str]:
    return re.compile(rf"(^|\s){state}(\s|$)")


def test_a_new_complaint_appears_without_anybody_touching_the_screen(
    context: BrowserContext, served: Server, screen: Screen
) -> None:
    page = open_wall(context, served)
    expect(value(page)).to_have_text("1")
    frame = page.locator("#uji-open")
    # What age.js wrote must outlive the panel being drawn anew.
    expect(frame).to_have_class(re.compile("fresh|stale"))
    screen.file("A-2")
    publish(screen)
    expect(value(page)).to_have_text("2")
    expect(frame).to_have_class(has_state("fresh"))
    expect(frame.locator(".ag .age")).to_have_text(re.compile(r"^\d+ dtk lalu$"))
    expect(frame.locator(".ag .src")).to_have_text("SIKESAL · ")
    assert page.locator("html").get_attribute("class") == "theme-dark wall"
    assert page.locator("html").get_attribute("lang") == "id"
    assert page.said == [], "neither an error nor a violation of the policy"  # type: ignore[attr-defined]


@pytest.mark.proof
def test_ten_tabs_of_one_browser_share_one_stream(context: BrowserContext, served: Server, screen: Screen) -> None:
    import httpx

    pages = [open_wall(context, served) for _ in range(10)]
    assert httpx.get(served.url + "/healthz").json()["viewers"] == 1
    screen.file("A-2")
    publish(screen)
    for page in pages:
        expect(value(page)).to_have_text("2")


def test_without_a_shared_worker_a_page_holds_its_own_stream(context: BrowserContext, served: Server) -> None:
    context.add_init_script("delete window.SharedWorker")
    page = open_wall(context, served)
    expect(value(page)).to_have_text("1")
    assert page.evaluate("window.kendali.worker") == "own"
    assert page.said == []  # type: ignore[attr-defined]


@pytest.mark.proof
def test_a_screen_left_open_survives_a_restart_of_the_server_untouched(
    context: BrowserContext, served: Server, screen: Screen
) -> None:
    page = open_wall(context, served)
    page.evaluate("window.untouched = true")
    served.stop()
    screen.file("A-2")
    publish(screen)
    served.start()
    expect(value(page)).to_have_text("2")
    expect(page.locator("#link")).to_have_text("Tersambung")
    assert page.evaluate("window.untouched"), "the page was not loaded again"


@pytest.mark.proof
def test_a_killed_server_leaves_no_number_that_looks_alive(
    context: BrowserContext, served: Server, screen: Screen
) -> None:
    page = open_wall(context, served)
    screen.save()
    publish(screen)
    frame = page.locator("#uji-open")
    expect(frame).to_have_class(has_state("fresh"))
    killed = time.monotonic()
    served.stop(signal.SIGKILL)
    # The source is stale after 3 s; the check itself runs once a second.
    expect(frame).to_have_class(has_state("stale"), timeout=4_000)
    expect(frame.locator(".tag")).to_have_text("Basi")
    expect(page.locator("#link")).to_have_text(
        re.compile(r"^Terputus sejak \d\d\.\d\d$"), timeout=1000 * LOST_S + 6_000
    )
    assert time.monotonic() - killed < LOST_S + 6
    expect(page.locator(".link")).to_have_class(re.compile("lost"))
    expect(page.locator(".pn.fresh")).to_have_count(0)


@pytest.mark.proof
def test_an_outage_of_fifteen_minutes_withholds_every_number_and_ends_by_itself(
    context: BrowserContext, served: Server, screen: Screen
) -> None:
    context.clock.install()
    page = open_wall(context, served)
    expect(value(page)).to_be_visible()
    served.stop(signal.SIGKILL)
    page.clock.fast_forward(15 * 60_000)
    page.clock.run_for(2_000)
    frame = page.locator("#uji-open")
    expect(frame).to_have_class(has_state("expired"))
    expect(frame.locator(".tag")).to_have_text("Tidak terlihat")
    expect(frame.locator(".ag .age")).to_have_text("15 mnt lalu")
    expect(frame.locator(".why")).to_have_text(re.compile(r"^— Tidak terlihat sejak (\d+ \w+ )?\d\d\.\d\d\."))
    expect(value(page)).to_be_hidden()
    expect(page.locator("#oldest")).to_have_text(re.compile(r"^Data tertua 15 mnt, "))
    screen.file("A-2")
    publish(screen)
    served.start()
    expect(value(page)).to_have_text("2")
    page.clock.run_for(1_000)
    expect(frame).to_have_class(re.compile(r"fresh|stale"))
    expect(value(page)).to_be_visible()


def test_a_screen_whose_own_clock_is_wrong_shows_the_right_age(context: BrowserContext, served: Server) -> None:
    context.clock.install(time=now() - timedelta(hours=3))
    page = open_wall(context, served)
    expect(page.locator("#uji-open .ag .age")).to_have_text(re.compile(r"^\d+ dtk lalu$"))
    # Set back further while the server is dead, the age goes on all the same.
    served.stop(signal.SIGKILL)
    page.clock.set_system_time(now() - timedelta(hours=9))
    page.clock.run_for(700_000)
    expect(page.locator("#uji-open")).to_have_class(has_state("expired"))


def test_a_failing_source_is_named_and_its_value_expires_all_the_same(
    context: BrowserContext, served: Server, screen: Screen
) -> None:
    context.clock.install()
    page = open_wall(context, served)
    for _ in range(3):
        screen.store.fail("desk", started_at=now(), error=Unreachable("refused", where="http://desk"))
    publish(screen)
    frame = page.locator("#uji-open")
    expect(frame).to_have_class(has_state("failed"))
    expect(frame.locator(".tag")).to_have_text("Gagal 3×")
    expect(frame.locator(".why")).to_contain_text("SIKESAL tidak menjawab sejak ")
    expect(value(page)).to_be_visible()
    page.clock.fast_forward(15 * 60_000)
    page.clock.run_for(2_000)
    expect(value(page)).to_be_hidden()
    expect(frame.locator(".tag")).to_have_text("Gagal 3×")


@pytest.mark.proof
def test_a_new_version_reloads_the_screen_but_never_into_a_dead_server(context: BrowserContext, served: Server) -> None:
    page = open_wall(context, served)
    page.evaluate("window.untouched = true")
    later = "new Date(Date.now() + 1000).toISOString()"
    message = f"{{ kind: 'beat', old_ms: 0, beat: {{ ...window.kendali.beat, now: {later}, version: 'newer' }} }}"
    page.evaluate(f"window.kendali.take({message})")
    page.wait_for_timeout(500)
    assert page.evaluate("window.untouched"), "the server that answers is not the newer one: no reload"
    context.route("**/healthz", lambda route: route.fulfill(json={"version": "newer"}))
    with page.expect_navigation():
        page.evaluate(f"window.kendali.take({message})")
    expect(page.locator("#link")).to_have_text("Tersambung")
    page.evaluate("window.untouched = true")
    page.evaluate(f"window.kendali.take({message})")
    page.wait_for_timeout(500)
    assert page.evaluate("window.untouched"), "not twice a minute for the same version"


def test_hostile_text_of_a_source_stays_text(context: BrowserContext, served: Server, screen: Screen) -> None:
    page = open_wall(context, served)
    evil = '<img src=x onerror="window.evil=1"><script>window.evil=1</script>'
    stamp = {"as_of": now().isoformat(), "failure": {"text": evil, "tries": 1}, "missing": False}
    state = stamp | {"page": "uji", "panel": "open", "seq": 10**9, "hash": "evil", "stale_after_s": 3,
                     "expires_after_s": 600, "simulated": False, "source": evil, "n": 1, "body": evil}  # fmt: skip
    page.evaluate("(state) => window.kendali.take({ kind: 'panel', state })", state)
    expect(page.locator("#uji-open-body")).to_have_text(evil)
    expect(page.locator("#uji-open .why")).to_contain_text(evil)
    expect(page.locator("#uji-open .src")).to_contain_text(evil)
    assert page.locator("#uji-open img, #uji-open script").count() == 0
    assert page.evaluate("window.evil") is None


def test_a_total_of_a_part_of_the_city_is_a_lower_bound_and_says_of_how_much(
    context: BrowserContext, served: Server, screen: Screen
) -> None:
    page = open_wall(context, served)
    state = screen.shown()["open"] | {"as_of": now().isoformat(), "stale_after_s": 600, "seq": 10**9}
    told = "(state) => window.kendali.take({ kind: 'panel', state })"
    page.evaluate(told, state | {"partial": "9 dari 11 kecamatan"})
    frame, before = page.locator("#uji-open"), "(at) => getComputedStyle(at, '::before').content"
    expect(frame).to_have_class(has_state("partial"))
    expect(frame.locator(".tag")).to_have_text("Sebagian")
    expect(frame.locator(".why")).to_have_text("9 dari 11 kecamatan")
    assert value(page).evaluate(before) == '"≥"'
    page.evaluate(told, state | {"partial": "9 dari 11 kecamatan", "stale_after_s": 0})
    expect(frame).to_have_class(has_state("stale"))
    assert value(page).evaluate(before) == '"≥"', "an old one is a lower bound as before"
    page.evaluate(told, state | {"partial": ""})
    expect(frame).to_have_class(has_state("fresh"))
    assert value(page).evaluate(before) == "none"


@pytest.mark.proof
def test_the_scene_moves_a_little_every_minute_against_burn_in(context: BrowserContext, served: Server) -> None:
    context.clock.install()
    page = open_wall(context, served)
    seen = set()
    for _ in range(8):
        page.clock.run_for(60_000)
        seen.add(page.locator("#page #wall").evaluate("wall => wall.style.transform"))
    moves = [tuple(map(int, re.findall(r"-?\d+", text)[:2])) for text in seen]
    assert len(moves) >= 6
    for axis in range(2):
        assert max(move[axis] for move in moves) - min(move[axis] for move in moves) <= 24


def test_no_share_button_and_no_plotly_is_loaded(context: BrowserContext, served: Server) -> None:
    page = open_wall(context, served)
    loaded = page.evaluate("performance.getEntriesByType('resource').map(entry => entry.name)")
    assert not [name for name in loaded if "plotly" in name]
    assert page.locator(".js-plotly-plot, .modebar").count() == 0
    assert panel_kinds(), "the panels there are draw HTML and SVG only"


def test_a_simulated_city_is_marked(context: BrowserContext, served: Server, screen: Screen) -> None:
    page = open_wall(context, served)
    expect(page.locator("#simulated")).to_be_hidden()
    screen.file("S-1", simulated=True)
    publish(screen)
    expect(page.locator("#simulated")).to_be_visible()


def test_a_wall_open_to_the_network_says_so(
    context: BrowserContext, screen: Screen, database: city_database.Database, tmp_path: Path
) -> None:
    how = {"host": "0.0.0.0", "insecure": True}
    # Such a server shows nothing to a screen that nobody has approved.
    row = {
        "region": "15.71",
        "name": "wall-1",
        "token_hash": paired.digest("x"),
        "state": paired.APPROVED,
        "asked_at": now(),
    }
    with screen.engine.begin() as connection:
        connection.execute(sa.insert(tables.screens).values(row))
    with screens.serving(screen.config, tmp_path / "uji.yaml", database.web_url, **how) as served:
        context.add_cookies([{"name": TOKEN, "value": "x", "url": served.url}])
        page = open_wall(context, served)
        expect(page.locator(".sim.warn")).to_contain_text("TANPA IDENTITAS")
