"""One facility's fault is told by name and kind, and the others go on; a whole city of them fails the run."""

import json
import time
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from city import documents
from city.model import ChangedShape, NotUnderstood, Refused, Unreachable
from city.queries import Queries
from city.store import Store
from city.times import instant, window
from collectors import args_of, bpjs
from collectors.bpjs.envelope import read
from collectors.http import Session
from collectors.runner import Job
from simulation import bpjs as simulated
from simulation import server as simulated_server
from simulation.places import HOSPITALS
from simulation.town import Town
from tests.collectors.sealing import DAHLIA, MELATI, NOW, locked, packed, sealed

JAMBI = ZoneInfo("Asia/Jakarta")
ROOT = Path(__file__).resolve().parents[2]
GOOD = {"metaData": {"code": "200", "message": "OK"}}


def args(url, service="vclaim", facilities=(MELATI, DAHLIA), **more):
    base = {"service": service, "url": url, "facilities": facilities, "history": "1s", "overlap": "1s"}
    return bpjs.Args(**base | {"reads": ["visits"]} | more)


def said(value, status=200):
    return status, {}, value if isinstance(value, bytes) else json.dumps(value).encode()


def refusal(message):
    return said({"metaData": {"code": "401", "message": message}, "response": None})


def to_melati(inside):
    """An answer of the right form whose ``response`` is made from the request's headers."""
    return lambda head: said(GOOD | {"response": inside(head)})


FAULTS = {
    "wrong secret": (to_melati(lambda head: sealed({"sep": []}, head, DAHLIA)), NotUnderstood, "decrypt failed"),
    "not packed": (
        to_melati(lambda head: locked('{"sep": []}', "101", "s-101", head["X-timestamp"])), NotUnderstood,
        "decompress failed",
    ),
    "inner json": (
        to_melati(lambda head: locked(packed('{"sep": '), "101", "s-101", head["X-timestamp"])), NotUnderstood,
        "JSON is broken or cut off",
    ),
    "not encrypted": (to_melati(lambda head: {"sep": []}), ChangedShape, "the answer is not encrypted"),
    "no response": (to_melati(lambda head: None), ChangedShape, "the answer is not encrypted"),
    "expired": (
        lambda head: refusal("Unauthorized! Consumer ID is expired!"), Refused,
        "the consumer id has expired: ask the BPJS branch",
    ),
    "not registered": (
        lambda head: refusal("Unauthorized! You are not registered for this service!"), Refused,
        "not registered for this service: ask the BPJS branch",
    ),
    "behind the gateway": (lambda head: refusal("Connection timed out"), Unreachable, "the gateway got no answer"),
    "unknown": (lambda head: refusal("Peserta SITI AMINAH tidak aktif"), Refused, "answered with code 401"),
    "html": (lambda head: said(b"<html><h1>502</h1></html>"), NotUnderstood, "answered with HTML"),
    "empty": (lambda head: said(b""), NotUnderstood, "the answer is empty"),
    "cut off": (lambda head: said(b'{"metaData": {"code": "20'), NotUnderstood, "broken or cut off"),
    "500": (lambda head: said(b"{}", 500), Refused, "answered HTTP 500"),
    "503": (lambda head: said(b"", 503), Refused, "answered HTTP 503"),
    "403": (lambda head: said(b"{}", 403), Refused, "answered HTTP 403"),
    "no envelope": (lambda head: said({"sep": []}), ChangedShape, "no metadata with a code"),
    "a list": (lambda head: said([1]), ChangedShape, "no metadata with a code"),
    "envelope is text": (lambda head: said({"metaData": "SITI"}), ChangedShape, "no metadata with a code"),
}  # fmt: skip


def answering(system, melati):
    """DAHLIA answers well with one visit, MELATI as ``melati`` says."""

    def answer(query):
        head = system.headers[-1]
        if head["X-cons-id"] == "101":
            return melati(head)
        return said(GOOD | {"response": sealed({"sep": [{"poli": "MATA", "kelasRawat": "1"}]}, head, DAHLIA)})

    system.answer = answer


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_of_one_hospital_is_told_by_name_and_the_other_goes_on(system, session, fault):
    answer, _, told = FAULTS[fault]
    answering(system, answer)
    rows = list(bpjs.fetch(args(system.url), session, None, NOW))
    assert {row["facility"] for row in rows} == {"RS Dahlia"}
    assert sum(row["value"] for row in rows) == 2
    assert len(session.warnings) == 1
    assert session.warnings[0].startswith("RS Melati: ") and told in session.warnings[0]
    assert "SITI" not in session.warnings[0]


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_of_every_hospital_fails_the_run_with_its_own_kind(system, session, fault):
    answer, kind, told = FAULTS[fault]
    answering(system, answer)
    with pytest.raises(kind, match="RS Melati: ") as caught:
        list(bpjs.fetch(args(system.url, facilities=[MELATI]), session, None, NOW))
    assert told.partition(": ")[0] in str(caught.value)
    assert not [key for key in ("s-101", "k-101", "SITI") if key in str(caught.value)]


