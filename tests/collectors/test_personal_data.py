"""Personal data stop at the door: none of it is found in the database, the log, an error or the notes of a run.

Every kind of source is fed citizens' details twice: in fields that nobody maps, and in mapped fields where
they do not belong (a mapping that points at the wrong column).
"""

import json
import logging
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest

from tests.collectors.conftest import CitySystem, Desk

#: A NIK, a BPJS card, a phone, an e-mail, a plate, a name, an address: invented.
CITIZEN = {
    "nik": "1571076408990003", "nokartu": "0001234567890", "telepon": "081274531234", "surel": "siti.rahma@contoh.id",
    "plat": "BH 1234 AB", "nama": "Siti Rahmawati", "alamat": "Jl. Kol. Abunjani No. 17 RT 04",
}  # fmt: skip
TIME = "2026-11-24T10:00:00+07:00"
FIELDS = {"key": "id", "opened_at": "masuk", "due_at": "tenggat", "status": "status", "lat": "y", "lon": "x"}
MAPPING = {"fields": FIELDS, "status": {"baru": "received"}}


def good(number: int) -> dict[str, Any]:
    return {"id": f"A{number}", "masuk": TIME, "tenggat": TIME, "status": "baru", "y": "-1.6", "x": "103.6"} | CITIZEN


def spoiled() -> list[dict[str, Any]]:
    """Citizens' details in each mapped field but the key."""
    pairs = [(field, value) for field in ("masuk", "tenggat", "status") for value in CITIZEN.values()]
    return [good(900 + number) | {field: value} for number, (field, value) in enumerate(pairs)]


def rows() -> list[dict[str, Any]]:
    return [good(number) for number in range(300)] + spoiled()


def csv_file(system: CitySystem, folder: Any) -> tuple[str, dict[str, Any]]:
    lines = [";".join(good(0)), *(";".join(map(str, row.values())) for row in rows())]
    (folder / "cases.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return "csv_file", MAPPING | {"path": str(folder / "cases.csv")}


def workbook(system: CitySystem, folder: Any) -> tuple[str, dict[str, Any]]:
    book = openpyxl.Workbook()
    for line in [list(good(0)), *(list(row.values()) for row in rows())]:
        book.active.append(line)
    book.save(folder / "cases.xlsx")
    return "csv_file", MAPPING | {"path": str(folder / "cases.xlsx")}


def json_api(system: CitySystem, folder: Any) -> tuple[str, dict[str, Any]]:
    system.answer = lambda query: (200, {}, json.dumps(rows()).encode())
    return "json_api", MAPPING | {"url": system.url + "/api"}


def _request(row: dict[str, Any]) -> dict[str, Any]:
    said = {"service_request_id": row["id"], "requested_datetime": row["masuk"], "expected_datetime": row["tenggat"]}
    told = {"description": f"{row['nama']} {row['telepon']}", "address": row["alamat"], "status_notes": row["surel"]}
    return said | told | {"status": "open" if row["status"] == "baru" else row["status"], "first_name": row["nama"]}


def open311(system: CitySystem, folder: Any) -> tuple[str, dict[str, Any]]:
    system.answer = lambda query: (200, {}, json.dumps([_request(row) for row in rows()]).encode())
    return "open311", {"url": system.url + "/open311/v2", "history": "1d"}


def _report(row: dict[str, Any]) -> dict[str, Any]:
    depth, channel = (None if row["tenggat"] == TIME else row["tenggat"]), row["status"]
    said = {"pkey": row["id"], "created_at": row["masuk"], "source": channel if channel == "baru" else [channel]}
    told = {"title": row["nama"], "text": f"{row['alamat']} {row['telepon']}", "image_url": row["surel"]}
    shape = {"type": "Point", "coordinates": [103.6, -1.6]}
    return {"geometry": shape, "properties": said | told | CITIZEN | {"report_data": {"flood_depth": depth}}}


def petabencana(system: CitySystem, folder: Any) -> tuple[str, dict[str, Any]]:
    def answer(query: dict[str, str]) -> Any:
        whole = {"type": "FeatureCollection", "features": [_report(row) for row in rows()]}
        return 200, {}, json.dumps(whole).encode()

    system.answer = answer
    return "petabencana", {"url": system.url, "admin": "ID-JA"}


KINDS: dict[str, Callable[[CitySystem, Any], tuple[str, dict[str, Any]]]] = {
    "csv_file": csv_file, "csv_file, workbook": workbook, "json_api": json_api, "open311": open311,
    "petabencana": petabencana,
}  # fmt: skip


def everything(desk: Desk) -> str:
    """All rows of all tables as text."""
    names = [name for (name,) in desk.ask("select tablename from pg_tables where schemaname = 'public'")]
    assert {"cases", "runs", "source_shapes", "observations"} <= set(names)
    return "\n".join(str(row) for name in names for row in desk.ask(f"select t::text from {name} t"))


@pytest.mark.parametrize("kind", KINDS)
def test_no_detail_of_a_citizen_passes_the_door(kind, system, desk, tmp_path, caplog, capfd):
    collector, args = KINDS[kind](system, tmp_path)
    with caplog.at_level(logging.DEBUG):
        made = desk(collector, args, source={"kind": "complaint"})
        result = made.run()
    assert (result.ok, result.saved, result.rejected) == (True, 300, len(spoiled())), (
        "rows came through, or nothing is tested"
    )
    said = capfd.readouterr()
    kept = {
        "the database": everything(made), "the log": caplog.text, "the result": repr(result),
        "the screen": said.out + said.err,
        "a file": "".join(path.read_text(errors="ignore") for path in tmp_path.rglob("*.reason.txt")),
    }  # fmt: skip
    for place, text in kept.items():
        found = [name for name, value in CITIZEN.items() if value in text]
        assert not found, f"{', '.join(found)} in {place}"


@pytest.mark.parametrize("kind", KINDS)
def test_a_run_that_fails_because_of_them_does_not_tell_them_either(kind, system, desk, tmp_path, caplog, monkeypatch):
    monkeypatch.setitem(globals(), "rows", lambda: [good(0), *spoiled()])
    collector, args = KINDS[kind](system, tmp_path)
    with caplog.at_level(logging.DEBUG):
        made = desk(collector, args, source={"kind": "complaint"})
        result = made.run()
    assert (result.ok, result.error_code) == (False, "K-107")
    told = everything(made) + caplog.text + repr(result)
    assert not [name for name, value in CITIZEN.items() if value in told]
