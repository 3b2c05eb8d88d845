"""The frame every panel wears: title, source, age, the age rule and the words for what is wrong.

The browser (assets/age.js) computes age, state, tag and reason once a second from the ``data-``
attributes, so a dead server cannot leave a live-looking number. The server only says what it knows.
"""

from collections.abc import Mapping
from typing import Any

from dash import html
from dash.development.base_component import Component

#: size -> (classes of the section, title element, classes of the body)
_SIZES = {
    "panel": ("pn", html.H2, "pb"),
    "group": ("pn kg", html.H3, "pb kt"),
    "strip": ("pn sc", html.H3, "pb row"),
    "head": ("pn cst", html.H2, "pb stage"),
}


def attributes(state: Mapping[str, Any] | None, stale_s: float, expires_s: float) -> dict[str, str]:
    """The data attributes a frame has before the stream speaks."""
    state = state or {"missing": True}
    failure = state.get("failure") or {}
    return {
        "data-as-of": state.get("as_of") or "",
        "data-stale-after-s": str(state.get("stale_after_s", stale_s)),
        "data-expires-after-s": str(state.get("expires_after_s", expires_s)),
        "data-missing": "1" if state.get("missing") else "",
        "data-failure": failure.get("text", ""),
        "data-tries": str(failure.get("tries", "")),
        "data-simulated": "1" if state.get("simulated") else "",
        "data-partial": state.get("partial") or "",
        "data-source": state.get("source") or "",
        "data-breach": str(state.get("breach") or ""),
    }


def frame(page: str, panel: Any, state: Mapping[str, Any] | None) -> Component:
    """A panel's section ``{page}-{panel}`` with the last published body in ``{page}-{panel}-body``.

    It waits (hidden body) until the browser has said how old it is.
    """
    name = f"{page}-{panel.name}"
    classes, title, body = _SIZES[panel.size]
    source = f"{state['source']} · " if state and state.get("source") else ""
    head = [
        title(panel.title, **{"aria-level": "2"}),  # h3 is its look; every panel is one step below the scene
        html.Span("", className="tag", hidden=True),
        html.Span(panel.sub, className="sub"),
        html.Span([html.Span(source, className="src"), html.B("", className="age")], className="ag"),
    ]
    return html.Section(
        [
            html.Header(head, className="ph"),
            html.P("", className="why", role="status"),
            html.Div(state.get("body") if state else None, id=f"{name}-body", className=body),
        ],
        id=name,
        className=f"{classes} waiting",
        style={"gridArea": panel.name},
        **attributes(state, panel.stale_after_s, panel.expires_after_s),
        **{"data-page": page, "data-panel": panel.name},
    )
