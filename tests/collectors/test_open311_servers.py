"""The real collector against the simulated desk that behaves like real servers do, and open cases followed by id."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml
from conftest import Desk, region

import collectors
from city import documents
from city.model import Case, ChangedShape, NotUnderstood, Refused
from city.store import Store
from city.times import instant
from collectors import backfill, open311
from collectors.http import Session
from collectors.open311 import again
from collectors.runner import Job
from simulation import server as simulated
from simulation.quirks import Quirks
from simulation.town import Town

NOW = datetime(2026, 11, 24, 7, 5, tzinfo=UTC)


@pytest.fixture
def desk(tmp_path):
    """Starts a desk with quirks; its address."""
    servers = []

    def start(**quirks):
        server, office = simulated.start(Town(), tmp_path / "desk", clock=lambda: NOW, quirks=Quirks(**quirks))
        servers.append(server)
        return f"http://127.0.0.1:{server.server_address[1]}/open311/v2"

    yield start
    for server in servers:
        server.stop()


class Read:
    """What a run brings: cases by key, warnings, and the cursor afterwards."""

    def __init__(self, url, since=None, now=NOW, **more):
        settings = open311.Args(url=url, zone="Asia/Jakarta", **more)
        with Session(retries=0, read_timeout_s=5) as session:
            rows = list(open311.fetch(settings, session, since, now))
            self.warnings = session.warnings
        self.cursor = open311.cursor(settings, since, now)
        cases = [open311.parse(row, settings) for row in rows]
        assert list(open311.seen(cases, self.cursor)) == cases
        self.cases = {case.key: case for case in cases}
        assert len(self.cases) == len(cases), "a request came twice"


@pytest.fixture
def everything(desk):
    """The keys of the last ninety days, from a desk without quirks."""
    found = Read(desk())
    assert len(found.cases) > 1000 and not found.warnings
    return set(found.cases)


def behaviours(endpoint):
    """The quirks of a recorded endpoint, and the settings somebody would write for it."""
    quirks = {"page_cap": endpoint.get("requests_limit", 1000), "jurisdiction": endpoint.get("jurisdiction")}
    settings = {"jurisdiction_id": endpoint.get("jurisdiction"), "format": endpoint.get("format", "json")}
    quirks |= {"reject_offsets": endpoint.get("requests_omit_timezone", False)}
    settings |= {"omit_timezone": quirks["reject_offsets"]}
    quirks |= {"breaks_deflate": "headers" in endpoint, "xml_only": "non-standard" in endpoint.get("notes", "")}
    settings |= {"headers": {"Accept-Encoding": ""}} if "headers" in endpoint else {}
    return quirks, settings


@pytest.mark.proof
def test_every_known_endpoint_is_read_whole(shared, desk, everything):
    known = yaml.safe_load((shared / "data/open311-captures/known_endpoints_quirks.yml").read_text(encoding="utf-8"))
    assert len(known) == 25
    # Endpoints that differ in nothing but their names are one.
    alike = {repr(behaviours(e | {"jurisdiction": "jurisdiction" in e})): behaviours(e) for e in known.values()}
    assert len(alike) >= 10
    for quirks, settings in alike.values():
        found = Read(desk(**quirks), **settings)
        assert (set(found.cases), found.warnings) == (everything, []), quirks


@pytest.mark.parametrize("form", ["json", "xml"])
@pytest.mark.parametrize("quirk", ["single_object", "upper_case"])
def test_rows_may_shout_and_stand_alone(desk, everything, quirk, form):
    # One row is left for the last page, which then is no list.
    found = Read(desk(**{quirk: True}, page_cap=len(everything) - 1), format=form, page_size=5000)
    assert (set(found.cases), found.warnings) == (everything, [])


@pytest.mark.parametrize("cap", [50, 100, 1000])
def test_a_server_that_ignores_pages_is_read_by_dates_and_told(desk, everything, cap):
    found = Read(desk(ignore_page=True, page_cap=cap))
    assert set(found.cases) == everything
    assert found.warnings == ["the server ignores `page`: it is read by ever shorter spans of time instead"]


def test_a_server_that_refuses_offsets_is_asked_without_and_told(desk, everything):
    found = Read(desk(reject_offsets=True))
    assert set(found.cases) == everything
    assert found.warnings == ["the server refuses times with an offset: set `omit_timezone: true`"]


def test_a_question_that_is_refused_for_another_reason_stays_refused(desk):
    with pytest.raises(Refused, match="HTTP 400. Next: check `jurisdiction_id` and, .*`omit_timezone: true`"):
        Read(desk(jurisdiction="jambi.go.id"))


@pytest.mark.proof
@pytest.mark.parametrize("ignore_page", [False, True])
def test_a_bad_row_costs_its_hour_and_not_the_ninety_days(desk, everything, ignore_page):
    bad = (NOW - timedelta(days=10), NOW - timedelta(days=40, hours=3))
    found = Read(desk(bad_rows_at=bad, ignore_page=ignore_page))
    lost = everything - set(found.cases)
    # The simulated desk writes the day it was opened into an id.
    days = {(at + timedelta(hours=hours)).strftime("%y%m%d") for at in bad for hours in range(-24, 32)}
    assert {key.split("-")[1] for key in lost} <= days
    assert len(lost) <= 8
    broken = [text for text in found.warnings if "HTTP 500" in text and "passed over" in text]
    assert len(broken) == 2


@pytest.mark.parametrize("at", [NOW - timedelta(minutes=1), NOW - timedelta(days=90) + timedelta(minutes=1)])
def test_a_bad_row_at_either_end_of_the_window_hides_no_other_day(desk, everything, at):
    found = Read(desk(bad_rows_at=(at,)))
    assert len(everything - set(found.cases)) <= 4
    assert len(found.warnings) == 1


def test_a_server_that_breaks_nearly_always_is_a_failure_and_no_city_with_holes(system):
    system.answer = lambda query: told([]) if query["end_date"] > "2026-11-24T07:09" else (500, {}, b"")
    with pytest.raises(Refused, match="HTTP 500"):
        Read(system.url)
    assert len(system.asked) < 200


def test_a_server_that_always_breaks_is_a_failure_and_is_left_in_peace_soon(system):
    system.answer = lambda query: (500, {}, b"")
    with pytest.raises(Refused, match="HTTP 500"):
        Read(system.url)
    assert len(system.asked) == 3


def test_requests_that_have_only_a_token_yet_are_counted_and_not_rejected(system):
    rows = [row("1", NOW), *({"token": f"t{n}", "status": "open"} for n in range(20))]
    system.answer = lambda query: told(rows if query["page"] == "1" else [])
    found = Read(system.url)
    assert list(found.cases) == ["1"]
    assert found.warnings == ["20 requests have a token but no id yet: left out until they have one"]


def test_a_server_that_never_gives_an_id_is_a_failure_and_no_city_without_complaints(desk):
    with pytest.raises(ChangedShape, match="no request has a service_request_id"):
        Read(desk(omit_ids=True))


@pytest.mark.parametrize(
    "settings", [{"api_key": "k-123"}, {"auth": {"kind": "header", "name": "X-Api-Key", "value": "k-123"}}]
)
def test_a_key_goes_into_the_query_or_into_a_header(desk, everything, settings):
    url = desk(api_key="k-123")
    assert set(Read(url, **settings).cases) == everything
    with pytest.raises(Refused, match="HTTP 403"):
        Read(url)


def test_json_that_is_not_the_standards_is_an_error_and_never_an_empty_city(desk):
    # Greenwich: read it with `format: xml`.
    with pytest.raises((NotUnderstood, open311.cases.RowError)):
        Read(desk(xml_only=True))


def test_more_requests_of_one_moment_than_the_server_answers_are_told(system):
    rows = [row(str(n), NOW - timedelta(days=3)) for n in range(80)]
    system.answer = lambda query: told(rows[:50])
    assert "some may be missing" in Read(system.url).warnings[1]


def test_the_worked_example_travels_from_the_server_to_the_database(desk, engine):
    url = desk(api_key="k-123", jurisdiction="jambi.go.id", page_cap=50, reject_offsets=True)
    env = {"OPEN311_URL": url.removesuffix("/open311/v2"), "OPEN311_KEY": "k-123"}
    example = Path(__file__).resolve().parents[2] / "docs/examples/open311-boston.yaml"
    config = documents.load(example, collectors.args_of, env)
    config.sources["laporan"].args["history"] = "90d"
    with Session(retries=0) as session:
        result = Job("laporan", config).run(Store(engine, config, lambda: NOW), session, lambda: NOW)
    assert (result.ok, result.rejected, result.notes.get("warnings")) == (True, 0, None), result.error
    assert result.saved > 1000


# Open cases that fell out of the window.


def row(key, at, **more):
    return {"service_request_id": key, "status": "open", "requested_datetime": at.isoformat(), **more}


def told(rows):
    return 200, {}, json.dumps(rows).encode()


class Server:
    """A server that knows ``rows``; ``lists`` says how it takes a list of ids."""

    def __init__(self, system, rows, lists="whole"):
        self.rows, self.lists, self.system = {r["service_request_id"]: r for r in rows}, lists, system
        system.answer = self.answer

    def answer(self, query):
        if "service_request_id" not in query:
            start, end = (instant(query[name]) for name in ("start_date", "end_date"))
            found = [r for r in self.rows.values() if start <= instant(r["requested_datetime"]) <= end]
            return told(found if query["page"] == "1" else [])
        keys = query["service_request_id"].split(",")
        found = [self.rows[key] for key in keys if key in self.rows]
        answers = {
            "whole": lambda: told(found) if found else (404, {}, b"[]"),
            "ignored": lambda: told(list(self.rows.values())[-3:]),
            "first": lambda: told(found[:1]),
            "refused": lambda: (400, {}, b"[]"),
            "breaks": lambda: (500, {}, b"[]"),
        }
        return answers[self.lists]()

    def single(self, key):
        path = f"/requests/{key}.json"
        self.system.routes[path] = lambda query, body: told(self.rows[key]) if key in self.rows else (404, {}, b"[]")


OLD = NOW - timedelta(days=80)


def test_the_cursor_follows_open_cases_before_they_leave_the_window_and_drops_closed_ones(system):
    rows = [row("old", OLD)]
    rows.append(row("done", OLD, status="closed", updated_datetime=NOW.isoformat()))
    server = Server(system, rows)
    first = Read(system.url)
    assert first.cursor["open"] == {"old": OLD.isoformat()}
    server.rows["old"] |= {"status": "closed", "updated_datetime": NOW.isoformat()}
    assert Read(system.url, since=first.cursor).cursor["open"] == {}


@pytest.mark.proof
@pytest.mark.parametrize("lists", ["whole", "ignored", "first", "refused", "breaks"])
def test_an_old_open_case_is_read_by_its_id_and_its_closing_is_seen(system, lists):
    server = Server(system, [row(f"k{n}", OLD) for n in range(120)], lists)
    first = Read(system.url)
    for n in range(120):
        server.single(f"k{n}")
    later = NOW + timedelta(days=30)
    for n in range(0, 120, 2):
        server.rows[f"k{n}"] |= {"status": "closed", "updated_datetime": later.isoformat()}
    since, seen = first.cursor, {}
    for hours in range(4):
        found = Read(system.url, since=since, now=later + timedelta(hours=hours))
        since, seen = found.cursor, seen | found.cases
    assert sorted(key for key, case in seen.items() if case.closed_at) == sorted(f"k{n}" for n in range(0, 120, 2))
    assert set(since["open"]) == {f"k{n}" for n in range(1, 120, 2)}
    assert any("ignores lists" in text for text in found.warnings) == (lists == "ignored")


def test_a_list_is_at_most_fifty_ids(system):
    Server(system, [row(f"k{n}", OLD) for n in range(120)])
    first = Read(system.url)
    system.asked.clear()
    Read(system.url, since=first.cursor, now=NOW + timedelta(days=30))
    lists = [query["service_request_id"] for query in system.asked if "service_request_id" in query]
    assert [len(text.split(",")) for text in lists] == [50, 50, 20]


def test_a_key_that_is_refused_while_old_cases_are_read_fails_the_run(system):
    since = {"read_to": NOW.isoformat(), "open": {"a": "2026-01-01T00:00:00Z", "b": "2026-01-01T00:00:00Z"}}
    system.answer = lambda query: (403, {}, b"") if "service_request_id" in query else told([])
    with pytest.raises(Refused, match="HTTP 403"):
        Read(system.url, since=since)


def test_of_very_many_open_cases_the_newest_are_followed_and_it_is_told(system):
    system.answer = lambda query: told([])
    cursor = open311.cursor(open311.Args(url="http://x"), None, NOW)
    many = [
        Case(key=str(n), kind="complaint", opened_at=NOW - timedelta(days=70, minutes=n))
        for n in range(open311.MOST_FOLLOWED + 7)
    ]
    assert len(list(open311.seen(many, cursor))) == len(many)
    assert set(cursor["open"]) == {str(n) for n in range(open311.MOST_FOLLOWED)}
    assert any("not followed" in text for text in Read(system.url, since=cursor).warnings)


@pytest.mark.proof
def test_single_questions_are_limited_a_run_and_all_have_their_turn(system):
    asked = []
    keys = [f"k,{n}" for n in range(again.MOST_SINGLE + 50)]  # a comma cannot stand in a list
    for key in keys:
        system.routes[f"/requests/{key.replace(',', '%2C')}.json"] = lambda query, body, key=key: (
            asked.append(key) or told(row(key, OLD))
        )
    since = {"read_to": NOW.isoformat(), "open": dict.fromkeys(keys, "2026-01-01T00:00:00Z")}
    for minutes in range(12):
        before = len(asked)
        found = Read(system.url, since=since, now=NOW + timedelta(minutes=minutes))
        assert len(asked) - before == again.MOST_SINGLE
        assert found.warnings == ["50 old open cases wait for their turn to be asked for"]
    assert set(asked) == set(keys)


def test_of_many_old_cases_some_are_asked_for_a_run_and_all_in_time(system):
    followed = {f"R{n}": (NOW - timedelta(days=200)).isoformat() for n in range(1_200)}
    since = {"read_to": NOW.isoformat(), "open": followed}
    asked = []

    def lists(query):
        if "service_request_id" not in query:
            return told([])
        keys = query["service_request_id"].split(",")
        asked.extend(keys)
        return told([row(key, NOW - timedelta(days=200)) for key in keys])

    system.answer = lists
    assert len(Read(system.url, since).cases) == len(asked) == 500
    for minutes in range(1, 40):
        Read(system.url, since, now=NOW + timedelta(minutes=minutes))
    assert set(asked) == set(followed)


def test_the_past_is_read_span_by_span(system, engine):
    rows = [row(str(days), NOW - timedelta(days=days)) for days in (10, 100, 200, 300)]
    inside = lambda one, query: query["start_date"] <= one["requested_datetime"][:19] <= query["end_date"]  # noqa: E731
    system.answer = lambda query: told([one for one in rows if query["page"] == "1" and inside(one, query)])
    made = Desk(engine, region("open311", {"url": system.url}), NOW)
    job = Job("desk", made.config)
    todo = backfill.spans(job, made.store, NOW - timedelta(days=365), NOW)
    results = list(backfill.run(job, made.store, Session(retries=0), lambda: NOW, todo))
    assert [result.error for result in results] == [None] * 5
    assert made.ask("select count(*) from cases") == [(4,)]
    assert made.ask("select source from cursors") == [("desk#backfill",)]
