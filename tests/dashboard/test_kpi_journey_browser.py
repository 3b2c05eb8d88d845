"""A leader's errand in a real Chromium: the worst agency, why, a follow-up, paper; also by keyboard, on a phone."""

import re
from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from city import database as city_database
from city.model import Case, Status
from city.store import Store, Tally
from collectors import intake
from dashboard.door import Door
from tests import builders
from tests.dashboard import screens
from tests.dashboard.screens import Server, now
from tests.dashboard.test_kpi_browser import goal

pytestmark = [pytest.mark.browser, pytest.mark.proof]
#: Other browsers and programs run beside this one.
expect.set_options(timeout=20_000)
TOKEN = "a-token-of-this-installation"
AGENCIES = [{"code": "pupr", "name": "PUPR"}, {"code": "dlh", "name": "DLH"}, {"code": "dinkes", "name": "Dinkes"}]


@pytest.fixture(scope="module")
def site(shared_database: city_database.Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A city where PUPR became late last week; its collecting part takes follow-ups."""
    folder = tmp_path_factory.mktemp("kpi")
    region = builders.config().region.model_dump() | {"agencies": AGENCIES}
    goals = [goal("complaints_on_time_ratio", 0.9, "Pengaduan"), goal("complaints_time_to_close", 8, "Pengaduan")]
    config = builders.config(region=region, scorecard={"goals": goals}, intake={"port": 0})
    engine = city_database.engine(shared_database.url)
    store = Store(engine, config, now)
    cases = [
        Case(key=f"{agency}-{day}-{number}", kind="complaint", opened_at=at - timedelta(hours=5), closed_at=at,
             agency=agency, category="jalan", status=Status.DONE,
             due_at=at + timedelta(hours=-1 if agency == "pupr" and day < 14 and number else 1))
        for day in range(1, 31) for at in [now() - timedelta(days=day)]
        for agency in ("pupr", "dlh", "dinkes") for number in range(5)
    ]  # fmt: skip
    store.save("desk", cases, started_at=now(), finish=Tally)
    (folder / "uji.yaml").write_text(screens.LAYOUT)
    app, told = intake.application(config, engine, store, now, TOKEN, {}), folder / "intake.port"
    with intake.serving(app, 0) as port:
        told.write_text(f"{port}\n")
        door = Door(TOKEN, 0, told)
        with screens.serving(config, folder / "uji.yaml", shared_database.web_url, door=door) as server:
            yield server
    engine.dispose()


def opened(browser: Browser, site: Server, width: int, height: int, query: str = "") -> Page:
    page = browser.new_page(viewport={"width": width, "height": height})
    page.goto(f"{site.url}/kpi{query}")
    expect(page.locator(".big > b")).to_have_text(re.compile(r"\d,\d"), timeout=30_000)
    return page


def violations(page: Page) -> list[str]:
    expect(page.locator(".sheet.lost")).to_have_count(0)  # what is not heard of is drawn faint
    return [f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in Axe().run(page).response["violations"]]


def test_a_leader_finds_the_worst_agency_sees_why_promises_and_prints(browser: Browser, site: Server) -> None:
    page = opened(browser, site, 1440, 900)
    expect(page.locator("#kpi-league .lr.lo")).to_contain_text("PUPR")
    page.locator(".kt_").get_by_role("link", name="Pengaduan selesai tepat waktu").click()
    expect(page).to_have_url(re.compile("why=complaints_on_time_ratio"))
    panel = page.locator(".wy_")
    expect(panel.get_by_role("row", name=re.compile("^PUPR"))).to_be_visible(timeout=15_000)
    expect(panel.get_by_role("link", name="Jelajahi PUPR")).to_have_attribute("href", re.compile("agency=pupr"))
    panel.get_by_text("Tambah tindak lanjut").press("Enter")
    page.get_by_label("Apa").fill("Tambah satu tim jalan")
    expect(page.get_by_label("OPD atau bagian")).to_have_value("PUPR")
    page.get_by_label("Tenggat (24-12-2026)").fill("kemarin")
    page.get_by_label("Dicatat oleh (bagian)").fill("Setda")
    page.get_by_role("button", name="Simpan tindak lanjut").press("Enter")
    expect(page.locator("#kpi-said")).to_contain_text("tulis tenggat seperti", timeout=15_000)
    page.wait_for_timeout(5_500)  # the page is drawn anew every five seconds: nothing typed may be lost by that
    expect(page.get_by_label("Apa")).to_have_value("Tambah satu tim jalan")
    page.get_by_label("Tenggat (24-12-2026)").fill("24-12-2099")
    page.get_by_role("button", name="Simpan tindak lanjut").click()
    expect(page.locator("#kpi-said")).to_have_text("Tersimpan.", timeout=15_000)
    expect(page.locator(".fu_ li")).to_contain_text("Tambah satu tim jalan")
    expect(page.locator(".kt_ tr.sel .fun")).to_have_text("1 tindak lanjut", timeout=15_000)
    assert violations(page) == []
    made = page.pdf(prefer_css_page_size=True, print_background=True)
    assert len(re.findall(rb"/Type\s*/Page\b(?!s)", made)) == 1
    page.locator(".fu_ summary").click()
    page.get_by_label("Hasil").fill("Tim bekerja")
    page.get_by_label("Ditutup oleh (bagian)").fill("Setda")
    page.get_by_role("button", name="Tutup tindak lanjut").click()
    expect(page.locator(".fu_")).to_contain_text("Belum ada", timeout=15_000)
    page.go_back()
    expect(panel).to_have_count(0)
    page.go_forward()
    expect(panel).to_be_visible(timeout=15_000)
    page.close()


@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (390, 844)])
def test_the_explanation_fits_its_screen_and_can_be_read_by_everyone(
    browser: Browser, site: Server, width: int, height: int
) -> None:
    page = opened(browser, site, width, height, "?why=complaints_on_time_ratio")
    expect(page.locator(".wy_ table")).to_be_visible(timeout=15_000)
    page.locator(".fud summary").click()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert violations(page) == []
    bar = page.get_by_role("navigation").bounding_box()
    assert bar
    assert (round(bar["y"] + bar["height"]) == height) == (width == 390), (
        "at the foot of a phone, at the head elsewhere"
    )
    page.close()


def test_the_files_are_given_with_their_names(site: Server) -> None:
    for end, begins in (("csv", "\ufeffBidang,".encode()), ("xlsx", b"PK")):
        answer = httpx.get(f"{site.url}/kpi/kinerja.{end}?period=month", trust_env=False)
        assert answer.content.startswith(begins)
        assert re.search(rf'filename="kinerja-month-\d{{4}}-\d\d-01\.{end}"', answer.headers["content-disposition"])
