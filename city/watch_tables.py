"""The tables of the watch over the city: the log of its stage, and the limits that are passed now."""

from datetime import datetime

from sqlalchemy import BigInteger, Boolean, Column, Double, Identity, Index, Integer, MetaData, Table, Text

from city.columns import instant as _instant

#: What a row is about; see city/judging.py.
_WATCHED = "a limit, a group of one (limit:group), a metric of a stage's rule, or a bound of one (metric>=value)"


def add(metadata: MetaData) -> tuple[Table, Table]:
    """``stage_log``, which only grows (a trigger refuses the rest), and ``watched_metrics``."""
    return _stage_log(metadata), _watched_metrics(metadata)


def _stage_log(metadata: MetaData) -> Table:
    return Table(
        "stage_log",
        metadata,
        Column("id", BigInteger, Identity(), primary_key=True),
        Column("region", Text, nullable=False),
        _instant("at", "when it was declared, or when the rules changed their proposal"),
        Column("stage", Integer, comment="the declared stage, from 1; null = none was ever declared"),
        Column("by", Text, nullable=False, comment="who declared it; 'aturan' where the rules changed their proposal"),
        Column("reason", Text, nullable=False, comment="why, in words"),
        Column("proposed", Integer, comment="what the rules proposed at that time; null = nothing yet"),
        Index("stage_log_latest", "region", "id"),
    )


def _watched_metrics(metadata: MetaData) -> Table:
    return Table(
        "watched_metrics",
        metadata,
        Column("region", Text, primary_key=True),
        Column("metric", Text, primary_key=True, comment=_WATCHED),
        _instant("looked_at", "when it was last looked at"),
        Column("value", Double, comment="the last value that was seen, in the metric's unit"),
        _instant("seen_at", "the moment that value describes; null = never seen", nullable=True),
        Column("unseen", Boolean, nullable=False, comment="there is no value now, or its data have expired"),
        Column("simulated", Boolean, nullable=False, comment="made up by the simulation"),
        *_side("breach"),
        *_side("warn"),
    )


def _side(name: str) -> list[Column[bool] | Column[datetime]]:
    return [
        Column(f"{name}_passed", Boolean, comment="counts as passed; null = the limit has no such value"),
        _instant(f"{name}_since", "since when it is, or is not", nullable=True),
        _instant(f"{name}_turning_since", "since when the value asks to change that", nullable=True),
    ]
