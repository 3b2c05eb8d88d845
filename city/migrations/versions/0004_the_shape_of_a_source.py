"""What the rows of each source look like is remembered, so that a change of it is noticed."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add ``source_shapes``; the first good run of each source writes its first row."""
    shape = "fields, their types, shares and words; see collectors/shape.py"
    op.create_table(
        "source_shapes",
        sa.Column("id", sa.BigInteger(), sa.Identity(), primary_key=True),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column(
            "seen_at", sa.DateTime(timezone=True), nullable=False, comment="when its rows were first of this shape"
        ),
        sa.Column("shape", JSONB(), nullable=False, comment=shape),
        sa.Column("changes", JSONB(), nullable=False, comment="how it differs from the shape before it"),
    )
    op.create_index("source_shapes_latest", "source_shapes", ["region", "source", "id"])
