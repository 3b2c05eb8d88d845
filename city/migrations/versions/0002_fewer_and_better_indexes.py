"""Day roll-ups keep one index instead of two; panel states are found by moment as well as by sequence."""

from alembic import op

revision = "0002"
down_revision = "0001"

_KEY = ["region", "kind", "day", "source", "category", "agency", "district", "channel"]


def upgrade() -> None:
    """Reorder the roll-ups' key so that it serves the range of days too."""
    op.drop_index("case_days_day", table_name="case_days")
    op.drop_index("case_days_key", table_name="case_days")
    op.create_index("case_days_key", "case_days", _KEY, unique=True, postgresql_nulls_not_distinct=True)
    op.create_index("panel_states_at", "panel_states", ["region", "page", "panel", "published_at"])
