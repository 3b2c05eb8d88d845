"""Open cases that the server does not know any more: how long to wait, and when they are closed as withdrawn. Pure.

A city deletes complaints (doubles, tests, withdrawn ones) and tells nobody; kept open, each would grow older for
ever. But an answer "not found" may be a fault of an hour. So a case is closed when it was not found each time it
was asked for, several times over some days, by a server that found others by their ids in the same run. It is
closed as of the first time: rejected, with the outcome ``withdrawn``. If it comes back, it is what its row says.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from city.model import Withdrawn
from city.times import instant

#: However short the time to wait: fewer answers are no pattern.
TIMES = 3


class Missing:
    """What one run learns. ``known``: case -> [since when, how often it was not found], as :attr:`marks` gives it."""

    def __init__(self, known: Mapping[str, Any], followed: Iterable[str], now: datetime) -> None:
        self._now, self._known = now, {key: known[key] for key in followed if key in known}

    def not_found(self, keys: Iterable[str]) -> None:
        """The server said of these cases that it does not have them."""
        for key in keys:
            first, times = self._known.get(key, (self._now.isoformat(), 0))
            self._known[key] = [first, times + 1]

    def found(self, keys: Iterable[str]) -> None:
        """These cases came: whatever was said of them before, they are there."""
        for key in keys:
            self._known.pop(key, None)

    def withdrawn(self, after: timedelta) -> Iterator[Withdrawn]:
        """The cases that have been missing for so long and so often; each once."""
        for key, (first, times) in [*self._known.items()]:
            if times >= TIMES and self._now - instant(first) >= after:
                del self._known[key]
                yield Withdrawn(key, instant(first))

    @property
    def marks(self) -> dict[str, list[Any]]:
        """The cases that are still waited for, for the cursor."""
        return dict(self._known)
