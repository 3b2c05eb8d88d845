"""The HTML of a page before Dash has drawn anything: dark on a wall, light at a desk, a wall with its numbers."""

import re
from collections.abc import Callable
from html import escape
from typing import Any

import orjson
from dash import Dash

from dashboard.speech import speech

#: Addresses that are read at a desk; all others are walls.
DESKS = ("/brief", "/cases", "/explore", "/kpi", "/manual/", "/sources", "/screens")
_LOOK, _FIRST, _SCENES, _MOVES = "<!--look-->", "<!--first-->", "<!--scenes-->", "<!--moves-->"
#: Addresses at which a wall is moved through its past, and not from scene to scene.
REPLAYS = "/replay/"
#: What can be printed at the press of a button.
PRINTED = "/kpi"
#: What is walked through by links.
EXPLORED = "/explore"
#: Where the table of cases is: its scripts weigh more than a wall, and are listed nowhere else.
GRIDS = ("/cases", "/explore")
_GRID = re.compile(r'<script[^>]* src="/_dash-component-suites/dash_ag_grid/[^"]*"></script>')
_TAKEN = '<script async src="/assets/cases.js"></script></head>'

INDEX = """<!doctype html>
<html lang="{language}" class="<!--look-->"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="kendali-version" content="{build}">
{words}
<meta name="kendali-scenes" content="<!--scenes-->">
{{%metas%}}<title>{{%title%}}</title><link rel="icon" href="/assets/favicon.svg?v={build}">{{%css%}}
<script async src="/assets/age.js?v={build}"></script><script async src="/assets/live.js?v={build}"></script>
<script async src="/assets/<!--moves-->.js?v={build}"></script><script async src="/assets/report.js?v={build}"></script>
<style>._dash-loading {{ visibility: hidden }}</style></head>
<body><!--first-->{{%app_entry%}}<footer hidden>{{%config%}}{{%scripts%}}{{%renderer%}}</footer></body></html>"""


def index(language: str, build: str) -> str:
    """The page that Dash fills, in a language."""
    return INDEX.format(language=language, build=build, words=words_of(language))


def words_of(language: str) -> str:
    """What the scripts of the browser say in a language, as they look for it (assets/age.js, assets/turn.js)."""
    words = orjson.dumps(dict(speech(language).browser)).decode()
    return f'<meta name="kendali-words" content="{escape(words)}">'


class Looking(Dash):
    """Dash, with the look of a wall or of a desk; ``first`` gives the HTML that a page holds from the start.

    ``scenes`` gives the pages a wall must hear of, and its theme; nothing for what is no wall.
    """

    first: Callable[[str], str] = staticmethod(lambda path: "")
    scenes: Callable[[str], tuple[str, str]] = staticmethod(lambda path: ("", "dark"))

    def interpolate_index(self, **parts: Any) -> str:
        """The HTML of a page before anything is drawn: a screen paints before its scripts have come."""
        path = self.backend.request_adapter().path
        scenes, theme = self.scenes(path)
        look = "theme-light desk" if path.startswith(DESKS) else f"theme-{theme} wall"
        look += " replay" if path.startswith(REPLAYS) else ""
        whole = super().interpolate_index(**parts).replace(_LOOK, look, 1).replace(_SCENES, scenes, 1)
        moves = "replay" if path.startswith(REPLAYS) else {PRINTED: "print", EXPLORED: "explore"}.get(path, "turn")
        whole = whole.replace(_MOVES, moves, 1)
        whole = whole.replace("</head>", _TAKEN, 1) if path in GRIDS else _GRID.sub("", whole)
        return whole.replace(_FIRST, self.first(path), 1)
