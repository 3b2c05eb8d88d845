"""The roll-call: what every screen says of itself, and which are frozen or lost.

Each wall reports every ``REPORT_S`` from its page's own event loop (assets/report.js) what it has really painted.
Kept in memory by the web process: a report says everything, so after a restart the roll is full within one period.
Judged when it is asked for, from the reports and from the streams that are open: a page that is silent while its
browser still holds a stream is frozen, one without either is lost, one that reports but paints nothing of what was
published stands still. Several walls of one browser share its stream: of a silent one the others say whether it still
holds its number (a frozen page does, a dead one does not).
"""

from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Annotated, Any, NamedTuple

import msgspec

REPORT_S = 10
MAX_BYTES = 2_048
#: Bounded, whoever reports: beyond it the longest silent goes.
MOST = 500


class Limits(NamedTuple):
    """After how long a screen is flagged. The shipped ones keep every flag below a minute after the event."""

    silent: timedelta = timedelta(seconds=35)  # three reports missed
    #: A browser wakes a hidden page once a minute only.
    hidden_silent: timedelta = timedelta(seconds=95)
    still: timedelta = timedelta(seconds=25)
    skew: timedelta = timedelta(seconds=5)
    #: A screen that is not paired and never said goodbye is looked for this long.
    forget: timedelta = timedelta(hours=24)
    #: A dead wall whose browser goes on with others is missed this long: somebody works there.
    forget_beside: timedelta = timedelta(hours=1)


Word = Annotated[str, msgspec.Meta(min_length=1, max_length=64, pattern=r"^[\w.+-]+\Z")]
Pixels = Annotated[int, msgspec.Meta(ge=0, le=100_000)]


