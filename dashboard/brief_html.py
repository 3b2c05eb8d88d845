"""The daily brief as HTML: one A4 page, self-contained, without script. Pure but for the style sheets it reads once.

Mail readers know no custom properties: the values of the design tokens stand in the styles themselves. The typeface
goes into what is printed or kept (``faces``) and not into mail, where it would be cut off for its size.
"""

import base64
import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from dash import html
from dash.development.base_component import Component

from city.brief import Brief, Changed, Figure
from city.scorecard import FULL, Line, shown
from dashboard import brief_words as said
from dashboard.prerender import html_of
from dashboard.words import NONE, Words

ASSETS = Path(__file__).resolve().parent.parent / "assets"
_FACE = "fonts/encode-sans-latin-wdth.woff2"


def page(brief: Brief, words: Words, *, faces: bool = False) -> str:
    """The whole document."""
    title = f"{words.t(said.TITLE)} {brief.region}, {said.day(brief, words)}"
    styles = _styles() + (_face() if faces else "")
    body = html_of(sheet(brief, words))
    return (
        f'<!doctype html>\n<html lang="{words.language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"{html_of(html.Title(title))}<style>{styles}</style></head><body>{body}</body></html>\n"
    )


def without_face(page: str) -> str:
    """``page`` as it goes into mail."""
    return page.replace(_face(), "")


def sheet(brief: Brief, words: Words) -> Component:
    """What stands on the page."""
    columns = html.Div(
        [
            html.Div([draw(brief, words) for draw in LEFT], className="bf-l"),
            html.Div([draw(brief, words) for draw in RIGHT], className="bf-r"),
        ],
        className="bf-g",
    )
    return html.Article([_top(brief, words), columns, _foot(brief, words)], className="brief")


def _top(brief: Brief, words: Words) -> Component:
    simulated = [html.Span(words.t("DATA SIMULASI"), className="bf-sim")] if brief.simulated else []
    oldest = brief.oldest
    told = []
    if oldest:
        old = html.B(said.age(oldest.as_of, brief, words))
        told = [html.Span([words.t("Data tertua"), " ", old, ", ", said.title(oldest, words)])]
    bar = html.Div([html.B("Kendali"), " ", html.Span(brief.region), html.Span([*simulated, *told], className="bf-e")],
                   className="bf-bar")  # fmt: skip
    sub = html.Span(f"{said.day(brief, words)}; {said.made(brief, words)}")
    return html.Header([bar, html.H1([words.t(said.TITLE), " ", sub])])


def _panel(title: str, sub: str, body: Any, age: str = "") -> Component:
    head = html.H2([title, " ", html.Small(sub), html.I(age)] if age else [title, " ", html.Small(sub)])
    return html.Section([head, *(body if isinstance(body, list) else [body])])


def _score(brief: Brief, words: Words) -> Component:
    card = brief.card
    if card is None:
        told = words.t("Belum ada target: tulis `scorecard` dalam pengaturan (docs/scorecard.md).")
        return _panel(words.t("Skor kota"), "", html.P(told))
    score, change = said.score(card, words)
    oldest = min((line.as_of for line in card.counted if line.as_of), default=None)
    body = html.Div([html.B(score), html.P([html.Strong(change), html.Br(), said.coverage(card, words)])],
                    className="bf-big")  # fmt: skip
    return _panel(words.t("Skor kota"), said.period(card, words), body, said.age(oldest, brief, words))


def _yesterday(brief: Brief, words: Words) -> Component:
    rows = [html.Tr(_figure(one, brief, words)) for one in brief.figures]
    names = [words.t("Metrik"), words.t("Nilai"), words.t("Letak"), words.t("Biasanya"), words.t("Umur")]
    heads = html.Tr([html.Th(name, scope="col") for name in names])
    against = words.t("pita: {weekday} biasanya, 8 pekan", weekday=words.weekday(brief.day))
    table = html.Table([html.Thead(heads), html.Tbody(rows)], className="bf-t bf-f")
    return _panel(words.t("Kemarin"), against, table)


def _figure(one: Figure, brief: Brief, words: Words) -> list[Component]:
    value: Any = NONE if one.value is None else words.text(one.value, one.metric.unit)
    if one.why and one.value is not None:
        value = html.Del(value)  # it is not the whole of the day
    css = "bf-off" if one.why else ("", "bf-out", "bf-out")[said.side(one, words)]
    return [
        html.Th(said.title(one, words), scope="row"), html.Td(value, className="bf-v"), html.Td(_range(one)),
        html.Td(said.usual(one, words), className=css), html.Td(said.age(one.as_of, brief, words), className="bf-a"),
    ]  # fmt: skip


def _range(one: Figure) -> Component | None:
    """The value on a line with its usual band."""
    if one.band is None or one.value is None or one.why:
        return html.Span(className="bf-none") if one.why else None
    low, high = one.band
    wide = max(high - low, abs(high) * 0.1, 1e-9)
    left, right = min(low - 0.7 * wide, one.value), max(high + 0.7 * wide, one.value)
    at: Callable[[float], float] = lambda value: 4 + 92 * (value - left) / (right - left)  # noqa: E731
    band = html.I(style={"left": f"{at(low):.1f}%", "width": f"{max(1.5, at(high) - at(low)):.1f}%"})
    return html.Span([band, html.B(style={"left": f"{at(one.value):.1f}%"})], className="bf-rb")


