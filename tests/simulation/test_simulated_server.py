"""The complaints desk speaks GeoReport v2 over real HTTP, on loopback only, and fails when told to."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree

import pytest
import requests

from simulation import server as simulated
from simulation.__main__ import rushes
from simulation.quirks import Quirks
from simulation.town import Town

NOW = datetime(2026, 11, 24, 7, 5, tzinfo=UTC)
ROOT = Path(simulated.__file__).parent.parent
SPAM = {"service_code": "sampah", "lat": "-1.6", "long": "103.6", "description": "rahasia", "phone": "0812"}


class Desk:
    """A running desk and the shortest way to ask it."""

    def __init__(self, folder: Path, **options) -> None:
        self.now, self.folder = NOW, folder
        self.server, self.office = simulated.start(Town(), folder, clock=lambda: self.now, **options)
        self.root = f"http://127.0.0.1:{self.server.server_address[1]}"

    def get(self, path: str, timeout: float = 5, **query) -> requests.Response:
        return requests.get(f"{self.root}/open311/v2/{path}", params=query, timeout=timeout)

    def rows(self, path: str = "requests.json", **query) -> list[dict]:
        answer = self.get(path, **query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def file(self, form: str = "json", **changes: str) -> requests.Response:
        return requests.post(f"{self.root}/open311/v2/requests.{form}", data=SPAM | changes, timeout=5)

    def spoil(self, **order) -> requests.Response:
        return requests.post(f"{self.root}/_faults", json=order, timeout=5)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    opened = Desk(tmp_path / "desk")
    yield opened
    opened.server.stop()


@pytest.fixture
def quirky(tmp_path: Path) -> Iterator:
    opened: list[Desk] = []

    def make(**quirks: bool) -> Desk:
        opened.append(Desk(tmp_path / "quirky", quirks=Quirks(**quirks)))
        return opened[-1]

    yield make
    for one in opened:
        one.server.stop()


def test_it_listens_on_loopback_only(desk):
    assert desk.server.server_address[0] == "127.0.0.1"
    assert requests.get(f"{desk.root}/health", timeout=5).json() == {"status": "ok", "simulated": True}
    with socket.socket() as other, pytest.raises(OSError):
        other.connect(("127.0.0.2", desk.server.server_address[1]))


def test_the_services_are_the_nine_categories(desk):
    services = desk.rows("services.json")
    assert len(services) == 9
    assert services[0]["service_code"] == "jalan" and services[0]["type"] == "realtime"
    tree = ElementTree.fromstring(desk.get("services.xml").content)
    assert (tree.tag, tree[0].tag, tree[0].find("metadata").text) == ("services", "service", "false")


def test_a_service_has_a_definition(desk):
    assert desk.get("services/jalan.json").json() == {"service_code": "jalan", "attributes": [], "simulated": True}
    assert ElementTree.fromstring(desk.get("services/jalan.xml").content).tag == "service_definition"


def test_a_request_has_the_fields_of_the_standard_and_says_it_is_simulated(desk):
    row = desk.rows(page_size=1)[0]
    times = {row[field] for field in ("requested_datetime", "updated_datetime", "expected_datetime")}
    assert all(datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ") for text in times)
    assert row["simulated"] is True and isinstance(row["lat"], float) and isinstance(row["service_request_id"], str)


def test_xml_and_json_tell_the_same(desk):
    tree = ElementTree.fromstring(desk.get("requests.xml").content)
    told = [{field.tag: field.text or "" for field in request} for request in tree]
    rows = [{key: str(value).replace("True", "true") for key, value in row.items()} for row in desk.rows()]
    assert tree.tag == "service_requests" and told == rows


def test_without_dates_the_last_ninety_days_answer(desk):
    pages = desk.rows() + desk.rows(page=2)
    assert len(desk.rows()) == 1000 and 1150 <= len(pages) <= 1350
    assert min(row["requested_datetime"] for row in pages) >= "2026-08-26"


def test_no_question_gets_more_than_ninety_days_or_a_thousand_rows(desk):
    rows = desk.rows(start_date="2026-01-01T00:00:00Z", end_date="2026-11-24T00:00:00Z", page_size=5000)
    assert len(rows) == 1000 and rows[0]["requested_datetime"] >= "2026-08-26"


def test_pages_cover_everything_once(desk):
    window = {"start_date": "2026-11-01T00:00:00+07:00", "end_date": "2026-11-24T00:00:00Z"}
    pages = [desk.rows(page=page, page_size=100, **window) for page in range(1, 6)]
    ids = [row["service_request_id"] for page in pages for row in page]
    assert pages[-1] == [] and len(ids) == len(set(ids))
    assert ids == [row["service_request_id"] for row in desk.rows(**window)]


@pytest.mark.parametrize(("field", "value"), [("status", "open"), ("status", "closed"), ("service_code", "banjir")])
def test_filters_leave_only_what_was_asked(desk, field, value):
    rows = desk.rows(**{field: value})
    assert rows and {row[field] for row in rows} == {value}


def test_a_case_is_found_by_its_id_whatever_the_filters(desk):
    row, other = desk.rows(page_size=2, status="closed")
    key = row["service_request_id"]
    assert desk.rows(f"requests/{key}.json") == [row]
    assert desk.rows(service_request_id=f"{key},{other['service_request_id']},SIM-x", status="open") == [row, other]


def test_a_case_closes_when_its_time_has_come(desk):
    row = desk.rows(status="open")[-1]
    desk.now = NOW + timedelta(days=61)
    later = desk.rows(f"requests/{row['service_request_id']}.json")[0]
    assert later["status"] == "closed" and later["updated_datetime"] > row["updated_datetime"]


@pytest.mark.parametrize(
    ("path", "code", "text"),
    [
        ("requests/SIM-261124-999.json", 404, "service_request_id was not found"),
        ("requests/nothing.json", 404, "service_request_id was not found"),
        ("services/kopi.json", 404, "service_code was not found"),
        ("tokens/1.json", 404, "no such resource"),
        ("requests", 404, "no such resource"),
        ("requests.json?start_date=kemarin", 400, "start_date is not a W3C date and time"),
        ("requests.json?end_date=2026-11-24T00:00:00", 400, "end_date has no time zone"),
        ("requests.json?status=lama", 400, "status is neither open nor closed"),
        ("requests.json?page=0", 400, "page is not a number from 1"),
        ("requests.json?page_size=x", 400, "page_size is not a number from 1"),
    ],
)
def test_a_wrong_question_gets_the_error_of_the_standard(desk, path, code, text):
    answer = desk.get(path)
    assert (answer.status_code, answer.json()) == (code, [{"code": code, "description": text}])


def test_an_error_can_be_xml(desk):
    tree = ElementTree.fromstring(desk.get("requests/x.xml").content)
    assert (tree.tag, tree[0].find("code").text) == ("errors", "404")


def test_a_filed_complaint_is_seen_at_once_and_survives_a_restart(desk):
    key = desk.file().json()[0]["service_request_id"]
    seen = desk.rows(status="open")[-1]
    assert (seen["service_request_id"], seen["service_code"], seen["lat"]) == (key, "sampah", -1.6)
    again = Desk(desk.folder)
    assert again.rows(f"requests/{key}.json") == [seen]
    again.server.stop()


def test_a_filed_complaint_is_kept_without_text_or_phone(desk):
    desk.file()
    kept = "".join(path.read_text() for path in desk.folder.iterdir())
    assert "sampah" in kept and "rahasia" not in kept and "0812" not in kept


def test_a_filed_complaint_is_closed_some_day(desk):
    key = desk.file().json()[0]["service_request_id"]
    desk.now = NOW + timedelta(days=61)
    assert desk.rows(f"requests/{key}.json")[0]["status"] == "closed"


def test_complaints_filed_together_all_get_their_own_id(desk):
    threads = [threading.Thread(target=desk.file) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({c.key for c in desk.office.posted()}) == 8


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"service_code": "kopi"}, "service_code is missing or unknown"),
        ({"lat": ""}, "lat and long are missing or not numbers"),
        ({"long": "timur"}, "lat and long are missing or not numbers"),
        ({"lat": "nan"}, "lat or long is not on the earth"),
    ],
)
def test_a_complaint_that_is_not_understood_is_refused(desk, changes, text):
    answer = desk.file(**changes)
    assert (answer.status_code, answer.json()) == (400, [{"code": 400, "description": text}])


def test_a_complaint_can_be_filed_in_xml(desk):
    tree = ElementTree.fromstring(desk.file("xml").content)
    assert tree[0].find("service_request_id").text == "SIM-261124-P001"


def test_faults_spoil_as_many_answers_as_ordered_and_no_more(desk):
    desk.spoil(fault="500", count=2)
    assert [desk.get("services.json").status_code for _ in range(3)] == [500, 500, 200]


def test_a_fault_touches_its_prefix_only_and_never_the_health(desk):
    desk.spoil(fault="500", prefix="/open311/v2/requests")
    assert desk.get("services.json").status_code == 200
    assert requests.get(f"{desk.root}/health", timeout=5).status_code == 200
    assert desk.get("requests.json").status_code == 500


def test_html_comes_with_code_200(desk):
    desk.spoil(fault="html")
    answer = desk.get("requests.json")
    assert answer.status_code == 200 and answer.text.startswith("<!doctype html>")


def test_an_empty_answer_has_no_body(desk):
    desk.spoil(fault="empty")
    assert desk.get("requests.json").content == b""


def test_a_truncated_answer_breaks_off(desk):
    desk.spoil(fault="truncate")
    with pytest.raises((requests.exceptions.ChunkedEncodingError, requests.exceptions.ConnectionError)):
        desk.get("requests.json")
    assert desk.get("requests.json").ok


def test_a_slow_answer_is_right_in_the_end(desk):
    desk.spoil(fault="slow", seconds=0.4)
    began = time.monotonic()
    assert desk.rows("services.json") and time.monotonic() - began >= 0.4


def test_a_timeout_never_answers_and_holds_nobody_else_up(desk):
    desk.spoil(fault="timeout", seconds=30)
    with pytest.raises(requests.exceptions.ReadTimeout):
        desk.get("services.json", timeout=0.3)
    assert desk.rows("services.json")


def test_orders_can_be_forgotten(desk):
    desk.spoil(fault="500", count=50)
    desk.spoil(fault=None)
    assert desk.get("services.json").status_code == 200


@pytest.mark.parametrize("order", [{"fault": "gempa"}, {"fault": "500", "count": 0}, {"prefix": "/"}, {"fault": 5}])
def test_a_fault_nobody_knows_is_refused(desk, order):
    assert desk.spoil(**order).status_code == 400


def test_a_server_can_ignore_pages(quirky):
    desk = quirky(ignore_page=True)
    assert desk.rows(page=3, page_size=5) == desk.rows(page=1, page_size=5) != []


def test_a_server_can_answer_one_case_without_its_list(quirky):
    assert isinstance(quirky(single_object=True).get("requests.json", page_size=1).json(), dict)


def test_a_server_can_shout(quirky):
    assert "SERVICE_REQUEST_ID" in quirky(upper_case=True).rows(page_size=1)[0]


def test_a_server_can_hide_the_ids(quirky):
    row = quirky(omit_ids=True).rows(page_size=1)[0]
    assert "service_request_id" not in row and row["token"]


def test_a_server_can_refuse_offsets(quirky):
    desk = quirky(reject_offsets=True)
    assert desk.get("requests.json", start_date="2026-11-20T00:00:00Z").status_code == 400
    assert desk.rows(start_date="2026-11-20T00:00:00", end_date="2026-11-24T00:00:00")


def test_a_server_can_want_a_key_and_a_jurisdiction(quirky):
    desk = quirky(api_key="k", jurisdiction="jambi.go.id")
    both = {"api_key": "k", "jurisdiction_id": "jambi.go.id"}
    asked = [{"jurisdiction_id": "jambi.go.id"}, {"api_key": "k"}, both | {"jurisdiction_id": "bogor.go.id"}, both]
    assert [desk.get("requests.json", **query).status_code for query in asked] == [403, 400, 404, 200]


def test_a_server_can_break_on_spans_with_a_bad_row_and_cap_its_pages(quirky):
    desk = quirky(bad_rows_at=(NOW - timedelta(days=10),), page_cap=50)
    assert desk.get("requests.json").status_code == 500
    assert len(desk.rows(start_date=(NOW - timedelta(days=9)).isoformat(), page_size=500)) == 50


def test_a_server_can_speak_xml_only_and_pack_wrongly(quirky):
    assert isinstance(quirky(xml_only=True).get("requests.json").json(), dict)
    with pytest.raises(requests.exceptions.ContentDecodingError):
        quirky(breaks_deflate=True).get("requests.json")


def test_recorded_answers_are_served_with_their_type_and_nothing_beside_them(tmp_path):
    (tmp_path / "recorded").mkdir()
    (tmp_path / "secret.txt").write_text("rahasia")
    for name in ("a.json", "b.xml", "c.csv"):
        (tmp_path / "recorded" / name).write_text("x")
    desk = Desk(tmp_path / "desk", recorded=tmp_path / "recorded")
    answers = [requests.get(f"{desk.root}/recorded/{name}", timeout=5) for name in ("a.json", "b.xml", "c.csv")]
    kinds = [answer.headers["Content-Type"].split(";")[0] for answer in answers]
    outside = requests.get(f"{desk.root}/recorded/%2e%2e/secret.txt", timeout=5)
    desk.server.stop()
    assert kinds == ["application/json", "text/xml", "text/csv"]
    assert outside.status_code == 404 and "rahasia" not in outside.text


def test_a_speed_is_remembered_over_a_restart_and_a_new_one_begins_where_it_is_set(tmp_path):
    first = rushes(tmp_path, 10, NOW)
    assert first == rushes(tmp_path, 10, NOW + timedelta(hours=1))
    then = rushes(tmp_path, 1, NOW + timedelta(hours=2))
    assert then[0] == first[0] and then[1].started_at == NOW + timedelta(hours=2)
    assert rushes(tmp_path / "calm", 1, NOW) == () and not (tmp_path / "calm").exists()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_city_runs_as_a_program_until_it_is_told_to_stop(tmp_path, number):
    command = [sys.executable, "-m", "simulation", "--data", str(tmp_path), "--port", "0", "--days", "1"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as city:
        line = city.stdout.readline()
        url = next(word for word in line.split() if word.startswith("http"))
        assert requests.get(f"{url}services.json", timeout=5).ok
        os.kill(city.pid, number)
        assert city.wait(timeout=20) == 0


def test_a_taken_port_is_told_in_one_line(desk, tmp_path):
    port = str(desk.server.server_address[1])
    command = [sys.executable, "-m", "simulation", "--data", str(tmp_path), "--port", port]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=20)
    assert answer.returncode == 1
    assert answer.stderr == f"simulation: cannot serve on 127.0.0.1:{port}: Address already in use\n"


def test_the_posted_file_is_small_and_plain(desk):
    desk.file()
    row = json.loads((desk.folder / "posted.json").read_text())[0]
    assert list(row) == ["service_request_id", "service_code", "requested_datetime", "lat", "long"]
