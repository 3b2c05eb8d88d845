"""What a panel loaded, as one Reading: as old as its oldest part, simulated if one part is."""

from collections.abc import Iterator, Mapping
from typing import Any

from city.model import Reading


def packed(loaded: Any) -> Reading:
    """``loaded`` (readings in lists and mappings, and what goes with them) as one reading that keeps it."""
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
        extra={"loaded": loaded},
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
