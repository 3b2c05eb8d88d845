"""Open data portals: pages shorter than asked, texts that are numbers, and refusals in the portal's own word."""

import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from city import documents
from city.model import ChangedShape, NotUnderstood, Refused, Unreachable
from city.times import instant
from collectors import RowError, args_of, ckan
from collectors.http import Session
from simulation import open_data, server
from simulation.places import DISTRICTS
from simulation.town import Town
from tests.collectors.conftest import NOW, Desk

SEARCH, SHOW = "/api/3/action/datastore_search", "/api/3/action/resource_show"
FIELDS = {"key": "nomor", "opened_at": "diajukan"}


def said(result, status=200, **headers):
    return status, headers, json.dumps({"success": True, "result": result}).encode()


def refused(word, status=409, message="NIK 1571010101010001 not found"):
    return status, {}, json.dumps({"success": False, "error": {"__type": word, "message": message}}).encode()


def permit(number, **more):
    opened = NOW - timedelta(days=number)
    return {"_id": number, "nomor": f"P{number}", "diajukan": opened.isoformat(), "luas": "1.234,5"} | more


class Table:
    """A datastore table behind a portal that gives at most ``cap`` records."""

    def __init__(self, system, records, cap=100, **result):
        self.records, self.cap, self.result, self._system = records, cap, result, system
        self.asked = []
        system.routes[SEARCH] = self.answer

    def answer(self, query, body):
        self.asked.append(query)
        at, size = int(query.get("offset", 0)), min(int(query["limit"]), self.cap)
        rows = (
            sorted(self.records, key=lambda r: r["diajukan"], reverse=True)
            if "desc" in query.get("sort", "")
            else self.records
        )
        return said({"records": rows[at : at + size], "total": len(self.records)} | self.result)


def args(system, **more):
    base = {"url": system.url, "resource": "izin", "zone": "Asia/Jakarta", "kind": "permit", "fields": FIELDS}
    return ckan.Args(**base | more)


def read(made, session, since=None):
    visit = ckan.visit(made, session, since, NOW)
    return list(visit.rows()), visit.cursor()


def test_a_portal_that_gives_less_than_was_asked_is_read_by_what_was_received(system, session):
    table = Table(system, [permit(n) for n in range(7)], cap=3)
    rows, _ = read(args(system, page_size=32_000), session)
    assert [row["_id"] for row in rows] == list(range(7))
    assert [(asked["offset"], asked["limit"]) for asked in table.asked] == [(n, "32000") for n in ("0", "3", "6", "7")]
    assert {asked["sort"] for asked in table.asked} == {"_id"}
    assert session.warnings == []


def test_only_the_columns_that_are_read_are_asked_for(system, session):
    table = Table(system, [permit(1)])
    read(args(system, filters={"kecamatan": ["Jelutung", "Kota Baru"]}), session)
    assert table.asked[0]["fields"] == "nomor,diajukan"
    assert json.loads(table.asked[0]["filters"]) == {"kecamatan": ["Jelutung", "Kota Baru"]}


def test_a_page_that_brings_nothing_new_ends_the_reading(system, session):
    system.routes[SEARCH] = lambda query, body: said({"records": [permit(1)], "total": 900})
    rows, _ = read(args(system), session)
    assert (len(rows), len(system.asked)) == (1, 2)
    assert session.warnings[0].startswith("the same page came again")
    assert session.warnings[1] == "received 2 of the 900 records that the portal counts"


@pytest.mark.parametrize(("estimated", "told"), [(False, True), (True, False)])
def test_fewer_records_than_the_portal_counts_are_told(system, session, estimated, told):
    Table(system, [permit(1)], total=5, total_was_estimated=estimated)
    read(args(system), session)
    assert (session.warnings == ["received 1 of the 5 records that the portal counts"]) is told


def test_with_newest_by_only_what_is_younger_than_the_last_reading_and_its_overlap_is_read(system, session):
    table = Table(system, [permit(n) for n in range(1, 41)], cap=5)
    made = args(system, newest_by="diajukan", overlap="7d")
    rows, cursor = read(made, session)
    assert (len(rows), instant(cursor["newest"])) == (40, NOW - timedelta(days=1))
    assert table.asked[0]["sort"] == "diajukan desc, _id"
    table.asked.clear()
    table.records.append(permit(0))
    rows, cursor = read(made, session, cursor)
    assert ([row["_id"] for row in rows], len(table.asked)) == (list(range(10)), 2)
    assert instant(cursor["newest"]) == NOW
    assert len(read(args(system, newest_by="diajukan", constants={"channel": "x"}), session, cursor)[0]) == 41


