"""Beds, visits and warmth of a few days in Jambi, folded by hand: what adds up, what averages, what is unknown."""

from datetime import timedelta

import pytest
from november import ZONE, at

from city.config import MetricConfig
from city.model import Observation
from city.queries import Queries
from city.store import Store
from city.times import Window, window
from tests.builders import NOW, clock, config, own_region, save

TICK = timedelta(microseconds=1)
METRICS = {
    "beds": MetricConfig(measure="latest", unit="beds"),
    "beds_of_a": MetricConfig(measure="latest", observation="beds", where={"place": "A"}),
    "wait": MetricConfig(measure="latest", kind="duration", unit="minutes"),
    "visits": MetricConfig(measure="sum"),
    "no_shows": MetricConfig(measure="sum"),
    "warmth": MetricConfig(measure="mean", unit="°C"),
    "no_show_ratio": MetricConfig(measure="ratio", numerator="no_shows", denominator="visits"),
    "used_ratio": MetricConfig(measure="ratio", numerator="used", denominator="beds"),
}
#: metric: (when, value, place)
SEEN = {
    "beds": [("11-14 08:00", 100, "C"), ("11-22 08:00", 10, "A"), ("11-22 09:00", 5, "B"), ("11-23 00:00", 12, "A"),
             ("11-23 23:00", 4, "B"), ("11-24 08:00", 7, "A")],
    "used": [("11-22 10:00", 5, "A"), ("11-22 10:00", 1, "B"), ("11-23 10:00", 3, "A"), ("11-24 08:30", 7, "A")],
    "wait": [("11-24 07:00", 50, "A"), ("11-24 08:00", 10, "A"), ("11-24 07:00", 30, "B")],
    "visits": [("11-22 23:59:59.999999", 3, "A"), ("11-23 00:00", 5, "A"), ("11-23 09:00", 15, "B"),
               ("11-24 10:00", 40, "A")],
    "no_shows": [("11-23 08:00", 1, "A"), ("11-23 18:00", 1, "A"), ("11-24 10:00", 4, "A"), ("11-24 11:00", 4, "A")],
    "warmth": [("11-24 08:00", 30, "A"), ("11-24 08:30", 32, "B"), ("11-24 10:00", 28, "A")],
}  # fmt: skip


@pytest.fixture
def settings():
    return config(metrics=METRICS, region=own_region())


@pytest.fixture
def store(shared_engine, settings):
    return Store(shared_engine, settings, clock())


@pytest.fixture
def ask(shared_engine, settings, store):
    save(store, *(seen(name, *row) for name, rows in SEEN.items() for row in rows))
    return Queries(shared_engine, settings, clock()).measure


def seen(metric, text, value, place, **more):
    return Observation(metric=metric, at=at(text), value=value, place=place, **more)


def answers(reading):
    return [(row["value"], row["n"]) for row in reading.rows]


THREE_DAYS = window("3d", NOW, ZONE)


def test_the_latest_values_at_an_instant_are_those_at_or_before_it(ask):
    told = {
        text: answers(ask("beds", at=at(text)))[0]
        for text in ("11-14 07:59", "11-14 08:00", "11-21 12:00", "11-22 08:30", "11-22 09:00", "11-23 00:00")
    }
    assert told == {
        "11-14 07:59": (None, 0),
        "11-14 08:00": (100.0, 1),
        "11-21 12:00": (100.0, 1),  # nothing newer, so nothing is silent
        "11-22 08:30": (10.0, 1),  # C has been silent for more than seven days before A spoke
        "11-22 09:00": (15.0, 2),
        "11-23 00:00": (17.0, 2),
    }
    assert answers(ask("beds", at=at("11-23 00:00") - TICK)) == [(15.0, 2)]
    assert answers(ask("beds")) == [(11.0, 2)]


def test_a_place_is_there_for_exactly_seven_days_before_the_newest_value(ask, store):
    save(store, seen("beds", "11-17 08:00", 1, "D"), seen("beds", "11-17 07:59:59.999999", 50, "E"))
    assert answers(ask("beds")) == [(12.0, 3)]


def test_the_same_place_seen_by_two_sources_or_of_two_kinds_is_two_series(ask, store):
    save(store, seen("beds", "11-24 09:00", 20, "A"), source="other")
    save(store, seen("beds", "11-24 09:00", 2, "A", category="icu"))
    assert answers(ask("beds")) == [(33.0, 4)]
    assert [(row["source"], row["value"]) for row in ask("beds", by=["source"]).rows] == [
        ("other", 20.0),
        ("desk", 13.0),
    ]


