"""What a panel loaded, as one Reading: as old as its oldest part, simulated if one part is."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from city.model import Reading


class Part(NamedTuple):
    """How much of the whole a panel sees: ``Part(9, 11, "kecamatan")``; ``what`` in Indonesian."""

    seen: int
    whole: int
    what: str


def packed(loaded: Any, part: Part | None = None) -> Reading:
    """``loaded`` (readings in lists and mappings, and what goes with them) as one reading that keeps it.

    ``part``: of how many districts, agencies or facilities it is. When that is not all of them the frame
    says "Sebagian", and a total is shown as a lower bound (``Reading.partial`` is an unfinished bucket).
    """
    parts = list(_readings(loaded))
    known = [part.as_of for part in parts if part.as_of]
    return Reading(
        metric=parts[0].metric,
        unit=parts[0].unit,
        rows=[row for part in parts for row in part.rows],
        n=sum(part.n for part in parts),
        as_of=min(known, default=None),
        partial=any(part.partial for part in parts),
        simulated=any(part.simulated for part in parts),
        sources=tuple(dict.fromkeys(source for part in parts for source in part.sources)),
        extra={"loaded": loaded, "part": part},
    )


def unpacked(reading: Reading) -> Any:
    """What was packed."""
    return reading.extra["loaded"]


def _readings(loaded: Any) -> Iterator[Reading]:
    if isinstance(loaded, Reading):
        yield loaded
    elif isinstance(loaded, Mapping | list | tuple):
        for part in loaded.values() if isinstance(loaded, Mapping) else loaded:
            yield from _readings(part)
