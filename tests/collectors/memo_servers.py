"""A memo system on a real server: header and history, a reader who may only SELECT, and whatever a test adds."""

import itertools
from pathlib import Path
from typing import Any

import sqlalchemy as sa

_numbers = itertools.count(1)
READER, PASSWORD = "pembaca", "rah@sia/1"
TABLES = (
    "create table {db}.naskah (id int primary key, nomor_agenda varchar(40), unit_asal varchar(40),"
    " urgensi varchar(20), hal varchar(200))",
    "create table {db}.riwayat (naskah_id int, tahap varchar(20), unit varchar(40), waktu {moment})",
)


class MemoServer:
    """``url`` is the reader's; ``do`` acts as the owner; ``moment`` is the make's type of a local time."""

    def __init__(self, make: str, owner: str, url: sa.URL) -> None:
        self.make, self.url = make, url.render_as_string(hide_password=False)
        self.moment = "timestamp" if make == "postgresql" else "datetime"
        self._engine = sa.create_engine(owner, poolclass=sa.NullPool, isolation_level="AUTOCOMMIT")

    def do(self, *statements: str) -> None:
        with self._engine.connect() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement.format(db="sipadek", moment=self.moment))

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        with self._engine.connect() as connection:
            return [tuple(row) for row in connection.exec_driver_sql(sql)]

    def other(self, **parts: Any) -> str:
        """The reader's URL with another part."""
        return sa.make_url(self.url).set(**parts).render_as_string(hide_password=False)


def on_postgresql(owner: str) -> MemoServer:
    """In the database of ``owner``; the reader must give a password, whatever others need."""
    made = MemoServer("postgresql", owner, sa.make_url(owner).set(username=READER, password=PASSWORD))
    hba = Path(made.ask("show hba_file")[0][0])
    if READER not in hba.read_text():
        hba.write_text(f"local all {READER} scram-sha-256\nhost all {READER} all scram-sha-256\n{hba.read_text()}")
        made.do(f"create role {READER} login password '{PASSWORD}'", "select pg_reload_conf()")
    made.do("create schema sipadek", *TABLES, f"grant usage on schema sipadek to {READER}")
    made.do(f"grant select on all tables in schema sipadek to {READER}")
    return made


def on_mariadb(root: str) -> MemoServer:
    """In a fresh database called sipadek."""
    url = sa.make_url(root).set(username=READER, password=PASSWORD, database="sipadek")
    made = MemoServer("mariadb", root, url)
    made.do("drop database if exists sipadek", "create database sipadek", *TABLES)
    made.do(
        f"create or replace user {READER}@'%%' identified by '{PASSWORD}'",
        f"grant select on sipadek.* to {READER}@'%%'",
    )
    return made
