"""A TCP proxy on loopback between a screen and its server, whose line can be cut, go silent or half open."""

import asyncio
import threading
from typing import Self

from tests.dashboard.screens import free_port

ANSWER = "HTTP/1.1 {0}\r\nContent-Type: text/html\r\nContent-Length: 5\r\nConnection: close\r\n\r\nsorry"


class Proxy:
    """``mode``: pass; cut (closed at once); silent (no byte either way); half (none to the screen); 502 or 504.

    A change of mode is for the open connections too. What was silent or half open stays so for good: a
    router that forgot a connection does not remember it later. ``idle_s`` closes what says nothing so long.
    """

    def __init__(self, target: int, *, idle_s: float | None = None) -> None:
        self.target, self.port, self.mode, self.idle_s = target, free_port(), "pass", idle_s
        self.url = f"http://127.0.0.1:{self.port}"
        self._lines: set[asyncio.Task[None]] = set()
        self._deaf: set[asyncio.Task[None]] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._call(self._listen())
        return self

    def __exit__(self, *_: object) -> None:
        self._call(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)

    def set(self, mode: str) -> None:
        """The line from now on."""
        self._call(self._set(mode))

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()

    def _call(self, what: object) -> None:
        asyncio.run_coroutine_threadsafe(what, self._loop).result(5)  # type: ignore[arg-type]

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._take, "127.0.0.1", self.port)

    async def _close(self) -> None:
        self._server.close()
        await self._set("cut")

    async def _set(self, mode: str) -> None:
        if mode in ("silent", "half"):
            self._deaf |= self._lines
        elif mode != "pass":
            for line in list(self._lines):
                line.cancel()
        self.mode = mode

    async def _take(self, screen_in: asyncio.StreamReader, screen_out: asyncio.StreamWriter) -> None:
        line = asyncio.current_task()
        assert line
        self._lines.add(line)
        if self.mode in ("silent", "half"):
            self._deaf.add(line)
        try:
            await self._join(line, screen_in, screen_out)
        except (OSError, TimeoutError, asyncio.CancelledError):
            pass
        finally:
            self._lines.discard(line)
            self._deaf.discard(line)
            screen_out.transport.abort()

    async def _join(
        self, line: "asyncio.Task[None]", screen_in: asyncio.StreamReader, screen_out: asyncio.StreamWriter
    ) -> None:
        if self.mode == "cut":
            return
        if self.mode.isdigit():
            await screen_in.readuntil(b"\r\n\r\n")
            screen_out.write(ANSWER.format(f"{self.mode} Bad").encode())
            await screen_out.drain()
            screen_out.close()
            await screen_out.wait_closed()
            return
        server_in, server_out = await asyncio.open_connection("127.0.0.1", self.target)
        try:
            ways = [
                asyncio.create_task(self._carry(line, screen_in, server_out, down=False)),
                asyncio.create_task(self._carry(line, server_in, screen_out, down=True)),
            ]
            _, left = await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            for way in left:
                way.cancel()
        finally:
            server_out.transport.abort()

    async def _carry(
        self, line: "asyncio.Task[None]", source: asyncio.StreamReader, to: asyncio.StreamWriter, *, down: bool
    ) -> None:
        while True:
            # Only the screen's side may fall silent: a request is over, the stream is what is waited for.
            data = await asyncio.wait_for(source.read(65_536), self.idle_s if down else None)
            if line in self._deaf and (down or self.mode == "silent"):
                if not data:
                    await asyncio.Event().wait()  # not even its end is heard
                continue
            if not data:
                return
            to.write(data)
            await to.drain()
