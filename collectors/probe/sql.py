"""The tables of a database, and a sample of one, read in a read-only transaction."""

from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

from city.model import ChangedShape, NotUnderstood, Unreachable
from collectors.probe import trees
from collectors.probe.fields import Match
from collectors.probe.tables import Sample

#: The address holds a password: the proposal names a variable instead.
ADDRESS = "${SOURCE_DATABASE_URL}"
MAX_ROWS = 5_000


class NoTable(ChangedShape):
    """A database was named without one of its tables; ``tables``: what there is, with the number of columns."""

    def __init__(self, tables: dict[str, int]) -> None:
        self.tables = tables
        super().__init__(f"{len(tables)} tables", next_step="name one of them with --table")


def of_table(url: str, table: str | None) -> Sample:
    """The first rows of a table or view (``name`` or ``schema.name``). Raises NoTable listing what there is."""
    try:
        # The drivers that are installed: see docs/decisions/0005-libraries.md.
        address = sa.make_url(url)
        drivers = {"postgresql": "postgresql+psycopg", "mysql": "mysql+pymysql", "mssql": "mssql+pymssql"}
        engine = sa.create_engine(address.set(drivername=drivers.get(address.drivername, address.drivername)))
    except (ArgumentError, NoSuchModuleError, ImportError, ValueError) as error:
        # Not quoted: it may hold a password.
        raise NotUnderstood("not an http address, a path, or a database address of a known kind") from error
    try:
        with engine.connect() as connection:
            return _sampled(connection, table)
    except SQLAlchemyError as error:
        raise Unreachable(f"the database cannot be read ({type(error).__name__})", where=address.host or "") from error
    finally:
        engine.dispose()


def _sampled(connection: sa.Connection, table: str | None) -> Sample:
    if connection.dialect.name == "postgresql":
        connection.execute(sa.text("set transaction read only"))
    known = _tables(connection)
    if table is None or table not in known:
        raise NoTable({name: len(columns) for name, columns in known.items()})
    schema, _, name = table.rpartition(".")
    chosen = sa.table(name, *(sa.column(column) for column in known[table]), schema=schema or None)
    rows = [[trees.text(value) for value in row] for row in connection.execute(sa.select(chosen).limit(MAX_ROWS))]
    args = {"url": ADDRESS, "query": _statement(connection, table, known[table])}
    return Sample(known[table], rows, "sql_query", args, ["the reading is read-only; give the source a role that may only read"])


def _tables(connection: sa.Connection) -> dict[str, list[str]]:
    """Tables and views of every schema that is not the database's own, with the names of their columns."""
    inspector, found = sa.inspect(connection), {}
    for schema in inspector.get_schema_names():
        if schema in ("information_schema", "pg_catalog", "mysql", "performance_schema", "sys"):
            continue
        prefix = "" if schema == inspector.default_schema_name else f"{schema}."
        for name in (*inspector.get_table_names(schema), *inspector.get_view_names(schema)):
            found[prefix + name] = [column["name"] for column in inspector.get_columns(name, schema)]
    return found


def _statement(connection: sa.Connection, table: str, columns: list[str]) -> str:
    quote = connection.dialect.identifier_preparer.quote
    return f"select {', '.join(map(quote, columns))} from {'.'.join(map(quote, table.split('.')))}"


def narrowed(sample: Sample, match: Match) -> Sample:
    """A query that asks for the mapped columns only: what is not asked for never leaves the database."""
    if sample.collector != "sql_query":
        return sample
    names = [column.name for column, _ in match.fields.values()] + [column.name for column in match.values]
    quoted = dict(zip(sample.columns, _quoted(sample), strict=True))
    table = str(sample.args["query"]).partition(" from ")[2]
    asked = f"select {', '.join(quoted[name] for name in dict.fromkeys(names))} from {table}"
    args: dict[str, Any] = sample.args | {"query": asked}
    return replace(sample, args=args)


def _quoted(sample: Sample) -> list[str]:
    return str(sample.args["query"]).removeprefix("select ").partition(" from ")[0].split(", ")
