"""Weather and earthquakes of BMKG: what is read of the two shapes and the three lists, and what concerns a city."""

import json
from contextlib import suppress
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some
from pydantic import ValidationError

from city.config import Region
from city.model import ChangedShape, NotUnderstood, Refused, SourceError, Status, Unreachable
from city.queries import Queries
from city.times import Window, instant
from collectors import RowError, bmkg
from collectors.bmkg import earthquakes, forecast
from collectors.bmkg.settings import Centre, centre, distance_km
from tests.collectors.conftest import NOW

DISTRICTS = [
    {"code": "15.71.01", "name": "Telanaipura", "lat": -1.59506, "lon": 103.56253},
    {"code": "15.71.11", "name": "Paal Merah", "lat": -1.62710, "lon": 103.65143},
]
JAMBI = Region(code="15.71", name="Kota Jambi", timezone="Asia/Jakarta", districts=DISTRICTS)
HERE = Centre(lat=-1.61108, lon=103.60698)
CODES = ["15.71.01.1001", "15.71.11.1002"]


def args(service, system=None, **more):
    base = {"service": service, "url": system and f"{system.url}/api", "zone": "Asia/Jakarta", "region": JAMBI}
    return bmkg.Args(**base | ({"adm4": CODES} if service == "forecast" else {}) | more)


def said(value, status=200):
    return status, {}, json.dumps(value).encode()


def step(hour=0, **more):
    day, clock = divmod(hour, 24)
    return {"utc_datetime": f"2026-11-{24 + day} {clock:02}:00:00", "t": 27, "hu": 83, "tp": 0.4, "ws": 7.3} | more


def answer(*days, **spot):
    here = {"adm4": CODES[0], "kecamatan": "Telanaipura", "desa": "Simpang IV Sipin", "timezone": "Asia/Jakarta"} | spot
    return {"lokasi": here, "data": [{"lokasi": here, "cuaca": list(days) or [[step()]]}]}


def readings(made, whole):
    rows = forecast.rows_of(whole, made.adm4[0], "api")
    return {(item.metric, item.at): item.value for row in rows for item in bmkg.parse(row, made)}


def test_a_step_of_the_forecast_is_observed_at_the_hour_it_is_for_in_units_of_the_house():
    made = args("forecast")
    at = instant("2026-11-24T00:00:00Z")
    assert readings(made, answer([[step(tcc=60, vs=9000)]][0])) == {
        ("forecast_temperature_c", at): 27, ("forecast_humidity_ratio", at): 0.83, ("forecast_rain_mm", at): 0.4,
        ("forecast_wind_kmh", at): 7.3, ("forecast_cloud_ratio", at): 0.6, ("forecast_visibility_m", at): 9000,
    }  # fmt: skip


def test_a_place_is_its_kelurahan_and_its_district_the_regions_own():
    (item, *_) = bmkg.parse(forecast.rows_of(answer(), CODES[0], "")[0], args("forecast"))
    assert (item.place, item.district, item.simulated) == ("Simpang IV Sipin", "15.71.01", False)
    elsewhere = args("forecast", region=None)
    (item, *_) = bmkg.parse(forecast.rows_of(answer(simulated=True), CODES[0], "")[0], elsewhere)
    assert (item.district, item.simulated) == ("Telanaipura", True)


def test_the_older_shape_in_an_envelope_is_read_too(shared):
    whole = json.loads((shared / "data/bmkg/forecast_response.json").read_text())
    made = args("forecast", adm4=["33.26.16.1001"])
    rows = forecast.rows_of(whole, "33.26.16.1001", "")
    items = [item for row in rows for item in bmkg.parse(row, made)]
    assert len([row for row in rows if "step" in row]) == 10
    assert {(item.place, item.district) for item in items} == {("Kadipaten", "Wiradesa")}
    assert {item.metric for item in items} == {
        f"forecast_{name}" for name in ("temperature_c", "humidity_ratio", "wind_kmh", "cloud_ratio", "visibility_m")
    }
    first = min(items, key=lambda item: item.at)
    assert (first.at, first.value) == (instant("2026-02-16T00:00:00Z"), 27)


