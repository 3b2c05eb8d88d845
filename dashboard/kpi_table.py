"""The metrics of the scorecard as a table: actual, target, score, twelve periods, change and age. Pure.

On a phone the same rows are folded by the style sheet: name, score and actual.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import NamedTuple

from dash import dcc, html
from dash.development.base_component import Component
from dash_svg import Circle, Path, Svg

from city.scorecard import Card, Line, shown
from city.texts import N_
from dashboard import definition, kpi_words
from dashboard.words import NONE, Words

#: Size of a sparkline in px, and the room its dot needs.
_W, _H, _PAD = 96, 20, 3
_RIGHT = frozenset({"Aktual", "Target", "Perubahan", "Umur"})
_HEADS = (N_("Bidang"), N_("Metrik"), N_("Penanggung jawab"), N_("Aktual"), N_("Target"), N_("Skor, 100 = target"))


class Choice(NamedTuple):
    """How a line is chosen to be explained, which is, and of each goal how many follow-ups are open and late."""

    link: Callable[[str], str]
    chosen: str
    promised: Mapping[str, tuple[int, int]]


def draw(card: Card, words: Words, now: datetime, choice: Choice | None = None) -> Component:
    """The panel of the metrics; with ``choice`` each line leads to its explanation."""
    line = card.lines[0]
    sub = words.t("{period}, dibanding {before}", period=kpi_words.low(line.periods[-1], words),
                  before=kpi_words.low(line.periods[-2], words))  # fmt: skip
    head = html.Header([html.H2(words.t("Metrik")), html.Span(sub, className="sub")], className="ph")
    trend = f"{words.many(kpi_words.TRENDS[card.period.kind], len(line.periods))}, {words.t('garis = target')}"
    titles = [*map(words.t, _HEADS), trend, words.t("Perubahan"), words.t("Umur")]
    sides = [*(text in _RIGHT for text in _HEADS), False, True, True]
    heads = [html.Th(text, className="r" if right else "") for text, right in zip(titles, sides, strict=True)]
    cap = float(line.cap)
    bodies = [
        html.Tbody([_row(one, cap, words, now, _Place(field, len(these)) if not number else _Place("", 0), choice)
                    for number, one in enumerate(these)])
        for field, these in _fields(card.lines)
    ]  # fmt: skip
    table = html.Table([html.Thead(html.Tr(heads)), *bodies], className="tb kt_")
    return html.Section([head, html.Div(table, className="wide")], className="pn tb_")


def _fields(lines: Sequence[Line]) -> list[tuple[str, list[Line]]]:
    order = list(dict.fromkeys(line.goal.field for line in lines))
    ordered = sorted(lines, key=lambda line: order.index(line.goal.field))
    return [(name, list(these)) for name, these in groupby(ordered, key=lambda line: line.goal.field)]


class _Place(NamedTuple):
    """The heading that a row begins, over how many."""

    field: str
    span: int


def _row(line: Line, cap: float, words: Words, now: datetime, place: _Place, choice: Choice | None) -> Component:
    field, span = place
    owner = words.name("agency", line.goal.owner) if line.goal.owner else words.t("semua OPD")
    cells = [
        *([html.Th(field, rowSpan=span, scope="rowgroup", className="dom")] if span else []),
        html.Td([*_name(line, words, choice), " ", _defined(line, words)], className="nm"),
        html.Td(owner, className="opd"),
        html.Td(_actual(line, words), className="r v"),
        html.Td(kpi_words.target(line, words), className="r k2 tg"),
        html.Td(_score(line, cap, words), className="sb"),
        html.Td(spark(line, words), className="sp_"),
        html.Td(_change(line, words), className="r ch"),
        html.Td(_age(line, words, now), className="r k3 ag_"),
    ]
    chosen = choice is not None and choice.chosen == line.goal.name
    name = " ".join(filter(None, ["first" if span else "", "off" if line.why else "", "sel" if chosen else ""]))
    return html.Tr(cells, className=name, **{"data-simulated": "1" if line.simulated else ""})


def _defined(line: Line, words: Words) -> Component:
    """The definition of the line's metric, over the period that is shown."""
    period = line.periods[-1]
    query = f"from={period.first.isoformat()}&to={period.last.isoformat()}"
    return definition.button(line.metric.name, words, query, kpi_words.title(line, words))


