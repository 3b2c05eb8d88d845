"""The scenes emergency and planning, and the weather strip, in a real Chromium with a busy day's data."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, BrowserContext, Page, expect

import collectors
from city import database as city_database
from city.documents import load
from city.model import Case, CaseEvent, Observation, Status
from city.screens import Screen as ScreenSpec
from dashboard.page import load_page
from tests.dashboard import screens
from tests.dashboard.geometries import SCREENS, faults
from tests.dashboard.screens import Screen, Server, now

pytestmark = [pytest.mark.browser, pytest.mark.proof]
ROOT = Path(__file__).resolve().parents[2]
LAYOUTS = [ROOT / f"layouts/{name}.yaml" for name in ("emergency", "planning")]
HOUR = timedelta(hours=1)
EVENTS = ("Hujan Lebat dan Petir", "Angin kencang", "Hujan lebat dan angin kencang", "Kabut asap tebal", "Banjir")


def city(at: datetime) -> Iterator[tuple[str, list[Any]]]:
    """Every source of the two scenes, with long words, a river at Siaga III and more warnings than fit."""
    district = [f"15.71.{number:02}" for number in range(1, 12)]
    yield (
        "peringatan",
        [
            Case(key=name, kind="warning", opened_at=at - HOUR, closed_at=at + 2 * HOUR, category=name, simulated=True)
            for name in EVENTS
        ],
    )
    yield "laporan_banjir", [
        Case(key=f"f{number}", kind="flood_report", opened_at=at - HOUR * number, closed_at=at + 6 * HOUR,
             category="banjir", district=district[number], lat=-1.60 - number / 300, lon=103.6)
        for number in range(9)
    ]  # fmt: skip
    yield "gangguan_air", [
        Case(key=f"o{number}", kind="outage", opened_at=at - HOUR * (number + 1), district=district[number],
             outcome="pemeliharaan", closed_at=at - HOUR if number % 2 else None)
        for number in range(1, 8)
    ]  # fmt: skip
    yield "gempa", [
        Case(key="q", kind="quake", opened_at=at - HOUR, closed_at=at - HOUR, status=Status.DONE, lat=-3.0, lon=101.0,
             outcome="felt_here", priority="tsunami"),
        Observation(metric="quake_magnitude", at=at - HOUR, value=7.4),
        Observation(metric="quake_distance_km", at=at - HOUR, value=1187.0),
    ]  # fmt: skip
    yield "darurat_112", [
        Case(key=f"c{number}", kind="call", opened_at=at - HOUR * number / 2, closed_at=at, status=Status.DONE,
             outcome="darurat" if number % 3 else "prank", district=district[number % 11])
        for number in range(60)
    ]  # fmt: skip
    yield "pos_duga_air", [
        Observation(metric="river_level_cm", at=at - timedelta(minutes=30 * back), value=1395 - 3 * back,
                    place="Pos Simulasi Kota")
        for back in range(100)
    ]  # fmt: skip
    start = at.replace(minute=0, second=0, microsecond=0)
    values = {"forecast_temperature_c": 31.0, "forecast_rain_mm": 64.0}
    yield (
        "prakiraan",
        [
            Observation(metric=name, at=start + 3 * HOUR * step, value=value, place="Titik")
            for step in range(9)
            for name, value in values.items()
        ],
    )
    yield "izin_bangunan", [_permit(number, at, district[number % 11]) for number in range(160)]


def _permit(number: int, at: datetime, district: str) -> Case:
    opened = at - timedelta(days=number * 0.6)
    steps = ("diterima", "verifikasi", "rekomendasi", "terbit")[: 1 + number // 12]
    events = tuple(CaseEvent(opened + timedelta(days=0.5 * index), stage) for index, stage in enumerate(steps))
    closed = events[-1].at if len(steps) == 4 else None
    return Case(key=f"p{number}", kind="permit", opened_at=opened, due_at=opened + timedelta(days=8), closed_at=closed,
                status=Status.DONE if closed else Status.IN_PROGRESS, agency="dpmptsp", district=district,
                category=("rumah_tinggal", "usaha", "sosial", "campuran")[number % 4], events=events)  # fmt: skip


@pytest.fixture(scope="module")
def served(shared_database: city_database.Database, shared_engine: sa.Engine) -> Iterator[Server]:
    """Both scenes, published once and served."""
    config = load(ROOT / "config.yaml", collectors.args_of, {"SIMULATION_SECRET": "s" * 32})
    walls = {f"w_{one.stem}": ScreenSpec(**SCREENS["w1920x1080"], scenes=(one.stem,)) for one in LAYOUTS}
    config = config.model_copy(update={"screens": walls})
    pages = [load_page(layout, config) for layout in LAYOUTS]
    made = Screen(shared_engine, config, pages[0], others=tuple(pages[1:]))
    for source, items in city(now()):
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


@pytest.mark.parametrize("name", ["emergency", "planning"])
def test_a_scene_on_a_full_day_has_no_scroll_and_no_cut_or_overlapping_words(
    context: BrowserContext, served: Server, name: str
) -> None:
    page = opened(context, served, name)
    expect(page.locator("#page .pn.missing, #page .pn.expired, #page .pn.failed")).to_have_count(0)
    assert faults(page, SCREENS["w1920x1080"]) == []


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
    page.emulate_media(reduced_motion="reduce")
    assert turns.evaluate_all(seen) == 1 and turns.evaluate_all(shown) == 0
    expect(page.locator("#page .tn .still").first).to_have_text("+3 lagi")
    expect(page.locator("#page .tn .still").first).to_be_visible()
