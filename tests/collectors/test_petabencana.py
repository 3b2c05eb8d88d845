"""Flood reports of citizens: what is kept of them, and the figures of two days of flood in Jakarta."""

import json
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some
from pydantic import ValidationError

from city.model import Case, ChangedShape, NotUnderstood, Observation, Refused
from city.queries import Queries
from city.times import Window, instant
from collectors import RowError, petabencana
from tests.collectors.conftest import NOW

SECRET = "Budi di Jalan Mawar 7, 0812"


def args(system=None, **more):
    base = {"admin": "ID-JA", "zone": "Asia/Jakarta"} | ({"url": system.url} if system else {})
    return petabencana.Args(**base | more)


def report(**more):
    told = {"title": SECRET, "text": SECRET, "image_url": SECRET, "url": "x"}
    known = {"pkey": "7", "created_at": "2026-11-24T11:30:00.5", "source": "grasp", "disaster_type": "flood"}
    return told | known | {"report_data": {"flood_depth": 40}} | more


def geojson(*reports, place=(103.606981, -1.611084)):
    shape = {"type": "Point", "coordinates": list(place)}
    return {"type": "FeatureCollection", "features": [
        {"type": "Feature", "geometry": shape, "properties": one} for one in reports
    ]}  # fmt: skip


def said(value, status=200):
    return status, {}, json.dumps(value).encode()


def parsed(whole, **more):
    return [petabencana.parse(row, args(**more)) for row in petabencana.features_of(whole, "here")]


def test_a_report_is_a_case_with_a_depth_and_nothing_of_who_or_what_was_said():
    opened = NOW - timedelta(minutes=29, seconds=59.5)
    assert parsed(geojson(report())) == [[
        Case(key="7", kind="flood_report", opened_at=opened, closed_at=opened + timedelta(hours=6), category="flood",
             channel="grasp", lat=-1.611084, lon=103.606981),
        Observation(metric="flood_depth_cm", at=opened, value=40, channel="grasp"),
    ]]  # fmt: skip
    assert SECRET not in repr(parsed(geojson(report())))


@pytest.mark.parametrize("data", [None, {}, {"flood_depth": None}, "tidak"])
def test_a_report_without_a_depth_is_a_report(data):
    assert [len(items) for items in parsed(geojson(report(report_data=data)))] == [1]


@pytest.mark.parametrize("shape", [None, {}, {"type": "Point"}, {"type": "Point", "coordinates": ["a", None]}])
def test_a_report_without_a_place_is_a_report(shape):
    whole = geojson(report())
    whole["features"][0]["geometry"] = shape
    assert parsed(whole)[0][0].lat is None


def test_a_time_with_its_zone_is_that_moment():
    assert parsed(geojson(report(created_at="2026-11-24T05:00:00.000Z")))[0][0].opened_at == NOW


def test_a_topology_says_the_same_as_a_collection_in_steps_of_its_grid():
    shape = {"type": "Point", "coordinates": [7, 3], "properties": report()}
    grid = {"type": "Topology", "arcs": [], "transform": {"scale": [0.5, 0.25], "translate": [100, -2]}}
    topology = grid | {"objects": {"output": {"type": "GeometryCollection", "geometries": [shape]}}}
    assert parsed(topology) == parsed(geojson(report(), place=(103.5, -1.25)))
    bare = grid | {"objects": {"output": shape}}
    assert parsed({"statusCode": 200, "result": bare}) == parsed(topology)


def test_a_topology_without_a_grid_has_plain_positions():
    shape = {"type": "Point", "coordinates": [103.5, -1.5], "properties": report()}
    (items,) = parsed({"type": "Topology", "objects": {"output": shape}})
    assert (items[0].lat, items[0].lon) == (-1.5, 103.5)


@pytest.mark.parametrize(
    "more, problem",
    [
        ({"created_at": None}, "created_at: missing"), ({"created_at": SECRET}, "created_at: not an ISO time"),
        ({"report_data": {"flood_depth": "dalam"}}, "flood_depth: not a depth"),
        ({"report_data": {"flood_depth": True}}, "flood_depth: not a depth"),
        ({"report_data": {"flood_depth": 5000}}, "flood_depth: not a depth"),
        ({"source": ["x"]}, "source: neither text nor a number"),
    ],
)  # fmt: skip
def test_a_report_that_is_not_understood_is_rejected_by_its_field_and_not_quoted(more, problem):
    with pytest.raises(RowError, match=problem) as caught:
        parsed(geojson(report(**more)))
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    "whole",
    [
        {}, [], 7, {"type": "Feature"}, {"type": "FeatureCollection"}, {"type": "FeatureCollection", "features": [1]},
        {"type": "FeatureCollection", "features": [{}]}, {"type": "Topology"},
        {"type": "Topology", "objects": {"a": 1}},
        {"statusCode": 200, "result": None}, {"statusCode": 200, "result": []},
    ],
)  # fmt: skip
def test_an_answer_that_is_no_map_is_a_changed_shape(whole):
    with pytest.raises(ChangedShape, match="neither a FeatureCollection nor a Topology"):
        petabencana.features_of(whole, "here")


