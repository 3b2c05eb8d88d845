"""A memo system read by SQL, on a real PostgreSQL and a real MariaDB: what is asked, what comes, what is refused."""

import gc
import socket
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from city import documents
from city.model import Case, CaseEvent, ChangedShape, NotUnderstood, Observation, Refused, Status, Unreachable
from city.queries import Queries
from city.times import instant, window
from collectors import RowError, args_of, backfill, sql_query
from collectors.http import Session
from collectors.runner import Job
from collectors.sql_query import servers
from tests.collectors import memo_servers
from tests.collectors.conftest import NOW, free_port

EXAMPLE = Path(__file__).resolve().parents[2] / "docs/examples/memo-sql.yaml"
QUERY = (
    "select n.nomor_agenda, n.unit_asal, r.tahap, r.waktu from sipadek.naskah n join sipadek.riwayat r"
    " on r.naskah_id = n.id where n.id in (select naskah_id from sipadek.riwayat where waktu >= :since)"
)
LOG = {
    "query": QUERY, "shape": "event_log", "kind": "memo", "closed_when": ["done"], "zone": "Asia/Jakarta",
    "fields": {"key": "nomor_agenda", "at": "waktu", "stage": "tahap", "agency": "unit_asal"},
    "stages": {"Diterima": "received", "Disposisi": "disposition", "Selesai": "done"},
}  # fmt: skip
#: number, office, urgency, steps: hour 12 of the 24th is NOW in Jambi.
MEMOS = (
    ("ND-1", "PUPR", "Amat Segera", {"Diterima": "23 08", "Disposisi": "23 10", "TTE": "23 14", "Selesai": "23 16"}),
    ("ND-2", "Dinkes", "Segera", {"Diterima": "21 09", "Disposisi": "21 15"}),
    ("ND-3", "Setda", "Biasa", {"Diterima": "23 13", "Disposisi": "24 10"}),
    ("ND-4", "Setda", "Amat Segera", {"Diterima": "24 11"}),
    ("ND-5", "PUPR", "Amat Segera", {"Diterima": "22 12", "Disposisi": "22 13"}),
)


@pytest.fixture(params=["postgresql", "mariadb"])
def memos(request):
    if request.param == "postgresql":
        made = memo_servers.on_postgresql(request.getfixturevalue("database").url)
    else:
        made = memo_servers.on_mariadb(request.getfixturevalue("mariadb"))
    for number, (key, office, urgency, steps) in enumerate(MEMOS, 1):
        made.do(f"insert into sipadek.naskah values ({number}, '{key}', '{office}', '{urgency}', 'Pinjaman Ibu Sari')")
        for stage, day in steps.items():
            step(made, number, stage, f"2026-11-{day}:00:00")
    return made


def step(memos, number, stage, moment):
    memos.do(f"insert into sipadek.riwayat values ({number}, '{stage}', 'Umum', '{moment}')")


def args(memos, query="select 1 as id", **more):
    base = {"url": getattr(memos, "url", memos), "query": query, "zone": "Asia/Jakarta"}
    return sql_query.Args(**base | {"fields": {"key": "id", "opened_at": "masuk"}} | more)


def rows(made, session, since=None):
    return list(sql_query.fetch(made, session, since, NOW))


def items(made, session):
    return [sql_query.parse(row, made) for row in rows(made, session)]


def asked(memos, session, query, columns):
    """The values of some columns, as they come."""
    made = args(memos, query, shape="observations", fields={"at": columns[0]}, values=dict(zip("abc", columns[1:])))  # noqa: B905
    return rows(made, session)


def fails(kind, made, session):
    with pytest.raises(kind) as caught:
        rows(made, session)
    for secret in ("rah@sia", "rah%40sia", memo_servers.READER, "Sari"):
        assert secret not in str(caught.value)
    return str(caught.value)


# What comes


