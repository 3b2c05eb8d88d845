"""Migrated databases of one server, given back clean: making one and dropping it costs more than most tests do."""

import itertools
import os
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import sqlalchemy as sa

from city import database as city_database

_numbers = itertools.count(1)
#: What a test may have changed besides rows: a database that is not as it was made is dropped.
_SHAPE = """
select md5(string_agg(one, '|' order by one)) from (
    select concat_ws(' ', c.relname, c.relkind, c.relacl::text, a.attname, a.atttypid::regtype, a.attnotnull) as one
      from pg_class c left join pg_attribute a on a.attrelid = c.oid and a.attnum > 0
     where c.relnamespace = 'public'::regnamespace
    union all
    select concat_ws(' ', conrelid::regclass, conname, pg_get_constraintdef(oid)) from pg_constraint
     where connamespace = 'public'::regnamespace
    union all
    select concat_ws(' ', tgrelid::regclass, tgname, tgenabled) from pg_trigger where not tgisinternal
    union all
    select concat_ws(' ', proname, prosrc) from pg_proc where pronamespace = 'public'::regnamespace
    union all
    select concat_ws(' ', 'schema', nspname, nspacl::text) from pg_namespace where nspname !~ '^pg_(toast_)?temp'
    union all
    select concat_ws(' ', 'version', version_num) from alembic_version
    union all
    select concat_ws(' ', 'setting', setconfig::text) from pg_db_role_setting join pg_database d on d.oid = setdatabase
     where datname = current_database()
) as parts"""
_OTHERS = """select pg_terminate_backend(pid, 2000) from pg_stat_activity
              where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'"""


class Databases:
    """The databases of ``server``, whose own one is the template."""

    def __init__(self, server: city_database.Database) -> None:
        self._server, self._free = server, list[str]()
        with self._connected(city_database.DATABASE_NAME) as connection:
            found = connection.execute("select tablename from pg_tables where schemaname = 'public'").fetchall()
            self._tables = sorted(name for (name,) in found if name != "alembic_version")
            self._shape = connection.execute(_SHAPE).fetchone()

    @contextmanager
    def lent(self) -> Iterator[city_database.Database]:
        """A migrated database without a row: ``.url`` may write, ``.web_url`` may read."""
        name = self._take()
        urls = (sa.make_url(text).set(database=name) for text in (self._server.url, self._server.web_url))
        yield city_database.Database(*(url.render_as_string(hide_password=False) for url in urls))
        self._give_back(name)

    def _take(self) -> str:
        if self._free:
            return self._free.pop()
        name = f"test_{os.getpid()}_{next(_numbers)}"
        with self._connected("postgres") as connection:
            connection.execute(f'create database "{name}" template {city_database.DATABASE_NAME}')
        return name

    def _give_back(self, name: str) -> None:
        """Empty it for the next test, or drop it when it cannot be made as it was."""
        try:
            clean = self._emptied(name)
        except psycopg.Error:  # dropped by the test, or it lets nobody in
            clean = False
        if clean:
            self._free.append(name)
            return
        with self._connected("postgres") as connection:
            connection.execute(f'drop database if exists "{name}" with (force)')

    def _emptied(self, name: str) -> bool:
        filled = " union all ".join(f"select '{one}' where exists (select from {one})" for one in self._tables)
        with self._connected(name) as connection:
            connection.execute(_OTHERS)
            if connection.execute(_SHAPE).fetchone() != self._shape:
                return False
            names = [one for (one,) in connection.execute(filled).fetchall()]
            if names:
                connection.execute(f"truncate {', '.join(names)} restart identity cascade")
        return True

    def _connected(self, name: str) -> psycopg.Connection:
        address = sa.make_url(self._server.url).set(database=name)
        _, parts = address.get_dialect()().create_connect_args(address)
        return psycopg.connect(**parts, autocommit=True)
