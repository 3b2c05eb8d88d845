"""The marks of an alarm: shape, digit and colour, so that colour is never alone."""

from typing import Any

import dash_svg as svg
from dash import html

from city.config import Limit

_SHAPES = {
    1: ("M3 3h18v18H3Z", 16.7, "dg"),
    2: ("M12 3 22.2 21H1.8Z", 18.7, "dg tri"),
    3: ("M12 1.8 22.2 12 12 22.2 1.8 12Z", 16.7, "dg"),
}


def level(limit: Limit | None, value: float | None) -> int | None:
    """The priority a value has under a limit: 2 for a breach, 3 for a warning, None for neither."""
    if limit is None or value is None:
        return None
    if limit.breach is not None and value >= limit.breach:
        return 2
    return 3 if limit.warn is not None and value >= limit.warn else None


def mark(priority: int, *, small: bool = False) -> Any:
    """The outline mark of a priority."""
    path, baseline, digits = _SHAPES[priority]
    shape = svg.Path(d=path, className="sh")
    digit = svg.Text(str(priority), x=12, y=baseline, className=digits)
    style = f"mk p{priority} o" + (" sm" if small else "")
    return html.Span(svg.Svg([shape, digit], viewBox="0 0 24 24", className=style), title=f"Prioritas {priority}")
