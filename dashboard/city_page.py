"""The page that every wall shows in its header: the stage of the city.

It is published, streamed and kept like any other page, under the name ``states.CITY``; so it is replayed
too, costs nothing per viewer and grows old in the browser when nobody renews it.
"""

from collections.abc import Mapping
from typing import Any

from dash.development.base_component import Component

from city.config import Config
from dashboard import panels
from dashboard.frame import frame
from dashboard.grid import Grid
from dashboard.page import Page, Panel
from dashboard.states import CITY
from dashboard.words import Words

#: The publisher looks every 15 s: four looks missed are old, forty are nothing to go by.
STALE_AFTER_S, EXPIRES_AFTER_S = 60.0, 600.0
_NO_GRID = Grid(columns=(), rows=(), areas=())


def city_page(config: Config) -> Page:
    """The page; without panels where the settings have no ``stages``."""
    return Page(CITY, "", _NO_GRID, _NO_GRID, {"stage": _panel(config)} if config.stages else {})


def _panel(config: Config) -> Panel:
    module = panels.kind("city_stage")
    args = module.Args()
    title, asked = Words(config).t("Siaga kota"), panels.asked(module, args, config)
    return Panel("stage", "city_stage", title, "", "head", args, asked, (), STALE_AFTER_S, EXPIRES_AFTER_S)


def block(config: Config, states: Mapping[str, Mapping[str, Any]]) -> Component | None:
    """The stage in its frame for the header, with its last state; None where the settings have no ``stages``."""
    return frame(CITY, _panel(config), states.get("stage")) if config.stages else None
