"""What the parts of a region's settings must be to each other: names that exist, words that mean one thing.

Works on whatever part of the file is in order, so that one wrong setting does not hide another.
"""

import math
from collections.abc import Callable, Iterator
from pathlib import PurePath
from typing import Any, TypeVar

import shapely
from pydantic import BaseModel, ValidationError

from city import brief_settings, criteria, goal_checks, judging, watch
from city.calendar import public_holidays
from city.config import Args, Config, MetricConfig, Plausible, Region, Source, Term
from city.limits import Limit
from city.metrics import KINDS, MEASURES, STATES, Metric, catalogue, flaw
from city.vocabulary import boundaries
from city.working import WorkingTime
from city.yaml_lines import Document, Problem, Where, nearest, validate

Found = Iterator[tuple[Where, str]]
Model = TypeVar("Model", bound=BaseModel)


def check(document: Document, collector_args: Callable[[str], type[Args]]) -> list[Problem]:
    """Every mistake between the parts of ``document``."""
    data = document.data if isinstance(document.data, dict) else {}
    sources, metrics = _raw(data, "sources"), _sound(MetricConfig, _raw(data, "metrics"))
    kinds = [*KINDS, *(item["kind"] for item in sources.values() if isinstance(item.get("kind"), str))]
    found = [*_metrics(metrics, kinds), *_sla(data, kinds), *_calendar(data, kinds), *_screens(data)]
    known = _catalogue(kinds, metrics) | {name: None for name in _raw(data, "metrics") if name not in metrics}
    found += [*_limits(data, known), *_stages(data, known), *goal_checks.check(data, known)]
    found += brief_settings.check(data, known)
    for region in _sound(Region, {"region": data.get("region")}).values():
        found += [*_words(region), *_places(region)]
    problems = [document.problem(where, message) for where, message in found]
    return problems + [p for name, source in sources.items() for p in _source(name, source, document, collector_args)]


def _raw(data: dict[str, Any], section: str) -> dict[str, dict[str, Any]]:
    part = data.get(section)
    return {name: item for name, item in part.items() if isinstance(item, dict)} if isinstance(part, dict) else {}


def _sound(model: type[Model], items: dict[str, Any]) -> dict[str, Model]:
    """The items that are in order by themselves."""
    found = {}
    for name, item in items.items():
        try:
            found[name] = model.model_validate(item)
        except ValidationError:
            continue  # told already, by the check of the whole
    return found


def _source(
    name: str, source: dict[str, Any], document: Document, collector_args: Callable[[str], type[Args]]
) -> list[Problem]:
    at: Where = ("sources", name)
    if not isinstance(source.get("collector"), str):
        return []
    try:
        model = collector_args(source["collector"])
    except LookupError as error:
        return [document.problem((*at, "collector"), str(error.args[0]))]
    args, problems = validate(model, source.get("args", {}), document, (*at, "args"))
    said, meant = getattr(args, "kind", None), source.get("kind")
    if args is not None and "kind" in args.model_fields_set and meant and said != meant:
        message = f"the cases are of kind '{said}', the source is of kind '{meant}': say it once, beside `collector`"
        problems.append(document.problem((*at, "args", "kind"), message))
    return problems


def _metrics(metrics: dict[str, MetricConfig], kinds: list[str]) -> Found:
    for name, spec in metrics.items():
        if spec.measure not in MEASURES:
            yield ("metrics", name, "measure"), "unknown measure" + nearest(spec.measure, MEASURES)
        elif lack := flaw(spec):
            yield ("metrics", name), lack
        elif spec.case_kind and spec.case_kind not in kinds:
            yield ("metrics", name, "of"), "unknown kind of case" + nearest(spec.case_kind, kinds)


def _sla(data: dict[str, Any], kinds: list[str]) -> Found:
    for kind in _raw(data, "sla"):
        if kind not in kinds:
            yield ("sla", kind), "unknown kind of case" + nearest(kind, kinds)


def _calendar(data: dict[str, Any], kinds: list[str]) -> Found:
    """Kinds of case that are paused exist, and a promise in working hours needs an office that opens."""
    found = _sound(WorkingTime, {"calendar": data.get("calendar") or {}}).get("calendar")
    for kind in found.pauses if found else ():
        if kind not in kinds:
            yield ("calendar", "pauses", kind), "unknown kind of case" + nearest(kind, kinds)
    promised = [
        (kind, word)
        for kind, terms in _raw(data, "sla").items()
        for word, promise in terms.items()
        if str(promise).endswith("wh")
    ]
    if found and promised and not any(found.week):
        yield ("sla", *promised[0]), "a promise in working hours needs `calendar: hours:` with a day that has some"


