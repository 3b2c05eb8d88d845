"""A city that has lived with the first schema keeps everything it knows when it is brought to the newest."""

import threading
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config as AlembicConfig
from alembic.script import ScriptDirectory

from city import database as city_database
from city.model import Status
from city.queries import Queries
from city.store import Store
from city.tables import metadata
from tests.builders import NOW, case, clock, config, save, table

LIVED_IN = """
insert into cases (region, source, key, kind, opened_at, due_at, closed_at, status, category, agency, simulated,
    opened_on, closed_on, recorded_at) values
    ('15.71', 'desk', 'A-1', 'complaint', '2026-11-24T06:05Z', null, null, 'received', 'jalan', 'pupr', false,
        '2026-11-24', null, '2026-11-24T06:06Z'),
    ('15.71', 'desk', 'A-2', 'complaint', '2026-11-20T01:00Z', '2026-11-21T01:00Z', '2026-11-22T01:00Z', 'rejected',
        null, null, true, '2026-11-20', '2026-11-22', '2026-11-20T01:01Z'),
    ('15.71', 'hotline', 'A-1', 'call', '2026-11-20T01:00Z', null, null, 'received', null, null, false,
        '2026-11-20', null, '2026-11-20T01:01Z'),
    ('94.71', 'desk', 'A-1', 'memo', '2026-11-20T01:00Z', null, null, 'received', null, null, false,
        '2026-11-20', null, '2026-11-20T01:01Z');
insert into case_events values ('15.71', 'desk', 'A-1', '2026-11-24T06:05Z', 'received', 'pupr', '2026-11-24T06:06Z');
insert into case_days values
    ('15.71', 'desk', 'complaint', '2026-11-24', 'jalan', 'pupr', null, null, 1, 0, 0, 0, 0, 1, 0, 0, 0),
    ('15.71', 'desk', 'complaint', '2026-11-20', null, null, null, null, 1, 0, 0, 0, 0, 1, 0, 0, 0),
    ('15.71', 'desk', 'complaint', '2026-11-21', null, null, null, null, 0, 0, 0, 0, 0, 0, 0, 1, 0),
    ('15.71', 'desk', 'complaint', '2026-11-22', null, null, null, null, 0, 1, 1, 0, 1, 0, 1, 0, 1),
    ('15.71', 'hotline', 'call', '2026-11-20', null, null, null, null, 1, 0, 0, 0, 0, 1, 0, 0, 0),
    ('94.71', 'desk', 'memo', '2026-11-20', null, null, null, null, 1, 0, 0, 0, 0, 1, 0, 0, 0);
insert into observations (region, source, metric, at, place, value, simulated, day, recorded_at) values
    ('15.71', 'siranap', 'beds', '2026-11-24T01:00Z', 'A', 4, false, '2026-11-24', '2026-11-24T01:01Z'),
    ('15.71', 'siranap', 'beds', '2026-11-24T02:00Z', null, 5, true, '2026-11-24', '2026-11-24T02:01Z'),
    ('15.71', 'hotline', 'waiting', '2026-11-24T01:00Z', 'B', 9, false, '2026-11-24', '2026-11-24T01:01Z');
insert into runs (region, source, started_at, ended_at, ok, fetched, saved, revised, rejected, simulated, notes) values
    ('15.71', 'desk', '2026-11-24T06:06Z', '2026-11-24T06:07Z', true, 2, 2, 0, 0, false, '{"rows": [1]}');
insert into cursors values ('15.71', 'desk', '{"page": 7}', '2026-11-24T06:07Z');
insert into panel_bodies values ('\\x01', '{"b": 1, "a": 2}');
insert into panel_states (region, page, panel, published_at, stamp, hash) values
    ('15.71', 'wall', 'open', '2026-11-24T06:08Z', '{"n": 2}', '\\x01');
"""
LATER = {
    "delivered", "followups", "mirror_touched", "open_again", "regions", "run_days", "screens", "source_shapes",
    "stage_log", "watched_metrics", "wrong_numbers",
}  # fmt: skip
OLD_TABLES = sorted(set(metadata.tables) - LATER)
SCRIPTS = Path(city_database.__file__).parent / "migrations"


def upgrade(engine, version):
    settings = AlembicConfig()
    settings.set_main_option("script_location", str(SCRIPTS))
    with engine.begin() as connection:
        settings.attributes["connection"] = connection
        command.upgrade(settings, version)


def execute(engine, sql):
    with engine.begin() as connection:
        connection.exec_driver_sql(sql)


@pytest.fixture
def old(engine):
    """A database at version 0001 with something in every table."""
    execute(engine, "drop schema public cascade; create schema public")
    upgrade(engine, "0001")
    execute(engine, LIVED_IN)
    return engine


