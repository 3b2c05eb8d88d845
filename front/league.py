"""``run.py league``, ``silent`` and ``sla``: who differs, who is silent, whose promises were not kept."""

import json
from argparse import Namespace
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from city import league as city_league
from city import silence
from city import sla as city_sla
from city.answer import iso, span_json
from city.config import Config
from city.queries import Queries
from city.times import Window
from front import settings
from front.answers import asked, columns, filters, span
from front.why import as_of, last_week


def league(options: Namespace) -> int:
    """The units of a metric by rank, with the limits of chance."""
    config, window = _window(options)
    where = filters(options.where)
    found = asked(options, config, lambda q: city_league.read(q, options.name, options.by, window, where=where))
    return _told(options, league_json(found, window), lambda: league_text(found, config))


def silent(options: Namespace) -> int:
    """The agencies of which nothing was seen for some working days."""
    config = settings.read(options.config)
    found = asked(options, config, lambda q: silence.read(q, options.kind, options.days))
    answer = {
        "kind": options.kind, "days": options.days, "as_of": iso(found.as_of), "heard": found.heard,
        "silent": [_silent(one) for one in found.silent],
    }  # fmt: skip
    return _told(options, answer, lambda: silent_text(found, options.kind, options.days, config))


def sla(options: Namespace) -> int:
    """What became of the promises of a kind."""
    config, window = _window(options)
    by, where = tuple(options.by.split(",")), filters(options.where)

    def ask(queries: Queries) -> dict[str, Any]:
        found = city_sla.kept(queries, options.kind, by, window, where=where)
        ages, at = city_sla.overdue_ages(queries, options.kind, where), queries.as_of(f"{options.kind}s_open")
        rows = [dict(zip(by, one.group, strict=True)) | one._asdict() | {"breached": one.breached} for one in found]
        return {
            "kind": options.kind, "by": list(by), "window": span_json(window), "as_of": iso(at),
            "rows": [{name: value for name, value in row.items() if name != "group"} for row in rows],
            "overdue_days": {"below": [edge.days for edge in city_sla.EDGES], "counts": list(ages)},
        }  # fmt: skip

    answer = asked(options, config, ask)
    return _told(options, answer, lambda: sla_text(answer, config))


def sla_text(answer: dict[str, Any], config: Config) -> str:
    """The promises for people: a table of the groups, and how long what is overdue now has been so."""
    rows, days = answer["rows"], answer["overdue_days"]["below"]
    bands = [*(f"< {day} d" for day in days), f"{days[-1]} d or more"]
    ages = ", ".join(f"{count} {band}" for band, count in zip(bands, answer["overdue_days"]["counts"], strict=True))
    table = _table([[*rows[0]], *([*row.values()] for row in rows)]) if rows else "(none)"
    at = answer["as_of"] and datetime.fromisoformat(answer["as_of"])
    return f"{table}\noverdue now, by age: {ages}; {as_of(at, config)}"


def _window(options: Namespace) -> tuple[Config, Window]:
    config, now = settings.read(options.config), settings.clock()
    return config, span(options.start, options.end, config, now) or last_week(config, now)


def _told(options: Namespace, answer: dict[str, Any], text: Callable[[], str]) -> int:
    print(json.dumps(answer, ensure_ascii=False, indent=2) if options.json else text())
    return 0


def league_json(found: city_league.League, window: Window) -> dict[str, Any]:
    """A league as stable JSON."""
    units = [
        {"name": unit.name, "n": unit.n, "value": unit.value, "share": unit.share,
         "limits": unit.limits and {"lower": unit.limits.lower, "upper": unit.limits.upper},
         "rank": unit.rank, "verdict": unit.verdict or None}
        for unit in found.units
    ]  # fmt: skip
    return {
        "metric": found.metric, "by": found.by, "window": span_json(window), "value": found.value, "rate": found.rate,
        "beyond_hours": found.beyond, "level": found.level, "as_of": iso(found.as_of), "units": units,
    }  # fmt: skip


def league_text(found: city_league.League, config: Config) -> str:
    """A league for people."""
    if found.rate is None:
        return f"{found.metric}: nothing is known in this period"
    about = f"{found.metric}: {found.rate:.1%} of all"
    if found.beyond is not None:
        about = f"{found.metric}: {found.beyond:.1f} h; {found.rate:.1%} of all took longer"
    rows = [["", found.by, "n", *(["hours"] if found.beyond is not None else []), "share", "by chance", ""]]
    for unit in found.units:
        limits = f"{unit.limits.lower:.1%} to {unit.limits.upper:.1%}" if unit.limits else "too few"
        hours = ["-" if unit.value is None else f"{unit.value:.1f}"] if found.beyond is not None else []
        rows.append([str(unit.rank or "-"), unit.name or "(none)", str(unit.n), *hours, f"{unit.share:.1%}", limits,
                     unit.verdict])  # fmt: skip
    note = f"{len(found.different)} of {len(found.units)} differ by more than chance ({found.level:.1%} limits)"
    note += f"; {as_of(found.as_of, config)}"
    return "\n".join([about, _table(rows), note])


def _silent(one: silence.Silent) -> dict[str, Any]:
    sign = {"at": one.sign.at.isoformat(), "stage": one.sign.stage} if one.sign else None
    return {"agency": one.agency, "working_days": one.days, "last_sign": sign, "waiting": one.waiting}


def silent_text(found: silence.Silence, kind: str, days: int, config: Config) -> str:
    """The silent agencies for people."""
    if found.as_of is None:
        return f"{kind}: never collected, so nobody can be called silent"
    zone = config.region.zone
    head = (
        f"{len(found.silent)} of {len(found.silent) + found.heard} agencies without a sign for {days} working days or "
    )
    head += f"more ({kind}); data of {found.as_of.astimezone(zone):%Y-%m-%d %H:%M}"
    rows = [["agency", "working days", "last sign", "waiting"]]
    for one in found.silent:
        sign = f"{one.sign.at.astimezone(zone):%Y-%m-%d %H:%M} {one.sign.stage}" if one.sign else "none seen"
        rows.append([one.agency, str(one.days), sign, str(one.waiting)])
    return "\n".join([head, *([_table(rows)] if found.silent else [])])


def _table(rows: Sequence[Sequence[Any]]) -> str:
    cells = [["(none)" if cell is None else str(cell) for cell in row] for row in rows]
    return "\n".join(columns(cells))
