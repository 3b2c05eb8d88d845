"""Rows of a GeoReport server as cases: pure."""

from datetime import datetime
from zoneinfo import ZoneInfo

from city.model import Case, CaseEvent, Status
from collectors import RowError, records
from collectors.open311.server import rows_of
from collectors.open311.settings import Args


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