def test_a_hospital_that_does_not_answer_in_time_is_told_about_the_white_list(system, session):
    def hang(head):
        system.release.wait(5)
        return said(b"")

    answering(system, hang)
    assert list(bpjs.fetch(args(system.url), session, None, NOW))
    assert session.warnings[0].startswith(
        "RS Melati: no answer in time: check that the service is up; BPJS answers only"
    )
    with pytest.raises(Unreachable, match="no connection.*white list"):
        list(bpjs.fetch(args("http://127.0.0.1:1"), session, None, NOW))


def test_a_run_with_one_bad_hospital_is_good_and_its_notes_say_so(system, desk):
    answering(system, FAULTS["expired"][0])
    made = desk("bpjs", args(system.url).model_dump())
    result = made.run()
    assert (result.ok, result.saved) == (True, 2)
    assert result.notes["warnings"][0].startswith("RS Melati: the consumer id has expired")
    assert made.ask("select distinct place from observations") == [("RS Dahlia",)]


def test_a_run_with_bad_hospitals_only_leaves_the_old_numbers_alone(system, desk):
    answering(system, to_melati(lambda head: sealed({"sep": [{"poli": "MATA"}]}, head)))
    made = desk("bpjs", args(system.url).model_dump())
    assert made.run().ok
    before = made.ask("select * from observations order by 1, 2, 3, 4, 5, 6, 7, 8")
    system.answer = lambda query: said(b"", 500)
    failed = made.run()
    assert (failed.ok, failed.error_code) == (False, "K-102")
    assert len(failed.notes["warnings"]) == 2
    assert made.ask("select * from observations order by 1, 2, 3, 4, 5, 6, 7, 8") == before


def test_each_request_is_signed_for_the_moment_it_is_sent(system, session):
    def slowly(head):
        time.sleep(0.4)
        return to_melati(lambda head: sealed({"sep": []}, head))(head)

    answering(system, slowly)
    list(bpjs.fetch(args(system.url, facilities=[MELATI], history="2d"), session, None, NOW))
    stamps = [int(head["X-timestamp"]) for head in system.headers]
    assert stamps == sorted(stamps) and len(stamps) == 6
    assert stamps[0] == NOW.timestamp() and stamps[-1] - stamps[0] in (1, 2, 3)
    assert all("Content-Type" not in head for head in system.headers)


def test_no_key_follows_a_redirection_to_another_host(system, session):
    other = system.url.replace("127.0.0.1", "localhost")
    system.routes = {"/away": lambda query, sent: said(b"{}")}
    system.answer = lambda query: (302, {"Location": f"{other}/away"}, b"")
    with pytest.raises(ChangedShape):
        list(bpjs.fetch(args(system.url, facilities=[MELATI]), session, None, NOW))
    assert "X-cons-id" in system.headers[0]
    assert not {"X-cons-id", "X-signature", "user_key"} & set(system.headers[1])


@pytest.mark.parametrize(
    "gap_s, told",
    [
        (600.0, "this machine's clock is 600 s behind.*NTP"),
        (-400.0, "this machine's clock is 400 s ahead.*NTP"),
        (3.0, "though the clocks agree: a wrong secret"),
        (None, "a wrong secret or a wrong clock"),
    ],
)
def test_a_refused_signature_is_a_wrong_clock_or_a_wrong_secret(gap_s, told):
    answer = json.dumps({"metaData": {"code": "401", "message": "Signature Service Tidak Sesuai"}}).encode()
    with pytest.raises(Refused, match=told):
        read(answer, "vclaim", "here", gap_s)


