"""The table of cases: what it looks like, and its rows in words. Rows come from the server, block by block. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import dash_ag_grid
from dash import dcc, html
from dash.development.base_component import Component

from city.listing import Stats
from city.metrics import FEW
from city.model import CLOSING, Status
from city.selection import Selection
from city.texts import N_
from dashboard.explore_parts import value_name
from dashboard.words import NONE, Words

#: Rows that the browser asks for at once.
BLOCK = 100
GRID, COLUMNS, SAID = "cases-grid", "cases-columns", "cases-said"
#: column -> (title, width in px, shown from the start); the last is worked out and cannot be sorted by.
_COLUMNS: Mapping[str, tuple[str, int, bool]] = {
    "key": (N_("Nomor"), 140, True), "opened_at": (N_("Masuk"), 130, True), "category": (N_("Kategori"), 170, True),
    "district": (N_("Kecamatan"), 130, True), "place": (N_("Kelurahan"), 150, True), "agency": (N_("OPD"), 110, True),
    "channel": (N_("Kanal"), 110, True), "status": (N_("Status"), 120, True), "priority": (N_("Prioritas"), 100, False),
    "outcome": (N_("Hasil"), 120, False), "source": (N_("Sumber"), 110, False),
    "closed_at": (N_("Selesai"), 130, False),
    "due_at": (N_("Tenggat"), 130, True), "left": (N_("Sisa waktu"), 140, True),
}  # fmt: skip
SHOWN = [name for name, (_, _, shown) in _COLUMNS.items() if shown]
_RIGHT = frozenset({"due_at", "left", "closed_at"})
_NAMED = ("category", "district", "agency", "channel", "priority", "status")
_GRID_WORDS = {"loadingOoo": N_("Memuat …"), "noRowsToShow": N_("Tidak ada kasus yang cocok."),
               "loadingError": N_("Gagal"), "ariaSortableColumn": N_("Tekan Enter untuk mengurutkan")}  # fmt: skip


def draw(selection: Selection, stats: Stats, behind: str, words: Words) -> list[Component]:
    """The panel: title, four numbers, which columns, and the table itself, that asks for its rows."""
    t = words.t
    said = t("Nama, nomor, dan alamat pelapor tidak disimpan.")
    head = [html.H2(t("Daftar kasus")), html.Span(said, className="sub"), html.Span(behind, className="age_")]
    return [
        html.Section(
            [html.Div(head, className="ph"), html.Div([_figures(stats, words), _chooser(words)], className="cs_"),
             table(selection, stats.cases, words), html.P("", id=SAID, className="tx", role="status")],
            className="pn cases", **{"aria-label": t("Daftar kasus")},
        )
    ]  # fmt: skip


def _figures(stats: Stats, words: Words) -> Component:
    t = words.t
    median = words.duration_text(stats.median_h) if stats.closed >= FEW else words.too_few(stats.closed, quantile=True)
    parts = {t("Kasus"): words.number(stats.cases), t("Terbuka kini"): words.number(stats.open),
             t("Lewat tenggat kini"): words.number(stats.overdue), t("Median penyelesaian"): median}  # fmt: skip
    return html.Dl([html.Div([html.Dt(name), html.Dd(value)]) for name, value in parts.items()])


def _chooser(words: Words) -> Component:
    options = [{"label": words.t(title), "value": name} for name, (title, _, _) in _COLUMNS.items()]
    chosen = dcc.Checklist(options, SHOWN, id=COLUMNS, className="ck", labelStyle={})
    return html.Details([html.Summary(words.t("Kolom"), className="btn"), chosen], className="chs")


def table(selection: Selection, count: int, words: Words) -> Component:
    """The grid, without its rows. Its height is that of its rows, up to fifteen of them."""
    return dash_ag_grid.AgGrid(
        id=GRID, columnDefs=columns(SHOWN, words), rowModelType="infinite", getRowId="params.data.id",
        defaultColDef={"resizable": True, "sortable": True, "suppressHeaderMenuButton": True,
                       "sortingOrder": ["desc", "asc"]},
        dashGridOptions={
            "cacheBlockSize": BLOCK, "maxBlocksInCache": 20, "infiniteInitialRowCount": max(1, count),
            "rowHeight": 28, "headerHeight": 30, "animateRows": False, "enableCellTextSelection": True,
            "localeText": {name: words.t(text) for name, text in _GRID_WORDS.items()},
            "suppressColumnVirtualisation": True,
        },
        className="ag-theme-quartz", style={"height": f"{34 + 28 * max(2, min(count, 15))}px", "width": "100%"},
        persistence=False,
    )  # fmt: skip


def columns(shown: Sequence[str], words: Words) -> list[dict[str, Any]]:
    """What the grid is told of each column."""
    made = []
    for name, (title, width, _) in _COLUMNS.items():
        column: dict[str, Any] = {"field": name, "colId": name, "headerName": words.t(title), "width": width,
                                  "hide": name not in shown, "flex": width}  # fmt: skip
        column["minWidth"] = min(width, 100)
        if name in _RIGHT:
            column |= {"type": "rightAligned"}
        if name == "left":
            column |= {"sortable": False, "cellClassRules": {"late": "params.data && params.data.late"}}
        if name == "status":
            rules = {f"cst {one.value}_": f"params.data && params.data.state == '{one.value}'" for one in Status}
            column["cellClassRules"] = rules
        if name == "opened_at":
            column["initialSort"] = "desc"
        made.append(column)
    return made


def shown_rows(rows: Sequence[Mapping[str, Any]], now: datetime, words: Words) -> list[dict[str, Any]]:
    """The rows as they are read: names for codes, local times, the time left."""
    return [_shown(row, now, words) for row in rows]


def _shown(row: Mapping[str, Any], now: datetime, words: Words) -> dict[str, Any]:
    found: dict[str, Any] = {name: row[name] or NONE for name in ("key", "place", "outcome", "source")}
    found |= {name: value_name(name, row[name], words) if row[name] else NONE for name in _NAMED}
    found |= {name: moment(row[name], now, words) for name in ("opened_at", "due_at", "closed_at")}
    text, late = left(row, now, words)
    return found | {"id": f"{row['source']}/{row['key']}", "state": row["status"], "left": text, "late": late}


def moment(at: datetime | None, now: datetime, words: Words) -> str:
    """``24 Nov 13.41``, with its year when that is not this one."""
    if at is None:
        return NONE
    local = at.astimezone(words.zone)
    year = "" if local.year == now.astimezone(words.zone).year else f" {local.year}"
    return f"{words.day(local.date())}{year} {words.time(at)}"


def left(row: Mapping[str, Any], now: datetime, words: Words) -> tuple[str, bool]:
    """``2 hr 23 j``, ``lewat 1 hr 3 j`` or ``selesai 2 hr 4 j``, and whether it is late now."""
    if row["closed_at"]:
        text = words.duration_text((row["closed_at"] - row["opened_at"]).total_seconds() / 3600)
        done = words.t("selesai {time}", time=text) if row["status"] != "rejected" else words.t("ditolak")
        return done, False
    if row["due_at"] is None or row["status"] in CLOSING:
        return NONE, False
    hours = (row["due_at"] - now).total_seconds() / 3600
    text = words.duration_text(abs(hours))
    return (text, False) if hours > 0 else (words.t("lewat {time}", time=text), True)
