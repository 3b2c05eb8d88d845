"""The screens of a web process: where they report, what the page of the screens shows, and the roll as numbers."""

from collections.abc import AsyncIterator, Callable
from datetime import datetime
from http.cookies import CookieError, SimpleCookie
from typing import Any

from dash import Dash, Input, Output
from fastapi import FastAPI, Request, Response
from starlette.requests import ClientDisconnect

from city.config import Config
from dashboard import screens_page
from dashboard.guard import Scope, asked
from dashboard.live import Hub
from dashboard.rollcall import MAX_BYTES, Limits, Roll, read
from dashboard.words import Words

NAME = "screens"
#: What an unpaired screen calls itself (assets/live.js); a paired one is known by its token.
COOKIE = "kendali_screen"


def cookie(scope: Scope, name: str) -> str:
    """A cookie of a request; empty when there is none."""
    sent = b"; ".join(value for key, value in scope["headers"] if key == b"cookie").decode("latin-1")
    try:
        found = SimpleCookie(sent).get(name)
    except CookieError:
        return ""
    return found.value if found else ""


class Screens:
    """The roll of the screens of ``hub``."""

    def __init__(self, config: Config, hub: Hub, clock: Callable[[], datetime], limits: Limits | None = None) -> None:
        self._words, self._hub, self._clock = Words(config), hub, clock
        self.roll = Roll(self._newest, lambda: hub.version, clock, limits)

    def _newest(self, page: str) -> int | None:
        states = self._hub.last.get(page)
        return None if states is None else max((state["seq"] for state in states.values()), default=0)

    def followed(self, stream: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        """A stream, noted as open for whoever asks for it now."""
        scope = asked.get()
        return self.roll.following(cookie(scope, COOKIE), stream) if scope else stream

    def routes(self, server: FastAPI) -> None:
        """Where screens report."""

        @server.post("/screens/report")
        async def report(request: Request) -> Response:
            try:
                said = read(await _capped(request))
                self.roll.heard(said.screen, said)
            except (ValueError, KeyError):
                return Response("not a report of a screen of ours", 400, media_type="text/plain")
            except ClientDisconnect:
                return Response(status_code=400)
            return Response(status_code=204)

    def draw(self) -> Any:
        """The body of the page."""
        found = self.roll.screens()
        return screens_page.draw(found, self.roll.counts(found), self._hub.version, self._words, self._clock())

    def register(self, dash: Dash) -> None:
        """Add the page's callback."""

        @dash.callback(Output(f"{NAME}-body", "children"), Input(f"{NAME}-tick", "n_intervals"))
        async def show(tick: int) -> Any:
            return self.draw()


async def _capped(request: Request) -> bytes:
    """The body of a request; a little more than is allowed when it is longer."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > MAX_BYTES:
            break
    return body
