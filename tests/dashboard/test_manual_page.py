"""An official at the form: what she types, what the page says at which cell, and what is in the database then."""

import io
import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx
import openpyxl
import pytest
from playwright.sync_api import Browser, Page, expect

from city import database as city_database
from collectors import signed
from tests.dashboard import manual_site
from tests.dashboard.manual_site import SECRET, Site
from tests.dashboard.screens import now

pytestmark = [pytest.mark.browser, pytest.mark.proof]
VALUES = "select place, metric, value from observations order by 1, 2"
AWAY = "Belum tersimpan: bagian pengumpul Kendali tidak menjawab"


@pytest.fixture
def site(tmp_path: Path, database: city_database.Database) -> Iterator[Site]:
    with manual_site.site(tmp_path, database) as made:
        yield made


@pytest.fixture
def page(site: Site, browser: Browser) -> Iterator[Page]:
    """The page of this month, at a desk; nothing may be said on its console."""
    opened = browser.new_page(viewport={"width": 1440, "height": 900}, accept_downloads=True)
    told: list[str] = []
    opened.on("console", lambda message: told.append(message.text))
    opened.on("pageerror", lambda error: told.append(str(error)))
    opened.goto(site.url + "/manual/jkn")
    expect(opened.locator("#manual-save")).to_be_visible()
    yield opened
    opened.close()
    assert told == []


def cell(page: Page, row: str, title: str = "Peserta aktif"):
    return page.get_by_label(f"{title}, {row}", exact=True)


def fill(page: Page, cells: dict[str, str], who: str = "Rina, Dinkes") -> None:
    for row, text in cells.items():
        cell(page, row).fill(text)
    page.locator("#manual-who").fill(who)
    page.locator("#manual-save").click()


def told(page: Page, text: str) -> None:
    expect(page.locator("#manual-said")).to_contain_text(text)


def upload(page: Page, path: Path) -> None:
    with page.expect_file_chooser() as chosen:
        page.get_by_text("Unggah templat terisi").click()
    chosen.value.set_files(path)


def month(back: int = 0) -> str:
    """This month in Jambi as it is typed, or the one before."""
    first = datetime.now(ZoneInfo("Asia/Jakarta")).replace(day=1)
    return f"{(first - timedelta(days=1)) if back else first:%m-%Y}"


def test_an_entry_a_wrong_value_and_a_correction(site: Site, page: Page) -> None:
    with site.collecting():
        fill(page, {"Kota Jambi": "81,69", "Muaro Jambi": "169", "Batang Hari": "tujuh"})
        told(page, "Belum tersimpan: 2 sel perlu dilihat.")
        expect(page.locator("td", has=cell(page, "Muaro Jambi"))).to_contain_text("Paling banyak 100")
        expect(page.locator("td", has=cell(page, "Batang Hari"))).to_contain_text("Bukan angka; desimal dengan koma")
        expect(page.locator("td", has=cell(page, "Kota Jambi")).locator(".msg")).to_have_count(0)
        expect(cell(page, "Kota Jambi")).to_have_value("81,69")
        assert site.ask(VALUES) == []
        fill(page, {"Muaro Jambi": "69", "Batang Hari": ""})
        told(page, ": 2 baru, 0 koreksi.")
        expect(page.locator(".msg")).to_have_count(0)
        assert site.ask(VALUES) == [("Kota Jambi", "jkn_active", 81.69), ("Muaro Jambi", "jkn_active", 69.0)]
        fill(page, {"Kota Jambi": "81,96"}, who="Budi")
        told(page, ": 0 baru, 1 koreksi.")
        log = page.locator("#manual-history li")
        expect(log.nth(0)).to_contain_text("Budi")
        expect(log.nth(0)).to_contain_text("1 koreksi")
        expect(log.nth(1)).to_contain_text("Rina, Dinkes")
    assert site.ask("select value, revised_at is not null from observations where place = 'Kota Jambi'") == [
        (81.96, True)
    ]
    assert site.ask("select notes ->> 'entered_by', saved, revised from runs order by id") == [
        ("Rina, Dinkes", 2, 0), ("Budi", 0, 1),
    ]  # fmt: skip