def test_the_example_counts_the_memos_of_both_servers_as_a_hand_does(memos, desk, monkeypatch):
    monkeypatch.setenv("MEMO_DATABASE_URL", memos.url)
    made = desk("csv_file", {"path": "x", "fields": {"key": "a", "opened_at": "b"}})
    made.config, made.name = documents.load(EXAMPLE, args_of), "memo"
    made.store = type(made.store)(made.engine, made.config, lambda: NOW)
    result = made.run()
    assert (result.error, result.fetched, result.saved, result.rejected) == (None, 11, 5, 0)
    queries = Queries(made.engine, made.config, lambda: NOW)
    to_disposition = queries.measure("memos_to_disposition", window=window("7d", NOW, made.config.region.zone))
    assert (to_disposition.value, to_disposition.n) == (4.0, 4)  # of 1, 2, 6 and 21 hours
    assert queries.measure("memos_open").value == 4
    assert queries.measure("memos_overdue").value == 2  # ND-2 since 23 09:00, ND-5 since 23 12:00
    assert len(EXAMPLE.read_text().splitlines()) <= 40


def test_a_memo_that_moved_comes_with_all_its_steps_and_one_that_did_not_stays_away(memos, desk):
    made = desk("sql_query", {**LOG, "url": memos.url, "overlap": "1h"})
    assert made.run().fetched == 11
    step(memos, 2, "Selesai", "2026-11-24 12:30:00")
    made.now = NOW + timedelta(hours=1)
    moved = made.run()
    # ND-4 at 11 o'clock lies within the overlap: read again, and nothing changed.
    assert (moved.fetched, moved.saved, moved.revised) == (4, 0, 1)
    assert made.ask("select opened_at, closed_at, status from cases where key = 'ND-2'") == [
        (instant("2026-11-21T02:00:00Z"), instant("2026-11-24T05:30:00Z"), "done")
    ]
    made.now += timedelta(hours=6)
    assert made.run().fetched == 3
    made.now += timedelta(hours=6)
    assert made.run().fetched == 0


def test_a_corrected_mapping_reads_the_history_again_but_a_new_password_does_not(memos):
    first = args(memos, **LOG)
    later = sql_query.cursor(first, None, NOW)
    assert sql_query._start(args(memos.other(password="lain"), **LOG), later, NOW) == NOW - timedelta(days=1)
    corrected = args(memos, **LOG | {"closed_when": ["disposition"]})
    assert sql_query._start(corrected, later, NOW) == NOW - timedelta(days=30)


def test_a_header_row_is_a_case_and_what_the_mapping_does_not_name_is_not_read(memos, session):
    made = args(
        memos, "select n.*, r.waktu from sipadek.naskah n join sipadek.riwayat r on r.naskah_id = n.id where id = 4",
        kind="memo", fields={"key": "nomor_agenda", "opened_at": "waktu", "priority": "urgensi"},
    )  # fmt: skip
    assert [len(row) for row in rows(made, session)] == [3]
    assert items(made, session) == [
        Case(key="ND-4", kind="memo", opened_at=instant("2026-11-24T04:00:00Z"), priority="Amat Segera")
    ]


@pytest.mark.parametrize("decimal, text", [(".", "'14250.5'"), (",", "'14.250,5'")])
def test_real_numbers_and_the_texts_beside_them_are_exact_in_either_notation(memos, session, decimal, text):
    made = args(
        memos, f"select cast('2026-11-24' as date) as hari, cast(1234.50 as decimal(9,2)) as a, {text} as b, 12 as c,"
        " cast(null as decimal(9,2)) as d, 0.000000125e0 as e",
        shape="observations", fields={"at": "hari"}, values={name: name for name in "abcde"}, decimal=decimal,
    )  # fmt: skip
    midnight = instant("2026-11-23T17:00:00Z")
    values = {"a": 1234.5, "b": 14250.5, "c": 12.0, "e": 1.25e-07}
    assert items(made, session) == [
        [Observation(metric=name, at=midnight, value=value) for name, value in values.items()]
    ]


