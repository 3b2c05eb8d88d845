"""Which panels are due and which goes first: the cheap before the dear, but nobody waits for ever."""

import time
from collections.abc import Callable, Iterable
from typing import Any

Item = tuple[str, Any]  # page name, panel

#: A panel that takes a second is overtaken by cheaper ones for this many seconds.
PATIENCE = 5.0
#: Of the time between two ticks a panel may take this much, lest a tick of dear panels fill a core.
TICK_SHARE = 0.02


class Agenda:
    """Panels by what they cost the last time. ``clock_s`` is monotonic, in seconds."""

    def __init__(self, clock_s: Callable[[], float] = time.monotonic) -> None:
        self._clock_s = clock_s
        self._due: dict[tuple[str, str], tuple[float, Item]] = {}
        self._cost: dict[tuple[str, str], float] = {}
        self._done: dict[tuple[str, str], float] = {}

    def __bool__(self) -> bool:
        return bool(self._due)

    def add(self, items: Iterable[Item]) -> None:
        """Panels whose data changed; one that is due already keeps its place."""
        for page, panel in items:
            self._due.setdefault((page, panel.name), (self._clock_s(), (page, panel)))

    def tick(self, items: Iterable[Item]) -> None:
        """Panels to be computed anew only because time went by: the dear ones not every time."""
        self.add(item for item in items if self._rested(_key(item)))

    def _rested(self, key: tuple[str, str]) -> bool:
        return self._clock_s() - self._done.get(key, float("-inf")) >= self._cost.get(key, 0.0) / TICK_SHARE

    def take(self) -> Item:
        """The next panel; LookupError when none is due."""
        key = min(self._due, key=lambda one: self._due[one][0] + PATIENCE * self._cost.get(one, 0.0), default=None)
        if key is None:
            raise LookupError("nothing is due")
        return self._due.pop(key)[1]

    def took(self, item: Item, seconds: float) -> None:
        """Note what computing ``item`` has cost."""
        self._cost[_key(item)], self._done[_key(item)] = seconds, self._clock_s()


def _key(item: Item) -> tuple[str, str]:
    return item[0], item[1].name