ANYTHING = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats() | some.text(),
    lambda inner: some.lists(inner) | some.dictionaries(some.text(), inner),
    max_leaves=6,
)


@given(ANYTHING, some.sampled_from("objects transform features geometries properties coordinates created_at".split()))
def test_whatever_a_map_holds_it_is_read_or_refused(value, where):
    shape = {"type": "Point", "coordinates": [1, 2], "properties": report()}
    grid = {"scale": [1, 1], "translate": [0, 0]}
    flat = {"type": "Feature", "geometry": shape, "properties": report()}
    for part in (shape, flat, flat["properties"], shape["properties"]):
        if where in part:
            part[where] = value
    group = {"geometries": value} if where == "geometries" else {"geometries": [shape]}
    for whole in (
        {"type": "Topology", "objects": {"a": group}, "transform": grid} | {where: value},
        {"type": "FeatureCollection", "features": [flat]} | {where: value},
    ):
        try:
            parsed(whole)
        except (RowError, ChangedShape) as error:
            assert SECRET not in str(error)


@pytest.mark.parametrize(
    "answer, error",
    [
        ((403, {}, b"key"), Refused), ((500, {}, b""), Refused), ((200, {}, b""), NotUnderstood),
        ((200, {}, b"<html>"), NotUnderstood), ((200, {}, b'{"type": "Feat'), NotUnderstood),
        (said({"statusCode": 400, "error": SECRET}), Refused),
    ],
)  # fmt: skip
def test_every_fault_of_the_service_is_told_apart(system, session, answer, error):
    system.answer = lambda query: answer
    with pytest.raises(error) as caught:
        list(petabencana.fetch(args(system), session, None, NOW))
    assert SECRET not in str(caught.value)


def test_what_came_since_the_last_reading_is_asked_for_and_never_more_than_seven_days(system, session):
    system.answer = lambda query: said(geojson())
    for since in (None, NOW - timedelta(minutes=5), NOW - timedelta(days=9)):
        list(petabencana.fetch(args(system), session, since and {"read_to": since.isoformat()}, NOW))
    assert [query["timeperiod"] for query in system.asked] == ["604800", "3900", "604800"]
    assert system.asked[0] | {"timeperiod": ""} == {
        "admin": "ID-JA", "geoformat": "geojson", "disaster": "flood", "timeperiod": "",
    }  # fmt: skip
    assert session.warnings == ["the last reading is more than 7 days ago: older reports are not handed out"]


def test_two_reports_of_one_minute_and_place_are_two_and_each_stays_itself(system, desk):
    twins = [report(pkey=None, image_url=picture) for picture in ("a", "b")]
    system.answer = lambda query: said(geojson(*twins))
    made = desk("petabencana", {"admin": "ID-JA", "url": system.url}, source={"kind": "flood_report"})
    assert (made.run().saved, made.run().saved, made.run().revised) == (3, 0, 0)
    assert made.ask("select count(*), count(distinct lat) from cases where lat = -1.611") == [(2, 1)]
    assert SECRET not in str(made.ask("select * from cases") + made.ask("select * from runs"))


def test_areas_under_water_are_counted_by_their_state_and_none_is_a_count_too(system, desk):
    areas = [[{"area_id": number, "state": state} for number, state in enumerate((1, 2, 2, 4))], []]
    system.answer = lambda query: said(geojson(*areas[0]))
    made = desk("petabencana", {"admin": "ID-JK", "service": "floods", "url": system.url})
    made.run()
    counted = "select metric, value::int from observations where at = (select max(at) from observations) order by 1"
    names = ["flooded_areas", *(f"flooded_areas_state_{state}" for state in petabencana.STATES)]
    assert made.ask(counted) == list(zip(names, (4, 1, 2, 0, 1), strict=True))
    areas[0], made.now = [], NOW + timedelta(minutes=5)
    made.run()
    assert made.ask(counted) == [(name, 0) for name in names]


