"""The runs of each source are counted by local day, so that a month of punctuality is thirty rows."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_COUNTS = {
    "runs": "runs that began on that day",
    "ok": "of those, the good ones",
    "fetched": "rows the source gave",
    "saved": "rows that were new",
    "revised": "rows that changed a known one",
    "rejected": "rows that did not parse",
}


def upgrade() -> None:
    """Add ``run_days`` and fill its counts from the runs there are; how long data were fresh is not known of those."""
    op.create_table(
        "run_days",
        sa.Column("region", sa.Text(), primary_key=True),
        sa.Column("source", sa.Text(), primary_key=True),
        sa.Column("day", sa.Date(), primary_key=True, comment="local day"),
        *(sa.Column(name, sa.BigInteger(), nullable=False, comment=text) for name, text in _COUNTS.items()),
        sa.Column("fresh_s", sa.Double(), nullable=False, comment="seconds of that day in which the data were fresh"),
    )
    # Which zone a region's days are counted in is known from its first run under version 0003 on.
    op.execute(
        """insert into run_days
        select r.region, r.source, (r.started_at at time zone coalesce(z.zone, 'UTC'))::date, count(*),
            count(*) filter (where ok), sum(fetched), sum(saved), sum(revised), sum(rejected), 0
        from runs r left join regions z on z.region = r.region group by 1, 2, 3"""
    )
