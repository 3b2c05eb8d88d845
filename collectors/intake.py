"""The one door for what is sent or entered: a small ASGI application in the collecting part, on this machine only.

``POST /ingest/<source>`` takes signed deliveries, ``POST /manual/<source>`` what the form page hands over and
``POST /followups`` what the scorecard's does. Each delivery or form that is accepted is one run in a thread of its own.
The web process passes all of them on (docs/decisions/0007).
"""

import asyncio
import hmac
import logging
import math
import socket
import threading
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import uvicorn
from sqlalchemy.engine import Engine
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from city.config import Config
from city.store import Store
from collectors import instead, promised, push
from collectors.runner import Job
from collectors.sent import Answer, Door, guarded, problem
from collectors.signed import Rate, genuine, timely

TOKEN = "x-kendali-token"
#: A body that arrives slower than this is given up, as a hanging source is.
BODY_TIMEOUT_S = 60.0
FORM_BYTES = 1_000_000
MAX_KEY = 200
#: Runs at the same time: each holds a connection to the database.
AT_ONCE = 4
#: Requests at the same time, so that bodies in memory stay bounded.
MAX_OPEN = 32
_LINES = {"application/x-ndjson", "application/jsonl", "application/jsonlines"}

log = logging.getLogger("kendali.collect")


def names(config: Config) -> list[str]:
    """The sources that are not polled."""
    return [name for name, source in config.sources.items() if instead(source.collector)]


def application(
    config: Config, engine: Engine, store: Store, clock: Callable[[], datetime], token: str, jobs: Mapping[str, Job]
) -> Starlette:
    """The ASGI application. ``token`` is what the web process shows; ``jobs`` those of :func:`names`."""
    taking = _Taking(Door(engine, store, jobs, clock), jobs, clock, token)
    routes = [
        Route("/ingest/{source}", taking.delivery, methods=["POST"]),
        Route("/manual/{source}", taking.entry, methods=["POST"]),
        Route("/followups", taking.promise(config, engine), methods=["POST"]),
    ]
    return Starlette(routes=routes, exception_handlers={HTTPException: _refused, Exception: _failed})


async def _refused(request: Request, error: Exception) -> Response:
    status = getattr(error, "status_code", 400)
    words = {404: "nothing is taken at this address", 405: "only POST is taken here"}
    return _response(problem(status, words.get(status, "not understood")))


async def _failed(request: Request, error: Exception) -> Response:
    # A mistake of ours: class only, the text might hold a citizen's row.
    log.error("the intake failed with %s", type(error).__name__)
    return _response(problem(500, "the intake failed; the log says more"))


def _response(answer: Answer) -> Response:
    head = {} if answer.retry_after_s is None else {"Retry-After": str(math.ceil(answer.retry_after_s))}
    return JSONResponse(answer.body, answer.status, head)


class _TooLarge(Exception):
    """The body is larger than is taken."""


async def _body(request: Request, most: int) -> bytes:
    length = request.headers.get("content-length", "")
    if length.isascii() and length.isdigit() and len(length) < 20 and int(length) > most:
        raise _TooLarge
    parts, size = [], 0
    async with asyncio.timeout(BODY_TIMEOUT_S):
        async for part in request.stream():
            size += len(part)
            if size > most:
                raise _TooLarge
            parts.append(part)
    return b"".join(parts)


