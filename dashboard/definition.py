"""What a number means: the dialog that a small button beside it opens, in the browser's own ``<dialog>``.

The button names the metric and what is looked at; assets/definition.js asks ``/definition/<metric>`` for the rest when
somebody wants to know, so that a page with fifty numbers costs nothing more. Pure: components from what was read.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from dash import html
from dash.development.base_component import Component

from city.catalogue import Entry, Statement
from city.config import Config
from city.metrics import FEW, QUANTILES, RATIOS
from city.model import Reading
from city.selection import Selection
from city.texts import N_
from city.wrong_numbers import MOST_WORDS
from dashboard.definition_words import FORMULAS, MEANINGS
from dashboard.words import Words

_DIRECTIONS = {"higher": N_("Makin tinggi makin baik."), "lower": N_("Makin rendah makin baik.")}
_FILTERS = {"agency": N_("OPD"), "district": N_("kecamatan"), "category": N_("kategori"), "channel": N_("kanal"),
            "status": N_("status"), "priority": N_("prioritas"), "outcome": N_("hasil"), "place": N_("tempat"),
            "source": N_("sumber")}  # fmt: skip


def button(metric: str, words: Words, selection: Selection | str | None = None, title: str = "") -> Component:
    """The small ``i`` beside a number. ``selection``: what it is of, as a Selection or the query of an address."""
    query = selection.query() if isinstance(selection, Selection) else selection or ""
    label = words.t("Definisi {metric}", metric=title) if title else words.t("Definisi")
    said = {"data-definition": f"{metric}?{query}", "aria-label": label, "aria-haspopup": "dialog"}
    return html.Button("i", type="button", className="dfi", title=label, **said)


def draw(
    entry: Entry, found: Reading, behind: Sequence[Statement], query: str, config: Config, words: Words, now: datetime,
    where: dict[str, list[str]],
) -> Component:  # fmt: skip
    """The inside of the dialog. ``query``: what was looked at, as an address has it."""
    t, metric = words.t, entry.metric
    close = html.Button("×", type="button", className="dfx", **{"data-close": "1", "aria-label": t("Tutup")})
    value = html.P([html.B(words.text(found.value, metric.unit)), " ", t("n = {n}", n=words.number(found.n))],
                   className="dfv")  # fmt: skip
    rows = [html.Div([html.Dt(name), html.Dd(what)]) for name, what in _rows(entry, found, where, config, words, now)]
    api = f"/api/v1/metrics/{metric.name}" + (f"?{query}" if query else "")
    feet = [
        html.A("JSON", href=api, className="btn", target="_blank"),
        html.Button(t("Tutup"), type="button", className="btn pri", **{"data-close": "1"}),
    ]
    said = {"metric": metric.name, "query": query, "value": found.value, "n": found.n,
            "as-of": found.as_of.isoformat() if found.as_of else None}  # fmt: skip
    head = html.Header([html.H2(words.metric(metric), id="definition-title"), close])
    meaning = html.P(t(MEANINGS[metric.measure]), className="dfm")
    parts = [head, meaning, value, html.Dl(rows), _query(behind, words), _report(words), html.Footer(feet)]
    return html.Div(parts, className="dfc", **{f"data-{name}": value for name, value in said.items()})


def _rows(
    entry: Entry, found: Reading, where: dict[str, list[str]], config: Config, words: Words, now: datetime
) -> list[tuple[str, Any]]:
    t, metric = words.t, entry.metric
    formula = t(FORMULAS[metric.measure])
    if metric.measure in QUANTILES:
        formula = t("{formula}, kuantil {q}", formula=formula, q=words.percent(metric.quantile, 0))
    rows: list[tuple[str, Any]] = [(t("Rumus"), html.Code(formula))]
    narrowed = {**{name: [str(one) for one in _listed(value)] for name, value in metric.where.items()}, **where}
    if narrowed:
        rows.append((t("Saringan"), "; ".join(_filter(name, values, words) for name, values in narrowed.items())))
    if target := _target(metric.name, metric.unit, config, words):
        rows.append((t("Target"), target))
    if metric.direction in _DIRECTIONS:
        rows.append((t("Arah"), t(_DIRECTIONS[metric.direction])))
    rows.append((t("Sumber"), [html.Span(_source(one, words, now), className="dfs") for one in entry.sources]
                 or t("belum ada sumber")))  # fmt: skip
    if metric.measure in RATIOS | QUANTILES:
        rows.append((t("Angka kecil"), t("Persentase tidak ditampilkan bila kurang dari {n} kasus.", n=FEW)))
    rows.append((t("Penanggung jawab"), entry.owner or t("belum ditunjuk")))
    changes = [html.Span(f"{words.day(day)} {day.year}: {text}", className="dfs") for day, text in entry.changes]
    rows.append((t("Perubahan"), changes or t("belum pernah diubah")))
    if metric.help:
        rows.append((t("Catatan"), metric.help))
    return rows


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]


def _filter(name: str, values: Sequence[str], words: Words) -> str:
    shown = ", ".join(words.name(name, value) if value else words.t("tidak diketahui") for value in values)
    return f"{words.t(_FILTERS.get(name, name))} = {shown}"


def _target(name: str, unit: str, config: Config, words: Words) -> str:
    goals = config.scorecard.goals if config.scorecard else ()
    lines = [line for goal in goals if goal.metric == name for line in reversed(goal.targets)]
    since = [
        words.t(
            "{value} sejak {day}", value=words.text(one.value, unit), day=f"{words.day(one.since)} {one.since.year}"
        )
        for one in lines
    ]
    return "; ".join(since)


def _source(state: Any, words: Words, now: datetime) -> str:
    if state.last_ok_at is None:
        return words.t("{source}: belum pernah diambil", source=state.credit)
    age = words.age(max(0.0, (now - state.last_ok_at).total_seconds()))
    stale = words.duration_text(state.stale_after.total_seconds() / 3600)
    said = words.t("{source}: {age}, basi setelah {limit}", source=state.credit, age=age, limit=stale)
    return said + (f" ({words.t('data simulasi')})" if state.simulated else "")


def _query(behind: Sequence[Statement], words: Words) -> Component:
    """The statements as they ran, with their parameters below by name."""
    parts: list[Component] = []
    for one in behind:
        lines = "\n".join(line.strip() for line in one.sql.strip().splitlines() if line.strip())
        given = "\n".join(f":{name} = {_shown(value)}" for name, value in one.values.items())
        parts.append(html.Pre(f"{lines}\n\n{given}", tabIndex="0", **{"aria-label": words.t("Kueri")}))
    return html.Details([html.Summary(words.t("Lihat kueri")), *parts], className="dfq")


def _shown(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else repr(value)


def _report(words: Words) -> Component:
    t = words.t
    said = html.P("", className="dfr", role="status")
    field = html.Textarea("", id="definition-words", maxLength=MOST_WORDS, rows=3, required=True)
    told = t("Jangan menulis nama, nomor, atau alamat orang. Angka, saringan, dan waktunya ikut tercatat.")
    parts = [
        html.Summary(t("Laporkan angka keliru")),
        html.Label(t("Apa yang keliru?"), htmlFor="definition-words"), field, html.P(told, className="k3"),
        html.Button(t("Kirim laporan"), type="button", className="btn", **{"data-report": "1"}), said,
    ]  # fmt: skip
    return html.Details(parts, className="dfq")
