"""How the page of the scorecard says periods, values, targets and changes."""

from datetime import date

from babel.dates import format_date

from city.goals import PeriodKind
from city.metrics import Metric
from city.periods import Period
from city.scorecard import Line, Why
from city.texts import N_, NN_
from dashboard.words import MINUS, NONE, Words

#: What the kinds of period are called, in the order of the buttons.
KINDS: dict[PeriodKind, str] = {
    "day": N_("Hari"),
    "week": N_("Minggu"),
    "month": N_("Bulan"),
    "quarter": N_("Triwulan"),
    "year": N_("Tahun ini"),
}
#: What twelve of them are called.
TRENDS: dict[PeriodKind, str] = {
    "day": NN_("{n} hari"),
    "week": NN_("{n} minggu"),
    "month": NN_("{n} bulan"),
    "quarter": NN_("{n} triwulan"),
    "year": NN_("{n} tahun"),
}
WHY: dict[Why, str] = {
    Why.NEVER: N_("Kosong"),
    Why.EMPTY: N_("Kosong"),
    Why.STALE: N_("Basi"),
    Why.PARTIAL: N_("Sebagian"),
    Why.FEW: N_("Terlalu sedikit"),
    Why.UNSET: N_("Tanpa target"),
}
#: The same, at length.
BECAUSE: dict[Why, str] = {
    Why.NEVER: N_("belum pernah ada data"),
    Why.EMPTY: N_("tidak ada data pada periode ini"),
    Why.STALE: N_("sumbernya tidak terbaca sampai akhir periode"),
    Why.PARTIAL: N_("baru tercatat sejak pertengahan periode"),
    Why.FEW: N_("kurang dari 5 kasus"),
    Why.UNSET: N_("tidak ada target untuk periode ini"),
}


def name(period: Period, words: Words) -> str:
    """``Minggu ke-47``, ``Oktober 2026``, ``Triwulan 3 2026``, ``Senin, 23 Nov 2026``, ``Tahun 2026``."""
    if period.kind == "week":
        return words.t("Minggu ke-{n}", n=period.first.isocalendar().week)
    if period.kind == "quarter":
        return words.t("Triwulan {n} {year}", n=(period.first.month + 2) // 3, year=period.first.year)
    if period.kind == "year":
        return words.t("Tahun {year}", year=period.first.year)
    return _date(period.first, "EEEE, d MMM y" if period.kind == "day" else "MMMM y", words)


def days(period: Period, words: Words) -> str:
    """``16–22 Nov 2026``, ``30 Nov–6 Des 2026``; empty for what its name says already."""
    if period.kind in ("day", "month"):
        return ""
    first, last = period.first, period.last
    if first.year != last.year:
        return f"{_date(first, 'd MMM y', words)}–{_date(last, 'd MMM y', words)}"
    begun = _date(first, "d" if first.month == last.month else "d MMM", words)
    return f"{begun}–{_date(last, 'd MMM y', words)}"


def _date(on: date, pattern: str, words: Words) -> str:
    return str(format_date(on, pattern, locale=words.language))


def title(line: Line, words: Words) -> str:
    """What a goal is called."""
    return line.goal.title or words.metric(line.metric)


def target(line: Line, words: Words) -> str:
    """``≥ 85%``, ``≤ 2 hr``; an en dash without one."""
    if line.target is None:
        return NONE
    sign = "≤" if line.metric.direction == "lower" else "≥"
    return f"{sign} {words.text(line.target, line.metric.unit)}"


def low(period: Period, words: Words) -> str:
    """A name within a sentence: ``minggu ke-46``; months and weekdays keep their capital."""
    said = name(period, words)
    return said if period.kind in ("day", "month") else said[:1].lower() + said[1:]


def age(seconds: float, words: Words) -> str:
    """In one unit, rounded down: ``23 hr``, ``2 j``, ``58 mnt``."""
    whole = max(0, int(seconds))
    size = next((size for size in (86_400, 3_600, 60) if whole >= size), 1)
    return " ".join(words.whole(whole - whole % size))


def change(value: float | None, metric: Metric, words: Words) -> str:
    """``+2,9`` points of percent, ``−6 j 16 mnt``, ``+5``; ``0`` for none at all."""
    if value is None:
        return NONE
    if metric.unit == "ratio":
        return _signed(words.number(abs(round(value * 100, 1)), 1), round(value * 100, 1))
    return _signed(words.text(abs(value), metric.unit), value)


def _signed(text: str, value: float) -> str:
    return text if value == 0 else f"{'+' if value > 0 else MINUS}{text}"


def points(value: float, words: Words) -> str:
    """Points of the score: ``+0,4``, ``−1,3``, ``0,0``."""
    rounded = round(value, 1)
    return _signed(words.number(abs(rounded), 1), rounded)
