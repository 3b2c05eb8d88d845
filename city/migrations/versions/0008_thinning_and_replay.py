"""States are thinned as they age: which bodies nobody shows any more, and a day of moments, come from an index."""

from alembic import op

revision = "0008"
down_revision = "0006"

_PLACE = ["region", "page", "panel", "published_at"]


def upgrade() -> None:
    """Find the states that show a body; carry number and body in the index of the moments."""
    op.create_index("panel_states_body", "panel_states", ["hash"])
    op.drop_index("panel_states_at", table_name="panel_states")
    op.create_index("panel_states_at", "panel_states", _PLACE, postgresql_include=["seq", "hash"])
