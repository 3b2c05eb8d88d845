"""The definition of a number as somebody meets it who doubts it: opened, read, reported; in a real Chromium."""

import re
import threading
from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest
import sqlalchemy as sa
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

from city import database as city_database
from city import wrong_numbers
from city.metrics import catalogue
from city.model import Case, Status
from city.store import Store, Tally
from dashboard import doubted
from dashboard.prerender import html_of
from dashboard.registrar import Registrar
from dashboard.words import Words
from tests import builders
from tests.dashboard import screens
from tests.dashboard.screens import Server, now

GOAL = {"metric": "complaints_on_time_ratio", "field": "Pengaduan", "targets": [{"from": "2020-01-01", "value": 0.9}]}


pytestmark = pytest.mark.proof
#: Other browsers and programs run beside this one.
expect.set_options(timeout=20_000)


@pytest.fixture(scope="module")
def engine(shared_database: city_database.Database) -> Iterator[sa.Engine]:
    made = city_database.engine(shared_database.url)
    yield made
    made.dispose()


@pytest.fixture(scope="module")
def site(
    shared_database: city_database.Database, engine: sa.Engine, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """A city with one goal; the registrar is at work."""
    config = builders.config(scorecard={"goals": [GOAL]})
    cases = [
        Case(key=f"{day}-{number}", kind="complaint", opened_at=at - timedelta(hours=30), closed_at=at,
             due_at=at + timedelta(hours=1 if number < 4 else -1), agency="pupr", status=Status.DONE)
        for day in range(1, 21) for at in [now() - timedelta(days=day)] for number in range(6)
    ]  # fmt: skip
    Store(engine, config, now).save("desk", cases, started_at=now(), finish=Tally)
    layout = tmp_path_factory.mktemp("definition") / "uji.yaml"
    layout.write_text(screens.LAYOUT)
    stop = threading.Event()
    thread = threading.Thread(target=Registrar(engine, config.region.code, now).run, args=(stop,))
    thread.start()
    with screens.serving(config, layout, shared_database.web_url) as server:
        yield server
    stop.set()
    thread.join(10)


def test_a_definition_has_words_formula_filters_query_source_owner_and_no_secret(site: Server) -> None:
    text = httpx.get(f"{site.url}/definition/complaints_on_time_ratio?from=2020-01-01&agency=pupr").text
    for part in ("Bagian kasus yang ditutup sebelum tenggatnya", "closed_at ≤ due_at", "OPD = PUPR", "closed_on_time",
                 ":first = 2020-01-01", "Desk", "90%", "Laporkan angka keliru"):  # fmt: skip
        assert part in text, part
    assert "postgres" not in text
    assert "complaints_open" in httpx.get(f"{site.url}/definition/complaints_opn").text
    wrong = httpx.get(f"{site.url}/definition/complaints_open?from=kemarin")
    assert wrong.status_code == 400 and "<script" not in httpx.get(f"{site.url}/definition/x?<script>=1").text


def test_a_page_of_others_cannot_report_and_nonsense_is_refused(site: Server) -> None:
    foreign = httpx.post(f"{site.url}/wrong-number", json={}, headers={"Sec-Fetch-Site": "cross-site"})
    assert foreign.status_code == 403
    assert httpx.post(f"{site.url}/wrong-number", content=b"{").status_code == 400
    assert httpx.post(f"{site.url}/wrong-number", content=b"x" * 9_000).status_code == 413


@pytest.mark.browser
def test_who_doubts_a_number_opens_its_definition_by_keyboard_reports_it_and_is_back_where_they_were(
    browser: Browser, site: Server, engine: sa.Engine
) -> None:
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.goto(f"{site.url}/kpi")
    button = page.locator(".kt_ [data-definition]").first
    expect(button).to_be_visible(timeout=15_000)
    button.focus()
    page.keyboard.press("Enter")
    dialog = page.locator("dialog.dfn")
    expect(dialog.locator("h2")).to_have_text(re.compile("tepat waktu"))
    found = Axe().run(page, context="dialog.dfn", options={"runOnly": ["wcag2a", "wcag2aa", "wcag21aa"]})
    assert not found.response["violations"], found.generate_report()
    dialog.get_by_text("Laporkan angka keliru").click()
    dialog.locator("textarea").fill("Hubungi 0812 3456 7890: kemarin 80 persen")
    dialog.get_by_role("button", name="Kirim laporan").click()
    expect(dialog.locator(".dfr")).to_have_text("Tercatat. Terima kasih.", timeout=10_000)
    with engine.connect() as connection:
        [one] = wrong_numbers.listed(connection, "15.71")
    assert one.words == "Hubungi […]: kemarin 80 persen" and one.metric == "complaints_on_time_ratio"
    assert one.state["page"] == "/kpi" and "from=" in one.state["query"] and 0 < one.state["value"] < 1
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(button).to_be_focused()
    page.close()


def test_a_report_that_waits_is_told_on_the_page_of_the_sources_with_its_value() -> None:
    config = builders.config()
    known, words = catalogue(config), Words(config)
    one = wrong_numbers.Wrong(1, builders.NOW, "complaints_on_time_ratio", {"value": 0.875, "query": "from=2026-11-01"},
                              "<b>seharusnya lebih</b>", None, None)  # fmt: skip
    text = html_of(doubted.draw([one], known, words, builders.NOW))
    assert "88%" in text or "87,5%" in text
    assert "complaints_on_time_ratio?from=2026-11-01" in text and "&lt;b&gt;seharusnya" in text
    assert doubted.draw([], known, words, builders.NOW) == []
    gone = one._replace(metric="dihapus", state={})
    assert "dihapus" in html_of(doubted.draw([gone], known, words, builders.NOW))
