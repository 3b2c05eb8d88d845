"""A person's wish to run a source now is heard over the database, by whoever may only read it, and not too often."""

import threading

import pytest
import sqlalchemy as sa

from city import database as city_database
from collectors import wanted
from collectors.wanted import Wanted
from tests.dashboard.screens import eventually

WISH = {"region": "15.71", "source": "desk", "accept": False}


@pytest.fixture
def started():
    return []


@pytest.fixture
def ear(database, started):
    return Wanted(database.url, "15.71", frozenset({"desk", "memos"}), lambda *wish: started.append(wish))


def test_the_web_half_may_wish_and_is_heard(ear, started, database):
    stop = threading.Event()
    thread = threading.Thread(target=ear.run, args=(stop,))
    thread.start()
    web = city_database.engine(database.web_url)

    def heard():
        with web.begin() as connection:
            city_database.notify(connection, wanted.CHANNEL, WISH | {"accept": True})
        return started

    assert eventually(heard, "the wish is heard", 10)[0] == ("desk", True)
    stop.set()
    thread.join(5)
    web.dispose()
    assert not thread.is_alive()


def test_it_listens_again_when_the_database_was_away(ear, started, database, monkeypatch):
    monkeypatch.setattr(wanted, "_RETRY_S", 0.05)
    stop = threading.Event()
    thread = threading.Thread(target=ear.run, args=(stop,))
    thread.start()
    engine = city_database.engine(database.url)
    cut = """select pg_terminate_backend(pid) from pg_stat_activity
        where query ilike 'listen%' and datname = current_database()"""

    def is_cut():
        with engine.begin() as connection:
            return connection.execute(sa.text(cut)).rowcount

    eventually(is_cut, "somebody listens", 10)

    def heard():
        with engine.begin() as connection:
            city_database.notify(connection, wanted.CHANNEL, WISH)
        return started

    eventually(heard, "the wish is heard by a new connection", 10)
    stop.set()
    thread.join(5)
    engine.dispose()


@pytest.mark.parametrize("odd", [{"region": "94.71"}, {"source": "unknown"}, {"source": None}])
def test_wishes_of_others_are_not_ours(ear, started, odd):
    ear.hear(WISH | odd)
    assert started == []


def test_a_source_is_not_asked_again_at_once(ear, started, monkeypatch):
    for name in ("desk", "desk", "memos"):
        ear.hear(WISH | {"source": name})
    assert started == [("desk", False), ("memos", False)]
    monkeypatch.setattr(wanted, "PAUSE_S", 0.0)
    ear.hear(WISH)
    assert len(started) == 3
