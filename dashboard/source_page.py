"""The callbacks of the page of the sources: what it shows, and the two things it can ask of the collectors.

The web's database role may read and may notify, nothing else: a wish is a notice that the collecting
process hears (collectors/wanted.py).
"""

import asyncio
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs

import sqlalchemy as sa
from dash import Dash, Input, Output, State, ctx, html, no_update
from dash.development.base_component import Component
from fastapi import FastAPI, Response
from sqlalchemy.engine import Engine

from city import wrong_numbers
from city.database import notify
from city.health import SourceHealth
from city.queries import Queries
from dashboard import doubted, punctual, source_detail, sources
from dashboard.guard import may_act
from dashboard.words import Words
from dashboard.workbook import download

WANTED = "kendali_wanted"
NAME = "sources"
#: Where the report of punctuality per agency is as a workbook.
REPORT = f"/{NAME}/ketepatan.xlsx"
#: One reading of the database serves everybody who looks within this time.
SHARED_S = 2.0


class Sources:
    """What the page shows. ``draw`` blocks; call it in a thread."""

    def __init__(self, engine: Engine, queries: Queries, clock_s: Callable[[], float] = time.monotonic) -> None:
        self._engine, self._queries, self._clock_s = engine, queries, clock_s
        self.words = Words(queries.config)
        self._found: tuple[float, list[SourceHealth]] | None = None

    def draw(self, search: str | None) -> Any:
        """The body for an address' query (``?source=NAME``); in words when the database does not answer."""
        try:
            return self._drawn(search)
        except sa.exc.SQLAlchemyError:
            t = self.words.t
            return html.P(f"{t('Sumber tidak dapat dibaca:')} {t('basis data tidak menjawab')}.", className="tx")

    def _drawn(self, search: str | None) -> Any:
        found, now = self._report(), self._queries.clock()
        if not found:
            return html.P(self.words.t("Belum ada"), className="tx")
        query = parse_qs((search or "").lstrip("?"))
        if sources.REPORT in query:
            return punctual.draw(found, self.words, now, REPORT)
        asked = query.get("source", [""])[0]
        chosen = next((one for one in found if one.state.name == asked), found[0])
        runs = self._queries.source_runs(chosen.state.name)
        detail = source_detail.draw(chosen, runs, self._queries.metrics, self.words, now)
        return [*sources.draw(found, chosen.state.name, detail, self.words, now), *self._doubted(now)]

    def _doubted(self, now: datetime) -> list[Component]:
        with self._engine.connect() as connection:
            waiting = wrong_numbers.listed(connection, self._queries.config.region.code)
        return doubted.draw(waiting, self._queries.metrics, self.words, now)

    def routes(self, server: FastAPI) -> None:
        """The report of punctuality per agency, as a workbook."""

        @server.get(REPORT)
        async def report() -> Response:
            now = self._queries.clock()
            try:
                made = await asyncio.to_thread(lambda: punctual.workbook(self._report(), self.words, now))
            except sa.exc.SQLAlchemyError:
                return Response(self.words.t("Basis data tidak menjawab."), 503, media_type="text/plain; charset=utf-8")
            return download(made, f"ketepatan-{now.astimezone(self._queries.config.region.zone):%Y-%m-%d}.xlsx")

    def _report(self) -> list[SourceHealth]:
        if self._found is None or self._clock_s() - self._found[0] > SHARED_S:
            self._found = (self._clock_s(), self._queries.source_health())
        return self._found[1]

    def want(self, source: str, *, accept: bool) -> str:
        """Ask the collectors to run ``source`` now; what to tell who asked."""
        if source not in self._queries.config.sources:
            return ""
        wish = {"region": self._queries.config.region.code, "source": source, "accept": accept}
        try:
            with self._engine.begin() as connection:
                notify(connection, WANTED, wish)
        except sa.exc.SQLAlchemyError:
            return self.words.t("Tidak dapat diminta: basis data tidak menjawab.")
        return self.words.t("Diminta; hasilnya tampak di sini.")


def register(dash: Dash, page: Sources) -> None:
    """Add the page's callbacks."""

    @dash.callback(Output(f"{NAME}-body", "children"), Input(f"{NAME}-tick", "n_intervals"), Input("where", "search"))
    async def show(tick: int, search: str) -> Any:
        return await asyncio.to_thread(page.draw, search)

    @dash.callback(
        Output("source-said", "children"),
        Input("source-run", "n_clicks"),
        Input("source-accept", "n_clicks"),
        State("source-run", "value"),
        prevent_initial_call=True,
    )
    async def want(run: int, accept: int, source: str) -> Any:
        if not (run or accept):
            return no_update
        if not may_act():
            return page.words.t("Layar ini hanya dapat melihat.")
        return await asyncio.to_thread(page.want, source, accept=ctx.triggered_id == "source-accept")
