"""Beds of a few hospitals by hand: what is old is not added up, and nobody who fell silent is forgotten."""

from datetime import timedelta

import pytest
from november import at

from city.config import MetricConfig
from city.metrics import UnknownMetric
from city.model import Observation
from city.queries import Queries
from city.store import Store
from tests.builders import clock, config, own_region, save

#: (when, free beds, hospital, class, room); it is 11-24 14:05, and six hours are the limit.
SEEN = [
    ("11-24 08:00", 100, "A", "VIP", "a1"), ("11-24 13:40", 3, "A", "VIP", "a1"), ("11-24 10:00", 4, "A", "ICU", "a2"),
    ("11-10 10:00", 50, "A", "ICU", "a3"), ("11-24 07:00", 5, "B", "VIP", "b1"), ("11-24 14:00", 6, "B", "ICU", "b2"),
    ("11-24 08:05", 7, "C", "VIP", "c1"), ("11-09 08:00", 8, "D", "VIP", "d1"), ("10-24 08:00", 9, "E", "VIP", "e1"),
]  # fmt: skip


@pytest.fixture
def queries(shared_engine):
    metrics = {
        "beds": MetricConfig(measure="latest", unit="beds"),
        "wait": MetricConfig(measure="latest", kind="duration"),
    }
    beds = {"collector": "csv_file", "expires_after": "6h"}
    settings = config(metrics=metrics, region=own_region(), sources={"desk": beds})
    items = [
        Observation(metric="beds", at=at(when), value=value, place=place, category=sort, channel=room)
        for when, value, place, sort, room in SEEN
    ]
    items += [
        Observation(metric="wait", at=at("11-24 13:00"), value=20 * one, place="A", channel=str(one)) for one in (1, 2)
    ]
    save(Store(shared_engine, settings, clock()), *items)
    return Queries(shared_engine, settings, clock())


def known(reading):
    return {row["place"]: (row["value"], row["seen"], row["n"], row["at"], row["last_at"]) for row in reading.rows}


def test_what_is_older_than_the_limit_is_counted_as_unseen_and_never_added_up(queries):
    found = known(queries.last_seen("beds", by=("place",)))
    assert found["A"] == (7, 2, 2, at("11-24 10:00"), at("11-24 13:40")), (
        "its oldest part; a ward closed long ago is none"
    )
    assert found["B"] == (6, 1, 2, at("11-24 14:00"), at("11-24 14:00"))
    assert found["C"] == (None, 0, 1, None, at("11-24 08:05")), "an age equal to the limit has passed it"
    assert found["D"] == (None, 0, 1, None, at("11-09 08:00")), "two weeks of silence are not forgotten"
    assert "E" not in found, "a month is"


def test_the_limit_is_that_of_the_sources_unless_told(queries):
    assert queries.last_seen("beds", by=("place",)).extra["within"] == timedelta(hours=6)
    told = queries.last_seen("beds", by=("place",), within=timedelta(hours=8))
    assert known(told)["C"][0] == 7 and told.extra["within"] == timedelta(hours=8)


def test_a_second_dimension_splits_each_place_and_a_filter_leaves_the_rest_out(queries):
    rows = queries.last_seen("beds", by=("place", "category")).rows
    cells = {(row["place"], row["category"]): row["value"] for row in rows}
    assert (cells["A", "VIP"], cells["A", "ICU"], cells["B", "VIP"], cells["B", "ICU"]) == (3, 4, None, 6)
    assert set(known(queries.last_seen("beds", by=("place",), where={"category": "ICU"}))) == {"A", "B"}


def test_durations_do_not_add_up(queries):
    assert known(queries.last_seen("wait", by=("place",)))["A"][0] == 30


def test_it_refuses_what_does_not_exist(queries):
    with pytest.raises(UnknownMetric, match="Did you mean 'beds'"):
        queries.last_seen("bed", by=("place",))
    with pytest.raises(ValueError, match="unknown dimension 'ward'"):
        queries.last_seen("beds", by=("place", "ward"))
