"""A flow per group: what came in, what went out and what waits, and whether the three add up.

Drawn by the panel kind ``bars``. The figures come from one statement (:func:`city.standing.flow`); where
the records contradict each other the panel says so instead of hiding it.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from dash import html
from dash.development.base_component import Component

from city import judging, standing
from city.config import Strict
from city.metrics import Metric
from city.model import Reading
from city.queries import Queries
from city.texts import N_, NN_
from city.times import window
from dashboard import marks
from dashboard.words import MINUS, Words

PLURAL = {"agency": NN_("OPD"), "district": NN_("kecamatan"), "category": NN_("kategori")}
_OTHERS = {
    "agency": NN_("{n} OPD lain"),
    "district": NN_("{n} kecamatan lain"),
    "category": NN_("{n} kategori lain"),
    "channel": NN_("{n} kanal lain"),
    "place": NN_("{n} tempat lain"),
}
#: So many groups that do not add up are named.
NAMED = 3


class Flow(Strict):
    """The three metrics of a flow: of one kind of case, with the same filters. ``total``: its sum in a last row."""

    opened: str
    closed: str
    open: str
    total: bool = False

    @property
    def metrics(self) -> tuple[str, str, str]:
        """Their names: in, out, queue."""
        return self.opened, self.closed, self.open


def flaws(flow: Flow, known: Mapping[str, Metric]) -> Iterator[tuple[str, str]]:
    """(metric, what is wrong) of metrics that make no flow; unknown names are told by the page."""
    last = known.get(flow.open)
    for name, measure in zip(flow.metrics, ("opened", "closed", "open"), strict=True):
        metric = known.get(name)
        if metric and metric.measure != measure:
            yield name, f"'{name}' is no metric of '{measure}'"
        elif metric and last and (metric.of, metric.where) != (last.of, last.where):
            yield name, f"'{name}' does not count the same cases as '{flow.open}'"


def load(flow: Flow, by: str, span: str, queries: Queries) -> dict[str, Any]:
    """The figures of every group, and how the limit of a group's queue stands."""
    return {
        "reading": standing.flow(queries, flow.open, by=(by,), window=window(span, queries.clock(), queries.zone)),
        "judged": judging.judged(queries, flow.open, by=by),
    }


def draw(flow: Flow, by: str, count: int, loaded: dict[str, Any], words: Words) -> list[Component]:
    """The rows: the ``count`` longest queues, the others as one, the total, and what does not add up."""
    reading: Reading = loaded["reading"]
    if not reading.rows:
        return [html.P(words.t("belum ada kasus"), className="calm")]
    ranked = sorted(reading.rows, key=lambda row: (row[by] is None, -row["open"], -row["opened"], str(row[by])))
    stands = loaded["judged"]
    shown = [(words.name(by, row[by]), row, stands.priority(row[by])) for row in ranked[:count]]
    if rest := ranked[count:]:
        shown.append((others(by, len(rest), words), _sum(rest), stands.worst(row[by] for row in rest)))
    top = max((max(row["opened"], row["closed"]) for _, row, _ in shown), default=0) or 1
    heads = (("", ""), (words.t("masuk"), "r"), (words.t("keluar"), ""), (words.t("antrean"), "r"))
    head = html.Div([html.Span(text, className=side) for text, side in heads], className="mr mh")
    drawn = [head, *(_row(name, row, top, priority, words) for name, row, priority in shown)]
    return [*drawn, *_total(flow, ranked, words), *_gaps(by, ranked, words)]


def others(by: str, count: int, words: Words) -> str:
    """``19 OPD lain``."""
    return words.many(_OTHERS[by], count)


def _sum(rows: Sequence[dict[str, Any]]) -> dict[str, int]:
    return {name: sum(row[name] for row in rows) for name in ("before", "opened", "closed", "reopened", "open")}


def _row(name: str, row: Mapping[str, Any], top: float, priority: int | None, words: Words) -> Component:
    return html.Div(
        [
            html.Span(name, className="nm"),
            _bar(row["opened"] / top * 80, words.number(row["opened"]), "right"),
            _bar(row["closed"] / top * 80, words.number(row["closed"]), "left", "b2"),
            marks.figure(words.number(row["open"]), priority, words),
        ],
        className="mr",
    )


def _bar(width: float, text: str, side: str, tone: str = "") -> Component:
    bar = html.I(className=tone, style={side: "0", "width": f"{width:.1f}%"})
    return html.Span([bar, html.U(text, style={side: f"{width:.1f}%"})], className="bar")


def _total(flow: Flow, rows: Sequence[dict[str, Any]], words: Words) -> list[Component]:
    """``130 pada awal + 14 masuk − 9 keluar + 1 dibuka kembali = 136 antrean``."""
    if not flow.total:
        return []
    row = _sum(rows)
    gap = row["open"] - row["before"] - row["opened"] + row["closed"] - row["reopened"]
    parts = [("", "before", N_("pada awal")), ("+", "opened", N_("masuk")), (MINUS, "closed", N_("keluar"))]
    parts += [("+", "reopened", N_("dibuka kembali"))] if row["reopened"] else []
    texts = [f"{sign} {words.number(row[name])} {words.t(label)}".strip() for sign, name, label in parts]
    return [_note([f"{' '.join(texts)} {'≠' if gap else '='} {words.number(row['open'])} {words.t('antrean')}"], "")]


def _gaps(by: str, rows: Sequence[dict[str, Any]], words: Words) -> list[Component]:
    """The groups whose records contradict each other, the largest difference first."""
    odd = sorted((row for row in rows if row["gap"]), key=lambda row: -abs(row["gap"]))
    if not odd:
        return []
    texts = [f"{words.name(by, row[by])} {_signed(row['gap'], words)}" for row in odd[:NAMED]]
    texts += [others(by, len(odd) - NAMED, words)] if len(odd) > NAMED else []
    return [_note([marks.unseen(words), f"{words.t('selisih')}: {', '.join(texts)}"], " gap un")]


def _signed(value: int, words: Words) -> str:
    return ("+" if value > 0 else "") + words.number(value)


def _note(parts: list[Any], tone: str) -> Component:
    return html.Div(html.Span(parts), className=f"mr mh note{tone}")
