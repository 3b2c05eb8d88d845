"""`run.py up` as a person starts it: every part comes, comes back, and goes with the whole."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa
import yaml

from tests import builders
from tests.dashboard.screens import LAYOUT, eventually, free_port
from tests.front.test_cli import ROOT, run
from tests.front.test_supervise import alive

pytestmark = pytest.mark.proof
PARTS = ("serve", "publish", "simulate", "mirror", "collect")


def settings(folder: Path) -> Path:
    """A region with a simulated city, a complaints desk and memos in it, and one page."""
    port = free_port()
    memos = {"key": "memo_id", "at": "waktu", "stage": "tahap", "simulated": "simulated"}
    drop = {
        "folder": str(folder / "data/simulation/drop/sipadek"),
        "shape": "event_log",
        "fields": memos,
        "settle_s": 0,
    }
    path = folder / "region.yaml"
    (folder / "uji.yaml").write_text(LAYOUT)
    city = {
        "region": {"code": "15.71", "name": "Kota Jambi", "timezone": "Asia/Jakarta"},
        "sources": {
            "desk": {"collector": "open311", "kind": "complaint", "every": "1s",
                     "args": {"url": f"http://127.0.0.1:{port}/open311/v2"}},
            "memos": {"collector": "csv_file", "kind": "memo", "every": "1s", "args": drop},
        },
        "pages": ["uji.yaml"],
        "simulation": {"port": port, "days": 2},
    }  # fmt: skip
    path.write_text(yaml.safe_dump(city))
    return path


class Up:
    """A running `run.py up` and every line it said."""

    def __init__(self, folder: Path, port: int) -> None:
        self.port, self.data, self.config = port, folder / "data", settings(folder)
        self.url = f"http://127.0.0.1:{port}/wall/uji"
        command = [sys.executable, "run.py", "up", "--config", str(self.config), "--port", str(port)]
        env = {key: text for key, text in os.environ.items() if key != "DATABASE_URL"} | {
            "KENDALI_DATA": str(self.data)
        }
        self.process = subprocess.Popen(
            command, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self.said: list[str] = []
        self._reader = threading.Thread(target=lambda: self.said.extend(iter(self.process.stdout.readline, "")))
        self._reader.start()

    def parts(self) -> dict[str, int]:
        """Part -> process, of the parts that run, in the order in which they were started."""
        children = Path(f"/proc/{self.process.pid}/task").glob("*/children")
        pids = [int(pid) for file in children for pid in file.read_text().split()]
        names = {pid: _words(pid)[2] for pid in sorted(pids, key=_started) if "run.py" in _words(pid)}
        return {name: pid for pid, name in names.items()}

    def pids(self) -> list[int]:
        """Everything that belongs to it: itself, its parts and the database."""
        postmaster = int((self.data / "postgres/postmaster.pid").read_text().split()[0])
        return [self.process.pid, postmaster, *self.parts().values()]

    def memos(self) -> int:
        """How many memos were read, as its database says."""
        _, _, _, port, where, *_ = (self.data / "postgres/postmaster.pid").read_text().splitlines()
        asked = sa.create_engine(
            f"postgresql+psycopg://postgres@/kendali?host={where}&port={port}", poolclass=sa.NullPool
        )
        return len(builders.table(asked, "select key from cases where kind = 'memo'"))

    def wait_for(self, pattern: str, within_s: float = 60) -> str:
        """The first line that matches."""
        return str(eventually(lambda: next(filter(re.compile(pattern).match, self.said), None), pattern, within_s))

    def stop(self) -> float:
        """End it as `kill` does; the seconds that took."""
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(20)
        self._reader.join(20)
        return time.monotonic() - began


def _words(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().split("\0")
    except OSError:
        return []


def _started(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19])
    except OSError:
        return 0


@pytest.fixture(scope="module")
def up() -> Iterator[Up]:
    """Everything, up: started once for all tests of this file; the last one stops it."""
    # Not pytest's own folder: a server lives in it, and its socket's path must be short.
    folder = Path(tempfile.mkdtemp(prefix="kendali-up-"))
    made = Up(folder, free_port())
    yield made
    made.stop()
    shutil.rmtree(folder, ignore_errors=True)


def test_everything_comes_up_the_screens_first_and_the_collectors_last(up: Up) -> None:
    eventually(lambda: set(up.parts()) == set(PARTS), "all parts run")
    order = list(up.parts())
    assert (order[0], order[-1], set(order)) == ("serve", "collect", set(PARTS))


def test_the_address_is_told_once_and_opens(up: Up) -> None:
    told = up.wait_for("up ")
    assert told == f"up        {up.url}\n"
    assert httpx.get(up.url).status_code == 200
    time.sleep(1)
    assert [line for line in up.said if line.startswith("up ")] == [told]


def test_the_screens_are_full_by_themselves(up: Up) -> None:
    health = up.url.replace("/wall/uji", "/healthz")
    assert eventually(lambda: httpx.get(health).json()["panels"] == 2, "both panels are published")


def test_a_second_up_on_the_same_data_is_refused_names_the_first_and_harms_nothing(up: Up) -> None:
    before = up.parts()
    second = run("up", "--config", up.config, "--port", free_port(), data=up.data)
    assert (second.returncode, second.stdout) == (2, "")
    assert second.stderr == f"run.py up: already up on {up.data} (process {up.process.pid})\n"
    assert (up.parts(), httpx.get(up.url).status_code) == (before, 200)


@pytest.mark.parametrize("part", ["collect", "serve"])
def test_a_part_that_is_killed_comes_back_and_the_others_stay(up: Up, part: str) -> None:
    before = up.parts()
    os.kill(before[part], signal.SIGKILL)
    assert up.wait_for(rf"{part} +ended") == f"{part:9} ended (signal SIGKILL); starting again in 0.5 s\n"
    eventually(lambda: set(up.parts()) == set(PARTS) and up.parts()[part] != before[part], f"{part} is back")
    after = up.parts()
    assert {name: pid for name, pid in after.items() if name != part} == {n: p for n, p in before.items() if n != part}


def test_a_stop_ends_everything_within_five_seconds_and_leaves_no_process(up: Up) -> None:
    eventually(lambda: _answers(up.url), "the screens are back")
    pids = up.pids()
    assert len(pids) == 7 and all(map(alive, pids))
    took_s = up.stop()
    assert (up.process.returncode, took_s < 5) == (0, True), took_s
    eventually(lambda: not any(map(alive, pids)), "nobody is left", 1)
    assert not any("Traceback" in line for line in up.said)
    assert not any(" source " in line for line in up.said), "the first reading found the simulated city there"


@pytest.fixture
def held(tmp_path: Path) -> Iterator[Up]:
    """Everything, up on a port that another program of this machine listens on."""
    folder = Path(tempfile.mkdtemp(prefix="kendali-up-"))
    with socket.create_server(("127.0.0.1", 0)) as other:
        made = Up(folder, other.getsockname()[1])
        yield made
        made.stop()
    shutil.rmtree(folder, ignore_errors=True)


def test_a_port_in_use_is_told_and_the_other_parts_do_their_work(held: Up) -> None:
    told = rf".*cannot serve on 127.0.0.1:{held.port}: Address already in use. Try --port {held.port + 1}\n"
    held.wait_for(f"serve +{told}")
    others = {"publish", "simulate", "collect"}
    eventually(lambda: set(held.parts()) >= others, "the others start all the same")
    before = held.parts()
    eventually(held.memos, "the memos are read")
    assert {name: held.parts()[name] for name in others} == {name: before[name] for name in others}
    assert not any(line.startswith("up ") for line in held.said), "an address that does not open is not told"


def _answers(url: str) -> bool:
    try:
        return httpx.get(url).status_code == 200
    except httpx.HTTPError:
        return False


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("jambi", "DATABASE_URL is not an address; write postgresql://user:password@host/database"),
        (
            "postgresql://budi:rahasia@127.0.0.1:1/kota",
            "the database cannot be opened: .*Connection refused. Check DATABASE_URL",
        ),
        (
            "postgresql://127.0.0.1:99999/kota",
            'the database cannot be opened: .*invalid port number: "99999". Check DATABASE_URL',
        ),
    ],
)
def test_a_database_that_is_not_there_is_one_line_and_nothing_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, address: str, message: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", address)
    shown = run("up", "--config", settings(tmp_path), "--port", free_port(), data=tmp_path / "data")
    assert (shown.returncode, shown.stdout) == (2, "")
    assert re.fullmatch(f"run.py up: {message}\n", shown.stderr), shown.stderr
    assert "rahasia" not in shown.stderr
    assert not (tmp_path / "data/simulation").exists()
