"""Nowcast warnings: the CAP 1.2 messages of BMKG's feed whose polygons meet the region.

A warning is a case from its onset (or effective time) to its own expiry, known from the first moment: the
feed lists what is in force only, may be stale, and would never show it end. An update or a cancellation ends
the messages it refers to, also those the feed has forgotten: what is in force here is kept with the cursor.
Tests, exercises and drafts do not count. `category` is the event, `priority` the severity.
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

import shapely
from defusedxml import ElementTree

from city.model import Case, NotUnderstood, Refused, Status
from city.times import instant
from collectors import RowError, records
from collectors.bmkg.settings import Args, area
from collectors.http import Session, place

_CAP = "{urn:oasis:names:tc:emergency:cap:1.2}"
_ENDING = ("Update", "Cancel")
#: Each message is a request, and Indonesia has 38 provinces.
_MOST_MESSAGES = 200


def fetch(args: Args, session: Session, since: dict[str, Any] | None, now: datetime) -> Iterator[dict[str, Any]]:
    """A row a warning for the region: those of the feed, and those in force the last time."""
    here = area(args)
    shapely.prepare(here)
    found = settled(list(_messages(args, session)), (since or {}).get("warnings", {}), here, args)
    # One that just ended is told once more, then forgotten.
    session.marks["warnings"] = {key: row for key, row in found.items() if instant(row["ends"]) > now}
    yield from ({**row, "now": now} for row in found.values())


def _messages(args: Args, session: Session) -> Iterator[dict[str, Any]]:
    links = links_of(session.body(args.address), args.address)
    faults: list[Refused | NotUnderstood] = []
    for link in links:
        try:
            yield message_of(session.body(link), place(link), args)
        except (Refused, NotUnderstood) as error:  # one that was just withdrawn must not hide the others
            faults.append(error)
    if faults and len(faults) == len(links):
        raise faults[0]
    if faults:
        session.warn(f"{len(faults)} of {len(links)} warnings could not be read, first: {faults[0]}")


def _tree(content: bytes, root: str, where: str) -> Any:
    try:
        tree = ElementTree.fromstring(content)
    except (ElementTree.ParseError, ValueError) as error:  # ValueError: entities and DTD tricks, refused
        raise NotUnderstood("the XML is broken, cut off or not XML", where=where) from error
    if tree.tag != root:
        raise NotUnderstood(f"the XML begins with <{tree.tag[-20:]}>, not <{root}>", where=where)
    return tree


def links_of(content: bytes, url: str) -> list[str]:
    """The addresses of the messages in the feed, each once. Raises NotUnderstood; a link elsewhere is refused."""
    tree = _tree(content, "rss", place(url))
    if tree.find("channel") is None:
        raise NotUnderstood("the feed has no channel", where=place(url))
    found = dict.fromkeys(urljoin(url, text.strip()) for item in tree.iter("item") if (text := item.findtext("link")))
    if any(urlsplit(link)[:2] != urlsplit(url)[:2] for link in found):
        raise NotUnderstood("a message of the feed lies on another host", where=place(url))
    if len(found) > _MOST_MESSAGES:
        raise NotUnderstood(f"the feed lists more than {_MOST_MESSAGES} messages", where=place(url))
    return list(found)


def message_of(content: bytes, where: str, args: Args) -> dict[str, Any]:
    """A CAP message as texts: what it is, what it ends, from when to when, and its polygons as (lon, lat)."""
    tree = _tree(content, f"{_CAP}alert", where)
    infos = tree.findall(f"{_CAP}info")
    info = next((one for one in infos if _said(one, "language").startswith("id")), infos[0] if infos else tree)
    sent, name = _moment(tree, "sent"), _said(tree, "identifier")
    starts = _moment(info, "onset") or _moment(info, "effective") or sent
    if not name or sent is None or starts is None:
        raise NotUnderstood("a warning without identifier or time", where=where)
    ends = _moment(info, "expires") or starts + args.lasts
    polygons, sort = [_points(one.text or "", where) for one in info.iter(f"{_CAP}polygon")], _said(tree, "msgType")
    if not polygons and sort != "Cancel":
        raise NotUnderstood("a warning without a polygon", where=where)
    return {
        "id": name, "sent": sent.isoformat(), "starts": starts.isoformat(), "ends": ends.isoformat(),
        "real": _said(tree, "status") == "Actual", "sort": sort,
        "references": [part.split(",")[1] for part in _said(tree, "references").split() if part.count(",") == 2],
        "event": _said(info, "event"), "severity": _said(info, "severity"),
        "polygons": polygons, "simulated": _made_up(info),
    }  # fmt: skip


def _said(part: Any, name: str) -> str:
    return (part.findtext(f"{_CAP}{name}") or "").strip()


def _moment(part: Any, name: str) -> datetime | None:
    with suppress(ValueError, OverflowError):
        return instant(_said(part, name))
    return None


def _made_up(info: Any) -> bool:
    names = {_said(one, "valueName"): _said(one, "value") for one in info.iter(f"{_CAP}parameter")}
    return names.get("simulated", "").lower() == "true"


def _points(text: str, where: str) -> list[tuple[float, float]]:
    """``lat,lon lat,lon ...`` as (lon, lat), closed as CAP wants it."""
    pairs = [records.position(dict(zip("ab", pair.split(","), strict=False)), "a", "b") for pair in text.split()]
    points = [(lon, lat) for lat, lon in pairs if lat is not None and lon is not None]
    if len(points) < max(4, len(pairs)):
        raise NotUnderstood("a polygon that is not a ring of lat,lon", where=where)
    return points


def covers(message: Mapping[str, Any], here: shapely.Geometry) -> bool:
    """Whether a polygon of the message meets the region."""
    shapes = [shapely.make_valid(shapely.Polygon(points)) for points in message["polygons"]]
    return any(here.intersects(shape) for shape in shapes)


def settled(
    messages: list[dict[str, Any]], known: Mapping[str, Any], here: shapely.Geometry, args: Args
) -> dict[str, dict[str, Any]]:
    """identifier -> the warning for the region, ended where a later message ends it. Pure."""
    real = [message for message in messages if message["real"]]
    rows = {name: dict(row) for name, row in known.items()}
    for message in real:
        if message["sort"] in ("Alert", "Update") and covers(message, here):
            row = {name: message[name] for name in ("id", "starts", "ends", "event", "severity", "simulated")}
            rows[message["id"]] = row | {"cut": rows.get(message["id"], {}).get("cut")}
    for message in real:
        for name in message["references"] if message["sort"] in _ENDING else ():
            if name in rows and name != message["id"]:
                rows[name]["cut"] = min(message["sent"], rows[name]["cut"] or message["sent"])
    return rows


def parse(row: dict[str, Any], args: Args) -> Case:
    """One warning as a case. Raises RowError."""
    starts, ends = instant(row["starts"]), instant(row["ends"])
    closed = min(ends, instant(row["cut"])) if row["cut"] else ends
    closed = max(closed, starts)
    if ends < starts:
        raise RowError("expires", "before the warning begins")
    return Case(
        key=row["id"], kind=args.kind or "warning", opened_at=starts, closed_at=closed,
        status=Status.DONE if closed <= row["now"] else Status.IN_PROGRESS, category=records.needed_text(row, "event"),
        priority=records.text(row, "severity"), simulated=row["simulated"],
    )  # fmt: skip
