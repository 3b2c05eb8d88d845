"""Static answers, compressed once and kept in memory: the assets, and the scripts that the page lists.

The set is closed when the server starts: no request can add to it, nor reach any other file.
"""

import asyncio
import gzip
import mimetypes
import re
from collections.abc import Mapping
from hashlib import blake2b
from pathlib import Path
from typing import Any, NamedTuple

import brotli

Scope, App = dict[str, Any], Any

#: Already compressed by themselves.
_PACKED = (".woff2", ".png", ".ico", ".gz")
#: Dash puts a version into the path, or a time of change into the query, of what it lists.
_FINGERPRINT = re.compile(r"\.v[\w.]+m\d+\.")
_FOR_EVER, _ASK = b"public, max-age=31536000, immutable", b"no-cache"
#: A coding that is accepted: named, and not with a quality of zero.
_CODING = re.compile(r"\b(br|gzip)\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))")
_LISTED = re.compile(r"""(?:src|href)="(/_dash-component-suites/[^"?]+)""")


class File(NamedTuple):
    """One file in every coding we answer in."""

    kind: bytes
    tag: str
    plain: bytes
    coded: Mapping[str, bytes]


def packed(path: str, content: bytes) -> File:
    """A file made ready: about 0.2 s per megabyte."""
    kind = mimetypes.guess_type(path)[0] or "application/octet-stream"
    kind = kind + "; charset=utf-8" if kind.startswith("text/") else kind
    tag = blake2b(content, digest_size=12).hexdigest()
    if path.endswith(_PACKED):
        return File(kind.encode(), tag, content, {})
    coded = {"br": brotli.compress(content, quality=9), "gzip": gzip.compress(content, 6)}
    return File(kind.encode(), tag, content, coded)


def assets(folder: Path, url: str = "/assets/") -> dict[str, bytes]:
    """Every file below ``folder`` by its address."""
    found = sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))
    return {url + path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


class Static:
    """Answers the files it holds; everything else is the application's."""

    def __init__(self, app: App, contents: Mapping[str, bytes]) -> None:
        self._app = app
        self.files = {path: packed(path, content) for path, content in contents.items()}

    async def add_listed(self, index: str, fetch: Any) -> None:
        """Take in the scripts that the page ``index`` lists; ``fetch`` gets one by its address."""
        for path in dict.fromkeys(_LISTED.findall(index)):
            content = await fetch(path)
            self.files[path] = await asyncio.to_thread(packed, path, content)

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        """One request."""
        file = self.files.get(scope["path"]) if scope["type"] == "http" else None
        if file is None:
            await self._app(scope, receive, send)
            return
        asked = dict(scope["headers"])
        status, head, body = _answer(file, scope, asked)
        await send({"type": "http.response.start", "status": status, "headers": head})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})


def _answer(file: File, scope: Scope, asked: Mapping[bytes, bytes]) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
    accepted = _CODING.findall(asked.get(b"accept-encoding", b"").decode("latin-1"))
    coding = next((name for name in ("br", "gzip") if name in accepted and name in file.coded), "")
    body = file.coded[coding] if coding else file.plain
    tag = f'"{file.tag}{"-" + coding if coding else ""}"'.encode()
    known = _FINGERPRINT.search(scope["path"]) or re.search(rb"(^|&)(m|v)=", scope.get("query_string", b""))
    head = [(b"cache-control", _FOR_EVER if known else _ASK), (b"etag", tag), (b"vary", b"accept-encoding")]
    if asked.get(b"if-none-match") == tag:
        return 304, head, b""
    head += [(b"content-type", file.kind), (b"content-length", str(len(body)).encode())]
    return 200, [*head, (b"content-encoding", coding.encode())] if coding else head, body
