"""What stands before every answer: allowed paths and hosts, security headers, no soft 404.

Pure ASGI, because a wrapped response would hold the stream back.
"""

import ipaddress
import re
from collections.abc import Callable, Iterable
from contextvars import ContextVar
from typing import Any
from urllib.parse import urlsplit

Scope, App, Headers = dict[str, Any], Any, list[tuple[bytes, bytes]]

_OURS = ("/", "/healthz", "/stream", "/_dash-layout", "/_dash-dependencies", "/_favicon.ico")
#: What our own pages post to.
_POSTED = ("/_dash-update-component", "/screens/report")
_SUITES = re.compile(r"^/_dash-component-suites/[\w-]+(/[\w@.-]+)+\.(js|css|map|woff2?)$")
#: Signed by who sends, so it may come from anywhere.
_INGEST = re.compile(r"^/ingest/[^/]+$")
_WORDS = {
    403: "Permintaan ini datang dari halaman lain.",
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


#: The request that is being answered; None outside of one.
asked: ContextVar[Scope | None] = ContextVar("asked", default=None)


def from_this_machine() -> bool:
    """Whether the request that is being answered comes from this machine (or from a proxy on it)."""
    client = ((asked.get() or {}).get("client") or ("",))[0]
    try:
        return ipaddress.ip_address(client).is_loopback
    except ValueError:
        return False


def _foreign(head: dict[bytes, bytes]) -> bool:
    """Whether a browser sends this for a page that is not ours (cross-site request forgery).

    Browsers say so themselves; older ones, and those on plain HTTP, name the page's origin. Programs say neither.
    """
    site = head.get(b"sec-fetch-site")
    if site is not None:
        # Not by the names: a proxy may have put its own in the place of ours.
        return site not in (b"same-origin", b"none")
    origin, host = head.get(b"origin"), head.get(b"host", b"")
    return origin is not None and _name(origin.decode("latin-1")) != _name(f"//{host.decode('latin-1')}")


def _name(address: str) -> str | None:
    try:
        return urlsplit(address).hostname
    except ValueError:
        return None


class Guard:
    """Wraps the application. ``paths`` are answered besides Dash's own; ``hosts`` None answers any name.

    ``ingest``: whether deliveries are passed on, to whichever source they name.
    """

    def __init__(
        self, app: App, extra: Headers, paths: Iterable[str], hosts: frozenset[str] | None, *, ingest: bool = False
    ) -> None:
        self._app, self._extra, self._paths, self._hosts = app, extra, {*_OURS, *paths}, hosts
        self._ingest = ingest

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        """One request."""
        if scope["type"] == "http":
            asked.set(scope)
            status = self._refusal(scope)
            sending = self._with_headers(send)
            await (_refuse(sending, status) if status else self._app(scope, receive, sending))
        elif scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            # Kendali pushes by server-sent events; nothing of ours speaks over a websocket.
            await send({"type": "websocket.close", "code": 1008})

    def _refusal(self, scope: Scope) -> int:
        head = dict(scope["headers"])
        host = head.get(b"host", b"").decode("latin-1")
        if self._hosts is not None and re.sub(r":\d+$", "", host).lower() not in self._hosts:
            return 421  # a name that is not ours: somebody points their domain at this machine
        path = scope["path"]
        if path in _POSTED:
            return 405 if scope["method"] != "POST" else 403 if _foreign(head) else 0
        if self._ingest and _INGEST.match(path):
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
