"""The filters of /explore: every option is a link, to share, to go back from, to press by key. Pure."""

from collections.abc import Sequence
from datetime import date

from dash import html
from dash.development.base_component import Component
from dash_svg import Path, Svg

from city.config import Config
from city.explored import Explored
from city.metrics import KINDS
from city.selection import DIMENSIONS, PERIODS, Flaw, Selection, kinds
from city.texts import N_
from dashboard.explore_parts import NAME, days_text, go, value_name
from dashboard.words import Words

LABELS = {
    "agency": N_("OPD"), "district": N_("Kecamatan"), "category": N_("Kategori"),
    "channel": N_("Kanal"), "status": N_("Status"), "priority": N_("Prioritas"),
}  # fmt: skip
_PERIODS = {
    "7d": N_("7 hari"), "30d": N_("30 hari"), "90d": N_("90 hari"), "month": N_("Bulan ini"), "year": N_("Tahun ini"),
}  # fmt: skip
_COMPARE = {
    "": N_("tidak ada"), "previous": N_("periode sebelumnya"), "year": N_("periode yang sama tahun lalu"),
    "weekdays": N_("hari yang sama pekan-pekan sebelumnya"),
}  # fmt: skip
_FIELDS = {
    "kind": N_("Jenis"),
    "from": N_("Dari"),
    "to": N_("Sampai"),
    "period": N_("Periode"),
    "compare": N_("Banding"),
}
_DOWN, _LINK = (
    "m4 6 4 4 4-4",
    "M6.5 9.5l3-3M7 4.5l1.5-1.5a3 3 0 0 1 4.5 4.5L11.5 9M9 11.5 7.500 13A3 3 0 0 1 3 8.500L4.500 7",
)


def icon(path: str) -> Component:
    """A small line drawing beside words."""
    return Svg([Path(d=path)], viewBox="0 0 16 16", className="ic", **{"aria-hidden": "true"})


def head(selection: Selection, words: Words) -> Component:
    """The title, and what can be done with the whole view."""
    t = words.t
    said = {"data-said": t("Tersalin"), "data-failed": t("Salin alamat di bilah peramban")}
    copy = html.Button(
        [icon(_LINK), html.Span(t("Salin tautan"))], className="btn", type="button", id="copy-link", **said
    )
    views = html.Div(
        id="views", className="views",
        **{"data-save": t("Simpan tampilan"), "data-name": t("Nama tampilan"), "data-delete": t("Hapus"),
           "data-list": t("Tampilan"), "data-note": t("Disimpan di peramban ini saja; untuk berbagi, salin tautannya."),
           "data-none": t("Belum ada tampilan tersimpan.")},
    )  # fmt: skip
    kind = t(KINDS.get(selection.kind, selection.kind.replace("_", " ").capitalize()))
    title = html.H1(t("Jelajah {kind}", kind=kind[:1].lower() + kind[1:]))
    return html.Div([title, html.Div([copy, html.Div(id="exports"), views], className="act")], className="pgh")


def bar(found: Explored | None, selection: Selection, config: Config, today: date, words: Words) -> Component:
    """The row of filters; on a small screen it folds (assets/60-explore.css)."""
    t = words.t
    parts = [_kinds(selection, config, words), _period(selection, today, words)]
    parts += [_dimension(name, selection, found, words) for name in DIMENSIONS if _known(name, selection, found)]
    parts.append(_compare(selection, words))
    if selection.where or selection.compare:
        parts.append(go(selection.with_(where={}, compare=""), t("Hapus filter"), "btn quiet"))
    chosen = sum(map(len, selection.where.values()))
    fold = html.Summary(words.t("Filter ({n})", n=words.number(chosen)), className="fold")
    return html.Div([html.Details([fold], className="folds"), html.Div(parts, className="fb")], className="fbs")


