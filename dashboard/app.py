"""The web application: Dash on FastAPI under one uvicorn process, with the push stream beside it.

Nothing is created at import. Every callback is ``async``: a plain one would hold up the event loop
and with it every screen.
"""

import ipaddress
import socket
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from hashlib import blake2b
from pathlib import Path
from types import FrameType
from typing import Annotated, Any

import httpx
import uvicorn
from dash import Dash, Input, Output, dcc, html
from fastapi import FastAPI, Query, Request, Response
from fastapi.middleware.gzip import GZipMiddleware
from fastapi.responses import JSONResponse, RedirectResponse, StreamingResponse

from city.config import Config
from city.database import engine as make_engine
from city.queries import Queries
from dashboard import source_page
from dashboard.desk import shell
from dashboard.door import Door
from dashboard.guard import Guard, headers
from dashboard.index import INDEX, Looking
from dashboard.live import Hub
from dashboard.manual import Manual
from dashboard.page import draw
from dashboard.prerender import html_of
from dashboard.static import Static, assets
from dashboard.words import Words

VERSION = "0.1.0"
#: Desk pages that every region has: address -> title.
_DESKS = {f"/{source_page.NAME}": "Sumber"}
ASSETS = Path(__file__).resolve().parent.parent / "assets"
#: What Dash must not list: the worker has its own address, and ages come before anything that Dash loads.
NOT_SCRIPTS = r"(worker|age|live)\.js|.*\.(txt|md)"


class Unsafe(Exception):
    """Serving would be unsafe as asked; says why and what to do."""


class AddressInUse(Exception):
    """Something else answers at the address already; says what to do."""


def create_app(
    config: Config,
    pages: Sequence[Any],
    hub: Hub,
    sources: source_page.Sources,
    *,
    insecure: bool = False,
    hosts: frozenset[str] | None = None,
    manual: Manual | None = None,
    door: Door | None = None,
) -> Any:
    """The ASGI application for the checked ``pages``. ``hub`` learns the version the screens must have.

    ``manual``: the forms to fill in; ``door``: where deliveries are passed on to.
    """
    contents = assets(ASSETS)
    hub.version = build(contents, pages)
    server = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    server.add_middleware(GZipMiddleware, minimum_size=1_000, compresslevel=5)  # a scene; never the stream
    _routes(server, [page.name for page in pages], hub)
    if manual:
        manual.routes(server)
    if door:

        @server.post("/ingest/{source}")
        async def ingest(request: Request) -> Response:
            return await door.forward(request)

    dash = _dash(server, config, pages, hub, manual, insecure=insecure)
    source_page.register(dash, sources)
    static = Static(server, contents)
    server.router.lifespan_context = _lifespan(hub, static)
    paths = [*contents, *_DESKS, *(f"/wall/{page.name}" for page in pages)]
    paths += manual.paths if manual else []
    return Guard(static, headers(dash.csp_hashes()), paths, hosts, ingest=door is not None)


def build(contents: Mapping[str, bytes], pages: Sequence[Any]) -> str:
    """The version a screen compares: ours, and what its page is made of."""
    parts = [VERSION.encode(), repr(pages).encode()] + [part for item in contents.items() for part in map(_bytes, item)]
    return f"{VERSION}+{blake2b(b''.join(parts), digest_size=4).hexdigest()}"


def _bytes(part: str | bytes) -> bytes:
    return part.encode() if isinstance(part, str) else part


def _dash(
    server: FastAPI, config: Config, pages: Sequence[Any], hub: Hub, manual: Manual | None, *, insecure: bool
) -> Dash:
    dash = Looking(
        "kendali",
        server=server,
        assets_folder=str(ASSETS),
        assets_ignore=NOT_SCRIPTS,
        update_title=None,
        title=f"{config.region.name} · Kendali",
        index_string=INDEX.format(language=config.region.language, build=hub.version),
        suppress_callback_exceptions=True,  # a page's parts are there when it is shown
    )
    # Else every page opens a websocket that nothing here speaks, and the guard would refuse it ten times.
    dash.backend.websocket_capability = False
    named, words = {f"/wall/{page.name}": page for page in pages}, Words(config)
    desks = [(next(iter(named), "/"), words.t("Dinding")), *((path, words.t(title)) for path, title in _DESKS.items())]
    dash.layout = html.Div([dcc.Location(id="where", refresh=False), html.Div(id="page")])

    def drawn(path: str) -> Any:
        if path in _DESKS:
            return shell(path.lstrip("/"), words, desks)
        page = named.get(path)
        states = hub.last[page.name] if page else {}
        return draw(page, states, config, version=VERSION, insecure=insecure) if page else None

    @dash.callback(Output("page", "children"), Input("where", "pathname"))
    async def show(path: str) -> Any:
        if manual and (form := await manual.page(path)) is not None:
            return form
        return drawn(path)

    if manual:
        manual.register(dash)
    dash.first = lambda path: f'<div id="first">{html_of(drawn(path))}</div>'
    return dash


