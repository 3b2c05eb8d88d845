"""What a screen reader gets of a chart: one sentence, and the numbers as a table.

A list that is text already only gets the roles of a table; a drawing gets a table that nobody sees (``.vh``).
"""

from collections.abc import Sequence
from typing import Any

from dash import html
from dash.development.base_component import Component

from dashboard import lines
from dashboard.classes import Values
from dashboard.words import Words


def picture(sentence: str) -> dict[str, str]:
    """The attributes of a drawing that is read as one ``sentence``; the texts inside it are not."""
    return {"role": "img", "aria-label": sentence}


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Component:
    """A table that is not seen. The first cell of a row names it."""
    top = html.Tr([html.Th(text, scope="col") for text in head])
    body = [html.Tr([html.Th(name, scope="row"), *map(html.Td, cells)]) for name, *cells in rows]
    # Table boxes do not shrink to one pixel: what is clipped is the box around it.
    return html.Div(html.Table([html.Thead(top), html.Tbody(body)]), className="vh")


def listed(rows: Sequence[Any], css: str, name: str) -> Component:
    """Drawn ``rows`` as a list with the roles of a table called ``name``; a cell without text is not read."""
    if not all(isinstance(row, html.Div) for row in rows):
        return html.Div(list(rows), className=css)  # a line of words instead of rows
    for row in rows:
        _roles(row)
    return html.Div(list(rows), className=css, role="table", **{"aria-label": name})


def _roles(row: Any) -> None:
    row.role = "row"
    cells = row.children if isinstance(row.children, list) else [row.children]
    heading = "mh" in getattr(row, "className", "").split() and len(cells) > 1
    for cell in cells:
        if _has_text(cell):
            cell.role = "columnheader" if heading else "cell"
        else:
            setattr(cell, "aria-hidden", "true")


def _has_text(part: Any) -> bool:
    if isinstance(part, Component):
        return _has_text(getattr(part, "children", None))
    return any(map(_has_text, part)) if isinstance(part, list) else part not in (None, "")


def extremes(named: Sequence[tuple[str, float | None, str]], most: str, least: str) -> list[str]:
    """``terbanyak Kota Baru 21`` and the same of the least, of (name, value, text); nothing of unknown values."""
    known = [item for item in named if item[1] is not None]
    if not known:
        return []
    high, low = max(known, key=lambda item: item[1] or 0), min(known, key=lambda item: item[1] or 0)
    return [f"{most} {high[0]} {high[2]}", *([f"{least} {low[0]} {low[2]}"] if low[1] != high[1] else [])]


def of_map(values: Values, unplaced: int, words: Words) -> dict[str, str]:
    """``Peta 11 kecamatan, terbanyak Kota Baru 21, paling sedikit Pelayangan 2, 3 tanpa lokasi``."""
    told = [(words.name("district", code), None if code in values.few else value, values.text(code, words))
            for code, value in values.known.items()]  # fmt: skip
    parts = [f"{words.t('Peta')} {len(told)} {words.many('kecamatan', len(told))}"]
    parts += extremes(told, words.t("terbanyak"), words.t("paling sedikit"))
    return picture(", ".join([*parts, *([f"{words.number(unplaced)} {words.t('tanpa lokasi')}"] if unplaced else [])]))


def of_chart(chart: Any) -> tuple[dict[str, str], Component]:
    """The sentence of a line chart, and its numbers with the usual ones and the other lines beside them."""
    named, t, unit = _buckets(chart), chart.words.t, chart.loaded["reading"].unit
    until = f" {t('sampai')} {named[-1][0]}" if len(named) > 1 else ""
    parts = [f"{t('Grafik')} {named[0][0]}{until}", f"{t('terakhir')} {named[-1][2]}"]
    if not chart.args.cumulative:  # a running total only grows: its ends are all there is to say
        parts += extremes(named, t("tertinggi"), t("terendah"))
    columns = [[text for _, _, text in named], *[[chart.words.text(value, unit) for value in line]
               for line in chart.others]]  # fmt: skip
    labels = [chart.args.label, *chart.args.others.values()] if chart.others else [t("nilai")]
    if band := list(chart.loaded["band"]):
        columns.append([chart.words.span(pair, unit) if pair else "" for pair in band])
        labels.append(t("biasanya"))
    rows = [[named[at][0], *(column[at] if at < len(column) else "" for column in columns)] for at in range(len(named))]
    return picture(", ".join(parts)), table([t("waktu"), *labels], rows)


def _buckets(chart: Any) -> list[tuple[str, float | None, str]]:
    """(when, value, its text) of every bucket; of a running total the end of every hour."""
    reading, words = chart.loaded["reading"], chart.words
    if chart.args.cumulative:
        names = [f"{hour:02d}" for hour in range(len(chart.values) - 1)] + [words.time(chart.loaded["now"])]
    else:
        names = [lines.bucket_text(row["bucket"], chart.args.grain, words) for row in reading.rows]
    texts = (words.text(value, reading.unit) for value in chart.values)
    return list(zip(names, chart.values, texts, strict=True))