def flaws(wrong: Sequence[Flaw], selection: Selection, words: Words) -> list[Component]:
    """What of the address was not understood, with a link to the nearest that is."""
    drawn = []
    for one in wrong:
        field = words.t((_FIELDS | LABELS).get(one.field, one.field))
        parts = [html.B(field), " ", words.t('"{value}" tidak dikenal dan diabaikan.', value=one.value)]
        if one.nearest and one.field in DIMENSIONS:
            meant = selection.with_(**{one.field: (*selection.where.get(one.field, ()), one.nearest)})
            name = value_name(one.field, one.nearest, words)
            parts += [" ", go(meant, words.t("Maksud Anda {nearest}?", nearest=name))]
        elif one.nearest:
            changes = {one.field: one.nearest} if one.field in ("kind", "compare") else {}
            parts += [" ", go(selection.with_(**changes), words.t("Maksud Anda {nearest}?", nearest=one.nearest))]
        drawn.append(html.P(parts, className="flaw", role="status"))
    return drawn


def _menu(label: str, value: str, inside: Sequence[Component], on: bool, name: str) -> Component:
    top = html.Summary([html.I(label), html.B(value), icon(_DOWN)])
    css = "flt on" if on else "flt"
    return html.Details([top, html.Div(list(inside), className="menu")], className=css, id=f"{NAME}-{name}")


def _radio(selection: Selection, text: str, on: bool) -> Component:
    return go(selection, text, "opt", **({"aria-current": "true"} if on else {}))


def _kinds(selection: Selection, config: Config, words: Words) -> Component:
    def named(kind: str) -> str:
        return words.t(KINDS.get(kind, kind.replace("_", " ").capitalize()))

    # What one kind is narrowed by, another has no words for.
    options = [
        _radio(selection.with_(kind=kind, where={}), named(kind), kind == selection.kind) for kind in kinds(config)
    ]
    return _menu(words.t("Jenis"), named(selection.kind), options, False, "kind")


def _period(selection: Selection, today: date, words: Words) -> Component:
    options = []
    for name, text in _PERIODS.items():
        chosen = selection.with_(first=PERIODS[name](today), last=today)
        options.append(_radio(chosen, words.t(text), chosen == selection))
    for name, day, label in (("from", selection.first, words.t("Dari")), ("to", selection.last, words.t("Sampai"))):
        told = {"data-date": name, "data-value": day.isoformat(), "data-label": label}
        options.append(html.Div([html.Span(label), html.Span(**told)], className="day"))
    return _menu(words.t("Periode"), days_text(selection.first, selection.last, words), options, False, "period")


def _known(name: str, selection: Selection, found: Explored | None) -> bool:
    """Whether there is anything to choose: a kind of case without priorities needs no filter of them."""
    return bool(selection.where.get(name)) or found is None or any(one for one, _ in found.splits.get(name, {}))


def _dimension(name: str, selection: Selection, found: Explored | None, words: Words) -> Component:
    chosen = selection.where.get(name, ())
    counts = {one or "": n for (one, _), n in (found.splits.get(name, {}) if found else {}).items()}
    ranked = sorted({*counts, *chosen}, key=lambda value: (value == "", -counts.get(value, 0), value))
    options = []
    for value in ranked:
        on = value in chosen
        after = tuple(one for one in chosen if one != value) if on else (*chosen, value)
        parts = [html.Span(value_name(name, value, words)), html.Em(words.number(counts.get(value, 0)))]
        options.append(
            go(selection.with_(**{name: after}), parts, "opt", role="checkbox", **{"aria-checked": str(on).lower()})
        )
    if not chosen:
        value = words.t("Semua")
    else:
        value = value_name(name, chosen[0], words) + (f" +{len(chosen) - 1}" if len(chosen) > 1 else "")
    return _menu(words.t(LABELS[name]), value, options, bool(chosen), name)


def _compare(selection: Selection, words: Words) -> Component:
    options = [
        _radio(selection.with_(compare=way), words.t(text), way == selection.compare) for way, text in _COMPARE.items()
    ]
    return _menu(words.t("Banding"), words.t(_COMPARE[selection.compare]), options, bool(selection.compare), "compare")
