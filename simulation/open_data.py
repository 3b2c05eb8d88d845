"""The open data portal of the simulated city: a CKAN with two tables, and everything in them is invented.

GET|POST /ckan/api/3/action/datastore_search   resource_id, limit, offset, sort, filters, fields
         /ckan/api/3/action/resource_show      id
GET      /ckan/unduh/{id}.csv                  the resource's file, with an ETag

penduduk   people of each district at the end of each month; numbers are texts as people write them: 61.204
pbg        building permits, one record a step: diterima, verifikasi, rekomendasi, terbit (or ditolak)
As real portals do, it gives at most 500 records, and says nothing of it.
"""

import csv
import hashlib
import io
import json
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from simulation.messages import Answer, Request
from simulation.places import DISTRICTS, ZONE
from simulation.town import Town
from simulation.workdays import is_workday

CAP = 500
DAYS, MONTHS = 120, 24
#: Applications on a working day; the promise of the office is 28 days.
_APPLICATIONS, PROMISE_DAYS = 3, 28
#: step, median days after the one before
_STEPS = (("verifikasi", 4.0), ("rekomendasi", 9.0), ("terbit", 6.0))
_USES = (("rumah tinggal", 70), ("usaha", 18), ("sosial", 7), ("campuran", 5))
Record = dict[str, Any]


def population(town: Town, now: datetime) -> Iterator[Record]:
    """One record per district and month that has ended; a district grows by about a tenth of a percent a month."""
    month = now.astimezone(ZONE).date().replace(day=1)
    ends = []
    for _ in range(MONTHS):
        month = (month - timedelta(days=1)).replace(day=1)
        ends.append(month)
    for first in reversed(ends):
        last = (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)
        for name, _, _, weight in DISTRICTS:
            random = Random(f"{town.seed}:{first}:{name}:penduduk")
            grown = 1 + 0.001 * ((first.year - 2020) * 12 + first.month)
            people = round(weight * 6_000 * grown + random.gauss(0, 12))
            births = max(0, round(weight * 8 + random.gauss(0, 4)))
            yield {
                "periode": last.isoformat(), "kecamatan": name, "jumlah": f"{people:,}".replace(",", "."),
                "kelahiran": str(births), "simulated": True,
            }  # fmt: skip


def permits(town: Town, now: datetime) -> Iterator[Record]:
    """One record per step that had been taken by ``now``, of the applications of the last ``DAYS`` days."""
    today = now.astimezone(ZONE).date()
    for back in range(DAYS, -1, -1):
        for record in _applied(town, today - timedelta(days=back)):
            if datetime.fromisoformat(record["waktu"]) <= now:
                yield record


def _applied(town: Town, day: date) -> Iterator[Record]:
    random = Random(f"{town.seed}:{day}:pbg")
    for number in range(1, 1 + (random.randint(1, 2 * _APPLICATIONS - 1) if is_workday(day) else 0)):
        use, district = (random.choices(rows, [row[-1] for row in rows])[0][0] for rows in (_USES, DISTRICTS))
        at = datetime(day.year, day.month, day.day, random.randint(8, 14), random.randint(0, 59), tzinfo=ZONE)
        due = at + timedelta(days=PROMISE_DAYS)
        parts = {"nomor": f"PBG-{day:%y%m%d}-{number:02}", "fungsi": use, "kecamatan": district}
        refused = random.random() < 0.06
        for step, days in (("diterima", 0.0), *_STEPS):
            at += timedelta(days=days * random.lognormvariate(0, 0.5))
            name = "ditolak" if refused and step == "terbit" else step
            yield {**parts, "tahap": name, "waktu": _stamp(at), "tenggat": _stamp(due), "simulated": True}


def _stamp(at: datetime) -> str:
    return at.isoformat(timespec="seconds")


TABLES: dict[str, Callable[[Town, datetime], Iterator[Record]]] = {"penduduk": population, "pbg": permits}


def answer(town: Town, request: Request) -> Answer:
    """The answer of the portal to any request under its path."""
    asked = {**request.query, **_posted(request)}
    if request.path.startswith("unduh/"):
        return _file(town, request)
    action = request.path.removeprefix("api/3/action/")
    if action not in ("datastore_search", "resource_show"):
        return _refused(404, "Not Found Error", "Action name not known")
    name = str(asked.get("resource_id" if action == "datastore_search" else "id", ""))
    if name not in TABLES:
        return _refused(404, "Not Found Error", "Not found: Resource was not found.")
    if action == "resource_show":
        return _result({"id": name, "format": "CSV", "url": f"/ckan/unduh/{name}.csv", "datastore_active": True})
    try:
        return _result(_search(_table(town, name, request.now), asked))
    except (KeyError, TypeError, ValueError):
        return _refused(409, "Validation Error", "The query is invalid")


def _posted(request: Request) -> dict[str, Any]:
    try:
        found = json.loads(request.body or b"{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _table(town: Town, name: str, now: datetime) -> list[Record]:
    return [{"_id": number, **record} for number, record in enumerate(TABLES[name](town, now), 1)]


def _search(records: list[Record], asked: dict[str, Any]) -> Record:
    """As CKAN answers. Raises KeyError for a column that there is not, ValueError for what is no number."""
    columns = [*records[0]] if records else []
    wanted = asked.get("filters") or {}
    filters = json.loads(wanted) if isinstance(wanted, str) else wanted
    for name, value in filters.items():
        values = value if isinstance(value, list) else [value]
        records = [record for record in records if record[name] in values]
    for part in reversed([part.split() for part in str(asked.get("sort") or "_id").split(",")]):
        records = sorted(records, key=lambda record: record[part[0].strip('"')], reverse=part[1:] == ["desc"])  # noqa: B023
    limit, offset = min(int(asked.get("limit", 100)), CAP), int(asked.get("offset", 0))
    if limit < 0 or offset < 0:
        raise ValueError("below zero")
    fields = str(asked["fields"]).split(",") if asked.get("fields") else columns
    if set(fields) - set(columns):
        raise KeyError("fields")
    page = [{name: record[name] for name in fields} for record in records[offset : offset + limit]]
    types = [{"id": name, "type": "int" if name == "_id" else "text"} for name in fields]
    return {"fields": types, "records": page, "total": len(records), "limit": limit, "offset": offset}


def _file(town: Town, request: Request) -> Answer:
    name = request.path.removeprefix("unduh/").removesuffix(".csv")
    if name not in TABLES:
        return Answer(b"<!doctype html><title>404</title>", 404, "text/html")
    records = list(TABLES[name](town, request.now))
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, records[0] if records else [], delimiter=";", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(records)
    body = buffer.getvalue().encode("utf-8-sig")
    tag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
    if request.headers.get("If-None-Match") == tag:
        return Answer(b"", 304, "text/csv", {"ETag": tag})
    return Answer(body, 200, "text/csv; charset=utf-8", {"ETag": tag})


def _result(result: Record) -> Answer:
    return Answer(json.dumps({"help": "", "success": True, "result": result}).encode())


def _refused(status: int, sort: str, message: str) -> Answer:
    said = {"success": False, "error": {"__type": sort, "message": message}}
    return Answer(json.dumps(said).encode(), status)
