"""One database for all the tests of a file, and a region of its own for each: a database a test is slow."""

import itertools
import os
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from city import database as city_database

_numbers = itertools.count(1)


@contextmanager
def one_engine(server: city_database.Database) -> Iterator[sa.Engine]:
    """A writing engine on a fresh migrated database."""
    url, name = sa.make_url(server.url), f"shared_{os.getpid()}_{next(_numbers)}"
    admin = sa.create_engine(url.set(database="postgres"), poolclass=sa.NullPool, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(sa.text(f'create database "{name}" template {city_database.DATABASE_NAME}'))
    made = city_database.engine(url.set(database=name).render_as_string(hide_password=False))
    yield made
    made.dispose()
    with admin.connect() as connection:
        connection.execute(sa.text(f'drop database "{name}" with (force)'))


def own_region() -> dict[str, str]:
    """Settings of a region nobody else has."""
    return {"code": f"98.{next(_numbers)}", "name": "Kota", "timezone": "Asia/Jakarta"}
