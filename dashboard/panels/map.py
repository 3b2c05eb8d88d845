"""A metric per district in five classes, each with its number; marks and points on top.

Asks    one metric by district, a second one (``late``) as marks, and the positions of a kind of case as points.
Shows   the region's polygons and rivers, or a schematic that says so; the classes as a ramp below.
Limits  cases without a known district or position are counted in words. A district whose value is unknown is
        hatched, one that the region's polygons lack is counted as missing. ``small``: below 5 is ``<5``.
"""

from typing import Any

from dash import html
from dash.development.base_component import Component

from city import judging, occurrences
from city.config import Args as BaseArgs
from city.config import Name, Strict, WindowText
from city.metrics import COUNTS, FEW, QUANTILES
from city.model import Reading
from city.queries import Queries
from city.texts import N_
from city.times import window
from dashboard import cartography, marks, spoken
from dashboard.classes import Values, ramp
from dashboard.reading import packed, unpacked
from dashboard.schematic import WIDTH, Picture, picture
from dashboard.speech import Text, default
from dashboard.words import Words


class Points(Strict):
    """The cases of ``kind`` where they lie: those open now, or those opened in ``window``."""

    kind: Name
    label: Text
    window: WindowText | None = None


class Args(BaseArgs):
    """``metric`` colours the districts; ``late`` counts the marks, ``late_label`` says what they are.

    ``small``: counts below 5 are not told (health). ``window``: of a metric that counts over time; today unless told.
    """

    metric: str
    late: str | None = None
    late_label: Text = default(N_("lewat tenggat"))
    window: WindowText | None = None
    points: Points | None = None
    small: bool = False


def metrics(args: Args) -> tuple[str, ...]:
    """The metrics a layout names for this panel."""
    points = [f"{args.points.kind}s_open"] if args.points else []
    return tuple(filter(None, [args.metric, args.late, *points]))


def needs(args: Args, size: str) -> tuple[float, float]:
    """The smallest width and height in units at which the labels of a dozen districts have room."""
    return 510, 440


def load(args: Args, queries: Queries) -> Reading:
    """The values by district, the marks with their limit, the points, and the shapes."""
    metric, late = queries.metric(args.metric), queries.metric(args.late) if args.late else None
    now, points = queries.clock(), args.points
    span = window(args.window, now, queries.zone) if args.window else None
    within = window(points.window, now, queries.zone) if points and points.window else None
    found = {
        "reading": queries.measure(args.metric, by=("district",), window=span),
        "late": queries.measure(late.name, by=("district",)) if late else None,
        "points": occurrences.places(queries, points.kind, within) if points else None,
        "judged": judging.judged(queries, late.name) if late else None,
        "counts": metric.measure in COUNTS,
        "of_cases": bool(metric.of) and (metric.measure in QUANTILES or metric.kind == "ratio"),
        "picture": picture(queries.config.region),
    }
    return packed(found)


def draw(args: Args, reading: Reading, words: Words) -> list[Component]:
    """Map, list for wide walls, and legend."""
    loaded = unpacked(reading)
    shapes: Picture = loaded["picture"]
    values, late = values_of(args, loaded, words), _late(loaded["late"])
    priority = loaded["judged"].priority() if loaded["judged"] else None
    drawn: list[Component] = [cartography.paths(shapes, values)]
    drawn += cartography.points(shapes, loaded["points"].rows if loaded["points"] else [])
    for code, shape in shapes.shapes.items():
        drawn.append(cartography.label(code, shape, values, late.get(code, 0), priority, words))
    style = {"--ar": f"{WIDTH / shapes.height:.4f}"}
    said = spoken.of_map(values, _unplaced(loaded), words)
    box = html.Div(html.Div(drawn, className="map"), className="mapbox", style=style, **said)
    notes = [*_marked(args, late, priority, words), *_pointed(args, loaded["points"], shapes, words)]
    notes += cartography.gaps(shapes, values, _unplaced(loaded), words)
    legend = html.Div([html.Span(notes, className="nt2"), ramp(values, words)], className="mleg")
    counted = words.t("terbuka") if loaded["counts"] else words.t("nilai")
    heads = (words.many("kecamatan", 1), counted, words.t("lewat") if args.late else "")
    return [box, cartography.table(values, late, priority, heads, words), legend]


def values_of(args: Args, loaded: dict[str, Any], words: Words) -> Values:
    """The value of every district of the region or of its map: a count that is not there is 0, others are unknown."""
    rows = {row["district"]: row for row in loaded["reading"].rows}
    absent = 0 if loaded["counts"] else None
    codes = dict.fromkeys([*loaded["picture"].shapes, *(district.code for district in words.region.districts)])
    known = {code: rows[code]["value"] if code in rows else absent for code in codes}
    few = {code for code, value in known.items() if value is not None and args.small and value < FEW}
    few |= {code for code in codes if code in rows and loaded["of_cases"] and rows[code]["n"] < FEW}
    return Values(known, frozenset(few), loaded["reading"].unit, loaded["counts"])


def _late(reading: Reading | None) -> dict[Any, int]:
    return {row["district"]: int(row["value"] or 0) for row in (reading.rows if reading else [])}


def _unplaced(loaded: dict[str, Any]) -> int:
    """Cases of no district, or of one that the map does not have; of shares and medians nothing adds up."""
    if not loaded["counts"]:
        return 0
    shapes = loaded["picture"].shapes
    return sum(int(row["value"] or 0) for row in loaded["reading"].rows if row["district"] not in shapes)


def _marked(args: Args, late: dict[Any, int], priority: int | None, words: Words) -> list[Component]:
    if not args.late:
        return []
    mark = marks.mark(priority, words, solid=True, small=True)
    text = f" {args.late_label} ({words.number(sum(late.values()))})"
    return [html.Span([mark, text], className=marks.css(priority))]


def _pointed(args: Args, found: Reading | None, shapes: Picture, words: Words) -> list[Component]:
    if not args.points or found is None:
        return []
    away = found.n - sum(row["n"] for row in found.rows if cartography.on_map(shapes, row))
    text = f"{args.points.label} ({words.number(found.n)})"
    beyond = f", {words.number(away)} {words.t('di luar peta')}" if away else ""
    return [html.Span([html.Span(className="dt pt"), f" {text}{beyond}"])]
