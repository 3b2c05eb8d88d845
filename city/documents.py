"""YAML with line numbers: reads a settings file and reports every mistake at once.

Each mistake says file, line, path, what is wrong and the nearest valid name. Nothing starts
before all of them are gone. ``${NAME}`` and ``${NAME:-default}`` are filled from the environment
after the YAML is parsed, so a value cannot change the structure.
"""

import os
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from city.config import Args, Config

Where = tuple[str | int, ...]
Model = TypeVar("Model", bound=BaseModel)
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}")


@dataclass(frozen=True)
class Problem:
    """One mistake in a settings file."""

    file: str
    line: int
    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.path + ': ' if self.path else ''}{self.message}"


class ConfigError(Exception):
    """The settings are wrong; ``problems`` holds every mistake."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = list(problems)
        super().__init__("\n".join(map(str, self.problems)))


@dataclass(frozen=True)
class Document:
    """A parsed file: its data and the line each path begins at (1-based)."""

    file: str
    data: Any
    lines: Mapping[Where, int]

    def problem(self, where: Where, message: str) -> Problem:
        """A mistake at ``where``; an absent path counts to its nearest parent."""
        at = where
        while at and at not in self.lines:
            at = at[:-1]
        return Problem(self.file, self.lines.get(at, 1), ".".join(map(str, where)), message)


def read_yaml(path: str | Path, env: Mapping[str, str] = os.environ) -> Document:
    """Read a YAML file. Raises ConfigError when it cannot be read, parsed or filled."""
    path = Path(path)
    try:
        root = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError([Problem(path.name, 1, "", f"cannot be read: {type(error).__name__}")]) from error
    except yaml.YAMLError as error:
        raise ConfigError([_syntax(path.name, error)]) from error
    lines: dict[Where, int] = {}
    missing: list[tuple[Where, str]] = []
    data = _plain(root, (), lines, env, missing) if root else {}
    document = Document(path.name, data, lines)
    if missing:
        message = "variable {} is not set; export it or write ${{{}:-default}}"
        raise ConfigError(document.problem(at, message.format(name, name)) for at, name in missing)
    return document


def _syntax(file: str, error: yaml.YAMLError) -> Problem:
    mark = getattr(error, "problem_mark", None)
    return Problem(file, mark.line + 1 if mark else 1, "", f"not valid YAML: {getattr(error, 'problem', error)}")


def _plain(
    node: yaml.Node, at: Where, lines: dict[Where, int], env: Mapping[str, str], missing: list[tuple[Where, str]]
) -> Any:
    lines.setdefault(at, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        found = {}
        for key, value in node.value:
            lines[(*at, str(key.value))] = key.start_mark.line + 1
            if str(key.value) in found:
                missing.append(((*at, str(key.value)), "(written twice)"))
            found[str(key.value)] = _plain(value, (*at, str(key.value)), lines, env, missing)
        return found
    if isinstance(node, yaml.SequenceNode):
        return [_plain(item, (*at, index), lines, env, missing) for index, item in enumerate(node.value)]
    value = yaml.SafeLoader("").construct_object(node)
    return _filled(value, at, env, missing) if isinstance(value, str) else value


def _filled(text: str, at: Where, env: Mapping[str, str], missing: list[tuple[Where, str]]) -> str:
    def fill(found: re.Match[str]) -> str:
        name, default = found.groups()
        if env.get(name):
            return env[name]
        if default is None:
            missing.append((at, name))
        return default or ""

    return _VARIABLE.sub(fill, text)


def validate(model: type[Model], data: Any, document: Document, at: Where = ()) -> tuple[Model | None, list[Problem]]:
    """``data`` (the part of ``document`` at ``at``) as ``model``, or every problem found in it."""
    try:
        return model.model_validate(data), []
    except ValidationError as error:
        return None, [_explain(model, item, document, at) for item in error.errors(include_url=False)]


def _explain(model: type[BaseModel], item: Any, document: Document, at: Where) -> Problem:
    where = (*at, *item["loc"])
    if item["type"] == "extra_forbidden":
        return document.problem(where, "unknown setting" + nearest(str(item["loc"][-1]), _fields(model, item["loc"])))
    if item["type"] == "missing":
        return document.problem(where, "is missing")
    return document.problem(where, item["msg"].removeprefix("Value error, "))


def _fields(model: type[BaseModel], path: tuple[Any, ...]) -> list[str]:
    """The settings valid beside the last part of ``path``."""
    current: Any = model
    for part in path[:-1]:
        if isinstance(current, type) and issubclass(current, BaseModel) and part in current.model_fields:
            current = _inner(current.model_fields[part].annotation)
    if not (isinstance(current, type) and issubclass(current, BaseModel)):
        return []
    return [field.alias or name for name, field in current.model_fields.items()]


def _inner(annotation: Any) -> Any:
    """The model inside ``dict[str, Model]``, ``tuple[Model, ...]`` or ``Model | None``."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in getattr(annotation, "__args__", ()) if (found := _inner(part))), None)


def nearest(word: str, known: Iterable[str]) -> str:
    """`` Did you mean 'x'?`` or, with nothing near, the list of valid names; empty without any."""
    names = sorted(set(known))
    if close := get_close_matches(word, names, 1, 0.6):
        return f". Did you mean '{close[0]}'?"
    return f"; known: {', '.join(names)}" if names else ""


def load(
    path: str | Path,
    collector_args: Callable[[str], type[Args]],
    env: Mapping[str, str] = os.environ,
) -> Config:
    """Read and check a region's settings. Raises ConfigError with every mistake.

    ``collector_args`` gives the Args class of a collector kind, or raises LookupError naming the nearest.
    """
    document = read_yaml(path, env)
    config, problems = validate(Config, document.data, document)
    problems += _check_sources(document, collector_args)
    if config is not None:
        problems += _check_names(config, document)
    if problems or config is None:
        raise ConfigError(sorted(problems, key=lambda problem: problem.line))
    return config


def _check_sources(document: Document, collector_args: Callable[[str], type[Args]]) -> list[Problem]:
    problems: list[Problem] = []
    sources = document.data.get("sources") if isinstance(document.data, dict) else None
    for name, source in sources.items() if isinstance(sources, dict) else ():
        if not (isinstance(source, dict) and isinstance(source.get("collector"), str)):
            continue
        try:
            model = collector_args(source["collector"])
        except LookupError as error:
            problems.append(document.problem(("sources", name, "collector"), str(error.args[0])))
            continue
        problems += validate(model, source.get("args", {}), document, ("sources", name, "args"))[1]
    return problems


def _check_names(config: Config, document: Document) -> list[Problem]:
    from city.metrics import MEASURES, catalogue

    problems = [
        document.problem(("metrics", name, "measure"), "unknown measure" + nearest(metric.measure, MEASURES))
        for name, metric in config.metrics.items()
        if metric.measure not in MEASURES
    ]
    known = catalogue(config)
    problems += [
        document.problem(("limits", name), "unknown metric" + nearest(name, known))
        for name in config.limits
        if name not in known
    ]
    return problems
