"""Bars per group: one metric sorted, or what comes in, goes out and waits.

Asks    one metric (or three: in, out, queue) by one dimension.
Shows   the largest groups; the rest of a count folds into one row, never that of a share or a median.
Limits  a group below 5 cases has no rank in shares and medians: it is counted in the last row.
"""

from typing import Any, Literal

from dash import html
from dash.development.base_component import Component
from pydantic import Field, model_validator

from city.config import Args as BaseArgs
from city.config import Strict, WindowText
from city.metrics import QUANTILES
from city.model import Reading
from city.queries import Queries
from city.times import window
from dashboard import marks
from dashboard.reading import packed, unpacked
from dashboard.room import ROW_U, TITLE_U
from dashboard.words import FEW, Words

_PLURAL = {"agency": "OPD", "district": "kecamatan", "category": "kategori"}


class Flow(Strict):
    """The three metrics of a flow."""

    opened: str
    closed: str
    open: str


class Args(BaseArgs):
    """``metric`` or ``flow``, split ``by`` a dimension; ``rows`` without the folded one."""

    metric: str | None = None
    flow: Flow | None = None
    by: Literal["agency", "district", "category", "channel", "place"] = "agency"
    window: WindowText = "today"
    rows: int = Field(default=5, ge=1, le=20)

    @model_validator(mode="after")
    def _one_of(self) -> "Args":
        if (self.metric is None) == (self.flow is None):
            raise ValueError("give either 'metric' or 'flow'")
        return self


def metrics(args: Args) -> tuple[str, ...]:
    """The metrics a layout names for this panel."""
    return (args.flow.opened, args.flow.closed, args.flow.open) if args.flow else (args.metric or "",)


def needs(args: Args, size: str) -> tuple[float, float]:
    """Names, bars, figures; one row more for the others, in a flow one for the heads (units)."""
    return (460, TITLE_U + ROW_U * (args.rows + 2)) if args.flow else (420, TITLE_U + ROW_U * (args.rows + 1))


def load(args: Args, queries: Queries) -> Reading:
    """One reading per metric, with its limit."""
    span = window(args.window, queries.clock(), queries.zone)
    names = metrics(args)
    last = queries.metric(names[-1])
    found = {
        "readings": [queries.measure(name, by=(args.by,), window=span) for name in names],
        "limit": queries.config.limits.get(f"{names[-1]}_per_{args.by}"),
        "direction": last.direction,
        "adds_up": last.measure not in QUANTILES and last.kind != "ratio",
    }
    return packed(found)


def draw(args: Args, reading: Reading, words: Words) -> Component:
    """The rows of the bar list."""
    loaded = unpacked(reading)
    rows = _flow(args, loaded, words) if args.flow else _single(args, loaded, words)
    return html.Div(rows, className="mf flow" if args.flow else "mf one")


def _groups(args: Args, readings: list[Any]) -> dict[Any, list[float]]:
    found: dict[Any, list[float]] = {}
    for index, reading in enumerate(readings):
        for row in reading.rows:
            found.setdefault(row[args.by], [0.0] * len(readings))[index] = row["value"] or 0
    return found


def _flow(args: Args, loaded: dict[str, Any], words: Words) -> list[Component]:
    groups = {code: values for code, values in _groups(args, loaded["readings"]).items() if any(values)}
    if not groups:
        return [html.P(words.t("belum ada kasus"), className="calm")]
    ranked = sorted(groups.items(), key=lambda item: (item[0] is None, -item[1][2], -item[1][0], str(item[0])))
    shown = [(words.name(args.by, code), values) for code, values in ranked[: args.rows]]
    rest = [values for _, values in ranked[args.rows :]]
    if rest:
        shown.append((_others(args, len(rest), words), [sum(column) for column in zip(*rest, strict=True)]))
    top = max((max(values[:2]) for _, values in shown), default=0) or 1
    heads = (("", ""), (words.t("masuk"), "r"), (words.t("keluar"), ""), (words.t("antrean"), "r"))
    head = html.Div([html.Span(text, className=side) for text, side in heads], className="mr mh")
    return [head, *(_flow_row(name, values, top, loaded, words) for name, values in shown)]


def _flow_row(name: str, values: list[float], top: float, loaded: dict[str, Any], words: Words) -> Component:
    priority = marks.level(loaded["limit"], loaded["direction"], values[2])
    return html.Div(
        [
            html.Span(name, className="nm"),
            _bar(values[0] / top * 80, words.number(values[0]), "right"),
            _bar(values[1] / top * 80, words.number(values[1]), "left", "b2"),
            marks.figure(words.number(values[2]), priority),
        ],
        className="mr",
    )


def _bar(width: float, text: str, side: str, tone: str = "") -> Component:
    bar = html.I(className=tone, style={side: "0", "width": f"{width:.1f}%"})
    return html.Span([bar, html.U(text, style={side: f"{width:.1f}%"})], className="bar")


def _others(args: Args, count: int, words: Words) -> str:
    return f"{count} {words.t(_PLURAL.get(args.by, args.by))} {words.t('lain')}"


def _single(args: Args, loaded: dict[str, Any], words: Words) -> list[Component]:
    (reading,) = loaded["readings"]
    counts = loaded["adds_up"]
    known = [row for row in reading.rows if row["value"] is not None and (row["value"] if counts else row["n"] >= FEW)]
    ranked = sorted(known, key=lambda row: (-row["value"], str(row[args.by])))
    shown = [(words.name(args.by, row[args.by]), row["value"], row["n"]) for row in ranked[: args.rows]]
    if counts and (rest := ranked[args.rows :]):
        shown.append((_others(args, len(rest), words), sum(row["value"] for row in rest), 0))
    top = max((value for _, value, _ in shown), default=0) or 1
    drawn = [_row(name, value, top, reading.unit, loaded, words) for name, value, _ in shown]
    left = len(reading.rows) - len(ranked) if not counts else 0
    if not drawn and not left:
        return [html.P(words.t("belum ada kasus"), className="calm")]
    note = f"{_others(args, left, words)}: {words.t('kurang dari 5 kasus')}"
    return [*drawn, *([html.Div(html.Span(note), className="mr mh note")] if left else [])]


def _row(name: str, value: float, top: float, unit: str, loaded: dict[str, Any], words: Words) -> Component:
    priority = marks.level(loaded["limit"], loaded["direction"], value)
    tone = f"pa {marks.css(priority)}" if priority else ""
    bar = html.I(className=tone, style={"left": "0", "width": f"{max(0.0, value / top * 100):.1f}%"})
    figure = marks.figure(words.text(value, unit), priority)
    return html.Div([html.Span(name, className="nm"), html.Span(bar, className="bar"), figure], className="mr")