def test_a_yes_is_a_yes_in_the_type_of_either_server(memos, session):
    for yes in ("true",) if memos.make == "postgresql" else ("b'1'", "true"):
        column = {"postgresql": "boolean", "mariadb": "bit(1)" if yes[0] == "b" else "boolean"}[memos.make]
        memos.do("drop table if exists sipadek.t", f"create table sipadek.t (ya {column}, waktu {{moment}})")
        memos.do(f"grant select on sipadek.t to {memo_servers.READER}") if memos.make == "postgresql" else None
        memos.do(f"insert into sipadek.t values ({yes}, '2026-11-24 12:00'), (not {yes}, '2026-11-24 12:00')")
        made = args(memos, "select 1 as id, ya, waktu as masuk from sipadek.t",
                    fields={"key": "id", "opened_at": "masuk", "simulated": "ya"})  # fmt: skip
        assert sorted(item.simulated for item in items(made, session)) == [False, True]


def test_bytes_that_are_no_text_reject_their_row_and_are_not_quoted(memos, session):
    binary = "decode('ff00fe', 'hex')" if memos.make == "postgresql" else "unhex('ff00fe')"
    made = args(memos, f"select {binary} as id, '2026-11-24 12:00' as masuk")
    with pytest.raises(RowError, match=r"^id: bytes that are no text"):
        items(made, session)
    assert sql_query.parse((b"ND-7", "2026-11-24 12:00"), made).key == "ND-7"
    with pytest.raises(RowError, match=r"^id: neither text, number nor time"):
        sql_query.parse((["ND-7"], "2026-11-24 12:00"), made)


def test_a_time_is_the_same_moment_with_a_zone_and_without_whatever_the_zone_of_the_server(memos, session):
    if memos.make == "postgresql":
        ((name,),) = memos.ask("select current_database()")
        memos.do(f"alter database \"{name}\" set timezone = 'America/New_York'")
        zoned = "timestamp with time zone"
    else:
        memos.do("set global time_zone = '-05:00'")
        zoned = "timestamp"
    memos.do(f"create table sipadek.t (polos {{moment}}, berzona {zoned} null)")
    memos.do(f"grant select on sipadek.t to {memo_servers.READER}") if memos.make == "postgresql" else None
    memos.do("insert into sipadek.t values ('2026-11-24 12:00', '2026-11-24 00:00')")  # midnight in New York
    fields = {"key": "id", "opened_at": "polos", "closed_at": "berzona"}
    for form in ("local", "aware"):
        query = "select 1 as id, polos, berzona from sipadek.t where polos >= :since and berzona >= :since"
        made = args(memos, query, fields=fields, since_as=form, history="1m")
        (item,) = items(made, session)
        assert (item.opened_at, item.closed_at) == (NOW, NOW)
        made = args(memos, query.replace(">= :since", "< :until"), fields=fields, since_as=form)
        assert rows(made, session) == []  # not before NOW
    memos.do("set global time_zone = system") if memos.make == "mariadb" else None


def test_signs_that_mean_something_to_drivers_are_only_text(memos, session):
    query = (
        "select nomor_agenda as id, '12:30 %s' as a, '\\:jam' as b from sipadek.naskah where nomor_agenda like '%-4'"
    )
    assert asked(memos, session, query, ["id", "a", "b"]) == [("ND-4", "12:30 %s", ":jam")]


def test_rows_come_while_the_server_still_works(memos, session):
    if memos.make == "postgresql":
        query = "select n as id, 1 / (90000 - n) as a from generate_series(1, 100000) n"
    else:
        query = "select seq as id, pow(10, if(seq = 90000, 400, 1)) as a from seq_1_to_100000"
    reading = sql_query.fetch(args(memos, query, fields={"key": "id", "opened_at": "a"}, batch=10), session, None, NOW)
    assert [next(reading)[0] for _ in range(1000)] == list(range(1, 1001))
    with pytest.raises(NotUnderstood, match="a value cannot be read or computed"):
        list(reading)