def test_a_portal_that_ignores_the_order_is_read_whole_and_told(system, session):
    table = Table(system, [permit(n) for n in range(40, 0, -1)], cap=5)
    table.records.sort(key=lambda record: record["_id"] % 7)
    made = args(system, newest_by="diajukan", overlap="1d")
    system.routes[SEARCH] = lambda query, body: table.answer(query | {"sort": "_id"}, body)
    _, cursor = read(made, session)
    assert len(read(made, session, cursor)[0]) == 40
    assert [text for text in session.warnings if "newest first" in text]


def test_a_table_of_one_page_that_has_not_changed_costs_one_request(system, session):
    def answer(query, body):
        if system.headers[-1].get("If-None-Match") == '"v1"' and query["offset"] == "0":
            return 304, {}, b""
        return said({"records": [permit(1)] if query["offset"] == "0" else [], "total": 1}, ETag='"v1"')

    system.routes[SEARCH] = answer
    rows, cursor = read(args(system), session)
    assert (len(rows), len(system.asked), cursor["marks"]) == (1, 2, {"etag": '"v1"'})
    again, kept = read(args(system), session, cursor)
    assert (again, kept, len(system.asked)) == ([], cursor, 3)


def test_the_mark_of_the_first_of_several_pages_says_nothing_of_the_others(system, session):
    records = [permit(n) for n in range(4)]
    system.routes[SEARCH] = lambda query, body: said({"records": records[int(query["offset"]) :][:2]}, ETag='"v1"')
    assert "marks" not in read(args(system), session)[1]


@pytest.fixture
def patient():
    """The word comes with the body: a machine that is busy may send it later than the status."""
    with Session(retries=0) as made:
        yield made


@pytest.mark.parametrize("status", [200, 403, 404, 409])
@pytest.mark.parametrize("word", ["Not Found Error", "Authorization Error", "Search Index Error"])
def test_a_refusal_is_told_in_the_portal_s_own_word_and_no_more_of_its_message(system, patient, status, word):
    system.routes[SEARCH] = lambda query, body: refused(word, status)
    with pytest.raises(Refused, match=f"the portal says {word}") as caught:
        read(args(system), patient)
    assert "1571" not in str(caught.value) and SEARCH in str(caught.value)


@pytest.mark.parametrize("word", ["Budi 0812", None, {"a": 1}, "x" * 60])
def test_a_word_that_is_no_class_is_not_told_either(system, patient, word):
    system.routes[SEARCH] = lambda query, body: refused(word)
    with pytest.raises(Refused, match="the portal says no\\."):
        read(args(system), patient)


def test_a_column_that_the_portal_does_not_know_is_named_with_the_nearest(system, session):
    def answer(query, body):
        if "fields" in query:
            return refused("Validation Error")
        return said({"records": [], "fields": [{"id": "_id"}, {"id": "nomor"}, {"id": "diajukan_pada"}]})

    system.routes[SEARCH] = answer
    with pytest.raises(ChangedShape, match="column 'diajukan' is missing; nearest: 'diajukan_pada'"):
        read(args(system), session)
    assert (system.asked[-1]["limit"], "fields" in system.asked[-1]) == ("0", False)


def test_a_question_that_is_invalid_for_another_reason_is_a_changed_shape(system, session):
    system.routes[SEARCH] = lambda query, body: (
        refused("Validation Error") if "fields" in query else said({"fields": [{"id": "nomor"}, {"id": "diajukan"}]})
    )
    with pytest.raises(ChangedShape, match="the portal says Validation Error"):
        read(args(system, filters={"kolom": 1}), session)


@pytest.mark.parametrize(
    ("answer", "kind", "problem"),
    [
        ((200, {}, b"<!doctype html><title>Pemeliharaan</title>"), NotUnderstood, "HTML or XML"),
        ((200, {}, b""), NotUnderstood, "empty"),
        ((200, {}, b'{"success": true, "resu'), NotUnderstood, "broken or cut off"),
        ((200, {"Content-Length": "900"}, b'{"success"'), NotUnderstood, "broke off"),
        ((401, {}, b"no"), Refused, "HTTP 401"),
        ((404, {}, b"<html>"), Refused, "HTTP 404"),
        ((500, {}, b'{"detail": "x"}'), Refused, "HTTP 500"),
        ((200, {}, b"[1]"), ChangedShape, "no `result`"),
        (said([]), ChangedShape, "no `result`"),
        (said({"records": "csv,text"}), ChangedShape, "no list of `records`"),
        (said({"records": [[1, 2]]}), ChangedShape, "no list of `records`"),
        (said({"records": [{"nomer": "1", "diajukan": "x"}]}), ChangedShape, "nearest: 'nomer'"),
    ],
)  # fmt: skip
def test_each_fault_is_told_apart(system, session, answer, kind, problem):
    system.routes[SEARCH] = lambda query, body: answer
    with pytest.raises(kind, match=problem):
        read(args(system), session)


