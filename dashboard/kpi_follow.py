"""Follow-ups on the page of the scorecard: a form to enter one, the list of the open ones, and what is said. Pure."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from babel.dates import format_date
from dash import dcc, html
from dash.development.base_component import Component

from city.followups import MOST, FollowUp
from city.texts import N_
from dashboard.words import Words

#: What is said of a field that is wrong, in the words of the form.
_WRONG = {
    "goal": N_("metrik ini tidak ada di kartu skor"),
    "what": N_("isi apa yang akan dikerjakan, tanpa nomor telepon atau NIK"),
    "owner": N_("isi OPD atau bagian, tanpa nomor telepon atau NIK"),
    "due": N_("tulis tenggat seperti 24-12-2026, tidak di masa lalu"),
    "entered_by": N_("isi bagian yang mencatat, tanpa nomor telepon atau NIK"),
    "note": N_("isi hasilnya, tanpa nomor telepon atau NIK"),
    "id": N_("sudah ditutup"),
}
AWAY = N_("Belum tersimpan: bagian pengumpul Kendali tidak menjawab. Isian masih ada di halaman ini; coba lagi nanti.")


def said(status: int, answer: Mapping[str, Any], words: Words) -> str:
    """What an answer of the intake means for whoever entered."""
    if status == 200:
        return words.t("Tersimpan.")
    known = _WRONG.get(str(answer.get("field", "")))
    if status == 422 and known:
        return words.t("Belum tersimpan: {why}.", why=words.t(known))
    return words.t(AWAY) if status == 503 else words.t("Belum tersimpan: {why}.", why=str(answer.get("error", status)))


def day(typed: str) -> str:
    """``24-12-2026`` as ISO; what is no date stays as it is, for the intake to refuse."""
    parts = [part.zfill(2) for part in typed.strip().replace("/", "-").replace(".", "-").split("-")]
    return "-".join(reversed(parts)) if len(parts) == 3 and len(parts[-1]) == 4 else "-".join(parts)


def form(owner: str, words: Words) -> Component:
    """The form of a new one, with the agency that answers for the goal filled in."""
    t = words.t
    names = [html.Option(value=agency.name) for agency in words.region.agencies]
    fields = [
        _field("what", t("Apa")),
        _field("owner", t("OPD atau bagian"), owner, names="kpi-offices"),
        _field("due", t("Tenggat (24-12-2026)")),
        _field("entered_by", t("Dicatat oleh (bagian)")),
    ]
    end = [html.Button(t("Simpan tindak lanjut"), id="kpi-add", className="btn pri", n_clicks=0),
           html.Span(id="kpi-said", className="said", role="status")]  # fmt: skip
    return html.Details(
        [html.Summary(t("Tambah tindak lanjut")), html.Datalist(names, id="kpi-offices"),
         html.Div([*fields, html.Div(end, className="end")], className="fu")], className="fud",
    )  # fmt: skip


def _field(name: str, label: str, value: str = "", names: str = "") -> Component:
    more = {"list": names} if names else {}
    made = dcc.Input(
        id=f"kpi-{name}", value=value, className="in", maxLength=MOST.get(name, 10), autoComplete="off", **more
    )
    return html.Label([html.Span(label), made], className=name)


def listed(found: Sequence[FollowUp], titles: Mapping[str, str], today: date, words: Words) -> Component:
    """The panel of the open ones, the earliest due first."""
    late = sum(one.late(today) for one in found)
    sub = words.many("{n} terbuka", len(found)) + (f", {words.many('{n} terlambat', late)}" if late else "")
    head = html.Header([html.H2(words.t("Tindak lanjut")), html.Span(sub if found else "", className="sub")],
                       className="ph")  # fmt: skip
    none = html.P(words.t("Belum ada. Pilih satu metrik, lalu tambahkan tindak lanjutnya."), className="note")
    rows = [_one(one, titles, today, words) for one in found]
    return html.Section([head, html.Ul(rows, className="ful") if rows else none,
                         html.P(id="kpi-closed", className="note", role="status")], className="pn fu_")  # fmt: skip


def _one(one: FollowUp, titles: Mapping[str, str], today: date, words: Words) -> Component:
    t = words.t
    on = str(format_date(one.due, "d MMM y", locale=words.language))
    when = html.Span(t("terlambat, tenggat {day}", day=on) if one.late(today) else t("tenggat {day}", day=on),
                     className="tag" if one.late(today) else "")  # fmt: skip
    entered = words.day(one.entered_at.astimezone(words.zone).date())
    meta = [words.name("agency", one.owner), ", ", when, ", ",
            t("dicatat {by} {day}", by=one.entered_by, day=entered)]  # fmt: skip
    about = titles.get(one.goal, one.goal)
    fields = [
        html.Label(
            [html.Span(label), dcc.Input(id={"type": f"kpi-{name}", "id": one.id}, className="in", maxLength=300)]
        )
        for name, label in (("note", t("Hasil")), ("by", t("Ditutup oleh (bagian)")))
    ]
    button = html.Button(t("Tutup tindak lanjut"), id={"type": "kpi-close", "id": one.id}, className="btn", n_clicks=0,
                         **{"aria-label": t("Tutup tindak lanjut: {what}", what=one.what)})  # fmt: skip
    close = html.Details([html.Summary(t("Selesai?")), html.Div([*fields, button], className="fu")])
    return html.Li([html.B(one.what), html.Span([html.Em(about), " · ", *meta], className="m"), close])
