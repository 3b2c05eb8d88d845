"""What stands before every answer: allowed paths and hosts, security headers, no soft 404.

Pure ASGI, because a wrapped response would hold the stream back.
"""

import re
from collections.abc import Callable, Iterable
from typing import Any

Scope, App, Headers = dict[str, Any], Any, list[tuple[bytes, bytes]]

_OURS = ("/", "/healthz", "/stream", "/_dash-layout", "/_dash-dependencies", "/_favicon.ico")
_CALLBACKS = "/_dash-update-component"
_SUITES = re.compile(r"^/_dash-component-suites/[\w-]+(/[\w@.-]+)+\.(js|css|map|woff2?)$")
_WORDS = {
    404: "Tidak ada halaman di alamat ini.",
    405: "Cara ini tidak dilayani di alamat ini.",
    421: "Nama ini bukan milik Kendali.",
}


def headers(script_hashes: Iterable[str]) -> Headers:
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
    """Wraps the application. ``paths`` are answered besides Dash's own; ``hosts`` None answers any name."""

    def __init__(self, app: App, extra: Headers, paths: Iterable[str], hosts: frozenset[str] | None) -> None:
        self._app, self._extra, self._paths, self._hosts = app, extra, {*_OURS, *paths}, hosts

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        """One request."""
        if scope["type"] == "http":
            status = self._refusal(scope)
            sending = self._with_headers(send)
            await (_refuse(sending, status) if status else self._app(scope, receive, sending))
        elif scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            # Kendali pushes by server-sent events; nothing of ours speaks over a websocket.
            await send({"type": "websocket.close", "code": 1008})

    def _refusal(self, scope: Scope) -> int:
        host = dict(scope["headers"]).get(b"host", b"").decode("latin-1")
        if self._hosts is not None and re.sub(r":\d+$", "", host).lower() not in self._hosts:
            return 421  # a name that is not ours: somebody points their domain at this machine
        path = scope["path"]
        if path == _CALLBACKS:
            return 0 if scope["method"] == "POST" else 405
        if path not in self._paths and (not _SUITES.match(path) or "/.." in path):
            return 404
        return 0 if scope["method"] in ("GET", "HEAD") else 405

    def _with_headers(self, send: Any) -> Callable[[dict[str, Any]], Any]:
        async def sending(message: dict[str, Any]) -> None:
            if message["type"] == "http.response.start":
                given = message.get("headers", [])
                cached = any(name.lower() == b"cache-control" for name, _ in given)
                more = self._extra if cached else [(b"cache-control", b"no-store"), *self._extra]
                message = message | {"headers": [*given, *more]}
            await send(message)

        return sending


async def _refuse(send: Any, status: int) -> None:
    body = _WORDS[status].encode()
    head = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": head})
    await send({"type": "http.response.body", "body": body})
