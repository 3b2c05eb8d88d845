"""The screens of a web process: where they report, what the page of the screens shows, and the roll as numbers."""

from collections.abc import AsyncIterator, Callable
from datetime import datetime
from typing import Any

from dash import Dash, Input, Output
from fastapi import FastAPI, Request, Response
from starlette.requests import ClientDisconnect

from city.config import Config
from dashboard import screens_page
from dashboard.guard import Scope, asked, cookie
from dashboard.live import Hub
from dashboard.pair_page import PairPage, keep
from dashboard.pairing import TOKEN, Pairing
from dashboard.rollcall import MAX_BYTES, Limits, Roll, read
from dashboard.words import Words

NAME = "screens"
#: What an unpaired screen calls itself (assets/live.js); a paired one is known by its token.
COOKIE = "kendali_screen"


class Screens:
    """The roll of the screens of ``hub``."""

    def __init__(
        self,
        config: Config,
        hub: Hub,
        clock: Callable[[], datetime],
        limits: Limits | None = None,
        pairing: Pairing | None = None,
    ) -> None:
        self._words, self._hub, self._clock, self._pairing = Words(config), hub, clock, pairing
        self.roll = Roll(self._newest, lambda: hub.version, clock, limits, pairing.approved if pairing else None)
        self.pair_page = PairPage(pairing, self._words) if pairing else None

    def _newest(self, page: str) -> int | None:
        states = self._hub.last.get(page)
        return None if states is None else max((state["seq"] for state in states.values()), default=0)

    def followed(self, stream: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        """A stream, noted as open for whoever asks for it now."""
        scope = asked.get()
        return self.roll.following(self._who(scope), stream) if scope else stream

    def _who(self, scope: Scope) -> str:
        """Whom a request is from: the paired screen, or what an unpaired one calls itself."""
        if self._pairing is None:
            return cookie(scope, COOKIE)
        one = self._pairing.known(cookie(scope, TOKEN))
        return str(one.id) if one else ""

    def routes(self, server: FastAPI) -> None:
        """Where screens report, and where new ones ask."""
        if self.pair_page:
            self.pair_page.routes(server)

        @server.post("/screens/report")
        async def report(request: Request) -> Response:
            try:
                said = read(await _capped(request))
                self.roll.heard(self._who(request.scope) if self._pairing else said.screen, said)
            except (ValueError, KeyError):
                return Response("not a report of a screen of ours", 400, media_type="text/plain")
            except ClientDisconnect:
                return Response(status_code=400)
            answer = Response(status_code=204)
            if self._pairing and (one := self._pairing.known(request.cookies.get(TOKEN, ""))):
                self._pairing.saw(one)
                keep(answer, request.cookies[TOKEN], request)
            return answer

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
