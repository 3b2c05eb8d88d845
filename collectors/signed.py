"""Who may send: a signature over the moment and the body, compared in constant time; and how often.

``X-Kendali-Signature: sha256=<hex>`` is HMAC-SHA256 with the source's secret over ``X-Kendali-Timestamp`` (seconds
since 1970), a dot, and the body as sent.
"""

import hmac
import secrets
import threading
from collections import defaultdict, deque
from collections.abc import Mapping
from hashlib import sha256

#: How far the sender's clock may be from ours, in seconds. Within it a delivery can be sent again, and changes nothing.
TOLERANCE_S = 300
TIMESTAMP, SIGNATURE = "x-kendali-timestamp", "x-kendali-signature"
WINDOW_S = 60.0

#: Compared with when there is no such source, so that no one can learn the names of sources from the time it takes.
_NOBODY = secrets.token_hex(32)


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """``sha256=`` and the hex digest."""
    made = hmac.new(secret.encode(), timestamp.encode() + b"." + body, sha256)
    return f"sha256={made.hexdigest()}"


def genuine(secret: str | None, headers: Mapping[str, str], body: bytes) -> bool:
    """Whether ``headers`` sign ``body`` with ``secret``; None is a secret that nobody knows."""
    expected = signature(secret or _NOBODY, headers.get(TIMESTAMP, ""), body)
    return hmac.compare_digest(expected.encode(), headers.get(SIGNATURE, "").strip().encode()) and secret is not None


def timely(headers: Mapping[str, str], now_s: float) -> bool:
    """Whether the moment of sending lies within the tolerance around ``now_s``."""
    text = headers.get(TIMESTAMP, "")
    return text.isascii() and text.isdigit() and len(text) <= 12 and abs(int(text) - now_s) <= TOLERANCE_S


class Rate:
    """So many a minute for each name. ``wait_s`` counts one, or says how long until there is room again."""

    def __init__(self) -> None:
        self._lock, self._times = threading.Lock(), defaultdict[str, deque[float]](deque)

    def wait_s(self, name: str, per_minute: int, now_s: float) -> float:
        """0 when there is room at ``now_s`` (of a clock that never goes back); else the seconds to wait."""
        with self._lock:
            times = self._times[name]
            while times and times[0] <= now_s - WINDOW_S:
                times.popleft()
            if len(times) >= per_minute:
                return times[0] + WINDOW_S - now_s
            times.append(now_s)
            return 0.0
