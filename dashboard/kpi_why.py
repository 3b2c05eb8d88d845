"""Why a line of the scorecard changed, by agency, category, district and channel: read (:func:`read`) and drawn."""

from collections.abc import Sequence
from typing import Any, NamedTuple
from urllib.parse import urlencode

from dash import dcc, html
from dash.development.base_component import Component

from city import why
from city.change import Part, Split
from city.metrics import OBSERVED
from city.model import CASE_DIMENSIONS, OBSERVATION_DIMENSIONS
from city.periods import Period
from city.queries import Queries
from city.scorecard import Line
from city.texts import N_
from city.why import Answer
from dashboard import kpi_words
from dashboard.words import NONE, Words

#: How many groups of each are told by themselves.
SHOWN = 4
_BY = {"agency": N_("OPD"), "category": N_("Kategori"), "district": N_("Kecamatan"), "channel": N_("Kanal"),
       "place": N_("Tempat")}  # fmt: skip


class Told(NamedTuple):
    """A line with the answer, or with ``None`` where it has no parts."""

    line: Line
    answer: Answer | None


def read(queries: Queries, line: Line) -> Told:
    """Take the change of a line apart, from the period before it to its own."""
    now, then = (period.window(queries.zone) for period in (line.periods[-1], line.periods[-2]))
    known = OBSERVATION_DIMENSIONS if line.metric.measure in OBSERVED else CASE_DIMENSIONS
    usual = (*why.DIMENSIONS, "place") if line.metric.measure in OBSERVED else why.DIMENSIONS
    splits = [(name,) for name in usual if name in known and name not in line.goal.where]
    try:
        with queries.held():
            return Told(
                line, why.why(queries, line.metric.name, splits, now, [then], where=line.goal.where, limit=SHOWN)
            )
    except ValueError:
        return Told(line, None)


def draw(told: Told, words: Words) -> list[Component]:
    """What stands in the panel below its head."""
    answer, t = told.answer, words.t
    if answer is None:
        return [
            html.P(t("Angka ini tidak dapat dibagi menurut OPD, kategori, kecamatan, atau kanal."), className="note")
        ]
    if answer.was is None or answer.came is None:
        return [html.P(t("Salah satu periode tidak diketahui: tidak ada yang dapat dibagi."), className="note")]
    splits = {by[0]: split for by, split in answer.splits.items() if _parts(split)}
    # All of it in one group tells nothing that the whole does not.
    splits = {by: split for by, split in splits.items() if len(split.parts) + split.others > 1} or splits
    if not splits:
        return [html.P(t("Sumbernya tidak menyebut OPD, kategori, kecamatan, atau kanal."), className="note"),
                _links(told, splits, words)]  # fmt: skip
    most = max(abs(part.change) for split in splits.values() for part in split.everything) or 1.0
    rows = [_body(by, split, most, told, words) for by, split in splits.items()]
    titles = [t("Kelompok"), "", t("Perubahan")]
    titles += [t("kinerja"), t("komposisi")] if answer.sort != "amount" else []
    sides = ["", "", *["r"] * (len(titles) - 2), "r"]
    head = html.Tr([html.Th(title or html.Span(t("grafik"), className="vh"), className=side, scope="col")
                    for title, side in zip([*titles, t("Banyak")], sides, strict=True)])  # fmt: skip
    return [_whole(told, words), html.Table([html.Thead(head), *rows], className="tb wy"), _sum(told, words),
            _links(told, splits, words)]  # fmt: skip


def title(told: Told, words: Words) -> str:
    """``Mengapa Selesai tepat waktu: 78,1% → 74%``."""
    line = told.line
    then, now = (words.text(value.actual, line.metric.unit) for value in (line.before, line.value))
    return words.t("Mengapa {title}: {then} → {now}", title=kpi_words.title(line, words), then=then, now=now)


def _parts(split: Split) -> bool:
    return any(name is not None for part in split.everything for name in part.group) or split.others > 0


def _whole(told: Told, words: Words) -> Component:
    answer = told.answer
    assert answer
    if answer.sort != "beyond":
        return html.P(_periods(told.line.periods, words), className="note")
    said = words.t("Median tidak dapat dibagi. Yang dibagi: bagian kasus yang lebih lama dari {time}, {then} → {now}.",
                   time=words.duration_text(answer.beyond), then=words.percent(answer.was),
                   now=words.percent(answer.came))  # fmt: skip
    return html.P(f"{_periods(told.line.periods, words)} {said}", className="note")


