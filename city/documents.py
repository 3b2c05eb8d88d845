"""``config.yaml`` as a Config: every mistake at once, before anything starts.

Layout files are read with the same :func:`read_yaml` and :func:`validate`.
"""

import os
from collections.abc import Callable, Mapping
from pathlib import Path

from city.checks import check
from city.config import Args, Config
from city.working import Holidays
from city.yaml_lines import ConfigError, Document, Problem, nearest, read_what_can_be, read_yaml, validate

__all__ = ["ConfigError", "Document", "Problem", "load", "nearest", "read_yaml", "validate"]


def load(
    path: str | Path,
    collector_args: Callable[[str], type[Args]],
    env: Mapping[str, str] = os.environ,
) -> Config:
    """Read and check a region's settings. Raises ConfigError with every mistake.

    ``collector_args`` gives the Args class of a collector kind, or raises LookupError naming the nearest.
    """
    document = _beside(Path(path), read_what_can_be(Path(path), env))
    elsewhere = _holidays(Path(path), document, env)
    config, problems = validate(Config, document.data, document)
    problems += [*check(document, collector_args), *elsewhere]
    # A value that could not be filled in says so once, not again by its emptiness.
    unfilled = {problem.path for problem in document.problems}
    told = [p for p in problems if p.path not in unfilled or p.message.startswith("unknown")]
    if (told or document.problems) or config is None:
        raise ConfigError(sorted(dict.fromkeys((*document.problems, *told)), key=_place(document)))
    return config


def _beside(path: Path, document: Document) -> Document:
    """``region.boundaries`` is named from where the file stands, not from where the command is given."""
    region = document.data.get("region") if isinstance(document.data, dict) else None
    if isinstance(region, dict) and isinstance(region.get("boundaries"), str):
        region["boundaries"] = str(path.parent / region["boundaries"])
    return document


def _holidays(path: Path, document: Document, env: Mapping[str, str]) -> list[Problem]:
    """``calendar.holidays`` may name a file beside the settings: what stands in it stands here, with its mistakes."""
    calendar = document.data.get("calendar") if isinstance(document.data, dict) else None
    if not (isinstance(calendar, dict) and isinstance(calendar.get("holidays"), str)):
        return []
    named, calendar["holidays"] = calendar["holidays"], {}
    try:
        found = read_yaml(path.parent / named, env)
    except ConfigError as error:
        return list(error.problems)
    made, problems = validate(Holidays, found.data, found)
    calendar["holidays"] = found.data if made is not None else {}
    return problems


def _place(document: Document) -> Callable[[Problem], tuple[bool, int]]:
    """Where a mistake stands: those of the settings first, by line, then those of another file."""
    return lambda problem: (problem.file != document.file, problem.line)
