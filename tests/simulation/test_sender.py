"""The simulated water company: the same outages whenever it is asked, signed as the intake checks them."""

import hashlib
import hmac
import json
import threading
import time
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from simulation import sender
from simulation.town import Town

NOW = datetime(2026, 11, 24, 7, 5, tzinfo=UTC)


def test_outages_stand_as_they_are_at_the_moment_and_say_that_they_are_made_up():
    rows = list(sender.outages(Town(), NOW))
    assert 30 < len(rows) < 110
    assert len({row["nomor"] for row in rows}) == len(rows)
    assert all(row["simulated"] is True for row in rows)
    assert all(datetime.fromisoformat(row["mulai"]) <= NOW for row in rows)
    assert all(row["pulih"] is None or datetime.fromisoformat(row["pulih"]) <= NOW for row in rows)
    assert rows == list(sender.outages(Town(), NOW))
    later = {row["nomor"]: row for row in sender.outages(Town(), NOW + timedelta(days=1))}
    assert all(later[row["nomor"]]["mulai"] == row["mulai"] for row in rows if row["nomor"] in later)
    assert all(later[row["nomor"]]["pulih"] for row in rows if row["nomor"] in later)


@pytest.fixture
def intake():
    """Answers each delivery with the next of ``answers``."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):  # noqa: N802
            body = self.rfile.read(int(self.headers["Content-Length"]))
            server.seen.append((self.path, dict(self.headers), body))
            self.send_response(server.answers.pop(0) if server.answers else 200)
            self.end_headers()

        def log_message(self, *said):
            """Quiet."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    server.seen, server.answers = [], []
    server.url = f"http://127.0.0.1:{server.server_address[1]}/ingest/air"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def test_a_delivery_is_signed_over_its_moment_and_its_body(intake):
    assert sender.send(Town(), intake.url, "rahasia-perusahaan", lambda: NOW)
    path, headers, body = intake.seen[0]
    expected = hmac.new(b"rahasia-perusahaan", headers["X-Kendali-Timestamp"].encode() + b"." + body, hashlib.sha256)
    assert headers["X-Kendali-Signature"] == f"sha256={expected.hexdigest()}"
    assert abs(int(headers["X-Kendali-Timestamp"]) - time.time()) < 5
    assert path == "/ingest/air"
    assert [json.loads(line) for line in body.splitlines()] == list(sender.outages(Town(), NOW))


def test_what_was_not_taken_is_sent_again(intake, monkeypatch):
    monkeypatch.setattr(sender, "RETRY_S", 0.05)
    intake.answers += [503, 503]
    stop = threading.Event()
    what = (Town(), intake.url, "rahasia-perusahaan", lambda: NOW, stop)
    thread = threading.Thread(target=sender.keep_sending, args=what)
    thread.start()
    until = time.monotonic() + 10
    while len(intake.seen) < 3 and time.monotonic() < until:
        time.sleep(0.02)
    stop.set()
    thread.join(5)
    assert len(intake.seen) == 3
    assert not sender.send(Town(), "http://127.0.0.1:1/ingest/air", "x" * 16, lambda: NOW)
