"""The zone in which a region's local days were counted is remembered, so that a corrected one counts them anew."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add ``regions``; the first run of each region writes its row."""
    code = "Kemendagri code of the region, e.g. 15.71"
    zone = "the zone of its *_on and day columns; a run in another counts anew"
    op.create_table(
        "regions",
        sa.Column("region", sa.Text(), primary_key=True, comment=code),
        sa.Column("zone", sa.Text(), nullable=False, comment=zone),
    )
