"""Rows of bars: one metric by agency, category or district, or what came in beside what went out.

Asks    `metric` by `by`; with `out` a second one, with `queue` a third as a plain number.
Draws   the largest rows, the rest folded into one; bars start at zero.
Limits  a fold adds up, so `metric` of ratios and quantiles shows its largest rows only.
"""

from typing import Any

from dash import html

from city.config import Args as BaseArgs
from city.metrics import QUANTILES
from city.model import Reading
from city.queries import Queries
from city.times import window
from dashboard.reading import joined
from dashboard.words import ABSENT, Words


class Args(BaseArgs):
    """What to compare, split by what."""

    metric: str
    by: str = "agency"
    out: str | None = None
    queue: str | None = None
    window: str = "today"
    rows: int = 6


def metrics(args: Args) -> list[str]:
    """What the bars ask."""
    return [name for name in (args.metric, args.out, args.queue) if name]


def load(args: Args, queries: Queries) -> Reading | None:
    """One row per group: value, and out and queue where asked."""
    span = window(args.window, queries.clock(), queries.zone)
    readings = [queries.measure(name, by=[args.by], window=span) for name in metrics(args)]
    groups: dict[Any, dict[str, Any]] = {}
    for name, reading in zip(("value", "out", "queue"), _aligned(args, readings), strict=True):
        for row in reading.rows if reading else ():
            groups.setdefault(row[args.by], {"group": row[args.by], "n": 0})[name] = row["value"]
            groups[row[args.by]]["n"] += row["n"]
    total = joined(readings)
    metric = queries.metric(args.metric)
    total.rows = _folded(
        list(groups.values()), args.rows, adds_up=metric.measure not in QUANTILES and metric.kind != "ratio"
    )
    return total


def _aligned(args: Args, readings: list[Reading]) -> list[Reading | None]:
    found = iter(readings)
    return [next(found), next(found) if args.out else None, next(found) if args.queue else None]


def _folded(rows: list[dict[str, Any]], count: int, *, adds_up: bool) -> list[dict[str, Any]]:
    rows.sort(key=lambda row: -max(row.get("value") or 0, row.get("queue") or 0))
    if len(rows) <= count or not adds_up:
        return rows[:count]
    rest = rows[count - 1 :]
    sums = {name: sum(row.get(name) or 0 for row in rest) for name in ("value", "out", "queue", "n")}
    return [*rows[: count - 1], {"group": None, "folded": len(rest), **sums}]


def draw(args: Args, reading: Reading, words: Words) -> Any:
    """The rows under their headings."""
    if not reading.rows:
        return html.P(words.t("Belum ada"), className="empty")
    sides = ("value", "out") if args.out else ("value",)
    most = max((row.get(side) or 0 for row in reading.rows for side in sides), default=0) or 1
    draw_row = _both if args.out else _one
    head = [_head(args, words)] if args.out else []
    return html.Div(head + [draw_row(args, row, most, reading.unit, words) for row in reading.rows], className="mf")


def _head(args: Args, words: Words) -> Any:
    texts = ["", words.t("masuk"), words.t("keluar"), words.t("antrean") if args.queue else ""]
    return html.Div(
        [html.Span(text, className=f"mh c{index}") for index, text in enumerate(texts)], className="mr both"
    )


def _name(args: Args, row: dict[str, Any], words: Words) -> Any:
    if row.get("folded"):
        return html.Span(f"{row['folded']} {words.t('sisanya')}", className="nm")
    return html.Span(words.name(args.by, row["group"]), className="nm")


def _one(args: Args, row: dict[str, Any], most: float, unit: str, words: Words) -> Any:
    value = row.get("value")
    bar = html.I(style={"left": "0", "width": f"{100 * (value or 0) / most:.1f}%"})
    text = html.Span(words.value(value, unit), className="bk n")
    return html.Div([_name(args, row, words), html.Div([bar], className="bar"), text], className="mr one")


def _both(args: Args, row: dict[str, Any], most: float, unit: str, words: Words) -> Any:
    came, went = row.get("value") or 0, row.get("out") or 0
    left = [
        html.U(words.number(came), style={"right": f"{100 * came / most * 0.72:.1f}%"}),
        html.I(style={"right": "0", "width": f"{100 * came / most * 0.72:.1f}%"}),
    ]
    right = [
        html.I(className="b2", style={"left": "0", "width": f"{100 * went / most * 0.72:.1f}%"}),
        html.U(words.number(went), style={"left": f"{100 * went / most * 0.72:.1f}%"}),
    ]
    queue = words.number(row["queue"]) if row.get("queue") is not None else ABSENT
    cells = [_name(args, row, words), html.Div(left, className="bar"), html.Div(right, className="bar")]
    return html.Div([*cells, html.Span(queue if args.queue else "", className="bk")], className="mr both")
