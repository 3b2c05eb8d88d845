"""The head of a wall: whose it is, what it shows, whether it is connected, and the time.

``scene-title`` and ``scene-place`` belong to the scene that is shown: whatever turns the scenes fills them
from the scene's ``data-title`` and ``data-place``. assets/age.js fills ``simulated``, ``link``, ``oldest``,
``clock``, ``seconds``, ``today``; the box ``.link`` gets the class ``lost`` when nothing has been heard.
"""

from datetime import datetime

from dash import html
from dash.development.base_component import Component
from dash_svg import Circle, Path, Svg

from city.config import Region
from dashboard.words import Words


def header(
    title: str, place: str, version: str, words: Words, *, stage: Component | None = None, insecure: bool = False
) -> Component:
    """The header of a wall. ``title``, ``place``: of its first scene; ``version``: what is said of the screen.

    ``stage``: the city's, in the middle.
    """
    return html.Header(
        [
            html.Div(_identity(title, place, version, words), className="h-id"),
            html.Div([*_warnings(words, insecure), *([stage] if stage else [])], className="h-mid"),
            html.Div([_link(words), html.Div(className="sep"), _clock(words.region)], className="h-rt"),
        ],
        className="hd",
        id="head",
        **{"data-zone": words.region.timezone, "data-language": words.language},
    )


def crest() -> Component:
    """The place of the region's coat of arms, on walls and desks."""
    outer = Path(d="M3 3h38v24c0 11-8 18-19 22C11 45 3 38 3 27Z")
    inner = Path(className="d", d="M8 8h28v19c0 8-5.6 13-14 16.5C13.6 40 8 35 8 27Z")
    return Svg([outer, inner], viewBox="0 0 44 52", className="crest", **{"aria-hidden": "true"})


def _identity(title: str, place: str, version: str, words: Words) -> list[Component]:
    city = html.Div([html.B(words.region.name), html.Span(words.region.room)], className="two")
    turn = html.Span([html.Span(place, id="scene-place"), version])
    # What the whole screen is about; h1 would bring a look of its own.
    name = html.B(title, id="scene-title", role="heading", **{"aria-level": "1"})
    scene = html.Div([name, turn], className="two")
    turning = html.Span("", id="turning", className="tag", hidden=True, role="status")
    return [html.Div([crest(), city], className="brand"), html.Div(className="sep"), scene, turning]


def _warnings(words: Words, insecure: bool) -> list[Component]:
    tags = [html.Span(words.t("DATA SIMULASI"), id="simulated", className="sim", hidden=True)]
    if insecure:
        text = words.t("TANPA IDENTITAS: lalu lintas di jaringan ini dapat disadap")
        tags.append(html.Span(text, className="sim warn"))
    return tags


def _link(words: Words) -> Component:
    arcs = "M2 9.5C8 3.5 16 3.5 22 9.5M5.5 13c3.8-3.7 9.2-3.7 13 0M9 16.5c1.8-1.7 4.2-1.7 6 0"
    icon = Svg(
        [Path(d=arcs), Circle(cx="12", cy="20", r=".8"), Path(className="x", d="M4 3 20 21")],
        viewBox="0 0 24 24",
        **{"aria-hidden": "true"},
    )
    texts = [html.B(words.t("Menyambung"), id="link"), html.Span("", id="oldest")]
    return html.Div([icon, html.Div(texts, className="two")], className="link")


def _clock(region: Region) -> Component:
    zone = html.Span(datetime(2026, 1, 1, tzinfo=region.zone).tzname() or region.timezone)
    day = html.Div([zone, html.Span("", id="today")], className="two")
    return html.Div([html.B("", id="clock"), html.I("", id="seconds"), day], className="clock")
