"""Our programs in processes of their own, forked from one that has imported the libraries already.

To import them takes longer than most of what a test asks for. What is forked is a process like any other: it is
killed like one, and fails like one. That ``python run.py`` itself starts is what the tests of ``up`` see.
"""

import atexit
import multiprocessing
import os
import runpy
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
_LIBRARIES = ["numpy", "pandas", "alembic.command", "alembic.config", "front.cli", "front.parts", "dashboard.serving",
              "dashboard.publish", "collectors.runner", "collectors.schedule"]  # fmt: skip
_forks = multiprocessing.get_context("forkserver")
_forks.set_forkserver_preload(_LIBRARIES)


class Forked:
    """A running ``target(*args)``, with the words of a ``subprocess.Popen``."""

    def __init__(self, target: Callable[..., None], *args: Any) -> None:
        self._process = _forks.Process(target=target, args=args, daemon=True)
        self._process.start()
        self.pid = self._process.pid

    def poll(self) -> int | None:
        """Its exit code, or None while it runs."""
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        """Its exit code once it has ended; TimeoutExpired."""
        self._process.join(timeout)
        if self._process.exitcode is None:
            raise subprocess.TimeoutExpired("forked", timeout or 0)
        return self._process.exitcode

    def send_signal(self, number: int) -> None:
        """As ``kill`` does."""
        if self._process.exitcode is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """End it without a word."""
        self.send_signal(signal.SIGKILL)


def run_py(arguments: list[str], env: dict[str, str], timeout: float = 120) -> subprocess.CompletedProcess[str]:
    """`run.py` with ``arguments``, and what it said."""
    with tempfile.TemporaryDirectory() as folder:
        out, err = Path(folder) / "out", Path(folder) / "err"
        running = Forked(_run_py, arguments, env, str(out), str(err))
        try:
            code = running.wait(timeout)
        finally:
            running.kill()
        return subprocess.CompletedProcess(["run.py", *arguments], code, out.read_text(), err.read_text())


def _run_py(arguments: list[str], env: dict[str, str], out: str, err: str) -> None:
    for stream, path in ((sys.stdout, out), (sys.stderr, err)):
        file = os.open(path, os.O_WRONLY | os.O_CREAT)
        os.dup2(file, stream.fileno())
        os.close(file)
    os.environ.clear()
    os.environ.update(env)
    os.chdir(ROOT)
    sys.argv = ["run.py", *arguments]
    try:
        runpy.run_path("run.py", run_name="__main__")
    finally:
        atexit._run_exitfuncs()  # a forked process does not, one of its own would