def test_a_fault_on_a_later_page_saves_nothing_and_the_next_run_reads_all(system, desk):
    table = Table(system, [permit(n) for n in range(6)], cap=3)
    made = desk("ckan", {"url": system.url, "resource": "izin", "fields": FIELDS}, source={"kind": "permit"})
    whole = table.answer
    system.routes[SEARCH] = lambda query, body: whole(query, body) if query["offset"] == "0" else (500, {}, b"x")
    result = made.run()
    assert (result.error_code, made.ask("select count(*) from cases")) == ("K-102", [(0,)])
    system.routes[SEARCH] = whole
    assert (made.run().saved, made.run().saved) == (6, 0)


def test_a_portal_that_is_away_is_unreachable(session):
    with Session(retries=0) as session, pytest.raises(Unreachable, match="no connection"):
        read(ckan.Args(url="http://127.0.0.1:1", resource="x", fields=FIELDS), session)


COUNTS = {"shape": "observations", "fields": {"at": "periode"}, "values": {"people": "Jumlah Penduduk (jiwa)"}}


@pytest.mark.parametrize(
    ("decimal", "value", "people"),
    [("auto", "61.204,0", 61204), ("auto", 61.204, 61.204), ("auto", 61204, 61204), (",", "61.204", 61204),
     (".", "61.204", 61.204), (",", 61.5, 61.5), ("auto", "1.234.567", 1234567)],
)  # fmt: skip
def test_numbers_that_are_texts_follow_the_settings_and_numbers_stay_themselves(system, decimal, value, people):
    made = args(system, **COUNTS | {"decimal": decimal})
    row = {"periode": "2026-10-31", "Jumlah Penduduk (jiwa)": value}
    assert [item.value for item in ckan.parse(row, made)] == [people]


def test_a_text_that_can_be_two_numbers_is_rejected_until_the_settings_say_which(system):
    with pytest.raises(RowError, match="people: can mean two numbers; set `decimal`"):
        ckan.parse({"periode": "2026-10-31", "Jumlah Penduduk (jiwa)": "61.204"}, args(system, **COUNTS))
    with pytest.raises(RowError, match=r"periode: neither text nor a number"):
        ckan.parse({"periode": ["Budi"], "Jumlah Penduduk (jiwa)": "1"}, args(system, **COUNTS))


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        ({"newest_by": "tanggal"}, "must be a column"),
        ({"mode": "file", "newest_by": "diajukan"}, "belong to the datastore"),
        ({"mode": "file", "filters": {"a": 1}}, "belong to the datastore"),
        ({"page_size": 32_001}, "less than or equal to 32000"),
        ({"shape": "event_log", "fields": {"key": "a", "at": "b", "stage": "c"}, "newest_by": "b"}, "is read whole"),
        ({"resource": ""}, "at least 1 character"),
        ({"url": "data.go.id"}, "match pattern"),
    ],
)
def test_wrong_settings_are_refused_before_anything_is_asked(system, wrong, problem):
    with pytest.raises(ValidationError, match=problem):
        args(system, **wrong)


def test_a_resource_s_file_is_read_when_it_has_changed_wherever_the_portal_says_it_lies(system, session):
    system.routes[SHOW] = lambda query, body: said({"url": "/unduh/izin.csv"})
    tags = []

    def file(query, body):
        tags.append(system.headers[-1].get("If-None-Match"))
        return (304, {}, b"") if tags[-1] else (200, {"ETag": '"v1"'}, b"nomor;diajukan\nP1;2026-11-24\n")

    system.routes["/unduh/izin.csv"] = file
    made = args(system, mode="file", auth={"kind": "header", "name": "X-CKAN-API-Key", "value": "rahasia"})
    rows, cursor = read(made, session)
    assert ([ckan.parse(row, made).key for row in rows], system.asked[0]) == (["P1"], {"id": "izin"})
    assert {head.get("X-CKAN-API-Key") for head in system.headers} == {"rahasia"}
    assert (read(made, session, cursor), tags) == (([], cursor), [None, '"v1"'])


def test_our_key_does_not_go_to_the_host_of_a_linked_file(system, session):
    there = system.url.replace("127.0.0.1", "localhost")
    system.routes[SHOW] = lambda query, body: said({"url": f"{there}/izin.csv"})
    system.routes["/izin.csv"] = lambda query, body: (200, {}, b"nomor;diajukan\nP1;2026-11-24\n")
    made = args(system, mode="file", auth={"kind": "header", "name": "X-CKAN-API-Key", "value": "rahasia"})
    read(made, session)
    assert [head.get("X-CKAN-API-Key") for head in system.headers] == ["rahasia", None]


