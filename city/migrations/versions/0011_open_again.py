"""Open cases that were closed before, and what else is watched beside metrics."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

FILL = """
insert into open_again (region, source, key)
select c.region, c.source, c.key from cases c
where c.closed_at is null and exists (select from case_events e where e.region = c.region and e.source = c.source
    and e.key = c.key and e.stage in ('done', 'rejected'))
"""
WATCHED = "a limit, a group of one (limit:group), a metric of a stage's rule, or a bound of one (metric>=value)"


def upgrade() -> None:
    """Add ``open_again`` and fill it from what is known."""
    op.create_table(
        "open_again",
        sa.Column("region", sa.Text, primary_key=True),
        sa.Column("source", sa.Text, primary_key=True),
        sa.Column("key", sa.Text, primary_key=True, comment="of a case that is open and was closed before"),
    )
    op.execute(FILL)
    op.alter_column("watched_metrics", "metric", comment=WATCHED)
