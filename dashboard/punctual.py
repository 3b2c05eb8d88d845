"""The report of punctuality per agency (*laporan ketepatan per OPD*): on the page of the sources, and as a workbook.

Punctuality is the mean, over the days known of all sources of an agency, of the share of the day during which the
data of a source were fresh (city/health.py): each source counts the same each day, and one that has never been read
counts for nothing, neither good nor bad. Pure.
"""

import io
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from dash import html
from dash.development.base_component import Component
from dash_svg import Path, Svg

from city.health import Health, SourceHealth
from city.texts import N_
from dashboard.sources import STATES, head, legend, strip
from dashboard.words import NONE, Words
from dashboard.workbook import text

_STRIP = N_("30 hari, tinggi = tepat waktu")
_OWNER = N_("OPD atau pemilik")
_HEADS = (
    _OWNER,
    N_("Tepat waktu kini"),
    _STRIP,
    N_("Tepat"),
    N_("Hari tanpa kiriman"),
    N_("Perlu perhatian"),
)
_RIGHT = frozenset({"Tepat", "Hari tanpa kiriman"})
_WELL = (Health.GOOD, Health.NEVER)
_ICON = Svg([Path(d="M8 2v8M4.5 7 8 10.5 11.5 7M2.5 13.5h11")], viewBox="0 0 16 16", className="ic",
            **{"aria-hidden": "true"})  # fmt: skip


class Agency(NamedTuple):
    """One agency. ``ratio`` None: nothing known of any of its sources; ``silent``: days of a source without data."""

    name: str
    sources: list[SourceHealth]
    days: list[tuple[date, float | None]]
    ratio: float | None
    silent: int

    @property
    def good(self) -> int:
        """How many of its sources are in time now."""
        return sum(one.health is Health.GOOD for one in self.sources)


def agencies(found: Sequence[SourceHealth]) -> list[Agency]:
    """The owners of the sources, the least punctual first; those of whom nothing is known come last."""
    owned: dict[str, list[SourceHealth]] = {}
    for one in found:
        owned.setdefault(one.owner, []).append(one)
    made = [agency(owner, ones) for owner, ones in owned.items()]
    return sorted(made, key=lambda one: (one.ratio is None, one.ratio or 0.0, one.name.lower()))


def agency(name: str, sources: list[SourceHealth]) -> Agency:
    """The punctuality of these sources together."""
    shares = [share for one in sources for _, share, _ in one.days if share is not None]
    days = [(at[0][0], _mean([share for _, share, _ in at])) for at in zip(*(one.days for one in sources), strict=True)]
    return Agency(name, sources, days, _mean(shares), sum(share == 0 for share in shares))


def _mean(shares: Sequence[float | None]) -> float | None:
    known = [share for share in shares if share is not None]
    return sum(known) / len(known) if known else None


def draw(found: Sequence[SourceHealth], words: Words, now: datetime, workbook_at: str) -> list[Component]:
    """The body of the page; ``workbook_at`` is where the same is as a workbook."""
    t, made = words.t, agencies(found)
    acts = [html.A([_ICON, t("Unduh XLSX")], href=workbook_at, className="btn", download=""),
            html.A(t("Semua sumber"), href="?", className="btn")]  # fmt: skip
    told = f"{t('30 hari sampai')} {words.date(now)} {words.time(now)}"
    heads = [html.Th(t(title), className="r" if title in _RIGHT else "") for title in _HEADS]
    rows = [_row(one, words) for one in made]
    whole = html.Tr([*_cells(agency(t("Semua OPD"), list(found)), words), html.Td()])
    table = html.Table([html.Thead(html.Tr(heads)), html.Tbody(rows), html.Tfoot(whole)], className="tb srcs")
    counted = f"{words.many('{n} pemilik', len(made))}, {len(found)} {words.many('sumber', len(found))}"
    top = html.Header([html.H2(counted),
                       html.Span(t("paling tidak tepat lebih dulu"), className="ag")], className="ph")  # fmt: skip
    note = html.P(t(_NOTE), className="tx")
    panel = html.Section([top, html.Div(table, className="wide"), legend(words), note], className="pn rep")
    return [head(t("Laporan ketepatan per OPD"), told, acts, now), panel]