def test_a_row_that_is_rejected_is_named_by_its_field_and_the_run_goes_on(memos, desk):
    memos.do(*(f"insert into sipadek.naskah values ({n}, '', 'Sari', 'Biasa', '')" for n in (8, 9)))
    memos.do(*(f"insert into sipadek.riwayat select {n}, tahap, unit, waktu from sipadek.riwayat where naskah_id = 4"
               for n in (8, )))  # fmt: skip
    result = desk("sql_query", {**LOG, "url": memos.url}).run()
    assert (result.fetched, result.saved, result.rejected) == (12, 5, 1)
    assert result.notes["rejected"][0].endswith(": key: missing")


def test_what_the_rows_look_like_is_told_in_types_and_words(memos, desk):
    query = QUERY.replace("r.waktu from", "r.waktu, cast(1.5 as decimal(5,2)) as bobot from")
    made = desk("sql_query", {**LOG, "url": memos.url, "query": query, "fields": LOG["fields"] | {"priority": "bobot"}})
    assert made.run().ok
    fields = made.store.shape("desk")["fields"]
    assert {name: list(field["kinds"]) for name, field in fields.items()} == {
        "nomor_agenda": ["text"], "unit_asal": ["text"], "tahap": ["text"], "waktu": ["time"], "bobot": ["number"],
    }  # fmt: skip
    assert set(fields["tahap"]["words"]) == {"Diterima", "Disposisi", "Selesai", "TTE"}


def test_the_past_is_read_in_spans_where_the_query_says_from_when(memos, desk):
    query = QUERY.replace(">= :since", ">= :since and waktu < :until")
    made = desk("sql_query", {**LOG, "url": memos.url, "query": query, "overlap": "0s"})
    job = Job("desk", made.config)
    todo = backfill.spans(job, made.store, NOW - timedelta(days=40), NOW - timedelta(days=1))
    assert [span.end - span.start for span in todo] == [timedelta(days=30), timedelta(days=9)]
    runs = list(backfill.run(job, made.store, Session(), lambda: NOW, todo))
    # ND-1, 2 and 5 moved before noon of the 23rd and come whole; ND-3 and ND-4 moved later only.
    assert [(run.error, run.fetched, run.saved) for run in runs] == [(None, 0, 0), (None, 8, 3)]
    with pytest.raises(backfill.CannotBackfill):
        timeless = desk("sql_query", {**LOG, "url": memos.url, "query": QUERY.replace(":since", "'2026-01-01'")})
        backfill.spans(Job("desk", timeless.config), made.store, NOW, NOW)


# What is kept out


@pytest.mark.parametrize(
    "query, problem",
    [
        ("delete from sipadek.naskah", "begin with SELECT or WITH"),
        ("explain select 1", "begin with SELECT or WITH"),
        ("select 1; select 2", "semicolon inside"),
        ("select 1; -- 'x\n select 2 -- '", "semicolon inside"),
        ("with x as (delete from naskah returning *) select * from x", "'delete' would write or lock"),
        ("with x as (select 1) update naskah set hal = ''", "'update' would write or lock"),
        ("select * into salinan from naskah", "'into' would write or lock"),
        ("select 1 /*! into outfile '/tmp/x' */", "'into' would write or lock"),
        ("select * from naskah for update", "'update' would write or lock"),
        ("select * from naskah for share", "'for share' would write or lock"),
        ("select 1 drop table naskah", "'drop' would write or lock"),
        ("select * from naskah where waktu > :sejak", "':sejak' is not known; use :since and :until"),
    ],
)
def test_what_is_no_question_is_refused_when_the_settings_are_read(query, problem):
    with pytest.raises(ValidationError, match=problem):
        args("postgresql://a@h/d", query)


