"""Weekday by hour, categories with their cumulative share, and agency by status. Pure."""

from collections.abc import Iterator
from typing import Any

from dash import html
from dash.development.base_component import Component

from city.explored import Explored
from dashboard import spoken
from dashboard.classes import class_of, edges
from dashboard.explore_parts import STATUS, go, panel, value_name
from dashboard.words import Words

_BARS, _AGENCIES = 10, 10
#: The share of all that the few most frequent make up: Pareto's line.
_PARETO = 0.8


def hours(found: Explored, words: Words) -> Component:
    """The heat map: seven days by twenty-four hours, with the sums of the days and the peak in words."""
    cells = {(int(one or 0), int(two or 0)): n for (one, two), n in found.splits.get("time", {}).items()}
    bounds = edges([n for n in cells.values() if n])
    names = [words.t(day) for day in words.t("Sen Sel Rab Kam Jum Sab Min").split()]
    drawn: list[Component] = []
    for day, name in enumerate(names, 1):
        row = [cells.get((day, hour), 0) for hour in range(24)]
        drawn.append(html.Span(name, className="xd"))
        drawn += [html.I(className=_tone(n, bounds), title=f"{name} {hour:02d}{words.t('.')}00: {words.number(n)}")
                  for hour, n in enumerate(row)]  # fmt: skip
        drawn.append(html.Em(words.number(sum(row))))
    drawn += [html.U(f"{hour:02d}", style={"gridColumn": f"{hour + 2} / span 3"}) for hour in range(0, 24, 3)]
    peak = max(cells, key=lambda key: cells[key], default=None)
    told = words.t("belum ada kasus")
    if peak:
        told = words.t(
            "Puncak {day} {hour}: {n}", day=names[peak[0] - 1],
            hour=f"{peak[1]:02d}{words.t('.')}00", n=words.number(cells[peak]),
        )  # fmt: skip
    table = spoken.table(
        [words.t("Hari"), *(f"{hour:02d}" for hour in range(24))],
        [[names[day - 1], *(words.number(cells.get((day, hour), 0)) for hour in range(24))] for day in range(1, 8)],
    )
    grid = html.Div(drawn, className="xhm", **spoken.picture(f"{words.t('Hari dan jam masuk')}. {told}"))
    foot = html.Div([_legend(bounds, words), html.Span(told)], className="hl_")
    return panel(words.t("Hari dan jam masuk"), "", [grid, table, foot], "hm_", found)


def _tone(n: int, bounds: list[float]) -> str:
    return f"q{class_of(n, bounds)}" if n else "q0"


def _legend(bounds: list[float], words: Words) -> Component:
    steps = [html.I(className="q0"), "0"]
    low = 1
    for number, bound in enumerate([*bounds, None], 1):
        high = int(bound) - 1 if bound else None
        text = f"{low}+" if high is None else str(low) if high <= low else f"{low}–{high}"
        steps += [html.I(className=f"q{number}"), text]
        low = int(bound or 0)
    return html.Span(steps, className="rl")


def pareto(found: Explored, words: Words) -> Component:
    """The categories, the most frequent first; those up to the dashed line make up four fifths of all."""
    counts = {one: n for (one, _), n in found.splits.get("category", {}).items()}
    ranked = sorted(counts.items(), key=lambda item: (-item[1], str(item[0])))
    total, chosen = sum(counts.values()), found.selection.where.get("category", ())
    rows, cut = list(_ranked(ranked, total, words)), False
    drawn = []
    for value, n, share, text in rows[:_BARS]:
        css = "on" if (value or "") in chosen else ""
        if not cut and share >= _PARETO:
            css, cut = f"{css} cut", True
        width = f"{100 * n / ranked[0][1]:.1f}%"
        bar = html.Span(
            [html.I(style={"width": width}), html.U(words.number(n), style={"left": width})], className="pb_"
        )
        parts = [html.Span(value_name("category", value, words)), bar, html.Em(text)]
        drawn.append(go(found.selection.toggled(category=value or ""), parts, f"pr {css}".strip()))
    if len(rows) > _BARS:
        more = words.t("dan {n} kategori lain", n=words.number(len(rows) - _BARS))
        drawn.append(html.P(more, className="note"))
    sub = words.t("{n} kasus, kumulatif, garis 80%", n=words.number(total))
    body = [html.Div(drawn, className="pa")] if drawn else [_none(words)]
    table = spoken.table(
        [words.t("Kategori"), words.t("Kasus"), words.t("% kumulatif")],
        [[value_name("category", value, words), words.number(n), text] for value, n, _, text in rows],
    )
    return panel(words.t("Kategori"), sub, [*body, table], "pa_", found)


def _ranked(
    ranked: list[tuple[str | None, int]], total: int, words: Words
) -> Iterator[tuple[str | None, int, float, str]]:
    running = 0
    for value, n in ranked:
        running += n
        yield value, n, running / total, words.percent(running / total, 0)


def agencies(found: Explored, words: Words) -> Component:
    """Who has them, and how they stand: a row per agency, a column per status; a press narrows to both."""
    cells = found.splits.get("agency_status", {})
    sums: dict[str | None, int] = {}
    for (agency, _), n in cells.items():
        sums[agency] = sums.get(agency, 0) + n
    ranked = sorted(sums, key=lambda agency: (-sums[agency], str(agency)))
    bounds = edges(list(cells.values()))
    head = html.Tr([html.Th(words.t("OPD")), *(html.Th(words.t(STATUS[one]), className="r") for one in STATUS),
                    html.Th(words.t("Jumlah"), className="r")])  # fmt: skip
    body = [_agency(agency, cells, sums[agency], bounds, found, words) for agency in ranked[:_AGENCIES]]
    rest = [] if len(ranked) <= _AGENCIES else [
        html.P(words.t("dan {n} OPD lain", n=words.number(len(ranked) - _AGENCIES)), className="note")
    ]  # fmt: skip
    table = html.Div(html.Table([html.Thead(head), html.Tbody(body)], className="tb as"), className="wide", tabIndex=0)
    return panel(words.t("OPD dan status"), "", [table, *rest] if body else [_none(words)], "as_", found)


def _agency(
    agency: str | None, cells: Any, total: int, bounds: list[float], found: Explored, words: Words
) -> Component:
    selection, code = found.selection, agency or ""
    drawn = []
    for status in STATUS:
        n = cells.get((agency, status), 0)
        on = selection.where.get("agency") == (code,) and selection.where.get("status") == (status,)
        inside = go(selection.toggled(agency=code, status=status), words.number(n), "on" if on else "") if n else "–"
        drawn.append(html.Td(inside, className=f"r {_tone(n, bounds)}"))
    on = "on" if code in selection.where.get("agency", ()) else ""
    name = html.Th(go(selection.toggled(agency=code), value_name("agency", agency, words), on), scope="row")
    return html.Tr([name, *drawn, html.Td(html.B(words.number(total)), className="r")])


def _none(words: Words) -> Component:
    return html.P(words.t("Tidak ada yang cocok"), className="calm")
