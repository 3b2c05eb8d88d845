"""Follow-ups (*tindak lanjut*): what an office promises for a goal of the scorecard, until it is closed.

Keeps   ``followups``: rows are added, and closed once; the database itself refuses any other change, so that who
        promised what, entered when and by whom, stays as it was.
Limits  ``owner`` and ``entered_by`` are offices, not people; a text with a number of nine digits is refused.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy import BigInteger, Column, Date, DateTime, Identity, Index, MetaData, Table, Text
from sqlalchemy.engine import Connection

from city.yaml_lines import nearest

#: What a text may be long at most.
MOST = {"what": 300, "owner": 80, "entered_by": 80, "note": 300}
_MISSING = {
    "what": "say what is to be done", "owner": "say which office does it", "entered_by": "say which office enters it",
    "note": "say in a note what came of it",
}  # fmt: skip
#: A telephone number or a NIK, however it is grouped: nobody's belongs here.
_NUMBER = re.compile(r"(?:\d[\s.-]?){9,}")
Run = Callable[[str, Mapping[str, Any]], list[dict[str, Any]]]


class Unfit(ValueError):
    """What was entered cannot be kept: the ``field`` and the problem."""

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(f"{field}: {problem}")
        self.field, self.problem = field, problem


class FollowUp(msgspec.Struct, frozen=True, kw_only=True):
    """One promise. ``goal`` is :attr:`city.goals.Goal.name`; ``due`` a local day, in time up to its end."""

    id: int
    goal: str
    what: str
    owner: str
    due: date
    entered_by: str
    entered_at: datetime
    closed_by: str | None = None
    closed_at: datetime | None = None
    note: str | None = None

    def late(self, today: date) -> bool:
        """Whether it is open after the day it was promised for."""
        return self.closed_at is None and self.due < today


def add_to(metadata: MetaData) -> Table:
    """The table."""
    return Table(
        "followups", metadata,
        Column("id", BigInteger, Identity(), primary_key=True),
        Column("region", Text, nullable=False),
        Column("goal", Text, nullable=False, comment="the goal of the scorecard: its metric, and ?dimension=value"),
        Column("what", Text, nullable=False, comment="what is to be done"),
        Column("owner", Text, nullable=False, comment="the agency or office that does it, never a person"),
        Column("due", Date, nullable=False, comment="the local day by whose end it is done"),
        Column("entered_by", Text, nullable=False, comment="the office that entered it"),
        Column("entered_at", DateTime(timezone=True), nullable=False, comment="when it was entered"),
        Column("closed_by", Text, comment="the office that closed it; null = open"),
        Column("closed_at", DateTime(timezone=True), comment="when it was closed"),
        Column("note", Text, comment="what came of it"),
        Index("followups_of_region", "region", "id"),
    )  # fmt: skip


def add(
    connection: Connection, region: str, *, goals: Sequence[str], goal: str, what: str, owner: str, due: date,
    entered_by: str, at: datetime, today: date,
) -> int:  # fmt: skip
    """Enter a promise for one of ``goals`` (in the running transaction); its number. Raises Unfit."""
    if goal not in goals:
        raise Unfit("goal", f"no goal of the scorecard{nearest(goal, goals)}")
    if due < today:
        raise Unfit("due", "is in the past")
    row = {"region": region, "goal": goal, "due": due, "at": at, "what": _text("what", what),
           "owner": _text("owner", owner), "by": _text("entered_by", entered_by)}  # fmt: skip
    return int(connection.execute(sa.text(_ADD), row).scalar_one())


def close(connection: Connection, region: str, number: int, *, note: str, by: str, at: datetime) -> None:
    """Close a promise (in the running transaction). Raises Unfit, also when there is no such open one."""
    row = {"region": region, "id": number, "at": at, "note": _text("note", note), "by": _text("entered_by", by)}
    if not connection.execute(sa.text(_CLOSE), row).rowcount:
        raise Unfit("id", "no open follow-up has this number")


def read(run: Run, region: str, *, closed: bool = False) -> list[FollowUp]:
    """The open ones, the earliest due first; with ``closed`` all of them, as they were entered."""
    rows = run(_ALL if closed else _OPEN, {"region": region})
    return [FollowUp(**{name: row[name] for name in FollowUp.__struct_fields__}) for row in rows]


def _text(field: str, text: str) -> str:
    made = " ".join(text.replace("\x00", "").split())
    if not made:
        raise Unfit(field, _MISSING[field])
    if len(made) > MOST[field]:
        raise Unfit(field, f"longer than {MOST[field]} characters")
    if _NUMBER.search(made):
        raise Unfit(field, "holds a long number: no telephone numbers, no numbers of persons")
    return made


_ADD = """insert into followups (region, goal, what, owner, due, entered_by, entered_at)
values (:region, :goal, :what, :owner, :due, :by, :at) returning id"""
_CLOSE = """update followups set closed_by = :by, closed_at = :at, note = :note
where region = :region and id = :id and closed_at is null"""
_ALL = "select * from followups where region = :region order by id"
_OPEN = "select * from followups where region = :region and closed_at is null order by due, id"
