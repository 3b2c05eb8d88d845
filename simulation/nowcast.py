"""Thunderstorm warnings of the simulated BMKG: an RSS feed of CAP 1.2 messages.

Every hour of heavy rain is warned of ten minutes ahead, for three hours; a second hour in a row is an update of
the first. South Sumatra is warned of the same rain, so that a message that does not concern the city is there too.
"""

from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any
from xml.sax.saxutils import escape

from simulation.messages import Request
from simulation.places import DISTRICTS, ZONE
from simulation.town import Town
from simulation.weather import heavy_hours

LASTS, AHEAD = timedelta(hours=3), timedelta(minutes=10)
#: prefix of the messages -> province, (lat, lon) of its polygon's middle, half its width in degrees
_PROVINCES = {
    "CJB": ("Jambi", sum(row[1] for row in DISTRICTS) / 11, sum(row[2] for row in DISTRICTS) / 11, 0.12),
    "CSS": ("Sumatera Selatan", -2.98, 104.76, 0.20),
}


def document(town: Town, name: str, asked: Request) -> str | None:
    """The feed, or one message that was sent by now; None when there is no such thing."""
    past = messages(town, asked.now)
    if name == "rss.xml":
        return _feed([one for one in past if asked.now < one["expires"]], asked)
    return next((_cap(one) for one in past if name == f"{one['code']}_alert.xml"), None)


def messages(town: Town, now: datetime) -> list[dict[str, Any]]:
    """What was sent today and yesterday, oldest first."""
    today, found = now.astimezone(ZONE).date(), []
    for day in (today - timedelta(days=1), today):
        hours = heavy_hours(town, day)
        for prefix in _PROVINCES:
            found += [_message(prefix, hours, number) for number in range(len(hours))]
    return [one for one in sorted(found, key=lambda one: one["sent"]) if one["sent"] <= now]


def _message(prefix: str, hours: list[datetime], number: int) -> dict[str, Any]:
    hour, before = hours[number], hours[number - 1] if number else None
    follows = before is not None and hour - before == timedelta(hours=1)
    made = {"prefix": prefix, "code": _code(prefix, hour, number), "sent": hour - AHEAD, "effective": hour - AHEAD}
    known = f"{_SENDER},{_code(prefix, before, number - 1)},{(before - AHEAD).isoformat()}" if before else ""
    return made | {"expires": hour + LASTS, "references": known if follows else ""}


def _code(prefix: str, hour: datetime, number: int) -> str:
    return f"{prefix}{hour:%Y%m%d}{number + 1:03}"


_SENDER = "cuaca.ekstrem@bmkg.go.id"


def _feed(inforce: list[dict[str, Any]], asked: Request) -> str:
    root = f"http://{asked.headers.get('Host', '127.0.0.1')}/bmkg/alerts/nowcast/id"
    items = "".join(
        f"<item><title>Hujan Lebat disertai Petir di {_PROVINCES[one['prefix']][0]}</title>"
        f"<link>{escape(root)}/{one['code']}_alert.xml</link><category>Met</category>"
        f'<guid isPermaLink="false">{one["code"]}</guid><pubDate>{format_datetime(one["sent"])}</pubDate></item>'
        for one in inforce
    )
    title = "Peringatan Dini Cuaca BMKG (simulasi)"
    return f'{_XML}<rss version="2.0"><channel><title>{title}</title>{items}</channel></rss>'


def _cap(one: dict[str, Any]) -> str:
    province, lat, lon, half = _PROVINCES[one["prefix"]]
    corners = ((-1, -1), (-1, 1), (1, 1), (1, -1), (-1, -1))
    ring = " ".join(f"{lat + half * north:.3f},{lon + half * east:.3f}" for north, east in corners)
    sort = "Update" if one["references"] else "Alert"
    texts = {name: one[name].isoformat(timespec="seconds") for name in ("sent", "effective", "expires")}
    references = f"<references>{one['references']}</references>" if one["references"] else ""
    return (
        f'{_XML}<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><identifier>{one["code"]}</identifier>'
        f"<sender>{_SENDER}</sender><sent>{texts['sent']}</sent><status>Actual</status><msgType>{sort}</msgType>"
        f"<scope>Public</scope>{references}<info><language>id</language><category>Met</category>"
        f"<event>Hujan Lebat dan Petir</event><urgency>Immediate</urgency><severity>Moderate</severity>"
        f"<certainty>Observed</certainty><effective>{texts['effective']}</effective><expires>{texts['expires']}"
        f"</expires><headline>Simulasi: hujan lebat disertai petir di {province}</headline>"
        f"<parameter><valueName>simulated</valueName><value>true</value></parameter>"
        f"<area><areaDesc>{province}</areaDesc><polygon>{ring}</polygon></area></info></alert>"
    )


_XML = '<?xml version="1.0" encoding="UTF-8"?>'
