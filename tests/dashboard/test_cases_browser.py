"""The table of cases and what is taken away from it, in a real Chromium, on a real server with a real mirror."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

from city import database as city_database
from city import mirror
from city.mirror_writer import Writer
from city.model import Case, Status
from city.store import Store, Tally
from tests import builders
from tests.dashboard import screens
from tests.dashboard.screens import Server, eventually, now

pytestmark = [pytest.mark.browser, pytest.mark.proof]
#: Other browsers and programs run beside this one.
expect.set_options(timeout=20_000)
COUNT = 2_500


@pytest.fixture(scope="module")
def site(shared_database: city_database.Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """2,500 complaints of the last ninety days, every tenth of them open; a claim; a mirror."""
    sources = {"desk": {"collector": "csv_file", "kind": "complaint", "title": "SIKESAL"},
               "claims": {"collector": "csv_file", "kind": "claim"}}  # fmt: skip
    config, engine = builders.config(sources=sources), city_database.engine(shared_database.url)
    cases = [_case(number) for number in range(COUNT)]
    store = Store(engine, config, now)
    store.save("desk", cases, started_at=now(), finish=Tally)
    store.save("claims", [Case(key="K-1", kind="claim", opened_at=now())], started_at=now(), finish=Tally)
    data = tmp_path_factory.mktemp("data")
    Writer(engine, config.region.code, mirror.place(data, config.region.code), now).catch_up()
    engine.dispose()
    layout = tmp_path_factory.mktemp("cases") / "uji.yaml"
    layout.write_text(screens.LAYOUT)
    with screens.serving(config, layout, shared_database.web_url, data=data) as server:
        yield server


def _case(number: int) -> Case:
    opened = now() - timedelta(minutes=50 * number + 1)
    status = (Status.RECEIVED, Status.ROUTED, Status.IN_PROGRESS)[number // 10 % 3] if number % 10 == 0 else Status.DONE
    return Case(
        key=f"SK-26-{number:04}", kind="complaint", opened_at=opened, due_at=opened + timedelta(hours=48),
        status=status,
        closed_at=opened + timedelta(hours=30) if status is Status.DONE else None, agency="pupr", category="jalan",
        district=("15.71.07", "15.71.11", None)[number % 3], channel=("SIKESAL", "112")[number % 2],
        place="=1+1" if number == 3 else "Kenali",
    )  # fmt: skip


def test_the_table_shows_the_newest_sorts_on_the_server_and_fetches_as_it_is_scrolled(
    browser: Browser, site: Server, tmp_path: Path
) -> None:
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    told: list[str] = []
    page.on("console", lambda line: told.append(line.text) if line.type == "error" else None)
    page.goto(f"{site.url}/cases?period=90d")
    first = page.locator(".ag-row[row-index='0'] [col-id='key']")
    expect(first).to_have_text("SK-26-0000", timeout=20_000)
    expect(page.locator(".cs_ dd").first).to_have_text("2.500")
    page.locator(".ag-header-cell[col-id='opened_at']").click()
    expect(first).to_have_text(f"SK-26-{COUNT - 1:04}")
    page.locator(".ag-body-viewport").evaluate("(one) => one.scrollTop = 28 * 1500")
    expect(page.locator(".ag-row[row-index='1502'] [col-id='key']")).to_have_text("SK-26-0997")
    page.get_by_text("Kolom", exact=True).click()
    page.get_by_label("Prioritas").check()
    expect(page.locator(".ag-header-cell[col-id='priority']")).to_be_visible()
    page.screenshot(path=tmp_path / "cases.png")
    page.keyboard.press("Escape")
    assert not [line for line in told if "Content Security" in line or "Error" in line], told
    assert page.evaluate("document.documentElement.scrollWidth") <= 1440
    found = Axe().run(page, options={"rules": {"color-contrast": {"enabled": True}}})
    assert not found.response["violations"], found.generate_report()
    page.close()


def test_an_export_shows_its_rows_and_comes_as_a_file(browser: Browser, site: Server) -> None:
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.goto(f"{site.url}/cases?period=90d&district=15.71.07")
    page.get_by_text("Ekspor", exact=True).click(timeout=20_000)
    with page.expect_download() as coming:
        page.get_by_text("CSV", exact=True).click()
    lines = Path(coming.value.path()).read_text().splitlines()
    assert len(lines) == 1 + len(range(0, COUNT, 3)) and re.fullmatch(
        r"complaint-cases-.*\.csv", coming.value.suggested_filename
    )
    assert '"\'=1+1"' in "".join(lines)
    page.close()


def test_a_wall_loads_nothing_of_the_table(site: Server) -> None:
    wall, table = (httpx.get(site.url + path).text for path in ("/wall/uji", "/cases"))
    grid = "/_dash-component-suites/dash_ag_grid/"
    assert grid in table and grid not in wall


def test_an_export_streams_with_what_tells_about_it_and_says_what_is_wrong_in_an_address(site: Server) -> None:
    answer = httpx.get(f"{site.url}/export?period=90d")
    assert answer.headers["x-rows"] == str(COUNT) and answer.text.count("\r\n") == COUNT + 1
    described = re.match(r"<([^>]+)>", answer.headers["link"])
    assert described and httpx.get(site.url + described[1]).json()["rows"] == COUNT
    for query, status, said in [("format=csvv", 400, "csv"), ("kind=complain", 400, "complaint"),
                                ("kind=claim", 400, "health"),
                                ("metric=complaints_opend", 400, "complaints_opened")]:  # fmt: skip
        answer = httpx.get(f"{site.url}/export?{query}")
        assert (answer.status_code, said in answer.json()["error"]) == (status, True), answer.text
    counts = httpx.get(f"{site.url}/export?metric=claims_opened&kind=claim&by=district").text
    assert counts == "district,value,n\r\n,<5*,\r\n"


def test_a_job_tells_how_far_it_is_and_can_be_stopped(site: Server) -> None:
    job = httpx.get(f"{site.url}/exports/start?period=90d&format=xlsx").json()
    assert job["total"] == COUNT
    state = eventually(lambda: _ended(site, job["id"]), "the export ends", 30)
    assert (state["state"], state["rows"]) == ("done", COUNT)
    file = httpx.get(f"{site.url}/exports/file?id={job['id']}")
    assert file.content[:2] == b"PK" and "spreadsheetml" in file.headers["content-type"]
    other = httpx.get(f"{site.url}/exports/start?period=90d&format=xlsx").json()
    httpx.get(f"{site.url}/exports/stop?id={other['id']}")
    assert eventually(lambda: _ended(site, other["id"]), "the export ends", 30)["state"] in ("stopped", "done")
    assert httpx.get(f"{site.url}/exports/state?id=none").status_code == 404


def _ended(site: Server, name: str) -> dict[str, object] | None:
    state: dict[str, object] = httpx.get(f"{site.url}/exports/state?id={name}").json()
    return state if state["state"] not in ("running", "stopping") else None
