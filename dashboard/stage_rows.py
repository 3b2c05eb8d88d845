"""The rows of a stage strip: what each stage took, on one scale, from baselines of its own. Pure."""

from dataclasses import dataclass
from typing import Any

from dash import html
from dash.development.base_component import Component

from city.metrics import FEW
from city.model import Reading
from dashboard import marks
from dashboard.matrix_rows import shown
from dashboard.words import NONE, Words

_UNIT_S = {"minutes": 60, "hours": 3600, "days": 86400}
#: Of the width of all bars (some 230 units), by letter of the title beyond the four above the stage's time.
_LEAST, _LETTER = 0.1, 0.038

#: The whole stands in the last column, whatever stages lie between.
_LAST = {"gridColumn": "-2 / -1"}

#: Seconds of every part and of the whole by metric (None = unknown), the count, and ``n`` cases.
Group = dict[str, Any]


@dataclass(frozen=True)
class Rows:
    """``args`` and ``loaded`` as in :mod:`dashboard.panels.stages`; ``parts`` are the metrics of the stages."""

    args: Any
    loaded: dict[str, Any]
    parts: list[str]
    words: Words

    def drawn(self) -> Component:
        """The head, the longest groups and how many are too small for a figure."""
        known = {code: row for code, row in self.groups().items() if any(row[name] is not None for name in self.parts)}
        enough = {code: row for code, row in known.items() if not self._few(row)}
        if not known:
            return html.P(self.words.t("belum ada kasus"), className="calm")
        ranked = sorted(enough.items(), key=lambda item: (-self.whole(item[1])[0], str(item[0])))[: self.args.rows]
        tops = self._tops([row for _, row in ranked])
        rows = [self._head(), *(self._row(code, row, tops) for code, row in ranked)]
        rows += [html.Div(className="mr") for _ in range(self.args.rows - len(ranked))]
        if few := len(known) - len(enough):
            text = f"{self.words.many('{n} lain', few)}: {self.words.t('kurang dari 5 kasus')}"
            rows.append(html.Div(html.Span(text), className="mr mh note"))
        tracks = " ".join(f"minmax(0,{top / sum(tops):.4f}fr) var(--label)" for top in tops)
        tracks = f"{self._names(ranked)} {tracks}{self._total(' var(--whole)')}"
        return html.Div(rows, className="mf st", style={"--mc": tracks})

    def groups(self) -> dict[Any, Group]:
        """What is known of each group."""
        blank = dict.fromkeys(self.loaded["readings"]) | {"n": 0}
        found: dict[Any, Group] = {}
        for name, reading in self.loaded["readings"].items():
            for row in reading.rows:
                group = found.setdefault(row[self.args.by], dict(blank))
                group[name] = self._seconds(name, row["value"], reading)
                group["n"] = max(group["n"], row["n"])
        return found

    def _seconds(self, name: str, value: float | None, reading: Reading) -> float | None:
        if value is None or name == self.args.count:
            return value
        return None if self.args.zero_is_unknown and not value else value * self.words.seconds(reading.unit)

    def _few(self, row: Group) -> bool:
        if self.args.count:
            return (row[self.args.count] or 0) < FEW
        return self.loaded["of_cases"] and row["n"] < FEW

    def whole(self, row: Group) -> tuple[float, bool]:
        """Seconds from the first stage to the last, and whether that is only a lower bound."""
        if self.args.total and row[self.args.total] is not None:
            return row[self.args.total], False
        known = [row[name] for name in self.parts if row[name] is not None]
        return sum(known), len(known) < len(self.parts)

    def _total(self, parts: Any) -> Any:
        """``parts`` where the groups have a whole: of a metric of its own, or the sum of several means."""
        added = self.loaded["adds_up"] and len(self.args.stages) > 1
        return parts if self.args.total or added else type(parts)()

    def _names(self, ranked: list[tuple[Any, Group]]) -> str:
        """The width of the first column: as wide as the longest name, within bounds; the rest is for the bars."""
        longest = max((len(shown(self.args.by, code, self.words)) for code, _ in ranked), default=0)
        least = 184 if self._two() else 130  # the head of the column is the key of the two tones
        return f"calc({min(216, max(least, 12 + 10 * longest))} * var(--u))"

    def _two(self) -> bool:
        return any(len(stage.parts) == 2 for stage in self.args.stages)

    def _tops(self, rows: list[Group]) -> list[float]:
        """The longest of each stage, in seconds: the widths of the columns, all on one scale."""
        tops = [max((self._length(row, stage) for row in rows), default=0.0) for stage in self.args.stages]
        least = [max(_LEAST, _LETTER * (len(stage.title) - 4)) for stage in self.args.stages]
        known = [top or 1.0 for top in tops]
        for _ in range(9):  # a column that gains room takes it from the others: settled after a few rounds
            tops = [max(top, share * sum(tops)) for top, share in zip(known, least, strict=True)]
        return tops

    @staticmethod
    def _length(row: Group, stage: Any) -> float:
        return sum(row[name] or 0.0 for name in stage.parts)

    def _head(self) -> Component:
        tones = zip(self.args.tones, ("", "l"), strict=True) if self._two() else ()
        keys = [html.Span([html.I(className=css), tone], className="kyw") for tone, css in tones]
        titles = [html.Span(stage.title, style={"gridColumn": f"{2 * index + 2} / span 2"})
                  for index, stage in enumerate(self.args.stages)]  # fmt: skip
        whole = self._total([html.Span(self.words.t("total"), className="r", style=_LAST)])
        return html.Div([html.Span(keys), *titles, *whole], className="mr mh")

    def _row(self, code: Any, row: Group, tops: list[float]) -> Component:
        bars = [self._bar(code, row, index, top) for index, top in enumerate(tops)]
        seconds, bound = self.whole(row)
        text = [*(["≥"] if bound else []), *self.words.duration(seconds / 3600)]
        whole = html.Span(html.B(text, className="n"), className="bk abn un" if bound else "bk", style=_LAST)
        return html.Div(
            [html.Span(shown(self.args.by, code, self.words), className="nm"), *bars, *self._total([whole])],
            className="mr",
        )

    def _bar(self, code: Any, row: Group, index: int, top: float) -> Component:
        stage, place = self.args.stages[index], {"gridColumn": f"{2 * index + 2}"}
        known = [(name, row[name]) for name in stage.parts if row[name] is not None]
        level = next((found for name, _ in known if (found := self.loaded["judged"][name].priority(code))), None)
        tones = dict(zip(stage.parts, ("pa" if level else "", "b3"), strict=False))
        drawn, at = list[Component](), 0.0
        for name, seconds in known:
            width = 100 * seconds / top
            drawn.append(html.I(className=tones[name], style={"left": f"{at:.1f}%", "width": f"{width:.1f}%"}))
            at += width
        css = "abn" if level else "abn un" if 0 < len(known) < len(stage.parts) else ""
        drawn.append(html.U(self._figure(stage, known), className=css, style={"left": f"{at:.1f}%"}))
        return html.Span(drawn, className=f"bar {marks.css(level)}".strip(), style=place)

    def _figure(self, stage: Any, known: list[tuple[str, float]]) -> str:
        """The time of a stage as a number; an unrecorded part makes it a lower bound."""
        if not known:
            return NONE
        value = sum(seconds for _, seconds in known) / _UNIT_S[self.args.unit]
        decimals = 0 if self.args.unit == "minutes" or value >= 10 else 1
        return ("≥" if len(known) < len(stage.parts) else "") + self.words.number(round(value, decimals))
