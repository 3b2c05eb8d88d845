"""Where a value lies in a JSON record: JMESPath, and its text as a table would hold it.

Plain paths (``a``, ``a.b``) are looked up directly, which is what JMESPath says they mean and ten times as fast.
"""

import re
from collections.abc import Callable, Sequence
from typing import Any

import jmespath
from jmespath.exceptions import JMESPathError

from collectors import RowError
from collectors.mapping import Mapping, compiled

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*")
Find = Callable[[Any], Any]


def checked(expression: str) -> str:
    """``expression`` if it is JMESPath; ValueError says where it breaks."""
    try:
        jmespath.compile(expression)
    except JMESPathError as error:
        raise ValueError(f"'{expression}' is not JMESPath: {str(error).splitlines()[0]}") from error
    return expression


def finder(expression: str) -> Find:
    """The function that finds the value of ``expression`` in a record; None where there is none."""
    if not _PLAIN.fullmatch(expression):
        search: Find = jmespath.compile(expression).search
        return search
    first, *rest = expression.split(".")
    if not rest:
        return lambda record: record.get(first) if isinstance(record, dict) else None

    def find(record: Any) -> Any:
        for name in (first, *rest):
            if not isinstance(record, dict):
                return None
            record = record.get(name)
        return record

    return find


def picker(expressions: Sequence[str], decimal: str) -> Callable[[Any], list[str]]:
    """A record's cells: the text of each expression, numbers with ``decimal``. RowError names the expression."""
    finders = [(expression, finder(expression)) for expression in expressions]

    def pick(record: Any) -> list[str]:
        try:
            return [_text(find(record), decimal) for _, find in finders]
        except (TypeError, JMESPathError):
            return [_named(expression, find, record, decimal) for expression, find in finders]

    return pick


def record_parser(args: Mapping) -> Callable[[Any], Any]:
    """The compiled mapping of JSON records, whose ``fields`` and ``values`` are JMESPath."""
    pick, mapped = picker(args.columns, args.decimal), compiled(args)
    return lambda record: mapped(pick(record))


def check_columns(args: Mapping) -> None:
    """ValueError when a mapped column is not JMESPath."""
    for column in args.columns:
        checked(column)


def _named(expression: str, find: Find, record: Any, decimal: str) -> str:
    try:
        return _text(find(record), decimal)
    except (TypeError, JMESPathError) as error:
        raise RowError(expression, "neither text nor a number") from error


def _text(value: Any, decimal: str) -> str:
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return str(value).replace(".", decimal)
    raise TypeError(type(value).__name__)
