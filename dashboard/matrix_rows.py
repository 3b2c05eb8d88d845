"""The rows of a matrix: cells, sums, ages of their own, and what cannot be seen. Pure."""

from collections.abc import Mapping
from typing import Any

from dash import html
from dash.development.base_component import Component

from city.metrics import FEW
from dashboard import marks
from dashboard.words import NONE, Words

Row = Mapping[str, Any]


def small(value: float | None, hide_below: int, words: Words) -> str:
    """A count; one below ``hide_below`` that is not zero as ``<5``."""
    if value is not None and 0 < value < hide_below:
        return f"<{hide_below}"
    return words.number(value)


def shown(dimension: str, code: Any, words: Words) -> str:
    """A name; a category that a source writes in capitals and the vocabulary does not know, in ordinary letters."""
    name = words.name(dimension, code)
    return name.title() if dimension == "category" and name.isupper() and len(name) > 3 else name


def table(args: Any, loaded: Row, words: Words) -> Component:
    """A row per place, a column per code: free beds by class."""
    rows: dict[Any, list[Row]] = {}
    for row in loaded["cells"].rows:
        rows.setdefault(row[args.by], []).append(row)
    if not rows:
        return _none(words)
    wholes = {row[args.by]: row for row in loaded["whole"].rows} if loaded["whole"] else {}
    ranked = sorted(rows.items(), key=lambda item: (not _seen(item[1]), -_sum(item[1]), str(item[0])))
    fitting = ranked if len(ranked) <= args.rows else ranked[: args.rows - 1]
    heads = [html.Span(), *(html.Span(head) for head in args.columns.values()), html.Span(args.total_label)]
    drawn = [_place(args, code, cells, wholes.get(code), loaded, words) for code, cells in fitting]
    drawn += _rest([cells for _, cells in ranked[len(fitting) :]], words)
    style = {"--cols": str(len(args.columns))}
    return html.Div([html.Div(heads, className="br bh"), *drawn, *_spare(args, drawn)], className="beds", style=style)


def _none(words: Words) -> Component:
    return html.P(words.t("Belum ada data"), className="calm")


def _spare(args: Any, drawn: list[Component]) -> list[Component]:
    """Empty rows: a very short table keeps its row height."""
    return [html.Div(className="er") for _ in range(min(args.rows, 3) - len(drawn))]


def _rest(rows: list[list[Row]], words: Words) -> list[Component]:
    """The places for which there is no room, and how many of them cannot be seen."""
    unseen = sum(not _seen(cells) for cells in rows)
    blind = [f", {words.number(unseen)} {words.t('tidak terlihat')}"] if unseen else []
    text = [words.many("{n} lain", len(rows)), *blind]
    total = html.Em(html.B(words.number(sum(map(_sum, rows)))), style={"gridColumn": "-2 / -1"})
    name = html.Span(text, className="nm abn un" if unseen else "nm")
    return [html.Div([name, total], className="br")] if rows else []


def _seen(cells: list[Row]) -> bool:
    return any(cell["seen"] for cell in cells)


def _sum(cells: list[Row]) -> float:
    return sum(cell["value"] or 0 for cell in cells)


def _place(args: Any, code: Any, cells: list[Row], whole: Row | None, loaded: Row, words: Words) -> Component:
    """One row; assets/rows.js carries its age on and withholds it when nobody else does."""
    name = shown(args.by, code, words)
    said = max(cell["last_at"] for cell in cells)
    at = min((cell["at"] for cell in cells if cell["at"]), default=said)
    data = {"data-at": at.isoformat(), "data-limit-s": f"{loaded['within'].total_seconds():.0f}"}
    # The words for both states are there from the start: a browser whose server is dead can withhold the row.
    gone = html.Span([words.t("nilai terakhir disembunyikan"), marks.unseen(words)], className="x")
    age = html.I([html.Span(f"{words.t('tidak terlihat')}, ", className="u"), html.Span("", className="old")])
    label = html.Span([name, age], className="nm")
    if not _seen(cells):
        return html.Div([label, gone], className="br un gone", **data)
    found = {cell.get(args.across): cell for cell in cells}
    figures = [_cell(args, found.get(column), words) for column in args.columns]
    return html.Div([label, *figures, _total(cells, whole, words), gone], className="br", **data)


