"""The scenes of complaints and of agencies on a full HD wall: one screen, nothing clipped, no text on another."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, expect

from city import database as city_database
from city.documents import read_yaml
from city.model import CaseEvent, Status
from city.store import Store, Tally
from dashboard.page import load_page
from tests import builders
from tests.dashboard import geometries, screens

pytestmark = [pytest.mark.browser, pytest.mark.proof]
LAYOUTS = Path(__file__).resolve().parents[2] / "layouts"
expect.set_options(timeout=20_000)
FULL_HD = geometries.SCREENS["w1920x1080"]


def cases(kind: str, count: int, agencies: list[str], categories: list[str], districts: list[str]) -> Iterator[Any]:
    """Some months of a busy city, with rejected and reopened cases and one whose records contradict each other."""
    dice, now = Random(f"{kind} 7"), screens.now()
    for number in range(count):
        opened = now - timedelta(hours=dice.random() ** 2 * 1400)
        closed = opened + timedelta(hours=dice.expovariate(1 / 30))
        shut = closed < now and bool(number % 12)
        status = (Status.REJECTED if number % 9 == 0 else Status.DONE) if shut else Status.IN_PROGRESS
        events = [CaseEvent(opened, "received"), CaseEvent(opened + (closed - opened) / 3, "in_progress")]
        if number % 12 == 0 and opened < now - timedelta(days=3):
            events.append(CaseEvent(opened + timedelta(days=1), "done"))
        yield builders.case(
            str(number), kind=kind, opened_at=opened, closed_at=closed if shut else None, status=status,
            due_at=opened + timedelta(hours=48), events=tuple(events), agency=dice.choice(agencies),
            category=dice.choice(categories), district=dice.choice(districts), simulated=True,
        )  # fmt: skip


@pytest.fixture(params=["complaints", "agencies"])
def scene(request: Any, engine: sa.Engine, database: city_database.Database) -> Iterator[tuple[str, str]]:
    """(name, address) of a scene that is published and served."""
    region = read_yaml(LAYOUTS.parent / "config.yaml", {"SIMULATION_SECRET": "x" * 32}).data["region"]
    codes = [[one["code"] for one in region[part]] for part in ("agencies", "categories", "districts")]
    sources = {
        name: {"collector": "csv_file", "kind": kind, "title": title}
        for name, kind, title in (("desk", "complaint", "SIKESAL"), ("memos", "memo", "SIPADEK"),
                                  ("permits", "permit", "Izin bangunan (PBG)"))
    }  # fmt: skip
    config = builders.config(region=region, sources=sources)
    store = Store(engine, config, screens.now)
    for name, kind, count in (("desk", "complaint", 900), ("memos", "memo", 700), ("permits", "permit", 60)):
        store.save(name, cases(kind, count, *codes), started_at=screens.now(), finish=Tally)
    layout = LAYOUTS / f"{request.param}.yaml"
    screen = screens.Screen(engine, config, load_page(layout, config))
    with engine.connect() as connection:
        screen.publisher.publish(connection, screen.publisher.items)
    with screens.serving(config, layout, database.web_url) as served:
        yield request.param, f"{served.url}/wall/{request.param}"


def test_a_scene_fills_one_screen_without_clipped_or_overlapping_text(
    browser: Browser, scene: tuple[str, str], tmp_path: Path
) -> None:
    name, address = scene
    page = browser.new_page(viewport={"width": 1920, "height": 1080})
    page.goto(address)
    expect(page.locator("#page #link")).to_have_text("Tersambung")
    expect(page.locator("#page .pn.waiting")).to_have_count(0)
    page.screenshot(path=tmp_path / f"{name}.png")
    assert geometries.faults(page, FULL_HD) == []
    assert page.locator("#page .pn").count() <= 10 and page.locator("#page .mf, #page .plot").count() <= 5
    assert name != "agencies" or "selisih" in page.locator("#agencies-flow").inner_text()
    page.close()
