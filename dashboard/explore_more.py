"""The map of /explore, how long cases take (ECDF), and how far they have come (stages). Pure."""

from dash import html
from dash.development.base_component import Component
from dash_svg import Path, Svg

from city.config import Config
from city.explored import Explored
from city.metrics import FEW
from city.texts import N_
from dashboard import cartography, lines, spoken
from dashboard.classes import Values, ramp
from dashboard.explore_parts import STATUS, go, panel, value_name
from dashboard.schematic import WIDTH, broken, picture
from dashboard.words import Words

#: The axis of the durations ends where this share of them is.
_SHOWN = 0.98
#: Stages of memo systems; those of others are called as their source calls them.
_STAGES = {"disposition": N_("Disposisi"), "signature": N_("Tanda tangan")}


def districts(found: Explored, config: Config, words: Words) -> Component:
    """The map; the name of a district narrows to it."""
    shapes, counts = picture(config.region), {one: n for (one, _), n in found.splits.get("district", {}).items()}
    codes = dict.fromkeys([*shapes.shapes, *(district.code for district in config.region.districts)])
    values = Values({code: counts.get(code, 0) for code in codes}, frozenset(), "cases", True)
    unplaced = sum(n for code, n in counts.items() if code not in codes)
    chosen, title = found.selection.where.get("district", ()), words.t("Per kecamatan")
    if not any(values.known.values()):
        told = words.t("{n} kasus tanpa kecamatan", n=words.number(unplaced))
        return panel(title, "", [html.P(told, className="calm")], "mp_", found)
    drawn = [cartography.paths(shapes, values)]
    for code, shape in shapes.shapes.items():
        first, *rest = broken(words.name("district", code))
        name = [first, *(part for line in rest for part in (html.Br(), line))]
        css = f"ml {'beside' if shape.lead else values.css(code).replace('q', 'on')}"
        style = {"left": f"{100 * shape.x:.1f}%", "top": f"{100 * shape.y:.1f}%"}
        parts = [html.B(values.text(code, words), className="vl"), html.Span(name, className="dn")]
        drawn.append(
            go(found.selection.toggled(district=code), parts, f"{css}{' on' if code in chosen else ''}", style=style)
        )
    box = html.Div(html.Div(drawn, className="map"), className="mapbox", style={"--ar": f"{WIDTH / shapes.height:.4f}"})
    notes = cartography.gaps(shapes, values, 0, words)
    if unplaced:
        text = f"{words.number(unplaced)} {words.t('tanpa lokasi')}"
        notes.append(go(found.selection.toggled(district=""), text, "k3"))
    legend = html.Div([html.Span(notes, className="nt2"), ramp(values, words)], className="mleg")
    table = spoken.table(
        [words.many("kecamatan", 1), words.t("Kasus")],
        [[value_name("district", code, words), values.text(code, words)] for code in codes],
    )
    return panel(title, "", [box, legend, table], "mp_", found)


def durations(found: Explored, words: Words) -> Component:
    """The share of the closed that were closed within so many hours, with the median and the ninetieth percentile."""
    total, t = sum(n for _, n in found.durations), words.t
    title, p50, p90 = t("Lama penyelesaian"), found.numbers["time_to_close"].value, found.p90
    if total < FEW or p50 is None or p90 is None:
        told = words.too_few(total, quantile=True)
        return panel(title, "", [html.P(told, className="calm")], "du_", found)
    points, running = [(0.0, 0.0)], 0
    for hour, n in found.durations:
        running += n
        points.append((hour + 1.0, running / total))
    end = max(next(hour for hour, share in points if share >= _SHOWN), p90 * 1.05)
    path = "".join(f"L{1000 * hour / end:.1f} {1000 - 1000 * share:.1f}" for hour, share in points if hour <= end)
    paths = [Path(className="ax", d="M0 1000H1000"), *(Path(className="g", d=f"M0 {y}H1000") for y in (0, 500)),
             Path(className="sel", d="M" + path[1:])]  # fmt: skip
    marks_, words_of = [], [(p50, 0.5, "p50"), (p90, 0.9, "p90")]
    for value, share, name in words_of:
        x = 100 * value / end
        paths.append(Path(className="now", d=f"M{10 * x:.1f} 1000V{1000 - 1000 * share:.0f}"))
        style = {"left": f"{x:.1f}%", "bottom": f"{100 * share:.0f}%"}
        marks_.append(html.Span(className="dot ab", style=style))
        side = "lb e hl lo" if x > 60 else "lb s hl lo"
        marks_.append(html.Span([html.B(name), f" {words.duration_text(value)}"], className=side, style=style))
    ticks = [
        html.Span(words.percent(share, 0), className="yt", style={"bottom": f"{100 * share:.0f}%"})
        for share in (0, 0.5, 1)
    ]
    ticks += [html.Span("0", className="xt s", style={"left": "0"}),
              html.Span(lines.tick_text(end, "hours", words), className="xt e", style={"left": "100%"})]  # fmt: skip
    said = t("{n} selesai, separuh dalam {p50}, sembilan dari sepuluh dalam {p90}", n=words.number(total),
             p50=words.duration_text(p50), p90=words.duration_text(p90))  # fmt: skip
    svg = Svg(paths, viewBox="0 0 1000 1000", preserveAspectRatio="none", **{"aria-hidden": "true"})
    plot = html.Div([svg, *ticks, *marks_], className="plot", **spoken.picture(f"{title}: {said}"))
    rows = [[words.duration_text(hour), words.percent(share)] for hour, share in _thinned(points[1:])]
    return panel(title, t("{n} selesai, % kumulatif", n=words.number(total)),
                 [plot, spoken.table([t("paling lama"), t("% kumulatif")], rows)], "du_", found)  # fmt: skip


def _thinned(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """One point for each twentieth of all."""
    return [next(point for point in points if point[1] >= share / 20 - 1e-9) for share in range(1, 21)]


def stages(found: Explored, config: Config, words: Words) -> Component:
    """How many of the opened have reached each stage so far, in the order of the stages."""
    opened, kind, t = int(found.numbers["opened"].value or 0), found.selection.kind, words.t
    order = list(dict.fromkeys([
        *(stage for source in config.sources.values() if source.kind == kind
          for stage in dict(source.args.get("stages") or {}).values()),
        *STATUS,
    ]))  # fmt: skip
    known = sorted(
        (stage for stage in found.stages if stage != "received"),
        key=lambda stage: (stage in ("done", "rejected"), order.index(stage) if stage in order else len(order), stage),
    )
    rows = [(t("Masuk"), opened), *((_stage(stage, words), found.stages[stage]) for stage in known)]
    if not opened:
        return panel(t("Tahap"), "", [html.P(t("belum ada kasus"), className="calm")], "fu_", found)
    drawn = []
    for name, n in rows:
        width = f"{100 * min(1, n / opened):.1f}%"
        bar = html.Span(
            [html.I(style={"width": width}), html.U(words.number(n), style={"left": width})], className="pb_"
        )
        drawn.append(html.Div([html.Span(name), bar, html.Em(words.percent(n / opened, 0))], className="pr"))
    table = spoken.table([t("Tahap"), t("Kasus")], [[name, words.number(n)] for name, n in rows])
    body = [html.Div(drawn, className="pa", **{"aria-hidden": "true"}), table]
    return panel(t("Tahap"), t("dari yang masuk pada periode ini"), body, "fu_", found)


def _stage(stage: str, words: Words) -> str:
    if stage in STATUS:
        return words.t(STATUS[stage])
    return words.t(_STAGES[stage]) if stage in _STAGES else stage.replace("_", " ").capitalize()
