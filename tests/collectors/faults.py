"""What goes wrong with a city system, on a real wire: each fault spoils the good answers of a small server.

``FAULTS`` are those of an HTTP service: name -> how it is spoiled, the code of the error and words of its text.
"""

import gzip
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

from conftest import Answer, Quiet

#: The limits of the session that meets the faults.
READ_S, BODY_S, MAX_BYTES = 0.4, 0.8, 200_000


class Asked(NamedTuple):
    """One request as a good answer sees it."""

    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


class Service:
    """A server at ``url``: ``good`` answers, unless ``fault`` is set and spoils it."""

    def __init__(self, good: Callable[[Asked], Answer]) -> None:
        self.good, self.url, self.port = good, "", 0
        self.fault: Callable[[Wire, Answer], None] | None = None
        self.release = threading.Event()
        self.asked = 0


class Wire:
    """One connection: whole answers, or bytes as they come."""

    def __init__(self, handler: Any, release: threading.Event) -> None:
        self._out, self.release = handler.wfile, release

    def answer(self, status: int = 200, headers: Mapping[str, str] | None = None, body: bytes = b"") -> None:
        self.head(status, {"Content-Length": str(len(body))} | dict(headers or {}))
        self.send(body)

    def head(self, status: int, headers: Mapping[str, str]) -> None:
        lines = [f"HTTP/1.1 {status} X", "Connection: close", *(f"{name}: {text}" for name, text in headers.items())]
        self.send("\r\n".join([*lines, "", ""]).encode())

    def send(self, part: bytes) -> None:
        self._out.write(part)
        self._out.flush()

    def drip(self, whole: bytes) -> None:
        """A byte at a time, each well within the time-out of a read, for as long as somebody listens."""
        for byte in whole:
            self.send(bytes([byte]))
            if self.release.wait(READ_S / 4):
                return


@contextmanager
def serving(good: Callable[[Asked], Answer], tls: ssl.SSLContext | None = None) -> Iterator[Service]:
    """A running service; whoever it keeps waiting is released at the end."""
    made = Service(good)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            sent = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            made.asked += 1
            answer, wire = made.good(Asked(parts.path, query, self.headers, sent)), Wire(self, made.release)
            if made.fault:
                made.fault(wire, answer)
            else:
                wire.answer(*answer)
            self.close_connection = True

        do_POST = do_GET

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    server = Quiet(("127.0.0.1", 0), Handler)
    made.port = server.server_address[1]
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    made.url = f"http{'s' if tls else ''}://127.0.0.1:{made.port}"
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()  # so often it looks for its end
    try:
        yield made
    finally:
        made.release.set()
        server.shutdown()
        server.server_close()


def _late(wire: Wire, good: Answer) -> None:
    wire.release.wait(READ_S * 4)
    wire.answer(*good)


def _never(wire: Wire, good: Answer) -> None:
    wire.release.wait(30)


def _dripping(wire: Wire, good: Answer) -> None:
    wire.head(200, {"Content-Length": "5000"})
    wire.drip(b"[" * 5000)


def _dripping_head(wire: Wire, good: Answer) -> None:
    wire.drip(b"HTTP/1.1 200 OK\r\nX-Slow: " + b"x" * 5000)


def _dripping_chunks(wire: Wire, good: Answer) -> None:
    wire.head(200, {"Transfer-Encoding": "chunked"})
    wire.drip(b"1;" + b"x" * 5000)


def _endless(wire: Wire, good: Answer) -> None:
    wire.head(200, {"Transfer-Encoding": "chunked"})
    until = time.monotonic() + 20
    while time.monotonic() < until and not wire.release.is_set():
        wire.send(b"1000\r\n" + b" " * 0x1000 + b"\r\n")


def _declared_huge(wire: Wire, good: Answer) -> None:
    wire.head(200, {"Content-Length": str(10**12)})
    wire.release.wait(10)