def contents(engine):
    return {name: table(engine, f"select row_to_json(t)::text from {name} t order by 1") for name in OLD_TABLES}


def version(engine):
    return table(engine, "select version_num from alembic_version")


def indexes(engine, schema="public"):
    found = table(engine, f"select tablename, indexname, indexdef from pg_indexes where schemaname = '{schema}'")
    return sorted((of, name, text.replace(f"{schema}.", "")) for of, name, text in found if of != "alembic_version")


def columns(engine, schema="public"):
    return table(
        engine,
        f"""select c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity,
            col_description(c.oid, a.attnum) from pg_attribute a join pg_class c on c.oid = a.attrelid
        where c.relnamespace = '{schema}'::regnamespace and c.relkind = 'r' and a.attnum > 0 and not a.attisdropped
            and c.relname <> 'alembic_version' order by 1, a.attnum""",
    )


def test_every_row_of_every_table_is_kept(old):
    before = contents(old)
    assert all(before.values()), "something in every table, or nothing is tested"
    city_database.migrate(old)
    assert contents(old) == before


def test_what_each_source_had_brought_is_remembered_once(old):
    city_database.migrate(old)
    assert table(old, "select region, source, sort, name from delivered order by 1, 2, 3") == [
        ("15.71", "desk", "kind", "complaint"),
        ("15.71", "hotline", "kind", "call"),
        ("15.71", "hotline", "metric", "waiting"),
        ("15.71", "siranap", "metric", "beds"),
        ("94.71", "desk", "kind", "memo"),
    ]


def test_columns_and_indexes_are_those_of_tables_to_the_last_word(old):
    city_database.migrate(old)
    execute(old, "create schema asked")
    with old.begin() as connection:
        metadata.create_all(connection.execution_options(schema_translate_map={None: "asked"}))
    assert columns(old) == columns(old, "asked")
    assert indexes(old) == indexes(old, "asked")
    assert len(indexes(old)) > len(metadata.tables), "both were read"


def test_the_city_works_on_where_it_stood(old):
    city_database.migrate(old)
    sources = {"desk": {"collector": "csv_file", "kind": "complaint"}, "hotline": {"collector": "csv_file"}}
    settings = config(sources=sources)
    store, queries = Store(old, settings, clock()), Queries(old, settings, clock())
    assert store.cursor("desk") == {"page": 7}
    assert queries.measure("calls_open").sources == ("Hotline",)
    old_case = {"opened_at": NOW - timedelta(hours=1), "category": "jalan", "agency": "pupr"}
    assert save(store, case("A-1", **old_case)).revised == 0, "the same row again is no news"
    assert save(store, case("A-1", closed_at=NOW, status=Status.DONE, **old_case), case("A-3", **old_case)).revised == 1
    # Nulls in the key of the roll-ups are alike, so both found the row of that day that was there.
    assert table(old, "select opened, closed, open_in, open_out from case_days where category = 'jalan'") == [
        (2, 1, 2, 1)
    ]


def test_the_web_half_may_read_what_is_new_and_not_write_it(old, database):
    city_database.migrate(old)
    web = city_database.engine(database.web_url)
    with web.connect() as connection:
        assert connection.scalar(sa.text("select count(*) from delivered")) == 5
        with pytest.raises(sa.exc.ProgrammingError, match="permission denied"):
            connection.execute(sa.text("delete from delivered"))
    web.dispose()


def test_a_migration_that_fails_leaves_the_old_version_whole(old):
    execute(old, "create table delivered (in_the_way int)")
    before = contents(old), indexes(old), columns(old), version(old)
    with pytest.raises(sa.exc.ProgrammingError, match="already exists"):
        city_database.migrate(old)
    assert (contents(old), indexes(old), columns(old), version(old)) == before
    assert version(old) == [("0001",)]


def test_several_processes_that_start_together_migrate_once(old, database):
    failed = []

    def start():
        own = city_database.engine(database.url)
        try:
            city_database.migrate(own)
        except Exception as error:
            failed.append(error)
        finally:
            own.dispose()

    starters = [threading.Thread(target=start) for _ in range(3)]
    for starter in starters:
        starter.start()
    for starter in starters:
        starter.join()
    assert failed == []
    assert table(old, "select count(*) from delivered") == [(5,)]


def test_the_versions_are_one_line_and_the_newest_is_where_a_city_ends(old):
    settings = AlembicConfig()
    settings.set_main_option("script_location", str(SCRIPTS))
    heads = ScriptDirectory.from_config(settings).get_heads()
    assert len(heads) == 1
    city_database.migrate(old)
    city_database.migrate(old)
    assert version(old) == [(heads[0],)]
