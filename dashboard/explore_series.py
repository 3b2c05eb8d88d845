"""The time series of /explore: the line in its band, the period before, and what happened on those days. Pure."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from dash import html
from dash.development.base_component import Component
from dash_svg import Path, Svg

from city.explored import Explored
from city.texts import N_
from dashboard import lines, spoken
from dashboard.explore_parts import days_text, go, panel
from dashboard.words import Words

_TITLES = {
    "hour": N_("Kasus per jam"), "day": N_("Kasus per hari"),
    "week": N_("Kasus per minggu"), "month": N_("Kasus per bulan"),
}  # fmt: skip
#: Over so many buckets the compared line is smoothed when they are days.
_SMOOTH = 7


def draw(found: Explored, words: Words) -> Component:
    """The panel."""
    series, t = found.series, words.t
    title = t(_TITLES[series.grain])
    values = [row["value"] for row in series.rows]
    if not values:
        return panel(title, "", [html.P(t("Periode ini belum mulai"), className="calm")], "ts_", found)
    other = _smoothed([row["value"] for row in series.other], series.grain)[: len(values)]
    tops = [*values, *(high for pair in series.band if pair for high in [pair[1]]), *other]
    scale = lines.Scale(lines.ticks(max(tops)), [at / max(1, len(values) - 1) for at in range(len(values))])
    apart = bool(series.rows[-1].get("partial"))
    drawn = [_svg(found, values, other, scale, apart), *_axes(found, scale, words)]
    drawn += _outages(found, len(values), words) + _dots(found, values, scale, apart) + _strips(found, words)
    told = [html.Div(drawn, className="plot"), *_told(found, words), _table(found, other, words)]
    return panel(title, _legend(found, bool(other), words), told, "ts_", found, _until(found, words))


def _until(found: Explored, words: Words) -> list[Any]:
    at = found.numbers["opened"].as_of
    return [f"{words.t('data sampai')} ", html.B(words.moment(at, found.at)), ", "] if at else []


def _smoothed(values: Sequence[float], grain: str) -> list[float]:
    """Means of the seven days up to each; of other grains the values themselves."""
    if grain != "day":
        return list(values)
    return [sum(part) / len(part) for at in range(len(values)) for part in [values[max(0, at - _SMOOTH + 1) : at + 1]]]


def _svg(found: Explored, values: list[Any], other: list[float], scale: lines.Scale, apart: bool) -> Component:
    paths = [Path(className="ax", d="M0 1000H1000")]
    paths += [Path(className="g", d=f"M0 {scale.y(tick):.1f}H1000") for tick in scale.ticks[1:]]
    paths += [Path(className="band", d=outline) for outline in scale.band(found.series.band, False)]
    paths += [Path(className="mid", d=run) for run in scale.line(other)]
    for target in _targets(found):
        paths.append(Path(className="now", d=f"M{1000 * target:.1f} 0V1000"))
    paths += [Path(className="sel", d=run) for run in scale.line(values[:-1] if apart else values)]
    return Svg(paths, viewBox="0 0 1000 1000", preserveAspectRatio="none", **{"aria-hidden": "true"})


def _targets(found: Explored) -> list[float]:
    days = [datetime.fromisoformat(row["bucket"]).date() for row in found.series.rows]
    last = max(1, len(days) - 1)
    return [sum(day <= one.day for day in days[1:]) / last for one in found.events.targets]


def _axes(found: Explored, scale: lines.Scale, words: Words) -> list[Component]:
    top, rows = scale.ticks[-1], found.series.rows
    drawn = [html.Span(words.number(tick), className="yt", style={"bottom": f"{100 * tick / top:.1f}%"})
             for tick in scale.ticks]  # fmt: skip
    step = max(1, -(-len(rows) // 6))
    marked = [at for at in range(0, len(rows), step) if at == 0 or len(rows) - at > 0.7 * step]
    for at in marked:
        text = lines.bucket_text(rows[at]["bucket"], found.series.grain, words)
        left = f"{100 * scale.places[at]:.2f}%"
        css = "xt s" if not at else f"xt {'odd' if marked.index(at) % 2 else ''}".strip()
        drawn.append(html.Span(text, className=css, style={"left": left}))
    end = lines.bucket_text(rows[-1]["bucket"], found.series.grain, words)
    return [*drawn, *([html.Span(end, className="xt e", style={"left": "100%"})] if len(rows) > 1 else [])]


def _outages(found: Explored, count: int, words: Words) -> list[Component]:
    """A grey strip over the days that a source was away, named where it has room."""
    if found.series.grain != "day" or count < 2:
        return []
    drawn = []
    for one in found.events.outages:
        start, days = (one.first - found.selection.first).days, (one.last - one.first).days + 1
        at = {"left": f"{100 * (start - 0.5) / (count - 1):.2f}%", "width": f"{100 * days / (count - 1):.2f}%"}
        drawn.append(html.Span(className="out", style=at))
    return drawn


def _dots(found: Explored, values: list[Any], scale: lines.Scale, apart: bool) -> list[Component]:
    """What lies above its band, and the bucket that has not ended, which stands alone."""
    shown = [at for at, pair in enumerate(found.series.band) if pair and values[at] > pair[1]]
    drawn = []
    for at in sorted({*shown, *([len(values) - 1] if apart else [])}):
        css = "dot op" if apart and at == len(values) - 1 else "dot ab"
        style = {"left": f"{100 * scale.places[at]:.2f}%", "bottom": f"{100 * values[at] / scale.ticks[-1]:.2f}%"}
        drawn.append(html.Span(className=css, style=style))
    return drawn


def _strips(found: Explored, words: Words) -> list[Component]:
    """A place to press for every bucket; one stop for the keyboard, arrows move along (assets/explore.js)."""
    rows, drawn = found.series.rows, []
    width = 100 / max(1, len(rows) - 1)
    for at, row in enumerate(rows):
        begun = datetime.fromisoformat(row["bucket"]).date()
        first, last = max(begun, found.selection.first), min(_end(begun, found.series.grain), found.selection.last)
        same = (first, last) == (found.selection.first, found.selection.last)
        chosen = found.selection.with_(first=first, last=last)
        style = {"left": f"{width * (at - 0.5):.3f}%", "width": f"{width:.3f}%"} if len(rows) > 1 else {"inset": "0"}
        label = f"{days_text(first, last, words)}: {_said(found, at, words)}"
        if same:
            drawn.append(html.Span(className="strip", title=label, style=style))
        else:
            tip = html.Span(label, className="tip")
            drawn.append(go(chosen, tip, "strip", style=style, tabIndex=-1 if at else 0, **{"aria-label": label}))
    return [html.Div(drawn, className="strips", **{"data-rove": "1"})]


def _end(begun: date, grain: str) -> date:
    if grain == "week":
        return begun + timedelta(days=6)
    if grain == "month":
        return (begun.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    return begun


def _said(found: Explored, at: int, words: Words) -> str:
    row, pair = found.series.rows[at], found.series.band[at]
    day = datetime.fromisoformat(row["bucket"]).date()
    parts = [words.number(row["value"])]
    parts += [words.t("biasanya {span}", span=words.span(pair, "cases"))] if pair else []
    parts += [words.t("belum selesai")] if row.get("partial") else []
    if found.series.grain == "day":
        parts += (
            [words.t("libur {name}", name=found.events.holidays[day]).strip()] if day in found.events.holidays else []
        )
        parts += [
            words.t("{source} putus", source=one.title) for one in found.events.outages if one.first <= day <= one.last
        ]
    return ", ".join(parts)


def _legend(found: Explored, other: bool, words: Words) -> list[Component]:
    parts = [html.Span([html.I(className="ln"), words.t("masuk")], className="lg_k")]
    if any(found.series.band):
        parts.append(html.Span([html.I(className="bd"), words.t("rentang biasa")], className="lg_k"))
    if other and found.against:
        zone = words.zone
        first = found.against.start.astimezone(zone).date()
        last = (found.against.end - timedelta(microseconds=1)).astimezone(zone).date()
        text = days_text(first, last, words)
        smooth = words.t("{days}, rerata 7 hari", days=text) if found.series.grain == "day" else text
        parts.append(html.Span([html.I(className="ds"), smooth], className="lg_k"))
    return parts


def _told(found: Explored, words: Words) -> list[Component]:
    """Holidays, outages and new targets in words: what a line cannot say."""
    t, events = words.t, found.events
    told = [
        f"{words.day(day)} {name or t('libur')}" for day, name in events.holidays.items() if found.series.grain == "day"
    ]
    told = told[:6] + ([t("dan {n} libur lain", n=words.number(len(told) - 6))] if len(told) > 6 else [])
    told += [t("{source} putus {days}", source=one.title, days=days_text(one.first, one.last, words))
             for one in events.outages]  # fmt: skip
    told += [t("target {metric} baru sejak {day}", metric=one.goal.title or one.goal.metric, day=words.day(one.day))
             for one in events.targets]  # fmt: skip
    return [html.P("; ".join(told), className="note ev")] if told else []


def _table(found: Explored, other: list[float], words: Words) -> Component:
    rows = []
    for at, row in enumerate(found.series.rows):
        name = lines.bucket_text(row["bucket"], found.series.grain, words)
        rows.append([name, _said(found, at, words), words.number(other[at]) if at < len(other) else ""])
    return spoken.table([words.t("waktu"), words.t("masuk"), words.t("pembanding")], rows)
