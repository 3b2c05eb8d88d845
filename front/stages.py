"""The command ``stage``: show the stage of the city, declare one, print the log."""

from argparse import Namespace
from datetime import datetime
from functools import partial

import sqlalchemy as sa

from city import criteria, judging, stage_log, watch
from city import database as city_database
from city.config import Config
from city.queries import Queries
from city.stage_log import RULES
from city.watch import Watched
from front import settings


def stage(options: Namespace) -> int:
    """What the command line asks for. Raises WrongUsage for what cannot be done."""
    config = settings.read(options.config)
    if not config.stages:
        raise settings.WrongUsage(f"{options.config} has no `stages`; docs/stage.md shows how to write them")
    if options.action == "declare":
        _check(options, config)
    elif options.number is not None or options.reason or options.by:
        raise settings.WrongUsage("a number, --reason and --by belong to `stage declare`")
    if options.limit < 1:
        raise settings.WrongUsage("--limit: at least 1")
    with settings.database(options) as database:
        engine = city_database.engine(database.url if options.action == "declare" else database.web_url)
        try:
            _do(options, config, engine)
        finally:
            engine.dispose()
    return 0


def _check(options: Namespace, config: Config) -> None:
    if options.number is None or not 1 <= options.number <= len(config.stages):
        known = ", ".join(f"{number} {one.word}" for number, one in enumerate(config.stages, 1))
        raise settings.WrongUsage(f"declare which stage? There are {known}")
    if not options.reason.strip():
        raise settings.WrongUsage('say why: --reason "..."')
    if not options.by.strip() or options.by.strip().casefold() == RULES:
        raise settings.WrongUsage(f'say who declares it, an office or a person: --by "..." (not "{RULES}")')


def _do(options: Namespace, config: Config, engine: sa.Engine) -> None:
    queries = Queries(engine, config, settings.clock)
    if options.action == "log":
        for row in queries.standing(partial(stage_log.log, limit=options.limit)):
            print(_entry(row, config))
        return
    if options.action == "declare":
        with engine.begin() as connection:
            stage_log.declare(connection, config.region.code, options.number, by=options.by, reason=options.reason,
                              at=settings.clock())  # fmt: skip
    print(*shown(queries), sep="\n")


def _named(number: int | None, config: Config) -> str:
    if number is None:
        return "-"
    return f"{number} {config.stages[number - 1].word}" if number <= len(config.stages) else str(number)


def _at(at: datetime | None, config: Config) -> str:
    return at.astimezone(config.region.zone).strftime("%Y-%m-%d %H:%M %Z") if at else "-"


def _entry(row: dict[str, object], config: Config) -> str:
    at, number, proposed = row["at"], row["stage"], row["proposed"]
    assert isinstance(at, datetime)
    what = f"proposes {_named(proposed, config)}" if row["by"] == RULES else f"declares {_named(number, config)}"  # type: ignore[arg-type]
    return f"{_at(at, config)}  {row['by']} {what}: {row['reason']}"


def shown(queries: Queries) -> list[str]:
    """The stage, what the rules propose, and each rule with its values, line by line."""
    config, stands, states = queries.config, queries.standing(stage_log.standing), queries.standing(watch.standing)
    told = judging.told(config, queries.metrics, states)
    lines = ["no stage was ever declared"]
    if stands.stage:
        lines = [f"stage     {_named(stands.stage, config)}, since {_at(stands.since, config)}",
                 f"declared  by {stands.by}: {stands.reason}"]  # fmt: skip
    if any(criteria.rules(config)):
        why = f", since {_at(stands.proposed_at, config)}: {stands.proposed_because}" if stands.proposed else ""
        lines.append(f"proposed  {_named(stands.proposed, config)}{why}")
    for number, rule in enumerate(criteria.rules(config), 1):
        if rule:
            lines.append(f"  {_named(number, config):12} {_HELD[criteria.holds(rule, told)]}")
            lines += [f"    {_value(name, states.get(name), queries)}" for name in criteria.metrics(rule)]
    return lines


_HELD = {True: "holds", False: "does not hold", None: "tidak terlihat (cannot be told)"}


def _value(name: str, state: Watched | None, queries: Queries) -> str:
    metric, config = queries.metric(name), queries.config
    if state is None:
        return f"{name}: not looked at yet (does `publish` run?)"
    value = "-" if state.value is None else f"{state.value:g} {metric.unit}".strip()
    if state.unseen:
        return f"{name}: tidak terlihat; last {value} of {_at(state.seen_at, config)}"
    return f"{name}: {value}, as of {_at(state.seen_at, config)}"
