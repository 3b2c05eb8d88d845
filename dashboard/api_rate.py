"""How much one client may ask of the data API: a bucket that fills by the minute."""

import math
import threading
from collections.abc import Callable

#: Clients that are remembered; more than this, and the one that has been quiet the longest is forgotten.
_KEPT = 2_000


class Rate:
    """At most ``per_minute`` requests a minute and client, half a minute's worth at once. Safe for many threads."""

    def __init__(self, per_minute: int, clock_s: Callable[[], float]) -> None:
        self._per_s, self._most, self._clock_s = per_minute / 60, max(1.0, per_minute / 2), clock_s
        self._left: dict[str, tuple[float, float]] = {}
        self._lock = threading.Lock()

    def wait_s(self, client: str) -> int:
        """Take one request; how many seconds to wait when there is none (0: go on)."""
        now = self._clock_s()
        with self._lock:
            left, then = self._left.pop(client, (self._most, now))
            left = min(self._most, left + (now - then) * self._per_s)
            allowed = left >= 1
            self._left[client] = (left - 1 if allowed else left, now)
            while len(self._left) > _KEPT:
                self._left.pop(next(iter(self._left)))
        return 0 if allowed else math.ceil((1 - left) / self._per_s)
