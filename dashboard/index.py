"""The HTML of a page before anything is drawn: dark on a wall, light on a desk."""

from typing import Any

from dash import Dash

from dashboard.guard import asked

#: Addresses that are read at a desk; all others are walls.
DESKS = ("/manual/",)

INDEX = """<!doctype html>
<html lang="{language}" class="{{%look%}}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="kendali-version" content="{build}">
{{%metas%}}<title>{{%title%}}</title><link rel="icon" href="/assets/favicon.svg?v={build}">{{%css%}}
<style>._dash-loading {{ visibility: hidden }}</style></head>
<body>{{%app_entry%}}<footer hidden>{{%config%}}{{%scripts%}}{{%renderer%}}</footer></body></html>"""


class Looking(Dash):
    """Dash, with the look of a wall or of a desk by the address that is asked for."""

    def interpolate_index(self, **parts: Any) -> str:
        """The HTML of a page before anything is drawn."""
        path = (asked.get() or {}).get("path", "")
        look = "theme-light desk" if path.startswith(DESKS) else "theme-dark wall"
        return super().interpolate_index(**parts).replace("{%look%}", look)
