"""One value, or a row of values, each on the line that says what is usual.

Asks    one metric per tile, its expected band and its limit.
Shows   label, value, range bar and one line of reference; colour only when a limit is passed.
Limits  below 5 cases a share or a median is shown as a count.
"""

from typing import Any, Literal

from dash import html
from dash.development.base_component import Component
from pydantic import Field

from city import judging
from city.config import Args as BaseArgs
from city.config import Dimension, Strict, WindowText
from city.metrics import FEW, QUANTILES
from city.model import Reading
from city.queries import Queries
from city.times import window
from dashboard import marks
from dashboard.reading import packed, unpacked
from dashboard.room import text_u
from dashboard.speech import Text
from dashboard.words import Part, Words


class Tile(Strict):
    """One value: ``of`` names the metric it is a part of, ``top`` the dimension whose largest group is shown."""

    metric: str
    label: Text
    window: WindowText | None = None
    where: dict[Dimension, str | list[str]] = Field(default_factory=dict)
    target: float | None = None
    usual: bool = True
    of: str | None = None
    of_label: Text = ""
    top: Literal["category", "agency", "district"] | None = None
    note: Text = ""


class Args(BaseArgs):
    """``tiles`` side by side; ``shape: line`` is the one-line form of the strip."""

    tiles: tuple[Tile, ...] = Field(min_length=1)
    shape: Literal["tiles", "line"] = "tiles"


def metrics(args: Args) -> tuple[str, ...]:
    """The metrics a layout names for this panel."""
    return tuple(name for tile in args.tiles for name in (tile.metric, tile.of) if name)


def needs(args: Args, size: str) -> tuple[float, float]:
    """Room for each label with a value above it, or beside it in a line (units)."""
    if args.shape == "line":
        return sum(112 + max(110, text_u(tile.label, 20)) for tile in args.tiles) - 16, 86
    return max(150, sum(max(150, text_u(tile.label, 20) + 30) for tile in args.tiles) - 30), 170


def load(args: Args, queries: Queries) -> Reading:
    """One answer per tile."""
    return packed([_load(tile, queries) for tile in args.tiles])


def _load(tile: Tile, queries: Queries) -> dict[str, Any]:
    metric, plain = queries.metric(tile.metric), tile.usual and not tile.top
    span = window(tile.window, queries.clock(), queries.zone) if tile.window else None
    return {
        "reading": queries.measure(tile.metric, by=(tile.top,) if tile.top else (), window=span, where=tile.where),
        "whole": queries.measure(tile.of, window=span) if tile.of else None,
        "usual": queries.usual(tile.metric, window=tile.window, where=tile.where) if plain else None,
        "judged": judging.judged(queries, tile.metric, window=tile.window, where=tile.where or tile.top),
        "quantile": metric.measure in QUANTILES,
        "css": "n" if metric.is_total else "n mean",
        "of_cases": bool(metric.of) and (metric.measure in QUANTILES or metric.kind == "ratio"),
    }


def draw(args: Args, reading: Reading, words: Words) -> list[Component]:
    """The tiles, in order."""
    form = _line if args.shape == "line" else _tile
    return [form(tile, found, words) for tile, found in zip(args.tiles, unpacked(reading), strict=True)]


def _tile(tile: Tile, found: dict[str, Any], words: Words) -> Component:
    priority, value = _priority(found), None if _few(found) else _value(found)
    whole = found["whole"].value if found["whole"] else None
    number = html.Span(_digits(tile, found, words), className=found.get("css", "n"))
    return html.Div(
        [
            html.Div(tile.label, className="lab"),
            html.Div([number, *marks.any_mark(priority, words)], className="val"),
            marks.range_bar(value, found["usual"], tile.target, whole),
            html.Div(_reference(tile, found, words), className="ref abn" if priority else "ref"),
        ],
        className=f"kv abnv {marks.css(priority)}" if priority else "kv",
    )


def _line(tile: Tile, found: dict[str, Any], words: Words) -> Component:
    priority, top = _priority(found), _top(tile, found, words)
    css = f"{found.get('css', 'n')} v {f'abn {marks.css(priority)}' if priority else ''}".strip()
    number = html.Span(_digits(tile, found, words), className=css)
    lines = [html.B(top or tile.label), html.Span(tile.label if top else _reference(tile, found, words))]
    return html.Div([number, *marks.any_mark(priority, words), html.Div(lines, className="two")], className="ln")


def _value(found: dict[str, Any]) -> float | None:
    return max((row["value"] for row in found["reading"].rows if row["value"] is not None), default=None)


def _priority(found: dict[str, Any]) -> int | None:
    return None if _few(found) else found["judged"].priority()


def _few(found: dict[str, Any]) -> bool:
    """Whether the value is a share or a quantile of too few cases to be shown as one."""
    return bool(found["of_cases"] and found["reading"].n < FEW)


def _digits(tile: Tile, found: dict[str, Any], words: Words) -> list[Part]:
    reading: Reading = found["reading"]
    if not _few(found) or not reading.n:
        return words.value(_value(found), reading.unit)
    if found["quantile"]:
        return [words.number(reading.n), html.I(words.many("kasus", reading.n))]
    part = round((reading.value or 0) * reading.n)
    return [words.number(part), html.I(f"{words.t('dari')} {words.number(reading.n)}")]


def _top(tile: Tile, found: dict[str, Any], words: Words) -> str:
    best = max(found["reading"].rows, key=lambda row: row["value"] or 0, default=None) if tile.top else None
    return words.name(tile.top or "", best[tile.top]) if best and best["value"] else ""


def _reference(tile: Tile, found: dict[str, Any], words: Words) -> str:
    reading: Reading = found["reading"]
    if _few(found):
        return words.too_few(reading.n, quantile=found["quantile"])
    if (judged := found["judged"]).waits():
        return f"{words.t('lewat batas')}, < {words.duration_text(judged.limit.delay.total_seconds() / 3600)}"
    if found["whole"] is not None:
        return f"{words.t('dari')} {words.text(found['whole'].value, '')} {tile.of_label}".strip()
    if tile.target is not None:
        return f"{words.t('target')} {words.text(tile.target, reading.unit)}"
    if found["usual"]:
        return f"{words.t('biasanya')} {words.span(found['usual'], reading.unit)}"
    return tile.note
