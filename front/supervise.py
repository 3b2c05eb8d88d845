"""Keeps parts alive: starts child processes, restarts those that die, stops all of them together.

A part that dies is started again after 0.5 s, doubling to 30 s; 60 s of health begin anew. Each child holds the
reading end of a pipe as its standard input: when the parent dies, even by kill -9, the pipe ends and so do they.
"""

import fcntl
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

FIRST_WAIT_S, LONGEST_WAIT_S, HEALTHY_AFTER_S, GRACE_S = 0.5, 30.0, 60.0, 4.0
LOOK_EVERY_S = 0.1


@dataclass
class Part:
    """One child process: how to start it, when (``ready``), and how it is doing."""

    name: str
    command: Sequence[str]
    ready: Callable[[], bool] = lambda: True
    process: subprocess.Popen[str] | None = None
    started_s: float = 0.0
    start_at_s: float = 0.0
    wait_s: float = FIRST_WAIT_S


class Supervisor:
    """``say(part name, line)`` gets every line a part prints and what happens to it."""

    def __init__(self, parts: Sequence[Part], env: Mapping[str, str], say: Callable[[str, str], None]) -> None:
        self.parts, self._env, self._say = parts, env, say

    def run(self, stop: threading.Event) -> None:
        """Keep all parts running until ``stop`` is set; then stop them, last started first."""
        try:
            while not stop.is_set():
                for part in self.parts:
                    self._look_after(part, time.monotonic())
                stop.wait(LOOK_EVERY_S)
        finally:
            self._stop_all()

    def _look_after(self, part: Part, now_s: float) -> None:
        if part.process is None:
            if now_s >= part.start_at_s and part.ready():
                self._start(part, now_s)
            return
        code = part.process.poll()
        if code is None:
            return
        if now_s - part.started_s >= HEALTHY_AFTER_S:
            part.wait_s = FIRST_WAIT_S
        self._say(part.name, f"ended ({_ending(code)}); starting again in {part.wait_s:g} s")
        _end_group(part.process, signal.SIGKILL)
        part.process, part.start_at_s = None, now_s + part.wait_s
        part.wait_s = min(part.wait_s * 2, LONGEST_WAIT_S)

    def _start(self, part: Part, now_s: float) -> None:
        # A session of its own: Ctrl-C in the terminal reaches the supervisor only, which then stops all in order.
        part.process = subprocess.Popen(
            part.command, env=dict(self._env), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, errors="replace", bufsize=1, start_new_session=True,
        )  # fmt: skip
        part.started_s = now_s
        threading.Thread(target=self._relay, args=(part.name, part.process), daemon=True).start()

    def _relay(self, name: str, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        for line in process.stdout:
            self._say(name, line.rstrip())

    def _stop_all(self) -> None:
        running = [part.process for part in reversed(self.parts) if part.process is not None]
        for process in running:
            _end_group(process, signal.SIGTERM)
        until = time.monotonic() + GRACE_S
        for process in running:
            with suppress(subprocess.TimeoutExpired):
                process.wait(max(0.0, until - time.monotonic()))
            _end_group(process, signal.SIGKILL)
            process.wait()


def _end_group(process: subprocess.Popen[str], how: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, how)


def _ending(code: int) -> str:
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"


def stop_on_signals() -> threading.Event:
    """An event that Ctrl-C and SIGTERM set."""
    stop = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stop.set())
    return stop


def end_with_parent() -> None:
    """Stop this process when the supervisor that holds its standard input is gone."""

    def watch() -> None:
        while os.read(0, 1):
            pass
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(GRACE_S)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


class AlreadyUp(Exception):
    """Another process holds the data folder."""


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Hold the data folder; AlreadyUp names the process that has it."""
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "up.lock", "a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise AlreadyUp(f"already up on {folder} (process {file.read().strip() or 'unknown'})") from None
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield
