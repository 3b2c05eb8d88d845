"""Complaints from an Open311 GeoReport v2 server, in JSON or XML.

Reads   GET requests, in windows of at most 90 days, page by page.
Yields  cases: opened at requested_datetime, due at expected_datetime, closed at updated_datetime.
Limits  the standard has no "updated since": the last 90 days are read again each time, so a case that
        closes later than that is not seen to close. Description, address, notes and media are never read.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from pydantic import Field

from city import config
from city.config import Duration
from city.model import Case, CaseEvent, NotUnderstood, Status
from city.times import instant
from collectors import RowError, records
from collectors.http import Session

#: A server answers for at most 90 days; cases close late and nothing tells, so as many are read again.
WINDOW = OVERLAP = timedelta(days=90)
_MAX_PAGES = 2_000
_ROOTS = ("service_requests", "requests", "services")

#: A backfill asks for as much as a server answers.
SPAN = WINDOW


class Args(config.Args):
    """How to reach the server, and its quirks."""

    url: str = Field(pattern=r"^https?://")
    format: Literal["json", "xml"] = "json"
    jurisdiction_id: str | None = None
    api_key: str | None = None
    headers: dict[str, str] = Field(default_factory=dict, description="e.g. Accept-Encoding: '' for Alexandria")
    history: Duration = timedelta(days=90)
    page_size: int = Field(default=500, ge=1)
    omit_timezone: bool = False
    kind: str = "complaint"
    channel: str | None = None
    zone: config.Zone = "UTC"


def cursor(args: Args, since: dict[str, Any] | None, now: datetime) -> dict[str, Any]:
    """Read up to now."""
    return {"read_to": now.isoformat()}


def fetch(args: Args, session: Session, since: dict[str, Any] | None, now: datetime) -> Iterator[records.Record]:
    """Every request of the history (first time) or of the overlap, each once."""
    seen: set[str] = set()
    start = _start(args, since, now)
    while start < now:
        end = min(start + WINDOW, now + timedelta(minutes=5))
        yield from _window(args, session, start, end, seen)
        start = end


def _start(args: Args, since: dict[str, Any] | None, now: datetime) -> datetime:
    if since is None:
        return now - max(args.history, OVERLAP)
    # After a long silence: from where the last good run ended.
    return min(now - OVERLAP, instant(since["read_to"])) if "read_to" in since else now - OVERLAP


def _window(args: Args, session: Session, start: datetime, end: datetime, seen: set[str]) -> Iterator[records.Record]:
    # Servers cap pages silently and some ignore `page`: go on by what is new, not by what was asked.
    spans = [(start, end)]
    while spans:
        start, end = spans.pop()
        for page in range(1, _MAX_PAGES):
            rows = _page(args, session, start, end, page)
            new = [row for row in rows if _is_new(row, seen)]
            yield from new
            if not new:
                break
        else:
            raise NotUnderstood("the pages never end", where=args.url)
        if rows and page > 1:
            # The same page again: `page` is ignored, so narrow the dates on both sides of what came.
            times = records.times(rows, "requested_datetime", ZoneInfo(args.zone))
            spans += [(a, b) for a, b in ((start, times[0]), (times[-1], end)) if a < b] if times else []


def _is_new(row: records.Record, seen: set[str]) -> bool:
    key = str(row.get("service_request_id") or row.get("token") or sorted(map(str, row.items())))
    return key not in seen and not seen.add(key)  # type: ignore[func-returns-value]


def _page(args: Args, session: Session, start: datetime, end: datetime, page: int) -> list[records.Record]:
    query = {
        "start_date": _stamp(start, args),
        "end_date": _stamp(end, args),
        "page": page,
        "page_size": args.page_size,
    }
    query |= {"jurisdiction_id": args.jurisdiction_id, "api_key": args.api_key}  # None is not sent
    url = f"{args.url.rstrip('/')}/requests.{args.format}"
    return rows_of(session.body(url, params=query, headers=args.headers), args.format, url)


def _stamp(moment: datetime, args: Args) -> str:
    zone, suffix = (ZoneInfo(args.zone), "") if args.omit_timezone else (UTC, "Z")
    return moment.astimezone(zone).strftime("%Y-%m-%dT%H:%M:%S") + suffix


def rows_of(content: bytes, form: str, where: str = "") -> list[records.Record]:
    """The records of an answer about requests or services."""
    return records.of_xml(content, _ROOTS, where) if form == "xml" else records.of_json(content, where)


def parse_services(content: bytes, form: str) -> dict[str, str]:
    """Service code to name, from an answer to GET services."""
    rows = rows_of(content, form)
    return {records.needed_text(row, "service_code"): records.needed_text(row, "service_name") for row in rows}


def parse(row: records.Record, args: Args) -> Case:
    """One request as a case. Raises RowError naming the field."""
    zone, status = ZoneInfo(args.zone), _status(row)
    opened, updated = records.needed_time(row, "requested_datetime", zone), records.time(row, "updated_datetime", zone)
    if status is Status.DONE and updated is None:
        raise RowError("updated_datetime", "missing in a closed request")
    lat, lon = records.position(row, "lat", "long")
    return Case(
        key=records.needed_text(row, "service_request_id"), kind=args.kind, status=status, opened_at=opened,
        due_at=records.time(row, "expected_datetime", zone), closed_at=updated if status is Status.DONE else None,
        category=records.text(row, "service_name") or records.text(row, "service_code"),
        agency=records.text(row, "agency_responsible"), channel=args.channel, lat=lat, lon=lon,
        simulated=records.simulated(row), events=_events(opened, updated, status),
    )  # fmt: skip


def _status(row: records.Record) -> Status:
    word = records.needed_text(row, "status").lower()
    if word not in ("open", "closed"):
        raise RowError("status", "neither open nor closed")
    if word == "closed":
        return Status.DONE
    return Status.ROUTED if row.get("agency_responsible") else Status.RECEIVED


def _events(opened: datetime, updated: datetime | None, status: Status) -> tuple[CaseEvent, ...]:
    first = CaseEvent(opened, Status.RECEIVED)
    return (first,) if updated is None or status is Status.RECEIVED else (first, CaseEvent(updated, status))
