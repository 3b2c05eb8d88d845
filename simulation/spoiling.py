"""How an answer is spoiled: what a broken, a hostile or a dying server sends instead of it."""

import gzip
import socket
import struct
from functools import cache
from http.server import BaseHTTPRequestHandler

from simulation.faults import Fault, Faults

_BLOCK, _HUGE, _BOMB = b" " * 65_536, 5 * 1024**3, 100_000_000
_CODES = {"401": 401, "429": 429, "500": 500}


def spoiled(fault: str, code: int, body: bytes, kind: str) -> tuple[int, bytes, str, int]:
    """Code, body, type and promised length of an answer that still is one."""
    if fault in _CODES:
        code, body = _CODES[fault], b'[{"code": %d, "description": "simulated fault"}]' % _CODES[fault]
    if fault == "html":
        body, kind = b"<!doctype html><title>Pemeliharaan</title>", "text/html; charset=utf-8"
    if fault == "empty":
        body = b""
    return code, body[: len(body) // 2] if fault == "truncate" else body, kind, len(body)


def instead(handler: BaseHTTPRequestHandler, fault: Fault, faults: Faults) -> bool:
    """Whether something else than an answer was sent: nothing, a drip, a stream without end, a bomb, a circle."""
    send = {"timeout": _nothing, "reset": _reset, "drip": _drip, "endless": _endless, "huge": _huge, "bomb": _bomb,
            "redirect": _circle}.get(fault.fault)  # fmt: skip
    if send is None:
        return False
    handler.close_connection = True
    send(handler, fault, faults)
    return True


def _nothing(handler: BaseHTTPRequestHandler, fault: Fault, faults: Faults) -> None:
    faults.hold(fault)


def _reset(handler: BaseHTTPRequestHandler, fault: Fault, faults: Faults) -> None:
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.connection.close()


def _head(handler: BaseHTTPRequestHandler, code: int = 200, **headers: str) -> None:
    handler.send_response(code)
    for name, value in ({"Content_Type": "application/json"} | headers).items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()


def _drip(handler: BaseHTTPRequestHandler, fault: Fault, faults: Faults) -> None:
    _head(handler, Content_Length="100000")
    for _ in range(int(fault.seconds)):
        handler.wfile.write(b"[")
        if faults.closing.wait(1.0):
            return


def _endless(handler: BaseHTTPRequestHandler, fault: Fault, faults: Faults) -> None:
    _head(handler, Connection="close")
    while not faults.closing.wait(0.001):
        handler.wfile.write(_BLOCK)  # until whoever asked hangs up


def _huge(handler: BaseHTTPRequestHandler, fault: Fault, faults: Faults) -> None:
    _head(handler, Content_Length=str(_HUGE))
    handler.wfile.write(_BLOCK)


@cache
def _packed() -> bytes:
    return gzip.compress(b" " * _BOMB, 1)


def _bomb(handler: BaseHTTPRequestHandler, fault: Fault, faults: Faults) -> None:
    _head(handler, Content_Encoding="gzip", Content_Length=str(len(_packed())))
    handler.wfile.write(_packed())


def _circle(handler: BaseHTTPRequestHandler, fault: Fault, faults: Faults) -> None:
    _head(handler, 302, Location=handler.path, Content_Length="0")
