"""The agency that has only paper: a form page per declared table (metric x agency x date), or its XLSX template.

Reads   nothing: the page `/manual/<source>` hands what was entered to the intake (collectors/intake.py).
Yields  one observation per filled cell, at the local beginning of its day or month.
Limits  an empty cell is no observation, and leaves a value that stands as it is; a value cannot be taken back,
        only corrected.
"""

from collections.abc import Mapping
from math import isfinite
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from city.forms import Column, Form, FormArgs
from city.model import Observation
from city.received import Cell
from collectors import RowError, cells, figures, records

#: Nobody asks such a source; its data are as old as its last entry.
POLLED = False
INSTEAD = "it is filled in by hand, on the page /manual/<source>"
Args = FormArgs


class Unfit(RowError):
    """A value that cannot be: ``code`` says why for the page, ``limit`` what it passes."""

    def __init__(self, field: str, problem: str, code: str, limit: float | None = None) -> None:
        super().__init__(field, problem)
        self.code, self.limit = code, limit


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """What is wrong with one cell. ``confirm``: unusual only, it is saved once somebody says that it is right."""

    row: str
    metric: str
    code: str
    problem: str
    limit: float | None = None
    confirm: bool = False


def number(metric: str, raw: Any, args: FormArgs) -> float | None:
    """The value of a cell; None when it is empty: missing is not zero. Unfit when it cannot be."""
    column = args.metrics.get(metric)
    if column is None:
        raise Unfit(metric, "not a column of this table", "unknown_metric")
    if raw is None or (isinstance(raw, str) and not raw.strip()):
        return None
    value = _read(metric, raw, args)
    if column.min is not None and value < column.min:
        raise Unfit(metric, f"below {column.min:g}", "below_min", column.min)
    if column.max is not None and value > column.max:
        raise Unfit(metric, f"above {column.max:g}", "above_max", column.max)
    if isinstance(raw, str) and figures.like_a_persons(raw):
        raise Unfit(metric, "begins with a zero or +62: a person's number?", "person")
    large = frozenset({metric} if column.max is not None or figures.is_money(metric, column.unit) else ())
    if doubt := figures.refusal(metric, value, large):
        raise Unfit(metric, doubt, "person")
    return value


def _read(metric: str, raw: Any, args: FormArgs) -> float:
    try:
        if isinstance(raw, bool) or not isinstance(raw, int | float | str):
            raise ValueError
        value = cells.number(raw.strip(), args.decimal) if isinstance(raw, str) else float(raw)
        if not isfinite(value):
            raise ValueError
    except (ValueError, OverflowError):
        raise Unfit(metric, "not a number", "not_a_number") from None
    return value


def check(
    form: Form, values: Mapping[str, Mapping[str, Any]], last: Mapping[Cell, list[float]], confirmed: set[Cell]
) -> list[Problem]:
    """Everything that keeps ``values`` (row -> metric -> value) from being saved, in their order."""
    known = {code for code, _ in form.rows}
    found = []
    for row, entered in values.items():
        for metric, raw in entered.items():
            try:
                if row not in known:
                    raise Unfit(metric, "not a row of this table", "unknown_row")
                value = number(metric, raw, form.args)
            except Unfit as error:
                what = str(error).partition(": ")[2]
                found.append(Problem(row=row, metric=metric, code=error.code, problem=what, limit=error.limit))
                continue
            usual = _left(form.metrics[metric], value, last.get((row, metric), []))
            if usual is not None and (row, metric) not in confirmed:
                what = f"far from the last values (the nearest is {usual:g}): confirm that it is right"
                found.append(
                    Problem(row=row, metric=metric, code="jump", problem=what, limit=usual, confirm=True)
                )  # fmt: skip
    return found


def _left(column: Column, value: float | None, last: list[float]) -> float | None:
    """The nearest of the last values when ``value`` is unusually far from it."""
    if value is None or not last:
        return None
    nearest = min(last, key=lambda known: abs(known - value))
    return nearest if abs(value - nearest) > column.jump_ratio * abs(nearest) else None


def parse(row: dict[str, Any], args: FormArgs) -> list[Observation]:
    """The filled cells of one row: ``{"at": ISO instant, "row": code, "values": {metric: value}}``."""
    values = row.get("values")
    if not isinstance(values, dict):
        raise RowError("values", "missing")
    at, place = records.needed_time(row, "at", ZoneInfo(args.zone)), records.needed_text(row, "row")
    dimension: dict[str, Any] = {args.by: place}
    read = {metric: number(metric, raw, args) for metric, raw in values.items()}
    return [
        Observation(metric=metric, at=at, value=value, **dimension)
        for metric, value in read.items()
        if value is not None
    ]
