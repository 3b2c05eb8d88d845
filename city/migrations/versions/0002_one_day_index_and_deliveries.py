"""Day roll-ups keep one index; panel states are found by moment too; what each source brings is remembered."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_KEY = ["region", "kind", "day", "source", "category", "agency", "district", "channel"]


def upgrade() -> None:
    """Reorder the roll-ups' key so that it serves the range of days too; add ``delivered`` and fill it."""
    # Some databases of version 0001 have this index without what it covers.
    op.drop_index("cases_open", table_name="cases")
    covered = ["opened_at", "source", "category", "agency", "district", "channel"]
    is_open = sa.text("closed_at is null")
    op.create_index(
        "cases_open", "cases", ["region", "kind", "due_at"], postgresql_include=covered, postgresql_where=is_open
    )
    op.drop_index("case_days_day", table_name="case_days")
    op.drop_index("case_days_key", table_name="case_days")
    op.create_index("case_days_key", "case_days", _KEY, unique=True, postgresql_nulls_not_distinct=True)
    op.create_index("panel_states_at", "panel_states", ["region", "page", "panel", "published_at"])
    text, name = sa.Text(), "the kind of case, or the observed metric, it has ever brought"
    op.create_table(
        "delivered",
        sa.Column("region", text, primary_key=True),
        sa.Column("source", text, primary_key=True),
        sa.Column("sort", text, primary_key=True, comment="kind or metric"),
        sa.Column("name", text, primary_key=True, comment=name),
    )
    op.execute("insert into delivered select distinct region, source, 'kind', kind from case_days")
    op.execute("insert into delivered select distinct region, source, 'metric', metric from observations")
