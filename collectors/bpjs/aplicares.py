"""Aplicares: the beds of a hospital, room by room, as its staff last wrote them down. Not encrypted."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from city.model import NotUnderstood, Observation
from collectors import RowError
from collectors.bpjs.client import Client, rows_in
from collectors.bpjs.envelope import Answer, OddCode
from collectors.bpjs.fields import Row, count, moment
from collectors.bpjs.settings import Args
from collectors.records import needed_text, text

_MAX_PAGES = 200


def rows(client: Client, days: list[date]) -> Iterator[Row]:
    """Every room once, whatever days were asked for: only what is now can be read."""
    rooms = [room for page in _pages(client) for room in page]
    _tell_old(client, rooms)
    yield from rooms


def _pages(client: Client) -> Iterator[list[Row]]:
    # Rows count from 1; what `limit` means is told in two ways, so go on from what came. A total that equals the
    # page may be the count of that page: only a larger one that is reached, or a page with nothing new, is the end.
    seen: set[str] = set()
    received = announced = 0
    for _ in range(_MAX_PAGES):
        answer, page = _page(client, received + 1)
        new = [row for row in page if not _known(row, seen)]
        received += len(page)
        announced = max(announced, answer.total or 0)
        yield [row | {"facility": client.facility.title, "simulated": answer.simulated} for row in new]
        if not new or len(page) < (answer.total or 0) <= len(seen):
            break
    else:
        raise NotUnderstood("the pages never end", where=client.args.url)
    if len(seen) < announced:
        client.session.warn(f"{client.facility.title}: {announced} rooms were announced and {len(seen)} came")


def _page(client: Client, start: int) -> tuple[Answer, list[Row]]:
    path = f"rest/bed/read/{client.facility.code}/{start}/{client.args.page_size}"
    try:
        answer = client.plain(path)
    except OddCode:
        if start == 1:
            raise
        return Answer(None), []  # how a page beyond the last is answered is not documented; code 0 was seen
    return answer, rows_in(answer, "list", client.where(path))


def _known(row: Row, seen: set[str]) -> bool:
    codes = [row.get("kodekelas"), row.get("koderuang")]
    # A room without its codes is not dropped here: parse rejects and counts it.
    key = str(codes if all(codes) else sorted((name, str(value)) for name, value in row.items()))
    return key in seen or bool(seen.add(key))  # type: ignore[func-returns-value]


def _tell_old(client: Client, rooms: list[Row]) -> None:
    now, zone, touched = client.clock(), ZoneInfo(client.args.zone), list[datetime]()
    for room in rooms:
        try:
            touched.append(moment(room, "lastupdate", zone))
        except RowError:
            continue  # parse rejects and counts it
    old = [at for at in touched if now - at > client.args.old_after]
    if old:
        days = (now - min(old)).days
        client.session.warn(
            f"{client.facility.title}: {len(old)} of {len(rooms)} rooms not brought up to date, "
            f"the oldest for {days} days: ask the hospital to update Aplicares"
        )


def parse(row: Row, args: Args) -> list[Observation]:
    """Beds, free and occupied beds of a room as of its last update; ``channel`` is the code of the room."""
    beds, free = count(row, "kapasitas"), count(row, "tersedia")
    if free > beds:
        raise RowError("tersedia", "more than kapasitas")
    common: dict[str, Any] = {
        "at": moment(row, "lastupdate", ZoneInfo(args.zone)),
        "place": row["facility"],
        "category": text(row, "namakelas") or needed_text(row, "kodekelas"),
        "channel": needed_text(row, "koderuang"),
        "simulated": row["simulated"],
    }
    values = {"hospital_beds": beds, "hospital_beds_free": free, "hospital_beds_occupied": beds - free}
    return [Observation(metric=name, value=value, **common) for name, value in values.items()]
