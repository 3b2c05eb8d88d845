"""What stands before every answer: allowed paths and hosts, security headers, files compressed once.

Pure ASGI, because a wrapped response would hold the stream back.
"""

import gzip
import mimetypes
import re
from collections.abc import Callable, Iterable
from hashlib import sha256
from pathlib import Path
from typing import Any

import brotli

Scope, App = dict[str, Any], Any
#: Everything else is 404: an unknown path must not answer with the page.
_ALLOWED = re.compile(r"^/(|healthz|stream|wall/[a-z0-9_]+|_dash-[a-z-]+(/.*)?|assets/.*|_favicon\.ico)$")
_TYPES = (".js", ".css", ".woff2", ".svg", ".txt", ".map")


def headers(script_hashes: Iterable[str]) -> list[tuple[bytes, bytes]]:
    """The security headers; scripts only from here or by hash, frames and plug-ins nowhere."""
    scripts = " ".join(["'self'", *script_hashes])
    policy = (
        f"default-src 'none'; script-src {scripts}; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        "font-src 'self'; connect-src 'self'; worker-src 'self' blob:; manifest-src 'self'; "
        "frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
    )
    return [
        (b"content-security-policy", policy.encode()),
        (b"x-content-type-options", b"nosniff"),
        (b"x-frame-options", b"DENY"),
        (b"referrer-policy", b"no-referrer"),
        (b"permissions-policy", b"camera=(), microphone=(), geolocation=()"),
        (b"cross-origin-opener-policy", b"same-origin"),
    ]


class Guard:
    """Wraps the application. ``hosts`` are the Host headers answered; None answers any."""

    def __init__(self, app: App, extra: list[tuple[bytes, bytes]], hosts: frozenset[str] | None) -> None:
        self._app, self._extra, self._hosts = app, extra, hosts

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        """One request."""
        if scope["type"] != "http":
            # Kendali pushes by server-sent events; nothing of ours speaks over a websocket.
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            return
        status = self._refusal(scope)
        if status:
            await _answer(send, status, self._extra)
            return
        await self._app(scope, receive, self._with_headers(send))

    def _refusal(self, scope: Scope) -> int:
        host = dict(scope["headers"]).get(b"host", b"").decode("latin-1").rsplit(":", 1)[0]
        if self._hosts is not None and host not in self._hosts:
            return 421  # a name that is not ours: somebody points their domain at this machine
        return 0 if _ALLOWED.match(scope["path"]) and ".." not in scope["path"] else 404

    def _with_headers(self, send: Any) -> Callable[[dict[str, Any]], Any]:
        async def sending(message: dict[str, Any]) -> None:
            if message["type"] == "http.response.start":
                message = message | {"headers": [*message.get("headers", []), *self._extra]}
            await send(message)

        return sending


async def _answer(send: Any, status: int, extra: list[tuple[bytes, bytes]]) -> None:
    body = {404: b"Tidak ada halaman di alamat ini.", 421: b"Nama ini bukan milik Kendali."}[status]
    kind = (b"content-type", b"text/plain; charset=utf-8")
    await send({"type": "http.response.start", "status": status, "headers": [kind, *extra]})
    await send({"type": "http.response.body", "body": body})


class Compressed:
    """Static answers kept compressed: made once, told apart by ETag, fingerprinted ones for ever."""

    def __init__(self, app: App, assets: Path) -> None:
        self._app, self._assets = app, assets.resolve()
        self._kept: dict[tuple[str, str], tuple[list[tuple[bytes, bytes]], bytes]] = {}

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        """Serve scripts and styles from memory, anything else from the application."""
        path = scope.get("path", "")
        if scope["type"] != "http" or scope["method"] != "GET" or not path.endswith(_TYPES):
            await self._app(scope, receive, send)
            return
        asked = dict(scope["headers"])
        coding = (
            "br"
            if b"br" in asked.get(b"accept-encoding", b"")
            else ("gzip" if b"gzip" in asked.get(b"accept-encoding", b"") else "")
        )
        if (path, coding) not in self._kept:
            status, content = await self._fetch(scope, receive)
            if status != 200:
                await _forward(send, status, content)
                return
            self._kept[path, coding] = _packed(path, coding, content)
        head, body = self._kept[path, coding]
        fresh = asked.get(b"if-none-match") == dict(head)[b"etag"]
        await send({"type": "http.response.start", "status": 304 if fresh else 200, "headers": head})
        await send({"type": "http.response.body", "body": b"" if fresh else body})

    async def _fetch(self, scope: Scope, receive: Any) -> tuple[int, bytes]:
        found: dict[str, Any] = {"status": 500, "body": b""}

        async def keep(message: dict[str, Any]) -> None:
            if message["type"] == "http.response.start":
                found["status"] = message["status"]
            else:
                found["body"] += message.get("body", b"")

        plain = [(key, value) for key, value in scope["headers"] if key not in (b"accept-encoding", b"if-none-match")]
        await self._app(scope | {"headers": plain}, receive, keep)
        return found["status"], found["body"]


async def _forward(send: Any, status: int, content: bytes) -> None:
    await send({"type": "http.response.start", "status": status, "headers": [(b"content-type", b"text/plain")]})
    await send({"type": "http.response.body", "body": content if status == 404 else b""})


def _packed(path: str, coding: str, content: bytes) -> tuple[list[tuple[bytes, bytes]], bytes]:
    tag = f'"{sha256(content).hexdigest()[:24]}"'.encode()
    if path.endswith(".woff2"):
        coding = ""  # compressed by itself
    body = {"br": lambda: brotli.compress(content, quality=9), "gzip": lambda: gzip.compress(content, 6)}.get(
        coding, lambda: content
    )()
    # Dash puts a version or a modification time into the URL of what it lists; a worker is fetched by name.
    cache = b"no-cache" if path.endswith("worker.js") else b"public, max-age=31536000, immutable"
    head = [
        (b"content-type", (mimetypes.guess_type(path)[0] or "text/javascript").encode()),
        (b"cache-control", cache),
        (b"etag", tag),
        (b"vary", b"accept-encoding"),
        (b"content-length", str(len(body)).encode()),
    ]
    return head + ([(b"content-encoding", coding.encode())] if coding else []), body
