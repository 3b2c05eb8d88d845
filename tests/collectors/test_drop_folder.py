"""A drop folder over many days: what is taken, what is refused and alone, what is moved when, and after a kill."""

import errno
import os
from datetime import UTC, date, datetime
from pathlib import Path

import openpyxl
import pytest
from pydantic import ValidationError

from city import documents
from city.model import UnreadableFile
from collectors import args_of, csv_file, drop_folder, tables_in
from collectors.http import Session
from tests.collectors.conftest import NOW, Desk

FIELDS = {"key": "id", "opened_at": "masuk"}
HEADER = "id,masuk,pelapor\n"


class Folders:
    """`drop`, `archive` and `quarantine` under one folder, and the desk that reads them."""

    def __init__(self, root, desk):
        self.root, self._desk = root, desk
        (root / "drop").mkdir()

    def source(self, *leaving, **more):
        args = {"folder": str(self.root / "drop"), "settle_s": 0, "fields": FIELDS}
        return self._desk("csv_file", args | {name: str(self.root / name) for name in leaving} | more)

    def put(self, name, *keys, text=None):
        rows = "".join(f"{key},2026-11-24 12:00,Budi 0812\n" for key in keys)
        path = self.root / "drop" / name
        path.write_bytes(text if isinstance(text, bytes) else (text or HEADER + rows).encode())
        return path

    def names(self, folder):
        return sorted(path.name for path in (self.root / folder).rglob("*") if path.is_file())


@pytest.fixture
def folders(tmp_path, desk):
    return Folders(tmp_path, desk)


def keys(made):
    return [key for (key,) in made.ask("select key from cases order by key")]


def warned(result):
    return result.notes.get("warnings", [])


BAD = {
    "no_table.csv": (b"id,masuk\n1,\x81\n", "K-105", "neither utf-8 nor cp1252"),
    "columns.csv": (b"id,masuk_pada\n1,kini\n", "K-106", "nearest: 'masuk_pada'"),
    "rows.csv": (b"id,masuk\n1,Budi\n2,2026-11-24\n", "K-107", "1 of 2 rows not understood, first: row 1: opened_at"),
    "broken.xlsx": (b"PK\x03\x04 not whole", "K-105", "not a readable workbook"),
    "half.csv": (b"id,masuk,x\n1,2026-11-24,a\n2,2026-", "K-105", "breaks off"),
}


@pytest.mark.parametrize("name", BAD)
def test_one_bad_file_does_not_keep_its_neighbours_out(folders, name):
    made = folders.source()
    content, code, problem = BAD[name]
    folders.put(name, text=content)
    folders.put("z.csv", "A1")
    result = made.run()
    assert (result.ok, keys(made), result.rejected) == (True, ["A1"], 0)
    (said,) = warned(result)
    assert (
        said.startswith(f"{name}: not loaded ({code}): ") and problem in said and "tried again when it changes" in said
    )
    assert "Budi" not in said and "kini" not in said


def test_a_bad_file_is_told_with_every_run_and_read_again_only_when_it_changes(folders):
    made = folders.source()
    bad = folders.put("a.csv", text="id,masuk_pada\n1,x\n")
    folders.put("b.csv", "B1")
    first = made.run()
    folders.put("c.csv", "C1")
    second, third = made.run(), made.run()
    assert warned(first) == warned(second) == warned(third) != []
    assert (third.ok, third.fetched) == (True, 0), "an old file that is bad is told; the news are in"
    folders.put(bad.name, "A1")
    assert (warned(made.run()), keys(made)) == ([], ["A1", "B1", "C1"])


def test_while_the_newest_file_is_bad_and_brings_no_news_the_source_has_failed(folders):
    made = folders.source()
    folders.put("a.csv", "A1")
    made.run()
    folders.put("b.csv", text="id,masuk_pada\n1,x\n")
    for _ in range(2):
        result = made.run()
        assert (result.ok, result.error_code) == (False, "K-106")
        assert result.error.startswith("b.csv: column 'masuk' is missing")
    folders.put("c.csv", "C1")
    assert made.run().ok
    assert keys(made) == ["A1", "C1"]
    os.remove(folders.root / "drop" / "c.csv")
    result = made.run()
    assert (result.ok, result.error_code) == (False, "K-106"), "also where it is only remembered"