@pytest.mark.parametrize("zone", ["Asia/Jakarta", "+0700", ""])
def test_a_step_without_a_utc_time_is_dated_by_its_local_time_in_the_zone_of_its_place(zone):
    only_local = {"local_datetime": "2026-11-24 07:00:00", "t": 27}
    assert list(readings(args("forecast"), answer([only_local], timezone=zone))) == [
        ("forecast_temperature_c", instant("2026-11-24T00:00:00Z"))
    ]


def test_what_is_left_empty_is_unknown_and_not_zero():
    names = {name for name, _ in readings(args("forecast"), answer([step(tp=None, vs="", ws=0)]))}
    assert names == {"forecast_temperature_c", "forecast_humidity_ratio", "forecast_wind_kmh"}


def test_the_rain_of_the_next_day_is_the_sum_of_its_eight_steps_and_unknown_with_a_gap():
    made, at = args("forecast"), instant("2026-11-24T00:00:00Z")
    steps = [step(3 * number, tp=number) for number in range(12)]
    assert readings(made, answer(steps[:4], steps[4:]))["forecast_rain_24h_mm", at] == sum(range(8))
    for broken in ([*steps[:4], step(12, tp=None), *steps[5:]], steps[:4] + steps[5:], steps[:7]):
        assert ("forecast_rain_24h_mm", at) not in readings(made, answer(broken))


@pytest.mark.parametrize(
    "field, value, problem",
    [
        ("t", "panas", "t: not a number"), ("tp", True, "tp: not a number"), ("ws", [7], "ws: not a number"),
        ("hu", "nan", "hu: not a number"), ("utc_datetime", "kemarin", "utc_datetime: not an ISO time"),
    ],
)  # fmt: skip
def test_a_step_that_is_not_understood_is_rejected_by_its_field(field, value, problem):
    with pytest.raises(RowError, match=problem):
        readings(args("forecast"), answer([step(**{field: value})]))


@pytest.mark.parametrize(
    "whole", [{"status": "error", "message": "x"}, {"data": []}, {"data": [{}]}, [], 3, {"data": 1}]
)
def test_an_answer_without_a_forecast_is_a_changed_shape(whole):
    with pytest.raises(ChangedShape, match="no 'data' with 'cuaca'"):
        forecast.rows_of(whole, CODES[0], "api")


ANYTHING = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats() | some.text(),
    lambda inner: some.lists(inner) | some.dictionaries(some.text(), inner),
    max_leaves=6,
)


@given(ANYTHING, some.sampled_from([*step(), "local_datetime", "desa", "timezone", "adm4", "lokasi", "cuaca", "data"]))
def test_whatever_an_answer_holds_it_is_read_or_refused(value, field):
    whole = answer([step()])
    (place,) = whole["data"]
    for part in (whole, place, place["lokasi"], place["cuaca"][0][0]):
        if field in part:
            part[field] = value
    if field == "local_datetime":
        place["cuaca"][0][0] = {"local_datetime": value, "t": 1}
    with suppress(RowError, ChangedShape):
        readings(args("forecast"), whole)


@given(ANYTHING, some.sampled_from([*"DateTime Coordinates Magnitude Kedalaman Wilayah Potensi Dirasakan".split()]))
def test_whatever_a_quake_holds_it_is_read_or_rejected(value, field):
    lists = [
        earthquakes.quakes_of({"Infogempa": {"gempa": found}}, "") for found in ([quake(**{field: value})], quake())
    ]
    for row in earthquakes.merged(lists, NOW):
        with suppress(RowError):
            bmkg.parse(row, args("earthquakes"))


def test_a_kelurahan_that_bmkg_does_not_know_is_passed_over_with_a_warning(system, session):
    system.answer = lambda query: said(
        answer() if query["adm4"] == CODES[0] else {}, 200 if query["adm4"] == CODES[0] else 404
    )
    assert len(list(bmkg.fetch(args("forecast", system), session, None, NOW))) == 1
    assert session.warnings == [f"no forecast for adm4 {CODES[1]} (HTTP 404): name another kelurahan of the kecamatan"]


