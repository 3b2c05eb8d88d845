"""What is sent to the intake is taken once: a delivery's key belongs to one good run."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add the index that finds a delivery by its key and refuses a second one."""
    key = sa.text("(notes #>> '{delivery,key}')")
    good = sa.text("ok and (notes #>> '{delivery,key}') is not null")
    op.create_index("runs_delivery", "runs", ["region", "source", key], unique=True, postgresql_where=good)
