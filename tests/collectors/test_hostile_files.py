"""Files that want to do harm, or were written by a machine that died: the reader survives and says what is wrong."""

import gzip
import io
import resource
import zipfile

import openpyxl
import pytest

from city.model import ChangedShape, SourceError, UnreadableFile
from collectors import csv_file, workbooks
from collectors.http import Session
from tests.collectors.conftest import NOW

FIELDS = {"key": "id", "opened_at": "masuk"}


def read(path, **more):
    args = csv_file.Args(path=str(path), fields=FIELDS, **more)
    return [tuple(row) for row in csv_file.fetch(args, Session(), None, NOW)]


def workbook(path, change=lambda sheet: None):
    book = openpyxl.Workbook()
    book.active.append(["id", "masuk"])
    book.active.append(["1", "2026-11-24"])
    change(book.active)
    book.save(path)
    return path


def bomb(path, size_mb):
    """A workbook whose shared texts are ``size_mb`` of one letter, packed a thousand times smaller."""
    workbook(path)
    with zipfile.ZipFile(path) as whole:
        parts = {name: whole.read(name) for name in whole.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in parts.items():
            if name != "xl/sharedStrings.xml":
                made.writestr(name, content)
        with made.open("xl/sharedStrings.xml", "w", force_zip64=True) as part:
            part.write(b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">')
            for _ in range(size_mb // 8):
                part.write(b"<si><t>" + b"x" * (8 << 20) + b"</t></si>")
            part.write(b"</sst>")
    return path


def test_a_zip_bomb_ends_its_reader_and_not_the_collectors(tmp_path, monkeypatch):
    path = bomb(tmp_path / "a.xlsx", 512)
    assert path.stat().st_size < 1 << 20
    monkeypatch.setattr(workbooks, "MAX_BYTES", 256 << 20)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(UnreadableFile, match="^a.xlsx: not a readable workbook"):
        read(path)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000, "kilobytes"


def test_a_text_in_the_last_cell_of_a_sheet_ends_its_reader_and_not_the_collectors(tmp_path):
    path = workbook(tmp_path / "a.xlsx", lambda sheet: sheet.__setitem__("XFD1048576", "x"))
    with pytest.raises(UnreadableFile, match="too large to be opened, or broken"):
        read(path)
    assert read(workbook(path)) == [("1", "2026-11-24")], "the next is read as if nothing had been"


def test_a_bomb_in_a_folder_keeps_no_neighbour_out(tmp_path, desk):
    workbook(tmp_path / "a.xlsx", lambda sheet: sheet.__setitem__("XFD1048576", "x"))
    workbook(tmp_path / "b.xlsx")
    made = desk("csv_file", {"folder": str(tmp_path), "settle_s": 0, "fields": FIELDS})
    result = made.run()
    assert (result.ok, result.saved) == (True, 1)
    assert "a.xlsx: not loaded (K-105)" in result.notes["warnings"][0]


def test_a_reader_nobody_listens_to_any_more_ends(tmp_path):
    path = workbook(tmp_path / "a.xlsx", lambda sheet: [sheet.append([str(n), "x" * 200]) for n in range(5_000)])
    with path.open("rb") as content:
        rows = workbooks.rows(content, "a.xlsx", sheet=None)
        assert next(rows) == ["id", "masuk"]
        rows.close()  # returns only when the process has ended


@pytest.mark.parametrize("rows", ["1,2026-11-24\n" * 3 + "2," + "x" * 5_000_000 + "\n", '1,"' + "x" * 5_000_000])
def test_a_cell_of_five_megabytes_is_refused_without_being_quoted(tmp_path, rows):
    path = tmp_path / "a.csv"
    path.write_text("id,masuk\n" + rows)
    with pytest.raises(UnreadableFile, match="a cell is huge") as caught:
        read(path)
    assert len(str(caught.value)) < 300


def test_a_header_of_five_megabytes_is_refused_without_being_quoted(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(",".join(["kolom" * 5_000] * 200) + "\n1,2\n")
    with pytest.raises(ChangedShape) as caught:
        read(path)
    assert len(str(caught.value)) < 1_500


@pytest.mark.parametrize("content", [b"id,masuk\n1,2026\x00-11-24\n", b"id,masuk\n1,2026-11-24\n" + b"\x00" * 4096])
@pytest.mark.parametrize("encoding", ["auto", "utf-8"])
def test_nul_characters_are_a_file_that_was_never_written_to_its_end(tmp_path, content, encoding):
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    with pytest.raises(UnreadableFile, match="NUL"):
        read(path, encoding=encoding)


def test_a_hundred_thousand_columns_are_only_columns(tmp_path):
    path = tmp_path / "a.csv"
    wide = [f"k{number % 9_999}" for number in range(100_000)]
    path.write_text(",".join(["id", *wide, "masuk"]) + "\n" + ",".join(["1", *"0" * 100_000, "2026-11-24"]) + "\n")
    assert read(path) == [("1", "2026-11-24")]
    for names, hint in ((["id", *wide], "'masuk' is missing; it has: id, k0, k1"), (wide, "is there a header?")):
        path.write_text(",".join(names) + "\n")
        with pytest.raises(ChangedShape) as caught:
            read(path)
        assert hint in str(caught.value) and len(str(caught.value)) < 500


def test_a_workbook_cut_anywhere_is_unreadable_or_whole(tmp_path):
    content = workbook(tmp_path / "a.xlsx").read_bytes()
    path = tmp_path / "b.xlsx"
    for share in (0.1, 0.5, 0.9, 0.999):
        path.write_bytes(content[: int(len(content) * share)])
        with pytest.raises(UnreadableFile, match="half-written or another format"):
            read(path)


def test_a_packed_text_is_no_table(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(gzip.compress(b"id,masuk\n1,2026-11-24\n" * 50))
    with pytest.raises(SourceError):
        read(path)


def test_a_text_that_pretends_to_be_utf_16_is_unreadable(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b"\xff\xfe" + "id,masuk\n1,x".encode("utf-16-le") + b"\x00")
    with pytest.raises(UnreadableFile, match="begins as utf-16 text and is not"):
        read(path)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1252"])
def test_the_encoding_is_found_and_an_unusual_one_is_said(tmp_path, encoding):
    path = tmp_path / "a.csv"
    path.write_bytes("id;masuk\nCafé;2026-11-24\n".encode(encoding))
    session = Session()
    args = csv_file.Args(path=str(path), fields=FIELDS)
    assert [tuple(row) for row in csv_file.fetch(args, session, None, NOW)] == [("Café", "2026-11-24")]
    usual = encoding.startswith("utf-8")
    assert session.warnings == ([] if usual else [f"a.csv: read as {encoding}; name it as `encoding` if that is right"])


def test_a_table_without_names_of_columns_does_not_tell_who_is_in_it(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("1571010101010001,Budi,2026-11-24\n1571010101010002,Siti,2026-11-24\n")
    with pytest.raises(ChangedShape, match="the first row looks like data") as caught:
        read(path)
    assert "Budi" not in str(caught.value) and "1571" not in str(caught.value)


def test_an_opendocument_sheet_is_read_like_any_workbook(tmp_path):
    cell = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
    rows = "".join(
        "<table:table-row>" + "".join(map(cell.format, row)) + "</table:table-row>"
        for row in (("id", "masuk"), ("1", "2026-11-24"))
    )
    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
    )
    sheet = f'<table:table table:name="S">{rows}</table:table>'
    body = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {spaces}><office:body><office:spreadsheet>'
        f"{sheet}</office:spreadsheet></office:body></office:document-content>"
    )
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as parts:
        parts.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        parts.writestr("content.xml", body)
        parts.writestr("META-INF/manifest.xml", '<manifest:manifest xmlns:manifest="urn:x"/>')
    path = tmp_path / "a.ods"
    path.write_bytes(made.getvalue())
    assert read(path) == [("1", "2026-11-24")]
