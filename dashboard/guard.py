"""What stands before every answer: allowed paths and hosts, security headers, no soft 404.

Pure ASGI, because a wrapped response would hold the stream back.
"""

import ipaddress
import re
from collections.abc import Callable, Iterable
from contextvars import ContextVar
from typing import Any
from urllib.parse import urlsplit

from city.texts import N_

Scope, App, Headers = dict[str, Any], Any, list[tuple[bytes, bytes]]

_OURS = ("/", "/healthz", "/stream", "/_dash-layout", "/_dash-dependencies", "/_favicon.ico")
#: What our own pages post to.
_POSTED = ("/_dash-update-component", "/screens/report", "/wrong-number")
#: Where a screen that may not look asks how it stands.
PAIR = "/screens/pair"
#: What a screen that may not look gets all the same: how to show that, nothing of the city. Deliveries are signed.
_FOR_ALL = re.compile(r"^(/assets/.+|/_favicon\.ico|/healthz|/screens/pair|/ingest/[^/]+)$")
_SUITES = re.compile(r"^/_dash-component-suites/[\w-]+(/[\w@.-]+)+\.(js|css|map|woff2?)$")
#: The data API and the definitions of numbers: which metrics there are, they say themselves.
_NAMED = re.compile(r"^(/api/v1/(metrics(/[^/]+)?|cases|openapi\.json)|/definition/[a-z0-9_]+)$")
#: Signed by who sends, so it may come from anywhere.
_INGEST = re.compile(r"^/ingest/[^/]+$")
_WORDS = {
    403: N_("Permintaan ini datang dari halaman lain."),
    404: N_("Tidak ada halaman di alamat ini."),
    405: N_("Cara ini tidak dilayani di alamat ini."),
    421: N_("Nama ini bukan milik Kendali."),
}

_NOT_ALLOWED = N_("Layar ini tidak diizinkan.")
#: By this a wall knows that it may not look any more (assets/report.js); not by 403 alone, which a proxy may say.
_REFUSED: Headers = [(b"x-kendali-screen", b"refused")]


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


def cookie(scope: Scope, name: str) -> str:
    """A cookie of a request; empty when there is none."""
    sent = b"; ".join(value for key, value in scope["headers"] if key == b"cookie").decode("latin-1")
    return dict(part.strip().partition("=")[::2] for part in sent.split(";")).get(name, "")


def may_act() -> bool:
    """Whether whoever asks may do more than look: a paired screen may not, except on this machine.

    What acts (runs a source, accepts a shape) asks here, until there are identities.
    """
    return not (asked.get() or {}).get("kendali.paired") or from_this_machine()


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

    ``ingest``: whether deliveries are passed on, to whichever source they name. ``pairing``: says whether a request
    may look (by its cookie), and gives the page for one that may not; None = whoever reaches this address may.
    ``t`` says a refusal in the region's language.
    """

    def __init__(
        self, app: App, extra: Headers, paths: Iterable[str], hosts: frozenset[str] | None, *, ingest: bool = False,
        pairing: Any = None, t: Callable[[str], str] = str,
    ) -> None:  # fmt: skip
        self._app, self._extra, self._paths, self._hosts = app, extra, {*_OURS, *paths}, hosts
        self._ingest, self._pairing, self._t = ingest, pairing, t
        self._pages = {"/", *self._paths.difference(_OURS)}

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        """One request."""
        if scope["type"] == "http":
            asked.set(scope)
            await self._answer(scope, receive, self._with_headers(send))
        elif scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            # Kendali pushes by server-sent events; nothing of ours speaks over a websocket.
            await send({"type": "websocket.close", "code": 1008})

    async def _answer(self, scope: Scope, receive: Any, sending: Any) -> None:
        if status := self._refusal(scope):
            allow = [(b"allow", b"POST" if scope["method"] in ("GET", "HEAD") else b"GET")] if status == 405 else None
            await _send(sending, status, self._t(_WORDS[status]).encode(), b"text/plain", allow)
        elif self._pairing is None or _FOR_ALL.match(scope["path"]):
            await self._app(scope, receive, sending)
        elif not self._pairing.allows(scope):
            page = self._pairing.html(scope) if scope["path"] in self._pages else b""
            told = page or self._t(_NOT_ALLOWED).encode()
            await _send(sending, 403, told, b"text/html" if page else b"text/plain", _REFUSED)
        else:
            scope["kendali.paired"] = True
            await self._app(scope, receive, self._while_allowed(scope, sending))

    def _while_allowed(self, scope: Scope, sending: Any) -> Callable[[dict[str, Any]], Any]:
        """Ends an answer that is still on its way, as a stream is, when its screen is revoked.

        uvicorn then tells the application that the viewer has gone, as at any other end.
        """
        ended = False

        async def going_on(message: dict[str, Any]) -> None:
            nonlocal ended
            if ended:
                return
            ended = message["type"] == "http.response.body" and not self._pairing.allows(scope)
            await sending({"type": "http.response.body", "body": b""} if ended else message)

        return going_on

    def _refusal(self, scope: Scope) -> int:
        head = dict(scope["headers"])
        host = head.get(b"host", b"").decode("latin-1")
        if self._hosts is not None and re.sub(r":\d+$", "", host).lower() not in self._hosts:
            return 421  # a name that is not ours: somebody points their domain at this machine
        path = scope["path"]
        if path in _POSTED or (path == PAIR and self._pairing):
            return 405 if scope["method"] != "POST" else 403 if _foreign(head) else 0
        if self._ingest and _INGEST.match(path):
            return 0 if scope["method"] == "POST" else 405
        if path not in self._paths and not _NAMED.match(path) and (not _SUITES.match(path) or "/.." in path):
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


async def _send(send: Any, status: int, body: bytes, kind: bytes, more: Headers | None = None) -> None:
    head = [(b"content-type", kind + b"; charset=utf-8"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": [*head, *(more or [])]})
    await send({"type": "http.response.body", "body": body})
