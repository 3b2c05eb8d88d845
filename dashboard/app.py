"""The web application: Dash on FastAPI under one uvicorn process, with the push stream beside it.

Nothing is created at import. Every callback is ``async``: a plain one would hold up the event loop
and with it every screen.
"""

import ipaddress
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from dash import Dash, Input, Output, dcc, html
from fastapi import FastAPI, Response
from fastapi.responses import JSONResponse, RedirectResponse, StreamingResponse

from city.config import Config
from city.database import engine as make_engine
from dashboard import guard
from dashboard.live import Hub
from dashboard.page import draw

VERSION = "0.1.0"
ASSETS = Path(__file__).resolve().parent.parent / "assets"

_INDEX = """<!doctype html>
<html lang="{language}" class="theme-dark wall"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
{{%metas%}}<title>{{%title%}}</title>{{%favicon%}}{{%css%}}</head>
<body>{{%app_entry%}}<footer hidden>{{%config%}}{{%scripts%}}{{%renderer%}}</footer></body></html>"""


class Unsafe(Exception):
    """Serving would be unsafe as asked; says why and what to do."""


def create_app(
    config: Config, pages: Sequence[Any], hub: Hub, *, insecure: bool = False, hosts: frozenset[str] | None = None
) -> Any:
    """The ASGI application for the checked ``pages``."""
    server = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, lifespan=_lifespan(hub))
    _routes(server, pages, hub)
    dash = Dash(
        "kendali",
        server=server,
        assets_folder=str(ASSETS),
        assets_ignore=r"worker\.js|.*\.txt",
        update_title=None,
        title=f"{config.region.name} · Kendali",
        index_string=_INDEX.format(language=config.region.language),
    )
    named = {f"/wall/{page.name}": page for page in pages}
    dash.layout = html.Div([dcc.Location(id="where", refresh=False), html.Div(id="page")])

    @dash.callback(Output("page", "children"), Input("where", "pathname"))
    async def show(path: str) -> Any:
        page = named.get(path)
        states = hub.last[page.name] if page else {}
        return draw(page, states, config, version=VERSION, insecure=insecure) if page else None

    headers = guard.headers(dash.csp_hashes())
    return guard.Guard(guard.Compressed(server, ASSETS), headers, hosts)


def _lifespan(hub: Hub) -> Callable[[FastAPI], Any]:
    @asynccontextmanager
    async def life(server: FastAPI) -> AsyncIterator[None]:
        # Callbacks reach Dash's map at the first request only: make that request before any screen can.
        transport = httpx.ASGITransport(app=server)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            await client.get("/_dash-dependencies")
        await hub.start()
        yield
        await hub.stop()

    return life


def _routes(server: FastAPI, pages: Sequence[Any], hub: Hub) -> None:
    names = [page.name for page in pages]

    @server.get("/")
    async def home() -> Response:
        return RedirectResponse(f"/wall/{names[0]}")

    @server.get("/healthz")
    async def health() -> Response:
        body = {"version": hub.version, "boot": hub.boot, "database": hub.connected, "viewers": hub.viewers()}
        return JSONResponse(body, 200 if hub.connected else 503, {"Cache-Control": "no-store"})

    @server.get("/stream")
    async def stream(page: str) -> Response:
        if page not in names:
            return JSONResponse({"error": "no such page"}, 404)
        head = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return StreamingResponse(hub.stream(page), media_type="text/event-stream", headers=head)


def loopback(host: str) -> bool:
    """Whether only this machine can reach ``host``."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def serve(
    config: Config,
    pages: Sequence[Any],
    database_url: str,
    *,
    clock: Callable[[], datetime],
    host: str = "127.0.0.1",
    port: int = 8050,
    insecure: bool = False,
    secret_key: str = "",
) -> None:
    """Serve until told to stop. Refuses an address others can reach, unless ``insecure`` is said aloud."""
    if not loopback(host) and not insecure:
        raise Unsafe(
            f"{host} can be reached by others and Kendali cannot tell yet who they are; "
            "serve on 127.0.0.1, or add --insecure (every page will say so)"
        )
    made = make_engine(database_url, pool_size=2)
    hub = Hub(made, config.region.code, [page.name for page in pages], clock, VERSION)
    hosts = None if not loopback(host) else frozenset({"127.0.0.1", "localhost", "[::1]", host})
    app = create_app(config, pages, hub, insecure=not loopback(host), hosts=hosts)
    # Open streams would hold a stop up for ever.
    uvicorn.run(app, host=host, port=port, log_level="warning", timeout_graceful_shutdown=2, server_header=False)
