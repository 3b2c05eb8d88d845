"""Whether a figure may be a person's number: what is kept out of the observations at the door, and why. Pure.

A mapping that points at the wrong column would store phones, card numbers or NIK as values. By its digits alone
81274531234 is a phone whose zero a spreadsheet ate, or a budget in rupiah; so the metric has to say which:

- Written like a number of a person it is refused whatever the metric: it begins with a zero (0812.., 0001234567890)
  or with +62, and has eight digits or more.
- With ten digits or more it is refused, unless the metric counts money (its unit is Rp, rupiah or IDR; or its name
  ends in ``_rp``) or ``plausibility`` gives it a ``max``: no city counts anything else that far.
- With sixteen digits or more it is refused always (collectors/mapping.py): a NIK; a float holds no more exactly.

Left over: a phone without its zero in a column that is mapped as money without a ``max``. Docs say to give one.
"""

import re
from collections.abc import Iterator

from city import forms
from city.config import Config
from city.metrics import catalogue

#: Phones have 9 to 13 digits with their zero, cards 13, a NIK 16.
LARGE = 1e9
_LIKE_A_PERSONS = re.compile(r"(0\d{7,}|\+62 ?\d{6,})(?:[.,]\d*)?")
_MONEY = frozenset({"rp", "rupiah", "idr"})


def like_a_persons(text: str) -> bool:
    """Whether a text is written as numbers of persons are, and as figures are not."""
    return _LIKE_A_PERSONS.fullmatch(text.strip()) is not None


def is_money(metric: str, unit: str) -> bool:
    """Whether figures of this observation are rupiah: ``Rp``, ``rupiah per bulan``, ``jkn_claims_approved_rp``."""
    return metric.endswith("_rp") or unit.lower().replace(".", " ").split()[:1] in [[word] for word in _MONEY]


def announced(config: Config) -> frozenset[str]:
    """The observations of a region whose figures may have ten digits or more."""
    return frozenset(_announced(config))


def _announced(config: Config) -> Iterator[str]:
    yield from (name for name, rule in config.plausibility.items() if rule.max is not None)
    for metric in catalogue(config).values():
        if metric.measure != "ratio":
            yield from (name for name in metric.observations if is_money("", metric.unit))
    for form in forms.of(config).values():
        yield from (name for name, one in form.metrics.items() if one.max is not None or is_money(name, one.unit))


def refusal(metric: str, value: float, large: frozenset[str]) -> str | None:
    """What is wrong with a figure of ten digits or more of a metric that is not one of ``large``; else None."""
    if abs(value) < LARGE or metric in large or is_money(metric, ""):
        return None
    return "ten digits or more: a person's number? If not, set its unit to Rp or `plausibility` with a `max`"
