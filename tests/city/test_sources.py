"""How the sources are doing, and which of them a number comes from."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from city import sources
from city.config import MetricConfig
from city.model import Observation, SourceError, Unreachable
from city.queries import Queries
from city.store import Store, Tally
from tests.builders import NOW, case, clock, config, own_region, table

MINUTE = timedelta(minutes=1)
SOURCES = {
    "hotline": {"collector": "json_api"},  # names no kind: it feeds what it has delivered
    "desk": {
        "collector": "csv_file",
        "kind": "complaint",
        "title": "SIKESAL",
        "stale_after": "5m",
        "expires_after": "9m",
    },
    "memos": {"collector": "csv_file", "kind": "memo"},
    "fire_calls": {"collector": "csv_file", "kind": "complaint"},
    "siranap": {"collector": "json_api"},
}
METRICS = {
    "beds": MetricConfig(measure="latest"),
    "complaint": MetricConfig(measure="sum"),  # an observation that is called as a kind is
    "used_ratio": MetricConfig(measure="ratio", numerator="used", denominator="beds"),
}


class City:
    """A region whose sources run at so many minutes before NOW."""

    def __init__(self, engine):
        self.engine, self.config = engine, config(region=own_region(), sources=SOURCES, metrics=METRICS)
        self.store, self.queries = Store(engine, self.config, clock()), Queries(engine, self.config, clock())

    def good(self, source, ago, *items):
        self.store.save(source, items, started_at=NOW - ago * MINUTE, finish=Tally)

    def bad(self, source, ago, error=None):
        self.store.fail(source, started_at=NOW - ago * MINUTE, error=error or Unreachable("no answer", where=source))

    def run(self, sql, values):
        with self.engine.connect() as connection:
            return [dict(row) for row in connection.execute(sa.text(sql), dict(values)).mappings()]

    def state(self, source="desk"):
        return sources.states(self.config, self.run, [source])[0]

    def feeding(self, metric):
        return sources.of_metric(self.config, self.run, self.queries.metric(metric))


@pytest.fixture
def city(shared_engine):
    return City(shared_engine)


def beds(metric="beds", **more):
    return Observation(metric=metric, at=NOW - MINUTE, value=3, **more)


def test_a_source_that_never_ran_is_known_by_its_settings_only(city):
    state = city.state("fire_calls")
    assert (state.name, state.title) == ("fire_calls", "Fire calls")
    assert (state.last_ok_at, state.last_run_at, state.since, state.error, state.error_code) == (None,) * 5
    assert (state.failures, state.simulated) == (0, False)
    assert (state.stale_after, state.expires_after) == (15 * MINUTE, 120 * MINUTE)


def test_title_and_ages_are_those_of_the_configuration(city):
    state = city.state("desk")
    assert (state.title, state.stale_after, state.expires_after) == ("SIKESAL", 5 * MINUTE, 9 * MINUTE)


def test_the_last_good_run_is_when_it_began_to_read(city):
    city.good("desk", 30, case())
    city.good("desk", 20)
    state = city.state()
    assert (state.last_ok_at, state.last_run_at, state.failures) == (NOW - 20 * MINUTE, NOW - 20 * MINUTE, 0)


def test_failures_are_counted_since_the_last_good_run_only(city):
    city.bad("desk", 60)
    city.bad("desk", 50)
    city.good("desk", 40)
    city.bad("desk", 30)
    state = city.state()
    assert (state.failures, state.since) == (1, NOW - 30 * MINUTE)
    city.bad("desk", 20)
    city.bad("desk", 10)
    state = city.state()
    assert (state.failures, state.since) == (3, NOW - 30 * MINUTE)
    assert (state.last_ok_at, state.last_run_at) == (NOW - 40 * MINUTE, NOW - 10 * MINUTE)


def test_a_source_that_was_never_good_counts_every_failure(city):
    city.bad("desk", 60)
    city.bad("desk", 50)
    state = city.state()
    assert (state.failures, state.since, state.last_ok_at) == (2, NOW - 60 * MINUTE, None)


def test_the_error_is_that_of_the_last_run_and_gone_when_that_was_good(city):
    city.bad("desk", 30, Unreachable("no answer", where="desk", next_step="wait"))
    city.bad("desk", 20, SourceError("broken", where="desk", next_step="mend it"))
    assert (city.state().error, city.state().error_code) == ("desk: broken. Next: mend it", "K-100")
    city.good("desk", 10)
    assert (city.state().error, city.state().error_code) == (None, None)
    kept = f"select count(*) from runs where error is not null and region = '{city.config.region.code}'"
    assert table(city.engine, kept) == [(2,)]


def test_simulated_is_said_by_the_last_good_run_that_brought_anything(city):
    city.bad("desk", 60)
    assert not city.state().simulated
    city.good("desk", 50, case(simulated=True), case("A-2"))
    assert city.state().simulated
    city.good("desk", 40)
    city.bad("desk", 30)
    city.good("desk", 20)
    assert city.state().simulated, "no news is not real news"
    city.good("desk", 10, case())
    assert not city.state().simulated


def test_runs_of_other_sources_and_regions_say_nothing_about_this_one(city):
    neighbour = City(city.engine)
    city.good("desk", 40)
    neighbour.good("desk", 5, case(simulated=True))
    neighbour.bad("desk", 4)
    city.bad("memos", 3)
    state = city.state()
    assert (state.last_ok_at, state.failures, state.error, state.simulated) == (NOW - 40 * MINUTE, 0, None, False)
    assert (neighbour.state().failures, neighbour.state("memos").failures) == (1, 0)


def test_states_come_in_the_order_they_were_asked_for_and_all_in_that_of_the_configuration(city):
    for minute, source in enumerate(("siranap", "memos", "desk")):
        city.good(source, minute)
    asked = sources.states(city.config, city.run, ["memos", "desk", "hotline"])
    assert [state.name for state in asked] == ["memos", "desk", "hotline"]
    assert [state.name for state in city.queries.source_states()] == list(SOURCES)


def test_who_asks_for_no_source_asks_the_database_nothing(city):
    def never(sql, values):
        raise AssertionError("asked")

    assert sources.states(city.config, never, []) == []


def test_a_metric_of_cases_is_fed_by_the_sources_of_its_kind_before_they_deliver_anything(city):
    assert city.feeding("complaints_open") == ("desk", "fire_calls")
    assert city.feeding("memos_time_to_close") == ("memos",)
    assert city.feeding("calls_opened") == ()


def test_a_source_without_a_kind_feeds_what_it_has_delivered_in_the_order_of_the_configuration(city):
    city.good("siranap", 9, case(kind="call"))
    city.good("hotline", 8, case(), case("A-2", kind="call"))
    assert city.feeding("complaints_open") == ("hotline", "desk", "fire_calls")
    assert city.feeding("calls_opened") == ("hotline", "siranap")
    assert city.feeding("memos_open") == ("memos",)


def test_a_source_with_a_kind_feeds_that_kind_only_whatever_else_came_with_it(city):
    city.good("memos", 9, case(kind="complaint"), beds())
    assert city.feeding("complaints_open") == ("desk", "fire_calls")
    assert city.feeding("beds") == ("memos",), "of observations it is asked like every other"


def test_an_observation_is_fed_by_whoever_delivered_it_and_a_ratio_by_both_its_halves(city):
    city.good("siranap", 9, beds())
    city.good("hotline", 8, beds("used"))
    assert city.feeding("beds") == ("siranap",)
    assert city.feeding("used_ratio") == ("hotline", "siranap")


def test_a_kind_and_an_observation_of_one_name_are_told_apart(city):
    city.good("siranap", 9, beds("complaint"))
    city.good("hotline", 8, case())
    assert city.feeding("complaint") == ("siranap",)
    assert city.feeding("complaints_open") == ("hotline", "desk", "fire_calls")


def test_what_was_delivered_once_is_remembered_and_what_failed_was_not_delivered(city):
    city.good("siranap", 30, beds())
    city.good("siranap", 20)
    city.bad("siranap", 10)
    city.bad("hotline", 9)
    assert city.feeding("beds") == ("siranap",)


def test_a_source_of_another_region_or_no_longer_configured_feeds_nothing(city):
    City(city.engine).good("siranap", 9, beds())
    city.good("retired", 8, beds(), case())
    assert city.feeding("beds") == ()
    assert city.feeding("complaints_open") == ("desk", "fire_calls")


def test_a_reading_names_its_sources_is_as_old_as_the_oldest_and_simulated_if_one_is(city):
    city.good("fire_calls", 30, case("B-1", simulated=True))
    city.good("desk", 10, case())
    city.good("siranap", 90, beds())
    reading = city.queries.measure("complaints_open")
    assert (reading.sources, reading.as_of) == (("SIKESAL", "Fire calls"), NOW - 30 * MINUTE)
    assert reading.simulated and not city.queries.measure("beds").simulated
    city.bad("fire_calls", 5)
    assert city.queries.as_of("complaints_open") == NOW - 30 * MINUTE
