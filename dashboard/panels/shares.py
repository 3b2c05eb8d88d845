"""A share per group on a line up to 100 %, beside what chance alone would make of the whole's share.

Asks    one share of cases by one dimension, over a window.
Shows   dot, the band of its size (95 % of groups of n cases fall in it by chance), target, percent, n; worst first.
Limits  a group below 5 cases has no percentage and no rank: it is counted in the last row.
Source  the band is the control limit of a funnel plot: p ± 1.96 √(p (1 − p) / n), p the share of all groups.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any, Literal

from dash import html
from dash.development.base_component import Component
from pydantic import Field

from city.config import Args as BaseArgs
from city.config import WindowText
from city.metrics import FEW, RATIOS, Metric
from city.model import Reading
from city.queries import Queries
from city.times import window
from dashboard.flow import others
from dashboard.reading import packed, unpacked
from dashboard.room import ROW_U, TITLE_U
from dashboard.words import Words

#: Where the line can begin: dots stand on it, no lengths are compared, so it need not begin at zero.
STARTS = (0.75, 0.5, 0.25)
#: Standard errors to either side that hold 95 % of a normal distribution.
Z = 1.96


class Args(BaseArgs):
    """A share ``by`` a dimension over ``window``; ``target`` 0 to 1; ``rows`` without the folded one."""

    metric: str
    by: Literal["agency", "district", "category", "channel", "place"] = "agency"
    window: WindowText = "30d"
    target: float | None = Field(default=None, ge=0, le=1)
    rows: int = Field(default=7, ge=1, le=20)


def metrics(args: Args) -> tuple[str, ...]:
    """The metrics a layout names for this panel."""
    return (args.metric,)


def flaws(args: Args, known: Mapping[str, Metric]) -> Iterator[tuple[str, str]]:
    """(metric, what is wrong) of a metric that is no share of cases."""
    metric = known.get(args.metric)
    if metric and not (metric.measure in RATIOS and metric.of):
        yield args.metric, f"'{args.metric}' is no share of cases"


def needs(args: Args, size: str) -> tuple[float, float]:
    """A row for every group and for the others, a head and a note (units)."""
    return 480, TITLE_U + ROW_U * (args.rows + 3)


def load(args: Args, queries: Queries) -> Reading:
    """The share and the number of cases of every group."""
    span = window(args.window, queries.clock(), queries.zone)
    found = queries.measure(args.metric, by=(args.by,), window=span)
    return packed({"reading": found, "direction": queries.metric(args.metric).direction})


def draw(args: Args, reading: Reading, words: Words) -> Component:
    """The worst groups, the others as one, and what the band means."""
    loaded = unpacked(reading)
    rows = [row for row in loaded["reading"].rows if row["value"] is not None]
    if not rows:
        return html.Div(html.P(words.t("belum ada kasus"), className="calm"), className="mf")
    worst = 1 if loaded["direction"] == "higher" else -1
    known = sorted((row for row in rows if row["n"] >= FEW), key=lambda row: (worst * row["value"], -row["n"]))
    whole = _share(rows)
    shown = [(words.name(args.by, row[args.by]), row["value"], row["n"]) for row in known[: args.rows]]
    if rest := known[args.rows :]:
        shown.append((others(args.by, len(rest), words), _share(rest), sum(row["n"] for row in rest)))
    if not shown:
        return html.Div(_notes(args, rows, whole, words), className="mf shr")
    start = _start(shown, whole, args.target)
    drawn = [_row(name, value, n, Line(start, whole, args.target), words) for name, value, n in shown]
    return html.Div([_head(start, words), *drawn, *_notes(args, rows, whole, words)], className="mf shr")


@dataclass(frozen=True)
class Line:
    """What the dots stand on: from ``start`` to 100 %, with the share of the ``whole`` and the ``target``."""

    start: float
    whole: float
    target: float | None

    def at(self, share: float) -> float:
        """Percent of the line's width."""
        return 100 * max(0.0, share - self.start) / (1 - self.start)


def _start(shown: Sequence[tuple[str, float, int]], whole: float, target: float | None) -> float:
    """The highest of STARTS that leaves every dot, band and target some room; else zero."""
    least = min([*(min(value, band(whole, n)[0]) for _, value, n in shown), *([] if target is None else [target])])
    return next((start for start in STARTS if least >= start + 0.02), 0.0)


def _head(start: float, words: Words) -> Component:
    ends = [html.Span(words.percent(end, 0)) for end in (start, 1)]
    parts = [html.Span(), html.Span(ends, className="ends"), html.Span(), html.Span(words.t("kasus"), className="r")]
    return html.Div(parts, className="mr mh")


def _share(rows: Sequence[dict[str, Any]]) -> float:
    """Of all their cases together: counts add up, shares do not."""
    return float(sum(round(row["value"] * row["n"]) for row in rows) / sum(row["n"] for row in rows))


def band(whole: float, n: int) -> tuple[float, float]:
    """Where the share of ``n`` cases lies in 95 of 100 groups that are like the whole."""
    wide = Z * sqrt(whole * (1 - whole) / n)
    return max(0.0, whole - wide), min(1.0, whole + wide)


def _row(name: str, value: float, n: int, line: Line, words: Words) -> Component:
    low, high = band(line.whole, n)
    # A rounding error away from the edge is on it.
    apart = " apart" if value < low - 1e-9 or value > high + 1e-9 else ""
    drawn: list[Component] = [html.B(style={"left": f"{line.at(low):.1f}%", "right": f"{100 - line.at(high):.1f}%"})]
    drawn += [html.S(style={"left": f"{line.at(line.target):.1f}%"})] if line.target is not None else []
    drawn.append(html.Em(style={"left": f"{line.at(value):.1f}%"}))
    return html.Div(
        [
            html.Span(name, className="nm"),
            html.Div(drawn, className="rb dotted"),
            html.Span(html.B(words.percent(value, 0)), className="bk"),
            html.Span(f"{words.number(round(value * n))} / {words.number(n)}", className="sh2"),
        ],
        className=f"mr{apart}",
    )


def _notes(args: Args, rows: Sequence[dict[str, Any]], whole: float, words: Words) -> list[Component]:
    few = sum(row["n"] < FEW for row in rows)
    of_all = sum(row["n"] for row in rows)
    texts = [f"{words.t('semua')} {words.percent(whole, 0)}"] if of_all >= FEW else []
    texts += [f"{words.t('target')} {words.percent(args.target, 0)}"] if args.target is not None else []
    texts += [words.t("pita: wajar untuk jumlahnya")] if of_all >= FEW else []
    texts += [f"{others(args.by, few, words)}: {words.t('kurang dari 5 kasus')}"] if few else []
    return [html.Div(html.Span(" · ".join(texts)), className="mr mh note")]
