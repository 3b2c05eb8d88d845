"""One run, one transaction, safe to repeat."""

import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from city import database as city_database
from city.model import CaseEvent, Observation, SourceError, Status, Unreachable
from city.store import Store, Tally
from tests.builders import NOW, case, clock, config, save, table

HOUR = timedelta(hours=1)


@pytest.fixture
def store(engine):
    return Store(engine, config(), clock())


def test_what_is_new_is_saved_and_counted(store, engine):
    result = save(store, case("A-1"), case("A-2"))
    assert (result.saved, result.revised, result.fetched) == (2, 0, 2)
    assert table(engine, "select key, opened_on::text from cases order by key") == [
        ("A-1", "2026-11-24"),
        ("A-2", "2026-11-24"),
    ]


def test_the_same_delivery_again_changes_nothing(store, engine):
    save(store, case("A-1"), case("A-2"))
    before = table(engine, "select * from cases order by key"), table(engine, "select * from case_days")
    result = save(store, case("A-1"), case("A-2"))
    assert (result.saved, result.revised) == (0, 0)
    assert (table(engine, "select * from cases order by key"), table(engine, "select * from case_days")) == before


def test_a_changed_row_is_a_revision_and_keeps_when_it_was_first_recorded(store, engine):
    save(store, case("A-1"))
    result = save(store, case("A-1", closed_at=NOW, status=Status.DONE))
    assert (result.saved, result.revised) == (0, 1)
    assert table(engine, "select status, revised_at is not null, closed_on::text from cases") == [
        ("done", True, "2026-11-24")
    ]


def test_of_two_rows_with_one_key_the_later_wins(store, engine):
    assert save(store, case("A-1", category="jalan"), case("A-1", category="banjir")).saved == 1
    assert table(engine, "select category from cases") == [("banjir",)]


def test_a_local_day_begins_at_local_midnight(store, engine):
    save(store, case("A-1", opened_at=NOW.replace(hour=17, minute=30)))  # 00.30 of the next day in Jambi
    assert table(engine, "select opened_on::text from cases") == [("2026-11-25",)]


def test_events_are_added_once(store, engine):
    events = (CaseEvent(NOW - HOUR, "received"), CaseEvent(NOW, "routed", "pupr"))
    save(store, case("A-1", events=events))
    save(store, case("A-1", events=events))
    assert table(engine, "select stage, agency from case_events order by at") == [
        ("received", None),
        ("routed", "pupr"),
    ]


def test_observations_are_told_apart_by_moment_and_place(store, engine):
    rows = [
        Observation(metric="beds", at=NOW, value=value, place=place) for place, value in (("a", 3), ("b", 4), (None, 7))
    ]
    assert save(store, *rows).saved == 3
    again = save(store, *rows[:2], Observation(metric="beds", at=NOW, value=8, place=None))
    assert (again.saved, again.revised) == (0, 1)
    assert table(engine, "select sum(value) from observations") == [(15.0,)]


def test_a_source_that_breaks_off_leaves_everything_as_it_was(store, engine):
    save(store, case("A-1"), cursor={"page": 1})

    def breaks():
        yield case("A-2")
        raise Unreachable("no answer in time", where="desk")

    with pytest.raises(Unreachable):
        store.save("desk", breaks(), started_at=NOW, finish=Tally)
    assert table(engine, "select key from cases") == [("A-1",)]
    assert store.cursor("desk") == {"page": 1}
    assert table(engine, "select count(*) from runs") == [(1,)]


def test_a_failed_run_is_recorded_and_keeps_the_data(store, engine):
    save(store, case("A-1", simulated=True))
    store.fail("desk", started_at=NOW, error=SourceError("broken", where="desk"), fetched=7, rejected=3)
    last = table(
        engine, "select ok, fetched, rejected, error_code, error, simulated from runs order by id desc limit 1"
    )
    assert last == [(False, 7, 3, "K-100", "desk: broken. Next: see the source's settings in config.yaml", True)]
    assert table(engine, "select count(*) from cases") == [(1,)]


