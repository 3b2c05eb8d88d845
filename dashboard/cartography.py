"""The parts of a map: districts and rivers as paths, labels, points, the list beside it, and what it does not show."""

from collections.abc import Mapping, Sequence
from typing import Any

from dash import html
from dash.development.base_component import Component
from dash_svg import Defs, Path, Pattern, Rect, Svg

from city.metrics import FEW
from dashboard import marks, spoken
from dashboard.classes import Values
from dashboard.schematic import Picture, Shape, broken
from dashboard.words import Words

#: One pattern for every map of a page; the same wherever it is said.
_HATCH = "kendali-hatch"


def paths(shapes: Picture, values: Values) -> Component:
    """Districts in their classes, an unknown one hatched; rivers and the lines to labels beside."""
    drawn: list[Component] = [_hatch()] if "unk" in map(values.css, shapes.shapes) else []
    for code, shape in shapes.shapes.items():
        css = values.css(code)
        hatched = {"fill": f"url(#{_HATCH})"} if css == "unk" else {}
        drawn.append(Path(d=shape.path, className=f"kec {css}", **hatched))
    drawn += [Path(d=water, className="rv") for water in shapes.waters]
    drawn += [Path(d=shape.lead, className="lead") for shape in shapes.shapes.values() if shape.lead]
    return Svg(drawn, viewBox=f"0 0 1000 {shapes.height:.0f}", **{"aria-hidden": "true"})


def _hatch() -> Component:
    line = [Rect(className="hb", width="14", height="14"), Rect(className="hs", width="4", height="14")]
    how = {"patternUnits": "userSpaceOnUse", "patternTransform": "rotate(45)"}
    return Defs(Pattern(line, id=_HATCH, width="14", height="14", **how))


def label(code: str, shape: Shape, values: Values, late: int, priority: int | None, words: Words) -> Component:
    """The number of a district with its marks, and its name below."""
    first, *rest = broken(words.name("district", code))
    name = [first, *(part for line in rest for part in (html.Br(), line))]
    mark = [html.Span([marks.mark(priority, words, solid=True, small=True), html.Span(words.number(late))],
                      className=f"lt {marks.css(priority)}".strip())] if late else []  # fmt: skip
    style = {"left": f"{100 * shape.x:.1f}%", "top": f"{100 * shape.y:.1f}%"}
    number = html.Span([html.B(values.text(code, words)), *mark], className="vl")
    # Beside the map it stands on the ground, not on the class of its district.
    tone = "beside" if shape.lead else values.css(code).replace("q", "on")
    return html.Div([number, html.Span(name, className="dn")], className=f"ml {tone}", style=style)


def points(shapes: Picture, rows: Sequence[Mapping[str, Any]]) -> list[Component]:
    """One dot a position, larger where there are more cases."""
    drawn = []
    for row in rows:
        if on_map(shapes, row):
            x, y = shapes.at(row["lat"], row["lon"])
            css = "mpt many" if row["n"] >= FEW else "mpt"
            style = {"left": f"{100 * x:.1f}%", "top": f"{100 * y:.1f}%"}
            drawn.append(html.Span(html.Span(className="dt pt"), className=css, style=style))
    return drawn


def on_map(shapes: Picture, row: Mapping[str, Any]) -> bool:
    """Whether a row's position lies on the picture; one without a position does not."""
    if row["lat"] is None or row["lon"] is None or not shapes.shapes:
        return False
    return all(0 <= share <= 1 for share in shapes.at(row["lat"], row["lon"]))


def table(
    values: Values, late: Mapping[Any, int], priority: int | None, heads: Sequence[str], words: Words
) -> Component:
    """Every district with its value and marks, the largest first: shown beside the map where there is room."""
    head = html.Div([html.Span(text) for text in heads], className="mh")
    ranked = sorted(values.known.items(), key=lambda item: (item[1] is None, -(item[1] or 0)))
    rows = [
        html.Div([html.Span(words.name("district", code)), html.B(values.text(code, words)),
                  html.B(words.number(late.get(code) or None), className="k2")])
        for code, _ in ranked
    ]  # fmt: skip
    return spoken.listed([head, *rows], "klist", words.t("Tabel"))


def gaps(shapes: Picture, values: Values, unplaced: int, words: Words) -> list[Component]:
    """What the map does not show: districts without a value or a shape, cases without a place; and that it is none."""
    seen = [code for code, value in values.known.items() if value is not None and code in shapes.shapes]
    unknown = any(value is None for value in values.known.values())
    notes: list[Component] = []
    if shapes.shapes and len(seen) < len(values.known):
        text = f"{len(seen)} {words.t('dari')} {len(values.known)} {words.many('kecamatan', len(values.known))}"
        notes.append(html.Span([*([html.Span(className="sw")] if unknown else []), text], className="un part"))
    extra = [words.t("skematis")] if shapes.schematic else []
    extra += [f"{words.number(unplaced)} {words.t('tanpa lokasi')}"] if unplaced else []
    return [*notes, *([html.Span(", ".join(extra), className="k3")] if extra else [])]
