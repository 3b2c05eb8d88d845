"""The Open311 GeoReport v2 server of the simulated city, on 127.0.0.1 only, with faults on demand.

GET  /open311/v2/services.json|xml, /services/{code}.json|xml
GET  /open311/v2/requests.json|xml (filters, pages, 90 days), /requests/{id}.json|xml
POST /open311/v2/requests.json|xml files a complaint that every later GET shows
POST /_faults  {"fault": "html" (every name: simulation.faults.KINDS),
                "prefix": "/open311/", "count": 3, "seconds": 3}
     spoils the next GET answers; {"fault": null} forgets all orders
GET  /recorded/... serves a folder of recorded answers; /health says that it runs
The other systems of the city (simulation.services) answer under paths of their own.
"""

import json
import mimetypes
import sys
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

from simulation import services as services_of
from simulation.faults import Fault, Faults
from simulation.messages import Request
from simulation.open311 import Office, definition, services
from simulation.quirks import Quirks, Refused, Row, dressed
from simulation.spoiling import instead, spoiled
from simulation.town import Town

PREFIX = "/open311/v2/"
_LARGEST_FORM = 64_000
_TYPES = {"json": "application/json; charset=utf-8", "xml": "text/xml; charset=utf-8"}


class Desk(BaseHTTPRequestHandler):
    """One connection to the complaints desk."""

    protocol_version = "HTTP/1.1"
    timeout = 60
    office: Office
    faults: Faults
    recorded: Path | None = None

    def log_message(self, format: str, *args: object) -> None:
        """Stay quiet: the supervisor's log is for what matters."""

    def date_time_string(self, timestamp: float | None = None) -> str:
        """The Date of an answer is the city's time, which a test may set."""
        return super().date_time_string(self.office.clock().timestamp() if timestamp is None else int(timestamp))

    def do_GET(self) -> None:  # noqa: N802 - named by the standard library
        path = unquote(urlsplit(self.path).path)
        if path == "/health":
            return self._send(200, b'{"status": "ok", "simulated": true}', _TYPES["json"])
        if path.startswith("/recorded/"):
            return self._recording(path.removeprefix("/recorded/"))
        if services_of.find(path):
            return self._serve(path, b"")
        return self._answer(path, lambda name, form: self._get(name, form))

    def do_POST(self) -> None:  # noqa: N802 - named by the standard library
        length = self.headers.get("Content-Length", "0")
        if not length.isdecimal() or int(length) > _LARGEST_FORM:
            self.close_connection = True
            return self._error(400, "the form is too large", "json")
        raw = self.rfile.read(int(length))
        body, path = raw.decode(errors="replace"), unquote(urlsplit(self.path).path)
        if self.path == "/_faults":
            return self._order(body)
        if services_of.find(path):
            return self._serve(path, raw)
        return self._answer(urlsplit(self.path).path, lambda name, form: self._file(name, form, body))

    def _serve(self, path: str, body: bytes) -> None:
        prefix, service = services_of.find(path) or ("", None)
        assert service
        asked = Request(self.command, path.removeprefix(prefix), self._query(), self.headers, body, self.office.clock())
        found = service(self.office.town, asked)
        self._send(found.status, found.body, found.kind, found.headers)

    def _answer(self, path: str, work: Callable[[str, str], None]) -> None:
        name, _, form = path.removeprefix(PREFIX).rpartition(".")
        if not path.startswith(PREFIX) or form not in _TYPES:
            return self._error(404, "no such resource", "json")
        try:
            self.office.quirks.check(self._query(), self.headers)
            return work(name, form)
        except Refused as refused:
            return self._error(refused.code, refused.text, form)

    def _get(self, name: str, form: str) -> None:
        kind, _, key = name.partition("/")
        if name == "services":
            return self._rows(services(), form, "services", "service")
        if name == "requests":
            return self._requests(self.office.found(self._query()), form)
        if kind == "services" and key:
            return self._one(definition(key), form, "service_definition")
        if kind == "requests" and key:
            return self._requests(self.office.named([key]), form)
        raise Refused(404, "no such resource")

    def _file(self, name: str, form: str, body: str) -> None:
        if name != "requests":
            raise Refused(404, "no such resource")
        key = self.office.file({field: values[0] for field, values in parse_qs(body).items()})
        made = {"service_request_id": key, "service_notice": "simulasi", "account_id": "", "simulated": True}
        return self._rows([made], form, "service_requests", "request")

    def _query(self) -> dict[str, str]:
        return {field: values[0] for field, values in parse_qs(urlsplit(self.path).query).items()}

    def _order(self, body: str) -> None:
        try:
            wanted = json.loads(body)
            if wanted["fault"] is None:
                self.faults.clear()
            else:
                self.faults.order(Fault(**wanted))
        except (KeyError, TypeError, ValueError) as error:
            return self._error(400, str(error), "json")
        return self._send(200, b"{}", _TYPES["json"])

    def _recording(self, name: str) -> None:
        folder = self.recorded.resolve() if self.recorded else None
        file = (folder / name).resolve() if folder else None
        if folder is None or file is None or not file.is_relative_to(folder) or not file.is_file():
            return self._error(404, "no such recording", "json")
        kind = _TYPES.get(file.suffix[1:]) or mimetypes.guess_type(file.name)[0] or "application/octet-stream"
        return self._send(200, file.read_bytes(), kind)

    def _requests(self, rows: list[Row], form: str) -> None:
        rows = dressed(rows, self.office.quirks)
        if form == "json" and self.office.quirks.xml_only:
            return self._send(200, json.dumps({"requests": {"request": rows}}).encode(), _TYPES[form])
        if form == "json" and self.office.quirks.single_object and len(rows) == 1:
            return self._send(200, json.dumps(rows[0]).encode(), _TYPES[form])
        return self._rows(rows, form, "service_requests", "request")

    def _rows(self, rows: list[Row], form: str, outer: str, inner: str) -> None:
        if form == "json":
            return self._send(200, json.dumps(rows).encode(), _TYPES[form])
        items = "".join(f"<{inner}>{_fields(row)}</{inner}>" for row in rows)
        return self._send(200, f"{_XML}<{outer}>{items}</{outer}>".encode(), _TYPES[form])

    def _one(self, row: Row, form: str, name: str) -> None:
        text = json.dumps(row) if form == "json" else f"{_XML}<{name}>{_fields(row)}</{name}>"
        return self._send(200, text.encode(), _TYPES[form])

    def _error(self, code: int, text: str, form: str) -> None:
        error = {"code": code, "description": text}
        xml = f"{_XML}<errors><error>{_fields(error)}</error></errors>"
        return self._send(code, (json.dumps([error]) if form == "json" else xml).encode(), _TYPES[form])

    def _send(self, code: int, body: bytes, kind: str, more: Mapping[str, str] | None = None) -> None:
        fault = self.faults.take(self.path) if self.command == "GET" else None
        if fault and instead(self, fault, self.faults):
            return
        if fault and fault.fault == "slow":
            self.faults.hold(fault)
        code, body, kind, length = spoiled(fault.fault if fault else "", code, body, kind)
        self.close_connection = self.close_connection or len(body) < length
        self.send_response(code)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(length))
        if self.office.quirks.breaks_deflate and "deflate" in self.headers.get("Accept-Encoding", ""):
            self.send_header("Content-Encoding", "deflate")
        for name, value in (more or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


_XML = "<?xml version='1.0' encoding='utf-8'?>"


def _fields(row: dict[str, Any]) -> str:
    """XML writes true and false in lower case, and nothing for an empty list."""
    texts = {key: str(v).lower() if isinstance(v, bool) else "" if v == [] else str(v) for key, v in row.items()}
    return "".join(f"<{key}>{escape(text)}</{key}>" for key, text in texts.items())


class Server(ThreadingHTTPServer):
    """A thread a connection; a caller that hangs up is no error of ours."""

    daemon_threads = True
    office: Office
    faults: Faults

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)

    def stop(self) -> None:
        """Answer no more and free the port."""
        self.faults.closing.set()
        self.shutdown()
        self.server_close()


def start(
    town: Town,
    folder: Path,
    *,
    port: int = 0,
    recorded: Path | None = None,
    clock: Callable[[], datetime] | None = None,
    quirks: Quirks | None = None,
) -> tuple[Server, Office]:
    """A running server on 127.0.0.1 (port 0: a free one, see ``server_address``) and its Office; ``stop()`` ends it."""
    office, faults = Office(town, folder, clock or (lambda: datetime.now(UTC)), quirks or Quirks()), Faults()
    handler = type("Desk", (Desk,), {"office": office, "faults": faults, "recorded": recorded})
    server = Server(("127.0.0.1", port), handler)
    server.office, server.faults = office, faults
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server, office
