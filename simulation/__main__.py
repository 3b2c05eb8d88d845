"""Runs the simulated city until it is told to stop: ``python -m simulation --data DIR``."""

import argparse
import json
import os
import signal
import sys
import threading
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg

from simulation import drops, memo_office, sender, server
from simulation.quirks import Quirks
from simulation.town import Rush, Town

WRITE_EVERY_S = 30


def main(arguments: list[str] | None = None) -> None:
    """Serve and drop files; returns on SIGTERM or Ctrl-C."""
    run(_parser().parse_args(arguments))


def run(options: argparse.Namespace) -> None:
    """The same, with the options already read."""
    folder = Path(options.data)
    town = Town(options.seed, rushes(folder, options.speed, datetime.now(UTC)))
    ordered: dict[str, Any] = dict.fromkeys(options.quirk, True)
    quirks = Quirks(**ordered)
    # Before the first answer: whoever finds the desk open finds the folders filled.
    _tell(town, folder, options)
    try:
        desk, _ = server.start(town, folder, port=options.port, recorded=options.recorded, quirks=quirks)
    except OSError as error:
        raise SystemExit(f"simulation: cannot serve on 127.0.0.1:{options.port}: {error.strerror}") from error
    stop = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    if options.send_to and options.secret:
        what = (town, options.send_to, options.secret, lambda: datetime.now(UTC), stop)
        threading.Thread(target=sender.keep_sending, args=what, daemon=True).start()
    # Who reads this may stop us at once.
    print(f"simulation: http://127.0.0.1:{desk.server_address[1]}/open311/v2/ and {folder / 'drop'}", flush=True)
    while not stop.wait(WRITE_EVERY_S):
        _tell(town, folder, options)
    desk.stop()


def _tell(town: Town, folder: Path, options: argparse.Namespace) -> None:
    """Write down what has happened, in the folders and in the memo system's database."""
    now = datetime.now(UTC)
    drops.write(town, folder / "drop", now, options.days)
    if options.database:
        try:
            memo_office.keep(options.database, town, now, options.days)
        except psycopg.OperationalError as error:
            # The rest of the city goes on, and the next time may do. The driver's text may hold the address.
            print(f"simulation: no memo system: {type(error).__name__} of its database", file=sys.stderr, flush=True)


def rushes(folder: Path, speed: float, now: datetime) -> tuple[Rush, ...]:
    """The spans at each speed so far. They are kept: a restart must not undo what already happened."""
    file = folder / "speeds.json"
    known = json.loads(file.read_text()) if file.exists() else []
    if speed != (known[-1]["speed"] if known else 1):
        known.append({"started_at": now.isoformat(timespec="seconds"), "speed": speed})
        folder.mkdir(parents=True, exist_ok=True)
        fresh = file.with_suffix(".new")
        fresh.write_text(json.dumps(known))
        fresh.replace(file)
    return tuple(Rush(datetime.fromisoformat(span["started_at"]), span["speed"]) for span in known)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="simulation", description=__doc__)
    parser.add_argument("--data", default="data/simulation", help="folder for filed complaints and drops")
    parser.add_argument("--port", type=int, default=8311, help="port on 127.0.0.1; 0 takes a free one")
    parser.add_argument("--seed", type=int, default=1571, help="another seed is another city")
    parser.add_argument("--days", type=int, default=120, help="days of history in the drop folders")
    parser.add_argument("--speed", type=float, default=1, help="how many times as often things happen from now on")
    parser.add_argument("--recorded", type=Path, help="folder of recorded answers, served under /recorded/")
    parser.add_argument("--database", help="PostgreSQL URL of the memo system; its database is made where missing")
    parser.add_argument("--send-to", metavar="URL", help="where the water company sends its outages, POST /ingest/...")
    parser.add_argument("--secret", help="what it signs them with; better in SIMULATION_SECRET than on a command line",
                        default=os.environ.get("SIMULATION_SECRET"))  # fmt: skip
    names = [quirk.name for quirk in fields(Quirks) if quirk.default is False]
    parser.add_argument("--quirk", action="append", default=[], choices=names, help="answer like a server with it")
    return parser


if __name__ == "__main__":
    main()
