"""The weather of the simulated city could be true, tells one story to every service, and says that it is made up."""

import json
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from xml.etree import ElementTree

import pytest
import requests

from simulation import nowcast, petabencana, quakes, river, server, weather
from simulation.places import ZONE
from simulation.town import Town

STORM = datetime(2026, 12, 4, 15, 0, tzinfo=ZONE)
YEAR = [date(2026, 1, 1) + timedelta(days=number) for number in range(365)]


@pytest.fixture
def city(tmp_path):
    """A running city at the hour of a storm; ``city(path, ...)`` asks it."""
    running, _ = server.start(Town(), tmp_path, clock=lambda: STORM + timedelta(minutes=70))
    root = f"http://127.0.0.1:{running.server_address[1]}"
    yield lambda path, **query: requests.get(f"{root}/{path}", params=query, timeout=10)
    running.stop()


@pytest.mark.parametrize("seed", [1, 7, 1571])
def test_a_year_has_as_much_rain_as_jambi_in_the_afternoons_and_more_from_october_to_april(seed):
    rain = {day: weather.rain_of(Town(seed), day) for day in YEAR}
    assert 1_700 <= sum(map(sum, rain.values())) <= 2_700
    assert 150 <= sum(any(hours) for hours in rain.values()) <= 210
    assert 25 <= sum(bool(weather.heavy_hours(Town(seed), day)) for day in YEAR) <= 70
    assert all(not any(hours[:13]) for hours in rain.values())
    wet = [sum(hours) for day, hours in rain.items() if day.month in (10, 11, 12, 1, 2, 3)]
    assert sum(wet) > sum(map(sum, rain.values())) / 2


def test_the_weather_of_a_moment_is_the_same_however_often_it_is_asked_and_another_seeds_is_another():
    assert weather.rain_of(Town(3), YEAR[0]) == weather.rain_of(Town(3), YEAR[0])
    assert [weather.rain_of(Town(3), day) for day in YEAR[:30]] != [weather.rain_of(Town(4), day) for day in YEAR[:30]]


def test_temperature_humidity_and_wind_stay_within_those_of_jambi():
    moments = [datetime(2026, 6, 1, tzinfo=ZONE) + timedelta(hours=hour) for hour in range(24 * 60)]
    assert all(17 <= weather.temperature_c(Town(), at) <= 36 for at in moments)
    assert all(0.45 <= weather.humidity_ratio(Town(), at) <= 0.99 for at in moments)
    assert all(0 <= weather.wind_kmh(Town(), at) <= 40 for at in moments)
    noon, night = (weather.temperature_c(Town(), datetime(2026, 6, 1, hour, tzinfo=ZONE)) for hour in (13, 3))
    assert noon > night + 4


def test_the_river_follows_the_rain_by_hours_and_is_never_a_jump():
    levels = [weather.river_cm(Town(), STORM + timedelta(minutes=10 * step)) for step in range(6 * 24)]
    highest = levels.index(max(levels)) / 6
    assert 6 <= highest <= 14 and max(levels) > levels[0] + 50
    assert all(abs(after - before) <= 15 for before, after in pairwise(levels))
    year = [weather.river_cm(Town(), datetime(day.year, day.month, day.day, 6, tzinfo=ZONE)) for day in YEAR]
    assert min(year) >= 600 and max(year) <= 1_450


def test_the_gauges_measure_the_rain_that_fell_and_the_upper_one_rises_first():
    rows = river.readings(Town(), STORM, STORM + timedelta(hours=5))
    here = [row for row in rows if row["station"] == "Pos Simulasi Kota"]
    assert sum(row["rain_mm"] for row in here[1:]) == pytest.approx(
        sum(weather.rain_of(Town(), STORM.date())[15:20]), abs=0.5
    )
    above, below = (next(s[1] for s in river.STATIONS if s[0].endswith(name)) for name in ("Hulu", "Hilir"))
    assert above < 0 < below and all(row["simulated"] for row in rows)


def test_the_river_service_hands_out_no_future_and_at_most_a_week(city):
    rows = city("river/readings", until="2027-01-01T00:00:00Z").json()["readings"]
    assert max(datetime.fromisoformat(row["at"]) for row in rows) == STORM + timedelta(minutes=70)
    assert len(rows) == 3 * (24 * 6 + 1)
    assert len(city("river/readings", since="2020-01-01T00:00:00Z").json()["readings"]) == 3 * (7 * 24 * 6 + 1)
    assert (city("river/readings", since="kemarin").status_code, city("river/x").status_code) == (400, 404)


def test_the_forecast_has_three_days_in_steps_of_three_hours_for_known_points_only(city):
    answer = city("bmkg/publik/prakiraan-cuaca", adm4="15.71.07.1001").json()
    (place,) = answer["data"]
    steps = [step for day in place["cuaca"] for step in day]
    assert (len(steps), place["lokasi"]["kecamatan"], place["lokasi"]["simulated"]) == (24, "Kota Baru", True)
    times = [datetime.fromisoformat(step["datetime"]) for step in steps]
    assert {after - before for before, after in zip(times, times[1:], strict=False)} == {timedelta(hours=3)}
    assert all(
        datetime.fromisoformat(step["local_datetime"]).replace(tzinfo=ZONE) == at
        for step, at in zip(steps, times, strict=True)
    )
    assert city("bmkg/publik/prakiraan-cuaca", adm4="15.71.12.1001").status_code == 404
    assert city("bmkg/publik/prakiraan-cuaca", adm4="15.71.07.1001").json() == answer


