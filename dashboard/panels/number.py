"""One number, or a few side by side, each on its line of what is usual.

Asks    the metric of each tile, the expected band of the same weekday and hour, an optional total.
Draws   label, value, range bar (band, or a dotted target), one line of reference; the mark of a limit.
Limits  a ratio or quantile over fewer than 5 cases is shown as its count, never as a percentage.
"""

from typing import Any

from dash import html

from city.config import Args as BaseArgs
from city.model import Reading
from city.queries import Queries
from city.times import window
from dashboard.marks import level, mark
from dashboard.reading import joined
from dashboard.words import Words

FEW = 5


class Tile(BaseArgs):
    """One number: its metric, its label, and what it is held against."""

    metric: str
    label: str
    window: str | None = None
    of: str | None = None
    target: float | None = None
    usual: bool = True


class Args(BaseArgs):
    """The tiles; ``strip`` draws them in one low row."""

    tiles: tuple[Tile, ...]
    strip: bool = False


def metrics(args: Args) -> list[str]:
    """What the tiles ask."""
    return [name for tile in args.tiles for name in (tile.metric, tile.of) if name]


def load(args: Args, queries: Queries) -> Reading | None:
    """A reading with one row per tile."""
    return joined([_tile(tile, queries) for tile in args.tiles])


def _tile(tile: Tile, queries: Queries) -> Reading:
    span = window(tile.window, queries.clock(), queries.zone) if tile.window else None
    reading = queries.measure(tile.metric, window=span)
    row = reading.rows[0] if reading.rows else {"value": None, "n": 0}
    row |= {
        "unit": reading.unit,
        "measure": queries.metric(tile.metric).measure,
        "count": reading.extra.get("count", 0),
    }
    row["level"] = level(queries.config.limits.get(tile.metric), row["value"])
    row["band"] = queries.usual(tile.metric, window=tile.window) if tile.usual and not tile.target else None
    row["of"] = queries.measure(tile.of, window=span).value if tile.of else None
    reading.rows = [row]
    return reading


def draw(args: Args, reading: Reading, words: Words) -> Any:
    """The tiles side by side."""
    drawn = [_draw(tile, row, words, args.strip) for tile, row in zip(args.tiles, reading.rows, strict=True)]
    return html.Div(drawn, className="row" if args.strip else "kt")


def _draw(tile: Tile, row: dict[str, Any], words: Words, strip: bool) -> Any:
    value, reference = _value(row, words), _reference(tile, row, words)
    if strip:
        number = html.Span(value, className="n v")
        return html.Div(
            [number, html.Div([html.B(tile.label), html.Span(reference)], className="two")], className="pair"
        )
    shown = [html.Span(value, className="n")] + ([mark(row["level"])] if row["level"] else [])
    alarm = f" abnv p{row['level']}" if row["level"] else ""
    parts = [html.Div(tile.label, className="lab"), html.Div(shown, className="val"), _bar(tile, row)]
    parts.append(html.Div(reference, className="ref abn" if alarm else "ref"))
    return html.Div(parts, className="kv" + alarm)


def _value(row: dict[str, Any], words: Words) -> list[Any]:
    if row["unit"] == "ratio" and 0 < row["n"] < FEW:
        return [words.number(row["count"]), html.I(f"{words.t('dari')} {row['n']}")]
    return words.value(row["value"], row["unit"])


def _reference(tile: Tile, row: dict[str, Any], words: Words) -> str:
    if tile.target is not None:
        return f"{words.t('target')} {words.plain(tile.target, row['unit'])}"
    if tile.of and row["of"] is not None:
        return f"{words.t('dari')} {words.number(row['of'])}"
    if row["band"]:
        low, high = row["band"]
        if row["unit"] in ("hours", "minutes", "ratio"):
            return f"{words.t('biasanya')} {words.plain(low, row['unit'])}–{words.plain(high, row['unit'])}"
        return f"{words.t('biasanya')} {words.number(low)}–{words.number(high)}"
    return f"n = {words.number(row['n'])}" if row["unit"] in ("hours", "minutes", "ratio") else ""


def _bar(tile: Tile, row: dict[str, Any]) -> Any:
    value, band = row["value"], row["band"] or ((0.0, float(row["of"])) if row["of"] else None)
    points = [p for p in (value, *(band or ()), tile.target) if p is not None]
    top = max(points, default=0) * 1.25
    if not top or value is None:
        return html.Div(className="rb")
    marks = []
    if band:
        marks.append(
            html.B(style={"left": f"{100 * band[0] / top:.1f}%", "width": f"{100 * (band[1] - band[0]) / top:.1f}%"})
        )
    if tile.target is not None:
        marks.append(html.S(style={"left": f"{100 * tile.target / top:.1f}%"}))
    return html.Div([*marks, html.Em(style={"left": f"{100 * max(0, value) / top:.1f}%"})], className="rb")
