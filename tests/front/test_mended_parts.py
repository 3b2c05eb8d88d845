"""Mistakes that were found once by reading, in the parts and in reading files: each stays mended."""

import shutil
import socket
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import openpyxl
import pytest
import yaml

from city.model import UnreadableFile
from collectors import csv_file, tables_in
from collectors.cells import number
from collectors.http import Session
from tests.dashboard.screens import eventually, free_port
from tests.front.test_cli import run
from tests.front.test_parts import Up, settings


def upped(port):
    folder = Path(tempfile.mkdtemp(prefix="kendali-up-"))
    return folder, Up(folder, port)


def ended(folder, made):
    made.stop()
    shutil.rmtree(folder, ignore_errors=True)


def test_a_port_in_use_is_one_line_and_exit_code_2(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        shown = run("serve", "--config", settings(tmp_path), "--port", port, data=tmp_path / "data")
    told = f"run.py serve: cannot serve on 127.0.0.1:{port}: Address already in use. Try --port {port + 1}\n"
    assert (shown.returncode, shown.stderr) == (2, told)


@pytest.mark.proof
def test_a_port_in_use_is_one_line_of_up():
    with socket.create_server(("127.0.0.1", 0)) as other:
        folder, made = upped(other.getsockname()[1])
        try:
            made.wait_for("serve +ended")
            assert [line for line in made.said if line.startswith("serve ") and " ended " not in line][1:] == []
        finally:
            ended(folder, made)


@pytest.mark.proof
def test_a_port_on_which_something_else_than_http_answers_does_not_end_up():
    def greet(other):
        while True:
            try:
                connection, _ = other.accept()
            except OSError:
                return
            with connection:
                connection.sendall(b"SSH-2.0-OpenSSH_9.9\r\n")

    with socket.create_server(("127.0.0.1", 0)) as other:
        threading.Thread(target=greet, args=(other,), daemon=True).start()
        folder, made = upped(other.getsockname()[1])
        try:
            eventually(lambda: "collect" in made.parts(), "the others start all the same")
            assert not any("Traceback" in line for line in made.said if not line.startswith("serve "))
        finally:
            ended(folder, made)
            other.shutdown(socket.SHUT_RDWR)


@pytest.mark.proof
def test_the_address_of_another_web_server_is_not_told_as_ours():
    class Other(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()

        def log_message(self, format, *args):
            """Quiet."""

    other = ThreadingHTTPServer(("127.0.0.1", 0), Other)
    threading.Thread(target=other.serve_forever, daemon=True).start()
    folder, made = upped(other.server_address[1])
    try:
        made.wait_for("serve +ended")
        assert not [line for line in made.said if line.startswith("up ")]
    finally:
        ended(folder, made)
        other.shutdown()
        other.server_close()


def test_an_address_whose_port_is_no_number_is_one_line(tmp_path, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://budi:rahasia@localhost:port/kota")
    shown = run("up", "--config", settings(tmp_path), "--port", free_port(), data=tmp_path / "data")
    assert (shown.returncode, "Traceback" in shown.stderr) == (2, False)
    assert shown.stderr.startswith("run.py up: DATABASE_URL is not an address; write postgresql://")


def test_a_region_without_pages_is_served_or_refused_but_does_not_crash(tmp_path):
    path = settings(tmp_path)
    path.write_text(yaml.safe_dump(yaml.safe_load(path.read_text()) | {"pages": []}))
    assert run("check", path, data=tmp_path / "data").stdout.startswith(f"{path}: settings are right")
    shown = run("serve", "--config", path, "--port", free_port(), data=tmp_path / "data")  # ends at once today
    assert "StopIteration" not in shown.stderr


def book(tmp_path, *rows):
    made = openpyxl.Workbook()
    for row in rows:
        made.active.append(row)
    made.save(tmp_path / "a.xlsx")
    return str(tmp_path / "a.xlsx")


def test_a_number_of_a_workbook_is_that_number_also_where_texts_have_decimal_commas(tmp_path):
    path = book(tmp_path, ["waktu", "tersedia"], ["2026-11-24", 1200.5], ["2026-11-24", "1.200,5"])
    args = csv_file.Args(
        path=path, shape="observations", fields={"at": "waktu"}, values={"beds": "tersedia"}, decimal=","
    )
    rows = csv_file.fetch(args, Session(), None, None)
    assert [one.value for row in rows for one in csv_file.parse(row, args)] == [1200.5, 1200.5]


@pytest.mark.parametrize("text", ["1.5", "-1.6", "1,200.5", "1.2.3"])
def test_a_dot_that_is_no_thousands_mark_is_refused_and_not_dropped(text):
    with pytest.raises(ValueError):
        number(text, ",")


def test_an_empty_row_of_a_workbook_is_passed_over_like_an_empty_line_of_a_text(tmp_path):
    path = Path(book(tmp_path, ["id", "masuk"], ["1", "kini"], [], [None, None], ["2", "kini"]))
    rows = list(tables_in.rows(path, ["id", "masuk"], encoding="utf-8", delimiter=None, sheet=None))
    assert [tuple(row) for row in rows] == [("1", "kini"), ("2", "kini")]


def test_a_missing_sheet_is_named(tmp_path):
    with pytest.raises(UnreadableFile) as caught:
        next(tables_in.rows(Path(book(tmp_path, ["id"])), ["id"], encoding="utf-8", delimiter=None, sheet="Mar"))
    assert "Mar" in str(caught.value) and "half-written" not in str(caught.value)


def test_two_files_of_one_name_in_two_folders_are_both_remembered(tmp_path):
    for name in ("jan", "feb"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.csv").write_text(f"id,masuk\n{name},2026-11-24\n")
    args = csv_file.Args(
        folder=str(tmp_path), pattern="*/*.csv", settle_s=0, fields={"key": "id", "opened_at": "masuk"}
    )
    first = csv_file.visit(args, Session(), None, None)
    assert len(list(first.rows())) == 2
    assert list(csv_file.visit(args, Session(), first.cursor(), None).rows()) == []
