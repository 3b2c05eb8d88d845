"""The open data portal of the simulated city answers as a CKAN does, also where that is a nuisance."""

from datetime import UTC, datetime, timedelta

import pytest
import requests

from simulation import open_data, server
from simulation.places import DISTRICTS
from simulation.town import Town

NOW = datetime(2026, 11, 24, 5, tzinfo=UTC)


@pytest.fixture
def portal(tmp_path):
    running, _ = server.start(Town(7), tmp_path, clock=lambda: NOW)
    yield f"http://127.0.0.1:{running.server_address[1]}/ckan/"
    running.stop()


def search(portal, **query):
    return requests.get(portal + "api/3/action/datastore_search", params=query, timeout=10)


def test_a_page_is_capped_in_silence_and_the_next_goes_on(portal):
    first = search(portal, resource_id="pbg", limit=32_000).json()["result"]
    second = search(portal, resource_id="pbg", limit=32_000, offset=500).json()["result"]
    assert (len(first["records"]), first["total"] > 500) == (open_data.CAP, True)
    assert second["records"][0]["_id"] == 501
    assert search(portal, resource_id="pbg", offset=first["total"]).json()["result"]["records"] == []


def test_records_can_be_filtered_sorted_and_cut_to_some_columns(portal):
    asked = {"resource_id": "penduduk", "filters": '{"kecamatan": "Jelutung"}', "sort": "periode desc, _id"}
    found = search(portal, **asked, fields="periode,jumlah").json()["result"]
    periods = [record["periode"] for record in found["records"]]
    assert (periods, len(periods), found["total"]) == (
        sorted(periods, reverse=True),
        open_data.MONTHS,
        open_data.MONTHS,
    )
    assert periods[0] == "2026-10-31", "a month is counted when it has ended"
    assert found["records"][0].keys() == {"periode", "jumlah"}


@pytest.mark.parametrize(
    ("query", "status", "word"),
    [
        ({"resource_id": "tidak-ada"}, 404, "Not Found Error"),
        ({"resource_id": "pbg", "fields": "nik"}, 409, "Validation Error"),
        ({"resource_id": "pbg", "sort": "nik"}, 409, "Validation Error"),
        ({"resource_id": "pbg", "filters": "{"}, 409, "Validation Error"),
        ({"resource_id": "pbg", "limit": "banyak"}, 409, "Validation Error"),
        ({"resource_id": "pbg", "offset": -1}, 409, "Validation Error"),
    ],
)
def test_what_cannot_be_answered_is_refused_in_an_envelope(portal, query, status, word):
    found = search(portal, **query)
    assert (found.status_code, found.json()["success"], found.json()["error"]["__type"]) == (status, False, word)
    assert requests.get(portal + "api/3/action/tidak_ada", timeout=10).status_code == 404


def test_a_question_may_be_posted(portal):
    asked = {"resource_id": "penduduk", "filters": {"kecamatan": ["Jelutung", "Kota Baru"]}}
    found = requests.post(portal + "api/3/action/datastore_search", json=asked, timeout=10).json()["result"]
    assert found["total"] == 2 * open_data.MONTHS


def test_the_file_of_a_resource_is_sent_once(portal):
    shown = requests.get(portal + "api/3/action/resource_show", params={"id": "penduduk"}, timeout=10).json()["result"]
    url = portal.replace("/ckan/", shown["url"])
    first = requests.get(url, timeout=10)
    assert first.content.decode("utf-8-sig").splitlines()[0] == "periode;kecamatan;jumlah;kelahiran;simulated"
    assert requests.get(url, headers={"If-None-Match": first.headers["ETag"]}, timeout=10).status_code == 304
    assert requests.get(portal + "unduh/tidak-ada.csv", timeout=10).status_code == 404


def test_people_are_counted_by_district_and_month_and_grow_slowly():
    records = list(open_data.population(Town(7), NOW))
    assert len(records) == open_data.MONTHS * len(DISTRICTS) and all(record["simulated"] for record in records)
    totals: dict[str, int] = {}
    for record in records:
        totals[record["periode"]] = totals.get(record["periode"], 0) + int(record["jumlah"].replace(".", ""))
    first, last = totals[min(totals)], totals[max(totals)]
    assert 580_000 < first < last < 700_000
    assert records == list(open_data.population(Town(7), NOW)) != list(open_data.population(Town(8), NOW))


def test_a_permit_takes_its_steps_in_order_and_none_before_its_time():
    records = list(open_data.permits(Town(7), NOW))
    cases: dict[str, list[tuple[str, str]]] = {}
    for record in records:
        assert record["simulated"] and datetime.fromisoformat(record["waktu"]) <= NOW
        cases.setdefault(record["nomor"], []).append((record["waktu"], record["tahap"]))
    assert all(steps == sorted(steps) and steps[0][1] == "diterima" for steps in cases.values())
    ends = [steps[-1][1] for steps in cases.values()]
    assert 0 < ends.count("ditolak") < ends.count("terbit") and ends.count("verifikasi") > 0
    earlier = list(open_data.permits(Town(7), NOW - timedelta(hours=6)))
    known = {(record["nomor"], record["tahap"]) for record in records}
    assert {(record["nomor"], record["tahap"]) for record in earlier} <= known
