"""The page of a replay: the scene of a wall with the head of a replay over it and a scrubber below.

The scene comes without states; assets/replay.js asks for them, moment by moment, paints them as the stream
would have and tells assets/age.js which moment ages are counted to. Nothing here is live, and says so.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from dash import html
from dash.development.base_component import Component
from dash_svg import Path, Rect, Svg

from city.config import Config
from city.texts import N_
from dashboard.wall import Wall, draw
from dashboard.words import Words

#: What a button does (see assets/replay.js) -> what it says, and what it is for.
_BACK = (("-hour", "−1 j", N_("Satu jam mundur")), ("-minute", "−1 mnt", N_("Satu menit mundur")),
         ("previous", "‹", N_("Ke terbitan sebelumnya")))  # fmt: skip
_ON = (("next", "›", N_("Ke terbitan berikutnya")), ("+minute", "+1 mnt", N_("Satu menit maju")),
       ("+hour", "+1 j", N_("Satu jam maju")))  # fmt: skip
SPEEDS = (1, 10, 60)
_PLAY, _PAUSE = "M5 3v14l12-7Z", "M4 3h4.5v14H4ZM11.5 3H16v14h-4.5Z"


def scene(
    page: Any, titles: Mapping[str, str], config: Config, words: Words, version: str, *, insecure: bool = False
) -> Component:
    """The page's scene, waiting for its moment, with the bar that chooses it, or another of the pages (``titles``)."""
    drawn = draw(Wall(page.name, (page,)), {}, config, version=version, insecure=insecure)
    drawn.children[0] = _head(page.name, drawn.children[0], words)
    return html.Div([drawn, _bar(page.name, titles, words)], className="rp-page")


def _head(name: str, head: Any, words: Words) -> Component:
    """The wall's ``head`` with the moment in the place of link and clock; filled by assets/age.js."""
    point = words.t(".")
    zone = words.zone_name(datetime.now(words.zone))
    day = html.Span([html.Span(zone), " ", html.Span("", id="today")], className="rp-zone")
    moment = [html.B("", id="clock"), html.B(point), html.B("", id="seconds"), " ", day]
    banner = html.Div([html.H1(words.t("PUTAR ULANG")), html.Span(moment, className="rp-at")], className="rp-head")
    live = html.A(words.t("Ke layar langsung"), href=f"/wall/{name}", className="rp-live")
    aged = html.Div([html.Span("", id="oldest"), live], className="rp-aged")
    identity, warnings, right = head.children
    warnings.children, right.children = [*warnings.children, banner], [aged]
    head.className = "hd replayed theme-light"
    setattr(head, "data-at", "")
    return head


def _bar(name: str, titles: Mapping[str, str], words: Words) -> Component:
    t = words.t
    said = {
        "data-page": name,
        "data-date": t("Tanggal"),
        "data-time": t("Jam"),
        "data-play": t("Putar"),
        "data-pause": t("Jeda"),
    }
    said |= {"data-thinned": t("Dari waktu ini disimpan satu keadaan per menit."), "data-lost": t("Tidak terjawab")}
    said |= {"data-playicon": _PLAY, "data-pauseicon": _PAUSE}
    links = [
        html.A(title, href=f"/replay/{one}", **({"aria-current": "page"} if one == name else {}))
        for one, title in titles.items()
    ]
    scenes = html.Nav(links, id="rp-scenes", **{"aria-label": t("Tampilan")})
    row = html.Div([*_controls(t), _speeds(t), html.Span(id="rp-day"), scenes], className="rp-row")
    parts = [_slider(words), row, html.P("", id="rp-said", role="status")]
    return html.Section(parts, id="rp", className="rp", **{"aria-label": t("Pilih saat")}, **said)


def _slider(words: Words) -> Component:
    """The day: what is kept, how much was published each minute (tall where something changed), where we are."""
    bars = [Rect(id="rp-kept", className="kept", y="0", height="40"), Path(id="rp-steady", className="steady"),
            Path(id="rp-changed", className="changed")]  # fmt: skip
    day = Svg(bars, viewBox="0 0 1440 40", preserveAspectRatio="none", **{"aria-hidden": "true"})
    hours = [html.Span(f"{hour:02d}", style={"left": f"{hour / 0.24:.3f}%"}) for hour in range(0, 25, 3)]
    needle = html.I(id="rp-needle", hidden=True)
    return html.Div(
        [html.Div([day, needle], className="rp-plot"), html.Div(hours, className="rp-hours")],
        id="rp-slider", role="slider", tabIndex=0, **{
            "aria-label": words.t("Saat dalam hari"), "aria-valuemin": "0", "aria-valuemax": "86400",
            "aria-valuenow": "0",
        },
    )  # fmt: skip


def _controls(t: Any) -> list[Component]:
    icon = Svg(Path(id="rp-icon", d=_PLAY), viewBox="0 0 20 20", **{"aria-hidden": "true"})
    play = html.Button(icon, id="rp-play", className="rp-btn rp-play", title=t("Putar"), **{"aria-label": t("Putar")})
    return [*map(_button(t), _BACK), play, *map(_button(t), _ON)]


def _button(t: Any) -> Any:
    def made(one: Sequence[str]) -> Component:
        does, face, said = one
        number, _, unit = face.partition(" ")
        face = f"{number} {t(unit)}" if unit else face
        return html.Button(face, className="rp-btn", title=t(said), **{"data-do": does, "aria-label": t(said)})

    return made


def _speeds(t: Any) -> Component:
    buttons = [html.Button(f"×{speed}", className="rp-btn", **{"data-speed": str(speed),
               "aria-pressed": "true" if speed == 1 else "false"}) for speed in SPEEDS]  # fmt: skip
    return html.Span(buttons, className="rp-speeds", role="group", **{"aria-label": t("Kecepatan")})
