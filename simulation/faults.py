"""Faults on demand: the next answers under a path prefix are spoiled the way real servers spoil them."""

import threading
from dataclasses import dataclass

KINDS = (
    "html", "401", "429", "500", "empty", "truncate", "slow", "timeout", "reset", "drip", "endless", "huge", "bomb",
    "redirect",
)  # fmt: skip


@dataclass
class Fault:
    """One order: which answers to spoil, how, and how many are left. ``seconds`` is for slow, timeout and drip."""

    fault: str
    prefix: str = "/"
    count: int = 1
    seconds: float = 3.0

    def __post_init__(self) -> None:
        if self.fault not in KINDS:
            raise ValueError(f"fault is none of {', '.join(KINDS)}")
        if not isinstance(self.prefix, str) or not isinstance(self.count, int) or self.count < 1:
            raise ValueError("prefix is not a path, or count is not a number from 1")
        self.seconds = float(self.seconds)


class Faults:
    """The orders that stand; safe to ask from many threads."""

    def __init__(self) -> None:
        self._orders: list[Fault] = []
        self._lock, self.closing = threading.Lock(), threading.Event()

    def order(self, fault: Fault) -> None:
        """Spoil the next answers as ordered."""
        with self._lock:
            self._orders.append(fault)

    def clear(self) -> None:
        """Forget every order."""
        with self._lock:
            self._orders.clear()

    def take(self, path: str) -> Fault | None:
        """The fault of this answer, if one is ordered; /health and /_faults always answer well."""
        if path.startswith(("/health", "/_faults")):
            return None
        with self._lock:
            for order in self._orders:
                if path.startswith(order.prefix):
                    order.count -= 1
                    self._orders = [kept for kept in self._orders if kept.count > 0]
                    return order
        return None

    def hold(self, fault: Fault) -> None:
        """Keep the caller waiting, but never a server that is closing."""
        self.closing.wait(fault.seconds)
