"""Personal data stop at the door: none of it is found in the database, the log, an error or the notes of a run.

Every kind of source is fed citizens' details twice: in fields that nobody maps, and in mapped fields where
they do not belong (a mapping that points at the wrong column). The patients in sealed answers of BPJS are in
test_bpjs.py, warnings of BMKG in test_bmkg_warnings.py, errors of a server in test_sql_query.py and test_faults.py.
The forecast of BMKG and the floods of PetaBencana know of nobody; a form (manual) takes numbers only.
"""

import json
import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import openpyxl
import pytest

from tests.collectors import memo_servers, sending
from tests.collectors.conftest import NOW, CitySystem, Desk
from tests.collectors.sealing import MELATI

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


def ckan(system: CitySystem, folder: Any) -> tuple[str, dict[str, Any]]:
    """A portal that hands out every column, whichever were asked for."""

    def answer(query: dict[str, str]) -> Any:
        page = rows() if query["offset"] == "0" else []
        return 200, {}, json.dumps({"success": True, "result": {"records": page, "total": len(rows())}}).encode()

    system.answer = answer
    return "ckan", MAPPING | {"url": system.url, "resource": "r"}


def _room(row: dict[str, Any]) -> dict[str, Any]:
    told = {"kapasitas": "9" if row["status"] == "baru" else row["status"], "lastupdate": row["masuk"]}
    told["tersedia"] = "4" if row["tenggat"] == TIME else row["tenggat"]
    return told | {"kodekelas": "VIP", "koderuang": row["id"]} | CITIZEN


def bpjs_beds(system: CitySystem, folder: Any) -> tuple[str, dict[str, Any]]:
    whole = {"metadata": {"code": 1, "message": CITIZEN["nama"]}, "response": {"list": [_room(row) for row in rows()]}}
    system.answer = lambda query: (200, {}, json.dumps(whole).encode())
    return "bpjs", {"service": "aplicares", "url": system.url, "facilities": [MELATI]}


def _clinic(row: dict[str, Any]) -> dict[str, Any]:
    told = {f"{kind}waktu_task{n}": 60 for n in range(1, 7) for kind in ("", "avg_")}
    told["waktu_task1"] = 60 if row["status"] == "baru" else row["status"]
    told["jumlah_antrean"] = 1 if row["tenggat"] == TIME else row["tenggat"]
    return told | {"tanggal": row["masuk"], "kodepoli": row["id"]} | CITIZEN


def bpjs_queues(system: CitySystem, folder: Any) -> tuple[str, dict[str, Any]]:
    whole = {"metadata": {"code": 200, "message": "OK"}, "response": {"list": [_clinic(row) for row in rows()]}}
    system.answer = lambda query: (200, {}, json.dumps(whole).encode())
    short = {"history": "1s", "overlap": "1s"}
    return "bpjs", {"service": "antrean", "url": system.url, "facilities": [MELATI]} | short


def _quake(number: int, row: dict[str, Any]) -> dict[str, Any]:
    said = {
        "DateTime": (NOW - timedelta(minutes=number)).isoformat(),
        "Potensi": row["alamat"],
        "Dirasakan": row["nama"],
    }
    said["Coordinates"] = "-1.6,103.6" if row["masuk"] == TIME else row["masuk"]
    said["Kedalaman"] = "10 km" if row["tenggat"] == TIME else row["tenggat"]
    return said | {"Magnitude": "4.1" if row["status"] == "baru" else row["status"]} | CITIZEN


def bmkg(system: CitySystem, folder: Any) -> tuple[str, dict[str, Any]]:
    def answer(query: dict[str, str]) -> Any:
        return 200, {}, json.dumps({"Infogempa": {"gempa": [_quake(*one) for one in enumerate(rows())]}}).encode()

    system.answer = answer
    return "bmkg", {"service": "earthquakes", "url": system.url, "centre": {"lat": -1.6, "lon": 103.6}}


