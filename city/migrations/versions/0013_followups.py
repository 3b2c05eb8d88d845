"""What offices promise for the goals of the scorecard, until it is closed."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

# The owner of the tables writes, so a right that is not granted would not hold it: the table itself refuses.
REFUSE = """
create function followups_are_closed_once() returns trigger language plpgsql as $$
begin
    if tg_op = 'UPDATE' then
        if old.closed_at is null and new.closed_at is not null
            and (old.id, old.region, old.goal, old.what, old.owner, old.due, old.entered_by, old.entered_at)
                is not distinct from
                (new.id, new.region, new.goal, new.what, new.owner, new.due, new.entered_by, new.entered_at) then
            return new;
        end if;
    end if;
    raise exception 'followups are added and closed once: % refused', tg_op using errcode = 'insufficient_privilege';
end $$;
create trigger followups_are_closed_once before update or delete on followups
    for each row execute function followups_are_closed_once();
create trigger followups_are_not_emptied before truncate on followups
    for each statement execute function followups_are_closed_once();
"""


def upgrade() -> None:
    """Add the table, whose rows are added and closed once."""
    op.create_table(
        "followups",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column("region", sa.Text, nullable=False),
        sa.Column(
            "goal", sa.Text, nullable=False, comment="the goal of the scorecard: its metric, and ?dimension=value"
        ),
        sa.Column("what", sa.Text, nullable=False, comment="what is to be done"),
        sa.Column("owner", sa.Text, nullable=False, comment="the agency or office that does it, never a person"),
        sa.Column("due", sa.Date, nullable=False, comment="the local day by whose end it is done"),
        sa.Column("entered_by", sa.Text, nullable=False, comment="the office that entered it"),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False, comment="when it was entered"),
        sa.Column("closed_by", sa.Text, comment="the office that closed it; null = open"),
        sa.Column("closed_at", sa.DateTime(timezone=True), comment="when it was closed"),
        sa.Column("note", sa.Text, comment="what came of it"),
    )
    op.create_index("followups_of_region", "followups", ["region", "id"])
    op.execute(REFUSE)
