"""The marks of an alarm: shape, digit and colour.

Priority 1 is a square, 2 a triangle, 3 a diamond, "cannot see" a dashed circle. Colour enters
only when a limit of the region's configuration stands as passed (:mod:`city.judging`).
"""

from dash import html
from dash.development.base_component import Component
from dash_svg import Circle, Path, Rect, Svg, Text

from dashboard.words import Words


def css(priority: int | None) -> str:
    """The colour class of a priority; empty without one."""
    return f"p{priority}" if priority else ""


def mark(priority: int | None, words: Words, *, solid: bool = False, small: bool = False) -> Component:
    """The mark of a priority; without one, a neutral triangle."""
    shapes = {1: Rect(className="sh", x="3", y="3", width="18", height="18", rx="1"),
              3: Path(className="sh", d="M12 1.8 22.2 12 12 22.2 1.8 12Z")}  # fmt: skip
    # Not `or`: a component without children counts as false.
    shape = shapes.get(priority or 2, Path(className="sh", d="M12 3 22.2 21H1.8Z"))
    tall = "18.7" if (priority or 2) == 2 else "16.7"
    digit = Text(str(priority or ""), className="dg tri" if tall == "18.7" else "dg", x="12", y=tall)
    names = ["mk", css(priority) or "nt", "" if solid else "o", "sm" if small or not priority else ""]
    label = words.t("Prioritas {n}", n=priority) if priority else words.t("Lewat tenggat")
    return html.Span(
        Svg([shape, digit], viewBox="0 0 24 24", role="img", **{"aria-label": label}),
        className=" ".join(filter(None, names)),
    )


def unseen(words: Words) -> Component:
    """The mark of something that cannot be seen."""
    shapes = [Circle(className="sh", cx="12", cy="12", r="9.6"), Text("?", className="dg", x="12", y="16.7")]
    said = {"aria-label": words.t("Tidak terlihat")}
    return html.Span(Svg(shapes, viewBox="0 0 24 24", role="img", **said), className="mk un o")


def range_bar(
    value: float | None, band: tuple[float, float] | None, target: float | None = None, whole: float | None = None
) -> Component:
    """Where a value sits on its line: the expected band as a block, the target as a dotted tick.

    The line of a part runs from zero to its ``whole``. With nothing to be held against there is no line.
    """
    if target is None and band is None and not whole:
        return html.Div(className="rb none")
    low, high = (0.0, whole) if whole else _room([p for p in (value, target, *(band or ())) if p is not None])

    def at(point: float) -> str:
        return f"{100 * min(1.0, max(0.0, (point - low) / (high - low))):.1f}%"

    parts: list[Component] = []
    if band:
        parts.append(html.B(style={"left": at(band[0]), "right": f"calc(100% - {at(band[1])})"}))
    if target is not None:
        parts.append(html.S(style={"left": at(target)}))
    if value is not None:
        parts.append(html.Em(style={"left": at(value)}))
    return html.Div(parts, className="rb")


def _room(points: list[float]) -> tuple[float, float]:
    """The ends of a line with some room on both sides; what is never negative does not go below zero."""
    low, high = min(points), max(points)
    pad = (high - low) * 0.6 or abs(high) * 0.5 or 1
    return (max(0.0, low - pad) if low >= 0 else low - pad), high + pad


def any_mark(priority: int | None, words: Words) -> list[Component]:
    """The mark of what has a priority, nothing for what has none."""
    return [mark(priority, words)] if priority else []


def figure(text: str, priority: int | None, words: Words) -> Component:
    """A figure at the end of a row, with its mark and colour where it has a priority."""
    drawn = [mark(priority, words, small=True)] if priority else []
    return html.Span([*drawn, html.B(text)], className=f"bk abn {css(priority)}" if priority else "bk")