@pytest.mark.parametrize(
    "service, about, good",
    [
        ("aplicares", {"metadata": {"code": 1}}, True),
        ("aplicares", {"metadata": {"code": 200}}, False),
        ("antrean", {"metadata": {"code": 200}}, True),
        ("antrean", {"metadata": {"Code": "200", "Message": "OK"}}, True),
        ("antrean", {"metadata": {"code": 201, "message": "Gagal"}}, False),
        ("vclaim", {"metaData": {"code": "200"}}, True),
        ("vclaim", {"MetaData": {"code": 200}}, True),
        ("pcare", {"metaData": {"code": 200}}, True),
        ("pcare", {"metaData": {"code": "201", "message": "CREATED"}}, False),
    ],
)
def test_codes_are_texts_or_numbers_and_each_service_has_its_own(service, about, good):
    try:
        assert read(json.dumps(about | {"response": 7}).encode(), service, "here").response == 7
        assert good
    except Refused:
        assert not good


# Against the simulated city


@pytest.fixture
def city(tmp_path):
    running, _ = simulated_server.start(Town(), tmp_path, clock=lambda: NOW)
    yield f"http://127.0.0.1:{running.server_address[1]}"
    running.stop()


def keys(number, service, **wrong):
    who = simulated.CONSUMERS[number]
    login = {"username": simulated.PCARE_USER, "password": simulated.PCARE_PASSWORD} if service == "pcare-rest" else {}
    named = {"code": who.code, "name": who.name, "cons_id": who.cons_id, "secret": who.secret}
    return named | login | {"user_key": who.user_key(service)} | wrong


def test_every_kind_of_wrong_key_is_told_apart_and_the_good_hospital_is_read(city, session):
    service = "vclaim-rest"
    made = args(f"{city}/bpjs/{service}", facilities=[
        keys(0, service, secret="salah", name="RS A"), keys(1, service, user_key="salah", name="RS B"),
        keys(3, service, name="RS C"), keys(2, service),
    ])  # fmt: skip
    rows = list(bpjs.fetch(made, session, None, NOW))
    assert {row["facility"] for row in rows} == {HOSPITALS[2][0]}
    assert [warning.rpartition(": ")[0] for warning in session.warnings] == [
        "RS A: signature refused though the clocks agree: a wrong secret",
        "RS B: the consumer is not registered for this service", "RS C: the consumer id has expired",
    ]  # fmt: skip


@pytest.mark.parametrize("skew_s, word", [(600, "ahead"), (-900, "behind")])
def test_a_clock_that_is_wrong_is_not_taken_for_a_wrong_secret(city, session, skew_s, word):
    made = args(f"{city}/bpjs/vclaim-rest", facilities=[keys(0, "vclaim-rest")])
    skewed = NOW.fromtimestamp(NOW.timestamp() + skew_s, NOW.tzinfo)
    with pytest.raises(Refused, match=rf"this machine's clock is \d+ s {word}.*NTP"):
        list(bpjs.fetch(made, session, None, skewed))


def test_a_small_difference_of_the_clocks_does_no_harm(city, session):
    made = args(f"{city}/bpjs/vclaim-rest", facilities=[keys(0, "vclaim-rest")])
    assert list(bpjs.fetch(made, session, None, NOW.fromtimestamp(NOW.timestamp() + 120, NOW.tzinfo)))


def test_a_wrong_password_of_a_puskesmas_is_refused(city, session):
    wrong = keys(4, "pcare-rest", password="salah")
    with pytest.raises(Refused, match="answered with code 401"):
        list(bpjs.fetch(args(f"{city}/bpjs/pcare-rest", "pcare", [wrong]), session, None, NOW))


def run_example(name, engine, city):
    """Every source of a worked example run once, and the questions it can then answer."""
    env = {f"BPJS_{word.upper()}_URL": f"{city}/bpjs/{path}" for word, path in
           (("antrean", "antreanrs"), ("aplicares", "aplicaresws"), ("pcare", "pcare-rest"))}  # fmt: skip
    config = documents.load(ROOT / f"docs/examples/{name}.yaml", args_of, env)
    store = Store(engine, config, lambda: NOW)
    results = {name: Job(name, config).run(store, Session(retries=0), lambda: NOW) for name in config.sources}
    return results, Queries(engine, config, lambda: NOW)


