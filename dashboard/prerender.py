"""A tree of components as HTML text, for the first paint: a screen shows its numbers before any script has run.

Dash draws the same tree again once its renderer is there, and assets/live.js takes this copy away.
Components come as objects or as the JSON in which panel states are stored. Pure.
"""

from collections.abc import Mapping
from html import escape
from typing import Any

_VOID = frozenset({"br", "hr", "img", "input", "wbr"})
_NAMES = {"className": "class", "htmlFor": "for"}
#: SVG writes these as they are; everything else in camel case is a kebab.
_KEPT = frozenset({"viewBox", "preserveAspectRatio", "patternUnits", "patternTransform"})


def html_of(part: Any) -> str:
    """The HTML of a component, a text, a number, a list of them, or nothing. Every text is escaped."""
    if part is None:
        return ""
    if isinstance(part, list | tuple):
        return "".join(map(html_of, part))
    if isinstance(part, str | int | float):
        return escape(str(part), quote=False)
    said: Mapping[str, Any] = part if isinstance(part, Mapping) else part.to_plotly_json()
    name, props = said["type"][0].lower() + said["type"][1:], said["props"]
    inside = "" if name in _VOID else f"{html_of(props.get('children'))}</{name}>"
    return f"<{name}{''.join(_attribute(*item) for item in props.items())}>{inside}"


def _attribute(name: str, value: Any) -> str:
    if name in ("children", "key") or value is None or value is False:
        return ""
    name = _NAMES.get(name, name if name in _KEPT else _kebab(name))
    if value is True:
        return f" {name}"
    if name == "style":
        value = ";".join(f"{_kebab(key)}:{text}" for key, text in value.items())
    return f' {name}="{escape(str(value))}"'


def _kebab(name: str) -> str:
    """``gridArea`` as ``grid-area``; ``--areas`` and ``data-x`` stay."""
    return "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in name)