@pytest.mark.parametrize(
    "body, status, error",
    [
        (b"{}", 404, Refused), (b"no", 403, Refused), (b"no", 500, Refused), (b"", 200, NotUnderstood),
        (b"<!doctype html>", 200, NotUnderstood), (b'{"data": [{"cu', 200, NotUnderstood),
    ],
)  # fmt: skip
@pytest.mark.parametrize("service", ["forecast", "earthquakes", "warnings"])
def test_every_fault_of_the_service_is_told_apart(system, session, body, status, error, service):
    system.answer = lambda query: (status, {}, body)
    with pytest.raises(error):
        list(bmkg.fetch(args(service, system), session, None, NOW))


def test_a_service_that_hangs_is_unreachable(system, session):
    system.answer = lambda query: (system.release.wait(5), said({}))[1]
    with pytest.raises(Unreachable):
        list(bmkg.fetch(args("forecast", system), session, None, NOW))


@pytest.mark.parametrize(
    "wrong, problem",
    [
        ({"service": "forecast"}, "adm4: is missing"),
        ({"service": "forecast", "adm4": ["15.71"]}, "not a kelurahan's code"),
        ({"service": "tides"}, "service"), ({"service": "warnings", "centre": {"lat": 91, "lon": 0}}, "centre.lat"),
        ({"service": "earthquakes", "within_km": 0}, "within_km"),
    ],
)  # fmt: skip
def test_wrong_settings_are_refused_before_anything_is_asked(wrong, problem):
    with pytest.raises(ValidationError, match=problem):
        bmkg.Args(**wrong)


def test_a_forecast_read_again_changes_nothing_and_one_that_changed_is_a_revision(system, desk):
    temperature = [27]
    system.answer = lambda query: said(answer([step(0, t=temperature[0]), step(3)]))
    made = desk("bmkg", {"service": "forecast", "adm4": CODES[:1], "url": system.url}, region={"districts": DISTRICTS})
    assert (made.run().saved, made.run().saved, made.run().revised) == (8, 0, 0)
    temperature[0] = 29
    assert (made.run().revised, made.run().revised) == (1, 0)
    named = "metric = 'forecast_temperature_c'"
    assert made.ask(f"select district, value from observations where {named} order by at") == [
        ("15.71.01", 29), ("15.71.01", 27),
    ]  # fmt: skip


def quake(at="2026-11-24T03:00:00+00:00", **more):
    return {"DateTime": at, "Coordinates": "-1.90,101.20", "Magnitude": "5.4", "Kedalaman": "10 km",
            "Wilayah": "18 km BaratLaut KERINCI"} | more  # fmt: skip


def of(*items, made=None, **more):
    (row,) = [quake(**more)]
    return {getattr(item, "metric", "case"): item for item in bmkg.parse(row, made or args("earthquakes"))}


def lists(system, strong, felt, latest):
    for name, found in (("gempaterkini", strong), ("gempadirasakan", felt), ("autogempa", latest)):
        system.routes[f"/api/{name}.json"] = lambda query, body, found=found: said({"Infogempa": {"gempa": found}})


def test_a_quake_is_a_case_of_one_moment_and_its_magnitude_depth_and_distance():
    found, at = of(), instant("2026-11-24T03:00:00Z")
    case = found.pop("case")
    assert (case.key, case.kind, case.opened_at, case.closed_at, case.status) == (
        at.isoformat(),
        "quake",
        at,
        at,
        Status.DONE,
    )
    assert (case.place, case.outcome, case.priority, case.lat, case.lon) == (
        "18 km BaratLaut KERINCI", "not_felt", None, -1.9, 101.2,
    )  # fmt: skip
    assert {name: item.value for name, item in found.items()} == {
        "quake_magnitude": 5.4, "quake_depth_km": 10, "quake_distance_km": 269.4,
    }  # fmt: skip
    assert all((item.at, item.place) == (at, None) for item in found.values())


def test_the_distance_over_the_sphere_agrees_with_known_ones():
    assert distance_km(Centre(lat=0, lon=0), 0, 90) == pytest.approx(6371 * 3.14159265 / 2, abs=0.1)
    jakarta, surabaya = Centre(lat=-6.2, lon=106.816), (-7.25, 112.75)
    assert distance_km(jakarta, *surabaya) == pytest.approx(665, abs=5)
    assert distance_km(HERE, HERE.lat, HERE.lon) == 0