def test_an_unusual_value_is_saved_when_it_is_said_twice(site: Site, page: Page) -> None:
    with site.collecting():
        page.locator("#manual-back").click()
        expect(page.locator("#manual-date")).to_have_value(month(1))
        fill(page, {"Kota Jambi": "81,69"})
        told(page, "1 baru")
        page.locator("#manual-next").click()
        expect(page.locator("#manual-date")).to_have_value(month())
        expect(cell(page, "Kota Jambi")).to_have_value("")
        fill(page, {"Kota Jambi": "18,69"})
        told(page, "1 sel perlu dilihat, 1 di antaranya dipastikan")
        expect(page.locator(".msg.ask")).to_contain_text("Jauh dari angka terakhir, 81,69; tekan Simpan sekali lagi")
        fill(page, {"Kota Jambi": "19,69"})
        expect(page.locator(".msg.ask")).to_contain_text("bila 19,69 benar")
        assert site.ask("select count(*) from runs") == [(1,)], "another unusual value is asked for anew"
        page.locator("#manual-save").click()
        told(page, "1 baru")
    assert [value for _, _, value in site.ask(VALUES)] == [81.69, 19.69]


def test_the_template_is_filled_uploaded_and_its_cells_are_named(site: Site, page: Page, tmp_path: Path) -> None:
    with site.collecting():
        fill(page, {"Kota Jambi": "81,69"})
        told(page, "1 baru")
        with page.expect_download() as caught:
            page.locator("#manual-template").click()
        path = tmp_path / "isian.xlsx"
        caught.value.save_as(path)
        book = openpyxl.load_workbook(path)
        assert book.active["D6"].value == 81.69, "what stands is in it"
        book.active["C7"], book.active["D7"], book.active["A9"], book.active["C9"] = 197.2, 69.5, "Atlantis", 5
        book.save(path)
        upload(page, path)
        told(page, "2 sel perlu dilihat")
        told(page, "C7: paling banyak 100")
        told(page, "C9: baris ini tidak ada di tabel")
        expect(cell(page, "Muaro Jambi")).to_have_value("69,5")
        assert len(site.ask(VALUES)) == 1
        book.active["C7"], book.active["A9"] = 97.2, None
        book.save(path)
        upload(page, path)
        told(page, ": 2 baru, 0 koreksi.")
        assert site.ask("select metric, value from observations where place = 'Muaro Jambi' order by 1") == [
            ("jkn_active", 69.5), ("jkn_coverage", 97.2),
        ]  # fmt: skip
        page.locator("#manual-back").click()
        expect(page.locator("#manual-date")).to_have_value(month(1))
        upload(page, path)
        told(page, f"templat ini untuk {month()}, halaman ini untuk {month(1)}")
        path.write_bytes(b"bukan")
        upload(page, path)
        told(page, "bukan berkas XLSX yang dapat dibaca")
        assert len(site.ask(VALUES)) == 3


def test_when_nobody_collects_nothing_is_lost_on_the_page(site: Site, page: Page) -> None:
    fill(page, {"Kota Jambi": "81,69"})
    told(page, AWAY)
    expect(cell(page, "Kota Jambi")).to_have_value("81,69")
    with site.collecting():
        page.locator("#manual-save").click()
        told(page, "1 baru")


def test_what_is_missing_is_said(site: Site, page: Page) -> None:
    with site.collecting():
        page.locator("#manual-save").click()
        told(page, "Tidak ada sel yang berubah")
        fill(page, {"Kota Jambi": "80"}, who="")
        told(page, "tulis siapa yang mengisi")
        page.locator("#manual-next").click()
        told(page, "Masih di depan")
        page.locator("#manual-date").fill("kemarin")
        page.locator("#manual-date").press("Enter")
        told(page, "Tulis bulan seperti 11-2026")
        expect(page.locator("#manual-date")).to_have_value(month())
        page.locator("#manual-date").fill("2/2020")
        page.locator("#manual-date").press("Enter")
        expect(page.locator("#manual-period")).to_have_text("Februari 2020")
    assert site.ask("select count(*) from runs") == [(0,)]


