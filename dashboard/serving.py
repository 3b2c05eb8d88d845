"""Serving the web application: one uvicorn process at an address that is safe to serve at."""

import ipaddress
import socket
import threading
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from types import FrameType
from typing import Any

import uvicorn
from sqlalchemy.engine import Engine

from city import mirror, readers
from city.config import Config
from city.database import engine as make_engine
from city.queries import Queries
from dashboard import source_page
from dashboard.api import Api
from dashboard.app import VERSION, create_app
from dashboard.brief_page import BriefPage
from dashboard.cases_page import Cases
from dashboard.definition_page import Definitions
from dashboard.door import Door
from dashboard.explore_page import Explore
from dashboard.kpi_page import Kpi
from dashboard.live import Hub
from dashboard.manual import Manual
from dashboard.pairing import Pairing
from dashboard.replaying import Replay
from dashboard.rollcall import Limits
from dashboard.screens import Screens


class Unsafe(Exception):
    """Serving would be unsafe as asked; says why and what to do."""


class AddressInUse(Exception):
    """Something else answers at the address already; says what to do."""


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
    limits: Limits | None = None,  # after which a screen is flagged
    data: Path | None = None,  # where a mirror may be
    api_keys: Sequence[str] = (),  # which open single cases to the data API
) -> None:
    """Serve until told to stop. Refuses an address others can reach, unless ``insecure`` is said aloud."""
    check_address(host, insecure=insecure)
    bound = _bind(host, port)
    engine = make_engine(database_url, pool_size=3)
    hub = Hub(engine, config.region.code, [page.name for page in pages], clock, VERSION)
    sources = source_page.Sources(engine, Queries(engine, config, clock))
    # Others can reach it: only screens that somebody has approved may look.
    pairing = Pairing(engine, config.region.code, clock) if config.screens_paired or not loopback(host) else None
    if pairing:
        pairing.start(threading.Event())
    ours = frozenset({"127.0.0.1", "localhost", "[::1]", f"[{host}]" if ":" in host else host, *names})
    kinds = {source.collector for source in config.sources.values()}
    app = create_app(
        config, pages, hub, sources, Screens(config, hub, clock, limits, pairing),
        insecure=not loopback(host), hosts=ours if loopback(host) else None,
        manual=Manual(config, engine, door, clock) if door and "manual" in kinds else None,
        door=door if "push" in kinds else None, replay=Replay(engine, config, pages, clock),
        desks=_desks(config, engine, clock, door, _reader(engine, config, clock, data), api_keys),
    )  # fmt: skip
    # A stream whose viewer does not read would hold a stop up for ever: after 3 s it is cut.
    settings = uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=3, server_header=False)
    _Server(settings, hub).run(sockets=[bound])


def _desks(
    config: Config, engine: Engine, clock: Callable[[], datetime], door: Door | None, reader: Callable[[], Queries],
    api_keys: Sequence[str],
) -> list[Any]:  # fmt: skip
    """What is read at a desk. Its own metrics every page asks PostgreSQL; what is asked freely, who answers now."""
    queries = Queries(engine, config, clock)
    return [
        Kpi(queries, VERSION, door=door), BriefPage(queries), Explore(reader), Cases(reader, engine),
        Api(reader, config, clock, api_keys, VERSION), Definitions(engine, queries, VERSION),
    ]  # fmt: skip


def _reader(engine: Engine, config: Config, clock: Callable[[], datetime], data: Path | None) -> Callable[[], Queries]:
    """Who answers a free question now."""
    if data is None:
        return lambda: Queries(engine, config, clock)
    return lambda: readers.best(engine, config, clock, mirror.place(data, config.region.code))


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
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        # A screen whose network is gone still seems to hold its stream until what is sent to it is given up.
        bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, 20_000)
    try:
        bound.bind((host, port))
    except OSError as error:
        bound.close()
        raise AddressInUse(f"cannot serve on {host}:{port}: {error.strerror}. Try --port {port + 1}") from None
    return bound