KINDS: dict[str, Callable[[CitySystem, Any], tuple[str, dict[str, Any]]]] = {
    "csv_file": csv_file, "csv_file, workbook": workbook, "json_api": json_api, "open311": open311,
    "petabencana": petabencana, "ckan": ckan, "bpjs, beds": bpjs_beds, "bpjs, queues": bpjs_queues, "bmkg": bmkg,
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
    assert (result.ok, result.fetched, result.rejected) == (True, len(rows()), len(spoiled())), result.error
    assert result.saved >= 300, "rows came through, or nothing is tested"
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


def told_of(made: Desk, *more: Any) -> list[str]:
    """Which of the citizen's details are in the database or in ``more``."""
    told = everything(made) + "".join(map(str, more))
    return [name for name, value in CITIZEN.items() if value in told]


def test_nothing_of_them_in_a_delivery_passes_the_door_or_is_answered(desk, caplog, capfd):
    made = desk("push", MAPPING | {"secret": sending.SECRET}, source={"kind": "complaint"})
    with caplog.at_level(logging.DEBUG), sending.serving(made) as sender:
        good_one = sender.send(sending.lines(*rows()), "k-1")
        refused = sender.send(sending.lines(*spoiled()), "k-2")
        broken = sender.send(sending.lines(good(1)) + str(CITIZEN).encode(), CITIZEN["nik"])
    assert (good_one.status_code, good_one.json()["saved"], len(good_one.json()["rejected"])) == (200, 300, 21)
    assert (refused.status_code, broken.status_code) == (422, 400)
    answers = good_one.text + refused.text + broken.text
    assert not told_of(made, answers, caplog.text, *capfd.readouterr())


@pytest.mark.parametrize("bad", [spoiled(), [good(0), *spoiled()]])
def test_a_refused_file_lies_in_the_quarantine_with_a_reason_that_tells_nothing_of_them(
    desk, tmp_path, caplog, capfd, bad
):
    drop, aside = tmp_path / "drop", tmp_path / "aside"
    drop.mkdir()
    for name, found in (("a.csv", bad), ("b.csv", [good(number) for number in range(300)])):
        lines = [";".join(good(0)), *(";".join(map(str, row.values())) for row in found)]
        (drop / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    # Without a header, cut off, and no table at all: each is refused in its own way.
    (drop / "c.csv").write_text(";".join(map(str, good(7).values())) + "\n", encoding="utf-8")
    (drop / "d.csv").write_text(";".join(good(0)) + f'\n{CITIZEN["nik"]};"{CITIZEN["nama"]}', encoding="utf-8")
    (drop / "e.csv").write_text(f"<p>{CITIZEN['nama']}", encoding="utf-8")
    made = desk("csv_file", MAPPING | {"folder": str(drop), "quarantine": str(aside), "settle_s": 0})
    with caplog.at_level(logging.DEBUG):
        result = made.run()
        made.run()
    assert sorted(path.name for path in aside.iterdir() if path.suffix == ".csv") == [
        "a.csv",
        "c.csv",
        "d.csv",
        "e.csv",
    ]
    reasons = [path.read_text(encoding="utf-8") for path in aside.glob("*.reason.txt")]
    assert len(reasons) == 4 and (result.ok, result.saved) == (True, 300)
    assert not told_of(made, result, reasons, caplog.text, *capfd.readouterr())


def test_nothing_of_them_leaves_a_database_that_is_asked(database, desk, caplog, capfd):
    memos = memo_servers.on_postgresql(database.url)
    names = ", ".join(f"{name} text" for name in good(0))
    memos.do(f"create table {{db}}.keluhan ({names})", f"grant select on {{db}}.keluhan to {memo_servers.READER}")
    for row in rows():
        memos.do(f"insert into {{db}}.keluhan values ({', '.join(repr(str(value)) for value in row.values())})")
    made = desk("sql_query", MAPPING | {"url": memos.url, "query": "select * from sipadek.keluhan"})
    cast = "select id, masuk, status, y, x, tenggat::timestamptz from sipadek.keluhan"
    asked = desk("sql_query", MAPPING | {"url": memos.url, "query": cast.replace("::", "\\:\\:")})
    with caplog.at_level(logging.DEBUG):
        result, failed = made.run(), asked.run()
    assert (result.ok, result.saved, result.rejected) == (True, 300, 21)
    assert (failed.ok, failed.error_code) == (False, "K-103"), failed.error
    # The city's own rows lie in the same database, in another schema than ours: `everything` does not look there.
    assert not told_of(made, result, failed, caplog.text, *capfd.readouterr())
