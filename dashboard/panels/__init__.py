"""One module per kind of panel, loaded by name from here only.

A kind has ``Args``, ``metrics(args)`` (what it asks), ``load(args, queries)`` (may ask) and
``draw(args, reading, words)`` (may not). Titles, ages and states belong to the frame. A kind that
shows what is watched for the whole region says so with ``watched(config)``, the metrics of that.
"""

import importlib
import pkgutil
from types import ModuleType
from typing import Any

from city.config import Config
from city.documents import nearest


def asked(module: ModuleType, args: Any, config: Config) -> tuple[str, ...]:
    """The metrics a panel asks: those its layout names and, of a kind that watches, those the region has watched."""
    watched = module.watched(config) if watches(module) else ()
    return tuple(dict.fromkeys((*module.metrics(args), *watched)))


def watches(module: ModuleType) -> bool:
    """Whether a kind of panel shows what is watched (``watched(config)``).

    Its age is that of the last look, whatever the sources do: what they do not tell stands in its rows.
    """
    return hasattr(module, "watched")


def names() -> list[str]:
    """The kinds of panel there are."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__))


def kind(name: str) -> ModuleType:
    """The panel module called ``name``; LookupError names the nearest."""
    if name not in names():
        raise LookupError(f"unknown panel kind '{name}'" + nearest(name, names()))
    return importlib.import_module(f"dashboard.panels.{name}")
