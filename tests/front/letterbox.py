"""Real servers on loopback that the daily brief is sent to: a mail server and a webhook, with moods."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from tests.dashboard.screens import free_port


class Mails:
    """What a mail server took; ``answers``: what it says instead of taking the next letters."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, list[str], bytes]] = []
        self.answers: list[str] = []

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        """Refuse a recipient called ``nobody``."""
        if address.startswith("nobody@"):
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        """Take a letter, unless another answer is due."""
        if self.answers:
            return self.answers.pop(0)
        self.taken.append((envelope.mail_from, envelope.rcpt_tos, envelope.content))
        return "250 taken"


@contextmanager
def mail_server(mails: Mails, port: int | None = None, **how: Any) -> Iterator[int]:
    """A mail server, at ``port`` or a free one; its port."""
    controller = Controller(mails, hostname="127.0.0.1", port=port or free_port(), **how)
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


def only(user: str, password: str) -> Any:
    """An authenticator that knows one user."""

    def check(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        good = data.login == user.encode() and data.password == password.encode()
        return AuthResult(success=good, handled=good or False)

    return check


class Hook:
    """What a webhook got; ``codes``: what it answers to the next posts instead of 204."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.codes: list[int] = []


@contextmanager
def webhook(hook: Hook) -> Iterator[str]:
    """A webhook; its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:  # noqa: N802
            body = self.rfile.read(int(self.headers["content-length"]))
            hook.got.append(({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(hook.codes.pop(0) if hook.codes else 204)
            self.send_header("location", "http://127.0.0.1:9/elsewhere")
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/hook/key-in-the-path"
    finally:
        server.shutdown()
        server.server_close()
