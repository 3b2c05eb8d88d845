"""The simulated BPJS: invented facilities, numbers that agree with the city, the moods of the real one."""

import base64
import hmac
import json
from datetime import UTC, date, datetime, timedelta
from email.message import Message

import pytest
import requests

from simulation import bpjs, bpjs_facts, server
from simulation.messages import Request
from simulation.places import HOSPITALS, PUSKESMAS, ZONE
from simulation.town import Town

NOW = datetime(2026, 11, 24, 5, 0, tzinfo=UTC)  # Tuesday noon
TODAY, TOWN = date(2026, 11, 24), Town()
MELATI = HOSPITALS[0][0]
DASHBOARD = "dashboard/waktutunggu/tanggal/2026-11-24/waktu/rs"


def signed(who, service, stamp=None, **more):
    stamp = stamp or str(int(NOW.timestamp()))
    mark = hmac.digest(who.secret.encode(), f"{who.cons_id}&{stamp}".encode(), "sha256")
    head = {"X-cons-id": who.cons_id, "X-timestamp": stamp, "X-signature": base64.b64encode(mark).decode()}
    return head | {"user_key": who.user_key(service)} | more


def ask(path, head, now=NOW):
    message = Message()
    for name, value in head.items():
        message[name] = value
    answer = bpjs.answer(TOWN, Request("GET", path, {}, message, b"", now))
    return json.loads(answer.body)


def about(answer):
    return next(part for name, part in answer.items() if name.lower() == "metadata")


def test_every_facility_is_invented_and_every_answer_says_so():
    assert all("Simulasi" in who.name for who in bpjs.CONSUMERS)
    assert len({who.cons_id for who in bpjs.CONSUMERS}) == len(HOSPITALS) + len(PUSKESMAS)
    for service, path in ("antreanrs", DASHBOARD), ("aplicaresws", "rest/bed/read/SIMRS1/1/9"), ("antreanrs", "x"):
        assert ask(f"{service}/{path}", signed(bpjs.CONSUMERS[0], service))["simulated"] is True


@pytest.mark.parametrize(
    "wrong, message",
    [
        ({"X-cons-id": "9"}, "Signature Service Tidak Sesuai"),
        ({"X-signature": "x"}, "Signature Service Tidak Sesuai"),
        ({"X-timestamp": "433223232"}, "Signature Service Tidak Sesuai"),
        ({"user_key": "x"}, "Unauthorized! You are not registered for this service!"),
    ],
)
def test_a_wrong_key_is_refused_with_the_words_of_the_real_one(wrong, message):
    head = signed(bpjs.CONSUMERS[0], "antreanrs") | wrong
    assert about(ask(f"antreanrs/{DASHBOARD}", head)) == {"code": 401, "message": message}


def test_a_clock_may_be_five_minutes_wrong_and_no_more():
    who = bpjs.CONSUMERS[0]
    codes = [
        about(ask(f"antreanrs/{DASHBOARD}", signed(who, "antreanrs", str(int(NOW.timestamp()) + skew))))["code"]
        for skew in (-301, -299, 0, 299, 301)
    ]
    assert codes == [401, 200, 200, 200, 401]


def test_the_fourth_hospital_has_let_its_agreement_expire():
    who = bpjs.CONSUMERS[3]
    assert "expired" in about(ask(f"antreanrs/{DASHBOARD}", signed(who, "antreanrs")))["message"]


def test_a_hospital_has_no_key_to_primary_care():
    answer = ask("pcare-rest/pendaftaran/tglDaftar/24-11-2026/0/9", signed(bpjs.CONSUMERS[0], "pcare-rest"))
    assert "not registered" in about(answer)["message"]


def test_the_codes_are_of_each_service_and_the_sealed_ones_are_sealed():
    clear = ask(f"antreanrs/{DASHBOARD}", signed(bpjs.CONSUMERS[0], "antreanrs"))
    assert clear["metadata"]["code"] == 200 and isinstance(clear["response"], dict)
    visits = "vclaim-rest/Monitoring/Kunjungan/Tanggal/{}/JnsPelayanan/2"
    full = ask(visits.format("2026-11-24"), signed(bpjs.CONSUMERS[0], "vclaim-rest"))
    assert full["metaData"]["code"] == "200" and isinstance(full["response"], str)
    sunday = ask(visits.format("2026-11-22"), signed(bpjs.CONSUMERS[0], "vclaim-rest"))
    assert sunday["metaData"] == {"code": "201", "message": "Data tidak ditemukan"}
    odd = ask(visits.format("2026-11-99"), signed(bpjs.CONSUMERS[0], "vclaim-rest"))
    assert odd["metaData"] == {"code": "201", "message": "Format tanggal tidak sesuai"}


