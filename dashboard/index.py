"""The HTML of a page before Dash has drawn anything: dark on a wall, light at a desk, a wall with its numbers."""

from collections.abc import Callable
from typing import Any

from dash import Dash

#: Addresses that are read at a desk; all others are walls.
DESKS = ("/manual/", "/sources")
_LOOK, _FIRST = "<!--look-->", "<!--first-->"

INDEX = """<!doctype html>
<html lang="{language}" class="<!--look-->"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="kendali-version" content="{build}">
{{%metas%}}<title>{{%title%}}</title><link rel="icon" href="/assets/favicon.svg?v={build}">{{%css%}}
<script async src="/assets/age.js?v={build}"></script><script async src="/assets/live.js?v={build}"></script>
<style>._dash-loading {{ visibility: hidden }}</style></head>
<body><!--first-->{{%app_entry%}}<footer hidden>{{%config%}}{{%scripts%}}{{%renderer%}}</footer></body></html>"""


class Looking(Dash):
    """Dash, with the look of a wall or of a desk; ``first`` gives the HTML that a page holds from the start."""

    first: Callable[[str], str] = staticmethod(lambda path: "")

    def interpolate_index(self, **parts: Any) -> str:
        """The HTML of a page before anything is drawn: a screen paints before its scripts have come."""
        path = self.backend.request_adapter().path
        look = "theme-light desk" if path.startswith(DESKS) else "theme-dark wall"
        return super().interpolate_index(**parts).replace(_LOOK, look, 1).replace(_FIRST, self.first(path), 1)
