"""One source in full: what is wrong, how its rows changed, what was rejected, what it feeds, its last runs."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from dash import html
from dash.development.base_component import Component

from city.health import Health, SourceHealth
from city.metrics import Metric
from city.texts import N_, NN_
from dashboard.sources import cadence, method
from dashboard.stamps import UNREADABLE, WHAT
from dashboard.words import Words

_SIGNS = {"new": "+", "gone": "−", "kind": "~", "empty": "~", "words": "~"}
_KINDS = {
    "number": N_("angka"),
    "text": N_("teks"),
    "time": N_("waktu"),
    "yes_no": N_("ya/tidak"),
    "list": N_("daftar"),
    "object": N_("objek"),
}
_DOUBTS = {"jump": N_("naik-turun tiba-tiba"), "flat": N_("tidak berubah"), "silent": N_("diam")}
_COUNTS = (("saved", NN_("baris baru")), ("revised", NN_("diperbaiki")), ("rejected", NN_("ditolak")))
_SHOWN = 12

Lines = Sequence[Any]


def draw(
    one: SourceHealth, runs: Sequence[Mapping[str, Any]], metrics: Mapping[str, Metric], words: Words, now: datetime
) -> Component:
    """The side panel of the page of the sources."""
    notes = one.notes
    parts = [
        _head(one, words),
        _buttons(one, words),
        _section(words.t("Keterangan"), _wrong(one, words), words),
        _section(words.t("Susunan baris"), _changes(notes, words), words, _since(one, words, now)),
        _list(words.t("Peringatan"), notes.get("warnings", ()), words),
        _list(words.t("Diragukan"), [_doubt(doubt, words) for doubt in notes.get("implausible", ())], words),
        _list(words.t("Baris ditolak"), notes.get("rejected", ()), words),
        _list(words.t("Kasus yang hilang di sumber"), _gone(one, words), words),
        _list(words.t("Kata tak dikenal"), _unknown(notes), words),
        _section(words.t("Riwayat jalan"), [_runs(runs, words, now)], words, words.zone_name(now)),
        _list(words.t("Metrik"), [words.metric(metrics[name]) or name for name in one.metrics], words),
    ]
    return html.Aside([part for part in parts if part is not None], className="det", **{"aria-label": one.state.title})


def _head(one: SourceHealth, words: Words) -> Component:
    told = ", ".join(filter(None, [one.owner or words.t("tanpa pemilik"), method(one, words), cadence(one, words)]))
    return html.Header([html.H2(one.state.title), html.P(told)])


def _buttons(one: SourceHealth, words: Words) -> Component:
    """Run it now; take its new shape, where that is what it waits for."""
    now = words.t("Jalankan sekarang")
    buttons = [html.Button(now, id="source-run", className="btn", n_clicks=0, value=one.state.name)]
    accept = words.t("Terima susunan baru")
    hidden = one.health is not Health.CHANGED
    buttons.append(html.Button(accept, id="source-accept", className="btn pri", n_clicks=0, hidden=hidden))
    return html.Div([*buttons, html.Span("", id="source-said", role="status")], className="act")


def _section(title: str, inside: Lines, words: Words, aside: str = "") -> Component | None:
    if not inside:
        return None
    head = html.Header([html.H3(title), html.Span(aside, className="ag")], className="ph")
    return html.Section([head, *inside], className="pn")


def _wrong(one: SourceHealth, words: Words) -> Lines:
    """What the wall says of it, and the technician's sentence."""
    if not one.state.error:
        return []
    told = words.t(WHAT.get(one.state.error_code or "", UNREADABLE))
    return [html.P([html.B(f"{one.state.title} {told}. "), one.state.error], className="tx")]


def _changes(notes: Mapping[str, Any], words: Words) -> Lines:
    changes = notes.get("changes", ())
    return [html.Ul([_change(change, words) for change in changes], className="df")] if changes else []


def _list(title: str, lines: Sequence[str], words: Words) -> Component | None:
    if not lines:
        return None
    more = [html.Li(f"+ {words.many('{n} lain', len(lines) - _SHOWN)}")] if len(lines) > _SHOWN else []
    return _section(title, [html.Ul([*(html.Li(line) for line in lines[:_SHOWN]), *more], className="rj")], words)


def _since(one: SourceHealth, words: Words, now: datetime) -> str:
    return words.moment(one.changed_at, now) if one.changed_at else ""


def _change(change: Mapping[str, str], words: Words) -> Component:
    def kinds(text: str) -> str:
        return ", ".join(words.t(_KINDS.get(kind, kind)) for kind in text.split(", ") if kind)

    told = {
        "new": f"{words.t('baru')}: {kinds(change['now'])}".removesuffix(": "),
        "gone": f"{words.t('hilang')}, {words.t('dahulu')} {kinds(change['was'])}".removesuffix(" "),
        "kind": f"{kinds(change['was'])} {words.t('menjadi')} {kinds(change['now'])}",
        "words": f"{words.t('kata baru')}: {change['now']}",
    }
    if change["change"] == "empty":
        was, now = (words.percent(float(change[name]), 0) for name in ("was", "now"))
        told["empty"] = f"{words.t('kosong')} {was} {words.t('menjadi')} {now}"
    return html.Li([html.B(_SIGNS[change["change"]]), html.Code(change["field"]), html.Span(told[change["change"]])])


def _doubt(doubt: Mapping[str, Any], words: Words) -> str:
    size = words.number(doubt["size"]) if doubt["what"] == "jump" else words.duration_text(doubt["size"] / 3600)
    return f"{doubt['metric']} {doubt['place']}: {words.t(_DOUBTS[doubt['what']])} {size}"


def _gone(one: SourceHealth, words: Words) -> list[str]:
    """Open cases that the source does not know (any more), and how many were closed for it."""
    missing, withdrawn = words.t("masih terbuka di sini, tidak dikenal sumber"), words.t("ditutup sebagai ditarik")
    told = ((one.missing, missing), (one.withdrawn, withdrawn))
    return [f"{words.number(count)} {text}" for count, text in told if count]


def _unknown(notes: Mapping[str, Any]) -> list[str]:
    return [
        f"{field}: " + ", ".join(f"{word} ({count})" for word, count in list(counts.items())[:6])
        for field, counts in notes.get("unknown", {}).items()
    ]


def _runs(runs: Sequence[Mapping[str, Any]], words: Words, now: datetime) -> Component:
    if not runs:
        return html.P(words.t("Belum pernah jalan."), className="tx")
    return html.Ul([_run(run, words, now) for run in runs], className="lgr")


def _run(run: Mapping[str, Any], words: Words, now: datetime) -> Component:
    if run["ok"]:
        counts = [f"{words.number(run[name])} {words.many(text, run[name])}" for name, text in _COUNTS if run[name]]
        if gone := run["notes"].get("withdrawn"):
            counts.append(f"{words.number(gone)} {words.t('ditarik')}")
        told = f"{words.t('Berhasil')}, {', '.join(counts) or words.t('tanpa baris baru')}"
    else:
        told = f"{words.t('Gagal, kode')} {run['error_code']}"
    if run["times"] > 1:
        told += f", {words.many('{n} kali', run['times'])} {words.t('sejak')} {words.moment(run['first_at'], now)}"
    else:
        took = (run["ended_at"] - run["started_at"]) / timedelta(seconds=1)
        told += f", {words.number(round(took, 1), 1)} {words.duration_text(0).split()[1]}"
    return html.Li(
        [html.B(words.moment(run["started_at"], now)), html.Span(told)], className="" if run["ok"] else "bad"
    )
