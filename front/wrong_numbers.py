"""``run.py wrong-numbers``: what was reported as wrong, and closing it with what was found."""

import json
from argparse import Namespace

from city import database as city_database
from city import wrong_numbers as city_wrong
from city.answer import iso
from city.config import Config
from front import settings


def wrong_numbers(options: Namespace) -> int:
    """List the reports that wait, or close one. Raises WrongUsage for what cannot be done."""
    config = settings.read(options.config)
    if options.do == "close" and (options.number is None or not options.answer.strip()):
        raise settings.WrongUsage('say which and what was found: wrong-numbers close 3 --answer "..."')
    with settings.database(options) as database:
        engine = city_database.engine(database.url if options.do == "close" else database.web_url)
        try:
            with engine.begin() as connection:
                if options.do == "close":
                    city_wrong.close(connection, config.region.code, options.number, options.answer,
                                        settings.clock())  # fmt: skip
                found = city_wrong.listed(connection, config.region.code, closed=options.all)
        except LookupError as error:
            raise settings.WrongUsage(str(error.args[0])) from error
        finally:
            engine.dispose()
    rows = [one._asdict() | {"at": iso(one.at), "closed_at": iso(one.closed_at)} for one in found]
    print(json.dumps(rows, ensure_ascii=False, indent=2) if options.json else shown(found, config))
    return 0


def shown(found: list[city_wrong.Wrong], config: Config) -> str:
    """The reports for people, the latest first."""
    lines = [f"{len(found)} reported"]
    for one in found:
        state = one.state
        at = f"{one.at.astimezone(config.region.zone):%Y-%m-%d %H:%M}"
        about = f"{one.metric} = {state.get('value')} (n = {state.get('n')}, as of {state.get('as_of')})"
        lines.append(f"{one.id}  {at}  {about}  {state.get('page') or ''}\n   {one.words}")
        lines += [f"   closed: {one.answer}"] if one.closed_at else []
    return "\n".join(lines)
