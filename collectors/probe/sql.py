"""The tables of a database, and a sample of one, read as ``sql_query`` reads: in a read-only transaction."""

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from city.model import ChangedShape, NotUnderstood
from collectors.http import Session
from collectors.probe.fields import Match
from collectors.probe.tables import Sample
from collectors.probe.trees import text_of
from collectors.sql_query.servers import Server, checked

#: The address holds a password: the proposal names a variable instead.
ADDRESS = "${SOURCE_DATABASE_URL}"
MAX_ROWS = 5_000
_TIMEOUT = timedelta(seconds=30)
_ITS_OWN = frozenset("information_schema pg_catalog mysql performance_schema sys".split())


class NoTable(ChangedShape):
    """A database was named without one of its tables; ``tables``: what there is, with the number of columns."""

    def __init__(self, tables: dict[str, int], asked: str | None) -> None:
        self.tables = tables
        super().__init__(f"it has no table '{asked}'" if asked else "which table?", next_step="name one with --table")


def of_table(url: str, table: str | None, session: Session, now: datetime) -> Sample:
    """The first rows of a table or view (``name`` or ``schema.name``). Raises NoTable, or as ``sql_query`` does."""
    try:
        server = Server(checked(url), _TIMEOUT, ZoneInfo("UTC"))
    except ValueError as error:
        raise NotUnderstood(f"the address {error}", next_step="correct the address") from None  # it holds a password
    with server.reading("the names of its tables", now, session.warn) as connection:
        known = _tables(connection)
        if table is None or table not in known:
            raise NoTable({name: len(columns) for name, columns in known.items()}, table)
        schema, _, name = table.rpartition(".")
        chosen = sa.table(name, *(sa.column(column) for column in known[table]), schema=schema or None)
        rows = [[text_of(value) for value in row] for row in connection.execute(sa.select(chosen).limit(MAX_ROWS))]
        quote = connection.dialect.identifier_preparer.quote
        query = f"select {{columns}} from {'.'.join(map(quote, filter(None, (schema, name))))}"
        quoted = {column: quote(column) for column in known[table]}
    return Sample(known[table], rows, "sql_query", {"url": ADDRESS, "query": query, "quoted": quoted})


def _tables(connection: sa.Connection) -> dict[str, list[str]]:
    """Tables and views of every schema that is not the server's own, with the names of their columns."""
    inspector, found = sa.inspect(connection), {}
    for schema in inspector.get_schema_names():
        if schema not in _ITS_OWN:
            prefix = "" if schema == inspector.default_schema_name else f"{schema}."
            for name in (*inspector.get_table_names(schema), *inspector.get_view_names(schema)):
                found[prefix + name] = [column["name"] for column in inspector.get_columns(name, schema)]
    return found


def narrowed(sample: Sample, match: Match) -> Sample:
    """A query for the mapped columns alone: what is not asked for never leaves the database."""
    if sample.collector != "sql_query":
        return sample
    names = [column.name for column, _ in match.fields.values()] + [column.name for column in match.values]
    wanted = ", ".join(sample.args["quoted"][name] for name in dict.fromkeys(names))
    query = str(sample.args["query"]).replace("{columns}", wanted)
    remarks = [
        "the address goes into the environment; its user should only be able to read",
        "add `where <time of the last change> >= :since` to read only what is new"
        + (", of an event log with all rows of the cases that moved" if match.shape == "event_log" else ""),
    ]
    return replace(sample, args={"url": sample.args["url"], "query": query}, remarks=[*sample.remarks, *remarks])
