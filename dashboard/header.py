"""The head of a wall: whose it is, what it shows, whether it is connected, and the time.

Ids for the browser: ``sim``, ``link`` (class ``off`` when broken), ``link-state``, ``link-oldest``,
``clock``, ``clock-s``, ``clock-zone``, ``clock-date``. Empty until the browser fills them.
"""

from datetime import datetime

from dash import html
from dash.development.base_component import Component
from dash_svg import Circle, Path, Svg

from dashboard.words import Words


def header(
    title: str, words: Words, version: str, *, simulated: bool, insecure: bool = False, now: datetime | None = None
) -> Component:
    """The header of a scene; ``now`` fills the clock of the first paint."""
    return html.Header(
        [
            html.Div(_identity(title, words, version), className="h-id"),
            html.Div(_warnings(words, simulated, insecure), className="h-mid"),
            html.Div([_link(words), html.Div(className="sep"), _clock(words, now)], className="h-rt"),
        ],
        className="hd",
        style={"gridArea": "header"},
    )


def _two(first: Component | str, second: Component | str) -> Component:
    return html.Div([html.B(first), html.Span(second)], className="two")


def _identity(title: str, words: Words, version: str) -> list[Component]:
    crest = Svg(
        [
            Path(d="M3 3h38v24c0 11-8 18-19 22C11 45 3 38 3 27Z"),
            Path(className="d", d="M8 8h28v19c0 8-5.6 13-14 16.5C13.6 40 8 35 8 27Z"),
        ],
        viewBox="0 0 44 52",
        className="crest",
        **{"aria-hidden": "true"},
    )
    city = _two(words.region.name, words.region.room)
    scene = _two(title, f"{words.t('Tampilan')} 1, Kendali {version}")
    return [html.Div([crest, city], className="brand"), html.Div(className="sep"), scene]


def _warnings(words: Words, simulated: bool, insecure: bool) -> list[Component]:
    sim = html.Span(words.t("DATA SIMULASI"), id="sim", className="sim", hidden=not simulated)
    unsafe = [html.Span(words.t("TANPA PENGAMANAN"), id="insecure", className="sim warn")] if insecure else []
    return [sim, *unsafe]


def _link(words: Words) -> Component:
    icon = Svg(
        [
            Path(d="M2 9.5C8 3.5 16 3.5 22 9.5M5.5 13c3.8-3.7 9.2-3.7 13 0M9 16.5c1.8-1.7 4.2-1.7 6 0"),
            Circle(cx="12", cy="20", r=".8"),
            Path(className="x", d="M4 3 20 21"),
        ],
        viewBox="0 0 24 24",
        **{"aria-hidden": "true"},
    )
    state = html.B(words.t("Menyambung"), id="link-state")
    return html.Div(
        [icon, html.Div([state, html.Span(id="link-oldest")], className="two")], id="link", className="link"
    )


def _clock(words: Words, now: datetime | None) -> Component:
    seconds = now.astimezone(words.zone).strftime("%S") if now else ""
    day = [
        html.Span(words.zone_name(now) if now else "", id="clock-zone"),
        html.Span(words.date(now) if now else "", id="clock-date"),
    ]
    return html.Div(
        [
            html.B(words.time(now) if now else "", id="clock"),
            html.I(seconds, id="clock-s"),
            html.Div(day, className="two"),
        ],
        className="clock",
    )
