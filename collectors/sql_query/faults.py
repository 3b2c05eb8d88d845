"""What a database driver says when it fails, as one of our errors.

A driver's text may quote a row, the query's moments or the address, so none of it is passed on: only the
server's code, and the name of a column or table that the query itself mentions.
"""

import re
from contextlib import suppress
from difflib import get_close_matches
from typing import Any

import sqlalchemy as sa

from city.model import ChangedShape, NotUnderstood, Refused, SourceError, Unreachable

#: make -> meaning -> codes (SQLSTATE of PostgreSQL, numbers of the others); a shorter code means its whole class.
_CODES: dict[str, dict[str, tuple[str, ...]]] = {
    "postgresql": {
        "login": ("28", "3D"), "right": ("42501",), "slow": ("57014",), "column": ("42703",), "write": ("25006",),
        "table": ("42P01", "3F000"), "value": ("22",), "away": ("08", "53", "57P", "58", "40001"),
    },
    "mysql": {
        "login": ("1044", "1045", "1049", "1130", "1698", "1251", "2059"), "right": ("1142", "1143", "1227", "1370"),
        "slow": ("1969", "3024"), "column": ("1054",), "table": ("1146", "1356"), "write": ("1792", "1290"),
        "value": ("1292", "1365", "1690"),
        "away": ("1040", "1053", "1129", "1203", "1317", "1927", "2002", "2003", "2005", "2006", "2013", "2055"),
    },
    "mssql": {
        "login": ("18456", "18452", "4060"), "right": ("229", "230"), "slow": ("20003",), "column": ("207",),
        "table": ("208",), "value": ("241", "242", "245", "8115"),
        "away": ("20002", "20006", "20009", "20017", "20047"),
    },
}  # fmt: skip
#: PostgreSQL gives no code while connecting. It was there, but busy:
_BUSY = re.compile(r"too many|remaining connection slots|starting up|shutting down|recovery mode")
_LATE = re.compile(r"timed? ?out|timeout expired", re.I)
_SYSTEM = "('information_schema', 'pg_catalog', 'mysql', 'sys', 'performance_schema', 'INFORMATION_SCHEMA')"


def code_of(error: sa.exc.DBAPIError) -> str:
    """The server's code of an error, empty when it has none."""
    first = error.orig.args[0] if error.orig is not None and error.orig.args else None
    first = first[0] if isinstance(first, tuple) and first else first  # pymssql wraps them once more
    return str(first) if isinstance(first, int) else str(getattr(error.orig, "sqlstate", None) or "")


def _text(error: sa.exc.DBAPIError) -> str:
    """The driver's own text, to look for words in; never to show."""
    parts: Any = error.orig.args if error.orig is not None else ()
    parts = parts[0] if parts and isinstance(parts[0], tuple) else parts
    return " ".join(part.decode("utf-8", "replace") if isinstance(part, bytes) else str(part) for part in parts)


def _meaning(error: sa.exc.DBAPIError, make: str) -> str:
    code = code_of(error)
    if not code:  # the driver's own complaint, such as an infinite date
        return "value" if isinstance(error, sa.exc.DataError) else ""
    return next((name for name, codes in _CODES.get(make, {}).items() if _among(code, codes, make)), "")


def _among(code: str, codes: tuple[str, ...], make: str) -> bool:
    return code.startswith(codes) if make == "postgresql" else code in codes


def _make(error: sa.exc.DBAPIError) -> str:
    driver = type(error.orig).__module__.partition(".")[0]
    return {"psycopg": "postgresql", "pymysql": "mysql", "pymssql": "mssql"}.get(driver, "")


def of_connecting(error: sa.exc.DBAPIError, where: str) -> SourceError:
    """The error of a connection that did not come about."""
    text, meaning = _text(error), _meaning(error, _make(error))
    if meaning == "login" or ("FATAL" in text and not _BUSY.search(text)):
        return Refused("the server refused the user, the password or the database", where=where)
    if _LATE.search(text):
        return Unreachable("no answer in time", where=where)
    if _BUSY.search(text):
        return Unreachable("the server takes no more connections now", where=where)
    if "invalid response" in text or not (meaning or _make(error) == "postgresql"):
        return NotUnderstood("what answers there is not this make of database", where=where)
    return Unreachable("no connection", where=where)


def of_asking(
    error: sa.exc.DBAPIError, where: str, query: str, timeout_s: float, connection: sa.Connection
) -> SourceError:
    """The error of a question that was asked, or of the rows that came; looks up the nearest name there is."""
    meaning, code = _meaning(error, connection.dialect.name), code_of(error)
    if meaning in ("column", "table"):
        return ChangedShape(_no_such(error, meaning, query, connection), where=where, next_step="correct the `query`")
    if meaning == "slow" or (meaning == "away" and _LATE.search(_text(error))):
        step = "an index on what the query compares with :since, a shorter `history`, or a longer `timeout`"
        return Unreachable(f"the query took longer than {timeout_s:g} s", where=where, next_step=step)
    if meaning == "away" or error.connection_invalidated or not (meaning or code):
        return Unreachable("the connection broke off", where=where)
    what, step = _SAID.get(meaning, _SAID[""])
    kind = NotUnderstood if meaning == "value" else Refused
    return kind(what + (f" (code {code})" if code else ""), where=where, next_step=step)


_SAID = {
    "login": ("the server refused the user", "check the credentials, then ask the system's owner"),
    "right": ("the account may not read what the query asks for", "ask the system's owner for the right to SELECT it"),
    "write": ("the query writes, and may only read", "leave out the function or statement that writes"),
    "value": ("a value cannot be read or computed", "test the query's casts and sums in the database's own console"),
    "": ("the server does not accept the query", "try it in the database's own console"),
}


def _no_such(error: sa.exc.DBAPIError, what: str, query: str, connection: sa.Connection) -> str:
    name, known = _named(_text(error)), list[str]()
    with suppress(sa.exc.SQLAlchemyError):  # the hint is a courtesy: its own failure must not hide the error
        connection.rollback()
        rows = connection.exec_driver_sql(
            f"select table_name, column_name from information_schema.columns where table_schema not in {_SYSTEM}"
        ).all()
        words = set(re.findall(r"\w+", query.lower()))
        known = [row[0] for row in rows] if what == "table" else [row[1] for row in rows if row[0].lower() in words]
    close = get_close_matches(name.rpartition(".")[2], sorted(set(known)), 1, 0.5)
    return f"there is no {what} '{name}'" + (f"; nearest: '{close[0]}'" if close else "")


def _named(text: str) -> str:
    """The name in a server's complaint: in quotes, with a dot, or as its second word."""
    first = text.splitlines()[0] if text else ""
    quoted = re.search(r"['\"«„`]([\w.$ ]+)['\"»“`]", first)
    if quoted:
        return quoted[1]
    dotted = re.search(r"\w+\.\w+", first)
    return dotted[0] if dotted else (first.split() + ["", ""])[1]
