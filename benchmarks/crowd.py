"""Many viewers of one wall in a process of their own: ``python -m benchmarks.crowd 1000``, until its input ends."""

import asyncio
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks.parts import PORT


class Reader(asyncio.Protocol):
    """An open stream whose events are read and forgotten."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        request = b"GET /stream?page=overview HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
        transport.write(request)  # type: ignore[attr-defined]


@contextmanager
def watching(viewers: int) -> Iterator[None]:
    """So many open streams for as long as the block."""
    crowd = subprocess.Popen([sys.executable, "-m", "benchmarks.crowd", str(viewers)], stdin=subprocess.PIPE)
    try:
        time.sleep(5 if viewers else 0)
        yield
    finally:
        crowd.communicate(b"\n")


async def _open(viewers: int) -> None:
    loop = asyncio.get_running_loop()
    opened = [(await loop.create_connection(Reader, "127.0.0.1", PORT))[0] for _ in range(viewers)]
    await asyncio.to_thread(sys.stdin.readline)
    for transport in opened:
        transport.abort()


if __name__ == "__main__":
    asyncio.run(_open(int(sys.argv[1])))
