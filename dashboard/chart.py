"""The drawing of a line chart: paths stretch with the panel, words do not."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dash import html
from dash.development.base_component import Component
from dash_svg import Path, Svg

from city.metrics import FEW
from dashboard import lines, marks
from dashboard.words import Words

#: The line ends here; the rest of the width belongs to the latest value.
ROOM = 0.82
#: The same where several lines have their names beside their values.
ROOM_NAMED = 0.76
#: The height of a name at the end of a line, as a share of the chart's.
NAME = 0.2


@dataclass(frozen=True)
class Chart:
    """One drawing of ``values``, and of ``others`` over the same buckets. ``apart``: the last bucket is unfinished
    and stands alone. ``room``: the share of the width that the lines have."""

    args: Any
    loaded: dict[str, Any]
    values: list[Any]
    apart: bool
    scale: lines.Scale
    words: Words
    others: Sequence[list[Any]] = ()
    room: float = ROOM

    @property
    def priority(self) -> int | None:
        """How the limit stands; a running total, an unfinished bucket and an unknown latest value have no colour."""
        if self.args.cumulative or self.apart or self.values[-1] is None:
            return None
        found: int | None = self.loaded["judged"].priority()
        return found

    def _passed_from(self) -> int:
        """The point before the bucket in which the limit was passed: from there on the line is coloured."""
        since = self.loaded["judged"].since()
        begun = sum(datetime.fromisoformat(row["bucket"]) <= since for row in self.loaded["reading"].rows)
        return max(0, begun - 2)

    def svg(self) -> Component:
        """Axis, grid, band and line; the part beyond a limit over it."""
        scale, step = self.scale, self.args.cumulative
        width = 1000 if step else 1000 * self.room
        paths = [Path(className="ax", d=f"M0 1000H{width:.0f}")]
        paths += [Path(className="g", d=f"M0 {scale.y(tick):.1f}H{width:.0f}") for tick in scale.ticks[1:]]
        paths += [Path(className="band", d=outline) for outline in scale.band(self.loaded["band"], step)]
        if step:
            paths.append(Path(className="now", d=f"M{1000 * self.loaded['day']:.1f} 1000V0"))
        # The first line lies on top: it is drawn last.
        for number, values in reversed([*enumerate((self.values, *self.others), 1)]):
            whole = values[:-1] if self.apart else values
            paths += [Path(className=f"l{number}", d=run) for run in scale.line(whole, step)]
        if (target := self.args.target) is not None:
            paths.append(Path(className="tgt", d=f"M0 {scale.y(target):.1f}H{width:.0f}"))
        if priority := self.priority:
            beyond = scale.line(self.values, first=self._passed_from())
            paths += [Path(className=f"lp {marks.css(priority)}", d=run) for run in beyond]
        return Svg(paths, viewBox="0 0 1000 1000", preserveAspectRatio="none", **{"aria-hidden": "true"})

    def axes(self) -> list[Component]:
        """The texts of both axes."""
        top, unit = self.scale.ticks[-1], self.loaded["reading"].unit
        drawn = []
        for tick in self.scale.ticks:
            text = lines.tick_text(tick, unit, self.words)
            drawn.append(html.Span(text, className="yt", style={"bottom": f"{100 * tick / top:.1f}%"}))
        for text, at, css in self._marks():
            drawn.append(html.Span(text, className=f"xt {css}".strip(), style={"left": f"{100 * at:.1f}%"}))
        return drawn

    def _marks(self) -> list[tuple[str, float, str]]:
        """The texts below the axis with their places."""
        if self.args.cumulative:
            return self._hours()
        return self._hourly() if self.args.grain == "hour" else self._days()

    def _hourly(self) -> list[tuple[str, float, str]]:
        """Up to seven hours under their buckets."""
        starts = [datetime.fromisoformat(row["bucket"]) for row in self.loaded["reading"].rows]
        step = max(1, -(-len(starts) // 6))
        shown = [index for index in range(len(starts)) if index % step == 0]
        return [(self.words.time(starts[index]), self.scale.places[index], "" if index else "s") for index in shown]

    def _hours(self) -> list[tuple[str, float, str]]:
        day = self.loaded["day"]
        edges = {0: "s", 24: "e"}
        # The time of now is as wide as a fifth of the day; the hours at the edges stand inside them.
        free = [hour for hour in (0, 6, 12, 18, 24) if abs(hour / 24 - day) > (0.19 if hour in edges else 0.14)]
        marked = [(f"{hour:02d}", hour / 24, edges.get(hour, "")) for hour in free]
        return [*marked, (self.words.time(self.loaded["now"]), min(0.93, max(0.06, day)), "now")]

    def _days(self) -> list[tuple[str, float, str]]:
        rows, words = self.loaded["reading"].rows, self.words
        first, last = (lines.bucket_day(rows[index]["bucket"]) for index in (0, -1))
        end = (words.day(last), self.scale.places[-1], "e")
        return [(words.day(first), 0.0, "s"), *([end] if last != first else [])]

    def _few(self) -> str:
        """How many cases the latest share is of, when they are too few for a percentage."""
        reading = self.loaded["reading"]
        count = reading.rows[-1].get("n") if reading.unit == "ratio" and reading.rows else None
        return f"{count} {self.words.many('kasus', count)}" if count is not None and count < FEW else ""

    def promise(self) -> list[Component]:
        """What the dotted line is called, at its end."""
        target = self.args.target
        if target is None:
            return []
        name = (
            f"{self.words.t(self.args.target_label)} {lines.tick_text(target, self.loaded['reading'].unit, self.words)}"
        )
        share, last = target / self.scale.ticks[-1], self.values[-1]
        at = {"left": f"{100 * self.room:.0f}%", "bottom": f"{100 * share:.1f}%"}
        # Away from the end of the line; at the top of the chart there is its title.
        under = share > 0.9 or (last is not None and last >= target and share > 0.3)
        return [html.Span(name, className="lb vow under" if under else "lb vow", style=at)]

    def latest(self) -> list[Component]:
        """The dot and the value at the end of the line, or of every line with its name."""
        if self.others:
            return self._named()
        value = self.values[-1]
        if value is None:
            return []
        left = 100 * self.scale.places[-1]
        at = {"left": f"{left:.1f}%", "bottom": f"{100 * value / self.scale.ticks[-1]:.1f}%"}
        few = self._few()
        tone = f" {marks.css(self.priority)}" if not few and self.priority else ""
        side = ("flip under" if 2 * value > self.scale.ticks[-1] else "flip over") if left > 90 else "s"
        if side == "s" and value < 0.1 * self.scale.ticks[-1]:
            side = "s low"  # else it reaches into the hours below the axis
        side += " near" if 72 < left <= 90 else ""  # in a narrow chart it needs a margin
        text = few or lines.tick_text(value, self.loaded["reading"].unit, self.words)
        number = html.Span(text, className=f"lb last hl {side}{' abn' + tone if tone else ''}", style=at)
        return [self._dot(at, tone), number]

    def _dot(self, at: dict[str, str], tone: str) -> Component:
        return html.Span(className=f"dot pa{tone}" if tone else "dot op" if self.apart else "dot", style=at)

    def _named(self) -> list[Component]:
        """Dots where the lines end; values and names beside them, moved apart where they would touch."""
        top, left = self.scale.ticks[-1], f"{100 * self.scale.places[-1]:.1f}%"
        labels = [self.args.label, *self.args.others.values()]
        ends = [
            (value[-1], name, at)
            for at, (value, name) in enumerate(zip((self.values, *self.others), labels, strict=True))
        ]
        known = [(value, name, at) for value, name, at in ends if value is not None]
        drawn: list[Component] = []
        for (value, name, at), height in zip(known, lines.apart([end[0] / top for end in known], NAME), strict=True):
            tone = f" {marks.css(self.priority)}" if at == 0 and self.priority else ""
            css = f" abn{tone}" if tone else " also" if at else ""
            spot, beside = ({"left": left, "bottom": f"{100 * share:.1f}%"} for share in (value / top, height))
            dot = "dot pa" if tone else "dot op" if self.apart else "dot"
            text = [lines.tick_text(value, self.loaded["reading"].unit, self.words), html.I(name)]
            drawn.append(html.Span(className=f"{dot}{tone or (' also' if at else '')}", style=spot))
            drawn.append(html.Span(text, className=f"lb last hl s named{css}", style=beside))
        return drawn
