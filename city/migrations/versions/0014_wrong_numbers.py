"""Numbers that somebody has reported as wrong."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Add ``wrong_numbers``. The web's role only reads it: a report is a notice to who may write."""
    op.create_table(
        "wrong_numbers",
        sa.Column("id", sa.BigInteger(), sa.Identity(), primary_key=True),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("token", sa.Text(), nullable=False, comment="by which the page finds out that it was taken"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, comment="when it was reported"),
        sa.Column("metric", sa.Text(), nullable=False),
        sa.Column("state", JSONB(), nullable=False, comment="what was shown: query, page, value, n, as_of, version"),
        sa.Column("words", sa.Text(), nullable=False,
                  comment="of the reporter, without numbers or addresses of persons"),
        sa.Column("closed_at", sa.DateTime(timezone=True), comment="when it was answered; null = it waits"),
        sa.Column("answer", sa.Text(), comment="what was found"),
    )  # fmt: skip
    op.create_index("wrong_numbers_token", "wrong_numbers", ["region", "token"], unique=True)
    op.create_index("wrong_numbers_latest", "wrong_numbers", ["region", "id"])