def test_the_storm_is_in_the_forecast_of_its_day_the_warning_and_the_reports(city):
    steps = [
        s for day in city("bmkg/publik/prakiraan-cuaca", adm4="15.71.01.1001").json()["data"][0]["cuaca"] for s in day
    ]
    assert any(step["tp"] > 10 for step in steps[:2])
    feed = ElementTree.fromstring(city("bmkg/alerts/nowcast/id/rss.xml").content)
    titles = [item.findtext("title") for item in feed.iter("item")]
    assert titles.count("Hujan Lebat disertai Petir di Jambi") == 2 and any("Selatan" in title for title in titles)
    reports = city("petabencana/reports", admin="ID-JA", geoformat="geojson", timeperiod="7200").json()["result"]
    assert reports["features"] and all(one["properties"]["simulated"] for one in reports["features"])


def test_an_update_names_the_warning_it_follows(city):
    feed = ElementTree.fromstring(city("bmkg/alerts/nowcast/id/rss.xml").content)
    links = [item.findtext("link") for item in feed.iter("item") if "CJB" in (item.findtext("link") or "")]
    first, second = (ElementTree.fromstring(requests.get(str(link), timeout=5).content) for link in links)
    cap = "{urn:oasis:names:tc:emergency:cap:1.2}"
    assert (first.findtext(f"{cap}msgType"), second.findtext(f"{cap}msgType")) == ("Alert", "Update")
    assert second.findtext(f"{cap}references").split(",")[1] == first.findtext(f"{cap}identifier")
    assert first.find(f".//{cap}parameter/{cap}value").text == "true"
    assert city("bmkg/alerts/nowcast/id/CJB19990101001_alert.xml").status_code == 404


def test_on_a_dry_day_nobody_is_warned_and_nobody_reports():
    dry = next(
        day for day in YEAR if not any(weather.rain_of(Town(), day) + weather.rain_of(Town(), day - timedelta(days=1)))
    )
    noon = datetime(dry.year, dry.month, dry.day, 12, tzinfo=ZONE)
    assert nowcast.messages(Town(), noon) == [] and petabencana.reports(Town(), noon) == []


@pytest.mark.parametrize("seed", [1, 7, 1571])
def test_quakes_are_seldom_strong_and_seldom_near(seed):
    found = [quake for day in YEAR for _, quake in quakes.of_day(Town(seed), day)]
    strong = sum(float(quake["Magnitude"]) >= 5 for quake in found)
    assert 300 <= len(found) <= 500 and 30 <= strong <= 100
    assert 3 <= sum("Jambi" in quake["Dirasakan"] for quake in found) <= 25


def test_the_three_lists_are_those_of_bmkg(city):
    latest, strong, felt = (
        city(f"bmkg/DataMKG/TEWS/{name}.json").json()["Infogempa"]["gempa"]
        for name in ("autogempa", "gempaterkini", "gempadirasakan")
    )
    assert isinstance(latest, dict) and len(strong) <= 15 and len(felt) <= 15
    assert all(float(quake["Magnitude"]) >= 5 and "Dirasakan" not in quake for quake in strong)
    assert all(quake["Dirasakan"] and "Potensi" not in quake for quake in felt)
    assert datetime.fromisoformat(latest["DateTime"]) <= STORM.astimezone(UTC) + timedelta(minutes=70)
    assert city("bmkg/DataMKG/TEWS/x.json").status_code == city("bmkg/x").status_code == 404


def test_reports_come_as_a_topology_unless_asked_otherwise_and_both_say_the_same(city):
    asked = {"admin": "ID-JA", "timeperiod": "86400"}
    topology = city("petabencana/reports", **asked).json()["result"]
    flat = city("petabencana/reports", geoformat="geojson", **asked).json()["result"]["features"]
    shapes, grid = topology["objects"]["output"]["geometries"], topology["transform"]
    assert len(shapes) == len(flat) > 5
    for shape, feature in zip(shapes, flat, strict=True):
        spot = [
            at * scale + shift
            for at, scale, shift in zip(shape["coordinates"], grid["scale"], grid["translate"], strict=True)
        ]
        assert spot == pytest.approx(feature["geometry"]["coordinates"], abs=1e-5)
        assert shape["properties"] == feature["properties"]


def test_another_province_has_no_reports_and_a_wrong_question_is_refused(city):
    other = city("petabencana/reports", admin="ID-JK", geoformat="geojson", timeperiod="86400").json()
    assert other == {"statusCode": 200, "result": {"type": "FeatureCollection", "features": []}}
    assert city("petabencana/reports", geoformat="cap").status_code == 400
    assert city("petabencana/cards").status_code == 404


def test_areas_stand_under_water_after_the_storm(city):
    found = city("petabencana/floods", admin="ID-JA", geoformat="geojson").json()["result"]["features"]
    assert found and {one["properties"]["state"] for one in found} <= {1, 2, 3, 4}
    assert "simulated" in json.dumps(found)
