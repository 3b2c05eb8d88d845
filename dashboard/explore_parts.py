"""What the parts of /explore share: links that narrow the selection, and the frame of a chart with its age. Pure."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from babel.dates import format_date
from dash import html
from dash.development.base_component import Component

from city.explored import Explored
from city.selection import Selection
from city.texts import N_
from dashboard.words import Words

NAME = "explore"
#: Status -> what it is called.
STATUS = {
    "received": N_("Diterima"), "routed": N_("Diteruskan"), "in_progress": N_("Diproses"),
    "done": N_("Selesai"), "rejected": N_("Ditolak"),
}  # fmt: skip
UNKNOWN = {"channel": N_("Tanpa kanal"), "priority": N_("Tanpa prioritas"), "status": N_("Tanpa status")}


def href(selection: Selection) -> str:
    """The address of a selection."""
    return f"/{NAME}?{selection.query()}"


def go(selection: Selection, children: Any, css: str = "", **more: Any) -> Component:
    """A link to a selection; assets/explore.js follows it without loading the page anew."""
    return html.A(children, href=href(selection), className=f"go {css}".strip(), **more)


def value_name(dimension: str, value: str | None, words: Words) -> str:
    """What a value is called; none and the empty text are not known."""
    if not value:
        return words.t(UNKNOWN[dimension]) if dimension in UNKNOWN else words.name(dimension, None)
    return words.t(STATUS[value]) if dimension == "status" and value in STATUS else words.name(dimension, value)


def days_text(first: date, last: date, words: Words) -> str:
    """``24 Nov 2026``, ``1 Sep–24 Nov 2026``, ``8 Des 2025–7 Jan 2026``."""

    def said(day: date, pattern: str) -> str:
        return str(format_date(day, pattern, locale=words.language))

    if first == last:
        return said(last, "d MMM y")
    return f"{said(first, 'd MMM y' if first.year != last.year else 'd MMM')}–{said(last, 'd MMM y')}"


def panel(title: str, sub: Any, body: Sequence[Any], css: str, found: Explored, tail: Any = None) -> Component:
    """A chart in its frame; its age goes on in the browser (assets/age.js)."""
    reading = found.numbers["opened"]
    head = [
        html.H2(title),
        html.Span("", className="tag", hidden=True),
        html.Span(sub, className="sub"),
        html.Span([*(tail or []), html.B("", className="age")], className="ag"),
    ]
    state = {
        "data-as-of": reading.as_of.isoformat() if reading.as_of else "",
        "data-stale-after-s": f"{found.stale_s:.0f}",
        "data-expires-after-s": f"{found.expires_s:.0f}",
        "data-simulated": "1" if reading.simulated else "",
        "data-missing": "" if reading.as_of else "1",
    }
    return html.Section(
        [html.Header(head, className="ph"), html.P("", className="why"), html.Div(list(body), className="pb")],
        className=f"pn {css}", **state,
    )  # fmt: skip
