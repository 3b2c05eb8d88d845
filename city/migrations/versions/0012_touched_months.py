"""Months that a run changed, for mirrors to follow."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Add ``mirror_touched``."""
    op.create_table(
        "mirror_touched",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column("region", sa.Text, nullable=False),
        sa.Column("sort", sa.Text, nullable=False, comment="cases, case_events or observations"),
        sa.Column("month", sa.Date, nullable=False, comment="first day of a month of UTC in which a row changed"),
        sa.Column(
            "xid",
            sa.BigInteger,
            nullable=False,
            comment="the transaction that changed it; a mirror has seen it or not",
        ),
        sa.Column(
            "touched_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="when; marks older than two weeks are dropped",
        ),
    )
    op.create_index("mirror_touched_xid", "mirror_touched", ["region", "xid"])
    op.create_index("mirror_touched_at", "mirror_touched", ["touched_at"])
