"""What offices of services export once a day: identity cards, signatures, minimum standards, satisfaction. Pure."""

from collections.abc import Iterator
from datetime import date

from simulation.health_office import PEOPLE
from simulation.places import OFFICES
from simulation.town import Town

#: Share of the people who are of age, and of those whose card is recorded.
_ADULT, _RECORDED = 0.708, 0.978
#: Agency, how many have a right to its minimum service (SPM), and the share that gets it.
_STANDARDS = (("Disdik", 118_400, 0.962), ("Dinkes", 402_700, 0.936), ("PUPR", 171_300, 0.914),
              ("Satpol PP", 9_800, 0.983), ("Dinsos", 21_600, 0.887))  # fmt: skip
#: Units that ask the people they serve, and how they stand (mean of answers 1 to 4).
_UNITS = (("Loket Simulasi Dukcapil", 3.42), ("Mal Pelayanan Publik Simulasi", 3.55),
          ("Puskesmas Simulasi Rambutan", 3.31), ("Loket Simulasi Dishub", 3.18))  # fmt: skip
#: What people like more (staff) and less (time, facilities), by element U1 to U9.
_ELEMENTS = (0.04, -0.02, -0.14, 0.18, 0.02, 0.06, 0.10, -0.06, -0.12)


def cards(town: Town, day: date) -> tuple[int, int]:
    """(people who must have an identity card, people whose card is recorded)."""
    adults = round((PEOPLE + 25 * (day - date(2026, 1, 1)).days) * _ADULT)
    return adults, round(adults * min(0.999, _RECORDED + 0.00004 * (day - date(2026, 1, 1)).days))


def signatures(town: Town, day: date) -> Iterator[tuple[str, int]]:
    """(agency, 1 = its head signs electronically): one after the other begins to."""
    for name, _ in OFFICES:
        begun = town.random(date(2026, 1, 1), f"tte-{name}").gauss(210, 75)
        yield name, int((day - date(2026, 1, 1)).days >= begun)


def standards(town: Town, day: date) -> Iterator[tuple[str, int, int]]:
    """(agency, people with a right to its minimum service, people who get it)."""
    for name, target, share in _STANDARDS:
        moved = town.random(day.replace(day=1), f"spm-{name}").gauss(0, 0.006)
        yield name, target, round(target * min(1.0, share + moved))


def satisfaction(town: Town, day: date) -> Iterator[tuple[str, tuple[float, ...]]]:
    """(unit, the means of the nine elements), each of 1 to 4, of those who were served on a day."""
    random = town.random(day, "ikm")
    for name, mean in _UNITS:
        yield name, tuple(round(min(4.0, max(1.0, mean + more + random.gauss(0, 0.05))), 3) for more in _ELEMENTS)
