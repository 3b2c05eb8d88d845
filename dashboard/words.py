"""How numbers, durations, times and words are written on a screen, in the region's language.

The rules are the look's: 1.234,5 · 81,7% · 2 hr 6 j · 14.05 · an en dash for what is absent.
"""

from datetime import datetime
from typing import Any

from babel.dates import format_date
from babel.numbers import format_decimal, format_percent
from dash import html

from city.config import Config
from city.vocabulary import Vocabulary

ABSENT = "–"
_UNITS = {"id": ("hr", "j", "mnt", "dtk"), "en": ("d", "h", "min", "s")}
_ENGLISH = {
    "biasanya": "usually", "target": "target", "dari": "of", "skematis": "schematic", "lewat tenggat": "overdue",
    "sisanya": "others", "Belum ada": "None yet", "Tidak ada yang lewat tenggat": "Nothing is overdue",
    "Tidak ada yang segera jatuh tempo": "Nothing falls due soon", "tanpa kategori": "no category", "tanpa OPD": "no agency",
    "dari 5 kasus ke atas": "from 5 cases up", "masuk": "in", "keluar": "out", "antrean": "queue", "kasus": "cases",
}  # fmt: skip


class Words:
    """The region's language and vocabulary."""

    def __init__(self, config: Config) -> None:
        self.language = config.region.language
        self.zone = config.region.zone
        self._vocabulary = Vocabulary(config.region)

    def t(self, text: str) -> str:
        """A fixed text of ours; written in Indonesian, shown in the region's language."""
        return text if self.language == "id" else _ENGLISH.get(text, text)

    def name(self, dimension: str, code: str | None) -> str:
        """The name of a district, agency or category."""
        return ABSENT if code is None else self._vocabulary.name(dimension, code)

    def number(self, value: float | None, decimals: int = 0) -> str:
        """``1.234,5``; absence is an en dash, zero is 0."""
        if value is None:
            return ABSENT
        pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
        return format_decimal(round(value, decimals), format=pattern, locale=self.language).replace("-", "−")

    def percent(self, ratio: float | None) -> str:
        """``81,7%``."""
        return ABSENT if ratio is None else format_percent(ratio, format="#,##0.#%", locale=self.language)

    def parts(self, seconds: float) -> list[tuple[str, str]]:
        """The two largest units of a duration as (number, unit)."""
        days, rest = divmod(int(abs(seconds)), 86_400)
        hours, rest = divmod(rest, 3_600)
        values = [*zip((days, hours, rest // 60, rest % 60), _UNITS[self.language], strict=True)]
        first = next((index for index, (value, _) in enumerate(values) if value), 3)
        return [(str(value), unit) for value, unit in values[first : first + 2] if value or unit == values[first][1]]

    def duration(self, seconds: float | None) -> list[Any]:
        """``1 j 24 mnt`` with small units, as children of a ``.n`` span."""
        if seconds is None:
            return [ABSENT]
        parts = self.parts(seconds)
        # Seconds beside minutes are noise on a wall.
        shown = parts[:1] if parts[0][1] == _UNITS[self.language][2] else parts
        return [child for number, unit in shown for child in (number, html.I(unit))]

    def value(self, value: float | None, unit: str) -> list[Any]:
        """A metric's value with its unit as children of a ``.n`` span."""
        if value is None:
            return [ABSENT]
        if unit in ("hours", "minutes"):
            return self.duration(value * (3_600 if unit == "hours" else 60))
        return [self.percent(value)] if unit == "ratio" else [self.number(value, 0 if float(value).is_integer() else 1)]

    def plain(self, value: float | None, unit: str) -> str:
        """As :meth:`value`, in one line of text."""
        return " ".join(child if isinstance(child, str) else child.children for child in self.value(value, unit))

    def time(self, at: datetime) -> str:
        """``14.05``."""
        return at.astimezone(self.zone).strftime("%H.%M" if self.language == "id" else "%H:%M")

    def day(self, at: datetime) -> str:
        """``24 Nov``."""
        return format_date(at.date(), "d MMM", locale=self.language)
