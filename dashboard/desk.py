"""What every page for a desk has around it: the bar with the pages, the city and the clock.

Unlike a wall, a desk page asks when it is looked at (an ordinary callback every ``EVERY_S``); the answer is
shared by all who look. Ages go on by themselves in the browser (assets/age.js), and a page whose answers
stop coming says so.
"""

from collections.abc import Sequence
from datetime import datetime

from dash import dcc, html
from dash.development.base_component import Component

from dashboard.header import crest
from dashboard.words import Words

EVERY_S = 5
SLOW_S = 60


def shell(name: str, words: Words, pages: Sequence[tuple[str, str]], body: Sequence[Component] = ()) -> Component:
    """A desk page: the bar, and ``{name}-body`` or what of it stays (``body``), filled every ``EVERY_S``.

    ``pages`` are (address, title).
    """
    return html.Div(
        [
            bar(words, pages, f"/{name}"),
            dcc.Interval(id=f"{name}-tick", interval=1000 * EVERY_S),
            # Of a page that takes long to draw: that the server lives, and when to draw it anew.
            html.Div(id=f"{name}-pulse"),
            dcc.Interval(id=f"{name}-slow", interval=1000 * SLOW_S),
            html.Main(list(body), id=f"{name}-body", className="pg"),
        ],
        className="sheet",
    )


def bar(words: Words, pages: Sequence[tuple[str, str]], here: str, drawn_at: datetime | None = None) -> Component:
    """The top bar: crest, city, pages, whether data are simulated, link and clock (filled by assets/age.js).

    ``drawn_at``: of a page that is not drawn anew, a form; it tells that moment, and no link that nothing would keep.
    """
    links = [
        html.A(title, href=address, **({"aria-current": "page"} if address == here else {})) for address, title in pages
    ]
    brand = html.Div([crest(), "Kendali ", html.Span(words.region.name)], className="brand")
    nav = html.Nav(links, **{"aria-label": words.t("Halaman")})
    if drawn_at is not None:
        clock = html.Span([html.B(words.time(drawn_at)), f" {words.zone_name(drawn_at)}"])
        return html.Header([brand, nav, html.Div(clock, className="end")], className="top")
    said = {"data-zone": words.region.timezone, "data-language": words.language}
    return html.Header([brand, nav, html.Div(_alive(words), className="end")], className="top", id="head", **said)


def _alive(words: Words) -> list[Component]:
    return [
        html.Span(words.t("DATA SIMULASI"), id="simulated", className="sim", hidden=True),
        html.Span([html.B("", id="link"), " ", html.Span("", id="oldest")], className="link"),
        html.Span([html.B("", id="clock"), html.Span("", id="seconds", hidden=True), " ", html.Span("", id="today")]),
    ]