@pytest.mark.parametrize(
    "query",
    [
        "select '; delete from x' as a, \"update\", `into`, [drop] -- into; out\n from t /* ; insert */ ;",
        "(select 1) union (select 2)", "WITH x AS (SELECT 1) SELECT truncate(waktu, 2), updated from x",
        "select waktu::date from t where waktu >= :since and waktu < :until and nama <> 'O''Neil; into'",
    ],
)  # fmt: skip
def test_a_question_may_hold_any_word_in_quotes_and_comments(query):
    assert args("postgresql://a@h/d", query).query == query.rstrip(";").rstrip()


@pytest.mark.parametrize("query", ["delete from sipadek.riwayat", "select 1; delete from sipadek.riwayat",
                                   "select 1; commit; delete from sipadek.riwayat"])  # fmt: skip
def test_even_past_the_settings_nothing_is_written_with_the_rights_of_the_owner(memos, session, query):
    owner = memos._engine.url.set(database=sql_query.servers.sa.make_url(memos.url).database)
    made = args(owner.render_as_string(hide_password=False)).model_copy(update={"query": query})
    fails(Refused, made, session)
    assert memos.ask("select count(*) from sipadek.riwayat") == [(11,)]


def test_a_function_that_writes_is_refused_by_the_transaction(memos, session):
    if memos.make == "postgresql":
        memos.do("create function sipadek.hapus() returns int language sql security definer as"
                 " 'delete from sipadek.riwayat; select 1'")  # fmt: skip
    else:
        memos.do("create function sipadek.hapus() returns int begin delete from sipadek.riwayat; return 1; end")
        memos.do(f"grant execute on sipadek.* to {memo_servers.READER}@'%%'")
    said = fails(Refused, args(memos, "select sipadek.hapus() as id, 1 as masuk"), session)
    assert "the query writes, and may only read" in said
    assert memos.ask("select count(*) from sipadek.riwayat") == [(11,)]


# What goes wrong


def test_a_statement_that_takes_too_long_is_ended_by_the_server(memos, session):
    sleep = "pg_sleep(20)" if memos.make == "postgresql" else "sleep(20)"
    began = time.monotonic()
    said = fails(Unreachable, args(memos, f"select {sleep} as id, 1 as masuk", timeout="0.3s"), session)
    assert "the query took longer than 0.3 s" in said and time.monotonic() - began < 4


def test_a_wrong_password_a_missing_database_and_a_missing_right_are_refusals(memos, session):
    said = fails(Refused, args(memos.other(password="salah")), session)
    assert "the server refused the user, the password or the database" in said
    assert "/tidak_ada: " in fails(Refused, args(memos.other(database="tidak_ada")), session)
    memos.do("create table {db}.gaji (id int)") if memos.make == "postgresql" else None
    table = "sipadek.gaji" if memos.make == "postgresql" else "mysql.global_priv"
    said = fails(Refused, args(memos, f"select 1 as id, 2 as masuk from {table}"), session)
    assert "the account may not read what the query asks for" in said


@pytest.mark.parametrize(
    "old, new, said",
    [
        ("r.waktu from", "r.wakto from", r"there is no column '(r\.)?wakto'; nearest: 'waktu'"),
        ("join sipadek.riwayat", "join sipadek.riwayt", r"there is no table 'sipadek.riwayt'; nearest: 'riwayat'"),
    ],
)
def test_a_renamed_column_or_table_is_a_changed_shape_that_names_the_nearest(memos, session, old, new, said):
    made = args(memos, **LOG | {"query": QUERY.replace(old, new)})
    with pytest.raises(ChangedShape, match=said):
        rows(made, session)
    fails(ChangedShape, made, session)


