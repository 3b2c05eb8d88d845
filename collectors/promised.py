"""A follow-up that the page of the scorecard hands over, and what is answered. See city/followups.py."""

from collections.abc import Callable
from datetime import date, datetime

import msgspec
from sqlalchemy.engine import Engine

from city import followups
from city.config import Config
from city.times import local_day
from collectors.sent import Answer, problem


class Add(msgspec.Struct, forbid_unknown_fields=True, tag="add", tag_field="do"):
    """A new promise."""

    goal: str
    what: str
    owner: str
    due: date
    entered_by: str


class Close(msgspec.Struct, forbid_unknown_fields=True, tag="close", tag_field="do"):
    """The end of one."""

    id: int
    note: str
    entered_by: str


_READ = msgspec.json.Decoder(Add | Close)


def take(config: Config, engine: Engine, clock: Callable[[], datetime], body: bytes) -> Answer:
    """Do what ``body`` says: 200, or 422 with the ``field`` that is wrong."""
    try:
        asked = _READ.decode(body)
    except msgspec.DecodeError as error:
        return problem(422, str(error), field="due" if "$.due" in str(error) else "")
    try:
        with engine.begin() as connection:
            region, now = config.region.code, clock()
            if isinstance(asked, Close):
                followups.close(connection, region, asked.id, note=asked.note, by=asked.entered_by, at=now)
                return Answer(200, {"id": asked.id})
            made = followups.add(
                connection, region, goals=[goal.name for goal in config.scorecard.goals] if config.scorecard else [],
                **msgspec.structs.asdict(asked), at=now, today=local_day(now, config.region.zone),
            )  # fmt: skip
            return Answer(200, {"id": made})
    except followups.Unfit as error:
        return problem(422, error.problem, field=error.field)