@pytest.mark.parametrize("size", [(1440, 900), (390, 844)])
def test_the_page_fits_a_desk_and_a_phone(site: Site, browser: Browser, size: tuple[int, int]) -> None:
    page = browser.new_page(viewport={"width": size[0], "height": size[1]})
    page.goto(site.url + "/manual/jkn")
    expect(page.locator("#manual-save")).to_be_visible()
    wide = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert wide[0] <= wide[1]
    boxes = [one.bounding_box() for one in page.locator(".manual input:visible, .manual button:visible").all()]
    assert all(box and box["x"] >= 0 and box["x"] + box["width"] <= size[0] for box in boxes)
    assert all(box["height"] >= (40 if size[0] < 700 else 30) - 2 for box in boxes if box)
    looks = page.evaluate("[document.documentElement.className, getComputedStyle(document.body).overflow]")
    assert looks == ["theme-light desk", "visible"]
    page.close()


def test_a_wall_is_a_wall_still_and_other_forms_are_not_there(site: Site) -> None:
    assert 'class="theme-dark wall"' in httpx.get(site.url + "/wall/uji").text
    assert httpx.get(site.url + "/manual/paper").status_code == 200
    for path in ("/manual/", "/manual/desk", "/manual/nobody", "/manual/jkn/more", "/manual/nobody/templat.xlsx"):
        assert httpx.get(site.url + path).status_code == 404, path
    made = httpx.get(site.url + "/manual/jkn/templat.xlsx?at=x")
    assert (
        openpyxl.load_workbook(io.BytesIO(made.content)).active["B2"].value
        == f"{now().astimezone(ZoneInfo('Asia/Jakarta')):%Y-%m}"
    )


def test_a_page_of_somebody_else_cannot_enter_for_the_official(site: Site) -> None:
    for head in ({"Origin": "http://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"},
                 {"Sec-Fetch-Site": "same-site"}):  # fmt: skip
        answer = httpx.post(site.url + "/_dash-update-component", json={}, headers=head)
        assert (answer.status_code, answer.text) == (403, "Permintaan ini datang dari halaman lain."), head


def test_a_delivery_passes_through_the_one_address_of_the_city(site: Site) -> None:
    body = json.dumps({"no": "P-1", "masuk": "2026-11-24T12:00:00"}).encode() + b"\n"
    at = str(int(now().timestamp()))
    head = {"Content-Type": "application/x-ndjson", "Idempotency-Key": "k", "X-Kendali-Timestamp": at}
    head["X-Kendali-Signature"] = signed.signature(SECRET, at, body)
    away = httpx.post(site.url + "/ingest/desk", content=body, headers=head)
    assert (away.status_code, away.headers["Retry-After"]) == (503, "30")
    assert "does not answer" in away.json()["error"]
    with site.collecting():
        foreign = {"Origin": "http://system.example", "Sec-Fetch-Site": "cross-site"}
        answer = httpx.post(site.url + "/ingest/desk", content=body, headers=head | foreign)
        assert (answer.status_code, answer.json()["saved"]) == (200, 1)
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert httpx.post(site.url + "/ingest/desk", content=iter([body]), headers=head).json() == answer.json()
        assert httpx.post(site.url + "/ingest/desk", content=b"{}", headers=head).status_code == 401
        assert httpx.post(site.url + "/ingest/a%2Fb%3Fc", content=body, headers=head).status_code in (401, 404)
        large = httpx.post(site.url + "/ingest/desk", content=b" " * 6_000_000, headers=head)
        assert large.status_code == 413
    assert httpx.get(site.url + "/ingest/desk").status_code == 405
    assert httpx.post(site.url + "/ingest/desk/more", content=body).status_code == 404
    assert httpx.post(site.url + "/manual/jkn", json={}).status_code == 405, "the intake's own door is not ours to open"


def test_the_bar_of_the_form_is_that_of_every_desk_page(site: Site, page: Page) -> None:
    def links():
        return [(at.inner_text(), at.get_attribute("href")) for at in page.locator(".top nav a").all()]

    form = links()
    assert form[-1] == ("Isian", "/manual/jkn")
    assert page.locator(".top [aria-current=page]").inner_text() == "Isian"
    page.goto(site.url + "/sources")
    page.wait_for_selector("#page .pgh")
    assert links() == form[:-1] and ("Sumber", "/sources") in form