def test_the_centre_is_that_of_the_districts_unless_the_settings_say_another():
    found = centre(args("earthquakes"))
    assert (round(found.lat, 5), round(found.lon, 5)) == (HERE.lat, HERE.lon)
    assert centre(args("earthquakes", centre={"lat": 1, "lon": 2})) == Centre(lat=1, lon=2)


def test_a_region_without_a_place_says_what_to_write(system, session):
    nowhere = Region(code="15.71", name="Jambi", timezone="Asia/Jakarta")
    for service in ("earthquakes", "warnings"):
        with pytest.raises(SourceError, match="neither districts nor a centre.*region.districts"):
            list(bmkg.fetch(args(service, system, region=nowhere), session, None, NOW))


def test_a_quake_far_away_is_no_news_of_the_city_unless_it_was_felt_here():
    far = {"Coordinates": "-7.40,128.20"}
    assert of(**far) == {} and of(**far, Dirasakan="III Ambon") == {}
    assert of(**far, Dirasakan="III Ambon, II Jambi")["case"].outcome == "felt_here"
    assert of(**far, made=args("earthquakes", within_km=None))["quake_distance_km"].value == pytest.approx(2793, abs=30)


@pytest.mark.parametrize(
    "felt, outcome",
    [
        ("", "not_felt"), ("-", "not_felt"), ("III Padang", "felt"), ("II Kota Jambi", "felt_here"),
        ("II Jambiland", "felt"),
    ],
)  # fmt: skip
def test_where_a_quake_was_felt_is_told_by_the_name_of_the_city(felt, outcome):
    assert of(Dirasakan=felt)["case"].outcome == outcome


@pytest.mark.parametrize(
    "said_of, priority",
    [("Tidak berpotensi tsunami", None), ("Berpotensi tsunami untuk diteruskan", "tsunami"), ("Gempa dirasakan", None)],
)
def test_a_possible_tsunami_is_the_priority_of_a_quake(said_of, priority):
    assert of(Potensi=said_of)["case"].priority == priority


@pytest.mark.parametrize(
    "field, value",
    [
        ("DateTime", "24 Nov 2026"), ("DateTime", "2026-11-24T03:00:00"), ("Coordinates", "barat"),
        ("Coordinates", "99,103"), ("Magnitude", "kuat"), ("Magnitude", "54"), ("Kedalaman", "dangkal"),
    ],
)  # fmt: skip
def test_a_quake_that_is_not_understood_is_rejected_by_its_field_and_not_quoted(field, value):
    with pytest.raises(RowError, match=f"^{field}: ") as caught:
        of(**{field: value})
    assert value not in str(caught.value)


@pytest.mark.parametrize(
    "whole", [{}, [], {"Infogempa": None}, {"Infogempa": {"gempa": None}}, {"Infogempa": {"gempa": [1]}}]
)
def test_a_list_without_quakes_is_a_changed_shape(whole):
    with pytest.raises(ChangedShape, match="no 'Infogempa.gempa'"):
        earthquakes.quakes_of(whole, "here")


def test_a_quake_in_several_lists_is_one_and_keeps_what_each_says_of_it(system, desk):
    lists(system, [quake(Potensi="Berpotensi tsunami")], [quake(Dirasakan="II Jambi")], quake(Dirasakan=""))
    made = desk("bmkg", {"service": "earthquakes", "url": f"{system.url}/api"}, region={"districts": DISTRICTS})
    assert (made.run().saved, made.run().saved, made.run().revised) == (4, 0, 0)
    assert made.ask("select outcome, priority from cases") == [("felt_here", "tsunami")]


def test_a_quake_that_the_felt_list_has_forgotten_stays_felt(system, desk):
    old, young, younger = (f"2026-11-{day}T03:00:00+00:00" for day in (18, 22, 23))
    lists(system, [quake(young), quake(old)], [quake(young), quake(old, Dirasakan="II Jambi")], quake(young))
    made = desk("bmkg", {"service": "earthquakes", "url": f"{system.url}/api"}, region={"districts": DISTRICTS})
    made.run()
    lists(system, [quake(young), quake(old)], [quake(younger), quake(young, Dirasakan="II Jambi")], quake(younger))
    result = made.run()
    assert (result.fetched, result.saved, result.revised) == (2, 4, 1)
    assert made.ask("select outcome from cases order by opened_at") == [("felt_here",), ("felt_here",), ("not_felt",)]


