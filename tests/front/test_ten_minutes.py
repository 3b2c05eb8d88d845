"""`docs/ten-minutes.md` as it stands: its settings, its commands, in its order, against real systems."""

import json
import re
import shlex
import subprocess
import sys
import threading
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import openpyxl
import pytest

pytestmark = pytest.mark.proof
ROOT = Path(__file__).resolve().parent.parent.parent
TEXT = (ROOT / "docs" / "ten-minutes.md").read_text(encoding="utf-8")
PARTS = dict(re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", TEXT, flags=re.MULTILINE | re.DOTALL))
HISTORY = [("ND-1", "Setda", "Diterima", "2026-11-20 08:00"), ("ND-1", "Setda", "Disposisi", "2026-11-20 11:30"),
           ("ND-2", "Dinkes", "Diterima", "2026-11-20 09:00")]  # fmt: skip


@pytest.fixture
def service():
    """A SIKESAL of two pages that wants its token."""
    rows = [{"id": n, "masuk": f"2026-11-2{n} 10:00:00", "jenis": {"nama": "Jalan"}, "keadaan": "Baru", "diubah": None}
            for n in range(3)]  # fmt: skip

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):  # noqa: N802
            page = int(parse_qs(urlsplit(self.path).query)["halaman"][0])
            good = self.headers["Authorization"] == "Bearer rahasia"
            body = json.dumps({"data": rows[2 * page - 2 : 2 * page]}).encode()
            self.send_response(200 if good else 401)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *said):
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/api"
    server.shutdown()
    server.server_close()


@pytest.fixture
def follow(tmp_path, database, monkeypatch):
    """Writes the settings of a part of the page and runs its commands; {command: what it printed}."""
    monkeypatch.setenv("KENDALI_DATA", str(tmp_path / "data"))

    def followed(title, **values):
        for name, value in (values | {"DATABASE_URL": database.url}).items():
            monkeypatch.setenv(name, value)
        for settings in re.findall(r"```yaml\n(.*?)```", PARTS[title], flags=re.DOTALL):
            (tmp_path / settings.splitlines()[0].removeprefix("# ")).write_text(settings)
        said = {}
        for line in "".join(re.findall(r"```sh\n(.*?)```", PARTS[title], flags=re.DOTALL)).splitlines():
            words = [values.get(word.removeprefix("$"), word) for word in shlex.split(line.removeprefix("run.py "))]
            command = [sys.executable, str(ROOT / "run.py"), *words]
            done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120)
            assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
            said[line] = done.stdout
        assert said
        return list(said.values())

    return followed


def test_an_excel_file(follow, tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["nomor", "masuk", "selesai", "jenis", "opd", "pelapor"])
    for number in range(1, 31):
        start = datetime(2026, 10, number, 8)
        done = datetime(2026, 10, number, 17) if number % 3 else None
        book.active.append([f"K{number}", start, done, "Jalan" if number % 2 else "Sampah", "PUPR", "Budi 0812"])
    book.save(tmp_path / "keluhan.xlsx")
    proposed, checked, saved, counted = follow("An Excel file")
    assert "opened_at: masuk" in proposed and "pelapor" in proposed and "Budi" not in proposed
    assert "ok     keluhan" in checked
    assert "fetched 30  saved 30  revised 0  rejected 0" in saved
    assert re.search(r"Jalan +15\b", counted) and re.search(r"Sampah +15\b", counted)


def test_an_http_service(follow, service):
    checked, saved, counted = follow("An HTTP service that answers JSON", SIKESAL_URL=service, SIKESAL_TOKEN="rahasia")
    assert "ok     sikesal" in checked
    assert "fetched 3  saved 3" in saved
    assert re.search(r"\b3\b", counted)


def test_a_database(follow, engine, database):
    with engine.begin() as connection:
        connection.exec_driver_sql("create table riwayat_naskah (nomor text, unit text, tahap text, waktu timestamp)")
        connection.exec_driver_sql("insert into riwayat_naskah values (%s, %s, %s, %s)", HISTORY)
    tables, checked, saved, counted = follow("A database", MEMO_DATABASE_URL=database.url)
    assert "riwayat_naskah" in tables
    assert "ok     memo" in checked
    assert "fetched 3  saved 2" in saved
    assert "3.5" in counted


def test_an_agency_that_has_only_paper(follow):
    (checked,) = follow("An agency that has only paper")
    assert "waits  kunjungan" in checked and "/manual/kunjungan" in checked


def test_the_page_has_no_part_that_is_not_tried():
    tried = {"An Excel file", "An HTTP service that answers JSON", "A database", "An agency that has only paper"}
    assert set(PARTS) == tried
