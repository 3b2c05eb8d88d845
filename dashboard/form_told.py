"""What the page of a form says of an entry: what is wrong at which cell, and what is told beside "Simpan"."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from dash import html

from city.forms import Form
from city.received import Cell
from city.texts import N_
from dashboard.form_page import Said
from dashboard.words import Words

AWAY = N_("Belum tersimpan: bagian pengumpul Kendali tidak menjawab. Isian masih ada di halaman ini; coba lagi nanti.")


def written(value: Any, form: Form) -> str:
    """A number as it is typed in this table; a text as it is."""
    return f"{value:.15g}".replace(".", form.args.decimal) if isinstance(value, int | float) else str(value)


def cell_of(one: Mapping[str, Any]) -> Cell:
    """The cell that a problem is at."""
    return one["row"], one["metric"]


def saved(answer: Mapping[str, Any], now: datetime, words: Words) -> str:
    """``Tersimpan 14.05: 2 baru, 1 koreksi.``"""
    new, revised = words.many("{n} baru", answer["saved"]), words.many("{n} koreksi", answer["revised"])
    return f"{words.t('Tersimpan {time}:', time=words.time(now))} {new}, {revised}."


def at_cells(
    problems: Iterable[Mapping[str, Any]],
    changed: Mapping[Cell, str],
    form: Form,
    places: Mapping[Cell, str],
    words: Words,
) -> dict[Cell, Said]:
    """What is said at each cell that has a problem."""
    return {cell_of(one): told(one, changed.get(cell_of(one), ""), form, places, words) for one in problems}


def told(one: Mapping[str, Any], typed: str, form: Form, places: Mapping[Cell, str], words: Words) -> Said:
    """The class and the words of a problem at the cell where ``typed`` stands; a cell of a workbook is named."""
    limit = written(one["limit"], form) if one["limit"] is not None else ""
    t, comma = words.t, form.args.decimal == ","
    texts = {
        "not_a_number": t("bukan angka; desimal dengan koma") if comma else t("bukan angka; desimal dengan titik"),
        "person": t("seperti nomor telepon, kartu, atau NIK; tidak disimpan"),
        "below_min": t("paling sedikit {n}", n=limit),
        "above_max": t("paling banyak {n}", n=limit),
        "jump": t("jauh dari angka terakhir, {limit}; tekan Simpan sekali lagi bila {typed} benar",
                  limit=limit, typed=typed),
        "unknown_row": t("baris ini tidak ada di tabel"),
        "unknown_metric": t("kolom ini tidak ada di tabel"),
    }  # fmt: skip
    place = places.get(cell_of(one))
    text = texts.get(one["code"], one["problem"])
    return ("ask" if one["confirm"] else "bad"), f"{place}: {text}" if place else text[:1].upper() + text[1:]


def summary(
    status: int,
    answer: Mapping[str, Any],
    said: Mapping[Cell, Said],
    form: Form,
    places: Mapping[Cell, str],
    words: Words,
) -> Any:
    """What is told beside "Simpan": how many cells, and those that cannot be told at a cell of the page."""
    t = words.t
    if status == 503:
        return t(AWAY)
    if said:
        known = {(row, metric) for row, _ in form.rows for metric in form.metrics}
        listed = [html.Li(text) for cell, (_, text) in said.items() if cell in places or cell not in known]
        ask = sum(kind == "ask" for kind, _ in said.values())
        told = words.many("Belum tersimpan: {n} sel perlu dilihat", len(said))
        told += words.many(", {n} di antaranya dipastikan", ask) if ask else ""
        return [f"{told}.", *([html.Ul(listed)] if listed else [])]
    why = {
        "entered_by": t("tulis siapa yang mengisi"),
        "at": t("periode ini belum dimulai atau tidak ada di kalender"),
    }.get(str(answer.get("field")), answer.get("error") or t("tidak diketahui"))
    return t("Belum tersimpan: {why}.", why=why)
