"""How often a host is asked: a limit over all jobs of the process, kept by waiting before a request.

A collector module says it as ``PER_MINUTE = {"bmkg.go.id": 60}``; the limit holds for the host and all
hosts below it together. Another process (``run.py once`` beside ``run.py up``) counts for itself.
"""

import threading
import time
from collections import deque
from collections.abc import Callable

#: A minute, and what a request may be faster on its way than the one a minute before it.
SPAN_S = 61.0


class Pace:
    """Counts requests by host. ``wait`` may be called from any thread."""

    def __init__(
        self, now: Callable[[], float] = time.monotonic, sleep: Callable[[float], object] = time.sleep
    ) -> None:
        self._now, self._sleep, self._lock = now, sleep, threading.Lock()
        self._limits: dict[str, int] = {}
        self._taken: dict[str, deque[float]] = {}

    def limit(self, host: str, per_minute: int) -> None:
        """At most ``per_minute`` requests a minute to ``host`` and what lies below it; the smallest limit counts."""
        with self._lock:
            self._limits[host] = min(per_minute, self._limits.get(host, per_minute))

    def limited(self, host: str) -> str | None:
        """The name whose limit holds for ``host``; None when there is none."""
        named = (name for name in self._limits if host == name or host.endswith(f".{name}"))
        return max(named, key=len, default=None)

    def wait(self, host: str) -> None:
        """Take the next turn at ``host`` and sleep until it comes."""
        with self._lock:
            now, name = self._now(), self.limited(host)
            if name is None:
                return
            # The turn is taken here and slept for outside: whoever comes next is behind it.
            taken, most = self._taken.setdefault(name, deque()), self._limits[name]
            at = now if len(taken) < most else max(now, taken[-most] + SPAN_S)
            taken.append(at)
            while len(taken) > most:
                taken.popleft()
        if at > now:
            self._sleep(at - now)


#: What every session of this process shares.
SHARED = Pace()
