"""A free question goes to the mirror while it keeps up, and to PostgreSQL otherwise."""

from datetime import timedelta

import pytest

from city import mirror, readers
from city.mirror_queries import MirrorQueries
from city.mirror_writer import Writer
from city.queries import Queries
from city.store import Store
from tests.builders import NOW, case, clock, config, own_region, save


@pytest.fixture
def city(shared_engine, tmp_path):
    """A store, a mirror's writer and the settings of a region of its own."""
    settings = config(region=own_region())
    folder = mirror.place(tmp_path, settings.region.code)
    store = Store(shared_engine, settings, clock())
    save(store, case("A-1"))
    return store, Writer(shared_engine, settings.region.code, folder, clock()), settings


def best(writer, settings, later=timedelta()):
    return readers.best(writer.engine, settings, clock(NOW + later), writer.folder)


def test_without_a_mirror_postgresql_answers(city):
    _, writer, settings = city
    found = best(writer, settings)
    assert type(found) is Queries and found.measure("complaints_open").value == 1


def test_a_mirror_that_keeps_up_answers_and_says_how_old_it_is(city):
    _, writer, settings = city
    writer.catch_up()
    found = best(writer, settings, timedelta(minutes=9))
    assert type(found) is MirrorQueries
    answer = found.measure("complaints_open")
    assert (answer.value, answer.extra["behind_s"]) == (1, 540)


def test_a_mirror_more_than_ten_minutes_behind_is_left_until_it_follows_again(city):
    store, writer, settings = city
    writer.catch_up()
    save(store, case("A-2"))
    late = timedelta(minutes=11)
    found = best(writer, settings, late)
    assert type(found) is Queries and found.measure("complaints_open").value == 2
    Writer(writer.engine, writer.region, writer.folder, clock(NOW + late)).catch_up()
    found = best(writer, settings, late)
    assert type(found) is MirrorQueries and found.measure("complaints_open").value == 2


def test_a_mirror_of_another_time_zone_is_not_asked(city):
    _, writer, settings = city
    writer.catch_up()
    place = settings.region.model_copy(update={"timezone": "Asia/Jayapura"})
    assert type(best(writer, settings.model_copy(update={"region": place}))) is Queries
