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


def load(args: Args, queries: Queries) -> dict[str, Any]:
    """Both counts by district, the limit of the second, and the shapes."""
    late = queries.metric(args.late) if args.late else None
    return {
        "reading": queries.measure(args.metric, by=("district",)),
        "late": queries.measure(late.name, by=("district",)) if late else None,
        "limit": queries.config.limits.get(late.name) if late else None,
        "direction": late.direction if late else "lower",
        "picture": picture(queries.config.region),
    }


def draw(args: Args, loaded: dict[str, Any], words: Words) -> list[Component]:
    """Map, list for wide walls, and legend."""
    shapes: Picture = loaded["picture"]
    counts, late = _by_district(loaded["reading"]), _by_district(loaded["late"])
    known = {code: counts.get(code) or 0 for code in shapes.shapes}
    edges = _edges(list(known.values()))
    priority = marks.level(loaded["limit"], loaded["direction"], sum(late.values())) if args.late else None
    paths = [Path(d=shape.path, className=f"kec q{_class(known[code], edges)}") for code, shape in shapes.shapes.items()]
    labels = [_label(code, shape, known[code], late.get(code, 0), priority, words) for code, shape in shapes.shapes.items()]
    svg = Svg(paths, viewBox=f"0 0 {WIDTH:.0f} {shapes.height:.0f}", **{"aria-hidden": "true"})
    box = html.Div(html.Div([svg, *labels], className="map"), className="mapbox",
                   style={"--ar": f"{WIDTH / shapes.height:.4f}"})  # fmt: skip
    missing = sum(value for code, value in counts.items() if code not in shapes.shapes)
    return [box, _list(known, late, priority, words), _legend(args, loaded, edges, missing, sum(late.values()), priority, words)]


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


def _label(code: str, shape: Any, count: int, late: int, priority: int | None, words: Words) -> Component:
    name = _broken(words.name("district", code))
    mark = [html.Span([marks.mark(priority, solid=True, small=True), words.number(late)],
                      className=f"lt {marks.css(priority)}".strip())] if late else []  # fmt: skip
    style = {"left": f"{100 * shape.x:.1f}%", "top": f"{100 * shape.y:.1f}%"}
    return html.Div([html.B(words.number(count)), *name, *mark], className="ml", style=style)


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


def _legend(
    args: Args, loaded: dict[str, Any], edges: list[int], missing: int, late: int, priority: int | None, words: Words
) -> Component:
    notes: list[Component] = []
    if args.late:
        mark = marks.mark(priority, solid=True, small=True)
        notes.append(html.Span([mark, f" {words.t(args.late_label)} ({words.number(late)})"], className=marks.css(priority)))
    extra = [words.t("skematis")] if loaded["picture"].schematic else []
    extra += [f"{words.number(missing)} {words.t('tanpa lokasi')}"] if missing else []
    notes += [html.Span(", ".join(extra), className="k3")] if extra else []
    lows = [min(_by_district(loaded["reading"]).values(), default=0) if not edges else 0, *edges]
    texts = [_span(low, high, words) for low, high in zip(lows, [*edges, None], strict=True)]
    steps = [html.Span(text, style={"borderColor": f"var(--q-{index})"}) for index, text in enumerate(texts, 1)]
    return html.Div([html.Span(notes, className="nt2"), html.Span(steps, className="ramp")], className="mleg")


def _span(low: int, after: int | None, words: Words) -> str:
    if after is None:
        return f"{words.number(low)}+"
    return words.number(low) if after - 1 <= low else f"{words.number(low)}–{words.number(after - 1)}"
