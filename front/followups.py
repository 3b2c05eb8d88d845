"""The command ``followups``: list what was promised for the goals of the scorecard, add to it, close."""

import json
from argparse import Namespace
from datetime import date, datetime
from functools import partial

import msgspec
import sqlalchemy as sa

from city import database as city_database
from city import followups as kept
from city.config import Config
from city.followups import FollowUp
from city.queries import Queries
from city.times import local_day
from front import settings
from front.answers import columns


def followups(options: Namespace) -> int:
    """What the command line asks for. Raises WrongUsage for what cannot be kept."""
    config = settings.read(options.config)
    if config.scorecard is None:
        raise settings.WrongUsage(f"{options.config} has no `scorecard`; docs/scorecard.md shows how to write one")
    with settings.database(options) as database:
        engine = city_database.engine(database.web_url if options.action == "list" else database.url)
        try:
            _do(options, config, engine, settings.clock())
        except kept.Unfit as error:
            raise settings.WrongUsage(str(error)) from error
        finally:
            engine.dispose()
    return 0


def _do(options: Namespace, config: Config, engine: sa.Engine, now: datetime) -> None:
    region, today = config.region.code, local_day(now, config.region.zone)
    assert config.scorecard
    if options.action == "add":
        with engine.begin() as connection:
            kept.add(
                connection, region, goals=[goal.name for goal in config.scorecard.goals], goal=options.subject or "",
                what=options.what, owner=options.owner, due=_day(options.due), entered_by=options.by, at=now,
                today=today,
            )  # fmt: skip
    elif options.action == "close":
        with engine.begin() as connection:
            kept.close(connection, region, _number(options.subject), note=options.note, by=options.by, at=now)
    found = Queries(engine, config, settings.clock).standing(partial(kept.read, closed=options.all))
    if options.json:
        print(json.dumps([msgspec.to_builtins(one) | {"late": one.late(today)} for one in found], ensure_ascii=False,
                         indent=2))  # fmt: skip
    else:
        print(*_lines(found, today), sep="\n")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise settings.WrongUsage("--due: write the day as 2026-12-01") from error


def _number(text: str | None) -> int:
    if not (text or "").isdecimal():
        raise settings.WrongUsage("close which follow-up? Say its number; `followups` lists them")
    return int(text or "")


def _lines(found: list[FollowUp], today: date) -> list[str]:
    if not found:
        return ["no open follow-up"]
    head = ["no", "goal", "due", "state", "owner", "what", "entered"]
    return columns([head, *(
        [str(one.id), one.goal, one.due.isoformat(), _state(one, today), one.owner, one.what, one.entered_by]
        for one in found
    )])  # fmt: skip


def _state(one: FollowUp, today: date) -> str:
    if one.closed_at:
        return f"closed by {one.closed_by}: {one.note}"
    return "LATE" if one.late(today) else "open"