def test_a_mapped_column_must_be_in_the_result_once_even_when_no_row_comes(memos, session):
    query = "select id, id as nomor, unit_asal as masuk from sipadek.naskah where id = 0"
    with pytest.raises(ChangedShape, match="column 'masukan' is missing in the result; nearest: 'masuk'"):
        rows(args(memos, query, fields={"key": "id", "opened_at": "masukan"}), session)
    with pytest.raises(ChangedShape, match="column 'id' comes twice"):
        rows(args(memos, query.replace("as nomor", "as id")), session)


def test_a_query_that_the_server_does_not_understand_is_named_by_its_code_and_not_by_its_rows(memos, session):
    said = fails(Refused, args(memos, "select id as masuk from from sipadek.naskah"), session)
    assert "does not accept the query (code " in said


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # pymysql's own, while tidying up
def test_a_server_that_hangs_up_in_the_middle_is_a_broken_connection(memos, session):
    series = (
        "generate_series(1, 3000000) id" if memos.make == "postgresql" else "(select seq as id from seq_1_to_3000000) s"
    )
    made = args(memos, f"select id, 'kendali-mid' as masuk from {series}", batch=10)
    reading = sql_query.fetch(made, session, None, NOW)
    next(reading)
    if memos.make == "postgresql":
        memos.do(f"select pg_terminate_backend(pid) from pg_stat_activity where usename = '{memo_servers.READER}'")
    else:
        for (number,) in memos.ask(
            f"select id from information_schema.processlist where user = '{memo_servers.READER}'"
        ):
            memos.do(f"kill connection {number}")
    with pytest.raises(Unreachable, match="the connection broke off"):
        list(reading)
    del reading
    gc.collect()


@pytest.mark.parametrize("make", ["postgresql", "mysql", "mariadb", "mssql"])
def test_where_nobody_listens_there_is_no_connection(make, session):
    made = args(f"{make}://pembaca:rah%40sia@127.0.0.1:{free_port()}/sipadek")
    assert fails(Unreachable, made, session).startswith("127.0.0.1/sipadek: no connection")
    assert "no connection" in fails(Unreachable, args(f"{make}://pembaca:x@nobody.invalid/sipadek"), session)


