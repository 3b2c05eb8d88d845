"""``run.py screens``: which screens ask, may look or may not; approving, revoking and forgetting one."""

from argparse import Namespace
from datetime import datetime

from sqlalchemy.engine import Connection

from city import database as city_database
from city import paired
from city.config import Config
from city.paired import Paired
from front import settings


def screens(options: Namespace) -> int:
    """Do what is asked; raises WrongUsage when it cannot be done."""
    if options.do != "list" and not options.which:
        raise settings.WrongUsage(f"{options.do} what? See `run.py screens`")
    if options.do == "approve" and not options.name:
        raise settings.WrongUsage("say what the screen is to be called: --name wall-1")
    config = settings.read(options.config)
    with settings.database(options) as database:
        engine = city_database.engine(database.url)
        try:
            with engine.begin() as connection:
                print(_done(options, config, connection))
        except paired.Refused as error:
            raise settings.WrongUsage(error) from error
        finally:
            engine.dispose()
    return 0


def _done(options: Namespace, config: Config, connection: Connection) -> str:
    region, now = config.region.code, settings.clock()
    if options.do == "approve":
        paired.approve(connection, region, options.which, options.name, now)
        return f"{options.name} may look"
    if options.do == "revoke":
        paired.revoke(connection, region, options.which, now)
        return f"{options.which} may not look any more"
    if options.do == "forget":
        paired.forget(connection, region, options.which)
        return f"{options.which} is forgotten; while it is switched on it asks anew"
    return _list(paired.load(connection, region), config, now)


def _list(found: list[Paired], config: Config, now: datetime) -> str:
    shown = [one for one in found if one.state != paired.WAITING or one.waits(now)]
    if not shown:
        return "no screens" if config.screens_paired else "no screens; `screens_paired` is off in the settings"
    order = [paired.WAITING, paired.APPROVED, paired.REVOKED]
    shown.sort(key=lambda one: (order.index(one.state), one.name or "", one.asked_at))
    return "\n".join([_line("state", "screen", "since", "last seen"), *(_row(one, config) for one in shown)])


def _row(one: Paired, config: Config) -> str:
    since = one.revoked_at or one.approved_at or one.asked_at
    return _line(
        one.state, one.name or paired.written(one.code or ""), _local(since, config), _local(one.last_seen_at, config)
    )


def _line(*parts: str) -> str:
    return f"{parts[0]:10}{parts[1]:24}{parts[2]:18}{parts[3]}".rstrip()


def _local(at: datetime | None, config: Config) -> str:
    return f"{at.astimezone(config.region.zone):%Y-%m-%d %H:%M}" if at else "–"
