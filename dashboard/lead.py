"""Who publishes a region: the one connection that holds its lock, for as long as the database answers it."""

import sqlalchemy as sa
from sqlalchemy.engine import Connection


def leads(connection: Connection, region: str) -> bool:
    """Whether this connection publishes the region: the first that asks, until it closes."""
    with connection.begin():
        key = {"key": f"kendali publish {region}"}
        return bool(connection.scalar(sa.text("select pg_try_advisory_lock(hashtextextended(:key, 0))"), key))


def answers(connection: Connection) -> None:
    """Raise unless the database (and with it our lock) is still there."""
    with connection.begin():
        connection.execute(sa.text("select 1"))