_NOTE = N_(
    "Tepat: rata-rata bagian hari ketika data tiap sumber masih segar. Tiap sumber dihitung sama; sumber yang belum "
    "pernah terbaca tidak dihitung."
)


def _row(one: Agency, words: Words) -> Component:
    simulated = any(source.state.simulated for source in one.sources)
    needs = _needs(one, words) or html.Span(words.t("tidak ada"), className="k3")
    cells = [*_cells(one, words), html.Td(needs, className="cr")]
    return html.Tr(cells, **{"data-simulated": "1" if simulated else ""})


def _cells(one: Agency, words: Words) -> list[Component]:
    return [
        html.Th(one.name or words.t("tanpa pemilik"), scope="row"),
        html.Td(f"{one.good} {words.t('dari')} {len(one.sources)} {words.many('sumber', len(one.sources))}"),
        html.Td(strip([share for _, share in one.days], words)),
        html.Td(words.percent(one.ratio, 1), className="r b"),
        html.Td(words.number(one.silent) if one.ratio is not None else NONE, className="r"),
    ]


def _needs(one: Agency, words: Words) -> list[Component]:
    """The sources that are not well, each with its state, as links to their details."""
    said = []
    for source in one.sources:
        if source.health not in _WELL:
            link = html.A(source.state.title, href=f"?source={source.state.name}")
            said.append(html.Div([link, f" {words.t(STATES[source.health][0]).lower()}"]))
    return said


def workbook(found: Sequence[SourceHealth], words: Words, now: datetime) -> bytes:
    """The same as an XLSX workbook: a sheet of agencies, and one of sources day by day."""
    from openpyxl import Workbook  # late: a third of a second that only this needs

    book, t = Workbook(), words.t
    told = f"{t('Laporan ketepatan per OPD')}, {words.region.name}, {t('30 hari sampai')} {words.date(now)}"
    by_agency = [
        [one.name or t("tanpa pemilik"), len(one.sources), one.good, one.ratio, one.silent] for one in agencies(found)
    ]
    heads = [t(_OWNER), t("Sumber"), t("Tepat waktu kini"), t("Tepat"), t("Hari tanpa kiriman")]
    _sheet(book.active, told, heads, by_agency, {4})
    book.active.title = t("Per OPD")
    days = [day for day, _, _ in found[0].days] if found else []
    by_source = [
        [one.owner or t("tanpa pemilik"), one.state.title, t(STATES[one.health][0]), one.punctual_ratio,
         *(share for _, share, _ in one.days)]
        for one in sorted(found, key=lambda one: (one.owner, one.state.title))
    ]  # fmt: skip
    titles: list[Any] = [t(_OWNER), t("Sumber"), t("Keadaan"), t("Tepat"), *days]
    _sheet(book.create_sheet(t("Per sumber")), told, titles, by_source, {*range(4, 5 + len(days))})
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _sheet(sheet: Any, told: str, heads: Sequence[Any], rows: Sequence[Sequence[Any]], shares: set[int]) -> None:
    """``shares`` are the columns of shares, shown as percent. A text is never a formula, whatever it begins with."""
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    text(sheet, 1, 1, told).font = Font(bold=True, size=14)
    for line, row in enumerate([heads, *rows], 3):
        for column, value in enumerate(row, 1):
            cell = text(sheet, line, column, value) if isinstance(value, str) else sheet.cell(line, column, value)
            if line == 3:
                cell.font = Font(bold=True)
            elif column in shares:
                cell.number_format = "0.0%"
    for column in range(1, len(heads) + 1):
        widest = max([12, *(len(row[column - 1]) + 2 for row in rows if isinstance(row[column - 1], str))])
        sheet.column_dimensions[get_column_letter(column)].width = widest
    sheet.freeze_panes = "B4"