def _bomb(wire: Wire, good: Answer) -> None:
    wire.answer(200, {"Content-Encoding": "gzip"}, gzip.compress(b" " * 20_000_000))


def _truncated(wire: Wire, good: Answer) -> None:
    status, headers, body = good
    wire.answer(status, headers | {"Content-Length": str(len(body))}, body[: len(body) // 2])


def _cut(wire: Wire, good: Answer) -> None:
    # Whole as far as HTTP can tell: the program that wrote it died.
    status, headers, body = good
    wire.answer(status, headers, body[: len(body) // 2])


def _always(status: int, headers: Mapping[str, str] | None = None, body: bytes = b"") -> Callable[[Wire, Answer], None]:
    return lambda wire, good: wire.answer(status, headers, body)


def _circle(wire: Wire, good: Answer) -> None:
    wire.head(302, {"Location": "/again", "Content-Length": str(10**9)})  # and a body nobody wants
    wire.send(b" " * 1000)


class Fault(NamedTuple):
    """``code`` and ``text`` of the error it must end in; ``url`` changes the address instead of the answers."""

    spoil: Callable[[Wire, Answer], None] | None
    code: str
    text: str
    url: Callable[[Service], str] | None = None


#: On a busy machine two of its bytes may be farther apart than the read time-out: that is said instead.
STOPPED = "took longer than 0.8 s|no answer in time"
FAULTS = {
    "slow": Fault(_late, "K-101", "no answer in time"),
    "never_answers": Fault(_never, "K-101", "no answer in time"),
    "drips": Fault(_dripping, "K-101", STOPPED),
    "drips_its_headers": Fault(_dripping_head, "K-101", "no answer in time"),
    "drips_its_chunks": Fault(_dripping_chunks, "K-101", STOPPED),
    "endless": Fault(_endless, "K-103", "larger than 200000 bytes"),
    "declared_too_large": Fault(_declared_huge, "K-103", "larger than 200000 bytes"),
    "gzip_bomb": Fault(_bomb, "K-103", "larger than 200000 bytes"),
    "redirects_in_a_circle": Fault(_circle, "K-101", "redirects in a circle"),
    "no_such_name": Fault(None, "K-101", "no such host name", lambda service: "http://desk.invalid"),
    "no_tls": Fault(None, "K-101", "TLS", lambda service: service.url.replace("http:", "https:")),
    "nobody_listens": Fault(None, "K-101", "no connection", lambda service: "http://127.0.0.1:9"),
    "breaks": Fault(_always(500, body=b"Budi 0812"), "K-102", "HTTP 500"),
    "endless_and_busy": Fault(lambda wire, good: _busy(wire), "K-102", "HTTP 503"),
    "wrong_key": Fault(_always(401), "K-102", "HTTP 401"),
    "forbidden": Fault(_always(403, body=b"key 12345"), "K-102", "HTTP 403"),
    "too_often": Fault(_always(429, {"Retry-After": "1"}), "K-102", "HTTP 429"),
    "much_too_often": Fault(_always(429, {"Retry-After": "3600"}), "K-102", "may be asked again in 3600 s"),
    "hangs_up": Fault(lambda wire, good: None, "K-101", "no connection"),
    "html": Fault(_always(200, {"Content-Type": "text/html"}, b"<!doctype html><p>Budi"), "K-103", "HTML"),
    "empty": Fault(_always(200), "K-103", "empty"),
    "truncated": Fault(_truncated, "K-103", "broke off"),
    "cut_off": Fault(_cut, "K-103", "broken or cut off"),
    "another_type": Fault(_always(200, body=b'"Budi"'), "K-103", ""),
}


def _busy(wire: Wire) -> None:
    wire.head(503, {"Transfer-Encoding": "chunked"})
    while not wire.release.is_set():
        wire.send(b"1000\r\n" + b" " * 0x1000 + b"\r\n")
