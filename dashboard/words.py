"""How numbers, durations, ages, dates and names are written, in Indonesian or English.

Screens speak the region's language; code speaks English. A missing value is an en dash,
zero is ``0``, minus is a true minus, and a duration has its two largest units only.
"""

from collections.abc import Sequence
from datetime import date as Day
from datetime import datetime
from typing import Any

from babel.dates import format_date
from babel.numbers import format_decimal
from dash import html
from dash.development.base_component import Component

from city.config import Config
from city.metrics import Metric, titled
from city.texts import N_
from city.vocabulary import Vocabulary
from dashboard.speech import speech

NONE = "–"
MINUS = "−"
Part = str | Component

#: Days, hours, minutes, seconds.
_UNITS = (N_("hr"), N_("j"), N_("mnt"), N_("dtk"))
_SECONDS = {"seconds": 1, "minutes": 60, "hours": 3600, "days": 86400}
_ALIASES = {"s": "seconds", "dtk": "seconds", "min": "minutes", "mnt": "minutes", "minute": "minutes",
            "h": "hours", "hour": "hours", "jam": "hours", "d": "days", "day": "days", "hari": "days"}  # fmt: skip
#: Units that are the thing counted: the label says them already.
_SILENT = {"", "cases", "case", "count", "patients", "beds", "calls"}
_UNKNOWN = {"district": N_("Tanpa kecamatan"), "agency": N_("Tanpa OPD"), "category": N_("Tanpa kategori")}