def test_beds_day_by_day_are_the_last_of_each_place_on_that_day(ask):
    reading = ask("beds", grain="day", window=THREE_DAYS)
    assert answers(reading) == [(15.0, 2), (16.0, 2), (7.0, 1)]
    assert [row["partial"] for row in reading.rows] == [False, False, True]
    split = ask("beds", by=["place"], grain="day", window=THREE_DAYS).rows
    assert {place: [row["value"] for row in split if row["place"] == place] for place in "AB"} == {
        "A": [10.0, 12.0, 7.0],
        "B": [5.0, 4.0, None],
    }


def test_beds_by_hour_week_and_month(ask):
    hours = [row["value"] for row in ask("beds", grain="hour").rows]
    assert hours == [None] * 8 + [7.0] + [None] * 6
    weeks = Window(at("11-09 00:00"), NOW)
    assert answers(ask("beds", grain="week", window=weeks)) == [(100.0, 1), (15.0, 2), (11.0, 2)]
    assert answers(ask("beds", grain="month", window=weeks)) == [(111.0, 3)]


def test_filters_narrow_observations(ask):
    assert answers(ask("beds_of_a")) == [(7.0, 1)]
    assert answers(ask("beds", where={"place": ["A", "B", "Z"]})) == [(11.0, 2)]
    assert answers(ask("beds", where={"place": "Z"})) == [(None, 0)]
    assert ask("visits", where={"place": "B"}, window=THREE_DAYS).value == 15.0


def test_waiting_times_are_averaged_over_the_last_of_each_place(ask):
    assert answers(ask("wait")) == [(20.0, 2)]
    assert answers(ask("wait", at=at("11-24 07:30"))) == [(40.0, 2)]
    assert [row["value"] for row in ask("wait", by=["place"]).rows] == [30.0, 10.0]


def test_visits_add_up_by_day_and_an_hour_without_any_is_unknown_not_zero(ask):
    assert answers(ask("visits", grain="day", window=THREE_DAYS)) == [(3.0, 1), (20.0, 2), (40.0, 1)]
    assert answers(ask("visits")) == [(40.0, 1)]
    assert answers(ask("visits", window=THREE_DAYS)) == [(63.0, 4)]
    assert answers(ask("visits", window=THREE_DAYS, at=at("11-23 09:00"))) == [(8.0, 2)]
    hours = [row["value"] for row in ask("visits", grain="hour").rows]
    assert hours == [None] * 10 + [40.0] + [None] * 4


def test_a_mean_is_over_all_that_was_seen_not_over_the_means_of_the_hours(ask):
    assert answers(ask("warmth")) == [(30.0, 3)]
    assert answers(ask("warmth", grain="hour"))[8:11] == [(31.0, 2), (None, 0), (28.0, 1)]
    assert {row["place"]: row["value"] for row in ask("warmth", by=["place"]).rows} == {"A": 29.0, "B": 32.0}


def test_a_ratio_of_counts_divides_their_sums_in_each_day_and_place(ask):
    assert answers(ask("no_show_ratio")) == [(0.2, 1)]
    assert answers(ask("no_show_ratio", grain="day", window=THREE_DAYS)) == [(None, 1), (0.1, 2), (0.2, 1)]
    by_place = ask("no_show_ratio", by=["place"], window=THREE_DAYS).rows
    assert [(row["place"], row["value"]) for row in by_place] == [("A", pytest.approx(10 / 48)), ("B", None)]


def test_a_ratio_of_gauges_divides_last_values(ask):
    assert answers(ask("used_ratio", grain="day", window=THREE_DAYS)) == [(0.4, 2), (0.1875, 2), (1.0, 1)]
    assert answers(ask("used_ratio", window=THREE_DAYS)) == [(pytest.approx(8 / 11), 2)]


def test_a_ratio_to_nothing_is_unknown_and_so_is_one_that_lacks_a_half(ask, store):
    save(store, seen("visits", "11-20 09:00", 0, "A"), seen("no_shows", "11-20 09:00", 0, "A"))
    save(store, seen("no_shows", "11-19 09:00", 3, "A"))
    save(store, seen("visits", "11-18 09:00", 4, "A"), seen("no_shows", "11-18 09:00", 0, "A"))
    days = Window(at("11-18 00:00"), at("11-21 00:00"))
    assert answers(ask("no_show_ratio", grain="day", window=days)) == [(0.0, 1), (None, 0), (None, 1)]
