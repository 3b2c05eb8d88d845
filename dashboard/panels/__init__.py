"""One module per kind of panel, loaded by name from here only.

A kind has ``Args``, ``metrics(args)`` (what it asks), ``load(args, queries)`` (may ask) and
``draw(args, reading, words)`` (may not). Titles, ages and states belong to the frame.
"""

import importlib
import pkgutil
from types import ModuleType

from city.documents import nearest


def names() -> list[str]:
    """The kinds of panel there are."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__))


def kind(name: str) -> ModuleType:
    """The panel module called ``name``; LookupError names the nearest."""
    if name not in names():
        raise LookupError(f"unknown panel kind '{name}'" + nearest(name, names()))
    return importlib.import_module(f"dashboard.panels.{name}")
