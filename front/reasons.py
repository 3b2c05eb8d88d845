"""The options of the commands that tell what a number rests on: ``why``, ``league``, ``sla``, ``forecast`` and more."""

import argparse
from collections.abc import Callable

from city.against import WAYS


def add(command: Callable[[str, str], argparse.ArgumentParser]) -> None:
    """Add the six commands to the parser."""
    why = command("why", "why a number changed: a period against another, and what each group had to do with it")
    why.add_argument("name", metavar="METRIC", help="for example complaints_on_time_ratio")
    why.add_argument(
        "--by", action="append", default=[], metavar="DIM[,DIM]",
        help="split by agency, ...; with a comma by both at once; repeatable (default: the usual ones, one by one)",
    )  # fmt: skip
    why.add_argument("--against", choices=WAYS, default="previous", help="the other period (default previous)")
    why.add_argument("--limit", type=int, default=10, metavar="N", help="groups told by themselves (default 10)")
    _period(why)
    league = command("league", "the units of a metric held against the city, and which of them differ beyond chance")
    league.add_argument("name", metavar="METRIC", help="a ratio or a duration, for example complaints_on_time_ratio")
    league.add_argument("--by", default="agency", metavar="DIM", help="agency (default), district, ...")
    _period(league)
    silent = command("silent", "the agencies of which nothing was seen for some working days")
    silent.add_argument("kind", metavar="KIND", help="memo, complaint, permit, ...")
    silent.add_argument(
        "--days", type=int, default=3, metavar="N", help="whole working days without a sign (default 3)"
    )
    silent.add_argument("--json", action="store_true", help="stable JSON")
    sla = command("sla", "promises of a kind: solved, rejected and reopened apart, late, overdue and due soon")
    sla.add_argument("kind", metavar="KIND", help="complaint, memo, permit, ...")
    sla.add_argument("--by", default="agency", metavar="DIM", help="agency (default), category, ...")
    _period(sla)
    _add_forecast(command)
    wrong = command("wrong-numbers", "numbers that somebody has reported as wrong: list them, close one")
    wrong.add_argument("do", nargs="?", choices=("list", "close"), default="list")
    wrong.add_argument("number", nargs="?", type=int, metavar="ID", help="of close: which one")
    wrong.add_argument("--answer", default="", metavar="TEXT", help="of close: what was found")
    wrong.add_argument("--all", action="store_true", help="of list: those that are closed, too")
    wrong.add_argument("--json", action="store_true", help="stable JSON, see docs/definitions.md")


def _add_forecast(command: Callable[[str, str], argparse.ArgumentParser]) -> None:
    forecast = command("forecast", "what a count comes to by the end of the period, with its interval")
    forecast.add_argument("name", metavar="METRIC", help="a count that adds up, for example complaints_opened")
    forecast.add_argument("--period", choices=("week", "month", "year"), default="month", help="default month")
    forecast.add_argument("--backtest", action="store_true", help="how well it would have done over the last year")
    forecast.add_argument("--where", action="append", default=[], metavar="DIM=VALUE", help="only these; repeatable")
    forecast.add_argument("--json", action="store_true", help="stable JSON, see docs/data-api.md")


def _period(command: argparse.ArgumentParser) -> None:
    command.add_argument("--from", dest="start", metavar="D", help="first local date, or an instant")
    command.add_argument("--to", dest="end", metavar="D", help="last local date (included), or an instant (excluded)")
    command.add_argument("--where", action="append", default=[], metavar="DIM=VALUE", help="only these; repeatable")
    command.add_argument("--json", action="store_true", help="stable JSON, see docs/why-and-league.md")
