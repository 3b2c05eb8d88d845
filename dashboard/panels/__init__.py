"""One module per kind of panel: ``Args``, ``metrics(args)``, ``load(args, queries)``, ``draw(args, loaded, words)``."""

from importlib import import_module
from types import ModuleType

from city.documents import nearest

_NAMES = ("bars", "map", "number", "table", "trend")


def names() -> list[str]:
    """The kinds of panel there are."""
    return list(_NAMES)


def kind(name: str) -> ModuleType:
    """The module of a panel kind; LookupError names the nearest."""
    if name not in _NAMES:
        raise LookupError(f"unknown panel kind '{name}'{nearest(name, _NAMES)}")
    return import_module(f"{__name__}.{name}")
