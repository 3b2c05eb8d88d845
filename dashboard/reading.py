"""Readings put together for one panel."""

from city.model import Reading


def joined(readings: list[Reading]) -> Reading:
    """One reading of the rows of several: as old as the oldest, simulated if one is."""
    known = [reading.as_of for reading in readings if reading.as_of]
    return Reading(
        metric=readings[0].metric,
        unit=readings[0].unit,
        rows=[row for reading in readings for row in reading.rows],
        n=sum(reading.n for reading in readings),
        as_of=min(known) if known else None,
        partial=any(reading.partial for reading in readings),
        simulated=any(reading.simulated for reading in readings),
        sources=tuple(dict.fromkeys(source for reading in readings for source in reading.sources)),
    )