def test_the_date_of_an_answer_is_the_time_of_the_city(tmp_path):
    running, _ = server.start(TOWN, tmp_path, clock=lambda: NOW)
    url = f"http://127.0.0.1:{running.server_address[1]}"
    answer = requests.get(f"{url}/bpjs/antreanrs/x", timeout=5)
    gone = requests.get(f"{url}/bpjs/icare/x", timeout=5)
    running.stop()
    assert answer.headers["Date"] == "Tue, 24 Nov 2026 05:00:00 GMT"
    assert (gone.status_code, gone.text[:6]) == (404, "<html>")


@pytest.mark.parametrize("hospital, beds", HOSPITALS)
def test_the_rooms_hold_the_beds_of_the_hospital(hospital, beds):
    rooms = bpjs_facts.rooms(TOWN, hospital, NOW)
    assert abs(sum(int(room["kapasitas"]) for room in rooms) - beds) <= 3
    assert all(0 <= int(room["tersedia"]) <= int(room["kapasitas"]) for room in rooms)
    free = next(f for at, name, _, f, _ in TOWN.hospitals(TODAY) if name == hospital and at == NOW)
    assert abs(sum(int(room["tersedia"]) for room in rooms) - free) <= 0.05 * beds
    ages = [NOW - datetime.fromisoformat(room["lastupdate"]).replace(tzinfo=ZONE) for room in rooms]
    assert all(timedelta() <= age < timedelta(hours=3) for age in ages)


def test_the_waits_of_the_queue_are_those_of_the_hospital():
    rows = bpjs_facts.queues(TOWN, MELATI, TODAY, NOW)
    waits = [w for at, name, _, _, w in TOWN.hospitals(TODAY) if name == MELATI and 7 <= at.hour < 15]
    entries = sum(row["jumlah_antrean"] for row in rows)
    waiting_s = sum(row[f"waktu_task{task}"] for row in rows for task in (1, 3, 5)) / entries
    assert waiting_s / 60 == pytest.approx(sum(waits) / len(waits), rel=0.2)
    assert all(row["avg_waktu_task3"] * row["jumlah_antrean"] == pytest.approx(row["waktu_task3"]) for row in rows)


def test_a_queue_grows_through_the_day_and_a_past_day_stays_as_it_was():
    moments = [datetime(2026, 11, 24, hour, tzinfo=ZONE) for hour in (6, 9, 12, 15, 22)]
    sizes = [sum(row["jumlah_antrean"] for row in bpjs_facts.queues(TOWN, MELATI, TODAY, at)) for at in moments]
    assert sizes == sorted(sizes) and sizes[0] == 0 < sizes[1] < sizes[3] == sizes[4]
    assert bpjs_facts.queues(TOWN, MELATI, date(2026, 11, 22), NOW) == []
    past = [bpjs_facts.queues(Town(), MELATI, date(2026, 11, 20), NOW + timedelta(days=n)) for n in (0, 3)]
    assert past[0] == past[1] != []


def test_a_month_is_the_sum_of_its_days():
    month = bpjs_facts.month_queues(TOWN, MELATI, date(2026, 11, 1), NOW)
    days = [row for n in range(30) for row in bpjs_facts.queues(TOWN, MELATI, date(2026, 11, 1) + timedelta(n), NOW)]
    for field in ("jumlah_antrean", "waktu_task3"):
        assert sum(row[field] for row in month) == sum(row[field] for row in days)


def test_most_of_a_queue_is_insured_and_every_claim_is_in_one_state():
    day = date(2026, 11, 9)
    queue = sum(row["jumlah_antrean"] for row in bpjs_facts.queues(TOWN, MELATI, day, NOW))
    visits = bpjs_facts.visits(TOWN, MELATI, day, 2, NOW)
    assert 0.7 * queue < len(visits) <= 0.8 * queue
    in_state = [bpjs_facts.claims(TOWN, MELATI, day, 2, state, NOW) for state in (1, 2, 3)]
    assert sum(map(len, in_state)) == len(visits) and in_state[0] and in_state[2]
    later = bpjs_facts.claims(TOWN, MELATI, day, 2, 3, NOW + timedelta(days=30))
    assert {claim["noSEP"] for claim in in_state[2]} < {claim["noSEP"] for claim in later}
    assert all(claim["biaya"]["bySetujui"] == "0" for claim in in_state[0])


def test_a_puskesmas_registers_on_working_days_and_its_pages_end():
    assert bpjs_facts.registrations(TOWN, PUSKESMAS[0], date(2026, 11, 21), NOW) == []
    assert 50 < len(bpjs_facts.registrations(TOWN, PUSKESMAS[0], date(2026, 11, 23), NOW)) <= 110
    who = bpjs.CONSUMERS[-1]
    login = base64.b64encode(f"{bpjs.PCARE_USER}:{bpjs.PCARE_PASSWORD}:095".encode()).decode()
    head = signed(who, "pcare-rest", **{"X-authorization": f"Basic {login}"})
    answer = ask("pcare-rest/pendaftaran/tglDaftar/23-11-2026/500/10", head)
    assert about(answer) == {"code": 204, "message": "No Content"}