class Report(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """What a screen says. Times in ms by its own clocks; ``skew_ms``: its clock less the server's, at a beat."""

    screen: Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{16}\Z")]
    slot: Word
    wall: Word
    pages: Annotated[list[Word], msgspec.Meta(min_length=1, max_length=32)]
    scene: Word
    build: Annotated[str, msgspec.Meta(max_length=64)]
    seq: Annotated[int, msgspec.Meta(ge=0, lt=2**53)]
    width: Pixels
    height: Pixels
    hidden: bool
    frame_ms: Annotated[float, msgspec.Meta(ge=0)] | None = None
    skew_ms: float | None = None
    memory: Annotated[int, msgspec.Meta(ge=0, lt=2**53)] | None = None
    bye: bool = False
    #: The numbers that walls of this browser hold, this one's own among them; None: the browser cannot tell.
    held: Annotated[list[Word], msgspec.Meta(max_length=16)] | None = None


class Health(IntEnum):
    """How a screen is, the worst first."""

    LOST = 0
    FROZEN = 1
    STILL = 2
    HIDDEN = 3
    OLD = 4
    SKEWED = 5
    GOOD = 6


@dataclass
class Line:
    """One screen on the roll. ``owed``: the sequence it must have painted by now, and since when."""

    report: Report
    seen_at: datetime
    owed: int
    owed_at: datetime


class Screen(NamedTuple):
    """A screen as it is judged now. ``report`` None: expected, and never heard since this process began."""

    who: str
    slot: str
    name: str
    health: Health
    report: Report | None
    seen_at: datetime | None
    old: bool
    skewed: bool
    behind: bool


class Roll:
    """The screens of one web process; for one thread, the event loop's.

    ``newest`` gives a page's last sequence; ``expected`` the screens that must be there (identity -> name, when last
    seen) where they are paired: those and no others. None: whoever reports is expected from then on.
    """

    def __init__(
        self,
        newest: Callable[[str], int | None],
        version: Callable[[], str],
        clock: Callable[[], datetime],
        limits: Limits | None = None,
        expected: Callable[[], Mapping[str, tuple[str, datetime | None]]] | None = None,
    ) -> None:
        self._newest, self._version, self._clock, self.limits = newest, version, clock, limits or Limits()
        self._lines: dict[tuple[str, str], Line] = {}
        self._streams: Counter[str] = Counter()
        self._expected = expected

    def heard(self, who: str, report: Report) -> None:
        """Take a report. Raises KeyError for a page that is not ours."""
        newest = max(self._seq(page) for page in report.pages)
        key, now = (who, report.slot), self._clock()
        if report.bye:
            self._lines.pop(key, None)
            return
        known = self._lines.get(key)
        line = Line(report, now, known.owed, known.owed_at) if known else Line(report, now, newest, now)
        if report.seq >= line.owed or (known and known.report.pages != report.pages):
            line.owed, line.owed_at = newest, now
        self._lines[key] = line
        if len(self._lines) > MOST:
            del self._lines[min(self._lines, key=lambda one: self._lines[one].seen_at)]

    def _seq(self, page: str) -> int:
        newest = self._newest(page)
        if newest is None:
            raise KeyError(page)
        return newest

    async def following(self, who: str, stream: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        """The same stream, counted as ``who``'s while it is open."""
        self._streams[who] += 1
        try:
            async with aclosing(stream) as parts:  # type: ignore[type-var]
                async for part in parts:
                    yield part
        finally:
            self._streams[who] -= 1
            if self._streams[who] <= 0:
                del self._streams[who]

    def screens(self) -> list[Screen]:
        """Every screen, problems first, then by name."""
        now, expected = self._clock(), self._expected() if self._expected else {}
        for key, line in list(self._lines.items()):
            if now - line.seen_at > self._forget(*key, now) or (self._expected and key[0] not in expected):
                del self._lines[key]
        found = [self._judged(*key, line, expected, now) for key, line in self._lines.items()]
        silent = expected.keys() - {one.who for one in found}
        found += [self._absent(who, *expected[who]) for who in silent]
        return sorted(found, key=lambda one: (one.health, one.name or "~", one.who, one.slot))

    def _absent(self, who: str, name: str, seen_at: datetime | None) -> Screen:
        # Its stream is open and its page has never said a word: the page is what is wrong.
        health = Health.FROZEN if who in self._streams else Health.LOST
        return Screen(who, "1", name, health, None, seen_at, False, False, False)

    def _judged(self, who: str, slot: str, line: Line, expected: Mapping[str, Any], now: datetime) -> Screen:
        report, limits = line.report, self.limits
        old = report.build != self._version()
        skewed = report.skew_ms is not None and abs(report.skew_ms) > limits.skew / timedelta(milliseconds=1)
        # What is owed since this very report it can only have painted by the next one.
        behind = report.seq < line.owed and line.owed_at < line.seen_at
        health = self._silence(who, slot, line, now)
        if health is None:
            health = Health.HIDDEN if report.hidden else Health.STILL if self._still(line, now) else None
        if health is None:
            health = Health.OLD if old else Health.SKEWED if skewed else Health.GOOD
        name = expected[who][0] if who in expected else ""
        return Screen(who, slot, name, health, report, line.seen_at, old, skewed, behind)

    def _silence(self, who: str, slot: str, line: Line, now: datetime) -> Health | None:
        if not self._is_silent(line, now):
            return None
        held = self._held(who, now)
        alive = who in self._streams if held is None else slot in held
        return Health.FROZEN if alive else Health.LOST

    def _is_silent(self, line: Line, now: datetime) -> bool:
        return now - line.seen_at > (self.limits.hidden_silent if line.report.hidden else self.limits.silent)

    def _held(self, who: str, now: datetime) -> list[str] | None:
        """The numbers that walls of a browser hold, as one of them said that is not silent; None: none says."""
        told = [line for (whose, _), line in self._lines.items() if whose == who and line.report.held is not None]
        living = [line for line in told if not self._is_silent(line, now)]
        return max(living, key=lambda line: line.seen_at).report.held if living else None

    def _forget(self, who: str, slot: str, now: datetime) -> timedelta:
        held = self._held(who, now)
        return self.limits.forget if held is None or slot in held else self.limits.forget_beside

    def _still(self, line: Line, now: datetime) -> bool:
        """Whether what was published is not painted, or whether the browser draws nothing at all any more."""
        report, still = line.report, self.limits.still
        unpainted = report.seq < line.owed and now - line.owed_at > still
        return unpainted or (report.frame_ms or 0) > still / timedelta(milliseconds=1)

    def counts(self, screens: Iterable[Screen] | None = None) -> dict[str, int]:
        """The roll as numbers; each screen is expected and one of the other three or none of them."""
        each = Counter(one.health for one in (self.screens() if screens is None else screens))
        frozen = each[Health.FROZEN] + each[Health.STILL]
        return {
            "screens_expected": each.total(),
            "screens_seen": each.total() - each[Health.FROZEN] - each[Health.LOST],
            "screens_frozen": frozen,
            "screens_lost": each[Health.LOST],
        }


def read(body: bytes) -> Report:
    """A report from its JSON. Raises msgspec.ValidationError or msgspec.DecodeError, both of them ValueErrors."""
    if len(body) > MAX_BYTES:
        raise ValueError("too long")
    return msgspec.json.decode(body, type=Report)
