"""The stage of the city with its log, and the limits that are passed now."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

# The owner writes the log, so a right that is not granted would not hold it: the table itself refuses.
REFUSE = """
create function stage_log_only_grows() returns trigger language plpgsql as $$
begin
    raise exception 'stage_log only grows: % refused', tg_op using errcode = 'insufficient_privilege';
end $$;
create trigger stage_log_only_grows before update or delete or truncate on stage_log
    for each statement execute function stage_log_only_grows();
"""


def upgrade() -> None:
    """Add the log of the stages, which only grows, and one row per watched metric."""
    op.create_table(
        "stage_log",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column("region", sa.Text, nullable=False),
        _instant("at", "when it was declared, or when the rules changed their proposal", nullable=False),
        sa.Column("stage", sa.Integer, comment="the declared stage, from 1; null = none was ever declared"),
        sa.Column(
            "by", sa.Text, nullable=False, comment="who declared it; 'aturan' where the rules changed their proposal"
        ),
        sa.Column("reason", sa.Text, nullable=False, comment="why, in words"),
        sa.Column("proposed", sa.Integer, comment="what the rules proposed at that time; null = nothing yet"),
    )
    op.create_index("stage_log_latest", "stage_log", ["region", "id"])
    op.execute(REFUSE)
    op.create_table(
        "watched_metrics",
        sa.Column("region", sa.Text, primary_key=True),
        sa.Column("metric", sa.Text, primary_key=True, comment="a metric with a limit, or in a criterion of a stage"),
        _instant("looked_at", "when it was last looked at", nullable=False),
        sa.Column("value", sa.Double, comment="the last value that was seen, in the metric's unit"),
        _instant("seen_at", "the moment that value describes; null = never seen"),
        sa.Column("unseen", sa.Boolean, nullable=False, comment="there is no value now, or its data have expired"),
        sa.Column("simulated", sa.Boolean, nullable=False, comment="made up by the simulation"),
        *_side("breach"),
        *_side("warn"),
    )


def _instant(name: str, comment: str, *, nullable: bool = True) -> sa.Column[datetime]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable, comment=comment)


def _side(name: str) -> list[sa.Column[Any]]:
    return [
        sa.Column(f"{name}_passed", sa.Boolean, comment="counts as passed; null = the limit has no such value"),
        _instant(f"{name}_since", "since when it is, or is not"),
        _instant(f"{name}_turning_since", "since when the value asks to change that"),
    ]
