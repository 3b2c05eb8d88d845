"""The Open311 GeoReport v2 server of the simulated city, on 127.0.0.1 only, with faults on demand.

GET  /open311/v2/services.json|xml, /requests.json|xml (filters, pages, 90 days), /requests/{id}.json|xml
POST /open311/v2/requests.json|xml files a complaint that every later GET shows
POST /_faults  {"fault": "html|500|empty|truncate|slow", "count": 3} spoils the next answers
GET  /recorded/... serves a folder of recorded answers
"""

import json
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from xml.sax.saxutils import escape

from simulation.town import CATEGORIES, ZONE, Complaint, Town

PREFIX = "/open311/v2/"
PAGE_CAP = 500


class Office:
    """The complaints desk: what the town generates and what was filed by POST."""

    def __init__(self, town: Town, folder: Path, clock: Callable[[], datetime]) -> None:
        self.town, self.clock, self._file = town, clock, folder / "filed.json"
        self._lock, self._fault, self._left = threading.Lock(), "", 0
        self.ignore_page = False
        folder.mkdir(parents=True, exist_ok=True)

    def filed(self) -> list[dict[str, str]]:
        """Complaints that came by POST."""
        return json.loads(self._file.read_text()) if self._file.exists() else []

    def file(self, form: dict[str, str]) -> str:
        """Keep a new complaint; its id."""
        with self._lock:
            known, now = self.filed(), self.clock()
            key = f"SIM-{now:%y%m%d}-P{len(known) + 1:03}"
            name, agency, hours = _service(form["service_code"])
            due = now + timedelta(hours=hours)
            row = _row(
                key, "open", name, form["service_code"], agency, now, now, due, form.get("lat"), form.get("long")
            )
            fresh = self._file.with_suffix(".new")
            fresh.write_text(json.dumps([*known, row]))
            fresh.replace(self._file)
            return key

    def requests(self, start: datetime, end: datetime) -> list[dict[str, str]]:
        """Every complaint filed in the span and known by now, oldest first."""
        now, day, found = self.clock(), start.astimezone(ZONE).date(), []
        while day <= end.astimezone(ZONE).date():
            found += [
                _shown(c, now) for c in self.town.complaints(day) if start <= c.opened_at < end and c.opened_at <= now
            ]
            day += timedelta(days=1)
        posted = [row for row in self.filed() if start <= datetime.fromisoformat(row["requested_datetime"]) < end]
        return sorted(found + posted, key=lambda row: row["requested_datetime"])

    def spoil(self, fault: str, count: int) -> None:
        """The next ``count`` answers are faulty."""
        self._fault, self._left = fault, count

    def fault(self) -> str:
        """The fault of this answer, or nothing."""
        with self._lock:
            if self._left <= 0:
                return ""
            self._left -= 1
            return self._fault


def _service(code: str) -> tuple[str, str, int]:
    return next((name, agency, hours) for key, name, agency, hours, _ in CATEGORIES if key == code)


def _shown(c: Complaint, now: datetime) -> dict[str, str]:
    closed, routed = c.closed_at <= now, c.routed_at <= now
    updated = c.closed_at if closed else (c.routed_at if routed else c.opened_at)
    agency = c.agency if routed else ""
    lat, lon = f"{c.lat:.6f}", f"{c.lon:.6f}"
    return _row(c.key, "closed" if closed else "open", c.name, c.code, agency, c.opened_at, updated, c.due_at, lat, lon)


