"""How long cases have been waiting: the open or overdue ones of a kind by age.

Asks    one metric of open or overdue cases, in bands of age; that of an overdue case counts from its promise.
Shows   a bar for every band from the youngest down, its count and share, and the greatest age.
Limits  no band has a colour: an alarm is a limit of the whole count, in the settings.
"""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from itertools import pairwise

from dash import html
from dash.development.base_component import Component
from pydantic import Field, field_validator

from city import standing
from city.config import Args as BaseArgs
from city.config import Duration
from city.metrics import FEW, Metric
from city.model import Reading
from city.queries import Queries
from dashboard import marks
from dashboard.reading import packed, unpacked
from dashboard.room import ROW_U, TITLE_U
from dashboard.words import Words


class Args(BaseArgs):
    """``bands``: the ages between them, ascending."""

    metric: str
    bands: tuple[Duration, ...] = Field(
        default=(timedelta(days=1), timedelta(days=3), timedelta(days=7), timedelta(days=30)),
        min_length=1,
        max_length=7,
    )

    @field_validator("bands")
    @classmethod
    def _ascending(cls, bands: tuple[timedelta, ...]) -> tuple[timedelta, ...]:
        if any(first >= second for first, second in pairwise((timedelta(), *bands))):
            raise ValueError("the ages must ascend, from more than nothing")
        return bands


def metrics(args: Args) -> tuple[str, ...]:
    """The metrics a layout names for this panel."""
    return (args.metric,)


def flaws(args: Args, known: Mapping[str, Metric]) -> Iterator[tuple[str, str]]:
    """(metric, what is wrong) of a metric that has no ages."""
    metric = known.get(args.metric)
    if metric and metric.measure not in standing.SINCE:
        yield args.metric, f"'{args.metric}' has no age: only metrics of 'open' and 'overdue' have one"


def needs(args: Args, size: str) -> tuple[float, float]:
    """A row for every band, and the note (units)."""
    return 360, TITLE_U + ROW_U * (len(args.bands) + 2)


def load(args: Args, queries: Queries) -> Reading:
    """The counts of every band."""
    return packed(standing.ages(queries, args.metric, args.bands))


def draw(args: Args, reading: Reading, words: Words) -> Component:
    """A row for every band, and the greatest age."""
    found: Reading = unpacked(reading)
    top = max(row["value"] for row in found.rows) or 1
    oldest = max((row["oldest_s"] for row in found.rows if row["oldest_s"] is not None), default=None)
    names = _names(args.bands, words)
    pairs = zip(found.rows, names, strict=True)
    drawn = [_row(name, row["value"], top, found.n, words) for row, name in pairs]
    return html.Div([*drawn, _note(found.n, oldest, words)], className="mf age")


def _row(name: str, value: int, top: int, whole: int, words: Words) -> Component:
    bar = html.I(style={"left": "0", "width": f"{value / top * 100:.1f}%"})
    share = words.percent(value / whole, 0) if whole >= FEW else ""
    shown = marks.figure(words.number(value), None, words)
    return html.Div(
        [html.Span(name, className="nm"), html.Span(bar, className="bar"), shown, html.Span(share, className="sh2")],
        className="mr",
    )


def _note(whole: int, oldest_s: float | None, words: Words) -> Component:
    text = words.t("belum ada kasus") if oldest_s is None else ""
    if oldest_s is not None:
        longest = words.duration_text(max(0.0, oldest_s) / 3600)
        text = f"{words.number(whole)} {words.many('kasus', whole)}, {words.t('terlama')} {longest}"
    return html.Div(html.Span(text), className="mr mh note")


def _names(bands: tuple[timedelta, ...], words: Words) -> list[str]:
    """``< 1 hr``, ``1–3 hr``, ``≥ 30 hr``; two units in one band: ``4 j – 1 hr``."""
    edges = [words.whole(band.total_seconds()) for band in bands]
    between = [
        f"{low}–{high} {unit}" if first == unit else f"{low} {first} – {high} {unit}"
        for (low, first), (high, unit) in pairwise(edges)
    ]
    return [f"< {' '.join(edges[0])}", *between, f"≥ {' '.join(edges[-1])}"]
