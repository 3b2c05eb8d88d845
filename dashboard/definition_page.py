"""Where definitions come from, and where reports of wrong numbers go: ``/definition/<metric>`` and ``/wrong-number``.

A report is a notice to who may write (dashboard/registrar.py); the page then looks whether it has been written, and
says so only if it has.
"""

import asyncio
import secrets
import time
from collections.abc import Mapping
from typing import Any

import msgspec
import sqlalchemy as sa
from dash import html
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from sqlalchemy.engine import Engine

from city import catalogue, wrong_numbers
from city.database import notify
from city.metrics import UnknownMetric
from city.queries import Queries
from city.texts import N_
from dashboard import api_asked, api_small, definition
from dashboard.api_asked import Refused
from dashboard.api_rate import Rate
from dashboard.guard import may_act
from dashboard.prerender import html_of
from dashboard.words import Words

_BYTES, _PER_MINUTE, _WAIT_S = 8_000, 12, 3.0
#: Of an address of a page: it says what is looked at, not how the number is computed.
_OF_PAGES = ("kind", "period", "compare")


class Definitions:
    """The two addresses. ``engine`` may read and tell."""

    def __init__(self, engine: Engine, queries: Queries, version: str = "") -> None:
        self._engine, self._queries, self._version = engine, queries, version
        self.words, self._rate = Words(queries.config), Rate(_PER_MINUTE, time.monotonic)

    def routes(self, server: FastAPI) -> None:
        """Register them."""

        @server.get("/definition/{metric}")
        async def define(request: Request, metric: str) -> Response:
            fields = [one for one in request.query_params.multi_items() if one[0] not in _OF_PAGES]
            try:
                return _html(await asyncio.to_thread(self.draw, metric, fields))
            except UnknownMetric as error:
                return _html(html.P(str(error.args[0])), 404)
            except (Refused, ValueError) as error:
                return _html(html.P(str(error)), 400)
            except sa.exc.SQLAlchemyError:
                return _html(html.P(self.words.t("Basis data tidak menjawab.")), 503)

        @server.post("/wrong-number")
        async def report(request: Request) -> Response:
            client = request.client.host if request.client else ""
            if not may_act():
                return self._said(403, N_("Layar ini hanya dapat melihat."))
            if self._rate.wait_s(client):
                return self._said(429, N_("Terlalu banyak laporan; coba lagi sebentar."))
            body = b""
            async for part in request.stream():
                body += part
                if len(body) > _BYTES:
                    return self._said(413, N_("Laporan terlalu panjang."))
            return await self._reported(body)

    def draw(self, metric: str, fields: list[tuple[str, str]]) -> Any:
        """The inside of the dialog for a metric and the fields of an address. Blocks."""
        queries, now = self._queries, self._queries.clock()
        about = queries.metric(metric)
        known = [one for one in fields if one[0] in (*api_asked.OF_A_METRIC, *catalogue.dimensions(about))]
        ask = api_asked.metric(known, about, queries.config, now)
        api_small.check(about, ask, queries.config)
        entry = catalogue.read(queries, [metric])[0]
        found, behind = catalogue.behind(queries, metric, ask.window, ask.where)
        found.rows = api_small.suppress(about, found.rows, ask, queries.config)
        query = "&".join(f"{name}={text}" for name, text in known)
        return definition.draw(entry, found, behind, query, queries.config, self.words, now, ask.where)

    async def _reported(self, body: bytes) -> Response:
        token = secrets.token_hex(16)
        try:
            said = msgspec.json.decode(body, type=dict[str, Any]) | {"token": token, "version": self._version}
            made = wrong_numbers.checked(said)
            self._queries.metric(made["metric"])
        except (msgspec.DecodeError, ValueError, LookupError):
            return self._said(400, N_("Tulis dengan singkat apa yang keliru."))
        try:
            taken = await asyncio.to_thread(self._tell, token, made)
        except sa.exc.SQLAlchemyError:
            taken = False
        if taken:
            return self._said(200, N_("Tercatat. Terima kasih."))
        return self._said(503, N_("Belum tercatat: bagian yang mencatat tidak menjawab. Coba lagi nanti."))

    def _tell(self, token: str, made: Mapping[str, Any]) -> bool:
        region, until = self._queries.config.region.code, time.monotonic() + _WAIT_S
        with self._engine.begin() as connection:
            notify(connection, wrong_numbers.REPORTED, {"region": region, **made})
        while time.monotonic() < until:
            with self._engine.connect() as connection:
                if wrong_numbers.taken(connection, region, token):
                    return True
            time.sleep(0.1)
        return False

    def _said(self, status: int, text: str) -> Response:
        return JSONResponse({"said": self.words.t(text)}, status)


def _html(part: Any, status: int = 200) -> Response:
    return Response(html_of(part), status, media_type="text/html; charset=utf-8")
