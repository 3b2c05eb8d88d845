"""Warnings in force: what, and until when.

Asks    the cases of a kind that have not ended, and the limit of their number.
Shows   them standing still while there is room; else some at a time, turning every 8 s in CSS alone. With
        reduced motion the first stand still and the others are counted.
Limits  at most ``pages`` turns; what would not be shown is counted. Nothing in force is said in words.
"""

from datetime import datetime, timedelta
from typing import Any

from dash import html
from dash.development.base_component import Component
from pydantic import Field

from city import judging, occurrences
from city.config import Args as BaseArgs
from city.config import Name
from city.model import Reading
from city.queries import Queries
from dashboard import marks
from dashboard.reading import packed, unpacked
from dashboard.words import Words

#: The style sheet has an animation for every number of pages up to this.
PAGES = 6
#: Within this a time of day needs no date.
NEAR = timedelta(hours=20)


class Args(BaseArgs):
    """The cases of ``kind``, ``rows`` at a time."""

    kind: Name = "warning"
    rows: int = Field(default=2, ge=1, le=6)


def metrics(args: Args) -> tuple[str, ...]:
    """The metrics a layout names for this panel."""
    return (f"{args.kind}s_open",)


def needs(args: Args, size: str) -> tuple[float, float]:
    """The smallest width and height in units at which it is legible."""
    return (230, 86) if size == "strip" else (440, 44 + 56 * args.rows)


def load(args: Args, queries: Queries) -> Reading:
    """What is in force or announced, the present, and how the limit of their number stands."""
    (name,) = metrics(args)
    found = {"reading": occurrences.in_force(queries, args.kind), "now": queries.clock()}
    return packed(found | {"judged": judging.judged(queries, name)})


def draw(args: Args, reading: Reading, words: Words) -> Component:
    """The pages, or one line that says there is nothing."""
    loaded = unpacked(reading)
    rows, now = loaded["reading"].rows, loaded["now"]
    if not rows:
        return html.P(words.t("Tidak ada peringatan yang berlaku"), className="calm")
    priority = loaded["judged"].priority()
    shown = rows[: args.rows * PAGES]
    groups = [shown[start : start + args.rows] for start in range(0, len(shown), args.rows)]
    pages = [_page(args, number, groups, rows, now, priority, words) for number in range(len(groups))]
    return html.Div(pages, className=f"tk tk{len(groups)}")


def _page(
    args: Args, number: int, groups: list[Any], rows: list[Any], now: Any, priority: int | None, words: Words
) -> Component:
    drawn = [_row(row, now, priority if row["opened_at"] <= now else None, words) for row in groups[number]]
    drawn += [html.Div(className="er") for _ in range(args.rows - len(drawn))]
    notes = []
    if len(groups) > 1:
        last = min((number + 1) * args.rows, len(rows))
        first = number * args.rows + 1
        text = f"{first if first == last else f'{first}–{last}'} {words.t('dari')} {words.number(len(rows))}"
        still = f"+{words.number(len(rows) - args.rows)} {words.t('lagi')}"
        notes = [html.Div([html.Span(text, className="turn"), html.Span(still, className="still")], className="tn")]
    return html.Div([*drawn, *notes], className=f"tp tp-{number + 1}")


def _row(row: dict[str, Any], now: Any, priority: int | None, words: Words) -> Component:
    mark = marks.mark(priority, words) if priority else html.Span(className="mk")
    what = ", ".join(filter(None, [words.name("category", row["category"]), _where(row, words)]))
    parts = [mark, html.B(what), html.Span(_when(row, now, words))]
    return html.Div(parts, className=f"tr2 {marks.css(priority)}".strip())


def _where(row: dict[str, Any], words: Words) -> str:
    return words.name("district", row["district"]) if row["district"] else ""


def _when(row: dict[str, Any], now: datetime, words: Words) -> str:
    """``s.d. 16.30``, or ``mulai 15.00, s.d. 18.00`` for one that is announced; the day only when it is not near."""

    def at(moment: datetime) -> str:
        return words.time(moment) if abs(moment - now) < NEAR else words.moment(moment, now)

    begins = [f"{words.t('mulai')} {at(row['opened_at'])}"] if row["opened_at"] > now else []
    ends = [f"{words.t('s.d.')} {at(row['closed_at'])}"] if row["closed_at"] else []
    return ", ".join([*begins, *(ends or [words.t("akhirnya belum diketahui")])])
