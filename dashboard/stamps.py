"""Stamps: what a frame needs to tell the truth about its panel's age, apart from what the panel draws."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from city.model import Reading
from city.queries import SourceState
from city.texts import N_
from dashboard.reading import Part
from dashboard.words import Words

Stamp = dict[str, Any]
Seen = Mapping[str, SourceState]

#: The code of a panel that cannot be computed; a source's codes are in city.model.
PANEL_CODE = "K-200"
#: code of a SourceError -> what the source does, in Indonesian.
WHAT = {
    "K-101": N_("tidak menjawab"),
    "K-102": N_("menolak permintaan"),
    "K-103": N_("menjawab dengan isi yang tidak dikenali"),
    "K-104": N_("tidak mengirim berkas"),
    "K-105": N_("mengirim berkas yang tidak terbaca"),
    "K-106": N_("mengubah susunan kolomnya"),
    "K-107": N_("mengirim terlalu banyak baris yang tidak terbaca"),
}
#: What it does when nothing better is known.
UNREADABLE = N_("tidak terbaca")


class Fault(NamedTuple):
    """Since when and how often a panel could not be computed."""

    since: datetime
    tries: int


class Stamper:
    """Makes stamps; remembers which sources fed a panel and which panels cannot be computed."""

    def __init__(self, words: Words, clock: Callable[[], datetime]) -> None:
        self._words, self._clock = words, clock
        self._fed: dict[tuple[str, str], tuple[str, ...]] = {}
        self._faults: dict[tuple[str, str], Fault] = {}

    def sources(self, page: str, panel: Any) -> tuple[str, ...]:
        """The sources behind a panel: those that fed it last, else those configured to."""
        return self._fed.get((page, panel.name)) or panel.sources

    def is_broken(self, page: str, panel: Any) -> bool:
        """Whether the panel could not be computed the last time."""
        return (page, panel.name) in self._faults

    def broke(self, page: str, panel: Any) -> Fault:
        """Count a panel that cannot be computed."""
        old = self._faults.get((page, panel.name)) or Fault(self._clock(), 0)
        fault = self._faults[page, panel.name] = old._replace(tries=old.tries + 1)
        return fault

    def mended(self, page: str, panel: Any) -> None:
        """It could be computed again."""
        self._faults.pop((page, panel.name), None)

    def stamp(self, page: str, panel: Any, reading: Reading | None, seen: Seen) -> Stamp:
        """The stamp of a body that was drawn from ``reading``."""
        if reading is not None and reading.sources:
            # A reading names its sources by their titles.
            fed = tuple(name for name, state in seen.items() if state.title in reading.sources)
            self._fed[page, panel.name] = fed
        as_of = self._as_of(page, panel, seen)
        if reading is not None and reading.as_of:
            as_of = min(as_of, reading.as_of) if as_of else reading.as_of
        never = reading is None or reading.as_of is None
        return {
            **self._limits(panel),
            "as_of": None if never or as_of is None else as_of.isoformat(),
            "failure": self._failure(page, panel, seen),
            "missing": never,
            "partial": self._partial(reading),
            "simulated": reading is not None and reading.simulated,
            "source": ", ".join(seen[name].credit for name in self.sources(page, panel) if name in seen),
            "n": reading.n if reading else 0,
        }

    def restamp(self, page: str, panel: Any, old: Mapping[str, Any], seen: Seen) -> Stamp:
        """The stamp of an unchanged body after another run of its sources."""
        as_of = self._as_of(page, panel, seen)
        moved = {"as_of": as_of.isoformat()} if as_of and not old["missing"] else {}
        return {**old, **self._limits(panel), **moved, "failure": self._failure(page, panel, seen)}

    def kept(self, page: str, panel: Any, old: Mapping[str, Any] | None, seen: Seen) -> Stamp:
        """The stamp of a panel that cannot be computed: its age does not move on."""
        empty = {"as_of": None, "missing": True, "partial": "", "simulated": False, "source": "", "n": 0}
        return {**(old or empty), **self._limits(panel), "failure": self._failure(page, panel, seen)}

    def _limits(self, panel: Any) -> Stamp:
        return {"stale_after_s": panel.stale_after_s, "expires_after_s": panel.expires_after_s}

    def _partial(self, reading: Reading | None) -> str:
        """``9 dari 11 kecamatan`` when a part of them cannot be seen, else empty."""
        part: Part | None = reading.extra.get("part") if reading else None
        if part is None or part.seen >= part.whole:
            return ""
        words = self._words
        whole = f"{words.number(part.whole)} {words.many(part.what, part.whole)}"
        return f"{words.number(part.seen)} {words.t('dari')} {whole}"

    def _as_of(self, page: str, panel: Any, seen: Seen) -> datetime | None:
        known = [seen[name].last_ok_at for name in self.sources(page, panel) if name in seen]
        return min((moment for moment in known if moment), default=None)

    def _failure(self, page: str, panel: Any, seen: Seen) -> Stamp | None:
        """What is wrong: the panel itself before its sources; of them the one that failed most often."""
        if fault := self._faults.get((page, panel.name)):
            text = f"{self._words.t('Panel ini tidak dapat dihitung')}{self._since(fault.since)}"
            return self._failed(fault.since, fault.tries, PANEL_CODE, text)
        states = [seen[name] for name in self.sources(page, panel) if name in seen]
        worst = max(states, key=lambda state: state.failures, default=None)
        if worst is None or not worst.failures:
            return None
        code = worst.error_code or "K-100"
        text = f"{worst.title} {self._words.t(WHAT.get(code, UNREADABLE))}{self._since(worst.since)}"
        return self._failed(worst.since, worst.failures, code, text)

    def _since(self, since: datetime | None) -> str:
        return f" {self._words.t('sejak')} {self._words.moment(since, self._clock())}" if since else ""

    def _failed(self, since: datetime | None, tries: int, code: str, text: str) -> Stamp:
        when = since.isoformat() if since else None
        return {"since": when, "tries": tries, "code": code, "text": f"{text}. {self._words.t('Kode')} {code}."}
