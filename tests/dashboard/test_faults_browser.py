"""Faults at random: whatever breaks, within limit + 1 s no panel shows a live-looking number, and all of it heals.

``KENDALI_FAULTS=200`` runs so many (``KENDALI_SEED`` picks which), and ``-s`` says what happens.
"""

import os
from pathlib import Path

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser

from city import database as city_database
from tests.dashboard import faults, screens

pytestmark = [pytest.mark.browser, pytest.mark.proof]
COUNT, SEED = int(os.environ.get("KENDALI_FAULTS", "5")), int(os.environ.get("KENDALI_SEED", "4"))


def test_whatever_breaks_no_number_looks_alive_and_all_of_it_comes_back(
    browser: Browser, engine: sa.Engine, database: city_database.Database, tmp_path: Path
) -> None:
    settings = faults.config()
    screen = screens.Screen(engine, settings, screens.wall(tmp_path, settings, faults.LAYOUT))
    page = browser.new_page(viewport={"width": 1920, "height": 1080})
    loads: list[str] = []
    page.on("framenavigated", lambda frame: loads.append(frame.url))
    with faults.city(screen, database, tmp_path / "uji.yaml") as made:
        page.goto(made.proxy.url + "/wall/uji")
        found = faults.run(made, page, COUNT, SEED, said=lambda text: print(text, flush=True))
        page.close()
    slowest = max(outcome.back_s for outcome in found)
    print(
        f"{len(found)} faults, {sum(bool(one.wrong) for one in found)} violations, back after {slowest:.1f} s at most"
    )
    assert [outcome for outcome in found if outcome.wrong] == []
    assert loads == [made.proxy.url + "/wall/uji"], "the page was never loaded again and never lost to an error page"