def _catalogue(kinds: list[str], metrics: dict[str, MetricConfig]) -> dict[str, Metric | None]:
    """The metrics by name; None for one that is not in order by itself."""
    sources = {kind: Source.model_construct(kind=kind) for kind in kinds}
    return dict(catalogue(Config.model_construct(sources=sources, metrics=metrics)))


def _limits(data: dict[str, Any], known: dict[str, Metric | None]) -> Found:
    raw = _raw(data, "limits")
    aims = {name: judging.aim(name, known) for name in raw}
    for name in (name for name, at in aims.items() if at is None):
        yield ("limits", name), _no_aim(name, known)
    for name, limit in _sound(Limit, raw).items():
        if not ((at := aims[name]) and (metric := known[at.metric])):
            continue
        if lack := watch.flaw(limit, metric.direction):
            yield ("limits", name), lack
        if limit.window and metric.measure in STATES:
            yield ("limits", name, "window"), f"'{at.metric}' holds at a moment: it has no window"


def _no_aim(name: str, known: dict[str, Metric | None]) -> str:
    """What is wrong with the name of a limit: its metric, or the dimension after it."""
    metric, _, by = name.rpartition(judging.PER)
    if metric in known:
        return f"unknown dimension '{by}'" + nearest(by, judging.dimensions(known[metric]))
    if by in judging.dimensions(None):
        return f"unknown metric '{metric}'" + nearest(metric, known)
    return "unknown metric" + nearest(name, known)


def _stages(data: dict[str, Any], known: dict[str, Metric | None]) -> Found:
    """Rules of the stages: metrics that exist, and values that a metric can have."""
    stages = data.get("stages")
    plausible = _sound(Plausible, _raw(data, "plausibility"))
    spans = {name: criteria.span_of(metric, _plausible(metric, plausible)) for name, metric in known.items() if metric}
    for index, stage in enumerate(stages if isinstance(stages, list) else ()):
        if not (isinstance(stage, dict) and stage.get("when") is not None):
            continue
        at: Where = ("stages", index, "when")
        if index == 0:
            yield at, "the first stage is what holds when no other does: leave `when` out"
        elif mistakes := list(criteria.flaws(stage["when"], at, known)):
            yield from mistakes
        elif not criteria.can_hold(criteria.rule(stage["when"]), spans):
            yield at, "can never hold: no value of these metrics fulfils it"


def _plausible(metric: Metric, plausible: dict[str, Plausible]) -> criteria.Span | None:
    said = plausible.get(metric.observation or "")
    return (-math.inf if said.min is None else said.min, math.inf if said.max is None else said.max) if said else None


def _screens(data: dict[str, Any]) -> Found:
    """A scene is a page by its file's name; pages and screens share the addresses below ``/wall/``."""
    listed = data.get("pages")
    pages = [PurePath(page).stem for page in listed if isinstance(page, str)] if isinstance(listed, list) else []
    for name, screen in _raw(data, "screens").items():
        if name in pages:
            yield ("screens", name), f"a page is called '{name}' already, and both would be at /wall/{name}"
        scenes = screen.get("scenes")
        for index, scene in enumerate(scenes if isinstance(scenes, list) else ()):
            if scene not in pages:
                yield ("screens", name, "scenes", index), f"no such page '{scene}'{nearest(str(scene), pages)}"


def _words(region: Region) -> Found:
    """A word of the vocabulary that would mean two things."""
    for section in ("districts", "agencies", "categories"):
        meant: dict[str, Term] = {}
        for index, term in enumerate(getattr(region, section)):
            for word in dict.fromkeys(" ".join(w.casefold().split()) for w in (term.code, term.name, *term.aliases)):
                other = meant.setdefault(word, term)
                if other is not term:
                    yield ("region", section, index), f"'{word}' is {other.name} already; a word can mean one only"


def _places(region: Region) -> Found:
    if region.country != "ID":
        try:
            public_holidays(region.country, (2026,))
        except ValueError as error:
            yield ("region", "country"), str(error)
    try:
        shapes = boundaries(region)
    except (OSError, KeyError, TypeError, ValueError, shapely.errors.ShapelyError) as error:
        yield (
            ("region", "boundaries"),
            f"cannot be read as GeoJSON with the property '{region.boundaries_key}': " + (type(error).__name__),
        )
        return
    if shapes and (lone := [district.name for district in region.districts if district.code not in shapes]):
        yield ("region", "boundaries"), f"no polygon for {', '.join(lone)}; codes are in '{region.boundaries_key}'"
