"""What the complaints desk knows: GeoReport v2 rows from the town's life and from what was filed by POST.

Filters, the 90-day span, pages and the quirks of real servers live here; HTTP lives in ``server.py``.
"""

import json
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from simulation.places import CATEGORIES, ZONE
from simulation.quirks import Quirks, Refused, Row
from simulation.town import Complaint, Town, lived

#: GeoReport v2: 90 days or the first 1000 results (``Quirks.page_cap``), whichever is smaller.
SPAN = timedelta(days=90)


class Office:
    """The complaints desk: what the town generates and what was filed by POST."""

    def __init__(self, town: Town, folder: Path, clock: Callable[[], datetime], quirks: Quirks) -> None:
        self.town, self.clock, self.quirks = town, clock, quirks
        self._file, self._lock = folder / "posted.json", threading.Lock()
        folder.mkdir(parents=True, exist_ok=True)

    def file(self, form: dict[str, str]) -> str:
        """Keep a new complaint; its id. Only what is shown is kept: no description, name or phone."""
        category, position = _category(form.get("service_code", "")), _position(form)
        with self._lock:
            known, now = self._filed(), self.clock()
            key = f"SIM-{now.astimezone(ZONE):%y%m%d}-P{len(known) + 1:03}"
            row = {"service_request_id": key, "service_code": category[0], "requested_datetime": _stamp(now)}
            fresh = self._file.with_suffix(".new")
            fresh.write_text(json.dumps([*known, row | {"lat": position[0], "long": position[1]}]))
            fresh.replace(self._file)
        return key

    def posted(self) -> list[Complaint]:
        """The filed complaints; they live and close like any other."""
        return [_revived(self.town.seed, row) for row in self._filed()]

    def found(self, query: dict[str, str]) -> list[Row]:
        """The rows that a query asks for, one page of them, oldest first."""
        now = self.clock()
        if query.get("service_request_id") and not self.quirks.ignore_id_lists:
            return self.named(query["service_request_id"].split(","))
        if query.get("status", "open") not in ("open", "closed", "open,closed", "closed,open"):
            raise Refused(400, "status is neither open nor closed")
        end = self._date(query, "end_date") or now + timedelta(minutes=1)
        start = max(self._date(query, "start_date") or end - SPAN, end - SPAN)
        if any(start < bad < end for bad in self.quirks.bad_rows_at):
            raise Refused(500, "a row cannot be written")
        rows = [_row(complaint, now) for complaint in self._between(start, end, now)]
        return self._page([row for row in rows if _wanted(row, query)], query)

    def named(self, keys: list[str]) -> list[Row]:
        """The rows with these ids, those nobody knows left out. Raises Refused when none is known."""
        now = self.clock()
        days = {day for key in keys if (day := _day(key))}
        known = [c for day in sorted(days) for c in self.town.complaints(day)] + self.posted()
        found = [_row(c, now) for c in known if c.key in keys and c.opened_at <= now]
        if not found:
            raise Refused(404, "service_request_id was not found")
        return found

    def _filed(self) -> list[Row]:
        return json.loads(self._file.read_text()) if self._file.exists() else []

    def _between(self, start: datetime, end: datetime, now: datetime) -> list[Complaint]:
        first, last = start.astimezone(ZONE).date(), min(end, now).astimezone(ZONE).date()
        days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
        found = [c for day in days for c in self.town.complaints(day)] + self.posted()
        return sorted(
            (c for c in found if start <= c.opened_at < end and c.opened_at <= now), key=lambda c: (c.opened_at, c.key)
        )

    def _date(self, query: dict[str, str], field: str) -> datetime | None:
        text = query.get(field)
        if not text:
            return None
        try:
            moment = datetime.fromisoformat(text)
        except ValueError as error:
            raise Refused(400, f"{field} is not a W3C date and time") from error
        if self.quirks.reject_offsets:
            if moment.tzinfo or moment.microsecond:
                raise Refused(400, f"{field} must have neither an offset nor fractions of a second")
            return moment.replace(tzinfo=ZONE)
        if moment.tzinfo is None:
            raise Refused(400, f"{field} has no time zone")
        return moment

    def _page(self, rows: list[Row], query: dict[str, str]) -> list[Row]:
        cap = self.quirks.page_cap
        size, page = min(_count(query, "page_size", cap), cap), _count(query, "page", 1)
        first = 0 if self.quirks.ignore_page else (page - 1) * size
        return rows[first : first + size]


def services() -> list[Row]:
    """The kinds of complaint, as GeoReport services."""
    kind = {"metadata": False, "type": "realtime", "keywords": "simulasi", "simulated": True}
    return [
        {"service_code": code, "service_name": name, "description": f"{name}, {hours} jam", "group": agency} | kind
        for code, name, agency, hours, _ in CATEGORIES
    ]


def definition(code: str) -> Row:
    """What must be told with a complaint of this service: nothing more."""
    return {"service_code": _category(code, missing=404)[0], "attributes": [], "simulated": True}


def _row(c: Complaint, now: datetime) -> Row:
    closed, routed = c.closed_at <= now, c.routed_at <= now
    updated = c.closed_at if closed else (c.routed_at if routed else c.opened_at)
    return {
        "service_request_id": c.key, "status": "closed" if closed else "open", "service_name": c.name,
        "service_code": c.code, "agency_responsible": c.agency if routed else "",
        "requested_datetime": _stamp(c.opened_at), "updated_datetime": _stamp(updated),
        "expected_datetime": _stamp(c.due_at), "lat": round(c.lat, 6), "long": round(c.lon, 6), "simulated": True,
    }  # fmt: skip


def _revived(seed: int, row: Row) -> Complaint:
    key, position = row["service_request_id"], (float(row["lat"]), float(row["long"]))
    opened = datetime.fromisoformat(row["requested_datetime"])
    return lived(Random(f"{seed}:{key}"), key, opened, _category(row["service_code"]), position)


def _wanted(row: Row, query: dict[str, str]) -> bool:
    asked = {field: query[field].split(",") for field in ("status", "service_code") if field in query}
    return all(row[field] in values for field, values in asked.items())


def _category(code: str, missing: int = 400) -> tuple[str, str, str, int, int]:
    for category in CATEGORIES:
        if category[0] == code:
            return category
    raise Refused(missing, "service_code was not found" if missing == 404 else "service_code is missing or unknown")


def _position(form: dict[str, str]) -> tuple[float, float]:
    try:
        lat, lon = float(form["lat"]), float(form["long"])
    except (KeyError, ValueError) as error:
        raise Refused(400, "lat and long are missing or not numbers") from error
    if not (abs(lat) <= 90 and abs(lon) <= 180):
        raise Refused(400, "lat or long is not on the earth")
    return lat, lon


def _count(query: dict[str, str], field: str, default: int) -> int:
    text = query.get(field, str(default))
    if not text.isdecimal() or int(text) < 1:
        raise Refused(400, f"{field} is not a number from 1")
    return int(text)


def _day(key: str) -> Any:
    try:
        return datetime.strptime(key.split("-")[1], "%y%m%d").date()
    except (IndexError, ValueError):
        return None


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
