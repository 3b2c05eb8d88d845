"""A host that keeps failing is left in peace for a while, and what would ask it fails at once instead of waiting.

One breaker for all sources of a process: many of them may ask one host. What counts as a failure is no answer, or one
that says it is too much (429, 502, 503, 504); any other answer, also an error, means that the host is there.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from city.model import NotUnderstood, Refused, Unreachable

#: So many failures in a row, then nothing until a probe after FIRST_PAUSE_S, doubling to LONGEST_PAUSE_S.
LIMIT, FIRST_PAUSE_S, LONGEST_PAUSE_S = 5, 30.0, 300.0
#: A Retry-After is believed up to so long.
LONGEST_PEACE_S = 6 * 3600.0
_TOO_MUCH = (429, 502, 503, 504)


@dataclass
class _Host:
    failures: int = 0
    pause_s: float = FIRST_PAUSE_S
    until: float = float("-inf")


class Breaker:
    """Safe to use from many threads. ``clock`` gives seconds that never go back."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._lock, self._hosts = clock, threading.Lock(), dict[str, _Host]()

    @contextmanager
    def guarding(self, host: str) -> Iterator[None]:
        """Around one exchange with ``host``. Raises Unreachable at once while the host is left in peace."""
        probe = self._admit(host)
        try:
            yield
        except Unreachable:
            self._failed(host, probe, 0.0)
            raise
        except Refused as error:
            if error.status in _TOO_MUCH:
                self._failed(host, probe, error.after_s)
            else:
                self._answered(host)
            raise
        except NotUnderstood:
            self._answered(host)
            raise
        self._answered(host)

    def _admit(self, host: str) -> bool:
        """Whether this exchange is the probe of a host that has failed too often."""
        with self._lock:
            state, now = self._hosts.get(host), self._clock()
            if state is None:
                return False
            if now < state.until:
                often = state.failures >= LIMIT
                why = f"has failed {state.failures} times" if often else "wants to be left in peace"
                raise Unreachable(f"{why}; asked again in {max(1, round(state.until - now))} s", where=host)
            if state.failures < LIMIT:
                return False
            state.until = now + state.pause_s  # the others wait for what the probe brings
            return True

    def _failed(self, host: str, probe: bool, after_s: float) -> None:
        with self._lock:
            state, now = self._hosts.setdefault(host, _Host()), self._clock()
            if state.failures < LIMIT:
                state.failures += 1
                pause_s = state.pause_s if state.failures == LIMIT else 0.0
            elif probe:
                state.failures += 1
                pause_s = state.pause_s = min(2 * state.pause_s, LONGEST_PAUSE_S)
            else:
                pause_s = 0.0  # it was on its way when the host failed for the last time
            state.until = max(state.until, now + max(pause_s, min(after_s, LONGEST_PEACE_S)))

    def _answered(self, host: str) -> None:
        with self._lock:
            self._hosts.pop(host, None)
