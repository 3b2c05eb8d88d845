"""Screens are paired: which asked to look, which may, and which may not any more."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Add ``screens``. The web's role only reads it: what a waiting screen asks is a notice to who may write."""
    op.create_table(
        "screens",
        sa.Column("id", sa.BigInteger(), sa.Identity(), primary_key=True),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), comment="what it was called when it was approved"),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False, comment="sha-256 of the secret it keeps"),
        sa.Column("code", sa.Text(), comment="what a waiting screen shows; null = approved"),
        sa.Column("state", sa.Text(), nullable=False, comment="waiting, approved, revoked"),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False, comment="when it asked; codes live 10 min"),
        sa.Column("approved_at", sa.DateTime(timezone=True), comment="from when on it may look"),
        sa.Column("revoked_at", sa.DateTime(timezone=True), comment="from when on it may not any more"),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), comment="when it last reported, to the minute"),
    )
    op.create_index("screens_token", "screens", ["region", "token_hash"], unique=True)
    waiting, approved = sa.text("state = 'waiting'"), sa.text("state = 'approved'")
    op.create_index("screens_code", "screens", ["region", "code"], unique=True, postgresql_where=waiting)
    op.create_index("screens_name", "screens", ["region", "name"], unique=True, postgresql_where=approved)
