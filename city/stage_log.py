"""The stage of the city: the rules propose, a person declares with a reason, the log keeps both.

Keeps   ``stage_log``, to which rows are only ever added; the database itself refuses to change one.
Says    that something was added on the channel ``kendali_stage``, so that the walls show it at once.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from city.database import notify

CHANNEL = "kendali_stage"
#: Who stands in the log where the rules changed their proposal; no person may go by it.
RULES = "aturan"
Run = Callable[[str, Mapping[str, Any]], list[dict[str, Any]]]


@dataclass(frozen=True, kw_only=True)
class Standing:
    """The declared stage, since when, by whom and why (None = never declared), and what the rules propose now."""

    stage: int | None = None
    since: datetime | None = None
    by: str | None = None
    reason: str | None = None
    proposed: int | None = None
    proposed_at: datetime | None = None
    proposed_because: str | None = None


def standing(run: Run, region: str) -> Standing:
    """What holds now."""
    declared = run(_DECLARED, {"region": region, "rules": RULES})
    proposed = run(_PROPOSED, {"region": region, "rules": RULES})
    return Standing(**{name: value for row in (*declared, *proposed) for name, value in row.items()})


def log(run: Run, region: str, limit: int) -> list[dict[str, Any]]:
    """The last entries, newest first: ``at, stage, by, reason, proposed``."""
    return run(_LOG, {"region": region, "limit": limit})


def declare(connection: Connection, region: str, stage: int, *, by: str, reason: str, at: datetime) -> None:
    """A person declares ``stage`` (in the running transaction). ValueError without a name or a reason."""
    by, reason = " ".join(by.split()), " ".join(reason.split())
    if not by or by.casefold() == RULES:
        raise ValueError(f"a stage is declared by a person: say who ('{RULES}' are the rules)")
    if not reason:
        raise ValueError("a stage is declared with a reason")
    connection.execute(
        sa.text(_DECLARE), {"region": region, "stage": stage, "by": by, "reason": reason, "at": at, "rules": RULES}
    )
    notify(connection, CHANNEL, {"region": region})


def propose(connection: Connection, region: str, stage: int, *, because: str, at: datetime) -> None:
    """The rules propose another stage than before (in the running transaction)."""
    connection.execute(
        sa.text(_PROPOSE), {"region": region, "proposed": stage, "because": because, "at": at, "rules": RULES}
    )
    notify(connection, CHANNEL, {"region": region})


_LAST = "select {} from stage_log where region = :region and by {} :rules order by id desc limit 1"
# A stage that is declared again, with another reason, goes on since it was first declared.
_DECLARED = f"""
with last as ({_LAST.format("stage, by, reason", "<>")})
select last.*, (
    select min(at) from stage_log l where l.region = :region and l.by <> :rules and l.id > coalesce((
        select max(o.id) from stage_log o where o.region = :region and o.by <> :rules and o.stage <> last.stage), 0)
) as since
from last
"""
_PROPOSED = _LAST.format("proposed, at as proposed_at, reason as proposed_because", "=")
_LOG = "select at, stage, by, reason, proposed from stage_log where region = :region order by id desc limit :limit"
_DECLARE = f"""
insert into stage_log (region, at, stage, by, reason, proposed)
values (:region, :at, :stage, :by, :reason, ({_LAST.format("proposed", "=")}))
"""
_PROPOSE = f"""
insert into stage_log (region, at, stage, by, reason, proposed)
values (:region, :at, ({_LAST.format("stage", "<>")}), :rules, :because, :proposed)
"""
