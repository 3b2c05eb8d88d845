"""The publisher looks at every limit once, keeps what it saw, and tells the frames, the list and the header."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from fastapi import FastAPI

from city import stage_log
from city.config import Config
from city.queries import Queries
from dashboard import states
from dashboard.publish import Publisher
from dashboard.replaying import Replay
from dashboard.states import CITY
from tests import builders
from tests.builders import NOW
from tests.dashboard import screens
from tests.dashboard.look import text
from tests.dashboard.screens import Screen, eventually
from tests.dashboard.test_replaying import Answers

LAYOUT = """
title: Uji
grid: {columns: [600, "1fr"], rows: ["1fr"], areas: [late list]}
panels:
  late: {kind: number, title: Lewat, args: {tiles: [{metric: complaints_overdue, label: Lewat, usual: false}]}}
  list: {kind: breaches, title: Alarm aktif, stale_after: 1m, expires_after: 10m}
"""
STAGES = [{"word": "Normal"}, {"word": "Waspada", "when": {"complaints_overdue": {"at_least": 2}}}]
LIMITS = {"complaints_overdue": {"breach": 2, "for": "2m"}}


@pytest.fixture
def config() -> Config:
    """A limit with a delay of 2 minutes on complaints that expire after 10."""
    desk = {"collector": "csv_file", "kind": "complaint", "stale_after": "3m", "expires_after": "10m"}
    return builders.config(sources={"desk": desk}, limits=LIMITS, stages=STAGES)


class City:
    """A screen whose clock is moved by hand."""

    def __init__(self, engine: sa.Engine, config: Config, folder: Path) -> None:
        self.now, self.engine, self.config = NOW, engine, config
        self.screen = Screen(engine, config, screens.wall(folder, config, LAYOUT), lambda: self.now)

    def overdue(self, *keys: str) -> None:
        """A good run that brought overdue complaints."""
        day = timedelta(days=1)
        cases = [builders.case(key, opened_at=NOW - 2 * day, due_at=NOW - day) for key in keys]
        self.screen.save(*cases)

    def after(self, minutes: float = 0, *, run: bool = True) -> dict[str, dict]:
        """What the page shows that much later; with ``run`` the source answered until then."""
        self.now += timedelta(minutes=minutes)
        if run:
            self.screen.save()
        with self.engine.connect() as connection:
            self.screen.publisher.publish(connection, self.screen.publisher.items)
        return self.screen.shown()

    def restart(self) -> None:
        """Another publisher takes over."""
        self.screen.publisher = Publisher(
            self.engine, self.config, [self.screen.page], Queries(self.engine, self.config, lambda: self.now),
            lambda: self.now,
        )  # fmt: skip
        self.screen.publisher.restore()


@pytest.fixture
def city(engine: sa.Engine, config: Config, tmp_path: Path) -> City:
    return City(engine, config, tmp_path)


def flags(shown: dict[str, dict]) -> dict[str, int | None]:
    return {name: state["breach"] for name, state in shown.items()}


def test_a_limit_passed_long_enough_is_listed_and_flags_every_panel_of_its_metric(city: City) -> None:
    city.overdue("A-1", "A-2")
    assert flags(city.after()) == {"late": None, "list": None}
    shown = city.after(2)
    assert flags(shown) == {"late": 2, "list": 2}
    assert "Pengaduan lewat tenggat 2" in text(shown["list"]["body"])
    assert text(shown["list"]["body"]).endswith("2 mnt batas 2 Lewat batas")


def test_a_breach_and_a_delay_that_runs_outlive_the_publisher(city: City) -> None:
    city.overdue("A-1", "A-2")
    city.after()
    city.restart()
    assert flags(city.after(2)) == {"late": 2, "list": 2}
    city.restart()
    assert "3 mnt" in text(city.after(1)["list"]["body"])


def test_a_source_that_falls_silent_leaves_the_breach_standing_as_not_seen(city: City) -> None:
    city.overdue("A-1", "A-2")
    city.after()
    city.after(2)
    shown = city.after(12, run=False)
    assert flags(shown) == {"late": 2, "list": 2}
    assert text(shown["list"]["body"]).endswith("Tidak terlihat sejak 14.07 Terakhir prioritas 2")
    assert shown["list"]["as_of"] == city.now.isoformat(), "the list itself is as young as the look"


def test_two_pages_with_lists_ask_no_metric_twice(city: City, tmp_path: Path) -> None:
    city.overdue("A-1")
    city.after()
    other = screens.wall(tmp_path, city.config, LAYOUT)
    object.__setattr__(other, "name", "lain")
    asked: list[str] = []
    queries = Queries(city.engine, city.config, lambda: city.now)
    measure = queries.measure
    queries.measure = lambda name, **how: asked.append(name) or measure(name, **how)  # type: ignore[method-assign]
    publisher = Publisher(city.engine, city.config, [city.screen.page, other], queries, lambda: city.now)
    lists = [(page, panel) for page, panel in publisher.items if panel.kind in ("breaches", "city_stage")]
    with city.engine.connect() as connection:
        publisher.publish(connection, lists)
    assert len(lists) == 3 and asked == ["complaints_overdue"]


@contextmanager
def published(city: City) -> Iterator[None]:
    with city.screen.publishing():
        eventually(lambda: states.current(city.engine, "15.71", CITY), "the first stage")
        yield


def stage(city: City) -> str:
    return text(states.current(city.engine, "15.71", CITY)["stage"]["body"])


def test_the_rules_propose_at_once_and_keep_why_in_the_log(city: City) -> None:
    city.overdue("A-1", "A-2")
    city.after()
    assert stage(city) == "Siaga kota belum ditetapkan – – usulan aturan 2"
    city.after(1)
    rows = builders.table(city.engine, "select stage, by, reason, proposed from stage_log")
    assert rows == [(None, "aturan", "Pengaduan lewat tenggat 2 (≥ 2)", 2)], "once, not at every look"


def test_what_the_rules_cannot_see_keeps_the_proposal_and_is_said(city: City) -> None:
    city.overdue("A-1", "A-2")
    city.after()
    with city.engine.begin() as connection:
        stage_log.declare(connection, "15.71", 2, by="Kepala jaga", reason="Banyak", at=city.now)
    city.after(12, run=False)
    assert stage(city).endswith("2 Waspada aturan 2 tidak terlihat")


def test_a_declared_stage_reaches_the_header_at_once_and_can_be_replayed(city: City) -> None:
    city.overdue("A-1")
    with published(city):
        before = stage(city)
        city.now += timedelta(minutes=1)
        with city.engine.begin() as connection:
            stage_log.declare(connection, "15.71", 2, by="Kepala jaga", reason="Hujan lebat", at=city.now)
        eventually(lambda: "2 Waspada" in stage(city), "the declared stage", 5)
    then = states.at(city.engine, "15.71", CITY, NOW + timedelta(seconds=30))
    assert text(then["stage"]["body"]) == before and "belum ditetapkan" in before


def test_a_replay_comes_with_the_stage_of_its_moment_and_revises_nothing_that_was_watched(city: City) -> None:
    city.overdue("A-1", "A-2")
    city.after()
    city.after(2)
    city.after(12, run=False)
    server = FastAPI()
    Replay(city.engine, city.config, [city.screen.page], lambda: city.now).routes(server)
    answers, at = Answers(server), {"at": (NOW + timedelta(minutes=3)).isoformat()}
    found = {state["panel"]: state for state in answers.get("/replay/uji/states", at).json()["states"]}
    assert set(found) == {"late", "list", "stage"} and "usulan aturan 2" in text(found["stage"]["body"])
    bodies = answers.get("/replay/uji/bodies", {"hash": found["stage"]["hash"]}).json()
    assert bodies == {found["stage"]["hash"]: found["stage"]["body"]}
    assert answers.get("/replay/uji/revised", at).json()["revised"] == {}


def test_a_region_without_stages_has_no_stage_in_its_header(engine: sa.Engine, tmp_path: Path) -> None:
    plain = builders.config(limits=LIMITS)
    screen = Screen(engine, plain, screens.wall(tmp_path, plain, LAYOUT))
    assert {page for page, _ in screen.publisher.items} == {"uji"}
