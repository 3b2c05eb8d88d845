"""A count per district in five classes, each with its number.

Asks    one metric by district, and a second one (``late``) marked on top.
Shows   the region's polygons, or a schematic that says so; the classes as a ramp below.
Limits  cases without a known district are counted in words, not drawn.
"""

from typing import Any

from dash import html
from dash.development.base_component import Component
from dash_svg import Path, Svg

from city.config import Args as BaseArgs
from city.model import Reading
from city.queries import Queries
from dashboard import marks
from dashboard.reading import packed, unpacked
from dashboard.schematic import WIDTH, Picture, picture
from dashboard.words import Words

CLASSES = 5


class Args(BaseArgs):
    """``metric`` colours the districts; ``late`` counts the marks, ``late_label`` says what they are."""

    metric: str
    late: str | None = None
    late_label: str = "lewat tenggat"


def metrics(args: Args) -> tuple[str, ...]:
    """The metrics a layout names for this panel."""
    return (args.metric, args.late) if args.late else (args.metric,)


def needs(args: Args, size: str) -> tuple[float, float]:
    """A count and a name in each district must not meet their neighbours'; the legend below (units)."""
    return 510, 480


def load(args: Args, queries: Queries) -> Reading:
    """Both counts by district, the limit of the second, and the shapes."""
    late = queries.metric(args.late) if args.late else None
    found = {
        "reading": queries.measure(args.metric, by=("district",)),
        "late": queries.measure(late.name, by=("district",)) if late else None,
        "limit": queries.config.limits.get(late.name) if late else None,
        "direction": late.direction if late else "lower",
        "picture": picture(queries.config.region),
    }
    return packed(found)


def draw(args: Args, reading: Reading, words: Words) -> list[Component]:
    """Map, list for wide walls, and legend."""
    loaded = unpacked(reading)
    shapes: Picture = loaded["picture"]
    counts, late = _by_district(loaded["reading"]), _by_district(loaded["late"])
    known = {code: counts.get(code) or 0 for code in shapes.shapes}
    edges = _edges(list(known.values()))
    priority = marks.level(loaded["limit"], loaded["direction"], sum(late.values())) if args.late else None
    drawn: list[Component] = [_paths(shapes, known, edges)]
    for code, shape in shapes.shapes.items():
        drawn.append(_label(code, shape, (known[code], _class(known[code], edges)), late.get(code, 0), priority, words))
    style = {"--ar": f"{WIDTH / shapes.height:.4f}"}
    box = html.Div(html.Div(drawn, className="map"), className="mapbox", style=style)
    unplaced = sum(value for code, value in counts.items() if code not in shapes.shapes)
    notes = _notes(args, shapes, unplaced, sum(late.values()), priority, words)
    legend = html.Div([html.Span(notes, className="nt2"), _ramp(known, edges, words)], className="mleg")
    return [box, _list(known, late, priority, words), legend]


def _paths(shapes: Picture, known: dict[str, int], edges: list[int]) -> Component:
    classes = {code: f"kec q{_class(value, edges)}" for code, value in known.items()}
    paths = [Path(d=shape.path, className=classes[code]) for code, shape in shapes.shapes.items()]
    return Svg(paths, viewBox=f"0 0 {WIDTH:.0f} {shapes.height:.0f}", **{"aria-hidden": "true"})


def _by_district(reading: Reading | None) -> dict[Any, int]:
    rows = reading.rows if reading else []
    return {row["district"]: int(row["value"] or 0) for row in rows}


def _edges(values: list[int]) -> list[int]:
    """Lower bounds of the classes above the first: equal counts of districts, whole numbers, none twice."""
    ranked = sorted(values)
    if not ranked:
        return []
    marks_at = (ranked[min(len(ranked) - 1, round(len(ranked) * k / CLASSES))] for k in range(1, CLASSES))
    return sorted({edge for edge in marks_at if edge > ranked[0]})


def _class(value: int, edges: list[int]) -> int:
    """1 to 5; with fewer classes than five the darkest go unused, never the lightest."""
    return 1 + sum(value >= edge for edge in edges)


def _label(code: str, shape: Any, shown: tuple[int, int], late: int, priority: int | None, words: Words) -> Component:
    name = _broken(words.name("district", code))
    mark = [html.Span([marks.mark(priority, solid=True, small=True), words.number(late)],
                      className=f"lt {marks.css(priority)}".strip())] if late else []  # fmt: skip
    style = {"left": f"{100 * shape.x:.1f}%", "top": f"{100 * shape.y:.1f}%"}
    number = html.Span([html.B(words.number(shown[0])), *mark], className="vl")
    return html.Div([number, *name], className=f"ml on{shown[1]}", style=style)


def _broken(name: str) -> list[str | Component]:
    """A name of two long words on two lines: cells are narrow."""
    first, _, last = name.partition(" ")
    return [first, html.Br(), last] if last and len(name) > 10 else [name]


def _list(known: dict[str, int], late: dict[Any, int], priority: int | None, words: Words) -> Component:
    head = html.Div([html.Span(words.t(text)) for text in ("kecamatan", "terbuka", "lewat")])
    ranked = sorted(known.items(), key=lambda item: -item[1])
    rows = [
        html.Div([html.Span(words.name("district", code)), html.B(words.number(value)),
                  html.B(words.number(late.get(code) or None), className="k2")])
        for code, value in ranked
    ]  # fmt: skip
    return html.Div([head, *rows], className="klist")


def _notes(
    args: Args, shapes: Picture, unplaced: int, late: int, priority: int | None, words: Words
) -> list[Component]:
    """What the marks mean, and what the map does not show."""
    notes: list[Component] = []
    if args.late:
        mark = marks.mark(priority, solid=True, small=True)
        text = f" {words.t(args.late_label)} ({words.number(late)})"
        notes.append(html.Span([mark, text], className=marks.css(priority)))
    extra = [words.t("skematis")] if shapes.schematic else []
    extra += [f"{words.number(unplaced)} {words.t('tanpa lokasi')}"] if unplaced else []
    return [*notes, *([html.Span(", ".join(extra), className="k3")] if extra else [])]


def _ramp(known: dict[str, int], edges: list[int], words: Words) -> Component:
    lows = [min(known.values(), default=0), *edges]
    texts = [_span(low, high, words) for low, high in zip(lows, [*edges, None], strict=True)]
    steps = [html.Span(text, style={"borderColor": f"var(--q-{index})"}) for index, text in enumerate(texts, 1)]
    return html.Span(steps, className="ramp")


def _span(low: int, after: int | None, words: Words) -> str:
    if after is None:
        return f"{words.number(low)}+" if low else "0"
    return words.number(low) if after - 1 <= low else f"{words.number(low)}–{words.number(after - 1)}"