def test_the_example_of_queues_is_read_from_the_simulated_city(engine, city):
    results, queries = run_example("bpjs-antrean", engine, city)
    assert results["antrean"].ok and results["antrean"].saved > 1_000 and not results["antrean"].rejected
    today = queries.measure("queue_entries", by=["place"])
    assert today.simulated and {row["place"] for row in today.rows} == {name for name, _ in HOSPITALS[:2]}
    wait = queries.measure("clinic_wait", window=window("7d", NOW, JAMBI))
    assert 20 * 60 < wait.value < 60 * 60  # half of 45 to 90 minutes


def test_the_examples_of_beds_and_registrations_are_read_from_the_simulated_city(engine, city):
    results, queries = run_example("bpjs-beds", engine, city)
    assert [(result.ok, result.rejected, result.notes.get("warnings")) for result in results.values()] == [
        (True, 0, None)
    ] * 2
    assert 0.7 < queries.measure("bed_occupancy").value < 0.95
    free = queries.measure("beds_free", by=["place", "category"])
    assert len(free.rows) == 2 * 5 and free.simulated
    assert queries.measure("registrations").value > 0


@pytest.mark.parametrize("name", ["bpjs-antrean", "bpjs-beds"])
def test_the_worked_examples_fit_a_screen(name):
    assert len((ROOT / f"docs/examples/{name}.yaml").read_text().splitlines()) <= 40


# How far each facility came.


class Days:
    """A city system that answers dashboards by day; ``down`` are the consumer ids it does not answer."""

    def __init__(self, system) -> None:
        self.asked, self.down = [], set()
        outer = self

        class Routes(dict):
            def get(self, path, default=None):
                who = system.headers[-1]["X-cons-id"]
                if who in outer.down:
                    return lambda query, body: said(b"", 503)
                outer.asked.append((who, path.split("/")[4]))
                return lambda query, body: said({"metadata": {"code": 200}, "response": {"list": []}})

        system.routes = Routes()

    def of(self, facility):
        return [day[-2:] for who, day in self.asked if who == facility["cons_id"]]


def test_a_facility_that_was_away_is_read_from_where_it_was_left_and_no_other_is(system, desk):
    days = Days(system)
    made = desk("bpjs", {"service": "antrean", "url": system.url, "facilities": [MELATI, DAHLIA], "history": "1d",
                         "overlap": "1d"})  # fmt: skip
    start = made.now
    assert made.run().ok and (days.of(MELATI), days.of(DAHLIA)) == (["23", "24"], ["23", "24"])
    days.down.add(DAHLIA["cons_id"])
    for number in (2, 4):
        made.now = start + timedelta(days=number)
        assert made.run().ok
    assert {name: instant(at) for name, at in made.store.cursor("desk")["facilities"].items()} == {
        "RS Melati": made.now, "RS Dahlia": start,
    }  # fmt: skip
    days.down.clear()
    days.asked.clear()
    made.now = start + timedelta(days=5)
    assert made.run().ok
    assert days.of(MELATI) == ["27", "28", "29"] and days.of(DAHLIA) == [str(day) for day in range(23, 30)]
    days.asked.clear()
    assert made.run().ok and days.of(DAHLIA) == ["28", "29"], "then it is like the others again"


def test_a_facility_that_breaks_off_half_way_stays_where_it_was(system, session):
    days, made = Days(system), args(system.url, "antrean", history="3d", overlap="1s")
    since = {"read_to": NOW.isoformat(), "facilities": {"RS Melati": "2026-11-21T05:00:00+00:00"}}
    fetch = bpjs.fetch(made, session, since, NOW)
    real = system.routes.get

    def half(path, default=None):
        if len(days.of(MELATI)) == 2:
            days.down.add(MELATI["cons_id"])
        return real(path, default)

    system.routes.get = half
    assert list(fetch) == [] and session.marks["facilities"] == {
        "RS Melati": "2026-11-21T05:00:00+00:00", "RS Dahlia": NOW.isoformat(),
    }  # fmt: skip


def test_a_new_facility_brings_its_history_and_an_old_cursor_is_that_of_all(system, session):
    days, made = Days(system), args(system.url, "antrean", history="9d", overlap="1d")
    list(bpjs.fetch(made, session, {"read_to": NOW.isoformat(), "facilities": {"RS Melati": NOW.isoformat()}}, NOW))
    assert (days.of(MELATI), len(days.of(DAHLIA))) == (["23", "24"], 10)
    days.asked.clear()
    list(bpjs.fetch(made, session, {"read_to": NOW.isoformat()}, NOW))
    assert (days.of(MELATI), days.of(DAHLIA)) == (["23", "24"], ["23", "24"])
