"""One waiting case as a row of a list: due soon or overdue. A row has no name, number, address or subject. Pure."""

from datetime import timedelta
from typing import Any

from dash import html
from dash.development.base_component import Component

from dashboard import marks
from dashboard.words import Part, Words

#: Under this a case is about to be late: its rule is white.
SOON = timedelta(hours=1)


def due(row: dict[str, Any], horizon_s: float, words: Words) -> Component:
    """Time left, what and where, who; the rule below is the time left of ``horizon_s``."""
    agency = words.name("agency", row["agency"])
    share = max(0.0, min(1.0, row["value"] / horizon_s))
    return html.Div(
        [
            html.Span(words.duration(row["value"] / 3600), className="n"),
            html.Span(_what(row, words) if _placed(row) else agency, className="w"),
            html.Span(agency if _placed(row) else "", className="o"),
        ],
        className="dr soon" if row["value"] < SOON.total_seconds() else "dr",
        style={"--w": f"{100 * share:.0f}%"},
    )


def late(row: dict[str, Any], priority: int | None, words: Words) -> Component:
    """The mark of the number of overdue cases, what, for how long over; where and who."""
    agency, placed = words.name("agency", row["agency"]), _placed(row)
    return html.Div(
        [
            marks.mark(priority, words),
            html.Span(words.name("category", row["category"]) if placed else agency, className="t"),
            html.Span(words.duration(abs(row["value"]) / 3600), className="a n"),
            html.Span(words.name("district", row["district"]) if placed else "", className="s"),
            html.Span(agency if placed else "", className="w"),
        ],
        className=f"ar {marks.css(priority)}",
    )


def rest(count: int, horizon_s: float, words: Words) -> list[Component]:
    """How many more fall due: the rows are the first of them, never all that there are."""
    if count <= 0:
        return []
    text = words.many("+{n} lain dalam {time}", count, time=words.duration_text(horizon_s / 3600))
    return [html.Div(text, className="rest")]


def _placed(row: dict[str, Any]) -> bool:
    """Whether a case says what or where; a memo has neither, and who must act is all there is to say."""
    return bool(row["category"] or row["district"] or not row["agency"])


def _what(row: dict[str, Any], words: Words) -> list[Part]:
    """What first, for it says who must go; where in smaller letters."""
    what = words.name("category", row["category"])
    return [f"{what}, ", html.I(words.name("district", row["district"]))] if row["district"] else [what]
