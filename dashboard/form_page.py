"""How a table to fill in is drawn: the desk's head, the inputs with what is wrong at each, who entered it last."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from babel.dates import format_date
from dash import dcc, html
from dash.development.base_component import Component
from dash_svg import Path, Svg

from city.forms import Column, Form
from city.received import Cell, Entry
from city.texts import N_
from dashboard.words import Words

BY = {"agency": N_("OPD"), "district": N_("Kecamatan"), "place": N_("Tempat")}
_RULES = (
    (N_("Sel kosong"), N_("belum ada angka, bukan nol; nilai yang sudah tersimpan tidak berubah.")),
    (N_("Koreksi"), N_("ketik angka baru di atas yang lama; koreksi tercatat dengan nama dan waktu.")),
)
_DECIMAL = {
    ",": N_("koma memisahkan desimal, titik memisahkan ribuan: 1.234,5."),
    ".": N_("titik memisahkan desimal, koma memisahkan ribuan: 1,234.5."),
}
#: What stands at a cell: the class of the message, and its words.
Said = tuple[str, str]


def draw(form: Form, day: date, parts: Mapping[str, Any], words: Words, top: Component) -> Component:
    """The page below its bar ``top``; ``parts`` are the children of what changes later: ``table`` and ``history``."""
    where = {"source": form.source, "at": form.written(day)}
    keep = [dcc.Store(id="manual-where", data=where), dcc.Store(id="manual-pending", data=[])]
    main = html.Main(
        [
            *keep,
            _head(form, day, words),
            html.Div([_panel(form, day, parts, words), _side(form, parts, words)], className="mn"),
        ],
        className="pg manual",
    )
    return html.Div([top, main])


def period(form: Form, day: date, words: Words) -> str:
    """``November 2026``, or ``Selasa, 24 Nov 2026``."""
    wanted = "LLLL y" if form.args.period == "month" else "EEEE, d MMM y"
    return str(format_date(day, wanted, locale=words.language))


def link(form: Form, day: date) -> str:
    """Where the template of a period is."""
    return f"/manual/{form.source}/templat.xlsx?at={form.written(day)}"


def typed(day: date, form: Form) -> str:
    """A period as people write it: ``24-11-2026`` or ``11-2026``."""
    return day.strftime("%d-%m-%Y" if form.args.period == "day" else "%m-%Y")


def _head(form: Form, day: date, words: Words) -> Component:
    owner = f", {form.args.owner}" if form.args.owner else ""
    every = words.t("Isian manual per bulan") if form.args.period == "month" else words.t("Isian manual per hari")
    icon = Svg([Path(d="M8 2v8M4.5 7 8 10.5 11.5 7M2.5 13.5h11")], viewBox="0 0 16 16", className="ic",
               **{"aria-hidden": "true"})  # fmt: skip
    give = html.A([icon, words.t("Unduh templat XLSX")], href=link(form, day), className="btn", id="manual-template")
    take = dcc.Upload(html.Button(words.t("Unggah templat terisi"), className="btn", type="button"), id="manual-file",
                      accept=".xlsx", max_size=1_000_000)  # fmt: skip
    return html.Div(
        [
            html.H1(form.title),
            html.P(f"{every}{owner}"),
            html.Div([give, html.Label(take)], className="act"),
        ],
        className="pgh",
    )


def _panel(form: Form, day: date, parts: Mapping[str, Any], words: Words) -> Component:
    step = [html.Button("‹", id="manual-back", className="btn", type="button", title=words.t("sebelumnya"), n_clicks=0,
                        **{"aria-label": words.t("Periode sebelumnya")}),
            html.Label([html.Span(words.t("Periode"), className="vh"),
                        dcc.Input(id="manual-date", value=typed(day, form), debounce=True, className="in date",
                                  maxLength=10)]),
            html.Button("›", id="manual-next", className="btn", type="button", title=words.t("berikutnya"), n_clicks=0,
                        **{"aria-label": words.t("Periode berikutnya")})]  # fmt: skip
    head = html.Header(
        [html.H2(period(form, day, words), id="manual-period"), html.Div(step, className="ag step")], className="ph"
    )
    name = dcc.Input(id="manual-who", className="in who", maxLength=100, persistence=True, autoComplete="name",
                     placeholder=words.t("nama dan jabatan"))  # fmt: skip
    who = html.Label([words.t("Diisi oleh"), name])
    save = html.Button(words.t("Simpan"), id="manual-save", className="btn pri", type="button", n_clicks=0)
    said = html.Div(id="manual-said", role="status", className="said")
    end = html.Div([who, save, said], className="end")
    return html.Section([head, html.Div(parts["table"], id="manual-table", className="tw"), end], className="pn")


def _side(form: Form, parts: Mapping[str, Any], words: Words) -> Component:
    told = (*_RULES, (N_("Koma dan titik"), _DECIMAL[form.args.decimal]))
    rules = [html.Li([html.B(f"{words.t(word)}:"), " ", words.t(text)]) for word, text in told]
    log = html.Ul(parts["history"], className="log", id="manual-history")
    return html.Aside(
        [
            html.Div([html.Header(html.H3(words.t("Riwayat isian")), className="ph"), log]),
            html.Div([html.Header(html.H3(words.t("Cara mengisi")), className="ph"), html.Ul(rules, className="tx")]),
        ],
        className="det",
    )


def table(form: Form, texts: Mapping[Cell, str], said: Mapping[Cell, Said], words: Words) -> Component:
    """The inputs with ``texts`` in them, and what is ``said`` at a cell below it."""
    heads = [
        html.Th(words.t(BY[form.args.by])),
        *(html.Th(_column(one, words), className="r") for one in form.metrics.values()),
    ]
    body = [
        html.Tr([html.Th(name, scope="row"), *(_cell(form, (code, metric), name, texts, said)
                                               for metric in form.metrics)])
        for code, name in form.rows
    ]  # fmt: skip
    if not form.rows:
        none = words.t("Belum ada baris: tulis rows pada sumber ini di config.yaml")
        body = [html.Tr(html.Td(none, colSpan=len(heads)))]
    return html.Table([html.Thead(html.Tr(heads)), html.Tbody(body)], className="tb in_")


def _column(one: Column, words: Words) -> list[Any]:
    return [html.B(one.title), html.Span(limits(one, words))]


def limits(one: Column, words: Words) -> str:
    """``0–100 %``, ``paling sedikit 0`` or only the unit."""
    low, high = (words.number(edge) if edge is not None else None for edge in (one.min, one.max))
    if low is not None and high is not None:
        return f"{low}–{high}{'' if one.unit == '%' else ' '}{one.unit}".rstrip()
    edge = words.t("paling sedikit {n}", n=low) if low is not None else ""
    edge = words.t("paling banyak {n}", n=high) if high is not None else edge
    return " ".join(filter(None, (edge, one.unit)))


def _cell(form: Form, at: Cell, name: str, texts: Mapping[Cell, str], said: Mapping[Cell, Said]) -> Component:
    row, metric = at
    one = form.metrics[metric]
    entry = dcc.Input(id={"type": "manual-cell", "row": row, "metric": metric}, value=texts.get(at, ""),
                      inputMode="decimal", autoComplete="off", maxLength=30, className="in num")  # fmt: skip
    label = html.Span(f"{one.title}, {name}", className="vh")
    kind, text = said.get(at, ("", ""))
    note = [html.Span(text, className=f"msg {kind}")] if text else []
    return html.Td(
        [html.Label([label, entry]), *note],
        className=f"r has {kind}" if text else "r",
        **{"data-label": f"{one.title} ({one.unit})" if one.unit else one.title},
    )


def history(form: Form, entries: Sequence[Entry], words: Words, now: datetime) -> list[Component]:
    """Who entered what and when, newest first."""
    if not entries:
        return [html.Li(words.t("Belum ada isian."), className="none")]
    return [
        html.Li([html.B(words.moment(one.at, now)),
                 html.Span([one.entered_by, html.Em(f"{_period(form, one.period, words)}: {_did(one, words)}")])])
        for one in entries
    ]  # fmt: skip


def _period(form: Form, text: str, words: Words) -> str:
    try:
        day = form.period(text)
    except ValueError:  # the table was of another period then
        return text
    return str(format_date(day, "MMM y" if form.args.period == "month" else "d MMM y", locale=words.language))


def _did(one: Entry, words: Words) -> str:
    parts = [words.many("{n} baru", one.saved)] if one.saved else []
    parts += [words.many("{n} koreksi", one.revised)] if one.revised else []
    return ", ".join(parts) or words.t("tidak ada yang berubah")
