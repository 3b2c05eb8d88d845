"""A small wall on a fresh database."""

from pathlib import Path

import pytest
import sqlalchemy as sa

from city.config import Config
from tests import builders
from tests.dashboard import screens


@pytest.fixture
def config() -> Config:
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
