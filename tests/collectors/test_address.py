"""A table at an address: asked for on condition, read like a file, and every fault told apart."""

import io

import openpyxl
import pytest

from city.model import ChangedShape, NotUnderstood, Refused, Unreachable, UnreadableFile
from collectors import csv_file
from collectors.http import Session
from tests.collectors.conftest import NOW

FIELDS = {"key": "id", "opened_at": "masuk"}
TABLE = b"id;masuk;pelapor\nA1;2026-11-24;Budi 0812\n"


class Shelf:
    """One file on a web server that knows its own marks."""

    def __init__(self, system, path="/data/kasus.csv"):
        self.content, self.status, self.head, self.asked = TABLE, 200, {}, []
        self.url, self._system = system.url + path, system
        system.routes[path] = self._answer

    def _answer(self, query, body):
        self.asked.append({name.lower(): text for name, text in self._system.headers[-1].items()})
        etag = self.head.get("ETag")
        if etag and self.asked[-1].get("if-none-match") == etag:
            return 304, {}, b""
        return self.status, self.head, self.content


@pytest.fixture
def shelf(system):
    return Shelf(system)


def args(shelf, **more):
    return csv_file.Args(url=shelf.url, zone="Asia/Jakarta", fields=FIELDS, **more)


def read(made, session, since=None):
    visit = csv_file.visit(made, session, since, NOW)
    return [tuple(row) for row in visit.rows()], visit.cursor()


def test_a_table_that_has_not_changed_costs_one_request_without_a_body(shelf, desk):
    shelf.head = {"ETag": '"v1"', "Last-Modified": "Tue, 24 Nov 2026 01:00:00 GMT"}
    made = desk("csv_file", {"url": shelf.url, "fields": FIELDS})
    assert (made.run().saved, made.run().fetched, len(shelf.asked)) == (1, 0, 2)
    assert shelf.asked[1]["if-none-match"] == '"v1"'
    assert shelf.asked[1]["if-modified-since"] == "Tue, 24 Nov 2026 01:00:00 GMT"
    shelf.content, shelf.head = TABLE.replace(b"A1", b"A2"), {"ETag": '"v2"'}
    assert (made.run().saved, made.run().fetched) == (1, 0)
    assert made.ask("select key from cases order by key") == [("A1",), ("A2",)]


def test_a_server_without_marks_is_known_by_its_content(shelf, session):
    rows, cursor = read(args(shelf), session)
    assert (rows, cursor.keys()) == ([("A1", "2026-11-24")], {"args", "mark"})
    assert read(args(shelf), session, cursor)[0] == []
    assert "if-none-match" not in shelf.asked[1]


def test_a_failed_reading_is_asked_for_again_without_a_condition(shelf, desk):
    shelf.head = {"ETag": '"v1"'}
    shelf.content = TABLE.replace(b"masuk", b"masuk_pada")
    made = desk("csv_file", {"url": shelf.url, "fields": FIELDS})
    assert [made.run().error_code for _ in range(2)] == ["K-106", "K-106"]
    assert "if-none-match" not in shelf.asked[1]


def test_a_corrected_mapping_asks_without_a_condition(shelf, session):
    shelf.head = {"ETag": '"v1"'}
    _, cursor = read(args(shelf), session)
    assert len(read(args(shelf, constants={"channel": "web"}), session, cursor)[0]) == 1
    assert read(args(shelf, headers={"X-Key": "another"}), session, cursor)[0] == [], "who asks changes nothing"


def test_a_workbook_is_known_by_its_content_whatever_it_is_called(system, session):
    book = openpyxl.Workbook()
    for row in (["id", "masuk"], [7, "2026-11-24"]):
        book.active.append(row)
    packed = io.BytesIO()
    book.save(packed)
    for path in ("/data/kasus.xlsx", "/unduh"):
        shelf = Shelf(system, path)
        shelf.content = packed.getvalue()
        assert read(args(shelf), session)[0] == [("7", "2026-11-24")]
    shelf.content = packed.getvalue()[:1_000]
    with pytest.raises(UnreadableFile, match="/unduh: not a readable workbook"):
        read(args(shelf), session)


def test_an_old_encoding_and_decimal_commas_are_found_as_in_a_file(shelf, session):
    shelf.content = "waktu;harga;pasar\n2026-11-24;14.250,5;Café\n".encode("cp1252")
    made = csv_file.Args(
        url=shelf.url, shape="observations", fields={"at": "waktu", "place": "pasar"}, values={"rice": "harga"}
    )
    (row,) = csv_file.fetch(made, session, None, NOW)
    (item,) = csv_file.parse(row, made)
    assert (item.value, item.place) == (14250.5, "Café")
    assert [text.split(": ")[-1] for text in session.warnings] == [
        "read as cp1252; name it as `encoding` if that is right", "column 'harga' is read with decimal commas",
    ]  # fmt: skip


def test_credentials_are_sent_and_told_to_nobody(shelf, session):
    shelf.status = 403
    made = args(shelf, auth={"kind": "bearer", "token": "rahasia"}, headers={"X-Unit": "diskominfo"})
    with pytest.raises(Refused, match="answered HTTP 403") as caught:
        read(made, session)
    assert (shelf.asked[0]["authorization"], shelf.asked[0]["x-unit"]) == ("Bearer rahasia", "diskominfo")
    assert "rahasia" not in str(caught.value)


@pytest.mark.parametrize(
    ("change", "kind", "problem"),
    [
        ({"status": 401}, Refused, "HTTP 401"),
        ({"status": 500}, Refused, "HTTP 500"),
        ({"content": b"<!DOCTYPE html><title>Masuk</title>"}, NotUnderstood, "HTML or XML instead of a table"),
        ({"content": b"\xef\xbb\xbf\n<html>"}, NotUnderstood, "HTML or XML"),
        ({"content": b""}, NotUnderstood, "the answer is empty"),
        ({"head": {"Content-Length": "9000"}}, NotUnderstood, "broke off"),
        ({"content": TABLE + b"A2;2026"}, UnreadableFile, "the last row breaks off"),
        ({"content": TABLE.replace(b"masuk", b"masuk_pada")}, ChangedShape, "nearest: 'masuk_pada'"),
        ({"status": 304}, NotUnderstood, "nothing has changed, unasked"),
    ],
)
def test_each_fault_is_told_apart_and_says_where(shelf, session, change, kind, problem):
    for name, value in change.items():
        setattr(shelf, name, value)
    with pytest.raises(kind, match=problem) as caught:
        read(args(shelf), session)
    assert "/data/kasus.csv" in str(caught.value) and "Budi" not in str(caught.value)


def test_a_server_that_is_away_or_silent_is_unreachable(system, shelf):
    system.routes["/data/kasus.csv"] = lambda query, body: system.release.wait(5) and (200, {}, b"") or (200, {}, b"")
    with Session(retries=0, read_timeout_s=0.2) as session, pytest.raises(Unreachable, match="no answer in time"):
        read(args(shelf), session)
    with Session(retries=0) as session, pytest.raises(Unreachable, match="no connection"):
        read(csv_file.Args(url="http://127.0.0.1:1/a.csv", fields=FIELDS), session)
