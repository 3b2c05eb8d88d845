"""What happened, put in order: cases that began and ended, and hours of a counted metric, as one list. Pure.

Alike things of one hour and place are one line with their number: a wall shows counts, never a person's call.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dashboard import quakes
from dashboard.words import Words


@dataclass(frozen=True)
class Happening:
    """One line: when, which track's, how many, what and where; ``lasts``: it is not over yet."""

    at: datetime
    track: int
    what: str
    where: str
    count: int = 1
    lasts: bool = False


def of_cases(
    number: int, track: Any, rows: Iterable[Mapping[str, Any]], now: datetime, words: Words
) -> list[Happening]:
    """The beginnings (and, when the track says how they are called, the ends) of cases up to ``now``."""
    found = []
    for row in rows:
        ended = row["closed_at"] is not None and row["closed_at"] <= now
        where = _where(track, row, words)
        if row["opened_at"] <= now:
            what = _what(track, row, words)
            found.append(Happening(row["opened_at"], number, what, where, lasts=not ended and track.form != "quake"))
        if track.ended and ended:
            found.append(Happening(row["closed_at"], number, track.ended, where))
    return found


def _what(track: Any, row: Mapping[str, Any], words: Words) -> str:
    """Only words of the region's own vocabulary or of the layout; a source's free text never."""
    label = track.label
    if track.form == "quake":
        return f"{label} M {quakes.magnitude(row, words)}"
    if track.form == "warning":
        return ": ".join(filter(None, [label, words.name("category", row["category"])]))
    cause = track.words.get(row["outcome"] or "")
    return f"{label}: {cause}" if cause else label


def _where(track: Any, row: Mapping[str, Any], words: Words) -> str:
    if track.form == "quake":
        return quakes.brief(row, words)
    if track.form == "warning":
        return f"{words.t('s.d.')} {words.time(row['closed_at'])}" if row["closed_at"] else ""
    return words.name("district", row["district"])


def of_hours(number: int, track: Any, rows: Iterable[Mapping[str, Any]], words: Words) -> list[Happening]:
    """One line an hour in which ``track.lead`` occurred: how many of it, and of how many in all."""
    hours: dict[str, dict[str, int]] = {}
    for row in rows:
        if row["value"]:
            hours.setdefault(row["bucket"], {})[row["outcome"] or ""] = int(row["value"])
    found = []
    for bucket, counts in hours.items():
        if lead := counts.get(track.lead):
            word = track.words.get(track.lead, track.lead)
            total = words.many("dari {n} panggilan sejam", sum(counts.values()))
            text = f"{track.label}: {words.number(lead)} {word}"
            found.append(Happening(datetime.fromisoformat(bucket), number, text, total))
    return found


def ordered(found: Iterable[Happening], words: Words) -> list[Happening]:
    """Newest first; alike ones of a local hour are one, at the time of the last, lasting if one of them does."""
    groups: dict[tuple[Any, ...], Happening] = {}
    for one in sorted(found, key=lambda one: (one.at, one.what, one.where), reverse=True):
        hour = one.at.astimezone(words.zone).strftime("%Y-%m-%d %H")
        key = (one.track, hour, one.what, one.where)
        first = groups.get(key)
        count = (first.count if first else 0) + one.count
        newest = first.at if first else one.at
        groups[key] = Happening(newest, one.track, one.what, one.where, count, one.lasts or bool(first and first.lasts))
    return sorted(groups.values(), key=lambda one: one.at, reverse=True)
