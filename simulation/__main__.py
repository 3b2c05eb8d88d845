"""Runs the simulated city until it is told to stop: ``python -m simulation --data DIR``."""

import argparse
import signal
import threading
from datetime import UTC, datetime
from pathlib import Path

from simulation import drops, server
from simulation.town import Town

WRITE_EVERY_S = 30


def main(arguments: list[str] | None = None) -> None:
    """Serve and drop files; returns on SIGTERM or Ctrl-C."""
    options = _parser().parse_args(arguments)
    started = datetime.now(UTC)
    town = Town(options.seed, options.speed, started)
    folder = Path(options.data)
    desk, _ = server.start(town, folder, port=options.port, recorded=options.recorded)
    print(f"simulation: http://127.0.0.1:{desk.server_address[1]}/open311/v2/ and {folder / 'drop'}", flush=True)
    stop = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    while True:
        drops.write(town, folder / "drop", datetime.now(UTC), options.days)
        if stop.wait(WRITE_EVERY_S):
            break
    desk.shutdown()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="simulation", description=__doc__)
    parser.add_argument("--data", default="data/simulation", help="folder for filed complaints and drops")
    parser.add_argument("--port", type=int, default=8311, help="port on 127.0.0.1; 0 takes a free one")
    parser.add_argument("--seed", type=int, default=1571, help="another seed is another city")
    parser.add_argument("--days", type=int, default=70, help="days of history in the drop folders")
    parser.add_argument("--speed", type=float, default=1, help="how many times as often things happen from now on")
    parser.add_argument("--recorded", type=Path, help="folder of recorded answers, served under /recorded/")
    return parser


if __name__ == "__main__":
    main()
