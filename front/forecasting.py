"""``run.py forecast``: what a count comes to by the end of a period, and how well such forecasts did in the past."""

import json
from argparse import Namespace
from calendar import monthrange
from datetime import date, timedelta

from city import outlook
from city.forecast import NEEDED, Ahead, Tested
from city.outlook import Outlook
from city.queries import Queries
from city.times import local_day
from front import settings
from front.answers import asked, columns, filters


def forecast(options: Namespace) -> int:
    """A forecast, or with --backtest its test over the last year; exit code 1 without enough history."""
    config, where = settings.read(options.config), filters(options.where)

    def ask(queries: Queries) -> Outlook | Tested | None:
        if options.backtest:
            return outlook.tested(queries, options.name, where)
        first, last = _span(options.period, local_day(queries.clock(), queries.zone))
        return outlook.read(queries, options.name, first, last, where)

    found = asked(options, config, ask)
    answer = outlook.as_json(found) if isinstance(found, Outlook) else found and found._asdict()
    text = shown(found) if isinstance(found, Outlook) else told(found)
    print(json.dumps(answer, ensure_ascii=False, indent=2) if options.json else text)
    return 0 if found and not (isinstance(found, Outlook) and found.forecast is None) else 1


def _span(period: str, today: date) -> tuple[date, date]:
    """First and last local day of the week, month or year that ``today`` lies in."""
    if period == "week":
        first = today - timedelta(days=today.weekday())
        return first, first + timedelta(days=6)
    if period == "year":
        return date(today.year, 1, 1), date(today.year, 12, 31)
    return today.replace(day=1), today.replace(day=monthrange(today.year, today.month)[1])


def shown(found: Outlook) -> str:
    """A forecast for people: the total, then each coming day beside what is usual."""
    made = found.forecast
    if made is None:
        return f"{found.metric.name}: not enough history ({len(found.history.days)} days of {NEEDED})"
    head = f"{found.metric.name} to {found.last}: {made.known + found.history.so_far:.0f} so far, "
    head += f"{made.total.value:.0f} expected; {_intervals(made.total)}"
    rows = [["day", "forecast", "80 %", "usual"]]
    for number, (day, band) in enumerate(zip(made.days, found.bands, strict=True)):
        usual = f"{band.low:.0f} to {band.high:.0f}" if band else "-"
        on = made.first + timedelta(days=number)
        rows.append([f"{on:%a %Y-%m-%d}", f"{day.value:.0f}", f"{day.low80:.0f} to {day.high80:.0f}", usual])
    return "\n".join([head, *columns(rows, numbers=True)])


def _intervals(one: Ahead) -> str:
    return f"80 %: {one.low80:.0f} to {one.high80:.0f}, 95 %: {one.low95:.0f} to {one.high95:.0f}"


def told(found: Tested | None) -> str:
    """A back-test for people."""
    if found is None:
        return f"not enough history for a back-test: it needs more than {NEEDED + 14} days"
    return (
        f"{found.origins} forecasts of 14 days, a week apart; {found.days} days judged\n"
        f"mean error {found.mae:.2f} a day, seasonal naive {found.naive_mae:.2f}; MASE {found.mase:.2f}\n"
        f"inside the 80 % interval: {found.covered80:.0%} of days, {found.total80:.0%} of totals\n"
        f"inside the 95 % interval: {found.covered95:.0%} of days, {found.total95:.0%} of totals"
    )
