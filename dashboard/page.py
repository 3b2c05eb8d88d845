"""A layout file becomes a checked page."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, Literal

from pydantic import Field, model_validator

from city.config import Config, Duration, Name, Strict
from city.documents import ConfigError, Document, Problem, nearest, read_yaml, validate
from city.metrics import Metric, catalogue
from dashboard import panels
from dashboard.grid import Grid, misplaced
from dashboard.speech import Text, speech


class PanelSpec(Strict):
    """One use of a panel kind. ``size``: a panel, a group of the top row, or a tile of the strip.

    ``weight``: where nobody drew the grid by hand, the heavier comes first and takes more of the spare room.
    """

    kind: str
    title: Text
    sub: Text = ""
    size: Literal["panel", "group", "strip"] = "panel"
    weight: float = Field(default=1, gt=0, le=10)
    stale_after: Duration | None = None
    expires_after: Duration | None = None
    args: dict[str, Any] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _in_order(self) -> "PanelSpec":
        if self.stale_after and self.expires_after and self.expires_after < self.stale_after:
            raise ValueError("expires_after is shorter than stale_after")
        return self


class PageSpec(Strict):
    """A layout file. ``wide`` is the grid from 9:4 up (three panels side by side)."""

    title: Text
    grid: Grid
    wide: Grid | None = None
    panels: dict[Name, PanelSpec]


@dataclass(frozen=True)
class Panel:
    """A checked panel: typed arguments, the metrics it asks, the sources that feed them and their limits."""

    name: str
    kind: str
    title: str
    sub: str
    size: str
    args: Any
    metrics: tuple[str, ...]
    sources: tuple[str, ...]
    stale_after_s: float
    expires_after_s: float
    weight: float = 1.0

    @property
    def module(self) -> ModuleType:
        """The panel kind's module."""
        return panels.kind(self.kind)


@dataclass(frozen=True)
class Page:
    """A checked page; ``name`` is the layout file's name."""

    name: str
    title: str
    grid: Grid
    wide: Grid
    panels: dict[str, Panel]


def load_page(path: Path, config: Config) -> Page:
    """Read and check a layout, in the region's language. Raises ConfigError with every mistake and its line."""
    document, said = read_yaml(path), {"say": speech(config.region.language).t}
    spec, problems = validate(PageSpec, document.data, document, context=said)
    parts = document.data.get("panels") if isinstance(document.data, dict) else None
    checked: dict[str, Any] = {}
    for name, part in parts.items() if isinstance(parts, dict) else ():
        checked[name], found = _args(name, part, document, catalogue(config), said)
        problems += found
    if spec is not None:
        problems += misplaced({"grid": spec.grid, "wide": spec.wide}, spec.panels, document)
    if problems or spec is None:
        raise ConfigError(sorted(problems, key=lambda problem: problem.line))
    made = {name: _panel(name, part, checked[name], config) for name, part in spec.panels.items()}
    return Page(path.stem, spec.title, spec.grid, spec.wide or spec.grid, made)


def _args(
    name: str, part: Any, document: Document, known: Mapping[str, Metric], said: Mapping[str, Any]
) -> tuple[Any, list[Problem]]:
    """The panel's own settings, their texts as they are ``said``; or what is wrong with them."""
    if not (isinstance(part, dict) and isinstance(part.get("kind"), str)):
        return None, []
    at = ("panels", name)
    try:
        module = panels.kind(part["kind"])
    except LookupError as error:
        return None, [document.problem((*at, "kind"), str(error.args[0]))]
    args, problems = validate(module.Args, part.get("args", {}), document, (*at, "args"), said)
    unknown = [metric for metric in module.metrics(args) if metric not in known] if args is not None else []
    for metric in unknown:
        where = _line_of(document, (*at, "args"), metric)
        problems.append(document.problem(where, f"unknown metric '{metric}'{nearest(metric, known)}"))
    if args is not None and hasattr(module, "flaws"):
        found = module.flaws(args, known)
        problems += [document.problem(_line_of(document, (*at, "args"), name), text) for name, text in found]
    return args, problems


def _line_of(document: Document, here: tuple[str, ...], text: str) -> tuple[str | int, ...]:
    """Where the settings below ``here`` say ``text``."""
    for where in document.lines:
        value = document.data
        if where[: len(here)] == here:
            for part in where:
                value = value[part]
            if value == text:
                return where
    return here


def _panel(name: str, spec: PanelSpec, args: Any, config: Config) -> Panel:
    known = catalogue(config)
    module = panels.kind(spec.kind)
    metrics = panels.asked(module, args, config)
    sources = () if panels.watches(module) else _sources(config, [known[metric] for metric in metrics])
    feeding = [config.sources[source] for source in sources] or list(config.sources.values())
    stale = spec.stale_after or min(source.stale_after for source in feeding)
    expires = spec.expires_after or min(source.expires_after for source in feeding)
    return Panel(name, spec.kind, spec.title, spec.sub, spec.size, args, metrics, sources,
                 stale.total_seconds(), expires.total_seconds(), spec.weight)  # fmt: skip


def _sources(config: Config, metrics: list[Metric]) -> tuple[str, ...]:
    """The sources that can feed the metrics: by case kind, or by the observations their mapping names."""
    kinds = {metric.of for metric in metrics if metric.of}
    names = {name for metric in metrics for name in (metric.observation, metric.numerator, metric.denominator) if name}
    return tuple(
        name
        for name, source in config.sources.items()
        if source.kind in kinds or names & set(source.args.get("values", {}))
    )
