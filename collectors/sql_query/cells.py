"""Typed values of a database row as the texts that a table would hold. Exact: nothing goes through a float."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from collectors import RowError

_Text = Callable[[Any], str]


def texts(columns: Sequence[str], decimal: str) -> Callable[[Sequence[Any]], list[str]]:
    """The function from a row's values to its cells. RowError names the column that holds neither text nor number.

    Real numbers get ``decimal``, so that the mapping reads them as it reads the texts beside them. A time
    without a zone stays without; bytes are UTF-8 text or nothing we know.
    """
    known: dict[type, _Text] = {
        str: str, type(None): lambda _: "", bool: lambda value: "true" if value else "false", int: str,
        float: lambda value: str(value).replace(".", decimal),
        Decimal: lambda value: f"{value:f}".replace(".", decimal),
        datetime: lambda value: str(value.isoformat(" ")), date: lambda value: str(value.isoformat()),
        bytes: lambda value: str(value, "utf-8"), UUID: str,
    }  # fmt: skip

    def read(row: Sequence[Any]) -> list[str]:
        return [_cell(known, column, value) for column, value in zip(columns, row, strict=True)]

    return read


def _cell(known: dict[type, _Text], column: str, value: Any) -> str:
    # The nearest class that is known: drivers have datetimes and bytes of their own.
    write = known.get(type(value)) or next((known[kind] for kind in type(value).__mro__ if kind in known), None)
    try:
        if write is not None:
            return write(value)
    except UnicodeDecodeError as error:
        raise RowError(column, "bytes that are no text; use HEX() or a CAST in the query") from error
    raise RowError(column, "neither text, number nor time; use a CAST in the query")
