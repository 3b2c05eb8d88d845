"""From the commit of a run to the event at a viewer, with millions of cases stored and many viewers."""

import asyncio
import json
import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil

from benchmarks.synthetic import fill
from city.config import Config
from city.database import Database
from city.database import engine as make_engine
from city.model import Case
from city.queries import Queries
from city.store import Store, Tally
from dashboard.publish import Publisher

Row = tuple[str, str]
PORT = 8077


def clock() -> datetime:
    """The present."""
    return datetime.now(UTC)


def measure(
    database: Database, config: Config, config_path: Path, pages: list[object], count: int, viewers: int
) -> list[Row]:
    """Publish latency at ``count`` cases, then delivery to ``viewers`` streams."""
    engine = make_engine(database.url)
    fill(engine, count, config.region.code, "sikesal", config.region.timezone, clock())
    stop = threading.Event()
    publisher = Publisher(engine, config, pages, Queries(engine, config, clock), clock)
    thread = threading.Thread(target=publisher.run, args=(stop,), daemon=True)
    thread.start()
    server = _serve(config_path, database)
    try:
        time.sleep(8)
        few = asyncio.run(_watch(1, lambda: _change(Store(engine, config, clock)), 20))
        many = asyncio.run(_watch(viewers, lambda: _change(Store(engine, config, clock)), 20, server.pid))
    finally:
        server.terminate()
        server.wait(10)
        stop.set()
        thread.join(10)
        engine.dispose()
    return [
        (f"commit -> first event at a viewer, {count:,} cases stored", _line(few["first"])),
        ("commit -> every affected panel at a viewer", _line(few["all"])),
        (f"commit -> first event, {viewers:,} viewers, a change a second", _line(many["first"])),
        ("  web process", f"{many['cpu']:.0f} % of a core; {many['memory_kb']:.0f} kB a viewer"),
    ]


def _line(seconds: list[float]) -> str:
    ordered = sorted(seconds)
    p95 = ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]
    return f"p50 {1000 * statistics.median(ordered):.0f} ms, p95 {1000 * p95:.0f} ms"


def _serve(config_path: Path, database: Database) -> subprocess.Popen[bytes]:
    command = [sys.executable, "run.py", "serve", "--config", str(config_path), "--port", str(PORT)]
    env = os.environ | {"DATABASE_URL": database.url, "KENDALI_WEB_DATABASE_URL": database.web_url}
    return subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _change(store: Store) -> float:
    """Commit one new complaint; when it was committed."""
    now = clock()
    case = Case(key=f"B{now.timestamp()}", kind="complaint", opened_at=now, due_at=now + timedelta(hours=48))
    store.save("sikesal", [case], started_at=now, finish=lambda: Tally(fetched=1))
    return time.time()


async def _watch(viewers: int, change: Callable[[], float], times: int, pid: int | None = None) -> dict[str, object]:
    process = psutil.Process(pid) if pid else None
    before = process.memory_info().rss if process else 0
    heard: list[list[tuple[float, str]]] = [[] for _ in range(viewers)]
    tasks = [asyncio.create_task(_viewer(inbox)) for inbox in heard]
    await asyncio.sleep(3 + viewers / 300)
    memory = ((process.memory_info().rss if process else 0) - before) / 1024 / max(1, viewers)
    first: list[float] = []
    complete: list[float] = []
    started, used = time.time(), sum(process.cpu_times()[:2]) if process else 0.0
    for _ in range(times):
        for inbox in heard:
            inbox.clear()
        committed = await asyncio.to_thread(change)
        await asyncio.sleep(1)
        for inbox in heard:
            after = [at - committed for at, kind in inbox if kind == "panel"]
            if after:
                first.append(max(0.0, min(after)))
                complete.append(max(0.0, max(after)))
    spent = (sum(process.cpu_times()[:2]) - used) / (time.time() - started) if process else 0.0
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return {"first": first, "all": complete, "cpu": 100 * spent, "memory_kb": memory}


async def _viewer(inbox: list[tuple[float, str]]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", PORT, limit=1 << 20)
    writer.write(b"GET /stream?page=overview HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
    await writer.drain()
    try:
        while line := await reader.readline():
            if line.startswith(b"event: "):
                inbox.append((time.time(), line[7:].strip().decode()))
    finally:
        writer.close()


def machine() -> str:
    """What it was measured on."""
    with open("/proc/cpuinfo") as file:
        model = next((line.split(":")[1].strip() for line in file if line.startswith("model name")), "unknown")
    return json.dumps(
        {"cpu": model, "cores": os.cpu_count(), "memory_gib": round(psutil.virtual_memory().total / 2**30)}
    )
