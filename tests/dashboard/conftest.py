"""A small wall on a fresh database."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, sync_playwright

from city.config import Config
from tests import builders
from tests.dashboard import screens

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"]


@pytest.fixture
def config() -> Config:
    """See :func:`small_city`."""
    return small_city()


def small_city() -> Config:
    """One source of complaints that is stale after 3 s and expired after 10 minutes."""
    desk = {
        "collector": "csv_file",
        "kind": "complaint",
        "title": "SIKESAL",
        "stale_after": "3s",
        "expires_after": "10m",
    }
    other = {"collector": "csv_file", "kind": "memo", "title": "SIPADEK"}
    return builders.config(sources={"desk": desk, "memos": other})


@pytest.fixture
def screen(engine: sa.Engine, config: Config, tmp_path: Path) -> screens.Screen:
    """A wall with the two panels ``open`` and ``late``."""
    return screens.Screen(engine, config, screens.wall(tmp_path, config))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, or playwright's own."""
    with sync_playwright() as play:
        path = CHROMIUM if CHROMIUM.exists() else Path(play.chromium.executable_path)
        if not path.exists():
            pytest.skip("no Chromium here (apt install chromium, or playwright install chromium)")
        opened = play.chromium.launch(executable_path=path, args=FLAGS)
        yield opened
        opened.close()
