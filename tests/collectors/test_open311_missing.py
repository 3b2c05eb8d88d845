"""Open cases that an Open311 server does not know any more: kept while it may be a fault, then closed as withdrawn."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from city.model import Withdrawn
from city.queries import Queries
from city.times import window
from collectors.open311.missing import TIMES, Missing
from tests.collectors.conftest import NOW, Desk, region
from tests.collectors.test_open311_servers import Server, row, told

YOUNG, OLD = NOW - timedelta(days=5), NOW - timedelta(days=89)
CLOSED = "select key, status, outcome, closed_at from cases where closed_at is not null order by key"


class Office:
    """A server with ``rows``, each also to be had by its id, and the source that reads it day by day."""

    def __init__(self, system, engine, rows, **more):
        self.server = Server(system, rows)
        for each in rows:
            self.server.single(each["service_request_id"])
        source = {"kind": "complaint"}
        self.desk = Desk(engine, region("open311", {"url": system.url} | more, source=source))

    def run(self, days=1.0):
        self.desk.now += timedelta(days=days)
        result = self.desk.run()
        assert (result.ok, result.rejected) == (True, 0), result.error
        return result

    def cursor(self):
        ((cursor,),) = self.desk.ask("select cursor from cursors")
        return cursor


@pytest.fixture
def office(system, engine):
    return lambda *rows, **more: Office(system, engine, rows, **more)


@pytest.mark.parametrize("at", [YOUNG, OLD])
def test_a_case_that_stays_away_for_days_is_closed_as_withdrawn_as_of_the_first_time(office, at):
    made = office(row("gone", at, service_name="Jalan", agency_responsible="PUPR"), row("kept", YOUNG))
    made.run(0)
    del made.server.rows["gone"]
    first_at = made.desk.now + timedelta(days=2)
    assert [made.run(days).notes.get("withdrawn") for days in (2, 1, 1)] == [None] * 3
    assert made.desk.ask(CLOSED) == [] and made.cursor()["missing"] == {"gone": [first_at.isoformat(), 3]}
    last = made.run(1)
    assert (last.revised, last.notes["withdrawn"]) == (1, 1)
    assert last.notes["warnings"] == ["1 open cases are not known to the server any more: closed as withdrawn"]
    assert made.desk.ask(CLOSED) == [("gone", "rejected", "withdrawn", first_at)]
    kept = "select opened_at, category, agency from cases where key = 'gone'"
    assert made.desk.ask(kept) == [(at, "Jalan", "PUPR")], "what was known of it stays"
    assert made.desk.ask("select at, agency from case_events where stage = 'rejected'") == [(first_at, "PUPR")]
    queries = Queries(made.desk.engine, made.desk.config, lambda: made.desk.now)
    during = window("14d", made.desk.now, made.desk.config.region.zone)
    closed = queries.measure("complaints_closed", window=during)
    assert (queries.measure("complaints_open").value, closed.value) == (1, 1), "the day roll-ups know it"
    assert (made.cursor()["missing"], made.cursor()["withdrawn"], list(made.cursor()["open"])) == ({}, 1, ["kept"])
    assert (made.run(1).revised, made.run(1).notes.get("withdrawn")) == (0, None), "and it is closed once"


def test_a_case_that_comes_back_in_between_begins_to_be_missing_anew(office):
    made = office(row("there", YOUNG), row("kept", YOUNG))
    made.run(0)
    rows, away = made.server.rows, made.server.rows.copy()
    for days in (1, 1, 1):
        rows.pop("there", None)
        made.run(days)
    rows |= away
    made.run(1)
    assert made.cursor()["missing"] == {}
    del rows["there"]
    made.run(1)
    assert [times for _, times in made.cursor()["missing"].values()] == [1] and made.desk.ask(CLOSED) == []


def test_a_withdrawn_case_that_comes_back_is_what_its_row_says(office):
    made = office(row("gone", YOUNG), row("kept", YOUNG))
    made.run(0)
    back = made.server.rows.pop("gone")
    for _ in range(5):
        made.run(1)
    assert len(made.desk.ask(CLOSED)) == 1
    made.server.rows["gone"] = back
    made.run(1)
    stands = "select status, outcome, closed_at from cases where key = 'gone'"
    assert made.desk.ask(stands) == [("received", None, None)]


def test_by_configuration_it_stays_open_for_ever(office):
    made = office(row("gone", OLD), row("kept", YOUNG), missing="keep")
    made.run(0)
    del made.server.rows["gone"]
    for _ in range(6):
        assert made.run(1).notes.get("warnings") is None
    assert made.desk.ask(CLOSED) == [] and made.cursor()["missing"]["gone"][1] == 6


def test_many_answers_within_hours_close_nothing(office):
    made = office(row("gone", YOUNG), row("kept", YOUNG))
    made.run(0)
    del made.server.rows["gone"]
    for _ in range(8):
        made.run(1 / 24)
    assert made.desk.ask(CLOSED) == []
    assert made.cursor()["missing"]["gone"][1] == 8


@pytest.mark.parametrize("answer", [(404, {}, b"[]"), (400, {}, b"[]"), (501, {}, b"[]"), (200, {}, b"[]")])
def test_a_server_that_finds_nothing_by_id_withdraws_nothing(office, system, answer):
    made = office(row("gone", YOUNG), row("kept", YOUNG))
    made.run(0)
    system.routes = {f"/requests/{key}.json": lambda query, body: answer for key in ("gone", "kept")}
    del made.server.rows["gone"]
    for _ in range(5):
        result = made.run(1)
    assert made.desk.ask(CLOSED) == [] and made.cursor()["missing"] == {}
    told_it = "1 open cases are not listed and cannot be asked for by id: they stay as they were"
    assert result.notes["warnings"] == [told_it]


def test_an_empty_server_withdraws_nothing(office):
    made = office(row("gone", YOUNG), row("kept", YOUNG))
    made.run(0)
    made.server.rows.clear()
    for _ in range(5):
        made.run(1)
    assert made.desk.ask(CLOSED) == []


def test_another_cases_row_is_no_proof(office, system):
    made = office(row("gone", YOUNG), row("kept", YOUNG))
    made.run(0)
    del made.server.rows["gone"]
    system.routes["/requests/gone.json"] = lambda query, body: told(made.server.rows["kept"])
    for _ in range(5):
        made.run(1)
    assert made.desk.ask(CLOSED) == []


@given(some.lists(some.tuples(some.integers(1, 72), some.booleans()), max_size=12), some.integers(1, 96))
def test_a_case_is_withdrawn_exactly_when_it_was_missing_long_enough_and_often_enough_in_a_row(runs, hours):
    marks, now, first, times = {}, NOW, None, 0
    for step, found in runs:
        now += timedelta(hours=step)
        missing = Missing(marks, ["a"], now)
        missing.found(["a"]) if found else missing.not_found(["a"])
        first, times = (None, 0) if found else (first or now, times + 1)
        due = times >= TIMES and now - first >= timedelta(hours=hours)
        assert list(missing.withdrawn(timedelta(hours=hours))) == ([Withdrawn("a", first)] if due else [])
        marks = missing.marks
        assert marks == ({} if due or not times else {"a": [first.isoformat(), times]})
        if due:
            break


def test_a_case_that_is_not_followed_any_more_is_forgotten():
    assert Missing({"a": [NOW.isoformat(), 2]}, ["b"], NOW).marks == {}
