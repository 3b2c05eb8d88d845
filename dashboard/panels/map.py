"""A metric by district: five classes of shade, each district labelled with its value.

Asks    `metric` by district, and `marked` (overdue) as small triangles.
Draws   the region's polygons, or a schematic of them, labelled as such; a legend of the classes.
Limits  a district without a value is hatched and shows an en dash; cases without a district are counted below.
"""

from typing import Any

import dash_svg as svg
from dash import html

from city.config import Args as BaseArgs
from city.model import Reading
from city.queries import Queries
from dashboard.schematic import Shapes, shapes
from dashboard.words import ABSENT, Words


class Args(BaseArgs):
    """What to shade, and what to mark."""

    metric: str
    marked: str | None = None


def metrics(args: Args) -> list[str]:
    """What the map asks."""
    return [name for name in (args.metric, args.marked) if name]


def load(args: Args, queries: Queries) -> Reading | None:
    """One row per district: its value and how many are marked; the shapes in ``extra``."""
    reading = queries.measure(args.metric, by=["district"])
    marked = queries.measure(args.marked, by=["district"]).rows if args.marked else []
    values = {row["district"]: row for row in reading.rows}
    counts = {row["district"]: row["value"] for row in marked}
    codes = [district.code for district in queries.config.region.districts]
    nowhere = sum(row["n"] for code, row in values.items() if code not in codes)
    gap = {"value": 0 if reading.as_of else None, "n": 0}
    reading.rows = [{**values.get(code, gap), "district": code, "marked": counts.get(code, 0)} for code in codes]
    reading.extra = {"shapes": shapes(queries.config.region), "nowhere": nowhere}
    return reading


def draw(args: Args, reading: Reading, words: Words) -> Any:
    """The map over its legend."""
    drawn: Shapes = reading.extra["shapes"]
    steps = _classes([row["value"] for row in reading.rows if row["value"] is not None])
    paths = [
        svg.Path(d=drawn.paths[row["district"]], className=f"kec q{_class(row['value'], steps)}")
        for row in reading.rows
        if row["district"] in drawn.paths
    ]
    labels = [_label(row, drawn, words) for row in reading.rows if row["district"] in drawn.labels]
    plan = html.Div([svg.Svg(paths, viewBox=f"0 0 1000 {drawn.height}"), *labels], className="map")
    box = html.Div([plan], className="mapbox", style={"--ar": f"{1000 / drawn.height:.4f}"})
    return html.Div([box, _legend(args, reading, steps, drawn, words)], className="mapall")


def _classes(values: list[float]) -> list[int]:
    """Upper ends of five classes between the least and the most."""
    if not values:
        return []
    low, high = min(values), max(values)
    return sorted({round(low + (high - low) * part / 5) for part in range(1, 6)})


def _class(value: float | None, steps: list[int]) -> str:
    if value is None:
        return "none"
    number = next((index for index, top in enumerate(steps) if value <= top), len(steps) - 1)
    return str(1 + number + (5 - len(steps)) // 2)


def _label(row: dict[str, Any], drawn: Shapes, words: Words) -> Any:
    x, y = drawn.labels[row["district"]]
    place = {"left": f"{x / 10:.2f}%", "top": f"{100 * y / drawn.height:.2f}%"}
    marks = (
        [html.Span("▲" * min(3, int(row["marked"])), className="late", title=str(row["marked"]))]
        if row["marked"]
        else []
    )
    value = html.B(words.number(row["value"])) if row["value"] is not None else html.B(ABSENT)
    return html.Span([value, html.I(words.name("district", row["district"])), *marks], className="ml", style=place)


def _legend(args: Args, reading: Reading, steps: list[int], drawn: Shapes, words: Words) -> Any:
    total = sum(int(row["marked"]) for row in reading.rows)
    texts = [html.Span(["▲ ", words.t("lewat tenggat"), f" ({total})"], className="late-key")] if args.marked else []
    if drawn.schematic:
        texts.append(html.Span(words.t("skematis"), className="k3"))
    if reading.extra["nowhere"]:
        texts.append(html.Span(f"{reading.extra['nowhere']} tanpa lokasi", className="k3"))
    low, ramp = min((row["value"] for row in reading.rows if row["value"] is not None), default=0), []
    for index, top in enumerate(steps):
        first = int(low) if index == 0 else steps[index - 1] + 1
        text = words.number(top) if first >= top else f"{first}–{top}"
        ramp.append(html.Span(text, style={"borderColor": f"var(--q-{1 + index + (5 - len(steps)) // 2})"}))
    return html.Div([html.Span(texts, className="keys"), html.Div(ramp, className="ramp")], className="mleg")
