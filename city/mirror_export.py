"""One month of one table from PostgreSQL into one Parquet file, and the checksum that both engines can take of it.

PostgreSQL writes CSV, DuckDB reads it and writes Parquet sorted by time: memory is bounded on both sides, and no text
is parsed in Python. Months are those of UTC.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeAlias

import duckdb
import sqlalchemy as sa
from psycopg import sql
from sqlalchemy.engine import Connection

from city import folding, mirror, mirror_rows, tables
from city.mirror import Manifest, Piece

Duck: TypeAlias = duckdb.DuckDBPyConnection
#: What a column is in DuckDB.
_TYPES = {sa.Text: "varchar", sa.DateTime: "timestamptz", sa.Date: "date", sa.Double: "double", sa.Boolean: "boolean"}
_MEMORY, _THREADS, _ROW_GROUP = "512MB", 2, 100_000


@dataclass(frozen=True)
class Shape:
    """A mirrored table: the instant that says its month, and the column before it in the index that finds a month."""

    table: sa.Table
    at: str
    lead: str
    #: Columns that the table does not have -> their type: from PostgreSQL, and from the events.
    made: Mapping[str, str] = field(default_factory=dict)
    told: Mapping[str, str] = field(default_factory=dict)

    @property
    def columns(self) -> dict[str, str]:
        """Column of the table, or made of it -> its type in DuckDB."""
        return {column.name: _TYPES[type(column.type)] for column in self.table.columns} | dict(self.made)


#: How PostgreSQL makes a column that the table does not have.
_MADE = {f"{state}_on": text for state, text in folding.BEGINS.items()}
#: Events before the cases, which are written with what their events tell.
SHAPES = {
    "case_events": Shape(tables.case_events, "at", "stage"),
    "cases": Shape(tables.cases, "opened_at", "kind", dict.fromkeys(_MADE, "date"), mirror_rows.TOLD),
    "observations": Shape(tables.observations, "at", "metric"),
}


def engine(folder: Path, memory: str = _MEMORY, threads: int = _THREADS) -> Duck:
    """A DuckDB that sees ``folder`` and nothing else: no network, no extension, no other file. Its clock is UTC."""
    spill = folder / "spill"
    spill.mkdir(parents=True, exist_ok=True)
    made = duckdb.connect(config={"memory_limit": memory, "threads": threads, "temp_directory": str(spill)})
    made.execute(
        "set TimeZone = 'UTC'; set autoinstall_known_extensions = false; set autoload_known_extensions = false"
    )
    made.execute(f"set allowed_directories = [{_quoted(str(folder))}]; set enable_external_access = false")
    return made


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


#: The values of the first column after the region, by leaps over the index: a table of years is not read for them.
_LEADS = """with recursive known(one) as (
    (select min({lead}) from {table} where region = :region)
    union all select (select min({lead}) from {table} where region = :region and {lead} > one) from known
    where one is not null) select one from known where one is not null"""
_ENDS = "select min({at}), max({at}) from {table} where region = :region and {lead} = :one"


def leads(connection: Connection, region: str, name: str) -> list[str]:
    """The kinds of cases, stages of events or metrics of observations that there are."""
    shape = SHAPES[name]
    text = _LEADS.format(lead=shape.lead, table=name)
    return [one for (one,) in connection.execute(sa.text(text), {"region": region})]


def months(connection: Connection, region: str, name: str) -> list[str]:
    """Every month, as 2026-11, from the first row to the last; some may be empty."""
    shape, found = SHAPES[name], set[str]()
    text = sa.text(_ENDS.format(at=shape.at, table=name, lead=shape.lead))
    for one in leads(connection, region, name):
        first, last = connection.execute(text, {"region": region, "one": one}).one()
        month = f"{first.astimezone(UTC):%Y-%m}"
        while month <= f"{last.astimezone(UTC):%Y-%m}":
            found.add(month)
            month = _after(month)
    return sorted(found)


def _start(month: str) -> datetime:
    return datetime.strptime(month, "%Y-%m").replace(tzinfo=UTC)


def _after(month: str) -> str:
    return f"{_start(month) + timedelta(days=32):%Y-%m}"


def export(connection: Connection, duck: Duck, folder: Path, region: str, name: str, month: str,
           zone: str, known: list[str], events: list[str]) -> Piece | None:  # fmt: skip
    """Write the rows of one month, as the transaction of ``connection`` sees them; None when there are none.

    ``zone``: of the region, for its local days. ``known``: what :func:`leads` found.
    ``events``: the files of all events, as that transaction sees them.
    """
    shape = SHAPES[name]
    target = folder / f"{name}-{month}-{secrets.token_hex(6)}.parquet"
    text, part = target.with_suffix(".csv"), target.with_suffix(".part")
    try:
        rows = _copy(connection, shape, region, month, zone, known, text)
        if not rows:
            return None
        facts = _csv(shape, text)
        if shape.told:
            facts = mirror_rows.with_events(facts, read(SHAPES["case_events"], events, folder))
        duck.execute(f"""copy (select * from ({facts}) order by {shape.lead}, "{shape.at}")
            to {_quoted(str(part))} (format parquet, compression zstd, row_group_size {_ROW_GROUP})""")
        found, checksum = totals(duck, name, part)
        if found != rows:
            raise RuntimeError(f"{name} {month}: {rows} rows became {found}; nothing was changed")
        mirror.sync(part)
        part.rename(target)
        return Piece(target.name, rows, target.stat().st_size, checksum)
    finally:
        text.unlink(missing_ok=True)
        part.unlink(missing_ok=True)


def read(shape: Shape, files: list[str], folder: Path) -> str:
    """The select of all rows of ``files`` in ``folder``; of no files, no rows."""
    if files:
        return f"select * from read_parquet({[str(folder / name) for name in files]})"
    columns = {**shape.columns, **shape.told}.items()
    return "select " + ", ".join(f'cast(null as {sort}) as "{name}"' for name, sort in columns) + " where false"


def _csv(shape: Shape, path: Path) -> str:
    columns = ", ".join(f"{_quoted(column)}: {_quoted(sort)}" for column, sort in shape.columns.items())
    return f"""select * from read_csv({_quoted(str(path))}, header = true, auto_detect = false,
        delim = ',', quote = '"', escape = '"', nullstr = '\\N', allow_quoted_nulls = false, new_line = '\\n',
        columns = {{{columns}}})"""


def told(duck: Duck, folder: Path, known: Manifest, name: str, month: str) -> bool:
    """Whether every case of a month says what the events of the mirror tell of it; true of other tables."""
    if not SHAPES[name].told:
        return True
    kept, events = read(SHAPES[name], [known.pieces[name][month].file], folder), known.files("case_events")
    facts = f"select * exclude ({', '.join(mirror_rows.TOLD)}) from ({kept})"
    anew = mirror_rows.with_events(facts, read(SHAPES["case_events"], events, folder))
    found = duck.execute(f"select count(*) from (({anew}) except all ({kept}))").fetchone()
    return found == (0,)


def _copy(connection: Connection, shape: Shape, region: str, month: str, zone: str,
          known: list[str], path: Path) -> int:  # fmt: skip
    statement = sql.SQL(
        "copy (select {columns} from {table} where region = {region} and {lead} = any({known}) and {at} >= {start} "
        "and {at} < {end}) to stdout (format csv, header, null '\\N')"
    ).format(
        columns=sql.SQL(", ").join(
            sql.SQL(_MADE[name].replace(":zone", "{zone}")).format(zone=sql.Literal(zone))
            if name in shape.made else sql.Identifier(name) for name in shape.columns
        ), table=sql.Identifier(shape.table.name),
        region=sql.Literal(region), lead=sql.Identifier(shape.lead), known=sql.Literal(known),
        at=sql.Identifier(shape.at), start=sql.Literal(_start(month)), end=sql.Literal(_start(_after(month))),
    )  # fmt: skip
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor, path.open("wb") as file:
        with cursor.copy(statement) as copy:
            for block in copy:
                file.write(block)
        return int(cursor.rowcount)


#: How each engine writes an instant, and the number in the first 15 hexadecimal digits of a text.
_POSTGRES = ("(extract(epoch from {})*1000000)::bigint", "('x' || {})::bit(60)::bigint::numeric", _MADE)
_DUCKDB = ("epoch_us({})", "('0x' || {})::bigint::hugeint", dict[str, str]())


def _totals(name: str, instant: str, number: str, made: Mapping[str, str]) -> str:
    parts = []
    for column, sort in SHAPES[name].columns.items():
        # DuckDB takes "at" for a word of its own
        column = made.get(column, f'"{column}"')
        shown = instant.format(column) if sort == "timestamptz" else column
        if sort == "double":  # engines write fractions differently: to a millionth, as a whole number
            shown = f"(case when abs({column}) < 1e12 then floor({column} * 1e6)::bigint else 0 end)"
        parts.append(f"coalesce({shown}::text, '~')")
    row = f"substr(md5(concat_ws('|', {', '.join(parts)})), 1, 15)"
    return f"count(*), coalesce(sum({number.format(row)}), 0)::text"


def totals(duck: Duck, name: str, path: Path) -> tuple[int, str]:
    """Rows of a file and their checksum."""
    found = duck.execute(f"select {_totals(name, *_DUCKDB)} from read_parquet({_quoted(str(path))})").fetchone()
    assert found
    return int(found[0]), str(found[1])


def totals_of_postgres(connection: Connection, region: str, name: str, zone: str) -> dict[str, tuple[int, str]]:
    """Month -> rows and checksum, as :func:`totals`, of what PostgreSQL has; reads the whole table."""
    place = {"region": region} | ({"zone": zone} if SHAPES[name].made else {})
    month = f"to_char({SHAPES[name].at} at time zone 'UTC', 'YYYY-MM')"
    text = f"select {month}, {_totals(name, *_POSTGRES)} from {name} where region = :region group by 1"
    return {month: (rows, checksum) for month, rows, checksum in connection.execute(sa.text(text), place)}
