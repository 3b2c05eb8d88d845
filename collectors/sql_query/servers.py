"""How each make of database server is reached, bound to reading, and made to give up in time."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from math import ceil
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from pymysql.constants import FIELD_TYPE
from pymysql.converters import conversions

from collectors.http import CONNECT_TIMEOUT_S
from collectors.sql_query.faults import code_of, of_asking, of_connecting

#: What may stand before ``://``: the driver that is installed for it. MariaDB tells itself apart.
_DRIVERS = {
    "postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg", "mysql": "mysql+pymysql",
    "mariadb": "mysql+pymysql", "mssql": "mssql+pymssql",
}  # fmt: skip
#: A server that fell silent is noticed this long after it should have given up by itself.
_GRACE_S = 5
_NO_VARIABLE, _NO_ZONE = "1193", "1298"


def checked(url: str) -> str:
    """``url`` with the installed driver; ValueError never quotes it, for it holds a password."""
    make, _, rest = url.partition("://")
    driver = _DRIVERS.get(make.partition("+")[0])
    if not rest or driver is None or make not in (*_DRIVERS, driver):
        raise ValueError("begins with none of postgresql://, mysql://, mariadb://, mssql://")
    try:
        parsed = sa.make_url(f"{driver}://{rest}")
    except (sa.exc.ArgumentError, ValueError):
        raise ValueError("is not user:password@host:port/database; write @ : / in a password as %40 %3A %2F") from None
    if not parsed.database:
        raise ValueError("names no database; write it after the host: //host/database")
    return parsed.render_as_string(hide_password=False)


class Server:
    """A database server. ``name`` is its host and database, the only part of its address for other eyes."""

    def __init__(self, url: str, timeout: timedelta, zone: ZoneInfo) -> None:
        self._url, self._zone, self._timeout_s = sa.make_url(url), zone, timeout.total_seconds()
        self.name = f"{self._url.host or 'localhost'}/{self._url.database}"

    @contextmanager
    def reading(self, query: str, now: datetime, warn: Callable[[str], None]) -> Iterator[sa.Connection]:
        """A connection in a read-only transaction, rolled back at the end. What goes wrong is a SourceError."""
        engine = sa.create_engine(self._url, poolclass=sa.NullPool, connect_args=self._connect_args())
        try:
            connection = engine.connect()
        except sa.exc.DBAPIError as error:
            raise of_connecting(error, self.name) from error
        with connection:
            try:
                self._begin(connection, now, warn)
                yield connection
            except sa.exc.DBAPIError as error:
                raise of_asking(error, self.name, query, self._timeout_s, connection) from error

    def _connect_args(self) -> dict[str, Any]:
        connect_s = int(CONNECT_TIMEOUT_S)
        if self._url.get_backend_name() == "postgresql":
            keepalives = {"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3}
            return {"connect_timeout": connect_s, "application_name": "kendali", **keepalives}
        if self._url.get_backend_name() == "mysql":
            # BIT(1) is how MySQL says true: as bytes it would be neither.
            words = {**conversions, FIELD_TYPE.BIT: lambda value: int.from_bytes(value, "big")}
            return {"connect_timeout": connect_s, "read_timeout": self._timeout_s + _GRACE_S, "conv": words}
        return {"login_timeout": connect_s, "timeout": ceil(self._timeout_s)}

    def _begin(self, connection: sa.Connection, now: datetime, warn: Callable[[str], None]) -> None:
        """Bind the session to reading, to the time limit, and to local times in the source's zone."""
        if connection.dialect.name == "postgresql":
            connection.execution_options(postgresql_readonly=True)
            # For this transaction only: a pooler may hand the session to others. Counted in milliseconds.
            limits = {"limit": str(ceil(self._timeout_s * 1000)), "zone": self._zone.key}
            settings = "select set_config('statement_timeout', :limit, true), set_config('TimeZone', :zone, true)"
            connection.execute(sa.text(settings), limits)
        elif connection.dialect.name == "mysql":
            self._limit_mysql(connection, warn)
            self._place_mysql(connection, now, warn)
            connection.exec_driver_sql("start transaction read only")
        else:
            # In a session of a British login '2026-11-05' would be the 11th of May.
            connection.exec_driver_sql("set dateformat ymd")

    def _limit_mysql(self, connection: sa.Connection, warn: Callable[[str], None]) -> None:
        mariadb = getattr(connection.dialect, "is_mariadb", False)
        limit = (
            f"max_statement_time = {self._timeout_s}"
            if mariadb
            else f"max_execution_time = {self._timeout_s * 1e3:.0f}"
        )
        if not _known(connection, f"set session {limit}", _NO_VARIABLE):
            warn("the server is too old to know a statement timeout")

    def _place_mysql(self, connection: sa.Connection, now: datetime, warn: Callable[[str], None]) -> None:
        """TIMESTAMP columns are given in the session's zone: by its offset, by name where the offset changes."""
        moves = len({datetime(now.year, month, 1, tzinfo=self._zone).utcoffset() for month in (1, 7)}) > 1
        if moves and _known(connection, f"set session time_zone = '{self._zone.key}'", _NO_ZONE):
            return
        if moves:
            warn("the server knows no time zones by name: TIMESTAMP columns of the other season are an hour off")
        offset = now.astimezone(self._zone).strftime("%z")
        connection.exec_driver_sql(f"set session time_zone = '{offset[:3]}:{offset[3:5]}'")


def _known(connection: sa.Connection, setting: str, otherwise: str) -> bool:
    """Whether the server took a setting; False when it answers with the code ``otherwise``."""
    try:
        connection.exec_driver_sql(setting)
    except sa.exc.DBAPIError as error:
        if code_of(error) != otherwise:
            raise
        return False
    return True
