"""Beside the scorecard: the worst and the best, the most frequent complaints, and who keeps the promise. Pure."""

from collections.abc import Callable, Sequence
from math import floor

from dash import html
from dash.development.base_component import Component

from city.complained import Complained
from city.league import Unit
from city.scorecard import FULL, Card, Line, shown
from city.texts import N_
from dashboard import kpi_words
from dashboard.words import NONE, Words


def draw(card: Card, complained: Complained | None, words: Words) -> list[Component]:
    """The panels of the right column."""
    parts = [_ends(card, words)]
    if complained:
        parts += [_frequent(complained, words), _agencies(complained, words)]
    return parts


def _head(title: str, sub: str = "") -> Component:
    return html.Header([html.H2(title), html.Span(sub, className="sub")], className="ph")


def _ends(card: Card, words: Words) -> Component:
    lists = [
        html.Div([html.H3(words.t(title), className="bh"), html.Ul([_end(line, css, words) for line in lines])])
        for title, lines, css in ((N_("Terburuk"), card.worst, "dn"), (N_("Terbaik"), card.best, "up_"))
    ]
    none = html.P(words.t("tidak ada metrik yang dapat dihitung"), className="note")
    head = _head(words.t("Lima terburuk dan terbaik"), words.t("jarak dari target, 100 = target"))
    return html.Section([head, html.Div(lists, className="bw") if card.counted else none], className="pn bw_")


def _end(line: Line, css: str, words: Words) -> Component:
    reached = line.achievement
    assert reached is not None
    # Of what is on the other side of its target there is nothing to draw: the worst may still be good.
    away = FULL - reached if css == "dn" else reached - FULL
    width = max(0.0, min(100.0, float(away) / 30 * 100))
    bar = html.Span(html.I(className=css, style={"width": f"{width:.1f}%"}), className="hb")
    return html.Li([html.Span(kpi_words.title(line, words)), html.B(words.number(shown(reached, 0), 0)), bar])


def _frequent(found: Complained, words: Words) -> Component:
    sub = words.many("dari {n} pengaduan", found.total)
    most = max((one.opened for one in found.most), default=0)
    rows = []
    for one in found.most:
        wide = 100 * one.opened / most if most else 0
        track = [html.I(className="t", style={"width": f"{0.72 * wide:.1f}%"}),
                 html.U(words.number(one.opened), style={"left": f"{0.72 * wide:.1f}%"})]  # fmt: skip
        told = [words.t("median selesai"), " ", html.B(words.duration_text(one.median_h))]
        rows.append(
            html.Div([html.Span(words.name("category", one.code)), html.Span(track, className="yx"), html.Em(told)])
        )
    body = html.Div(rows, className="fq") if found.total else html.P(words.t("tidak ada pengaduan"), className="note")
    return html.Section([_head(words.t("Paling sering dikeluhkan"), sub), body], className="pn fq_")


def _agencies(found: Complained, words: Words) -> Component:
    head = _head(words.t("Pengaduan tepat waktu per OPD"))
    if found.rate is None:
        told = html.P(words.t("tidak ada pengaduan yang selesai pada periode ini"), className="note")
        return html.Section([head, told], className="pn lg_")
    low = _from(found.agencies, found.rate)

    def at(share: float) -> str:
        return f"{100 * (share - low) / (1 - low):.1f}%" if low < 1 else "100%"

    rows = [_agency(one, at, found.rate, words) for one in found.agencies]
    middle = html.Span(
        words.t("kota {share}", share=words.percent(found.rate, 0)), className="q", style={"left": at(found.rate)}
    )
    ticks = [html.Span(words.percent(low, 0), className="q e0"), middle]
    # A tick that the city's own would lie upon is left out.
    ticks += [html.Span(words.percent(1.0, 0), className="q e1")] if (found.rate - low) < 0.72 * (1 - low) else []
    ticks = ticks[1:] if (found.rate - low) < 0.28 * (1 - low) else ticks
    rows.append(
        html.Div([html.Span(), html.Span(ticks, className="lx")], className="lr ax_", **{"aria-hidden": "true"})
    )
    body = [html.Div(rows, className="lg"), html.P(_told(found.agencies, words), className="note")]
    return html.Section([head, *body], className="pn lg_", id="kpi-league")


def _from(agencies: Sequence[Unit], rate: float) -> float:
    """Where the axis begins: a whole tenth below all that is drawn."""
    lowest = min([rate, *(min(one.limits.lower, one.share) for one in agencies if one.limits)])
    return max(0.0, floor(lowest * 10 - 0.01) / 10)


def _agency(one: Unit, at: Callable[[float], str], rate: float, words: Words) -> Component:
    count = html.U(f"{words.number(round(one.share * one.n))} / {words.number(one.n)}")
    name = html.Span(words.name("agency", one.name))
    if not one.limits:
        few = html.Span(words.t("kurang dari 5 kasus, tidak diperingkat"), className="q")
        return html.Div([name, html.Span(few, className="lx"), html.Em(NONE), count], className="lr small")
    band = html.I(style={"left": at(one.limits.lower), "right": f"calc(100% - {at(one.limits.upper)})"})
    track = html.Span([band, html.S(style={"left": at(rate)}), html.B(style={"left": at(one.share)})], className="lx")
    css = {"worse": "lr lo", "": "lr", "better": "lr hi"}[one.verdict]
    return html.Div([name, track, html.Em(words.percent(one.share, 0)), count], className=css)


def _told(agencies: Sequence[Unit], words: Words) -> str:
    different = [words.name("agency", one.name) for one in agencies if one.verdict]
    told = words.t("Pita: batas kendali 95%.")
    if not different:
        return f"{told} {words.t('Tidak ada OPD yang berbeda nyata dari kota.')}"
    return f"{told} {words.t('Berbeda nyata dari kota: {names}.', names=', '.join(different))}"
