"""From the commit of a run to the event at the viewers, with millions of cases stored."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import psutil

from benchmarks.parts import PORT, line

Row = tuple[str, str]
CHANGES = 30


@dataclass
class Heard:
    """When panel events came in after each commit, over all viewers (seconds), and what they cost the server."""

    first: list[float] = field(default_factory=list)
    last: list[float] = field(default_factory=list)
    silent: int = 0
    cpu: float = 0.0
    memory_kb: float = 0.0


def measure(server: int, change: Callable[[], float], count: int, viewers: int) -> list[Row]:
    """Rows of the table: one viewer, then ``viewers``. ``server`` is the process that streams."""
    one = asyncio.run(_watch(1, change, server))
    many = asyncio.run(_watch(viewers, change, server))
    return [
        (f"commit -> first panel event at a viewer, {count:,} cases stored", line(one.first)),
        ("commit -> every panel it touches", line(one.last)),
        (f"commit -> first panel event, {viewers:,} viewers, a change a second", line(many.first)),
        ("  the web process meanwhile", f"{many.cpu:.0f} % of a core, {many.memory_kb:.0f} kB a viewer"),
        ("  changes that a viewer did not hear within a second", f"{many.silent} of {viewers * CHANGES:,}"),
    ]


class Viewer(asyncio.Protocol):
    """An open stream that only notes when panels arrive."""

    def __init__(self) -> None:
        self.at: list[float] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        request = b"GET /stream?page=overview HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
        transport.write(request)  # type: ignore[attr-defined]

    def data_received(self, data: bytes) -> None:
        if b"event: panel" in data:
            self.at.append(time.time())


async def _watch(viewers: int, change: Callable[[], float], server: int) -> Heard:
    process, heard, loop = psutil.Process(server), Heard(), asyncio.get_running_loop()
    before = process.memory_info().rss
    opened = [(await loop.create_connection(Viewer, "127.0.0.1", PORT))[1] for _ in range(viewers)]
    await asyncio.sleep(3)
    heard.memory_kb = (process.memory_info().rss - before) / 1024 / viewers
    started, used = time.monotonic(), sum(process.cpu_times()[:2])
    for _ in range(CHANGES):
        for viewer in opened:
            viewer.at.clear()
        committed = await asyncio.to_thread(change)
        await asyncio.sleep(max(0.0, 1.0 - (time.time() - committed)))
        _note(heard, opened, committed)
    heard.cpu = 100 * (sum(process.cpu_times()[:2]) - used) / (time.monotonic() - started)
    for viewer in opened:
        viewer.transport.close()
    await asyncio.sleep(0.5)
    return heard


def _note(heard: Heard, opened: list[Viewer], committed: float) -> None:
    for viewer in opened:
        if viewer.at:
            heard.first.append(max(0.0, viewer.at[0] - committed))
            heard.last.append(max(0.0, viewer.at[-1] - committed))
        else:
            heard.silent += 1
