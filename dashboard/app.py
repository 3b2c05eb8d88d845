"""The web application: Dash on FastAPI under one uvicorn process, with the push stream beside it.

Nothing is created at import. Every callback is ``async``: a plain one would hold up the event loop
and with it every screen.
"""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from hashlib import blake2b
from pathlib import Path
from typing import Annotated, Any

import httpx
from dash import Dash, Input, Output, dcc, html
from fastapi import FastAPI, Query, Request, Response
from fastapi.middleware.gzip import GZipMiddleware
from fastapi.responses import JSONResponse, RedirectResponse, StreamingResponse

from city.config import Config
from city.texts import N_
from dashboard import brief_page, cases_page, explore_page, kpi_page, source_page
from dashboard.desk import shell
from dashboard.door import Door
from dashboard.guard import Guard, headers
from dashboard.index import Looking, index, words_of
from dashboard.live import Hub
from dashboard.manual import Manual
from dashboard.prerender import html_of
from dashboard.replaying import Replay
from dashboard.screens import Screens
from dashboard.states import CITY
from dashboard.static import Static, assets
from dashboard.wall import Wall, bodiless, draw, walls
from dashboard.words import Words

VERSION = "0.1.0"
#: Desk pages that every region has: address -> title.
_DESKS = {f"/{kpi_page.NAME}": kpi_page.TITLE, f"/{explore_page.NAME}": explore_page.TITLE,
          f"/{source_page.NAME}": N_("Sumber"), "/screens": N_("Layar")}  # fmt: skip
#: Those of them with areas that are drawn each by itself.
_FRAMES = {f"/{kpi_page.NAME}": kpi_page.frame, f"/{explore_page.NAME}": explore_page.frame}
ASSETS = Path(__file__).resolve().parent.parent / "assets"
#: What Dash must not list: the worker has its own address, and ages come before anything that Dash loads.
NOT_SCRIPTS = r"(worker|age|live|turn|report|pair|replay|print|explore|cases)\.js|.*\.(txt|md)"


def create_app(
    config: Config,
    pages: Sequence[Any],
    hub: Hub,
    sources: source_page.Sources,
    screens: Screens,
    *,
    insecure: bool = False,
    hosts: frozenset[str] | None = None,
    manual: Manual | None = None,
    door: Door | None = None,
    replay: Replay | None = None,
    desks: Sequence[Any] = (),
) -> Any:
    """The ASGI application for the checked ``pages``. ``hub`` learns the version the screens must have.

    ``manual``: the forms to fill in; ``door``: where deliveries are passed on to; ``replay``: what was shown before.
    ``desks``: what is read at a desk, each with ``routes``, ``register`` and ``paths`` as far as it has any.
    """
    contents = assets(ASSETS)
    shown = walls(config, pages)
    hub.version = build(contents, [*shown.values(), words_of(config.region.language)])
    server = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    server.add_middleware(GZipMiddleware, minimum_size=1_000, compresslevel=5)  # a scene; never the stream
    _routes(server, [*(page.name for page in pages), CITY], next(iter(shown), "/"), hub, screens)
    for part in (sources, screens, manual, replay, *desks):
        if hasattr(part, "routes"):
            part.routes(server)
    if door:
        _ingest(server, door)
    dash = _dash(server, config, shown, hub, manual, replay, insecure=insecure)
    source_page.register(dash, sources)
    for page in (screens, *desks):
        if hasattr(page, "register"):
            page.register(dash)
    static = Static(server, contents)
    server.router.lifespan_context = _lifespan(hub, static)
    own = (path for part in (manual, replay, *desks) for path in getattr(part, "paths", ()))
    paths, t = [*contents, *_DESKS, *shown, source_page.REPORT, *own], Words(config).t
    return Guard(static, headers(dash.csp_hashes()), paths, hosts, ingest=bool(door), pairing=screens.pair_page, t=t)


def _ingest(server: FastAPI, door: Door) -> None:
    @server.post("/ingest/{source}")
    async def ingest(request: Request) -> Response:
        return await door.forward(request)


def build(contents: Mapping[str, bytes], shown: Sequence[Any]) -> str:
    """The version a screen compares: ours, and what its page is made of."""
    parts = [VERSION.encode(), repr(shown).encode()] + [part for item in contents.items() for part in map(_bytes, item)]
    return f"{VERSION}+{blake2b(b''.join(parts), digest_size=4).hexdigest()}"


def _bytes(part: str | bytes) -> bytes:
    return part.encode() if isinstance(part, str) else part


def _dash(
    server: FastAPI,
    config: Config,
    shown: Mapping[str, Wall],
    hub: Hub,
    manual: Manual | None,
    replay: Replay | None,
    *,
    insecure: bool,
) -> Dash:
    dash = _looking(server, config, hub)
    words = Words(config)
    desks = [(next(iter(shown), "/"), words.t("Dinding")), *((path, words.t(title)) for path, title in _DESKS.items())]
    desks += [(replay.paths[0], words.t("Putar ulang"))] if replay else []
    dash.layout = html.Div([dcc.Location(id="where", refresh=False), html.Div(id="page")])

    def drawn(path: str, states: Any) -> Any:
        if path in _DESKS or path in (brief_page.PATHS[0], f"/{cases_page.NAME}"):
            return shell(path.lstrip("/"), words, desks, _FRAMES.get(path, tuple)())
        if replay and (replayed := replay.scene(path, VERSION, insecure=insecure)):
            return replayed
        wall = shown.get(path)
        return draw(wall, states, config, version=VERSION, insecure=insecure) if wall else None

    @dash.callback(Output("page", "children"), Input("where", "pathname"))
    async def show(path: str) -> Any:
        if manual and (form := await manual.page(path, desks)) is not None:
            return form
        return drawn(path, bodiless(hub.last))

    if manual:
        manual.register(dash)
    dash.scenes = lambda path: (f"{shown[path].scenes} {CITY}", shown[path].theme) if path in shown else ("", "dark")
    dash.first = lambda path: f'<div id="first">{html_of(drawn(path, hub.last))}</div>'
    return dash


def _looking(server: FastAPI, config: Config, hub: Hub) -> Looking:
    dash = Looking(
        "kendali",
        server=server,
        assets_folder=str(ASSETS),
        assets_ignore=NOT_SCRIPTS,
        update_title=None,
        title=f"{config.region.name} · Kendali",
        index_string=index(config.region.language, hub.version),
        suppress_callback_exceptions=True,  # a page's parts are there when it is shown
    )
    # Else every page opens a websocket that nothing here speaks, and the guard would refuse it ten times.
    dash.backend.websocket_capability = False
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

            await static.add_listed(index.text + (await client.get(f"/{cases_page.NAME}")).text, fetch)
        yield
        await hub.stop()

    return life


def _routes(server: FastAPI, names: Sequence[str], first: str, hub: Hub, screens: Screens) -> None:
    @server.get("/")
    async def home() -> Response:
        return RedirectResponse(first)

    @server.get("/healthz")
    async def health() -> Response:
        panels = sum(map(len, hub.last.values()))
        body = {"version": hub.version, "boot": hub.boot, "database": hub.connected, "panels": panels}
        return JSONResponse(body | {"viewers": hub.viewers()} | screens.roll.counts(), 200 if hub.connected else 503)

    @server.get("/stream")
    async def stream(page: Annotated[list[str], Query()]) -> Response:
        if not page or not set(page) <= set(names):
            return JSONResponse({"error": "no such page"}, 404)
        head = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return StreamingResponse(screens.followed(hub.stream(page)), media_type="text/event-stream", headers=head)
