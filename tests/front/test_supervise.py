"""Parts are real processes here: they are killed, and must come back or go away."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from front.supervise import AlreadyUp, Part, Supervisor, alone

ROOT = Path(__file__).resolve().parents[2]
STAYS = "import os, time; print('pid', os.getpid(), flush=True); time.sleep(60)"
#: A supervisor with one part, as a process of its own; the part ends with its parent.
PARENT = """
import os, sys, time
from front.supervise import Part, Supervisor, stop_on_signals
child = "from front.supervise import end_with_parent; import os, time; end_with_parent(); " + {stays!r}
Supervisor([Part("clock", [sys.executable, "-c", child])], os.environ, lambda name, line: print(line, flush=True)
).run(stop_on_signals())
"""


def until(true: Callable[[], bool], seconds: float = 10) -> bool:
    """Whether ``true`` becomes so in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if true():
            return True
        time.sleep(0.05)
    return False


def alive(pid: int) -> bool:
    """Whether a process runs (one that waits to be reaped does not)."""
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


class Running:
    """A supervisor in a thread, and what its parts said."""

    def __init__(self, *parts: Part) -> None:
        self.said: list[str] = []
        self.stop = threading.Event()
        self.supervisor = Supervisor(parts, os.environ, lambda name, line: self.said.append(f"{name}: {line}"))
        self.thread = threading.Thread(target=self.supervisor.run, args=(self.stop,))
        self.thread.start()

    def pids(self) -> list[int]:
        return [int(line.split()[-1]) for line in self.said if ": pid " in line]

    def end(self) -> None:
        self.stop.set()
        self.thread.join(15)


def test_a_part_that_dies_is_started_again() -> None:
    running = Running(Part("collect", [sys.executable, "-c", STAYS]))
    try:
        assert until(lambda: len(running.pids()) == 1)
        os.kill(running.pids()[0], signal.SIGKILL)
        assert until(lambda: len(running.pids()) == 2)
        assert "collect: ended (signal SIGKILL); starting again in 0.5 s" in running.said
    finally:
        running.end()
    assert not any(map(alive, running.pids()))


def test_a_part_that_cannot_start_is_tried_less_and_less_often() -> None:
    running = Running(Part("serve", [sys.executable, "-c", "raise SystemExit(3)"]))
    try:
        assert until(lambda: len(running.said) == 3)
    finally:
        running.end()
    assert running.said == [f"serve: ended (exit code 3); starting again in {wait} s" for wait in ("0.5", "1", "2")]


def test_a_part_that_will_not_stop_is_made_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("front.supervise.GRACE_S", 0.5)
    stubborn = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + STAYS
    running = Running(Part("publish", [sys.executable, "-c", stubborn]))
    assert until(lambda: len(running.pids()) == 1)
    running.end()
    assert not running.thread.is_alive()
    assert not alive(running.pids()[0])


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=lambda how: how.name)
def test_parts_end_with_their_parent_however_it_ends(how: signal.Signals) -> None:
    code = PARENT.format(stays=STAYS)
    parent = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    child = int(parent.stdout.readline().split()[-1])
    parent.send_signal(how)
    assert parent.wait(10) == (-9 if how == signal.SIGKILL else 0)
    assert until(lambda: not alive(child))
    parent.stdout.close()


def test_a_second_up_on_the_same_data_is_refused_and_names_the_first(tmp_path: Path) -> None:
    with alone(tmp_path), pytest.raises(AlreadyUp, match=rf"process {os.getpid()}\)"), alone(tmp_path):
        pass
    with alone(tmp_path):
        pass
