"""What the measurements share: the publisher and the web server as processes of their own, and one change."""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
from sqlalchemy.engine import Engine

from city import database as city_database
from city.database import Database
from city.model import Case
from city.store import Store, Tally

PORT = 8077
URL = f"http://127.0.0.1:{PORT}"


def clock() -> datetime:
    """The present."""
    return datetime.now(UTC)


@contextmanager
def opened(data: Path | None) -> Iterator[tuple[Path, Database, Engine]]:
    """An embedded database, migrated, in ``data``, or in a folder that is cleared away: the folder, it, an engine."""
    kept = nullcontext(str(data)) if data else tempfile.TemporaryDirectory(prefix="kendali-bench-")
    with kept as name:
        folder = Path(name)
        folder.mkdir(parents=True, exist_ok=True)
        database = city_database.open_database(None, folder)
        engine = city_database.engine(database.url)
        try:
            city_database.migrate(engine)
            yield folder, database, engine
        finally:
            engine.dispose()
            database.close()


@contextmanager
def running(database: Database, config: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Publisher and server, as `run.py up` starts them; yields the server once it has every panel."""
    env = os.environ | {"DATABASE_URL": database.url, "KENDALI_WEB_DATABASE_URL": database.web_url}
    orders = [["publish"], ["serve", "--port", str(PORT)]]
    parts = [subprocess.Popen([sys.executable, "run.py", *order, "--config", str(config)], env=env) for order in orders]
    try:
        _wait()
        yield parts[1]
    finally:
        for part in parts:
            part.terminate()
        for part in parts:
            part.wait(20)


def _wait() -> None:
    """Until the wall answers and the first publication, which asks every question, is over."""
    until, panels = time.monotonic() + 120, -1
    while time.monotonic() < until:
        time.sleep(3)
        try:
            before, panels = panels, httpx.get(f"{URL}/healthz", timeout=5, trust_env=False).json()["panels"]
        except httpx.HTTPError:
            continue
        if panels == before > 0:
            return
    raise SystemExit("the server did not come up in 120 s")


def change(store: Store) -> float:
    """Commit one new complaint; when it was committed (seconds since the epoch)."""
    now = clock()
    case = Case(key=f"B{now.timestamp()}", kind="complaint", opened_at=now, due_at=now + timedelta(hours=48))
    store.save("sikesal", [case], started_at=now, finish=lambda: Tally(fetched=1))
    return time.time()


def line(seconds: Sequence[float]) -> str:
    """Median and 95th percentile in milliseconds."""
    ordered = sorted(seconds)
    p95 = ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]
    return f"p50 {1000 * statistics.median(ordered):.0f} ms, p95 {1000 * p95:.0f} ms, {len(ordered):,} measured"
