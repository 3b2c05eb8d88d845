"""The frame every panel wears: title, tag, source and age; it owns the truth about age.

The browser computes the age and the state by itself from the data attributes (``age.js``), so a
frozen server cannot leave a live-looking number. The server only says what it knows.
"""

from typing import Any

from dash import html


def attributes(state: dict[str, Any] | None, stale_s: float, expires_s: float) -> dict[str, str]:
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
    }


def frame(page: str, panel: Any, state: dict[str, Any] | None) -> Any:
    """A panel's section with the last published body inside; ids are ``page-panel`` and ``page-panel-body``."""
    name = f"{page}-{panel.name}"
    title = (html.H3 if panel.size == "small" else html.H2)(panel.title)
    source = f"{state['source']} · " if state and state.get("source") else ""
    age = html.Span([html.Span(source, className="src"), html.B("", className="age")], className="ag")
    head = html.Header(
        [title, html.Span("", className="tag", hidden=True), html.Span(panel.sub, className="sub"), age], className="ph"
    )
    body = html.Div(state["body"] if state else None, id=f"{name}-body", className="pb")
    why = html.P("", className="why", role="status")
    classes = "pn " + {"small": "kg", "strip": "sc"}.get(panel.size, "") + " waiting"
    return html.Section(
        [head, body, why],
        id=name,
        className=classes,
        style={"gridArea": panel.area},
        **attributes(state, panel.stale_after_s, panel.expires_after_s),
        **{"data-panel": panel.name},
    )