def test_read_files_leave_for_the_archive_once_they_are_in_the_database(folders):
    made = folders.source("archive")
    folders.put("a.csv", "A1")
    folders.put("b.csv", "B1")
    assert made.run(dry_run=True).ok
    assert folders.names("drop") == ["a.csv", "b.csv"], "a trial moves nothing"
    assert made.run().saved == 2
    assert (folders.names("drop"), folders.names("archive")) == ([], ["a.csv", "b.csv"])
    assert (made.run().ok, keys(made)) == (True, ["A1", "B1"])


def test_killed_between_the_database_and_the_archive_the_next_run_moves_it_and_loads_nothing_twice(
    folders, monkeypatch
):
    made = folders.source("archive")
    folders.put("a.csv", "A1")

    def killed(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(drop_folder.DropFolder, "settle", killed)
        with pytest.raises(KeyboardInterrupt):
            made.run()
    assert (keys(made), folders.names("drop")) == (["A1"], ["a.csv"])
    result = made.run()
    assert (result.fetched, result.saved, folders.names("archive")) == (0, 0, ["a.csv"])
    assert warned(result) == ["a.csv: was loaded before and goes to the archive"]
    assert warned(made.run()) == []


def test_what_was_put_in_the_place_of_a_file_meanwhile_is_not_moved_unread(folders, monkeypatch):
    made = folders.source("archive")
    folders.put("a.csv", "A1")
    settle = drop_folder.DropFolder.settle

    def replaced_first(visit, error):
        folders.put("a.csv", "A2")
        settle(visit, error)

    with monkeypatch.context() as patch:
        patch.setattr(drop_folder.DropFolder, "settle", replaced_first)
        made.run()
    assert folders.names("drop") == ["a.csv"]
    made.run()
    assert (keys(made), folders.names("archive")) == (["A1", "A2"], ["a.csv"])


def test_a_corrected_file_of_the_same_day_stands_beside_the_first_in_the_archive_and_a_repeated_one_does_not(folders):
    made = folders.source("archive")
    for content in (["A1"], ["A1", "A2"], ["A1", "A2"]):
        folders.put("a.csv", *content)
        made.run()
    assert (keys(made), folders.names("archive")) == (["A1", "A2"], ["a.2.csv", "a.csv"])


def test_a_refused_file_leaves_for_the_quarantine_with_its_reason_and_without_a_citizen(folders):
    made = folders.source("archive", "quarantine")
    folders.put("a.csv", text="id,masuk\n1,Budi 0812\n")
    folders.put("b.csv", "B1")
    result = made.run()
    assert (result.ok, keys(made)) == (True, ["B1"])
    assert "a.csv: not loaded (K-107)" in warned(result)[0] and "quarantine" in warned(result)[0]
    assert folders.names("quarantine") == ["a.csv", "a.csv.reason.txt"]
    reason = (folders.root / "quarantine" / "a.csv.reason.txt").read_text()
    for word in (
        "File:  a.csv",
        "When:  2026-11-24T05:00:00+00:00",
        "K-107",
        "row 1: opened_at: not a time",
        "put the file",
    ):
        assert word in reason
    assert "Budi" not in reason
    assert (folders.names("drop"), folders.names("archive")) == ([], ["b.csv"])
    assert warned(made.run()) == ["1 file(s) in the quarantine wait for somebody: see the .reason.txt beside each"]


def test_a_run_of_nothing_but_bad_files_has_failed_and_they_are_out_of_the_way_of_the_next(folders):
    made = folders.source("quarantine")
    folders.put("b.csv", text=b"")
    result = made.run()
    assert (result.ok, result.error_code, folders.names("drop")) == (False, "K-105", [])
    folders.put("a.csv", "A1")
    assert (made.run().ok, keys(made)) == (True, ["A1"])
    folders.put("b.csv", "B1")
    assert (made.run().saved, keys(made)) == (1, ["A1", "B1"]), "put back corrected, it is read"


def test_a_run_that_fails_for_another_reason_moves_nothing(folders):
    made = folders.source("archive", "quarantine")
    folders.put("a.csv", "A1")
    made.config = made.config.model_copy(
        update={"sources": {"desk": made.config.sources["desk"].model_copy(
            update={"contract": made.config.sources["desk"].contract.model_copy(update={"required": ("district",)})})}}
    )  # fmt: skip
    result = made.run()
    assert (result.ok, result.error_code) == (False, "K-107")
    assert (folders.names("drop"), folders.names("archive"), folders.names("quarantine")) == (["a.csv"], [], [])


@pytest.mark.parametrize("leaving", [(), ("quarantine",), ("archive", "quarantine")])
def test_a_byte_copy_under_a_new_name_is_refused_and_both_names_are_said(folders, leaving):
    made = folders.source(*leaving)
    folders.put("2026-11-23.csv", "A1")
    made.run()
    folders.put("2026-11-24.csv", "A1")
    result = made.run()
    assert (result.ok, result.fetched) == (True, 0)
    assert "2026-11-24.csv: not loaded (K-108): it is a byte copy of 2026-11-23.csv; " in warned(result)[0]
    assert ("2026-11-24.csv.reason.txt" in folders.names("quarantine")) == ("quarantine" in leaving)
    assert keys(made) == ["A1"]


def test_of_two_equal_files_that_come_at_once_one_is_read(folders):
    made = folders.source()
    folders.put("a.csv", "A1")
    folders.put("b.csv", "A1")
    result = made.run()
    assert (result.fetched, warned(result)) == (
        1, ["b.csv: not loaded (K-108): it is a byte copy of a.csv; it is tried again when it changes"],
    )  # fmt: skip


def test_days_on_which_nothing_happened_look_alike_and_are_no_copies(folders):
    made = folders.source()
    folders.put("a.csv")
    folders.put("b.csv")
    assert (made.run().ok, warned(made.run())) == (True, [])


def test_a_log_that_is_turned_over_is_no_copy_of_itself(folders):
    made = folders.source()
    folders.put("today.csv", "A1")
    made.run()
    folders.put("yesterday.csv", "A1")
    folders.put("today.csv", "A2")
    assert (warned(made.run()), keys(made)) == ([], ["A1", "A2"])


def test_an_event_log_keeps_what_a_broken_file_said_before(folders):
    log = {"shape": "event_log", "fields": {"key": "id", "at": "masuk", "stage": "tahap"}, "closed_when": ["selesai"]}
    made = folders.source("quarantine", **log)
    folders.put("a.csv", text="id,masuk,tahap\nM1,2026-11-23 12:00,masuk\n")
    folders.put("b.csv", text="id,masuk,tahap\nM1,2026-11-24 12:00,selesai\n")
    made.run()
    before = made.ask("select opened_at, closed_at from cases")
    folders.put("a.csv", text=b"")
    folders.put("c.csv", text="id,masuk,tahap\nM2,2026-11-24 12:00,masuk\n")
    result = made.run()
    assert (result.ok, result.error_code, folders.names("drop")) == (False, "K-105", ["a.csv", "b.csv", "c.csv"])
    assert made.ask("select opened_at, closed_at from cases") == before
    folders.put("a.csv", text="id,masuk,tahap\nM1,2026-11-23 12:00,masuk\n")
    assert (made.run().ok, keys(made)) == (True, ["M1", "M2"])
    assert made.ask("select opened_at, closed_at from cases where key = 'M1'") == before


def test_an_event_log_reads_past_a_file_that_was_never_good(folders):
    made = folders.source(shape="event_log", fields={"key": "id", "at": "masuk", "stage": "tahap"})
    folders.put("a.csv", text=b"")
    folders.put("b.csv", text="id,masuk,tahap\nM1,2026-11-24 12:00,masuk\n")
    assert (made.run().ok, keys(made)) == (True, ["M1"])


def test_every_file_is_found_and_hashed_once_a_run(folders, monkeypatch):
    made = folders.source()
    folders.put("a.csv", "A1")
    hashed = []
    digest = tables_in.digest
    monkeypatch.setattr(tables_in, "digest", lambda path: hashed.append(path.name) or digest(path))
    made.run()
    made.run()
    assert hashed == ["a.csv", "a.csv"]


def test_folders_below_the_drop_folder_are_not_dropped_again(folders):
    below = {name: str(folders.root / "drop" / name) for name in ("archive", "quarantine")}
    made = folders.source(pattern="**/*.csv", **below)
    (folders.root / "drop" / "utara").mkdir()
    folders.put("utara/a.csv", "A1")
    folders.put("b.csv", text=b"")
    made.run()
    result = made.run()
    assert (result.fetched, keys(made)) == (0, ["A1"])
    assert (folders.root / "drop" / "archive" / "utara" / "a.csv").is_file()


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="the superuser may open everything")
def test_a_file_that_may_not_be_opened_is_refused_alone(folders):
    made = folders.source()
    folders.put("a.csv", "A1").chmod(0)
    folders.put("b.csv", "B1")
    result = made.run()
    assert (keys(made), "PermissionError" in warned(result)[0]) == (["B1"], True)