@pytest.mark.parametrize("make", ["postgresql", "mysql"])
def test_a_server_that_says_nothing_is_not_waited_for(make, session, monkeypatch):
    monkeypatch.setattr(servers, "CONNECT_TIMEOUT_S", 2.0)
    monkeypatch.setattr(servers, "_GRACE_S", 1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        made = args(f"{make}://a:b@127.0.0.1:{silent.getsockname()[1]}/d", timeout="1s")
        began = time.monotonic()
        assert "no answer in time" in fails(Unreachable, made, session)
        assert time.monotonic() - began < 10


@pytest.mark.parametrize("make", ["postgresql", "mysql"])
def test_something_else_on_the_port_is_not_this_make_of_database(make, session):
    with socket.create_server(("127.0.0.1", 0)) as web:

        def answer():
            with web.accept()[0] as caller:
                caller.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
                caller.recv(1024)

        threading.Thread(target=answer, daemon=True).start()
        url = f"{make}://a:b@127.0.0.1:{web.getsockname()[1]}/d"
        assert "not this make of database" in fails(NotUnderstood, args(url), session)


def test_a_failed_run_keeps_what_was_there(memos, desk):
    made = desk("sql_query", {**LOG, "url": memos.url})
    made.run()
    memos.do("drop table {db}.riwayat")
    result = made.run()
    assert (result.ok, result.error_code, made.ask("select count(*) from cases")) == (False, "K-106", [(5,)])


# PostgreSQL and MariaDB apart


def test_an_infinite_date_is_named_as_a_value_and_not_as_a_lost_connection(database, session):
    memos = memo_servers.on_postgresql(database.url)
    made = args(memos, "select 1 as id, 'infinity'::timestamp as masuk")
    assert "a value cannot be read or computed" in fails(NotUnderstood, made, session)


def test_a_key_may_be_a_uuid_and_a_time_may_be_a_day(database, session):
    memos = memo_servers.on_postgresql(database.url)
    made = args(memos, "select '0b0c0d0e-0000-4000-8000-000000000001'::uuid as id, date '2026-11-24' as masuk")
    (item,) = items(made, session)
    assert (item.key[:8], item.opened_at) == ("0b0c0d0e", instant("2026-11-23T17:00:00Z"))


def test_a_date_of_noughts_counts_as_empty_when_the_settings_say_so(mariadb, session):
    memos = memo_servers.on_mariadb(mariadb)
    memos.do("create table sipadek.t (id int, masuk datetime, selesai datetime)")
    memos.do("insert into sipadek.t values (1, '2026-11-24 12:00', '0000-00-00 00:00:00')")
    made = args(memos, "select * from sipadek.t", empty=["", "0000-00-00 00:00:00"],
                fields={"key": "id", "opened_at": "masuk", "closed_at": "selesai"})  # fmt: skip
    assert [(item.closed_at, item.status) for item in items(made, session)] == [(None, Status.RECEIVED)]


def test_a_zone_with_summer_time_that_mariadb_does_not_know_is_warned_about(mariadb, session):
    memos = memo_servers.on_mariadb(mariadb)
    made = args(memos, "select 1 as id, now() as masuk", zone="Europe/Amsterdam")
    assert len(rows(made, session)) == 1
    assert session.warnings[0].startswith("the server knows no time zones by name")


def test_steps_of_one_memo_are_gathered_whatever_their_order():
    made = args("mysql://a@h/d", **LOG)
    steps = [("M1", "PUPR", "Selesai", NOW), ("M1", "PUPR", "Diterima", NOW - timedelta(hours=4))]
    (case,) = sql_query.fold(
        [sql_query.parse((key, at, stage, agency), made) for key, agency, stage, at in steps], made
    )
    assert case.events == (CaseEvent(NOW - timedelta(hours=4), "received"), CaseEvent(NOW, "done"))


# Settings


@pytest.mark.parametrize(
    "wrong, problem",
    [
        ({"url": "sqlite:///rah@sia.db"}, "begins with none of postgresql://"),
        ({"url": "postgresql+asyncpg://u:rah@sia@h/d"}, "begins with none of postgresql://"),
        ({"url": "postgresql://u:rah@sia@h:abc/d"}, "is not user:password@host:port/database"),
        ({"url": "mysql://u:rahasia@h"}, "names no database"),
        ({"timeout": "0s"}, "timeout"),
        ({"batch": 0}, "batch"),
        ({"since_as": "unix"}, "since_as"),
    ],
)
def test_wrong_settings_are_refused_and_a_password_is_not_repeated(wrong, problem, tmp_path):
    ((name, value),) = wrong.items()
    kept = [line for line in EXAMPLE.read_text().splitlines() if not line.strip().startswith(f"{name}:")]
    kept.insert(kept.index("    args:") + 1, f"      {name}: {value!r}")
    text = "\n".join(kept)
    (tmp_path / "config.yaml").write_text(text)
    with pytest.raises(Exception, match=problem) as caught:
        documents.load(tmp_path / "config.yaml", args_of)
    assert "rah" not in str(caught.value)


def test_each_make_gets_the_driver_that_is_installed_and_a_name_without_secrets():
    for make, driver in {"postgresql": "postgresql+psycopg", "mysql": "mysql+pymysql", "mariadb": "mysql+pymysql",
                         "mssql": "mssql+pymssql", "mssql+pymssql": "mssql+pymssql"}.items():  # fmt: skip
        made = args(f"{make}://u:p%40x@db.example:99/memo")
        assert made.url.startswith(f"{driver}://") and "p%40x" not in repr(made)
        assert servers.Server(made.url, made.timeout, NOW.tzinfo).name == "db.example/memo"
