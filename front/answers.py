"""Commands that answer a question: metric and replay, and what they share with others. See docs/command-line.md."""

import json
from argparse import Namespace
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, TypeVar

from city import answer
from city import database as city_database
from city.config import Config
from city.metrics import Metric
from city.model import Reading
from city.queries import Queries
from city.times import Window, instant
from front import settings

Found = TypeVar("Found")


def metric(options: Namespace) -> int:
    """One metric as a table, or as JSON."""
    config = settings.read(options.config)
    window = span(options.start, options.end, config, settings.clock())
    at = _instant("--at", options.at, config) if options.at else None

    def ask(queries: Queries) -> tuple[Reading, Metric]:
        found = queries.measure(
            options.name, by=tuple(options.by), grain=options.grain, window=window, at=at,
            where=filters(options.where), quantile=options.quantile,
        )  # fmt: skip
        return found, queries.metric(options.name)

    found, about = asked(options, config, ask)
    told = answer.metric_json(found, about, window, at, options.by, options.grain)
    print(json.dumps(told, ensure_ascii=False, indent=2, default=str) if options.json else table(found, about.title))
    return 0


def asked(options: Namespace, config: Config, ask: Callable[[Queries], Found]) -> Found:
    """What ``ask`` finds in the city's database, as a reader; what it cannot be asked for is a WrongUsage."""
    with settings.database(options) as database:
        engine = city_database.engine(database.web_url)
        try:
            return ask(Queries(engine, config, settings.clock))
        except (LookupError, ValueError) as error:
            raise settings.WrongUsage(str(error.args[0])) from error
        finally:
            engine.dispose()


def _instant(option: str, text: str, config: Config) -> datetime:
    try:
        return instant(text, config.region.zone)
    except ValueError as error:
        raise settings.WrongUsage(f"{option}: {error}") from error


def span(start: str | None, end: str | None, config: Config, now: datetime) -> Window | None:
    """The window of --from and --to; see :func:`city.answer.span`."""
    try:
        return answer.span(start, end, config.region.zone, now, ("--from", "--to"))
    except ValueError as error:
        raise settings.WrongUsage(str(error)) from error


def filters(pairs: list[str]) -> dict[str, Any]:
    """``DIM=VALUE`` pairs; a dimension named twice means either value."""
    found: dict[str, list[str]] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not (name and equals and value):
            raise settings.WrongUsage(f"--where {pair!r}: write DIM=VALUE, for example district=15.71.01")
        found.setdefault(name, []).append(value)
    return {name: values[0] if len(values) == 1 else values for name, values in found.items()}


def table(found: Reading, title: str) -> str:
    """A reading for people: aligned columns, unknown values as a dash."""
    head = f"{title or found.metric} ({found.unit}), n = {found.n}, "
    head += f"as of {answer.iso(found.as_of)}" if found.as_of else "never collected"
    if not found.rows:
        return head + "\n(no rows)"
    names = list(found.rows[0])
    cells = [names, *([_shown(row.get(name)) for name in names] for row in found.rows)]
    return "\n".join([head, *columns(cells)])


def columns(cells: Sequence[Sequence[str]], *, numbers: bool = False) -> list[str]:
    """Rows as lines of aligned columns; with ``numbers`` all columns but the first stand to the right."""
    widths = [max(len(row[index]) for row in cells) for index in range(len(cells[0]))]
    sides = "<" + (">" if numbers else "<") * (len(widths) - 1)
    return ["  ".join(f"{cell:{side}{width}}" for cell, side, width in zip(row, sides, widths, strict=True)).rstrip()
            for row in cells]  # fmt: skip


def _shown(value: Any) -> str:
    if value is None:
        return "-"
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


def replay(options: Namespace) -> int:
    """The states of a page's panels as they were on the screens at a moment."""
    config, pages = settings.read_all(options.config)
    at = _instant("--at", options.at, config)
    known = [page.name for page in pages]
    if options.page not in known:
        raise settings.WrongUsage(f"unknown page '{options.page}'. Known: {', '.join(known)}")
    from dashboard import states

    with settings.database(options) as database:
        engine = city_database.engine(database.web_url)
        panels = list(states.at(engine, config.region.code, options.page, at).values())
        engine.dispose()
    print(json.dumps({"page": options.page, "at": answer.iso(at), "panels": panels}, ensure_ascii=False, indent=2))
    return 0
