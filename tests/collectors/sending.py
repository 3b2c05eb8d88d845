"""A sender and a form for the tests: the source ``desk`` behind a real intake on loopback."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from collectors import intake, signed
from collectors.runner import Job
from tests.collectors.conftest import NOW, Desk

SECRET = "a-secret-of-the-sender"
TOKEN = "a-token-of-this-installation"
FIELDS = {"key": "no", "opened_at": "masuk", "closed_at": "selesai", "category": "jenis"}
PUSH = {"secret": SECRET, "fields": FIELDS}
ENTRY = {"entered_by": "Rina", "at": "2026-11", "values": {}}


def row(number: int, **more: Any) -> dict[str, Any]:
    """A complaint as the sender writes it."""
    return {"no": f"P-{number}", "masuk": "2026-11-24T12:00:00", "jenis": "Jalan"} | more


def lines(*rows: Any) -> bytes:
    """Rows as JSON lines."""
    return b"".join(json.dumps(one).encode() + b"\n" for one in rows)


def headers(body: bytes, key: str = "k-1", *, secret: str = SECRET, at: float | None = None, **more: str) -> Any:
    """What a good sender says of ``body``, sent at NOW unless told."""
    moment = str(int(NOW.timestamp() if at is None else at))
    head = {"Content-Type": "application/x-ndjson", "Idempotency-Key": key, "X-Kendali-Timestamp": moment}
    return head | {"X-Kendali-Signature": signed.signature(secret, moment, body)} | more


def application(desk: Desk) -> Any:
    """The intake of the desk's region, at the desk's time."""
    jobs = {name: Job(name, desk.config) for name in intake.names(desk.config)}
    return intake.application(desk.config, desk.engine, desk.store, lambda: desk.now, TOKEN, jobs)


class Sender:
    """Sends to a real intake."""

    def __init__(self, desk: Desk, port: int) -> None:
        self.desk, self.port = desk, port
        self.client = httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=20)

    def send(self, body: bytes, key: str = "k-1", source: str = "desk", **how: Any) -> httpx.Response:
        """A signed delivery."""
        return self.client.post(f"/ingest/{source}", content=body, headers=headers(body, key, **how))

    def enter(self, values: Any, source: str = "desk", token: str = TOKEN, **more: Any) -> httpx.Response:
        """A filled form."""
        return self.client.post(
            f"/manual/{source}", json=ENTRY | {"values": values} | more, headers={"X-Kendali-Token": token}
        )

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        """Rows of the database."""
        return self.desk.ask(sql)


@contextmanager
def serving(desk: Desk) -> Iterator[Sender]:
    """A real intake, for as long as the block."""
    with intake.serving(application(desk), 0) as port:
        sender = Sender(desk, port)
        until = time.monotonic() + 10
        while True:
            try:
                sender.client.get("/")
                break
            except httpx.ConnectError:
                assert time.monotonic() < until, "the intake does not answer"
                time.sleep(0.02)
        yield sender
        sender.client.close()