def _row(key, status, name, code, agency, opened, updated, due, lat, lon) -> dict[str, str]:  # type: ignore[no-untyped-def]
    stamps = {"requested_datetime": opened, "updated_datetime": updated, "expected_datetime": due}
    row = {"service_request_id": key, "status": status, "service_name": name, "service_code": code}
    row |= {"agency_responsible": agency, "lat": lat or "", "long": lon or "", "simulated": "true"}
    return row | {field: at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") for field, at in stamps.items()}


def services() -> list[dict[str, str]]:
    """The kinds of complaint, as GeoReport services."""
    return [
        {"service_code": code, "service_name": name, "metadata": "false", "type": "realtime", "group": agency}
        for code, name, agency, _, _ in CATEGORIES
    ]


class Desk(BaseHTTPRequestHandler):
    """One HTTP request at the complaints desk."""

    protocol_version = "HTTP/1.1"
    office: Office
    recorded: Path | None = None

    def log_message(self, format: str, *args: object) -> None:
        """Stay quiet: the supervisor's log is for what matters."""

    def do_GET(self) -> None:  # noqa: N802 - named by the standard library
        url = urlsplit(self.path)
        query = {key: values[0] for key, values in parse_qs(url.query).items()}
        if url.path == "/health":
            return self._send(200, b'{"simulated": true}', "json")
        if url.path.startswith("/recorded/") and self.recorded:
            return self._recording(url.path.removeprefix("/recorded/"))
        name, _, form = url.path.removeprefix(PREFIX).rpartition(".")
        if not url.path.startswith(PREFIX) or form not in ("json", "xml"):
            return self._error(404, "no such resource", "json")
        if name == "services":
            return self._rows(services(), form, "services", "service")
        try:
            return self._rows(self._found(name, query), form, "service_requests", "request")
        except LookupError:
            return self._error(404, "service_request_id was not found", form)
        except ValueError:
            return self._error(400, "start_date or end_date is not a date with a zone", form)

    def _found(self, name: str, query: dict[str, str]) -> list[dict[str, str]]:
        now = self.office.clock()
        wanted = query.get("service_request_id", name.partition("/")[2])
        end = _date(query.get("end_date"), now + timedelta(minutes=1))
        start = max(_date(query.get("start_date"), end - timedelta(days=90)), end - timedelta(days=91))
        if wanted:
            keys = set(wanted.split(","))
            rows = [
                row for row in self.office.requests(now - timedelta(days=400), now) if row["service_request_id"] in keys
            ]
            if not rows:
                raise LookupError(wanted)
            return rows
        if name != "requests":
            raise LookupError(name)
        rows = [row for row in self.office.requests(start, end) if query.get("status") in (None, row["status"])]
        if query.get("service_code"):
            rows = [row for row in rows if row["service_code"] in query["service_code"].split(",")]
        size = min(int(query.get("page_size", PAGE_CAP)), PAGE_CAP)
        first = 0 if self.office.ignore_page else (int(query.get("page", 1)) - 1) * size
        return rows[first : first + size]

    def do_POST(self) -> None:  # noqa: N802 - named by the standard library
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        if self.path == "/_faults":
            wanted = json.loads(body)
            self.office.spoil(wanted["fault"], int(wanted.get("count", 1)))
            return self._send(200, b"{}", "json")
        form = self.path.rpartition(".")[2]
        if self.path not in (f"{PREFIX}requests.json", f"{PREFIX}requests.xml"):
            return self._error(404, "no such resource", "json")
        fields = {key: values[0] for key, values in parse_qs(body).items()}
        if fields.get("service_code") not in [row[0] for row in CATEGORIES]:
            return self._error(400, "service_code is missing or unknown", form)
        key = self.office.file(fields)
        return self._rows(
            [{"service_request_id": key, "service_notice": "simulasi"}], form, "service_requests", "request"
        )

    def _recording(self, name: str) -> None:
        folder = self.recorded.resolve()  # type: ignore[union-attr]
        file = (folder / name).resolve()
        if not file.is_relative_to(folder) or not file.is_file():
            return self._error(404, "no such recording", "json")
        return self._send(200, file.read_bytes(), file.suffix[1:])

    def _rows(self, rows: list[dict[str, str]], form: str, outer: str, inner: str) -> None:
        if form == "json":
            return self._send(200, json.dumps(rows).encode(), form)
        items = ("".join(f"<{k}>{escape(v)}</{k}>" for k, v in row.items()) for row in rows)
        text = f"<?xml version='1.0' encoding='utf-8'?><{outer}>{''.join(f'<{inner}>{i}</{inner}>' for i in items)}</{outer}>"
        return self._send(200, text.encode(), form)

    def _error(self, code: int, text: str, form: str) -> None:
        if form == "xml":
            return self._send(
                code,
                f"<errors><error><code>{code}</code><description>{text}</description></error></errors>".encode(),
                form,
            )
        return self._send(code, json.dumps([{"code": code, "description": text}]).encode(), form)

    def _send(self, code: int, body: bytes, form: str) -> None:
        fault = self.office.fault() if self.path.startswith((PREFIX, "/recorded")) and self.command == "GET" else ""
        if fault == "slow":
            time.sleep(3)
        if fault == "500":
            code, body = 500, b"[]"
        if fault == "html":
            body, form = b"<!doctype html><title>Pemeliharaan</title>", "html"
        length = len(body)
        body = {"empty": b"", "truncate": body[: len(body) // 2]}.get(fault, body)
        self.send_response(code)
        self.send_header("Content-Type", {"json": "application/json", "xml": "text/xml"}.get(form, "text/html"))
        self.send_header("Content-Length", str(0 if fault == "empty" else length))
        self.end_headers()
        self.wfile.write(body)
        if fault == "truncate":
            self.close_connection = True


def _date(text: str | None, default: datetime) -> datetime:
    if text is None:
        return default
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("no zone")
    return moment


def start(
    town: Town,
    folder: Path,
    *,
    port: int = 0,
    recorded: Path | None = None,
    clock: Callable[[], datetime] | None = None,
):  # type: ignore[no-untyped-def]
    """A running server on 127.0.0.1 (port 0: any free one) and its Office. Stop it with ``server.shutdown()``."""
    office = Office(town, folder, clock or (lambda: datetime.now(UTC)))
    handler = type("Desk", (Desk,), {"office": office, "recorded": recorded})
    server = ThreadingHTTPServer(("127.0.0.1", port), handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server, office
