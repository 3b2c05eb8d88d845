"""Publishing: what changed is computed once, and a screen is told the truth about what could not be."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from city.config import Config
from city.database import listen
from city.model import Unreachable
from dashboard import states
from dashboard.publish import PANELS, RUNS
from tests import builders
from tests.dashboard import screens
from tests.dashboard.screens import Screen, eventually, now, number


class Hand:
    """A publisher worked by hand on one connection."""

    def __init__(self, screen: Screen, connection: sa.Connection, heard: Any) -> None:
        self.screen, self.connection, self._heard = screen, connection, heard

    def publish(self) -> None:
        """Everything anew."""
        self.screen.publisher.publish(self.connection, self.screen.publisher.items)

    def hear(self) -> None:
        """What the runs since then change."""
        self.screen.publisher.changed(self.connection, [note for _, note in self._heard.wait(5)])


@contextmanager
def by_hand(screen: Screen) -> Iterator[Hand]:
    with listen(screen.engine.url.render_as_string(False), (RUNS,)) as heard, screen.engine.connect() as connection:
        yield Hand(screen, connection, heard)


def statements(engine: sa.Engine) -> list[str]:
    """Every statement the engine sends from now on."""
    said: list[str] = []
    sa.event.listen(engine, "before_cursor_execute", lambda c, cursor, sql, *rest: said.append(sql))
    return said


def count(screen: Screen) -> int:
    """How many states were ever published."""
    return int(builders.table(screen.engine, "select count(*) from panel_states")[0][0])


def test_a_new_complaint_reaches_the_panels_that_show_complaints(screen: Screen) -> None:
    with screen.publishing():
        screen.file("A-1")
        shown = eventually(lambda: (s := screen.shown()) and not s["open"]["missing"] and s, "the first complaint")
        assert number(shown["open"]["body"]) == "1"
        screen.file("A-2")
        eventually(lambda: number(screen.shown()["open"]["body"]) == "2", "the second complaint", 5)
    assert shown["open"]["source"] == "SIKESAL"
    assert shown["open"]["failure"] is None
    assert (shown["open"]["stale_after_s"], shown["open"]["expires_after_s"]) == (3, 600)


def test_each_panel_goes_out_as_soon_as_it_is_ready(screen: Screen) -> None:
    screen.file("A-1")
    with listen(screen.engine.url.render_as_string(False), (PANELS,)) as heard, by_hand(screen) as hand:
        hand.publish()
        notes = [note for _, note in heard.wait(5)] + [note for _, note in heard.wait(0.2)]
    assert [len(note["seqs"]) for note in notes] == [1, 1], "one notice for each panel, not one for all"


def test_a_run_that_brought_nothing_only_moves_the_age(screen: Screen) -> None:
    with by_hand(screen) as hand:
        screen.file("A-1")
        hand.hear()
        before = screen.shown()
        asked = statements(screen.engine)
        screen.save()
        del asked[:]
        hand.hear()
        after = screen.shown()
    assert after["open"]["as_of"] > before["open"]["as_of"]
    assert after["open"]["hash"] == before["open"]["hash"]
    assert not [sql for sql in asked if "from cases" in sql or "case_days" in sql], "no number was asked for anew"
    assert not [sql for sql in asked if "insert into panel_bodies" in sql], "no body was stored again"


def test_a_run_of_another_source_publishes_nothing(screen: Screen) -> None:
    with by_hand(screen) as hand:
        screen.file("A-1")
        hand.hear()
        before = count(screen)
        screen.save(builders.case("M-1", kind="memo"), source="memos")
        hand.hear()
    assert count(screen) == before


def test_a_tick_on_which_nothing_changed_publishes_nothing(screen: Screen) -> None:
    screen.file("A-1")
    with by_hand(screen) as hand:
        hand.publish()
        before = count(screen)
        hand.publish()
    assert count(screen) == before


def test_a_complaint_that_falls_overdue_by_the_passing_of_time_is_published_by_a_tick(
    engine: sa.Engine, config: Config, tmp_path: Path
) -> None:
    moment = [builders.NOW]
    screen = Screen(engine, config, screens.wall(tmp_path, config), lambda: moment[0])
    screen.file("A-1", due_at=builders.NOW + timedelta(minutes=5))
    with by_hand(screen) as hand:
        hand.publish()
        assert number(screen.shown()["late"]["body"]) == "0"
        moment[0] += timedelta(minutes=6)
        hand.publish()
    assert number(screen.shown()["late"]["body"]) == "1"


def test_a_source_that_fails_leaves_the_old_value_and_says_what_is_wrong(screen: Screen) -> None:
    with by_hand(screen) as hand:
        screen.file("A-1")
        hand.hear()
        good = screen.shown()["open"]
        for _ in range(3):
            screen.store.fail("desk", started_at=now(), error=Unreachable("refused", where="http://desk"))
        hand.hear()
    shown = screen.shown()["open"]
    assert (shown["hash"], shown["as_of"]) == (good["hash"], good["as_of"]), "the value and its age stay"
    assert (shown["failure"]["tries"], shown["failure"]["code"]) == (3, "K-101")
    assert shown["failure"]["text"].startswith("SIKESAL tidak menjawab sejak ")
    assert shown["failure"]["text"].endswith(". Kode K-101.")


def test_one_panel_that_fails_keeps_its_old_age_and_the_others_go_on(
    screen: Screen, monkeypatch: pytest.MonkeyPatch
) -> None:
    with by_hand(screen) as hand:
        screen.file("A-1")
        hand.hear()
        good = screen.shown()["late"]
        # A fault of the panel's own: its settings are of the wrong kind.
        monkeypatch.setitem(screen.page.panels["late"].args.__dict__, "tiles", ["none"])
        screen.file("A-2")
        hand.hear()
    shown = screen.shown()
    assert number(shown["open"]["body"]) == "2", "the other panel goes on"
    assert shown["late"]["failure"]["code"] == "K-200"
    assert shown["late"]["failure"]["text"].startswith("Panel ini tidak dapat dihitung sejak ")
    assert (shown["late"]["hash"], shown["late"]["as_of"]) == (good["hash"], good["as_of"]), "it must go stale"


def test_a_panel_that_can_be_computed_again_recovers_on_the_next_run(
    screen: Screen, monkeypatch: pytest.MonkeyPatch
) -> None:
    with by_hand(screen) as hand:
        with monkeypatch.context() as broken:
            broken.setitem(screen.page.panels["late"].args.__dict__, "tiles", ["none"])
            screen.file("A-1")
            hand.hear()
            assert screen.shown()["late"]["failure"]["code"] == "K-200"
        screen.save()
        hand.hear()
    assert screen.shown()["late"]["failure"] is None


def test_a_city_never_collected_shows_no_zero(screen: Screen) -> None:
    with by_hand(screen) as hand:
        hand.publish()
    assert screen.shown()["open"]["missing"] is True
    assert screen.shown()["open"]["as_of"] is None


def test_a_restarted_publisher_does_not_say_again_what_the_screens_show(screen: Screen) -> None:
    screen.file("A-1")
    with by_hand(screen) as hand:
        hand.publish()
    before = count(screen)
    again = Screen(screen.engine, screen.config, screen.page)
    with by_hand(again) as hand:
        again.publisher.restore()
        hand.publish()
    assert count(screen) == before


def test_only_one_publisher_of_a_region_works_and_the_second_takes_over(screen: Screen) -> None:
    second = Screen(screen.engine, screen.config, screen.page)
    screen.file("A-1")
    stop, stop_second = threading.Event(), threading.Event()
    first_thread = threading.Thread(target=screen.publisher.run, args=(stop,))
    second_thread = threading.Thread(target=second.publisher.run, args=(stop_second,))
    first_thread.start()
    eventually(lambda: len(screen.shown()) == 2, "the first publisher")
    before = count(screen)
    second_thread.start()
    stop_second.wait(1.5)
    assert count(screen) == before, "the standby waits"
    stop.set()
    first_thread.join(15)
    screen.file("A-2")
    eventually(lambda: number(screen.shown()["open"]["body"]) == "2", "the second takes over")
    stop_second.set()
    second_thread.join(15)


def test_a_publisher_whose_connections_are_cut_recovers_and_publishes_what_it_missed(screen: Screen) -> None:
    screen.file("A-1")
    with screen.publishing():
        eventually(lambda: len(screen.shown()) == 2, "the first states")
        with screen.engine.connect() as connection:
            others = "select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid()"
            connection.execute(sa.text(f"{others} and datname = current_database()"))
        screen.file("A-2")
        eventually(lambda: number(screen.shown()["open"]["body"]) == "2", "the publisher is back")


def test_the_lock_is_not_held_inside_an_open_transaction(screen: Screen) -> None:
    screen.file("A-1")
    with screen.publishing():
        eventually(lambda: len(screen.shown()) == 2, "the first states")
        idle = (
            "select count(*) from pg_stat_activity where datname = current_database() and state = 'idle in transaction'"
        )
        eventually(lambda: builders.table(screen.engine, idle) == [(0,)], "no transaction is left open", 3)


def test_what_the_wall_showed_at_a_moment_is_what_was_published_then(screen: Screen) -> None:
    with by_hand(screen) as hand:
        screen.file("A-1")
        hand.hear()
        then = now()
        screen.file("A-2")
        hand.hear()
    region, page = screen.config.region.code, screen.page.name
    assert number(states.at(screen.engine, region, page, then)["open"]["body"]) == "1"
    assert number(states.current(screen.engine, region, page)["open"]["body"]) == "2"
    assert states.at(screen.engine, region, page, then - timedelta(days=1)) == {}


def test_old_states_are_forgotten_but_never_the_one_still_shown(screen: Screen) -> None:
    with by_hand(screen) as hand:
        for key in ("A-1", "A-2", "A-3"):
            screen.file(key)
            hand.hear()
        sql = "update panel_states set published_at = published_at - interval '40 days'"
        with screen.engine.begin() as connection:
            connection.execute(sa.text(sql))
        before = screen.shown()
        while screen.publisher.prune(hand.connection):
            pass
    assert screen.shown() == before
    assert count(screen) == 2
    assert builders.table(screen.engine, "select count(*) from panel_bodies")[0][0] <= 2


def test_pruning_leaves_other_regions_alone(screen: Screen) -> None:
    with by_hand(screen) as hand:
        for key in ("A-1", "A-2"):
            screen.file(key)
            hand.hear()
        before = count(screen)
        with screen.engine.begin() as connection:
            connection.execute(sa.text("update panel_states set region = '99.99', published_at = '2020-01-01Z'"))
        while screen.publisher.prune(hand.connection):
            pass
    assert count(screen) == before
