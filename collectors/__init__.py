"""From the city to the database: one module per kind of source, loaded by name from here only."""

import importlib
import pkgutil
from difflib import get_close_matches
from types import ModuleType

from city.config import Args

#: The engine's own modules; everything else in this folder is a kind of source.
_ENGINE = {
    "address",
    "auth",
    "backfill",
    "breaker",
    "cells",
    "deadline",
    "decimals",
    "drop_folder",
    "expressions",
    "figures",
    "gather",
    "http",
    "intake",
    "mapping",
    "pace",
    "patience",
    "paging",
    "plausible",
    "probe",
    "promised",
    "reading",
    "records",
    "runner",
    "schedule",
    "sent",
    "signed",
    "shape",
    "tables_in",
    "wanted",
    "workbook_rows",
    "workbooks",
    "written",
}


class RowError(ValueError):
    """One row was not understood: the field and what is wrong, never what the row holds."""

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(f"{field}: {problem}")


def names() -> list[str]:
    """The kinds of source there are."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__) if module.name not in _ENGINE)


def kind(name: str) -> ModuleType:
    """The collector module called ``name``; LookupError names the nearest."""
    if name not in names():
        close = get_close_matches(name, names(), 1, 0.5)
        hint = f"Did you mean '{close[0]}'?" if close else f"Known: {', '.join(names())}"
        raise LookupError(f"unknown collector '{name}'. {hint}")
    return importlib.import_module(f"collectors.{name}")


def args_of(name: str) -> type[Args]:
    """The settings class of a collector kind."""
    model: type[Args] = kind(name).Args
    return model


def instead(name: str) -> str | None:
    """How data come from a kind that is not polled (``POLLED = False``), for whoever would run it; else None."""
    module = kind(name)
    return None if getattr(module, "POLLED", True) else str(module.INSTEAD)
