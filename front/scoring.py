"""The command ``score``: the scorecard of a period as a table, or as JSON (docs/command-line.md)."""

import json
from argparse import Namespace
from datetime import date, datetime
from fractions import Fraction
from typing import Any

from city.answer import iso
from city.periods import Period
from city.queries import Queries
from city.scorecard import Card, Line, shown
from city.scorecard_reading import NoScorecard, read
from city.times import day_start, instant
from front import settings
from front.answers import asked, columns


def score(options: Namespace) -> int:
    """Print the scorecard. Raises WrongUsage for a region without one, or a moment that is none."""
    config = settings.read(options.config)
    at = moment(options.at, config) if options.at else None
    if at and at > settings.clock():
        raise settings.WrongUsage("--at is in the future")

    def ask(queries: Queries) -> Card:
        try:
            return read(queries, options.period, at)
        except NoScorecard as error:
            raise settings.WrongUsage(f"{options.config}: {error.args[0]}") from error

    card = asked(options, config, ask)
    print(json.dumps(as_json(card), ensure_ascii=False, indent=2) if options.json else "\n".join(table(card)))
    return 0


def moment(text: str, config: Any) -> datetime:
    """What ``--at`` says: an instant, or the start of a local day; WrongUsage otherwise."""
    try:
        if len(text) == len("2026-11-24"):
            return day_start(date.fromisoformat(text), config.region.zone)
        return instant(text, config.region.zone)
    except ValueError as error:
        raise settings.WrongUsage(f"--at: {error}") from error


def as_json(card: Card) -> dict[str, Any]:
    """The scorecard in plain values. Numbers are exact to a float; only those called ``shown`` are rounded."""
    return {
        "period": _period(card.period),
        "score": _float(card.score),
        "shown": None if card.score is None else shown(card.score),
        "previous": _float(card.previous),
        "change": _float(card.change),
        "like_for_like": card.like_for_like,
        "coverage": {
            "counted": len(card.counted), "goals": len(card.lines), "weight": float(card.coverage),
            "not_counted": [{"title": title(line), "why": str(line.why)} for line in card.uncounted],
        },
        "fields": [{"field": name, "contribution": _float(part)} for name, part in card.fields.items()],
        "goals": [_goal(card, line) for line in card.lines],
        "best": [title(line) for line in card.best],
        "worst": [title(line) for line in card.worst],
        "simulated": any(line.simulated for line in card.lines),
    }  # fmt: skip


def title(line: Line) -> str:
    """What a goal is called: its own title, or its metric's."""
    return line.goal.title or line.metric.title


def _period(period: Period) -> dict[str, str]:
    return {"kind": period.kind, "first": period.first.isoformat(), "last": period.last.isoformat()}


def _float(value: Fraction | None) -> float | None:
    return None if value is None else float(value)


def _goal(card: Card, line: Line) -> dict[str, Any]:
    return {
        "metric": line.goal.metric, "where": dict(line.goal.where), "title": title(line), "field": line.goal.field,
        "owner": line.goal.owner, "weight": line.goal.weight, "unit": line.metric.unit,
        "direction": line.metric.direction, "actual": line.value.actual, "n": line.value.n, "target": line.target,
        "achievement": _float(line.achievement), "contribution": _float(card.contribution(line)),
        "change": line.change, "why": None if line.why is None else str(line.why),
        "as_of": iso(line.as_of), "sources": list(line.sources),
        "trend": [
            {"first": period.first.isoformat(), "last": period.last.isoformat(), "actual": value.actual, "n": value.n,
             "target": target, "why": None if value.why is None else str(value.why)}
            for period, value, target in zip(line.periods, line.values, line.targets, strict=True)
        ],
    }  # fmt: skip


def table(card: Card) -> list[str]:
    """The scorecard for people: the score, what is not in it, and a line for each goal."""
    period = f"{card.period.kind} {card.period.first} to {card.period.last}"
    change = "" if card.change is None else f", {float(card.change):+.1f} since the period before"
    if not card.like_for_like and change:
        change += " (which counted other metrics)"
    of = f"{len(card.counted)} of {len(card.lines)} metrics, {float(card.coverage):.0%} of weight"
    lines = [f"score {_shown(card.score)} for {period}{change}", of]
    if card.uncounted:
        lines.append("not counted: " + ", ".join(f"{title(line)} ({line.why})" for line in card.uncounted))
    cells = [_HEADS, *(_row(card, line) for line in card.lines)]
    return lines + columns(cells)


_HEADS = ["field", "metric", "actual", "target", "achieved", "adds", "change", "n"]


def _row(card: Card, line: Line) -> list[str]:
    part = card.contribution(line)
    return [
        line.goal.field, title(line), _number(line.value.actual), _number(line.target), _shown(line.achievement),
        "-" if part is None else f"{float(part):+.2f}", _number(line.change), str(line.value.n),
    ]  # fmt: skip


def _shown(reached: Fraction | None) -> str:
    return "-" if reached is None else f"{shown(reached):.1f}"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}".rstrip("0").rstrip(".")
