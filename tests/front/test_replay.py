"""A replay shows what was streamed: a recorded stream beside `run.py replay`."""

import json
import time
from datetime import timedelta
from pathlib import Path

import yaml

from city import database as city_database
from tests.dashboard import screens
from tests.dashboard.conftest import config, screen  # noqa: F401 - the small wall of the dashboard's tests
from tests.dashboard.recording import Recorder, as_streamed, published
from tests.dashboard.screens import Screen
from tests.front.test_cli import run


def settings_of(screen: Screen, tmp_path: Path) -> Path:  # noqa: F811
    """The small wall as a file, for the command line."""
    path = tmp_path / "region.yaml"
    given = screen.config.model_dump(mode="json", exclude_unset=True) | {"pages": ["uji.yaml"]}
    for source in given["sources"].values():
        source |= {"stale_after": "3s", "expires_after": "10m"}
        source["args"] = {"path": "none.csv", "fields": {"key": "id", "opened_at": "masuk"}}
    path.write_text(yaml.safe_dump(given))
    return path


def test_a_replay_of_any_moment_equals_the_recorded_stream(
    screen: Screen,  # noqa: F811
    database: city_database.Database,
    tmp_path: Path,
) -> None:
    with screens.serving(screen.config, tmp_path / "uji.yaml", database.web_url) as server:
        recorder = Recorder(server.url, until=9)
        with screen.engine.connect() as connection:
            for number in range(5):
                screen.file(f"A-{number}", due_at=screen.clock() + timedelta(seconds=number))
                time.sleep(0.3)
                screen.publisher.publish(connection, screen.publisher.items)
        heard = recorder.stop()
    assert len(heard) >= 9, "every change was heard"
    path = settings_of(screen, tmp_path)
    moments = [published(heard[index]) + timedelta(milliseconds=1) for index in (0, 1, 3, 4, len(heard) - 1)]
    for at in moments:
        shown = run("replay", "uji", "--at", at.isoformat(), "--config", path, data=tmp_path, database=database)
        assert shown.returncode == 0, shown.stderr
        assert {panel["panel"]: panel for panel in json.loads(shown.stdout)["panels"]} == as_streamed(heard, at)
    values = {screens.number(state["body"]) for at in moments for state in as_streamed(heard, at).values()}
    assert len(values) >= 3, "the moments differ"