def _periods(periods: Sequence[Period], words: Words) -> str:
    name = kpi_words.name(periods[-1], words)
    return words.t("{period} dibanding {before}.", period=name, before=kpi_words.low(periods[-2], words))


def _body(by: str, split: Split, most: float, told: Told, words: Words) -> Component:
    span = 4 if told.answer and told.answer.sort == "amount" else 6
    head = html.Tr(html.Th(words.t(_BY[by]), colSpan=span, scope="rowgroup", className="by"))
    return html.Tbody([head, *(_row(by, part, split, most, told, words) for part in split.everything)])


def _row(by: str, part: Part, split: Split, most: float, told: Told, words: Words) -> Component:
    assert told.answer
    name = words.name(by, part.group[0]) if part.group else words.many("{n} lainnya", split.others)
    wide, worse = 50 * abs(part.change) / most, _worse(part.change, told)
    where = {"left": f"{50 - wide if part.change < 0 else 50:.1f}%", "width": f"{wide:.1f}%"}
    css = "" if worse is None else "dn" if worse else "up_"
    figures = [part.change, *([part.rate, part.mix] if told.answer.sort != "amount" else [])]
    texts = [_signed(value, told, words) for value in figures]
    count = "<5" if part.few else f"{words.number(round(part.n_then))} → {words.number(round(part.n_now))}"
    cells = [html.Td(html.Span(html.I(className=css, style=where), className="db", **{"aria-hidden": "true"})),
             html.Td(html.B(texts[0]), className="r"), *(html.Td(text, className="r k2") for text in texts[1:]),
             html.Td(count, className="r k3")]  # fmt: skip
    return html.Tr([html.Th(name, scope="row", className="nm"), *cells])


def _worse(change: float, told: Told) -> bool | None:
    if not change or told.line.metric.direction == "neutral":
        return None
    return (change > 0) == (told.line.metric.direction == "lower")


def _signed(value: float, told: Told, words: Words) -> str:
    assert told.answer
    if told.answer.sort == "beyond" or told.line.metric.unit == "ratio":
        return kpi_words.points(value * 100, words)
    return kpi_words.change(round(value, 6) or 0.0, told.line.metric, words)


def _sum(told: Told, words: Words) -> Component:
    answer = told.answer
    assert answer and answer.was is not None and answer.came is not None
    change = _signed(answer.came - answer.was, told, words)
    unit = words.t("poin persen") if answer.sort == "beyond" or told.line.metric.unit == "ratio" else ""
    said = words.t("Setiap pembagian berjumlah {change}: seluruh perubahan.", change=f"{change} {unit}".strip())
    more = words.t(
        "Kinerja: kelompok itu sendiri membaik atau memburuk; komposisi: kelompok itu membesar atau mengecil."
    )
    return html.P(said if answer.sort == "amount" else f"{said} {more}", className="note")


def worst(splits: dict[str, Split], told: Told) -> tuple[str, Part] | None:
    """The group that did most for the worse; of a change for the better, that did most."""
    named = [(by, part) for by, split in splits.items() for part in split.parts if part.change]
    bad = [one for one in named if _worse(one[1].change, told)]
    return max(bad or named, key=lambda one: abs(one[1].change), default=None)


def _links(told: Told, splits: dict[str, Split], words: Words) -> Component:
    kind, period = told.line.metric.of, told.line.period
    links: list[Component] = []
    if kind:
        where: dict[str, Any] = {"kind": kind, "from": period.first.isoformat(), "to": period.last.isoformat()}
        where |= {name: [value] if isinstance(value, str) else value for name, value in told.line.goal.where.items()}
        name = NONE
        if found := worst(splits, told):
            by, part = found
            where[by] = "~" if part.group[0] is None else part.group[0]
            name = words.name(by, part.group[0])
        where = {key: value if isinstance(value, str) else ",".join(value) for key, value in where.items()}
        text = words.t("Jelajahi kasusnya") if name == NONE else words.t("Jelajahi {group}", group=name)
        links.append(dcc.Link(text, href=f"/explore?{urlencode(where, safe=',~')}"))
    if kind == "complaint":
        links.append(html.A(words.t("Lihat liga OPD"), href="#kpi-league"))
    return html.P(links, className="go")
