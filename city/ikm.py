"""IKM, the index of citizens' satisfaction (*Indeks Kepuasan Masyarakat*), after Permenpan-RB 14/2017. Pure.

Nine elements of service, each answered with 1 to 4, each weighing exactly one ninth. Offices that round the weight
to 0.11 lose a hundredth of the index; here nothing is rounded before the index itself.
"""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import NamedTuple

from city.texts import N_

#: What is asked about, in the order of the regulation (U1 to U9).
ELEMENTS = (
    N_("Persyaratan"),
    N_("Sistem, mekanisme, dan prosedur"),
    N_("Waktu penyelesaian"),
    N_("Biaya/tarif"),
    N_("Produk spesifikasi jenis pelayanan"),
    N_("Kompetensi pelaksana"),
    N_("Perilaku pelaksana"),
    N_("Penanganan pengaduan, saran, dan masukan"),
    N_("Sarana dan prasarana"),
)
#: From which index on a grade is given. The published bands leave gaps at the third decimal (64.995 is in none of
#: them), hence two decimals before grading.
GRADES = ((Decimal("88.31"), "A"), (Decimal("76.61"), "B"), (Decimal("65.00"), "C"), (Decimal("25.00"), "D"))
_CENT = Decimal("0.01")


class Ikm(NamedTuple):
    """The index (``value``, 25.00 to 100.00, two decimals) and its grade A to D."""

    value: Decimal
    grade: str


def ikm(means: Sequence[float | Fraction]) -> Ikm:
    """The index of the nine means (each 1 to 4, in the order of ``ELEMENTS``).

    ValueError when there are not nine of them, or one is not between 1 and 4: an element that nobody answered
    leaves no index, it does not count as the worst.
    """
    if len(means) != len(ELEMENTS):
        raise ValueError(f"an IKM has {len(ELEMENTS)} elements, not {len(means)}")
    if not all(1 <= mean <= 4 for mean in means):  # false for NaN too
        raise ValueError("the mean of an element lies between 1 and 4")
    exact = sum((Fraction(mean) for mean in means), Fraction()) / 9 * 25
    index = _two_decimals(exact)
    return Ikm(index, grade(index))


def grade(index: Decimal) -> str:
    """A, B, C or D of an index; ValueError below 25 or above 100."""
    rounded = index.quantize(_CENT, ROUND_HALF_UP)
    if not 25 <= rounded <= 100:
        raise ValueError("an IKM lies between 25 and 100")
    return next(letter for least, letter in GRADES if rounded >= least)


def mean(answers: Sequence[int]) -> Fraction:
    """The mean of one element (NRR) from how many chose 1, 2, 3 and 4; ValueError when nobody answered."""
    if len(answers) != 4 or min(answers) < 0 or not sum(answers):
        raise ValueError("four counts of answers, not all of them zero")
    return Fraction(sum(value * count for value, count in enumerate(answers, 1)), sum(answers))


def _two_decimals(exact: Fraction) -> Decimal:
    """Half up. Half of a cent is decided on the fraction: a decimal of 28 digits could fall on either side."""
    return Decimal((exact.numerator * 200 + exact.denominator) // (2 * exact.denominator)) / 100
