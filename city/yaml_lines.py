"""YAML as a checked model, with line numbers: every mistake says file, line, path and the nearest valid name.

``${NAME}`` and ``${NAME:-default}`` are filled from the environment after the YAML is parsed, so
that a value cannot change the structure. An empty variable counts as unset.
"""

import os
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

Where = tuple[str | int, ...]
Model = TypeVar("Model", bound=BaseModel)
#: libyaml's own where the wheel has it: ten times as fast, and every part reads the settings.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}")
#: What pydantic says in its own words, for whoever edits a YAML file.
_PLAINLY = {
    "missing": "is missing",
    "string_type": "must be text; put it in quotes",
    "dict_type": "must hold settings, one `name: value` a line",
    "model_type": "must hold settings, one `name: value` a line",
    "tuple_type": "must be a list, one `- value` a line",
    "float_parsing": "must be a number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "date_from_datetime_parsing": "must be a date such as 2026-12-24",
}


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
    """A parsed file: its data, the line each path begins at (1-based), what was wrong while reading."""

    file: str
    data: Any
    lines: Mapping[Where, int]
    problems: tuple[Problem, ...] = ()

    def problem(self, where: Where, message: str) -> Problem:
        """A mistake at ``where``; an absent path counts to its nearest parent."""
        at = where
        while at and at not in self.lines:
            at = at[:-1]
        return Problem(self.file, self.lines.get(at, 1), ".".join(map(str, where)), message)


def read_yaml(path: str | Path, env: Mapping[str, str] = os.environ) -> Document:
    """Read a YAML file. Raises ConfigError when it cannot be read, parsed or filled."""
    document = read_what_can_be(Path(path), env)
    if document.problems:
        raise ConfigError(document.problems)
    return document


def read_what_can_be(path: Path, env: Mapping[str, str]) -> Document:
    """The document with the mistakes that do not keep the rest from being checked."""
    try:
        root = _composed(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError([Problem(path.name, 1, "", f"cannot be read: {type(error).__name__}")]) from error
    except yaml.YAMLError as error:
        raise ConfigError([_syntax(path.name, error)]) from error
    reading = _Reading(env)
    data = reading.plain(root, ()) if root else {}
    document = Document(path.name, data, reading.lines)
    return replace(document, problems=tuple(document.problem(at, message) for at, message in reading.mistakes))


def _composed(text: str) -> yaml.Node | None:
    try:
        return yaml.compose(text, Loader=_LOADER)
    except yaml.YAMLError:
        return yaml.compose(text, Loader=yaml.SafeLoader)  # says better where it went wrong


def _syntax(file: str, error: yaml.YAMLError) -> Problem:
    mark, begun = getattr(error, "problem_mark", None), getattr(error, "context_mark", None)
    since = f" (begun in line {begun.line + 1})" if begun and mark and begun.line != mark.line else ""
    line = mark.line + 1 if mark else 1
    return Problem(file, line, "", f"not valid YAML: {getattr(error, 'problem', None) or error}{since}")


class _Reading:
    """Turns YAML nodes into plain data and notes the line and the mistakes of each path."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self._env, self._loader = env, yaml.SafeLoader("")
        self._open: set[yaml.Node] = set()
        self.lines: dict[Where, int] = {}
        self.mistakes: list[tuple[Where, str]] = []

    def plain(self, node: yaml.Node, at: Where) -> Any:
        """The data of ``node``, which stands at ``at``."""
        self.lines.setdefault(at, node.start_mark.line + 1)
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node, at)
        if node in self._open:
            self.mistakes.append((at, "contains itself"))
            return None
        self._open.add(node)
        try:
            if isinstance(node, yaml.SequenceNode):
                return [self.plain(item, (*at, index)) for index, item in enumerate(node.value)]
            return self._mapping(node, at)
        finally:
            self._open.discard(node)

    def _mapping(self, node: Any, at: Where) -> dict[str, Any]:
        names = [str(key.value) for key, _ in node.value]
        twice = {name for name in names if names.count(name) > 1}
        self.mistakes += [((*at, name), "stands here twice; only one of them can count") for name in sorted(twice)]
        with suppress(yaml.YAMLError):
            self._loader.flatten_mapping(node)  # `<<: *base`; what is no mapping stays and is an unknown setting
        found = {}
        for key, value in node.value:
            where = (*at, str(key.value))
            self.lines[where] = key.start_mark.line + 1
            found[str(key.value)] = self.plain(value, where)
        return found

    def _scalar(self, node: yaml.ScalarNode, at: Where) -> Any:
        try:
            value = self._loader.construct_object(node)
        except (ValueError, yaml.YAMLError):
            self.mistakes.append((at, "cannot be read; if it is text, put it in quotes"))
            return None
        return _VARIABLE.sub(lambda found: self._fill(found, at), value) if isinstance(value, str) else value

    def _fill(self, found: re.Match[str], at: Where) -> str:
        name, default = found.groups()
        if self._env.get(name):
            return self._env[name]
        if default is None:
            self.mistakes.append((at, f"variable {name} is not set; export it or write ${{{name}:-default}}"))
        return default or ""


def validate(
    model: type[Model], data: Any, document: Document, at: Where = (), context: Any = None
) -> tuple[Model | None, list[Problem]]:
    """``data`` (the part of ``document`` at ``at``) as ``model``, or every problem found in it.

    ``context`` is what the model's own validators are told.
    """
    try:
        return model.model_validate(data, context=context), []
    except ValidationError as error:
        return None, [_explain(model, item, document, at) for item in error.errors(include_url=False)]


def _explain(model: type[BaseModel], item: Any, document: Document, at: Where) -> Problem:
    where = (*at, *(part for part in item["loc"] if part != "[key]"))
    if item["type"] == "extra_forbidden":
        return document.problem(where, "unknown setting" + nearest(str(item["loc"][-1]), _fields(model, item["loc"])))
    return document.problem(where, _PLAINLY.get(item["type"]) or item["msg"].removeprefix("Value error, "))


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