def test_a_file_that_cannot_be_moved_is_told_and_not_loaded_again(folders):
    made = folders.source("archive")
    (folders.root / "archive").write_text("a file where the folder should be")
    folders.put("a.csv", "A1")
    first, second = made.run(), made.run()
    assert (first.ok, first.saved, second.ok, second.fetched) == (True, 1, True, 0)
    assert any("could not be moved to 'archive'" in text for text in warned(first))
    stored = made.ask("select notes from runs order by id desc limit 1")[0][0]
    assert stored["warnings"] == ["a.csv: was loaded before and goes to the archive"]


def test_on_another_disk_a_file_arrives_whole_or_not_at_all(tmp_path, monkeypatch):
    file = tmp_path / "a.csv"
    file.write_text("x")
    replace = Path.replace

    def other_disk(path, target):
        raise OSError(errno.EXDEV, "Invalid cross-device link")

    monkeypatch.setattr(Path, "replace", other_disk)
    drop_folder.moved(file, tmp_path / "archive" / "a.csv", tables_in.digest(file))
    monkeypatch.setattr(Path, "replace", replace)
    assert [path.name for path in (tmp_path / "archive").iterdir()] == ["a.csv"]
    assert not file.exists()


def test_the_memory_of_files_that_have_gone_is_bounded(tmp_path):
    args = csv_file.Args(folder=str(tmp_path), settle_s=0, fields=FIELDS)
    files = {f"{number:05}.csv": str(number) for number in range(drop_folder.MEMORY + 5)}
    visit = csv_file.visit(args, Session(), {"args": csv_file.fingerprint(args), "files": files}, NOW)
    assert list(visit.rows()) == []
    kept = visit.cursor()["files"]
    assert (len(kept), min(kept)) == (drop_folder.MEMORY, "00005.csv")


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        ({"path": "a.csv", "archive": "done"}, "archive and quarantine belong to a folder"),
        ({"folder": "drop", "archive": "drop"}, "three different folders"),
        ({"folder": "drop", "archive": "x", "quarantine": "./x"}, "three different folders"),
        ({"folder": "drop", "url": "http://x"}, "exactly one of"),
        ({"folder": "drop", "headers": {"a": "b"}}, "belong to a url"),
        ({"folder": "drop", "archive": "done", "shape": "event_log", "fields": FIELDS | {"stage": "x", "at": "y"}},
         "an event log cannot be archived"),
    ],
)  # fmt: skip
def test_settings_that_would_lose_files_are_refused(wrong, problem):
    if wrong.get("shape"):
        wrong = wrong | {"fields": {"key": "id", "stage": "x", "at": "y"}}
    with pytest.raises(ValidationError, match=problem):
        csv_file.Args(**{"fields": FIELDS} | wrong)


