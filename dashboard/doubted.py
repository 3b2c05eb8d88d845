"""The numbers that somebody has reported as wrong and nobody has answered yet, at the end of ``/sources``. Pure."""

from collections.abc import Sequence
from datetime import datetime

from dash import html
from dash.development.base_component import Component

from city.metrics import Metric
from city.texts import N_
from city.wrong_numbers import Wrong
from dashboard import definition
from dashboard.words import NONE, Words

_HEADS = (N_("Dilaporkan"), N_("Metrik"), N_("Nilai"), N_("Laporan"))
#: More are listed by `run.py wrong-numbers`.
MOST = 10


def draw(found: Sequence[Wrong], metrics: dict[str, Metric], words: Words, now: datetime) -> list[Component]:
    """A table of the latest reports; nothing when none waits."""
    if not found:
        return []
    head = html.Header([html.H2(words.t("Angka yang dilaporkan keliru")),
                        html.Span(words.number(len(found)), className="sub")], className="ph")  # fmt: skip
    heads = html.Thead(html.Tr([html.Th(words.t(text)) for text in _HEADS]))
    rows = [_row(one, metrics.get(one.metric), words, now) for one in found[:MOST]]
    table = html.Table([heads, html.Tbody(rows)], className="tb dft")
    return [html.Section([head, html.Div(table, className="wide")], className="pn tb_")]


def _row(one: Wrong, metric: Metric | None, words: Words, now: datetime) -> Component:
    value = one.state.get("value")
    shown = words.text(value, metric.unit) if metric and isinstance(value, int | float) else NONE
    title = words.metric(metric) if metric else one.metric
    about = definition.button(one.metric, words, str(one.state.get("query") or ""), title) if metric else ""
    cells = [words.moment(one.at, now), [title, about], shown, one.words]
    return html.Tr([html.Td(cell) for cell in cells])
