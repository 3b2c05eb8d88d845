"""Air, hot spots, dengue and JKN of the simulated city: seeded, coherent with its rain, and never from the future."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest

from simulation import air, health_office, services
from simulation.messages import Request
from simulation.places import DISTRICTS, ZONE
from simulation.town import Town
from simulation.weather import rain_of

NOW = datetime(2026, 11, 24, 7, 5, tzinfo=UTC)
YEAR = [date(2026, 1, 1) + timedelta(days=day) for day in range(365)]


def asked(query):
    prefix, service = services.find("/air/readings")
    assert prefix == "/air/"
    return service(Town(), Request("GET", "readings", query, {}, b"", NOW))


def test_the_air_answers_every_hour_of_a_span_and_nothing_that_has_not_happened():
    body = json.loads(asked({"since": (NOW - timedelta(hours=6)).isoformat()}).body)
    moments = [datetime.fromisoformat(row["at"]) for row in body["readings"]]
    assert len(moments) == 6 and moments == sorted(moments) and moments[-1] <= NOW
    assert body["simulated"] and all(row["simulated"] for row in body["readings"])
    assert (
        json.loads(asked({"since": (NOW - timedelta(days=99)).isoformat()}).body)["readings"][0]["at"] >= "2026-11-17"
    )
    assert asked({"since": "2026-11-24T07:00"}).status == 400


@pytest.mark.parametrize(("dust", "index"), [(0, 0), (15.5, 50), (35.45, 75), (55.4, 100), (150.4, 200), (900, 500)])
def test_the_index_joins_its_breakpoints_by_straight_lines(dust, index):
    assert air.ispu(dust) == index


def test_dry_days_have_hot_spots_and_dust_and_damp_ones_have_not():
    town, noon = Town(), datetime(2026, 1, 1, 13, tzinfo=ZONE)
    days = [(air.dryness(town, day), noon + timedelta(days=at)) for at, day in enumerate(YEAR)]
    dry, damp = [at for how, at in days if how > 0.8], [at for how, at in days if how < 0.1]
    assert len(dry) > 10 and len(damp) > 50
    assert sum(air.hot_spots(town, at) for at in dry) > 0 == sum(air.hot_spots(town, at) for at in damp)
    mean = [sum(air.pm25(town, at) for at in some) / len(some) for some in (dry, damp)]
    assert mean[0] > mean[1] + 10


def test_dengue_follows_the_rain_of_weeks_before_and_every_district_is_told():
    town = Town()
    fallen = {day: sum(sum(rain_of(town, day - timedelta(days=back))) for back in range(14, 29)) for day in YEAR}
    cases = {day: dict(health_office.dengue(town, day)) for day in YEAR}
    assert all(set(of) == {name for name, *_ in DISTRICTS} for of in cases.values())
    ranked = sorted(YEAR, key=fallen.get)
    low, high = (sum(sum(cases[day].values()) for day in some) for some in (ranked[:100], ranked[-100:]))
    assert high > 1.3 * low


def test_never_more_are_active_than_insured_nor_insured_than_there_are_people():
    for day in YEAR:
        people, covered, active = health_office.members(Town(), day)
        assert 0.7 * covered < active < covered <= people


def test_the_same_seed_is_the_same_city_and_another_is_another():
    span = (NOW - timedelta(days=3), NOW)
    assert air.readings(Town(), *span) == air.readings(Town(), *span) != air.readings(Town(seed=2), *span)
