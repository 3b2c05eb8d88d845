"""A layout file as a checked page, and the page as a scene with the last states already in it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import dash_svg as svg
from dash import html
from pydantic import Field

from city.config import Config, Name, Strict
from city.documents import ConfigError, Document, Problem, nearest, read_yaml, validate
from city.metrics import catalogue
from dashboard import panels
from dashboard.frame import frame


class PanelSpec(Strict):
    """One use of a panel kind in a layout."""

    kind: str
    title: str
    sub: str = ""
    area: str
    size: Literal["normal", "small", "strip"] = "normal"
    args: dict[str, Any] = Field(default_factory=dict)


class PageSpec(Strict):
    """A layout file: a scene of a wall."""

    title: str
    grid: str
    panels: dict[Name, PanelSpec]


@dataclass(frozen=True)
class Panel:
    """A checked panel: its module, typed arguments, and the limits of its sources."""

    name: str
    kind: str
    title: str
    sub: str
    area: str
    size: str
    args: Any
    sources: tuple[str, ...]
    stale_after_s: float
    expires_after_s: float

    @property
    def module(self) -> Any:
        """The panel kind's module."""
        return panels.kind(self.kind)


@dataclass(frozen=True)
class Page:
    """A checked page; ``name`` is the layout file's name."""

    name: str
    title: str
    grid: str
    panels: dict[str, Panel]


def load_pages(config: Config, base: Path) -> list[Page]:
    """Every page the configuration names, relative to ``base``. Raises ConfigError with every mistake."""
    pages, problems = [], []
    for path in config.pages:
        try:
            pages.append(load_page(base / path, config))
        except ConfigError as error:
            problems += error.problems
    if problems:
        raise ConfigError(problems)
    return pages


def load_page(path: Path, config: Config) -> Page:
    """One layout file. Raises ConfigError with every mistake."""
    document = read_yaml(path)
    spec, problems = validate(PageSpec, document.data, document)
    if spec is None:
        raise ConfigError(problems)
    found = {name: _panel(name, part, config, document, problems) for name, part in spec.panels.items()}
    if problems:
        raise ConfigError(problems)
    return Page(path.stem, spec.title, spec.grid, {name: panel for name, panel in found.items() if panel})


def _panel(name: str, spec: PanelSpec, config: Config, document: Document, problems: list[Problem]) -> Panel | None:
    at = ("panels", name)
    try:
        module = panels.kind(spec.kind)
    except LookupError as error:
        problems.append(document.problem((*at, "kind"), str(error.args[0])))
        return None
    args, wrong = validate(module.Args, spec.args, document, (*at, "args"))
    problems += wrong
    if args is None:
        return None
    known = catalogue(config)
    unknown = [metric for metric in module.metrics(args) if metric not in known]
    problems += [document.problem((*at, "args"), f"unknown metric '{m}'" + nearest(m, known)) for m in unknown]
    sources = () if unknown else _sources(config, [known[metric] for metric in module.metrics(args)])
    limits = [config.sources[source] for source in sources] or list(config.sources.values())
    stale = min((source.stale_after.total_seconds() for source in limits), default=900.0)
    expires = min((source.expires_after.total_seconds() for source in limits), default=7_200.0)
    return Panel(name, spec.kind, spec.title, spec.sub, spec.area, spec.size, args, sources, stale, expires)


def _sources(config: Config, metrics: list[Any]) -> tuple[str, ...]:
    """The sources that can feed the metrics: by case kind, or by the observations their mapping names."""
    kinds = {metric.of for metric in metrics if metric.of}
    names = {name for metric in metrics for name in (metric.observation, metric.numerator, metric.denominator) if name}
    return tuple(
        name
        for name, source in config.sources.items()
        if (source.kind in kinds) or names & set(source.args.get("values", {}))
    )


def draw(page: Page, states: dict[str, dict[str, Any]], config: Config, *, version: str, insecure: bool = False) -> Any:
    """The scene: header, and every panel in its frame with its last state."""
    framed = [frame(page.name, panel, states.get(name)) for name, panel in page.panels.items()]
    head = _header(page, config, version, insecure=insecure)
    return html.Main(
        [head, *framed], className="scene", id="scene", style={"gridTemplate": page.grid}, **{"data-page": page.name}
    )


def _header(page: Page, config: Config, version: str, *, insecure: bool) -> Any:
    names = html.Div([html.B(config.region.name), html.Span(config.region.room)], className="two")
    title = html.Div([html.B(page.title), html.Span(f"Tampilan {page.name}, v{version}")], className="two")
    left = [html.Div([_crest(), names], className="brand"), html.Div(className="sep"), title]
    left.append(html.Span("DATA SIMULASI", className="sim", id="simulated", hidden=True))
    if insecure:
        left.append(html.Span("TANPA IDENTITAS: siapa pun di jaringan ini dapat melihat", className="sim warn"))
    clock = html.Div([html.B("", id="clock"), html.I("", id="seconds"), _zone(config)], className="clock")
    link = html.Div(
        [_waves(), html.Div([html.B("Menyambung", id="link"), html.Span("", id="oldest")], className="two")],
        className="link",
    )
    right = [link, html.Div(className="sep"), clock]
    parts = [html.Div(left, className="h-id"), html.Div(className="h-mid"), html.Div(right, className="h-rt")]
    return html.Header(
        parts,
        className="hd",
        id="head",
        **{"data-zone": config.region.timezone, "data-language": config.region.language},
    )


def _zone(config: Config) -> Any:
    word = {"Asia/Jakarta": "WIB", "Asia/Pontianak": "WIB", "Asia/Makassar": "WITA", "Asia/Jayapura": "WIT"}
    shown = word.get(config.region.timezone, config.region.timezone)
    return html.Div([html.Span(shown), html.Span("", id="today")], className="two")


def _crest() -> Any:
    outer = svg.Path(d="M3 3h38v24c0 11-8 18-19 22C11 45 3 38 3 27Z")
    inner = svg.Path(d="M8 8h28v19c0 8-5.6 13-14 16.5C13.6 40 8 35 8 27Z", className="d")
    return svg.Svg([outer, inner], viewBox="0 0 44 52", className="crest")


def _waves() -> Any:
    arcs = "M2 9.5C8 3.5 16 3.5 22 9.5M5.5 13c3.8-3.7 9.2-3.7 13 0M9 16.5c1.8-1.7 4.2-1.7 6 0"
    return svg.Svg([svg.Path(d=arcs), svg.Circle(cx=12, cy=20, r=0.8)], viewBox="0 0 24 24")
