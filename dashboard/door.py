"""The way from the web process, whose database role cannot write, to the collecting part's door on this machine.

Deliveries are streamed through as they come; what a form holds is posted with the installation's own token.
"""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
from fastapi import Request, Response
from fastapi.responses import JSONResponse

#: More than any source takes: the intake has its own limit for each.
MAX_BYTES = 64 * 1024 * 1024
RETRY_AFTER_S = 30
_TIMES = httpx.Timeout(120, connect=2)
_PASSED = ("content-type", "content-encoding", "content-length", "idempotency-key", "x-kendali-timestamp",
           "x-kendali-signature")  # fmt: skip
_AWAY = "the collecting part of Kendali does not answer; send again with the same Idempotency-Key, it is taken once"


class TooLarge(Exception):
    """A body that is larger than anything that is taken."""


class Door:
    """Where the intake is: on ``port`` of this machine, or with 0 on the one that ``port_file`` tells."""

    def __init__(self, token: str, port: int, port_file: Path) -> None:
        self._token, self._port, self._port_file = token, port, port_file
        self._client: httpx.AsyncClient | None = None

    def _address(self, path: str) -> str:
        port = self._port
        if not port:
            try:
                port = int(self._port_file.read_text())
            except (OSError, ValueError) as error:
                raise httpx.ConnectError("the collecting part has not said its port yet") from error
        return f"http://127.0.0.1:{port}{path}"

    def _session(self) -> httpx.AsyncClient:
        if self._client is None:
            # For this machine only, whatever proxy the environment names for the world outside.
            self._client = httpx.AsyncClient(timeout=_TIMES, trust_env=False)
        return self._client

    async def enter(self, source: str, entry: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """Status and answer of a filled form; 503 when the intake does not answer."""
        return await self._post(f"/manual/{source}", entry)

    async def promise(self, entry: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """Status and answer of a follow-up that was entered or closed; 503 when the intake does not answer."""
        return await self._post("/followups", entry)

    async def _post(self, path: str, entry: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        try:
            answer = await self._session().post(
                self._address(path), json=entry, headers={"X-Kendali-Token": self._token}
            )
            return answer.status_code, dict(answer.json())
        except (httpx.HTTPError, ValueError):
            return 503, {"error": _AWAY}

    async def forward(self, request: Request) -> Response:
        """A delivery, passed on as it comes; the intake's own answer, or 503 with when to try again."""
        length = request.headers.get("content-length", "")
        if length.isascii() and length.isdigit() and (len(length) > 18 or int(length) > MAX_BYTES):
            return _too_large()
        head = {name: request.headers[name] for name in _PASSED if name in request.headers}
        raw = {name.encode(): text.encode("latin-1") for name, text in head.items()}
        # Its raw bytes: the decoded path would lose what was escaped in it.
        path = request.scope.get("raw_path", request.url.path.encode()).decode("ascii", "replace").partition("?")[0]
        try:
            answer = await self._session().post(self._address(path), content=_capped(request), headers=raw)
        except TooLarge:
            return _too_large()
        except (httpx.HTTPError, httpx.InvalidURL):
            return JSONResponse({"error": _AWAY}, 503, {"Retry-After": str(RETRY_AFTER_S)})
        kept = {name: answer.headers[name] for name in ("retry-after",) if name in answer.headers}
        return Response(answer.content, answer.status_code, kept, answer.headers.get("content-type"))


async def _capped(request: Request) -> AsyncIterator[bytes]:
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > MAX_BYTES:
            raise TooLarge
        yield part


def _too_large() -> Response:
    return JSONResponse({"error": f"larger than {MAX_BYTES} bytes: send several deliveries"}, 413)