def _ends(brief: Brief, words: Words) -> Component:
    card = brief.card
    if card is None or not card.counted:
        return _panel(words.t("Lima terburuk dan terbaik"), "", html.P(words.t("tidak ada metrik yang dapat dihitung")))
    body = [_ranked(words.t("Terburuk"), card.worst, "bf-dn", brief, words)]
    body += [_ranked(words.t("Terbaik"), card.best, "bf-up", brief, words)] if card.best else []
    return _panel(words.t("Lima terburuk dan terbaik"), words.t("100 = target"), body)


def _ranked(title: str, lines: Sequence[Line], css: str, brief: Brief, words: Words) -> Component:
    rows = []
    for line in lines:
        reached = line.achievement
        assert reached is not None
        away = FULL - reached if css == "bf-dn" else reached - FULL
        bar = html.Span(html.I(className=css, style={"width": f"{min(100.0, max(0.0, float(away) / 0.6)):.0f}%"}),
                        className="bf-hb")  # fmt: skip
        cells = [html.Th(said.goal(line, words), scope="row"), html.Td(bar),
                 html.Td(words.number(shown(reached, 0), 0), className="bf-v"),
                 html.Td(said.age(line.as_of, brief, words), className="bf-a")]  # fmt: skip
        rows.append(html.Tr(cells))
    return html.Table([html.Caption(title), html.Tbody(rows)], className="bf-t bf-en")


def _late(brief: Brief, words: Words) -> Component:
    most = max((sum(one.overdue.values()) for one in brief.late), default=0)
    rows = []
    for one in brief.late:
        name, count, parts = said.late(one, words)
        bar = html.Span(html.I(style={"width": f"{100 * sum(one.overdue.values()) / most:.0f}%"}), className="bf-hb")
        rows.append(html.Tr([html.Th(name, scope="row"), html.Td(bar), html.Td(count, className="bf-v"),
                             html.Td(parts, className="bf-p")]))  # fmt: skip
    body: list[Component] = [html.Table(html.Tbody(rows), className="bf-t bf-lt")] if rows else []
    if not rows and any(brief.late_as_of.values()):
        body = [html.P(words.t("tidak ada yang lewat tenggat"))]
    body += [html.P(said.silent(*one, words)) for one in brief.silent]
    ages = said.late_ages(brief, words)
    body += [html.P(f"{words.t('Umur data')}: {ages}", className="bf-n")] if ages else []
    return _panel(words.t("Lewat tenggat per OPD"), words.t("terbuka sekarang"), body)


def _changed(brief: Brief, words: Words) -> Component:
    body = [_change(one, brief, words) for one in brief.changed]
    period = said.period(brief.card, words) if brief.card else ""
    none = html.P(words.t("tidak ada perubahan yang dapat dibandingkan"))
    return _panel(words.t("Paling berubah"), period, body or none)


def _change(one: Changed, brief: Brief, words: Words) -> Component:
    name, points, values = said.changed(one, words)
    css = "bf-wt" if one.points < 0 else "bf-bt"
    old = html.I(f" {said.age(one.line.as_of, brief, words)}")
    return html.P([html.B(name), ", ", values, " ", html.Span(points, className=css), old, html.Br(),
                   said.reasons(one, words)])  # fmt: skip


def _sources(brief: Brief, words: Words) -> Component:
    told = [html.Li(said.away(*one, brief, words)) for one in brief.away or ()]
    body: list[Component] = [html.Ul(told[:8])] if told else []
    body += [html.P(words.t("dan {n} lainnya", n=len(told) - 8))] if len(told) > 8 else []
    return _panel(words.t("Sumber tidak terbaca"), said.alive(brief, words), body)


def _foot(brief: Brief, words: Words) -> Component:
    made = "Kendali" + (f", {words.t('data simulasi')}" if brief.simulated else "")
    told = words.t("Umur: sejak sumbernya terakhir terbaca. Angka yang dicoret tidak lengkap.")
    return html.Footer([html.Span(told), html.Span(made)])


#: What stands where, from top to bottom: a further section is one more function here.
LEFT = (_score, _yesterday, _late)
RIGHT = (_ends, _changed, _sources)


@lru_cache(maxsize=1)
def _styles() -> str:
    """The page's style sheet with the values of the light tokens in it."""
    tokens = (ASSETS / "00-tokens.css").read_text(encoding="utf-8")
    named: dict[str, str] = {}
    for block in re.findall(r"^(?::root|:root, \.theme-light) \{(.*?)^\}", tokens, re.DOTALL | re.MULTILINE):
        named |= dict(re.findall(r"(--[\w-]+):\s*([^;]+);", block))
    text = (ASSETS / "61-brief.css").read_text(encoding="utf-8")
    while found := re.search(r"var\((--[\w-]+)\)", text):
        text = text.replace(found[0], named[found[1]])
    return re.sub(r"/\*.*?\*/|\n\s*", "", text, flags=re.DOTALL)


@lru_cache(maxsize=1)
def _face() -> str:
    data = base64.b64encode((ASSETS / _FACE).read_bytes()).decode()
    source = f"url(data:font/woff2;base64,{data}) format('woff2')"
    return f"@font-face{{font-family:'Encode Sans';src:{source};font-weight:100 900;font-stretch:75% 125%}}"
