"""The table of cases at the bottom of /explore, and by itself at ``/cases?<selection>``: the callbacks behind it."""

import asyncio
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from dash import Dash, Input, Output, State, html, no_update
from dash.development.base_component import Component
from fastapi import FastAPI
from sqlalchemy.engine import Engine

from city.listing import Listing, Private
from city.mirror_queries import MirrorQueries
from city.queries import Queries
from city.selection import Selection, WrongSelection, read
from city.times import local_day
from dashboard import cases_table
from dashboard.export_page import Exports, buttons
from dashboard.words import Words

NAME = "cases"
#: Selections whose number of rows is known, so that not every block counts them.
_KEPT = 64


class Cases:
    """The table. ``reader`` gives who answers now; what blocks runs in threads."""

    def __init__(self, reader: Callable[[], Queries], engine: Engine) -> None:
        self._reader, self._engine = reader, engine
        self._config = reader().config
        self.words = Words(self._config)
        self._counts: dict[str, int] = {}
        self._exports = Exports(reader, engine)
        self.paths = [f"/{NAME}", *self._exports.paths]

    def routes(self, server: FastAPI) -> None:
        """What can be taken away."""
        self._exports.routes(server)

    def draw(self, search: str | None) -> Any:
        """The panel for an address' query; in words where there can be none."""
        t = self.words.t
        try:
            reader, selection = self._asked(search)
            stats = Listing(reader, self._engine, selection).stats()
            self._remember(selection, stats.cases)
        except WrongSelection as error:
            return html.P(f"{t('Alamat ini tidak dimengerti:')} {error}", className="tx")
        except Private:
            told = t("Kasus kesehatan tidak didaftar satu per satu; jumlahnya dapat diekspor.")
            return html.P(told, className="tx")
        except sa.exc.SQLAlchemyError:
            return html.P(f"{t('Daftar tidak dapat dibaca:')} {t('basis data tidak menjawab')}.", className="tx")
        return cases_table.draw(selection, stats, self._age(reader), self.words)

    def page(self, search: str | None) -> Any:
        """The same as a page of its own, with what can be taken away."""
        try:
            selection = self._asked(search)[1]
        except WrongSelection:
            return self.draw(search)
        title = html.H1(self.words.t("Daftar kasus"))
        take = html.Div(buttons(selection, self.words), className="act")
        return [html.Div([title, take], className="pgh"), *self.draw(search)]

    def register(self, dash: Dash) -> None:
        """Add the callbacks; those of /explore find their places there."""
        where = Input("where", "search")

        @dash.callback(Output(f"{NAME}-body", "children"), where)
        async def alone(search: str) -> Any:
            return await asyncio.to_thread(self.page, search)

        @dash.callback(Output(f"{NAME}-pulse", "children"), Input(f"{NAME}-tick", "n_intervals"))
        async def pulse(tick: int | None) -> Any:
            return html.Span(className="pgh", hidden=True, **{"data-now": self._reader().clock().isoformat()})

        @dash.callback(Output(NAME, "children"), where)
        async def below(search: str) -> Any:
            return await asyncio.to_thread(self.draw, search)

        @dash.callback(Output("exports", "children"), where)
        async def exports(search: str) -> Any:
            return await asyncio.to_thread(self.buttons, search)

        @dash.callback(
            Output(cases_table.GRID, "getRowsResponse"), Output(cases_table.SAID, "children"),
            Input(cases_table.GRID, "getRowsRequest"), State("where", "search"), prevent_initial_call=True,
        )  # fmt: skip
        async def rows(asked: Any, search: str) -> Any:
            return await asyncio.to_thread(self.rows, asked, search) if asked else (no_update, no_update)

        @dash.callback(
            Output(cases_table.GRID, "columnDefs"), Input(cases_table.COLUMNS, "value"), prevent_initial_call=True
        )
        async def columns(shown: list[str]) -> Any:
            return cases_table.columns(shown or cases_table.SHOWN[:1], self.words)

    def buttons(self, search: str | None) -> list[Component]:
        """What can be taken away of an address; nothing of one that is not understood."""
        try:
            return buttons(self._asked(search)[1], self.words)
        except WrongSelection:
            return []

    def rows(self, asked: dict[str, Any], search: str | None) -> tuple[Any, str]:
        """The rows from ``startRow`` to before ``endRow``, in the order that is asked for, and how they lie."""
        words = self.words
        try:
            reader, selection = self._asked(search)
            start = max(0, int(asked["startRow"]))
            many = max(0, min(int(asked["endRow"]) - start, 10 * cases_table.BLOCK))
            order = [(one["colId"], one["sort"] == "desc") for one in asked.get("sortModel") or []]
            listing = Listing(reader, self._engine, selection)
            found = listing.rows(order, start, many)
            count = self._counts.get(selection.query()) or self._remember(selection, listing.count())
        except (sa.exc.SQLAlchemyError, ValueError, KeyError, Private):
            return None, words.t("Baris tidak dapat dibaca; coba lagi.")
        # So many as were counted when the table was drawn; at its end, as many as there are.
        last = count if len(found) == many else start + len(found)
        return {"rowData": cases_table.shown_rows(found, reader.clock(), words), "rowCount": last}, ""

    def _remember(self, selection: Selection, count: int) -> int:
        self._counts[selection.query()] = count
        while len(self._counts) > _KEPT:
            self._counts.pop(next(iter(self._counts)))
        return count

    def _asked(self, search: str | None) -> tuple[Queries, Selection]:
        reader = self._reader()
        return reader, read(search or "", self._config, local_day(reader.clock(), reader.zone))

    def _age(self, reader: Queries) -> str:
        """How old the rows may be; nothing said of those that PostgreSQL has now."""
        if not isinstance(reader, MirrorQueries):
            return self.words.t("dari basis data")
        age_s = max(0.0, (reader.clock() - reader.mirror.current_at()).total_seconds())
        return self.words.age(age_s)
