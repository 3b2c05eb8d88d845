"""Complaints from GeoReport v2 servers: recorded answers, the quirks of real servers, and from fetch to database."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from city.model import Case, CaseEvent, NotUnderstood, Refused, Status
from city.times import instant
from collectors import RowError, open311
from collectors.http import Session

NOW = datetime(2026, 11, 24, 5, 0, tzinfo=UTC)
NEVER = ("description", "address", "status_notes", "media_url")


def args(url="http://127.0.0.1:1", **more):
    return open311.Args(url=url, zone="Asia/Jakarta", **more)


def request(key="1", at=NOW, **more):
    row = {"service_request_id": key, "status": "open", "service_name": "Jalan", "requested_datetime": at.isoformat()}
    return row | {"description": "call 0812-3456"} | more


def answer(rows):
    return 200, {}, json.dumps(rows).encode()


def fetched(system, since=None, **more):
    with Session(retries=0, read_timeout_s=2) as session:
        return list(open311.fetch(args(system.url, **more), session, since, NOW))


def test_torontos_recorded_xml_is_read(shared):
    folder = shared / "data" / "open311-captures"
    rows = open311.rows_of((folder / "toronto_requests_many.xml").read_bytes(), "xml")
    case = open311.parse(rows[0], args())
    assert case == Case(
        key="101005420892", kind="complaint", status=Status.ROUTED, category="Road - Pot hole", agency="311 Toronto",
        opened_at=instant("2018-07-30T04:01:00Z"), due_at=instant("2018-08-03T04:01:00Z"),
        lat=43.691104288, lon=-79.272306875, events=(CaseEvent(instant("2018-07-30T04:01:00Z"), Status.RECEIVED),),
    )  # fmt: skip
    single = open311.rows_of((folder / "toronto_requests_single.xml").read_bytes(), "xml")
    assert [open311.parse(row, args()) for row in single] == [case]


def test_chicagos_recorded_json_is_read(shared):
    rows = open311.rows_of((shared / "data/open311-captures/chicago_requests.json").read_bytes(), "json")
    first, second = (open311.parse(row, args()) for row in rows)
    assert (first.key, first.agency, first.lat) == (
        "14-01100669",
        "Division of Electrical Operations CDOT",
        41.858724777757864,
    )
    assert first.opened_at == instant("2014-07-12T15:58:43Z")
    assert "Locked" not in repr(second)
    assert "NORMAL AVE" not in repr(second)


def test_recorded_lists_of_services_are_read(shared):
    folder = shared / "data" / "open311-captures"
    giessen = open311.parse_services((folder / "giessen_services.xml").read_bytes(), "xml")
    assert (len(giessen), giessen["012"]) == (8, "Verkehrsschild beschädigt")
    example = open311.parse_services((folder / "spec_example_services.json").read_bytes(), "json")
    assert example["003"] == "Curb or curb ramp defect"


def test_a_closed_request_was_closed_when_it_was_last_updated():
    closed = NOW + timedelta(hours=3)
    case = open311.parse(request(status="CLOSED", updated_datetime=closed.isoformat()), args())
    assert (case.status, case.closed_at) == (Status.DONE, closed)
    assert case.events == (CaseEvent(NOW, "received"), CaseEvent(closed, "done"))


def test_a_closed_request_without_its_time_is_rejected_rather_than_closed_at_once():
    with pytest.raises(RowError, match="^updated_datetime: missing in a closed request"):
        open311.parse(request(status="closed"), args())


def test_a_time_without_a_zone_is_the_regions():
    case = open311.parse(request() | {"requested_datetime": "2026-11-24T12:00:00"}, args())
    assert case.opened_at == NOW


@pytest.mark.parametrize(
    "broken, problem",
    [
        ({"service_request_id": None, "token": "t"}, "service_request_id: missing"),
        ({"requested_datetime": ""}, "requested_datetime: missing"),
        ({"requested_datetime": "Budi"}, "requested_datetime: not an ISO time"),
        ({"status": "pending"}, "status: neither open nor closed"),
        ({"service_name": ["Budi"]}, "service_name: neither text nor a number"),
        ({"agency_responsible": "Budi" * 60}, "agency_responsible: longer than 200 characters"),
    ],
)
def test_a_row_that_is_not_understood_names_its_field_and_not_the_citizen(broken, problem):
    with pytest.raises(RowError) as caught:
        open311.parse(request() | broken, args())
    assert str(caught.value) == problem


def test_a_case_holds_nothing_a_citizen_wrote():
    told = dict.fromkeys(NEVER, "Budi 0812")
    assert "Budi" not in repr(open311.parse(request(**told), args()))


def test_a_simulated_request_says_so_itself_or_in_its_extended_attributes():
    rows = [request(simulated=True), request(extended_attributes={"simulated": "true"}), request()]
    assert [open311.parse(row, args()).simulated for row in rows] == [True, True, False]


anything = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats() | some.text() | some.dates().map(str),
    lambda inner: some.lists(inner, max_size=2) | some.dictionaries(some.text(), inner, max_size=2),
    max_leaves=4,
)


@given(some.fixed_dictionaries({}, optional=dict.fromkeys((*request(), "lat", "long", "updated_datetime"), anything)))
def test_any_row_is_a_case_or_is_rejected_by_field(row):
    try:
        assert isinstance(open311.parse({"status": "open"} | row, args()), Case)
    except RowError as error:
        assert str(error).split(": ")[0] in {*request(), "updated_datetime"}


def test_pages_are_read_to_the_end_whatever_size_the_server_allows(system):
    rows = [request(str(number)) for number in range(120)]
    system.answer = lambda query: answer(rows[(int(query["page"]) - 1) * 50 :][:50])
    assert [row["service_request_id"] for row in fetched(system)] == [str(number) for number in range(120)]
    assert {query["page_size"] for query in system.asked} == {"500"}


@pytest.mark.parametrize("newest_first", [True, False])
def test_a_server_that_ignores_pages_and_caps_silently_is_read_by_dates(system, newest_first):
    rows = [request(str(n), NOW - timedelta(hours=n)) for n in range(200)]

    def capped(query):
        start, end = (instant(query[name]) for name in ("start_date", "end_date"))
        found = [row for row in rows if start <= instant(row["requested_datetime"]) <= end]
        return answer(found[:30] if newest_first else found[::-1][:30])

    system.answer = capped
    assert len({row["service_request_id"] for row in fetched(system)}) == 200


def test_rows_without_an_id_do_not_make_pages_endless(system):
    system.answer = lambda query: answer([{"token": "a"}, {"status": "open"}])
    assert fetched(system) == [{"status": "open"}]  # parse rejects it: it has not even a token


def test_a_year_of_history_is_asked_for_in_windows_of_at_most_ninety_days(system):
    fetched(system, history="365d")
    spans = [(instant(query["start_date"]), instant(query["end_date"])) for query in system.asked]
    assert all(end - start <= timedelta(days=90) for start, end in spans)
    assert spans[0][0] == NOW - timedelta(days=365)
    assert all(later[0] == earlier[1] for earlier, later in zip(spans, spans[1:], strict=False))


def test_afterwards_ninety_days_are_read_again_and_more_after_a_long_silence(system):
    fetched(system, since=open311.cursor(args(), None, NOW - timedelta(minutes=2)), history="365d")
    fetched(system, since=open311.cursor(args(), None, NOW - timedelta(days=100)))
    starts = [instant(query["start_date"]) for query in system.asked]
    assert starts[0] == NOW - timedelta(days=90)
    assert starts[1] == NOW - timedelta(days=160)  # cases were not followed by id before they were 60 days old


def test_a_server_gets_its_jurisdiction_its_key_its_headers_and_dates_as_it_wants_them(system):
    more = {"jurisdiction_id": "jambi.go.id", "api_key": "k", "headers": {"Accept-Encoding": ""}}
    fetched(system, omit_timezone=True, **more)
    assert (system.asked[0]["jurisdiction_id"], system.asked[0]["api_key"]) == ("jambi.go.id", "k")
    assert system.asked[0]["start_date"] == "2026-08-26T12:00:00"  # local, as it has no zone
    assert system.headers[0]["Accept-Encoding"] == ""
    fetched(system)
    assert system.asked[-1]["start_date"] == "2026-08-26T05:00:00Z"
    assert "api_key" not in system.asked[-1]


def test_a_single_object_instead_of_a_list_is_one_request(system):
    system.answer = lambda query: answer(request("7") if query["page"] == "1" else [])
    assert [row["service_request_id"] for row in fetched(system)] == ["7"]


def test_an_error_answer_is_refused_and_html_is_not_understood(system):
    system.answer = lambda query: (400, {}, b'[{"code": 400, "description": "bad date"}]')
    with pytest.raises(Refused, match="HTTP 400"):
        fetched(system)
    system.answer = lambda query: (200, {}, b"<html><p>login</p></html>")
    with pytest.raises(NotUnderstood, match="begins with <html>"):
        fetched(system, format="xml")


def test_a_complaint_travels_from_the_server_to_the_database_and_its_closing_is_a_revision(system, desk):
    rows = [request(str(n), NOW - timedelta(hours=n), lat=-1.6111, long=103.6123) for n in range(1, 4)]
    system.answer = lambda query: answer(rows if query["page"] == "1" else [])
    made = desk("open311", {"url": system.url}, sla={"complaint": {"default": "48h"}})
    first = made.run()
    assert (first.ok, first.fetched, first.saved, first.revised) == (True, 3, 3, 0)
    assert made.ask("select key, due_at - opened_at, lat, lon from cases order by key")[0] == (
        "1", timedelta(hours=48), -1.611, 103.612,
    )  # fmt: skip
    again = made.run()
    assert (again.saved, again.revised) == (0, 0)
    rows[0] |= {"status": "closed", "updated_datetime": NOW.isoformat()}
    assert made.run().revised == 1
    assert made.ask("select key, status from cases where closed_at is not null") == [("1", "done")]


def test_a_server_that_fails_leaves_what_was_known(system, desk):
    system.answer = lambda query: answer([request()] if query["page"] == "1" else [])
    made = desk("open311", {"url": system.url})
    made.run()
    system.answer = lambda query: (500, {}, b"Budi")
    failed = made.run()
    assert (failed.ok, failed.error_code) == (False, "K-102")
    assert made.ask("select count(*) from cases") == [(1,)]
    assert made.ask("select ok, error_code from runs order by id") == [(True, None), (False, "K-102")]
