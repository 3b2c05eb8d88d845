"""Web services of BPJS Kesehatan: hospital queues, beds, visits and claims, registrations of puskesmas.

Reads   one `service` for a list of `facilities`, each with its own keys, signed per request, answers decrypted:
        antrean (waiting-time dashboard, by day or month), aplicares (beds), vclaim (monitoring), pcare (registrations).
Yields  observations by `place` (facility) and `category` (clinic, bed class, state of a claim):
        antrean    hospital_queue_entries, and per task 1..6 hospital_wait_task1_s (average) and
                   hospital_wait_task1_total_s; those of a month end in _month. A mean over clinics or days
                   that weighs each patient alike is the measure `ratio` of total_s to queue_entries.
        aplicares  hospital_beds, hospital_beds_free, hospital_beds_occupied per room (`channel`) at its lastupdate.
        vclaim     jkn_visits, jkn_claims, jkn_claims_submitted_rp, jkn_claims_approved_rp by `channel` (rawat inap,
                   rawat jalan).
        pcare      fktp_registrations.
Limits  a facility that fails is told by name and the others go on; each remembers how far it came by itself, so
        what it missed comes with its next good answer. Rows about patients are counted in memory and never leave
        `fetch`.
"""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from city.model import Observation, SourceError
from city.times import day_start, instant, local_day
from collectors.bpjs.antrean import merged
from collectors.bpjs.antrean import parse as of_queue
from collectors.bpjs.antrean import rows as queues
from collectors.bpjs.aplicares import parse as of_room
from collectors.bpjs.aplicares import rows as rooms
from collectors.bpjs.client import Client, running_from
from collectors.bpjs.fields import Row
from collectors.bpjs.pcare import rows as registrations
from collectors.bpjs.settings import Args, Facility
from collectors.bpjs.vclaim import rows as monitored
from collectors.http import Session

__all__ = ["Args", "Facility", "cursor", "fetch", "fold", "parse"]

#: A backfill asks for so many days at once.
SPAN = timedelta(days=7)
_ROWS = {"antrean": queues, "aplicares": rooms, "vclaim": monitored, "pcare": registrations}


def cursor(args: Args, since: dict[str, Any] | None, now: datetime) -> dict[str, Any]:
    """Read up to now; what each facility has been read to is said by :func:`fetch` when it has been."""
    return {"read_to": now.isoformat()}


def fetch(args: Args, session: Session, since: dict[str, Any] | None, now: datetime) -> Iterator[Row]:
    """The rows of every facility that answers; the first fault when none does.

    A facility is read from where it was last read to its end: one that fails, or fails half-way, stays where it was.
    """
    clock, faults, read_to = running_from(now), list[SourceError](), _read_to(args, since)
    for facility in args.facilities:
        days = _days(args, read_to.get(facility.title), now)
        try:
            yield from _ROWS[args.service](Client(args, facility, session, clock), days)
        except SourceError as error:
            faults.append(type(error)(f"{facility.title}: {error.what}", where=error.where, next_step=error.next_step))
            session.warn(f"{facility.title}: {error.what}: {error.next_step}")
        else:
            read_to[facility.title] = now.isoformat()
    if len(faults) == len(args.facilities):
        raise faults[0]
    session.marks["facilities"] = read_to


def _read_to(args: Args, since: dict[str, Any] | None) -> dict[str, str]:
    """Facility -> how far it was read; none that never was, or that is called otherwise now."""
    titles = [facility.title for facility in args.facilities]
    if since is None:
        return {}
    # A backfill has none, and neither has a cursor of the time when all facilities shared it.
    known = since.get("facilities", dict.fromkeys(titles, since["read_to"]))
    return {title: known[title] for title in titles if title in known}


def _days(args: Args, read_to: str | None, now: datetime) -> list[date]:
    # BPJS corrects the last days for a while, so they are read again; after a long silence, all since then.
    start = now - args.history if read_to is None else min(now, instant(read_to)) - args.overlap
    zone = ZoneInfo(args.zone)
    first, today = local_day(start, zone), local_day(now, zone)
    return [first + timedelta(days=number) for number in range((today - first).days + 1)]


def parse(row: Row, args: Args) -> list[Observation]:
    """One row as observations. Raises RowError naming the field."""
    if args.service == "antrean":
        return of_queue(row, args)
    return of_room(row, args) if args.service == "aplicares" else [_counted(row, args)]


def _counted(row: Row, args: Args) -> Observation:
    return Observation(
        metric=row["metric"], at=day_start(row["day"], ZoneInfo(args.zone)), value=row["value"], place=row["facility"],
        channel=row["channel"], category=row["category"], simulated=row["simulated"],
    )  # fmt: skip


def fold(items: Iterable[Observation], args: Args) -> Iterable[Observation]:
    """Rows of one clinic and span become one; the other services count by themselves."""
    return merged(items) if args.service == "antrean" else items
