"""The classes of a map: which value is in which, what the ramp says, and what is too few to be told. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dash import html
from dash.development.base_component import Component

from city.metrics import FEW
from dashboard.words import NONE, Words

CLASSES = 5


@dataclass(frozen=True)
class Values:
    """Values by district code (None: unknown), those of them that are too few to be told, and their unit.

    ``counts``: whole numbers whose classes do not touch (1–4, 5–9); others run into each other.
    """

    known: Mapping[str, float | None]
    few: frozenset[str]
    unit: str
    counts: bool

    @property
    def told(self) -> list[float]:
        """The values that may be told."""
        return [value for code, value in self.known.items() if value is not None and code not in self.few]

    @property
    def edges(self) -> list[float]:
        """Lower bounds of the classes above the first."""
        return edges(self.told)

    def css(self, code: str) -> str:
        """``q1`` to ``q5``; ``few``; or ``unk`` for an unknown one."""
        value = self.known.get(code)
        if value is None:
            return "unk"
        return "few" if code in self.few else f"q{class_of(value, self.edges)}"

    def text(self, code: str, words: Words) -> str:
        """The value as it is shown: ``<5`` when too few, a dash when unknown."""
        value = self.known.get(code)
        if value is None:
            return NONE
        return f"<{FEW}" if code in self.few else words.text(value, self.unit)


def edges(values: Sequence[float]) -> list[float]:
    """Lower bounds of the classes above the first: equal counts of districts, none twice."""
    ranked = sorted(values)
    if not ranked:
        return []
    marks_at = (ranked[min(len(ranked) - 1, round(len(ranked) * k / CLASSES))] for k in range(1, CLASSES))
    return sorted({edge for edge in marks_at if edge > ranked[0]})


def class_of(value: float, bounds: Sequence[float]) -> int:
    """1 to 5; with fewer classes than five the darkest go unused, never the lightest."""
    return 1 + sum(value >= edge for edge in bounds)


def ramp(values: Values, words: Words) -> Component:
    """The classes that are in use, each with its bounds; too few are a class of its own, before the others."""
    steps = [html.Span(f"<{FEW}", className="few")] if values.few else []
    bounds, told = values.edges, values.told
    for index, low in enumerate([min(told), *bounds] if told else [], 1):
        after = bounds[index - 1] if index <= len(bounds) else None
        text = _span(low, after, max(told), values, words)
        steps.append(html.Span(text, style={"borderColor": f"var(--q-{index})"}))
    return html.Span(steps, className="ramp")


def _span(low: float, after: float | None, top: float, values: Values, words: Words) -> str:
    if not values.counts:
        return words.span((low, top if after is None else after), values.unit)
    if after is None:
        return f"{words.number(low)}+" if low else "0"
    return words.number(low) if after - 1 <= low else f"{words.number(low)}–{words.number(after - 1)}"