def _lifespan(hub: Hub, static: Static) -> Callable[[FastAPI], Any]:
    @asynccontextmanager
    async def life(server: FastAPI) -> AsyncIterator[None]:
        await hub.start()
        transport = httpx.ASGITransport(app=server)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            # Callbacks reach Dash's map at the first request only: make that request before any screen can.
            await client.get("/_dash-dependencies")
            index = await client.get(f"/wall/{next(iter(hub.last))}")

            async def fetch(path: str) -> bytes:
                return (await client.get(path)).raise_for_status().content

            await static.add_listed(index.text, fetch)
        yield
        await hub.stop()

    return life


def _routes(server: FastAPI, names: Sequence[str], hub: Hub) -> None:
    @server.get("/")
    async def home() -> Response:
        return RedirectResponse(f"/wall/{names[0]}")

    @server.get("/healthz")
    async def health() -> Response:
        panels = sum(map(len, hub.last.values()))
        body = {"version": hub.version, "boot": hub.boot, "database": hub.connected, "panels": panels}
        return JSONResponse(body | {"viewers": hub.viewers()}, 200 if hub.connected else 503)

    @server.get("/stream")
    async def stream(page: Annotated[list[str], Query()]) -> Response:
        if not page or not set(page) <= set(names):
            return JSONResponse({"error": "no such page"}, 404)
        head = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return StreamingResponse(hub.stream(page), media_type="text/event-stream", headers=head)


def loopback(host: str) -> bool:
    """Whether only this machine can reach ``host``."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def check_address(host: str, *, insecure: bool) -> None:
    """Raises Unsafe for an address others can reach, unless ``insecure`` is said aloud."""
    if not loopback(host) and not insecure:
        raise Unsafe(
            f"{host} can be reached by others and Kendali cannot tell yet who they are; "
            "serve on 127.0.0.1 behind a proxy, or add --insecure (every page will say so)"
        )


def serve(
    config: Config,
    pages: Sequence[Any],
    database_url: str,
    *,
    clock: Callable[[], datetime],
    host: str = "127.0.0.1",
    port: int = 8050,
    insecure: bool = False,
    names: Sequence[str] = (),  # under which a proxy on this machine passes requests on
    secret_key: str = "",  # signs sessions once there are identities
    door: Door | None = None,  # to the collecting part, for what is sent or entered
) -> None:
    """Serve until told to stop. Refuses an address others can reach, unless ``insecure`` is said aloud."""
    check_address(host, insecure=insecure)
    bound = _bind(host, port)
    engine = make_engine(database_url, pool_size=3)
    hub = Hub(engine, config.region.code, [page.name for page in pages], clock, VERSION)
    sources = source_page.Sources(engine, Queries(engine, config, clock))
    ours = frozenset({"127.0.0.1", "localhost", "[::1]", f"[{host}]" if ":" in host else host, *names})
    kinds = {source.collector for source in config.sources.values()}
    app = create_app(
        config, pages, hub, sources, insecure=not loopback(host), hosts=ours if loopback(host) else None,
        manual=Manual(config, engine, door, clock) if door and "manual" in kinds else None,
        door=door if "push" in kinds else None,
    )  # fmt: skip
    # A stream whose viewer does not read would hold a stop up for ever: after 3 s it is cut.
    settings = uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=3, server_header=False)
    _Server(settings, hub).run(sockets=[bound])


class _Server(uvicorn.Server):
    """Ends the streams before it waits for open requests."""

    def __init__(self, settings: uvicorn.Config, hub: Hub) -> None:
        super().__init__(settings)
        self._hub = hub

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        super().handle_exit(sig, frame)
        if self.started:
            self._hub.let_go()


def _bind(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
    except OSError as error:
        bound.close()
        raise AddressInUse(f"cannot serve on {host}:{port}: {error.strerror}. Try --port {port + 1}") from None
    return bound
