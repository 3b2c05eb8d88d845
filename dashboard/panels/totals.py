"""Sums over places that say of how many places they are.

Asks    the last value of each place with its own moment, and perhaps the whole it is a part of.
Shows   label, sum or share, its line, "dari 722"; in violet with "3 dari 4 RS" when a place cannot be seen.
Limits  what a place said longer ago than its sources allow is left out of the sum and of the whole, and with
        it the expected band, which is that of all places.
"""

from typing import Any

from dash import html
from dash.development.base_component import Component
from pydantic import Field

from city import judging
from city.config import Args as BaseArgs
from city.config import Dimension, Duration, Strict
from city.model import Reading
from city.queries import Queries
from dashboard import marks
from dashboard.reading import Part as Share
from dashboard.reading import packed, unpacked
from dashboard.speech import Text
from dashboard.words import Part, Words


class Tile(Strict):
    """One sum ``over`` places. ``of``: the whole it is a part of; with ``share`` the value is their ratio.

    ``usual``: the metric whose expected band the value is held against, where it is not its own.
    """

    metric: str
    label: Text
    of: str | None = None
    share: bool = False
    where: dict[Dimension, str | list[str]] = Field(default_factory=dict)
    usual: str | None = None
    note: Text = ""


class Args(BaseArgs):
    """``tiles`` side by side, over the same places, called ``over_label`` (RS, puskesmas, kecamatan)."""

    tiles: tuple[Tile, ...] = Field(min_length=1)
    over: Dimension = "place"
    over_label: Text = ""
    unseen_after: Duration | None = None


def metrics(args: Args) -> tuple[str, ...]:
    """The metrics a layout names for this panel."""
    return tuple(name for tile in args.tiles for name in (tile.metric, tile.of, tile.usual) if name)


def needs(args: Args, size: str) -> tuple[float, float]:
    """Width and height in units: 190 for each tile."""
    return 190.0 * len(args.tiles), 170.0


def load(args: Args, queries: Queries) -> Reading:
    """One answer per tile; the panel is of as many places as its worst tile."""
    found = [_load(args, tile, queries) for tile in args.tiles]
    seen, known, _ = min((_coverage(one["cells"]) for one in found), key=lambda many: many[0] - many[1])
    return packed(found, Share(seen, known, args.over_label))


def _load(args: Args, tile: Tile, queries: Queries) -> dict[str, Any]:
    cells = queries.last_seen(tile.metric, by=(args.over,), within=args.unseen_after, where=tile.where)
    within = cells.extra["within"]
    whole = queries.last_seen(tile.of, by=(args.over,), within=within, where=tile.where) if tile.of else None
    usual = tile.usual or (None if tile.share else tile.metric)
    return {
        "cells": cells,
        "whole": whole,
        "usual": queries.usual(usual, where=tile.where) if usual else None,
        "judged": judging.judged(queries, tile.usual or tile.metric, where=tile.where),
    }


def draw(args: Args, reading: Reading, words: Words) -> list[Component]:
    """The tiles, in order."""
    return [_tile(args, tile, found, words) for tile, found in zip(args.tiles, unpacked(reading), strict=True)]


def _tile(args: Args, tile: Tile, found: dict[str, Any], words: Words) -> Component:
    partial = _coverage(found["cells"])[2]
    value, whole = _value(tile, found), _sum(found["whole"])
    priority = found["judged"].priority()
    css = "un" if partial else marks.css(priority)
    mark = [marks.unseen(words)] if partial else [marks.mark(priority, words)] if priority else []
    band = None if partial else found["usual"]
    full = 1.0 if tile.share else whole
    return html.Div(
        [
            html.Div(tile.label, className="lab"),
            html.Div([html.Span(_digits(tile, found, value, partial, words), className="n"), *mark], className="val"),
            marks.range_bar(value, band, None, None if band else full),
            html.Div(_reference(args, tile, found, whole, words), className="ref abn" if css else "ref"),
        ],
        className=f"kv {css}{' abnv' if css and not partial else ''}".strip(),
    )


def _coverage(cells: Reading) -> tuple[int, int, bool]:
    """Places seen, places known, and whether any part of any of them is unseen."""
    seen = [row for row in cells.rows if row["seen"]]
    return len(seen), len(cells.rows), any(row["seen"] < row["n"] for row in cells.rows)


def _sum(cells: Reading | None) -> float | None:
    known = [row["value"] for row in cells.rows if row["value"] is not None] if cells else []
    return sum(known) if known else None


def _value(tile: Tile, found: dict[str, Any]) -> float | None:
    value, whole = _sum(found["cells"]), _sum(found["whole"])
    if not tile.share:
        return value
    return value / whole if value is not None and whole else None


def _digits(tile: Tile, found: dict[str, Any], value: float | None, partial: bool, words: Words) -> list[Part]:
    """The value; a sum of which a part cannot be seen is a lower bound, a share is none."""
    digits = words.value(value, "ratio" if tile.share else found["cells"].unit)
    return [html.Small("≥"), *digits] if partial and not tile.share and value is not None else digits


def _reference(args: Args, tile: Tile, found: dict[str, Any], whole: float | None, words: Words) -> str:
    seen, known, _ = _coverage(found["cells"])
    parts = [f"{words.t('dari')} {words.number(whole)}"] if whole is not None and not tile.share else []
    if seen < known:
        parts.append(f"{seen} {words.t('dari')} {known} {args.over_label}".strip())
    if parts or not found["usual"]:
        return ", ".join(parts) or tile.note
    return f"{words.t('biasanya')} {words.span(found['usual'], 'ratio' if tile.share else found['cells'].unit)}"
