"""The water company of the simulated city, which sends: outages as signed JSON lines to POST /ingest/<source>.

Every minute the outages of the last days as they stand, and at once again what was not taken. Each line is simulated.
"""

import hashlib
import hmac
import json
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from urllib.error import URLError
from urllib.request import ProxyHandler, Request, build_opener

from simulation.places import DISTRICTS, ZONE
from simulation.town import Town

DAYS, EVERY_S, RETRY_S, TIMEOUT_S = 30, 60.0, 3.0, 20.0
#: Outages on a day, and how long one lasts in hours (from, to).
_A_DAY, _HOURS = 2.2, (0.7, 9.0)
_CAUSES = (("pipa_bocor", 55), ("pompa", 20), ("pemeliharaan", 25))
_direct = build_opener(ProxyHandler({}))


def outages(town: Town, now: datetime, days: int = DAYS) -> Iterator[dict[str, object]]:
    """The outages of ``days`` that had begun by ``now``, as they stand."""
    today = now.astimezone(ZONE).date()
    for back in range(days, -1, -1):
        for number, (start, end, district, cause) in enumerate(_of_day(town, today - timedelta(days=back)), 1):
            if start <= now:
                restored = end.isoformat(timespec="seconds") if end <= now else None
                yield {
                    "nomor": f"AIR-{start:%y%m%d}-{number:02}", "mulai": start.isoformat(timespec="seconds"),
                    "pulih": restored, "kecamatan": district, "sebab": cause, "simulated": True,
                }  # fmt: skip


def _of_day(town: Town, day: date) -> list[tuple[datetime, datetime, str, str]]:
    random, found = town.random(day, "outages"), []
    for _ in range(max(0, round(random.gauss(_A_DAY, 1.2)))):
        minute, hours = random.randrange(5 * 60, 22 * 60), random.uniform(*_HOURS)
        start = datetime(day.year, day.month, day.day, tzinfo=ZONE) + timedelta(minutes=minute)
        district = random.choices([row[0] for row in DISTRICTS], [row[3] for row in DISTRICTS])[0]
        cause = random.choices([name for name, _ in _CAUSES], [weight for _, weight in _CAUSES])[0]
        found.append((start, start + timedelta(hours=hours), district, cause))
    return sorted(found)


def delivery(url: str, secret: str, body: bytes, at_s: int) -> Request:
    """The signed request: HMAC-SHA256 of the moment, a full stop and the body."""
    signature = hmac.new(secret.encode(), str(at_s).encode() + b"." + body, hashlib.sha256).hexdigest()
    return Request(
        url, data=body, method="POST",
        headers={
            "Content-Type": "application/x-ndjson", "X-Kendali-Timestamp": str(at_s),
            "X-Kendali-Signature": f"sha256={signature}", "Idempotency-Key": f"air-{at_s}",
        },
    )  # fmt: skip


def send(town: Town, url: str, secret: str, clock: Callable[[], datetime]) -> bool:
    """One delivery; whether it was taken."""
    body = "".join(json.dumps(row) + "\n" for row in outages(town, clock())).encode()
    try:
        with _direct.open(delivery(url, secret, body, int(time.time())), timeout=TIMEOUT_S):
            return True
    except (URLError, OSError):
        return False  # nobody collects yet, or no longer: the same rows go again


def keep_sending(town: Town, url: str, secret: str, clock: Callable[[], datetime], stop: threading.Event) -> None:
    """Send until told to stop; says once when deliveries are not taken."""
    told = False
    while not stop.is_set():
        taken = send(town, url, secret, clock)
        if not taken and not told:
            print("simulation: deliveries are not taken yet; trying again", file=sys.stderr, flush=True)
        told = not taken
        stop.wait(EVERY_S if taken else RETRY_S)