@pytest.mark.parametrize("url", [None, "", "file:///etc/passwd", "ftp://x/izin.csv", 7])
def test_a_resource_without_an_address_of_the_web_is_a_changed_shape(system, session, url):
    system.routes[SHOW] = lambda query, body: said({"url": url})
    with pytest.raises(ChangedShape, match="no address of a file"):
        read(args(system, mode="file"), session)


def test_the_worked_example_reads_what_boston_answered(system, shared, engine, monkeypatch):
    recorded = shared / "data" / "ckan-boston"
    pages = {"0": "datastore_search_page1.json", "2": "datastore_search_page2.json"}
    empty = said({"records": [], "total": 3})
    system.routes[SEARCH] = lambda query, body: (
        (200, {}, (recorded / pages[query["offset"]]).read_bytes()) if query["offset"] in pages else empty
    )
    monkeypatch.setenv("CKAN_URL", system.url)
    root = Path(__file__).resolve().parent.parent.parent
    made = Desk(engine, documents.load(root / "docs/examples/ckan-boston.yaml", args_of))
    made.name = "permits"
    result = made.run()
    assert (result.error, result.fetched, result.saved, result.rejected) == (None, 3, 3, 0)
    # By hand: the answers lie in the order of _id, so that order is told; New York is five hours behind in January.
    assert made.ask("select key, opened_at, outcome, lat, lon from cases order by key") == [
        ("A1000569", datetime.fromisoformat("2021-01-28T21:29:26+00:00"), "Closed", 42.359, -71.053),
        ("A1000570", datetime.fromisoformat("2021-01-28T21:31:02+00:00"), "Open", 42.3, -71.06),
        ("A1000571", datetime.fromisoformat("2021-01-29T14:00:00+00:00"), "Open", 42.31, -71.05),
    ]
    assert made.run().saved == 0
    refusal = (recorded / "datastore_search_non_datastore_error.json").read_bytes()
    system.routes[SEARCH] = lambda query, body: (404, {}, refusal)
    result = made.run()
    assert (result.error_code, "the portal says Not Found Error" in result.error) == ("K-102", True)
    assert "65032067" not in result.error


@pytest.fixture
def portal(tmp_path):
    running, _ = server.start(Town(7), tmp_path, clock=lambda: NOW)
    yield f"http://127.0.0.1:{running.server_address[1]}/ckan"
    running.stop()


PEOPLE = {
    "resource": "penduduk", "shape": "observations", "decimal": ",",
    "values": {"population": "jumlah", "births": "kelahiran"},
    "fields": {"at": "periode", "district": "kecamatan", "simulated": "simulated"},
}  # fmt: skip
STEPS = {
    "resource": "pbg", "shape": "event_log", "closed_when": ["terbit", "ditolak"], "fields": {
        "key": "nomor", "at": "waktu", "stage": "tahap", "due_at": "tenggat", "category": "fungsi",
        "district": "kecamatan", "simulated": "simulated"},
}  # fmt: skip


@pytest.mark.parametrize("mode", ["datastore", "file"])
def test_the_people_of_the_simulated_districts_arrive_whole_by_either_way(portal, desk, mode):
    made = desk("ckan", PEOPLE | {"url": portal, "mode": mode})
    result = made.run()
    assert (result.error, result.fetched) == (None, open_data.MONTHS * len(DISTRICTS))
    found = dict(made.ask("select district, value from observations where metric = 'population'"
                          " and at = (select max(at) from observations)"))  # fmt: skip
    asked = {r["kecamatan"]: r["jumlah"] for r in open_data.population(Town(7), NOW) if r["periode"] == "2026-10-31"}
    assert found == {name: float(text.replace(".", "")) for name, text in asked.items()}
    assert made.ask("select bool_and(simulated) from observations") == [(True,)]


@pytest.mark.parametrize("mode", ["datastore", "file"])
def test_the_permits_of_the_simulated_city_are_cases_with_their_steps(portal, desk, mode):
    made = desk("ckan", STEPS | {"url": portal, "mode": mode}, source={"kind": "permit"})
    steps = list(open_data.permits(Town(7), NOW))
    result = made.run()
    assert (result.error, result.fetched) == (None, len(steps))
    assert made.ask("select count(*), bool_and(simulated) from cases") == [(len({s["nomor"] for s in steps}), True)]
    ended = sum(step["tahap"] in ("terbit", "ditolak") for step in steps)
    assert made.ask("select count(*) from cases where closed_at is not null") == [(ended,)]
    assert made.ask("select count(*) from case_events") == [(len(steps),)]
    assert len(steps) > open_data.CAP, "the portal's silent limit was met"
