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
from tests.dashboard.look import classed, text
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

    def __init__(self, engine: sa.Engine, config: Config, folder: Path, layout: str = LAYOUT) -> None:
        self.now, self.engine, self.config = NOW, engine, config
        self.screen = Screen(engine, config, screens.wall(folder, config, layout), lambda: self.now)

    def overdue(self, *keys: str) -> None:
        """A good run that brought overdue complaints."""
        day = timedelta(days=1)
        cases = [builders.case(key, opened_at=NOW - 2 * day, due_at=NOW - day) for key in keys]
        self.screen.save(*cases)

    def close(self, *keys: str) -> None:
        """A good run that says that these are closed."""
        day = timedelta(days=1)
        known = {row[0]: row[1] for row in builders.table(self.engine, "select key, agency from cases")}
        self.screen.save(*(builders.case(key, agency=known[key], opened_at=NOW - 2 * day, due_at=NOW - day,
                                         closed_at=self.now, status="done") for key in keys))  # fmt: skip

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


def marked(state: dict) -> int | None:
    """The priority of the mark that a panel shows."""
    marks = classed(state["body"], "mk")
    return int(text({"props": marks[0]})) if marks else None


def test_a_limit_passed_long_enough_is_listed_and_flags_every_panel_of_its_metric(city: City) -> None:
    city.overdue("A-1", "A-2")
    first = city.after()
    assert flags(first) == {"late": None, "list": None} and marked(first["late"]) is None
    assert "lewat batas, < 2 mnt" in text(first["late"]["body"])
    shown = city.after(2)
    assert flags(shown) == {"late": 2, "list": 2} and marked(shown["late"]) == 2
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


def test_tile_and_list_agree_whatever_comes_in_which_order(city: City) -> None:
    """A value that dances around its limit: at every moment the tile has the mark of the list, or neither has one."""
    city.overdue("A-1")
    seen = set()
    for minute, keys in enumerate([(), ("A-2",), (), (), (), ("A-3",), (), ()]):
        if keys:
            city.overdue(*keys)
        if minute == 5:
            city.close("A-2", "A-3")
        shown = city.after(1, run=bool(minute % 3))
        row = classed(shown["list"]["body"], "ar")
        assert marked(shown["late"]) == flags(shown)["late"] == (2 if row else None), f"minute {minute}"
        seen.add(marked(shown["late"]))
    assert seen == {None, 2}, "both were seen"


def test_a_delay_that_runs_out_between_two_runs_changes_the_tile_with_the_list_though_nothing_came(city: City) -> None:
    city.overdue("A-1", "A-2")
    city.after()
    city.now += timedelta(minutes=2)
    late = next(item for item in city.screen.publisher.items if item[1].name == "list")
    with city.engine.connect() as connection:
        city.screen.publisher.publish(connection, [late])  # the list alone is due: its look tells the others
    shown = city.screen.shown()
    assert flags(shown) == {"late": 2, "list": 2} and marked(shown["late"]) == 2


PER_AGENCY = """
title: Uji
grid: {columns: [600, "1fr"], rows: ["1fr"], areas: [queue list]}
panels:
  queue: {kind: bars, title: Antrean, args: {metric: complaints_open, rows: 1}}
  list: {kind: breaches, title: Alarm aktif, stale_after: 1m, expires_after: 10m}
"""


def test_a_limit_of_each_agency_is_judged_listed_and_drawn_by_agency(
    engine: sa.Engine, config: Config, tmp_path: Path
) -> None:
    limits = {"complaints_open_per_agency": {"warn": 2, "for": "1m"}}
    config = config.model_copy(update={"limits": builders.config(limits=limits).limits, "stages": ()})
    city = City(engine, config, tmp_path, PER_AGENCY)
    for number, agency in enumerate(("pupr", "pupr", "pupr", "dlh", "dlh", "dinkes")):
        city.screen.file(f"A-{number}", agency=agency, opened_at=NOW - timedelta(hours=1))
    assert not classed(city.after()["queue"]["body"], "mk")
    shown = city.after(1)
    assert text(shown["queue"]["body"]) == "PUPR 3 3 2 OPD lain 3 3", "the others show the worst of theirs"
    assert [text({"props": row}) for row in classed(shown["list"]["body"], "ar")] == [
        "3 Pengaduan terbuka 3 1 mnt PUPR, batas 2 Batas waspada",
        "3 Pengaduan terbuka 2 1 mnt dlh, batas 2 Batas waspada",
    ]
    assert flags(shown) == {"queue": 3, "list": 3}
    city.restart()
    city.close("A-3", "A-4")
    city.after()
    shown = city.after(1)
    assert len(classed(shown["list"]["body"], "ar")) == 1, "an agency without an open case has none over its limit"


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


def test_the_rules_propose_when_the_limit_counts_and_keep_why_in_the_log(city: City) -> None:
    city.overdue("A-1", "A-2")
    city.after()
    assert stage(city).endswith("usulan aturan 1"), "beyond the value, but not for two minutes yet"
    city.after(2)
    assert stage(city) == "Siaga kota belum ditetapkan – – usulan aturan 2"
    city.after(1)
    rows = builders.table(city.engine, "select stage, by, reason, proposed from stage_log")
    assert [row[3] for row in rows] == [1, 2], "once each, not at every look"
    assert rows[1] == (None, "aturan", "Pengaduan lewat tenggat 2 (≥ 2)", 2)


def test_what_the_rules_cannot_see_keeps_the_proposal_and_is_said(city: City) -> None:
    city.overdue("A-1", "A-2")
    city.after()
    city.after(2)
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
