"""Cases that wait: the next to fall due, or the longest overdue.

Asks    open cases of one kind, without keys or anything personal.
Draws   time left (or over), what and where, who holds it; the rule below is time left of the horizon.
Limits  as many rows as fit; the number of all of them is above.
"""

from typing import Any

from dash import html

from city.config import Args as BaseArgs
from city.model import Reading
from city.queries import Queries
from dashboard.words import Words


class Args(BaseArgs):
    """Which cases, and how many rows."""

    kind: str = "complaint"
    overdue: bool = False
    rows: int = 5


def metrics(args: Args) -> list[str]:
    """The metric whose cases are listed."""
    return [f"{args.kind}s_overdue" if args.overdue else f"{args.kind}s_due_soon"]


def load(args: Args, queries: Queries) -> Reading | None:
    """The rows, nearest to (or farthest past) their due time first."""
    reading = queries.open_cases(args.kind, overdue=args.overdue, limit=args.rows)
    reading.extra = {"horizon_s": queries.metric(metrics(args)[0]).horizon.total_seconds()}
    return reading


def draw(args: Args, reading: Reading, words: Words) -> Any:
    """One row per case."""
    if not reading.rows:
        text = "Tidak ada yang lewat tenggat" if args.overdue else "Tidak ada yang segera jatuh tempo"
        return html.P(words.t(text), className="empty")
    rows = [_row(row, reading.extra["horizon_s"], args, words) for row in reading.rows]
    # Empty rows keep the others from growing: a row has one height, however many there are.
    return html.Div(rows + [html.Div(className="dr none")] * (args.rows - len(rows)), className="dq")


def _row(row: dict[str, Any], horizon_s: float, args: Args, words: Words) -> Any:
    share = min(1.0, row["value"] / horizon_s)
    soon = not args.overdue and row["value"] < 3_600
    what = words.name("category", row["category"]) if row["category"] else words.t("tanpa kategori")
    where = f", {words.name('district', row['district'])}" if row["district"] else ""
    who = words.name("agency", row["agency"]) if row["agency"] else words.t("tanpa OPD")
    return html.Div(
        [
            html.Span(words.duration(row["value"]), className="n"),
            html.Span(what + where, className="w"),
            html.Span(who, className="o"),
        ],
        className="dr soon" if soon else "dr",
        style={"--w": "0%" if args.overdue else f"{100 * share:.0f}%"},
    )