def _name(line: Line, words: Words, choice: Choice | None) -> list[str | Component]:
    title = kpi_words.title(line, words)
    if choice is None:
        return [title]
    chosen = {"aria-current": "true"} if choice.chosen == line.goal.name else {}
    parts: list[str | Component] = [
        html.Span(dcc.Link(title, href=choice.link(line.goal.name), title=words.t("Mengapa berubah?")), **chosen)
    ]
    count, late = choice.promised.get(line.goal.name, (0, 0))
    if count:
        told = words.many("{n} tindak lanjut", count) + (f", {words.many('{n} terlambat', late)}" if late else "")
        parts.append(html.Span(told, className="fun late" if late else "fun"))
    return parts


def _actual(line: Line, words: Words) -> Component | str:
    text = words.text(line.value.actual, line.metric.unit)
    counted = (
        html.Span(words.t("dari {n} kasus", n=words.number(line.value.n)), className="vh") if line.metric.of else ""
    )
    return html.Del(text) if line.why and line.value.actual is not None else html.Span([text, " ", counted])


def _score(line: Line, cap: float, words: Words) -> list[Component]:
    reached = line.achievement
    if reached is None:
        assert line.why
        return [html.Span(className="hx"), html.Span(words.t(kpi_words.BECAUSE[line.why]), className="vh")]
    away = max(-1.0, min(1.0, float(reached - 100) / (cap - 100 or 25)))  # 100 in the middle, the cap at the end
    where = {"left": f"{50 + min(0.0, away) * 50:.1f}%", "width": f"{abs(away) * 50:.1f}%"}
    bar = html.Span(html.I(className="up_" if away >= 0 else "dn", style=where), className="sbar")
    return [bar, html.B(_whole(line, words))]


def _whole(line: Line, words: Words) -> str:
    assert line.achievement is not None
    return words.number(shown(line.achievement, 0), 0)


def spark(line: Line, words: Words) -> Component:
    """Twelve periods as a line that is broken where nothing is known, with the target of each as a dotted one."""
    known = [None if value.why else value.actual for value in line.values]
    drawn = [value for value in known if value is not None]
    if not drawn:
        return html.Span(words.t("belum ada data"), className="k3")
    targets = list(line.targets)
    every = drawn + [value for value in targets if value is not None]
    low, high = min(every), max(every)
    ends = (low, high) if high > low else (low - 1, high + 1)
    paths = [Path(d=_path(targets, ends), className="t"), Path(d=_path(known, ends), className="l")]
    paths += [Circle(cx=f"{x:.1f}", cy=f"{y:.1f}", r="1.5", className="s") for x, y in _alone(known, ends)]
    if known[-1] is not None:
        x, y = _at(len(known) - 1, known[-1], len(known), ends)
        paths.append(Circle(cx=f"{x:.1f}", cy=f"{y:.1f}", r="2.4", className="d"))
    return Svg(
        paths, className="sp", width=str(_W), height=str(_H), viewBox=f"0 0 {_W} {_H}", **{"aria-hidden": "true"}
    )


def _at(index: int, value: float, count: int, ends: tuple[float, float]) -> tuple[float, float]:
    x = _PAD + index * (_W - 2 * _PAD) / max(1, count - 1)
    return x, _H - _PAD - (value - ends[0]) / (ends[1] - ends[0]) * (_H - 2 * _PAD)


def _path(values: Sequence[float | None], ends: tuple[float, float]) -> str:
    parts, pen = [], False
    for index, value in enumerate(values):
        if value is not None:
            x, y = _at(index, value, len(values), ends)
            parts.append(f"{'L' if pen else 'M'}{x:.1f} {y:.1f}")
        pen = value is not None
    return "".join(parts)


def _alone(values: Sequence[float | None], ends: tuple[float, float]) -> list[tuple[float, float]]:
    """Points without a neighbour, which no line shows."""
    padded = [None, *values, None]
    return [_at(index, value, len(values), ends) for index, value in enumerate(values)
            if value is not None and padded[index] is None and padded[index + 2] is None]  # fmt: skip


def _change(line: Line, words: Words) -> Component | str:
    text = kpi_words.change(line.change, line.metric, words)
    if line.better is None or not any(digit in text for digit in "123456789"):
        return text  # what is shown as no change is neither
    said = words.t("lebih baik") if line.better else words.t("lebih buruk")
    return html.Span([text, html.I(), html.Span(said, className="vh")], className="bt" if line.better else "ws")


def _age(line: Line, words: Words, now: datetime) -> Component | str:
    age = NONE if line.as_of is None else kpi_words.age((now - line.as_of).total_seconds(), words)
    if line.why is None:
        return age
    return html.Span(words.t(kpi_words.WHY[line.why]), className="tag", title=words.t(kpi_words.BECAUSE[line.why]))