def _cell(args: Any, cell: Row | None, words: Words) -> Component:
    if cell is None:
        return html.B(NONE)
    if not cell["seen"]:
        return html.B("?", className="abn un", title=words.t("Tidak terlihat"))
    low = args.few is not None and cell["value"] <= args.few
    bound = "≥" if cell["seen"] < cell["n"] else ""
    text = bound + small(cell["value"], args.hide_below, words)
    return html.B(text, className="abn un" if bound else "low" if low else "")


def _total(cells: list[Row], whole: Row | None, words: Words) -> Component:
    partial = any(cell["seen"] < cell["n"] for cell in cells)
    text = ("≥" if partial else "") + words.number(_sum(cells))
    of = f" {words.t('dari')} {words.number(whole['value'])}" if whole and whole["value"] is not None else ""
    return html.Em([html.B(text, className="abn un" if partial else ""), of])


def figures(args: Any, loaded: Row, words: Words) -> Component:
    """A row per group, a column per metric; the first figure decides the order."""
    known: dict[Any, list[Row | None]] = {}
    for index, found in enumerate(loaded["figures"]):
        for row in found["reading"].rows:
            known.setdefault(row[args.by], [None] * len(args.figures))[index] = row
    if not known:
        return _none(words)
    ranked = sorted(known.items(), key=lambda item: (-((item[1][0] or {}).get("value") or 0), str(item[0])))
    heads = [html.Span(), *(html.Span(figure.label) for figure in args.figures)]
    drawn = [_figures(args, code, cells, loaded["figures"], words) for code, cells in ranked[: args.rows]]
    style = {"--cols": str(len(args.figures))}
    rows = [html.Div(heads, className="br bh"), *drawn, *_spare(args, drawn)]
    return html.Div(rows, className="beds figs", style=style)


def _figures(args: Any, code: Any, cells: list[Row | None], asked: list[Row], words: Words) -> Component:
    drawn = [_figure(args, code, cell, found, words) for cell, found in zip(cells, asked, strict=True)]
    return html.Div([html.Span(shown(args.by, code, words), className="nm"), *drawn], className="br")


def _figure(args: Any, group: Any, cell: Row | None, found: Row, words: Words) -> Component:
    """A value with its unit; a share or median of fewer than 5 cases is no figure."""
    if cell is None or cell["value"] is None or (found["few"] and cell["n"] < FEW):
        return html.B(NONE)
    level = found["judged"].priority(group)
    if 0 < cell["value"] < args.hide_below:
        return html.B(small(cell["value"], args.hide_below, words))
    text = words.text(cell["value"], found["reading"].unit)
    return html.B(text, className=f"abn {marks.css(level)}" if level else "")


def cells(args: Any, loaded: Row, words: Words) -> Component:
    """Value over name, the largest first: a strip of small counts. Hidden ones stand by name, not by size."""
    reading = loaded["figures"][0]["reading"] if "figures" in loaded else loaded["cells"]
    named = [(shown(args.by, row[args.by], words), row["value"]) for row in reading.rows]
    if not named:
        return html.P(words.t("belum ada kasus"), className="calm")
    ranked = sorted(named, key=lambda item: (-_rank(item[1], args.hide_below), item[0]))[: args.rows]
    drawn = [html.Div([_count(value, args, words), html.Span(name)]) for name, value in ranked]
    return html.Div(drawn, className="cells")


def _rank(value: float | None, hide_below: int) -> float:
    """The place in the order: what is hidden ranks alike, above zero; what cannot be seen comes last."""
    if value is None:
        return -1.0
    return min(value, 0.5) if value < hide_below else value


def _count(value: float | None, args: Any, words: Words) -> Component:
    if value is None:
        return html.B("?", className="abn un", title=words.t("Tidak terlihat"))
    return html.B(small(value, args.hide_below, words), className="" if value >= max(args.hide_below, 1) else "k3")