class Words:
    """The words of one region. Build it once."""

    def __init__(self, config: Config) -> None:
        region = config.region
        self.region, self.language, self.zone = region, region.language, region.zone
        self.vocabulary = Vocabulary(region)
        self.speech = speech(self.language)
        day, hour, minute, second = map(self.t, _UNITS)
        self._units = day, hour, minute, second

    def t(self, text: str, **values: Any) -> str:
        """``text`` (Indonesian) in the region's language, with ``values`` in its braces."""
        said = self.speech.t(text)
        return said.format(**values) if values else said

    def many(self, text: str, count: float, **values: Any) -> str:
        """``text`` as it is said of so many; ``{n}`` in it is the number."""
        return self.speech.many(text, count).format(n=self.number(count), **values)

    def metric(self, metric: Metric) -> str:
        """What a metric is called: ``Pengaduan terbuka``. One of the region's own is called as its settings say."""
        if metric.words is None:
            return metric.title
        pattern, kind = map(self.t, metric.words)
        return titled(pattern, kind)

    def too_few(self, count: int, *, quantile: bool) -> str:
        """Why there is no median or share of so many cases."""
        if not count:
            return self.t("belum ada kasus")
        return self.t("terlalu sedikit untuk median") if quantile else self.t("terlalu sedikit untuk persen")

    def number(self, value: float | None, decimals: int | None = None) -> str:
        """``1.234,5``; whole numbers bare, others with one decimal unless told."""
        if value is None:
            return NONE
        if decimals is None:
            decimals = 0 if float(value).is_integer() or abs(value) >= 100 else 1
        text = format_decimal(abs(round(value, decimals)), format="#,##0." + "0" * decimals, locale=self.language)
        return (MINUS if round(value, decimals) < 0 else "") + text.rstrip(",." if decimals == 0 else "")

    def percent(self, ratio: float | None, decimals: int | None = None) -> str:
        """A ratio 0 to 1 as ``81,7%``."""
        if ratio is None:
            return NONE
        percent = round(float(ratio) * 100, 1)
        return self.number(percent, decimals if decimals is not None else int(not percent.is_integer())) + "%"

    def difference(self, points: float | None) -> str:
        """A difference of two ratios as ``+2,1 poin``."""
        if points is None:
            return NONE
        sign = "+" if points > 0 else ""
        return f"{sign}{self.number(points * 100, 1)} {self.t('poin')}"

    def money(self, rupiah: float | None) -> str:
        """``Rp1,5 M``, ``Rp250 jt``, ``Rp12 rb``."""
        if rupiah is None:
            return NONE
        for size, unit in ((1e9, self.t("M")), (1e6, self.t("jt")), (1e3, self.t("rb"))):
            # What would be written as a thousand of the smaller size is one of this.
            if abs(rupiah) >= 0.9995 * size:
                return f"Rp{self.number(round(rupiah / size, 1))} {unit}"
        return f"Rp{self.number(rupiah)}"

    def duration(self, hours: float | None) -> list[Part]:
        """Digits large, units small: ``3<i>j</i>20<i>mnt</i>``."""
        if hours is None:
            return [NONE]
        parts: list[Part] = [MINUS] if round(hours * 3600) < 0 else []
        for amount, unit in self._split(abs(hours) * 3600):
            parts += [amount, html.I(unit)]
        return parts

    def duration_text(self, hours: float | None) -> str:
        """The same as running text: ``3 j 20 mnt``."""
        if hours is None:
            return NONE
        sign = MINUS if round(hours * 3600) < 0 else ""
        return sign + " ".join(f"{amount} {unit}" for amount, unit in self._split(abs(hours) * 3600))

    def _split(self, seconds: float) -> list[tuple[str, str]]:
        day, hour, minute, second = self._units
        if round(seconds) < 60:
            return [(str(round(seconds)), second)]
        minutes = round(seconds / 60)
        if minutes < 60:
            return [(str(minutes), minute)]
        # From two days on minutes are noise; below that hours and minutes are how a duty officer talks.
        if minutes < 48 * 60:
            small = [(f"{minutes % 60:02d}", minute)] if minutes % 60 else []
            return [(str(minutes // 60), hour), *small]
        hours = round(minutes / 60)
        return [(self.number(hours // 24), day), *([(str(hours % 24), hour)] if hours % 24 and hours < 720 else [])]

    def whole(self, seconds: float) -> tuple[str, str]:
        """A length in the largest unit that it is a whole number of: ``("3", "hr")``, ``("36", "j")``."""
        for size, unit in zip((86_400, 3_600, 60), self._units, strict=False):
            if seconds and seconds % size == 0:
                return self.number(seconds // size), unit
        return self.number(seconds), self._units[-1]

    def age(self, seconds: float) -> str:
        """``1 mnt lalu``; one unit is enough below a day."""
        seconds = max(0, seconds)
        amount, unit = self._split(seconds)[0] if seconds < 3600 else ("", "")
        return f"{amount} {unit} {self.t('lalu')}" if unit else f"{self.duration_text(seconds / 3600)} {self.t('lalu')}"

    def time(self, at: datetime) -> str:
        """``14.05`` local."""
        return at.astimezone(self.zone).strftime(f"%H{self.t('.')}%M")

    def moment(self, at: datetime, now: datetime) -> str:
        """``09.40`` today, ``23 Nov 21.14`` otherwise."""
        local, today = at.astimezone(self.zone).date(), now.astimezone(self.zone).date()
        return self.time(at) if local == today else f"{self.day(local)} {self.time(at)}"

    def zone_name(self, at: datetime) -> str:
        """``WIB``."""
        return at.astimezone(self.zone).tzname() or ""

    def date(self, at: datetime) -> str:
        """``Sel, 24 Nov 2026`` local."""
        return str(format_date(at.astimezone(self.zone).date(), "EEE, d MMM y", locale=self.language))

    def day(self, on: Day) -> str:
        """``24 Nov``."""
        return str(format_date(on, "d MMM", locale=self.language))

    def weekday(self, on: Day) -> str:
        """``Selasa``."""
        return str(format_date(on, "EEEE", locale=self.language))

    def name(self, dimension: str, code: Any) -> str:
        """How a code of a dimension is shown; a missing one in words."""
        if code is None or code == "":
            return self.t(_UNKNOWN[dimension]) if dimension in _UNKNOWN else NONE
        return self.vocabulary.name(dimension, str(code))

    def seconds(self, unit: str) -> int:
        """How many seconds a unit of time has; KeyError for any other unit."""
        return _SECONDS[_ALIASES.get(unit, unit)]

    def value(self, value: float | None, unit: str) -> list[Part]:
        """A metric's value as parts: digits, with units in ``<i>``."""
        if value is None:
            return [NONE]
        plain = _ALIASES.get(unit, unit)
        if plain in _SECONDS:
            return self.duration(value * _SECONDS[plain] / 3600)
        if plain == "ratio":
            return [self.percent(value).removesuffix("%"), html.I("%")]
        return [self.number(value), *([] if plain in _SILENT else [html.I(unit)])]

    def text(self, value: float | None, unit: str) -> str:
        """The same as running text."""
        if value is None:
            return NONE
        plain = _ALIASES.get(unit, unit)
        if plain in _SECONDS:
            return self.duration_text(value * _SECONDS[plain] / 3600)
        if plain == "ratio":
            return self.percent(value)
        return self.number(value) + ("" if plain in _SILENT else f" {unit}")

    def span(self, band: Sequence[float], unit: str) -> str:
        """``96–131``, ``65–88 mnt``, ``80–92%``; a band of counts is whole."""
        plain = _ALIASES.get(unit, unit)
        low, high = band
        if plain in _SECONDS:
            return self._time_span(low * _SECONDS[plain], high * _SECONDS[plain])
        if plain == "ratio":
            return _dash(self.percent(low, 0).removesuffix("%"), self.percent(high, 0).removesuffix("%")) + "%"
        whole = 0 if plain in _SILENT else None
        return _dash(self.number(low, whole), self.number(high, whole))

    def _time_span(self, low: float, high: float) -> str:
        """One unit for both ends: two units each would not fit under a number."""
        day, hour, minute, second = self._units
        for size, unit in ((86_400, day), (3_600, hour), (60, minute)):
            if high >= 2 * size:
                low, high = round(low / size, 1), round(high / size, 1)
                whole = 0 if high >= 10 else None
                return f"{_dash(self.number(low, whole), self.number(high, whole))} {unit}"
        return f"{_dash(self.number(low, 0), self.number(high, 0))} {second}"


def _dash(low: str, high: str) -> str:
    return low if low == high else f"{low}–{high}"
