"""The score of the city on its page: the number, what it covers, and the waterfall of its fields. Pure."""

from fractions import Fraction

from dash import html
from dash.development.base_component import Component

from city.scorecard import FULL, Card, Line, shown
from dashboard import kpi_words
from dashboard.words import NONE, Words

#: Room at each side of the waterfall, as a share of what it spans, for the figures beside the bars.
_ROOM = 0.3


def draw(card: Card, cap: float, told: str, words: Words) -> Component:
    """The panel of the score; ``told`` is when it was computed."""
    sub = words.t("100 = semua target tercapai, batas atas {cap} per metrik", cap=words.number(cap))
    head = html.Header(
        [html.H2(words.t("Skor kota")), html.Span(sub, className="sub"), html.Span(told, className="ag")],
        className="ph",
    )
    return html.Section([head, html.Div([_big(card, words), _waterfall(card, words)], className="scb")],
                        className="pn sc_")  # fmt: skip


def figure(score: Fraction | None, words: Words) -> str:
    """``96,0``; an en dash for none."""
    return NONE if score is None else words.number(shown(score), 1)


def _big(card: Card, words: Words) -> Component:
    return html.Div([html.B(figure(card.score, words)), html.Span(_change(card, words), className="dl"),
                     _coverage(card, words)], className="big")  # fmt: skip


def _change(card: Card, words: Words) -> str:
    if card.score is None:
        return words.t("tidak ada metrik yang dapat dihitung")
    before = kpi_words.low(card.lines[0].periods[-2], words)
    if card.change is None:
        return words.t("tanpa pembanding: {period} belum ada", period=before)
    points = kpi_words.points(float(card.change), words)
    said = words.t("{points} dari {period}", points=points, period=before)
    return said if card.like_for_like else f"{said} ({words.t('metrik yang dihitung berbeda')})"


def _coverage(card: Card, words: Words) -> Component:
    counted = {id(line) for line in card.counted}
    parts = [
        html.I(className="on" if id(line) in counted else "off", style={"flex": f"{float(line.weight):.4f}"})
        for line in sorted(card.lines, key=lambda line: id(line) not in counted)
    ]
    weight = words.percent(float(card.coverage), 0)
    label = words.t("Cakupan {share} bobot", share=weight)
    of = words.t("{n} dari {all} metrik", n=len(card.counted), all=len(card.lines))
    told = [html.B(of), f", {words.t('{share} bobot', share=weight)}."]
    if card.uncounted:
        told.append(
            f" {words.t('Tidak dihitung:')} " + ", ".join(_left_out(line, words) for line in card.uncounted) + "."
        )
    bar = html.Div(parts, className="cb", role="img", **{"aria-label": label})
    return html.Div([bar, html.Span(told)], className="cov")


def _left_out(line: Line, words: Words) -> str:
    assert line.why
    return f"{kpi_words.title(line, words)} ({words.t(kpi_words.WHY[line.why]).lower()})"


def _waterfall(card: Card, words: Words) -> Component:
    steps = list(_steps(card))
    ends = [FULL, *(end for _, _, end in steps)]
    low, high = min(ends), max(ends)
    room = max(high - low, Fraction(1))
    low, high = low - room * Fraction(_ROOM), high + room * Fraction(_ROOM)

    def at(point: Fraction) -> float:
        return float(100 * (point - low) / (high - low))

    rows = [_total(words.t("Semua target tercapai"), at(FULL), "100")]
    rows += [_step(card, name, part, at(start), at(end), words) for (name, part, end), start in zip(
        steps, [FULL, *(end for _, _, end in steps)], strict=False)]  # fmt: skip
    if card.score is not None:
        rows.append(_total(words.t("Skor kota"), at(card.score), figure(card.score, words), last=True))
    return html.Div(rows, className="wfs")


def _steps(card: Card) -> list[tuple[str, Fraction | None, Fraction]]:
    """Each field: what it adds (None: nothing of it counts), and where that ends."""
    at, found = FULL, []
    for name, part in card.fields.items():
        at += part or 0
        found.append((name, part, at))
    return found


def _total(title: str, left: float, text: str, *, last: bool = False) -> Component:
    where = {"left": f"{left:.2f}%"}
    track = html.Span([html.I(className="tot", style=where), html.U(text, style=where)], className="tr_")
    return html.Div([html.Span(title), track], className="wf last" if last else "wf")


def _step(card: Card, name: str, part: Fraction | None, start: float, end: float, words: Words) -> Component:
    if part is None:
        track = [html.U(NONE, style={"left": f"{start:.2f}%"})]
    else:
        left, right = min(start, end), max(start, end)
        text = kpi_words.points(float(part), words)
        # The figure of what takes stands at its left end, so that it does not lie on the next bar.
        beside = {"left": f"{right:.2f}%"} if part >= 0 else {"right": f"{100 - left:.2f}%"}
        bar = html.I(
            className="up" if part >= 0 else "dn", style={"left": f"{left:.2f}%", "width": f"{right - left:.2f}%"}
        )
        track = [bar, html.S(style={"left": f"{end:.2f}%"}), html.U(text, style=beside)]
    return html.Div([html.Span(name), html.Span(track, className="tr_"), html.Em(_because(card, name, words))],
                    className="wf")  # fmt: skip


def _because(card: Card, name: str, words: Words) -> str:
    """What moved a field most; or, where some of it cannot be seen, how much can."""
    lines = [line for line in card.lines if line.goal.field == name]
    counted = [line for line in lines if line.why is None]
    if len(counted) < len(lines):
        return words.t("{n} dari {all} metrik dihitung", n=len(counted), all=len(lines))
    most = max(counted, key=lambda line: abs(card.contribution(line) or 0))
    return f"{kpi_words.title(most, words)} {words.text(most.value.actual, most.metric.unit)}"
