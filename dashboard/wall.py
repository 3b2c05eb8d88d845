"""A wall: one header and several scenes in one page, all there at once, so that showing the next needs no server.

``#wall`` holds ``#head`` and a ``#scene-<page>`` for each scene, of which one is not ``hidden``. What a
script of the browser needs to turn them stands in ``data-`` attributes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dash import html
from dash.development.base_component import Component

from city.config import Config
from city.screens import Screen
from dashboard import city_page
from dashboard.fitting import Fit, fit, head_form, style_of
from dashboard.frame import frame
from dashboard.grid import variables
from dashboard.header import header
from dashboard.page import Page
from dashboard.states import CITY
from dashboard.words import Words

States = Mapping[str, Mapping[str, Mapping[str, Any]]]  # page -> panel -> state


@dataclass(frozen=True)
class Wall:
    """What ``/wall/<name>`` shows. Without a ``screen`` of the settings it is one page, as large as its window."""

    name: str
    pages: tuple[Page, ...]
    screen: Screen | None = None
    fits: tuple[Fit, ...] = ()

    @property
    def scenes(self) -> str:
        """The names of its pages, in their order."""
        return " ".join(page.name for page in self.pages)

    @property
    def theme(self) -> str:
        """``dark``, or ``light`` for a bright room."""
        return self.screen.theme if self.screen else "dark"


def walls(config: Config, pages: Sequence[Page]) -> dict[str, Wall]:
    """Every wall by its address: the screens of the settings first, then each page alone."""
    known = {page.name: page for page in pages}
    set_up = []
    for name, screen in config.screens.items():
        shown = tuple(known[scene] for scene in screen.scenes)
        set_up.append(Wall(name, shown, screen, tuple(fit(page, screen) for page in shown)))
    return {f"/wall/{wall.name}": wall for wall in (*set_up, *(Wall(page.name, (page,)) for page in pages))}


def draw(wall: Wall, states: States, config: Config, *, version: str, insecure: bool = False) -> Component:
    """The whole wall. The first scene comes with its last bodies; the stream fills the others before their turn."""
    words = Words(config)
    places = [_place(wall, number, words) for number in range(len(wall.pages))]
    named = "" if wall.screen is None else f", {wall.name}"
    stage = city_page.block(config, states.get(CITY, {}))
    head = header(wall.pages[0].title, places[0], f"{named}, v{version}", words, stage=stage, insecure=insecure)
    fits = wall.fits or (None,) * len(wall.pages)
    scenes = [_scene(page, fits[number], places[number], states.get(page.name, {}), shown=number == 0)
              for number, page in enumerate(wall.pages)]  # fmt: skip
    look = f"wall theme-{wall.theme}{_shape(wall)}"
    style = style_of(wall.screen) if wall.screen else {}
    return html.Main([head, *scenes], id="wall", className=look, style=style, **_said(wall))


def bodiless(states: States) -> States:
    """The same states without what they show: Dash draws frames, assets/live.js draws what is in them."""
    return {page: {name: {**state, "body": None} for name, state in shown.items()} for page, shown in states.items()}


def _shape(wall: Wall) -> str:
    """Classes of a wall whose size the settings tell: how its header stands."""
    if wall.screen is None:
        return ""
    return f" fixed {head_form(wall.screen)}".rstrip()


def _place(wall: Wall, number: int, words: Words) -> str:
    if wall.screen is None:
        return f"{words.t('Tampilan')} {wall.name}"
    return f"{words.t('Tampilan')} {number + 1} {words.t('dari')} {len(wall.pages)}"


def _said(wall: Wall) -> dict[str, str]:
    """What the browser's scripts are told; ``data-night-`` only where the wall has a night."""
    seconds = f"{wall.screen.seconds:g}" if wall.screen else ""
    said = {"screen": wall.name, "scenes": wall.scenes, "seconds": seconds, "theme": wall.theme}
    if wall.screen and (night := wall.screen.night):
        said |= {"night-from": night.begin, "night-to": night.end, "night-dim": f"{night.dim:g}"}
    return {f"data-{name}": text for name, text in said.items()}


def _scene(
    page: Page, found: Fit | None, place: str, states: Mapping[str, Mapping[str, Any]], *, shown: bool
) -> Component:
    """The panels of a page in their frames, with their last states."""
    framed = []
    for name, panel in page.panels.items():
        state = states.get(name)
        framed.append(frame(page.name, panel, state if shown or not state else {**state, "body": None}))
    said = {"data-page": page.name, "data-title": page.title, "data-place": place}
    style = variables("", page.grid) | variables("-wide", page.wide)
    look = "scene"
    if found:
        style = variables("", found.grid) | variables("-wide", found.grid)
        look = "scene packed" if found.packed else look
    return html.Div(framed, id=f"scene-{page.name}", className=look, hidden=not shown, style=style, **said)
