"""A declared stage and a breach on a wall in a real Chromium, without anybody touching it."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from city import database as city_database
from city import stage_log
from city.config import Config
from tests import builders
from tests.dashboard import screens
from tests.dashboard.screens import Screen, now
from tests.dashboard.test_watching import LAYOUT, STAGES

pytestmark = [pytest.mark.browser, pytest.mark.proof]


@pytest.fixture
def config() -> Config:
    """One overdue complaint is a breach at once."""
    desk = {"collector": "csv_file", "kind": "complaint", "title": "SIKESAL"}
    return builders.config(sources={"desk": desk}, limits={"complaints_overdue": {"breach": 1}}, stages=STAGES)


def test_a_breach_flags_its_frames_and_a_declaration_changes_the_header_of_an_open_wall(
    browser: Browser, database: city_database.Database, engine: object, config: Config, tmp_path: Path
) -> None:
    screen = Screen(engine, config, screens.wall(tmp_path, config, LAYOUT))  # type: ignore[arg-type]
    screen.file("A-1")
    with screens.serving(config, tmp_path / "uji.yaml", database.web_url) as served, screen.publishing():
        page = browser.new_page(viewport={"width": 1920, "height": 1080})
        page.goto(served.url + "/")
        stage, frame = page.locator("#page #_city-stage"), page.locator("#page #uji-late")
        expect(stage).to_contain_text("belum ditetapkan", timeout=20_000)
        expect(frame).to_have_attribute("data-breach", "")
        screen.file("A-2", opened_at=now() - timedelta(days=2), due_at=now() - timedelta(days=1))
        expect(page.locator("#page .scene .pn[data-breach='2']")).to_have_count(2)
        expect(page.locator("#page #uji-list .ar")).to_contain_text("Lewat batas")
        with screen.engine.begin() as connection:
            stage_log.declare(connection, "15.71", 2, by="Kepala jaga", reason="Hujan", at=now())
        expect(stage.locator(".num")).to_have_text("2")
        expect(stage.locator(".pips i.on")).to_have_count(2)
        # The age of the stage is the browser's business: it needs no server to grow old.
        expect(stage).to_have_attribute("data-state", "fresh")
        page.evaluate(
            "document.querySelector('#page #_city-stage').dataset.asOf = new Date(Date.now() - 9e4).toISOString()"
        )
        page.evaluate("window.kendaliAge()")
        expect(stage).to_have_class(re.compile(r"\bstale\b"))
        expect(stage.locator(".tag")).to_be_visible()
        boxes = [page.locator(f"#page {name}").bounding_box() for name in (".h-id", "#_city-stage", ".h-rt")]
        assert all(
            left and right and left["x"] + left["width"] <= right["x"]
            for left, right in zip(boxes, boxes[1:], strict=False)
        )
        page.close()
