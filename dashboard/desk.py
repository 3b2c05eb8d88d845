"""What every page for a desk has around it: the bar with the pages, the city and the clock.

Unlike a wall, a desk page asks when it is looked at (an ordinary callback every ``EVERY_S``); the answer is
shared by all who look. Ages go on by themselves in the browser (assets/age.js), and a page whose answers
stop coming says so.
"""

from collections.abc import Sequence

from dash import dcc, html
from dash.development.base_component import Component

from dashboard.header import crest
from dashboard.words import Words

EVERY_S = 5


def shell(name: str, words: Words, pages: Sequence[tuple[str, str]]) -> Component:
    """A desk page: the bar, and ``{name}-body``, filled every ``EVERY_S``. ``pages`` are (address, title)."""
    return html.Div(
        [
            bar(words, pages, f"/{name}"),
            dcc.Interval(id=f"{name}-tick", interval=1000 * EVERY_S),
            html.Main(id=f"{name}-body", className="pg"),
        ],
        className="sheet",
    )


def bar(words: Words, pages: Sequence[tuple[str, str]], here: str) -> Component:
    """The top bar: crest, city, pages, whether data are simulated, link and clock (filled by assets/age.js)."""
    links = [
        html.A(title, href=address, **({"aria-current": "page"} if address == here else {})) for address, title in pages
    ]
    end = [
        html.Span(words.t("DATA SIMULASI"), id="simulated", className="sim", hidden=True),
        html.Span([html.B("", id="link"), " ", html.Span("", id="oldest")], className="link"),
        html.Span([html.B("", id="clock"), html.Span("", id="seconds", hidden=True), " ", html.Span("", id="today")]),
    ]
    brand = html.Div([crest(), "Kendali ", html.Span(words.region.name)], className="brand")
    nav = html.Nav(links, **{"aria-label": words.t("Halaman")})
    said = {"data-zone": words.region.timezone, "data-language": words.language}
    return html.Header([brand, nav, html.Div(end, className="end")], className="top", id="head", **said)