class _Taking:
    """The two addresses. What depends on the source is asked after the signature: nobody else learns its name."""

    def __init__(self, door: Door, jobs: Mapping[str, Job], clock: Callable[[], datetime], token: str) -> None:
        self._door, self._clock, self._token = door, clock, token
        self._senders = {name: job.args for name, job in jobs.items() if job.module is push}
        self._most = max([args.max_bytes for args in self._senders.values()], default=0)
        self._rate, self._locks = Rate(), defaultdict[str, asyncio.Lock](asyncio.Lock)
        self._at_once = asyncio.Semaphore(AT_ONCE)

    async def delivery(self, request: Request) -> Response:
        """``POST /ingest/<source>``."""
        if refused := _form_of(request):
            return _response(refused)
        try:
            body = await _body(request, self._most)
        except _TooLarge:
            return _response(problem(413, f"larger than {self._most} bytes: send several deliveries"))
        except (TimeoutError, ClientDisconnect):
            return _response(problem(408, "the body did not arrive in time"))
        name = request.path_params["source"]
        if refused := self._unwelcome(name, request.headers, body):
            return _response(refused)
        key = request.headers["idempotency-key"]
        return await self._answered(name, lambda: self._door.deliver(name, key, body))

    def _unwelcome(self, name: str, headers: Mapping[str, str], body: bytes) -> Answer | None:
        args = self._senders.get(name)
        if not genuine(args.secret if args else None, headers, body) or args is None:
            return problem(401, "no such source, or the signature does not fit the body")
        if not timely(headers, self._clock().timestamp()):
            return problem(401, "X-Kendali-Timestamp is not within 5 minutes of our clock, in seconds since 1970")
        if len(body) > args.max_bytes:
            return problem(413, f"larger than {args.max_bytes} bytes: send several deliveries")
        if wait_s := self._rate.wait_s(name, args.per_minute, time.monotonic()):
            return problem(429, f"more than {args.per_minute} deliveries a minute")._replace(retry_after_s=wait_s)
        return None

    async def entry(self, request: Request) -> Response:
        """``POST /manual/<source>``, for the web process of this machine."""
        name = request.path_params["source"]
        if self._ours(request) and not self._door.is_form(name):
            return _response(problem(404, "no such form"))
        return await self._entered(name, request, lambda body: self._door.enter(name, body))

    def promise(self, config: Config, engine: Engine) -> Callable[[Request], Awaitable[Response]]:
        """``POST /followups``, for the web process of this machine."""

        async def take(request: Request) -> Response:
            return await self._entered("", request, lambda body: promised.take(config, engine, self._clock, body))

        return take

    def _ours(self, request: Request) -> bool:
        return hmac.compare_digest(request.headers.get(TOKEN, "").encode(), self._token.encode())

    async def _entered(self, name: str, request: Request, work: Callable[[bytes], Answer]) -> Response:
        if not self._ours(request):
            return _response(problem(401, "only the pages of this installation may enter"))
        try:
            body = await _body(request, FORM_BYTES)
        except _TooLarge:
            return _response(problem(413, f"larger than {FORM_BYTES} bytes"))
        except (TimeoutError, ClientDisconnect):
            return _response(problem(408, "the body did not arrive in time"))
        return await self._answered(name, lambda: work(body))

    async def _answered(self, name: str, work: Callable[[], Answer]) -> Response:
        # One run of a source at a time, waiting here and not in a thread: others are not held up.
        async with self._locks[name], self._at_once:
            return _response(await asyncio.to_thread(guarded, work))


def _form_of(request: Request) -> Answer | None:
    """What is wrong with the headers of a delivery, whoever sends it."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in _LINES:
        return problem(415, "send JSON lines, with Content-Type: application/x-ndjson")
    if request.headers.get("content-encoding", "identity") != "identity":
        return problem(415, "send the body as it is, without Content-Encoding")
    key = request.headers.get("idempotency-key", "")
    if not 0 < len(key) <= MAX_KEY or not (key.isascii() and key.isprintable()):
        return problem(400, f"Idempotency-Key is missing, longer than {MAX_KEY} characters or not plain ASCII")
    return None


class PortTaken(Exception):
    """Something else answers at the intake's port; says what to do."""


@contextmanager
def serving(app: Any, port: int) -> Iterator[int]:
    """Serve ``app`` on 127.0.0.1 in a thread for as long as the block; yields the port (0 was a free one)."""
    bound = socket.socket()
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind(("127.0.0.1", port))
    except OSError as error:
        bound.close()
        raise PortTaken(f"the intake cannot listen on 127.0.0.1:{port}: {error.strerror}; set `intake.port`") from None
    settings = uvicorn.Config(
        app, log_level="warning", access_log=False, lifespan="off", server_header=False, limit_concurrency=MAX_OPEN,
        timeout_graceful_shutdown=3,
    )  # fmt: skip
    server = uvicorn.Server(settings)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]}, name="intake", daemon=True)
    thread.start()
    try:
        yield int(bound.getsockname()[1])
    finally:
        server.should_exit = True
        thread.join(5)
        bound.close()
