"""Complaints from an Open311 GeoReport v2 server, in JSON or XML.

Reads   GET requests, in windows of at most 90 days, page by page.
Yields  cases: opened at requested_datetime, due at expected_datetime, closed at updated_datetime.
Limits  the standard has no "updated since": the last 90 days are read again each time, so a case that
        closes later than that is not seen to close. Description, address, notes and media are never read.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from defusedxml import ElementTree
from pydantic import Field

from city import config
from city.config import Duration
from city.model import Case, CaseEvent, NotUnderstood, Status
from city.times import instant
from collectors.http import Session, json_of

#: A server answers for at most this span (GeoReport v2, GET requests).
WINDOW = timedelta(days=90)
#: Cases close late and nothing tells: keep re-reading them.
OVERLAP = timedelta(days=90)
_MAX_PAGES = 2_000


class Args(config.Args):
    """How to reach the server, and its quirks."""

    url: str = Field(pattern=r"^https?://")
    format: Literal["json", "xml"] = "json"
    jurisdiction_id: str | None = None
    api_key: str | None = None
    headers: dict[str, str] = Field(default_factory=dict)
    history: Duration = timedelta(days=90)
    page_size: int = Field(default=500, ge=1)
    omit_timezone: bool = False
    channel: str | None = None


def fetch(args: Args, session: Session, since: dict[str, Any] | None, now: datetime) -> Iterator[dict[str, Any]]:
    """Every request of the history (first time) or of the overlap, each once."""
    seen: set[str] = set()
    start = now - (max(args.history, OVERLAP) if since is None else OVERLAP)
    while start < now:
        end = min(start + WINDOW, now + timedelta(minutes=5))
        yield from _window(args, session, start, end, seen)
        start = end


def _window(args: Args, session: Session, start: datetime, end: datetime, seen: set[str]) -> Iterator[dict[str, Any]]:
    for page in range(1, _MAX_PAGES):
        rows = _page(args, session, start, end, page)
        # Some servers cap pages silently and some ignore `page`: go on by what is new, not by what was asked.
        new = [
            row
            for row in rows
            if (key := str(row.get("service_request_id") or id(row))) not in seen and not seen.add(key)
        ]  # type: ignore[func-returns-value]
        yield from new
        if not new:
            return
    raise NotUnderstood("the pages never end", where=args.url)


def _page(args: Args, session: Session, start: datetime, end: datetime, page: int) -> list[dict[str, Any]]:
    query = {
        "start_date": _stamp(start, args),
        "end_date": _stamp(end, args),
        "page": page,
        "page_size": args.page_size,
    }
    query |= {"jurisdiction_id": args.jurisdiction_id, "api_key": args.api_key}
    url = f"{args.url.rstrip('/')}/requests.{args.format}"
    return rows_of(session.body(url, params=query, headers=args.headers), args.format, url)


def _stamp(moment: datetime, args: Args) -> str:
    text = moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return text if args.omit_timezone else text + "Z"


def rows_of(content: bytes, form: str, where: str = "") -> list[dict[str, Any]]:
    """The records of an answer, keys in lower case. A single object counts as a list of one."""
    found = _xml_rows(content, where) if form == "xml" else json_of(content, where)
    rows = [found] if isinstance(found, dict) else found
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise NotUnderstood("the answer is not a list of requests", where=where)
    return [{str(key).lower(): value for key, value in row.items()} for row in rows]


def _xml_rows(content: bytes, where: str) -> list[dict[str, Any]]:
    try:
        root = ElementTree.fromstring(content)
    except (ElementTree.ParseError, ValueError) as error:
        raise NotUnderstood("the XML is broken or cut off", where=where) from error
    if root.tag not in ("service_requests", "requests", "services"):
        raise NotUnderstood(f"the XML begins with <{root.tag[:20]}>, not <service_requests>", where=where)
    return [{field.tag: field.text for field in item} for item in root]


def parse(row: dict[str, Any], args: Args) -> Case:
    """One request as a case. Raises KeyError or ValueError naming the field."""
    opened = _instant(row, "requested_datetime")
    updated = _instant(row, "updated_datetime") if row.get("updated_datetime") else None
    status = _status(row)
    return Case(
        key=_text(row["service_request_id"]) or _missing("service_request_id"),
        kind="complaint",
        opened_at=opened,
        due_at=_instant(row, "expected_datetime") if row.get("expected_datetime") else None,
        closed_at=(updated or opened) if status is Status.DONE else None,
        status=status,
        category=_text(row.get("service_name") or row.get("service_code")),
        agency=_text(row.get("agency_responsible")),
        channel=args.channel,
        lat=_degrees(row, "lat", 90),
        lon=_degrees(row, "long", 180),
        simulated=str(row.get("simulated", "")).lower() == "true",
        events=_events(opened, updated, status),
    )


def _status(row: dict[str, Any]) -> Status:
    word = str(row["status"]).lower()
    if word not in ("open", "closed"):
        raise ValueError("status: neither open nor closed")
    if word == "closed":
        return Status.DONE
    return Status.ROUTED if row.get("agency_responsible") else Status.RECEIVED


def _events(opened: datetime, updated: datetime | None, status: Status) -> tuple[CaseEvent, ...]:
    first = CaseEvent(opened, Status.RECEIVED)
    return (first,) if updated is None or status is Status.RECEIVED else (first, CaseEvent(updated, status))


def _instant(row: dict[str, Any], field: str) -> datetime:
    try:
        return instant(str(row[field]))
    except ValueError as error:
        raise ValueError(f"{field}: not an ISO time with a zone") from error


def _text(value: Any) -> str | None:
    return str(value).strip() or None if value is not None else None


def _missing(field: str) -> str:
    raise ValueError(f"{field}: empty")


def _degrees(row: dict[str, Any], field: str, limit: int) -> float | None:
    if row.get(field) in (None, ""):
        return None
    try:
        value = float(row[field])
    except (TypeError, ValueError) as error:
        raise ValueError(f"{field}: not a number") from error
    return value if abs(value) <= limit and value != 0 else None
