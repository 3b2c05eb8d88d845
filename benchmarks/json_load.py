"""How fast a JSON service becomes stored cases, page after page over loopback; what a run costs that brings nothing."""

import contextlib
import gc
import json
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.engine import Engine

from benchmarks import load, synthetic
from city.config import Config
from city.store import Store
from collectors.http import Session
from collectors.runner import Job

Row = tuple[str, str]
COUNT, PAGE_ROWS, IDLE_RUNS = 200_000, 5_000, 50
PORT = 8351


def measure(engine: Engine, folder: Path) -> list[Row]:
    """Rows of the table: cases a second and per core from JSON; the processor time of an idle run."""
    pages = folder / "pages"
    _write(pages, datetime.now(UTC))
    settings = _config()
    store = Store(engine, settings, lambda: datetime.now(UTC))
    with _served(pages):
        first, cpu, result = _run(engine, settings, store)
        assert result.saved == COUNT, result
        gc.collect()  # what the load left behind is not the idle run's
        idle = [_idle(settings, store) for _ in range(IDLE_RUNS)]
    return [
        (f"once, {COUNT:,} cases from JSON over HTTP, fetch to committed", f"{COUNT / first:,.0f} cases/s"),
        ("  per core (all processor time, database included)", f"{COUNT / cpu:,.0f} cases/s"),
        (
            "a run that brings nothing new (one request)",
            f"{_ms(statistics.median(idle))} of processor (median of {len(idle)}); the first {_ms(idle[0])}, "
            f"the most after it {_ms(max(idle[1:]))}",
        ),
    ]


def _ms(seconds: float) -> str:
    return f"{1000 * seconds:.1f} ms"


def _run(engine: Engine, settings: Config, store: Store):  # type: ignore[no-untyped-def]
    start, used = time.perf_counter(), load.processor_s(engine)
    result = Job("service", settings).run(store, Session(), lambda: datetime.now(UTC))
    return time.perf_counter() - start, load.processor_s(engine) - used, result


def _idle(settings: Config, store: Store) -> float:
    """The source has no news: its list is empty."""
    job, session = Job("idle", settings), Session()
    began = time.process_time()
    result = job.run(store, session, lambda: datetime.now(UTC))
    assert (result.ok, result.fetched) == (True, 0), result
    return time.process_time() - began


def _config() -> Config:
    fields = dict(zip(("key", "opened_at", "due_at", "closed_at", "status"), synthetic.HEAD, strict=False))
    fields |= {name: name for name in synthetic.HEAD[5:]}
    args = {"records": "items", "fields": fields, "status": {"open": "routed", "closed": "done"}}
    base = f"http://127.0.0.1:{PORT}"
    pages = args | {"url": f"{base}/0.json", "paging": {"kind": "link", "next": "next"}}
    sources = {
        "service": {"collector": "json_api", "kind": "complaint", "args": pages},
        "idle": {"collector": "json_api", "kind": "complaint", "args": args | {"url": f"{base}/empty.json"}},
    }
    return Config.model_validate(
        {"region": {"code": "bench-json", "name": "Bench", "timezone": "Asia/Jakarta"}, "sources": sources}
    )


def _write(folder: Path, end: datetime) -> None:
    folder.mkdir(exist_ok=True)
    pick = random.Random(1571)
    for page in range(COUNT // PAGE_ROWS):
        rows = (synthetic.row(page * PAGE_ROWS + number, pick, end) for number in range(PAGE_ROWS))
        answer = {"items": [dict(zip(synthetic.HEAD, row, strict=True)) for row in rows]}
        if (page + 1) * PAGE_ROWS < COUNT:
            answer["next"] = f"/{page + 1}.json"
        (folder / f"{page}.json").write_text(json.dumps(answer))
    (folder / "empty.json").write_text('{"items": []}')


@contextlib.contextmanager
def _served(folder: Path) -> Iterator[None]:
    command = [sys.executable, "-m", "http.server", str(PORT), "--bind", "127.0.0.1", "--directory", str(folder)]
    server = subprocess.Popen(command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    try:
        time.sleep(1)
        yield
    finally:
        server.kill()
        server.wait()