def test_after_a_long_silence_quakes_older_than_the_felt_list_are_told_nevertheless(system, session):
    old, young, younger = (quake(f"2026-11-{day}T03:00:00+00:00") for day in (18, 22, 23))
    lists(system, [young, old], [younger, young], younger)
    for read_to, count in (("2026-11-24T00:00:00+00:00", 2), ("2026-11-16T00:00:00+00:00", 3)):
        rows = list(bmkg.fetch(args("earthquakes", system), session, {"read_to": read_to}, NOW))
        assert len(rows) == count


def test_the_recorded_lists_are_three_quakes_of_java_and_bali(shared):
    found = []
    for name in ("gempaterkini", "gempadirasakan", "autogempa"):
        found.append(earthquakes.quakes_of(json.loads((shared / f"data/bmkg/{name}.json").read_text()), name))
    made = args("earthquakes", within_km=None, centre={"lat": -6.89, "lon": 109.67})
    items = [bmkg.parse(row, made) for row in earthquakes.merged(found, None)]
    assert [(case.outcome, mag.value, depth.value, away.value) for case, mag, depth, away in items] == [
        ("felt", 5.4, 10, 0), ("felt", 5.1, 12, 651.7), ("felt", 4.2, 8, 91.9),
    ]  # fmt: skip


def test_a_year_of_quakes_from_the_catalogue_gives_the_figures_known_of_it(shared, desk):
    facts = json.loads((shared / "data/bmkg/quakes_2021.facts.json").read_text())
    common = {"path": str(shared / "data/bmkg/quakes_2021.csv"), "zone": "UTC"}
    fields = {"at": "origin_time_utc", "place": "region"}
    measured = {"magnitude": {"measure": "mean", "observation": "quake_magnitude"}}
    made = desk("csv_file", common | {"shape": "observations", "fields": fields, "values": {"quake_magnitude": "mag"}},
                region={"timezone": "UTC"}, metrics=measured)  # fmt: skip
    made.now = instant("2022-01-01T00:00:00Z")
    assert made.run().saved == facts["rows"]
    year = Window(instant("2021-01-01T00:00:00Z"), made.now)
    months = Queries(made.engine, made.config, lambda: made.now).measure("magnitude", grain="month", window=year)
    assert {row["bucket"][:7]: row["n"] for row in months.rows} == facts["per_month_utc"]
    for magnitude, count in facts["mag_ge"].items():
        assert made.ask(f"select count(*) from observations where value >= {magnitude}") == [(count,)]


def test_the_worked_example_shows_forecast_and_quakes_of_the_simulated_city(worked):
    made = worked("bmkg", instant("2026-12-05T05:00:00Z"))
    assert made.go("prakiraan").saved == 3 * (24 * 6 + 1)
    assert made.go("prakiraan").saved == made.go("prakiraan").revised == 0
    warmth, rain = made.measure("suhu"), made.measure("hujan_24_jam")
    assert 20 <= warmth.value <= 36 and warmth.simulated and warmth.n == 3
    assert rain.value > 8 and rain.n == 3
    ahead = made.measure("suhu", by=("district",), at=made.now + timedelta(days=3))
    assert {row["district"] for row in ahead.rows} == {"15.71.01", "15.71.07", "15.71.11"}
    made.go("gempa")
    assert made.go("gempa").saved == 0
    week = Window(made.now - timedelta(days=60), made.now)
    quakes = made.measure("quakes_opened", window=week)
    assert quakes.value == made.ask("select count(*) from cases where kind = 'quake' and simulated")[0][0] > 0
    last = "select value from observations where metric = 'quake_distance_km' order by at desc limit 1"
    assert made.measure("gempa_jarak").value == made.ask(last)[0][0] <= 600
    assert made.measure("quakes_open").value == 0
    assert 0 <= made.measure("gempa_dirasakan", window=week).value <= quakes.value
    credit = {state.name: state.credit for state in Queries(made.engine, made.config, lambda: made.now).source_states()}
    assert credit["gempa"] == "Gempa bumi (BMKG)"
