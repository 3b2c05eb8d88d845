"""HTML printed by Chromium: the daily brief on paper.

Chromium is a program of the machine (``apt install chromium``), not a package. It runs without its sandbox, which
would need rights that a service has not; what it prints is our own page, without script, and it opens nothing else.
"""

import os
import shutil
import signal
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path

#: Where it is found unless KENDALI_CHROMIUM names it.
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync",
         "--no-pdf-header-footer")  # fmt: skip
LIMIT_S = 60.0


class NoPdf(Exception):
    """The page cannot be printed here; says why and what to do."""


def pdf(page: str, limit_s: float = LIMIT_S) -> bytes:
    """``page`` as PDF on the paper that its styles name. Blocks; raises NoPdf."""
    program = chromium()
    with tempfile.TemporaryDirectory(prefix="kendali-brief-") as folder:
        source, made = Path(folder) / "brief.html", Path(folder) / "brief.pdf"
        source.write_text(page, encoding="utf-8")
        where = [f"--user-data-dir={folder}/profile", f"--print-to-pdf={made}", source.as_uri()]
        _run([program, *FLAGS, *where], limit_s)
        found = made.read_bytes() if made.is_file() else b""
    if not found.startswith(b"%PDF-"):
        raise NoPdf("Chromium ended without a PDF; try it by hand with --headless --print-to-pdf")
    return found


def chromium() -> str:
    """The program that prints; NoPdf when there is none."""
    named = os.environ.get("KENDALI_CHROMIUM")
    found = shutil.which(named) if named else next(filter(None, map(shutil.which, NAMES)), None)
    if not found:
        missing = f"KENDALI_CHROMIUM ({named}) is not a program" if named else "no Chromium on this machine"
        raise NoPdf(f"{missing}; install one (apt install chromium) or name it in KENDALI_CHROMIUM")
    return found


def _run(command: list[str], limit_s: float) -> None:
    """Run to the end; after ``limit_s`` it and all that it started are killed."""
    quiet = subprocess.DEVNULL
    started = subprocess.Popen(command, stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True)
    try:
        started.wait(limit_s)
    except subprocess.TimeoutExpired:
        raise NoPdf(f"Chromium did not print within {limit_s:g} s and was stopped") from None
    finally:
        with suppress(ProcessLookupError):
            os.killpg(started.pid, signal.SIGKILL)  # helpers of it may outlive it
        started.wait()
