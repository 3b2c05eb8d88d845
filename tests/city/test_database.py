"""The database by URL and the embedded one: who may do what, what is said when it is away, who starts it again."""

import os
import signal
import time

import psycopg
import pytest
import sqlalchemy as sa

from city import database as city_database


@pytest.fixture
def by_url(database, tmp_path):
    """The test's database opened as ``DATABASE_URL`` would be."""
    return city_database.open_database(database.url.replace("postgresql+psycopg", "postgres"), tmp_path)


def test_the_web_half_of_a_database_by_url_listens_and_reads(by_url, engine):
    web = city_database.engine(by_url.web_url)
    with city_database.listen(by_url.web_url, ("kendali_test",)) as heard:
        with engine.begin() as connection:
            city_database.notify(connection, "kendali_test", {"n": 1})
        assert heard.wait(5) == [("kendali_test", {"n": 1})]
    with web.connect() as connection:
        assert connection.scalar(sa.text("select current_user")) == city_database.WEB_ROLE
        assert connection.scalar(sa.text("select count(*) from cases")) == 0
    web.dispose()


def test_the_web_half_of_a_database_by_url_cannot_write(by_url):
    web = city_database.engine(by_url.web_url)
    with web.connect() as connection, pytest.raises(sa.exc.DBAPIError, match="read-only|permission denied"):
        connection.execute(sa.text("delete from cases"))
    web.dispose()


def test_an_owner_who_may_not_make_roles_is_told_and_works_on(database, engine, caplog, tmp_path):
    name = sa.make_url(database.url).database
    with engine.begin() as connection:
        connection.exec_driver_sql(f'create role "{name}" login')
        connection.exec_driver_sql(f'grant create, usage on schema public to "{name}"')
        connection.exec_driver_sql("drop schema public cascade")
        connection.exec_driver_sql(f'create schema public authorization "{name}"')
    own = city_database.engine(sa.make_url(database.url).set(username=name).render_as_string(hide_password=False))
    city_database.migrate(own)
    with own.connect() as connection:
        assert connection.scalar(sa.text("select count(*) from cases")) == 0
    own.dispose()
    with engine.begin() as connection:
        connection.exec_driver_sql(f'drop owned by "{name}" cascade')
        connection.exec_driver_sql(f'drop role "{name}"')


def test_the_reason_is_one_line_without_the_address(tmp_path):
    away = city_database.engine(f"postgresql://kendali:secret@/kendali?host={tmp_path}", poolclass=sa.NullPool)
    with pytest.raises(sa.exc.OperationalError) as failed:
        away.connect()
    said = city_database.reason(failed.value)
    assert "\n" not in said
    assert "secret" not in said
    assert "No such file or directory" in said


def test_an_error_that_says_nothing_is_named():
    assert city_database.reason(psycopg.OperationalError()) == "OperationalError"


def test_an_embedded_server_that_was_killed_is_started_again_under_its_address(tmp_path_factory):
    folder = tmp_path_factory.mktemp("embedded")
    opened = city_database.open_database(None, folder)
    try:
        assert not opened.keep_up(), "it runs"
        pid = int((folder / "postgres" / "postmaster.pid").read_text().splitlines()[0])
        os.kill(pid, signal.SIGQUIT)
        until = time.monotonic() + 20
        while not opened.keep_up():
            assert time.monotonic() < until, "nobody noticed that it ended"
            time.sleep(0.1)
        again = city_database.engine(opened.url, poolclass=sa.NullPool)
        with again.connect() as connection:
            assert connection.scalar(sa.text("select 1")) == 1
    finally:
        opened.close()
    assert not opened.keep_up(), "closed is closed"