def test_a_vanished_file_is_not_a_bad_one(folders, monkeypatch):
    made = folders.source("quarantine")
    folders.put("a.csv", "A1")
    gone = folders.put("b.csv", "B1")
    digest = tables_in.digest

    def another_run_was_faster(path):
        if path.name == gone.name:
            gone.unlink(missing_ok=True)
        return digest(path)

    monkeypatch.setattr(tables_in, "digest", another_run_was_faster)
    result = made.run()
    assert (result.ok, keys(made), warned(result)) == (True, ["A1"], [])
    with pytest.raises(UnreadableFile):
        digest(gone)


def test_the_worked_example_reads_what_a_trade_office_drops_and_puts_each_file_where_it_belongs(
    tmp_path, engine, monkeypatch
):
    monkeypatch.setenv("DROP", str(tmp_path))
    root = Path(__file__).resolve().parent.parent.parent
    made = Desk(engine, documents.load(root / "docs/examples/drop-folder.yaml", args_of))
    made.name = "pasar"
    drop = tmp_path / "pasar"
    drop.mkdir()
    # An old program: Windows-1252, semicolons, decimal commas.
    old = "Tanggal;Pasar;Harga;Stok\n22/11/2026;Café Angso Duo;14.250,50;1.200\n22/11/2026;Talang Banjar;13.900;12,5\n"
    (drop / "2026-11-22.csv").write_bytes(old.encode("cp1252"))
    # A workbook with dates as dates and as texts.
    book = openpyxl.Workbook()
    for cells in (["Tanggal", "Pasar", "Harga", "Stok"], [date(2026, 11, 23), "Talang Banjar", 14000, 11.125],
                  ["23/11/2026", "Aur Duri", 14100.5, 3]):  # fmt: skip
        book.active.append(cells)
    book.save(drop / "2026-11-23.xlsx")
    (drop / "2026-11-24.csv").write_bytes((drop / "2026-11-22.csv").read_bytes())
    (drop / "2026-11-25.csv").write_text("Tanggal;Pasar;Harga\n25/11/2026;Aur Duri;1")
    result = made.run()
    assert (result.error, result.fetched, result.saved, result.rejected) == (None, 4, 8, 0)
    found = made.ask("select at, place, metric, value from observations order by at, place, metric")
    midnight = datetime(2026, 11, 21, 17, tzinfo=UTC)
    assert [row[1:] for row in found if row[0] == midnight] == [
        ("Café Angso Duo", "price_rice", 14250.5), ("Café Angso Duo", "stock_rice", 1200),
        ("Talang Banjar", "price_rice", 13900), ("Talang Banjar", "stock_rice", 12.5),
    ]  # fmt: skip
    assert [row[1:] for row in found if row[0] != midnight] == [
        ("Aur Duri", "price_rice", 14100.5), ("Aur Duri", "stock_rice", 3),
        ("Talang Banjar", "price_rice", 14000), ("Talang Banjar", "stock_rice", 11.125),
    ]  # fmt: skip
    said = [text.replace("; goes to the quarantine", "") for text in warned(result)]
    assert said == [
        "2026-11-24.csv: not loaded (K-108): it is a byte copy of 2026-11-22.csv",
        "2026-11-25.csv: not loaded (K-106): column 'Stok' is missing; it has: Tanggal, Pasar, Harga",
        "2026-11-22.csv: read as cp1252; name it as `encoding` if that is right",
        "2026-11-22.csv: column 'Harga' is read with decimal commas",
        "2026-11-22.csv: column 'Stok' is read with decimal commas",
    ]
    left = {folder: sorted(path.name for path in (tmp_path / folder).iterdir()) for folder in
            ("pasar", "pasar-arsip", "pasar-karantina")}  # fmt: skip
    assert left == {
        "pasar": [], "pasar-arsip": ["2026-11-22.csv", "2026-11-23.xlsx"],
        "pasar-karantina": [f"2026-11-2{day}.csv{end}" for day in (4, 5) for end in ("", ".reason.txt")],
    }  # fmt: skip