def test_hostile_text_is_stored_as_text(store, engine):
    nasty = 'x\x00"; drop table cases; --<script>\n,'
    save(store, case("A-1", category=nasty))
    assert table(engine, "select category from cases") == [(nasty.replace("\x00", ""),)]


def test_a_finished_run_is_told_to_listeners_when_it_is_committed(store, database):
    with city_database.listen(database.url, ("kendali_runs",)) as heard:
        save(store, case("A-1"))
        notes = heard.wait(3)
    assert notes[0][1]["source"] == "desk"
    assert notes[0][1]["changed"] is True
    assert notes[0][1]["kinds"] == ["complaint"]


def test_two_runs_of_one_source_wait_for_each_other(store, engine):
    threads = [threading.Thread(target=save, args=(store, *[case(f"A-{n}") for n in range(50)])) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert table(engine, "select sum(saved), sum(revised) from runs") == [(50, 0)]
    assert table(engine, "select sum(opened) from case_days") == [(50,)]


def test_the_web_role_reads_and_cannot_write(store, database):
    save(store, case("A-1"))
    web = city_database.engine(database.web_url)
    with web.connect() as connection:
        assert connection.scalar(sa.text("select count(*) from cases")) == 1
        with pytest.raises(sa.exc.ProgrammingError, match="permission denied"):
            connection.execute(sa.text("delete from cases"))
    web.dispose()


def test_the_migrations_make_the_schema_of_tables(engine):
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    from city.tables import metadata

    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


_HOURS = st.integers(-100, 100).map(lambda hours: NOW + hours * HOUR)
_CASES = st.builds(
    case,
    key=st.sampled_from(["A-1", "A-2", "A-3", "A-4"]),
    opened_at=_HOURS,
    closed_at=st.none() | _HOURS,
    due_at=st.none() | _HOURS,
    status=st.sampled_from([Status.RECEIVED, Status.DONE, Status.REJECTED]),
    category=st.none() | st.sampled_from(["jalan", "banjir"]),
)

_RECOMPUTED = """
select day, category, sum(opened), sum(closed), sum(closed_due), sum(closed_on_time), sum(rejected),
    sum(open_in), sum(open_out), sum(overdue_in), sum(overdue_out) from ({}) x group by 1, 2 order by 1, 2
"""


@given(st.lists(st.lists(_CASES, max_size=6), min_size=1, max_size=4))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_day_roll_ups_are_what_the_cases_say_whatever_came_in_which_order(store, engine, deliveries):
    with engine.begin() as connection:
        connection.execute(sa.text("truncate cases, case_days, case_events, runs, cursors"))
    for delivery in deliveries:
        save(store, *delivery)
    kept = table(engine, _RECOMPUTED.format("select * from case_days"))
    counted = table(engine, _RECOMPUTED.format(_FROM_CASES))
    assert [row for row in kept if any(row[2:])] == [row for row in counted if any(row[2:])]


_LATE = "greatest(opened_at, due_at)"
_FROM_CASES = f"""
select opened_on as day, category, 1 as opened, 0 as closed,
    0 as closed_due, 0 as closed_on_time, 0 as rejected,
    (closed_at is null or closed_at > opened_at)::int as open_in, 0 as open_out,
    0 as overdue_in, 0 as overdue_out from cases
union all select closed_on, category, 0, 1, (due_at is not null)::int, coalesce(closed_at <= due_at, false)::int,
    (status = 'rejected')::int, 0, (closed_at > opened_at)::int, 0,
    (due_at is not null and closed_at > {_LATE})::int from cases where closed_at is not null
union all select ({_LATE} at time zone 'Asia/Jakarta')::date, category, 0, 0, 0, 0, 0, 0, 0, 1, 0 from cases
    where due_at is not null and (closed_at is null or closed_at > {_LATE})
"""