@pytest.mark.parametrize("state", [0, 5, None, "dalam"])
def test_an_area_in_a_state_that_is_not_known_is_a_changed_shape(system, session, state):
    system.answer = lambda query: said(geojson({"state": state}))
    with pytest.raises(ChangedShape, match="areas without a `state` from 1 to 4"):
        list(petabencana.fetch(args(system, service="floods"), session, None, NOW))


@pytest.mark.parametrize("wrong", [{"admin": None}, {"service": "rivers"}, {"geoformat": "cap"}, {"disaster": "war"}])
def test_wrong_settings_are_refused(wrong):
    with pytest.raises(ValidationError):
        args(**wrong)


@pytest.mark.parametrize("day", ["2017-02-20", "2017-02-21"])
def test_the_reports_of_the_jakarta_flood_give_the_figures_known_of_them(shared, system, desk, day):
    folder = shared / "data/petabencana-2017-02-21"
    facts = json.loads((folder / "facts.json").read_text())[day]
    system.answer = lambda query: (200, {}, (folder / f"reports_{day}.geojson").read_bytes())
    made = desk("petabencana", {"admin": "ID-JK", "url": system.url}, source={"kind": "flood_report"})
    made.now = instant(f"{day}T17:00:00Z")
    assert (made.run().fetched, made.run().saved) == (facts["reports"], 0)
    ask = Queries(made.engine, made.config, lambda: made.now).measure
    window = Window(made.now - timedelta(days=1), made.now)
    assert ask("flood_reports_opened", window=window).value == facts["reports"]
    sources = ask("flood_reports_opened", window=window, by=("channel",))
    assert {row["channel"]: row["value"] for row in sources.rows} == facts["by_source"]
    hours = ask("flood_reports_opened", window=window, grain="hour")
    assert {str(int(row["bucket"][11:13])): row["value"] for row in hours.rows if row["value"]} == facts[
        "by_hour_local"
    ]


@pytest.mark.parametrize("hour, areas", [("09", (130, 0, 124, 6, 0)), ("13", None)])
def test_the_flooded_areas_of_that_morning_are_counted(shared, system, session, hour, areas):
    file = shared / f"data/petabencana-2017-02-21/jkt_floods_2017-02-21T{hour}0000.geojson"
    states = [one["properties"]["state"] for one in json.loads(file.read_text())["features"]]
    system.answer = lambda query: (200, {}, file.read_bytes())
    session._max_bytes = 1_000_000
    (row,) = petabencana.fetch(args(system, service="floods"), session, None, NOW)
    counts = tuple(int(item.value) for item in petabencana.parse(row, args(service="floods")))
    assert counts == (len(states), *(states.count(state) for state in petabencana.STATES))
    assert areas is None or counts == areas


def test_the_worked_example_fills_with_reports_after_heavy_rain_and_empties_again(worked):
    made = worked("petabencana", instant("2026-12-04T07:00:00Z"))  # 14.00, before the storm
    made.go("wilayah_banjir")
    dry = made.go("laporan_banjir").saved
    assert made.measure("wilayah_terendam").value == 0 and made.measure("flood_reports_opened").value == 0
    made.now = instant("2026-12-04T12:00:00Z")
    made.go("wilayah_banjir")
    assert made.go("laporan_banjir").saved > 10 and dry > 0  # the first reading goes back a week
    assert made.measure("flood_reports_open").value == made.measure("flood_reports_opened").value > 10
    assert made.measure("wilayah_terendam").value >= 4
    assert 10 <= made.measure("kedalaman_banjir").value <= 90
    assert made.measure("flood_reports_open").simulated
    assert made.ask("select distinct category from cases") == [("banjir",)]
    made.now = instant("2026-12-05T06:00:00Z")
    assert made.measure("flood_reports_open").value == 0


def test_the_worked_example_of_a_river_rises_for_hours_after_the_rain(worked):
    made = worked("river-level", instant("2026-12-04T08:00:00Z"))
    made.go("pos_duga_air")
    before, rain = made.measure("tinggi_muka_air").value, made.measure("hujan_kota").value
    made.now = instant("2026-12-04T16:00:00Z")
    assert made.go("pos_duga_air").saved == 8 * 6 * 3 * 2
    assert made.measure("tinggi_muka_air").value > before + 50
    assert made.measure("hujan_kota").value > rain + 40
    assert made.measure("tinggi_muka_air").simulated
    assert made.go("pos_duga_air").saved == 0
