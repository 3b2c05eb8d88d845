"""The scenes of health and memos with real answers behind them: the figures, and that a reader can read them."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from city.documents import load as load_config
from collectors import args_of
from dashboard.page import load_page
from dashboard.panels import stages
from dashboard.reading import unpacked
from dashboard.stage_rows import Rows
from tests.dashboard import busy, screens
from tests.dashboard.look import WORDS
from tests.dashboard.screens import Screen, now

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def city():
    """The configuration as shipped, without its screens: they show pages that are not served here."""
    return load_config(ROOT / "config.yaml", args_of, {"SIMULATION_SECRET": "x" * 40}).model_copy(
        update={"screens": {}}
    )


def test_a_mean_weighs_each_patient_alike_and_not_each_clinic(engine, city):
    screen = Screen(engine, city, load_page(ROOT / "layouts/health.yaml", city))
    rows = [busy.queue(city, now(), "RS A", *one) for one in (("SARAF", 10, 600), ("MATA", 30, 200))]
    screen.save(*(one for row in rows for one in row), source="antrean_rs")
    panel = screen.page.panels["steps"]
    loaded = unpacked(panel.module.load(panel.args, screen.publisher._queries))
    (group,) = Rows(panel.args, loaded, stages.parts(panel.args), WORDS).groups().values()
    # (10 x 600 + 30 x 200) / 40 patients = 300 s in task 1, k times that in task k; the mean of means is 400.
    tasks = [
        "admission_wait",
        "admission_service",
        "clinic_wait",
        "clinic_service",
        "pharmacy_wait",
        "pharmacy_service",
    ]
    assert [group[name] for name in tasks] == [300 * task for task in range(1, 7)]
    assert group["hospital_queue_entries"] == 40


@pytest.mark.proof
@pytest.mark.browser
def test_of_four_hospitals_one_is_not_seen_and_a_row_grows_old_in_the_browser_alone(engine, database, city, browser):
    layout = ROOT / "layouts/health.yaml"
    screen = Screen(engine, city, load_page(layout, city))
    for source, items in busy.health(now(), city):
        screen.save(*items, source=source)
    with engine.connect() as connection:
        screen.publisher.publish(connection, screen.publisher.items)
    with screens.serving(city, layout, database.web_url) as served:
        page = browser.new_page(viewport={"width": 1920, "height": 1080})
        page.goto(f"{served.url}/wall/health")
        expect(page.locator("#page #link")).to_have_text("Tersambung", timeout=20_000)
        expect(page.locator("#page .pn:is(.failed, .waiting)")).to_have_count(0, timeout=20_000)
        gone = page.locator(".br.gone .nm")
        expect(gone).to_have_text("RS Simulasi Bhayangkaratidak terlihat, 7 j")
        assert "3 dari 4 RS" in page.locator("#health-beds").inner_text()
        small = page.locator("#health-dengue .cells div", has_text="Pasar Jambi")
        expect(small).to_have_text("<5Pasar Jambi")
        expect(page.locator("#health-wait .vow")).to_have_text("standar 60")
        # A row grows old in the browser alone: nobody has to tell it, and its figures go at its own limit.
        row = page.locator("#health-classes .br:not(.bh, .gone)").first
        expect(row.locator("em")).to_be_visible()
        page.evaluate("row => { row.dataset.limitS = '60'; window.kendaliAge(); row.id = 'old' }", row.element_handle())
        expect(page.locator("#old.gone .u")).to_be_visible()
        expect(page.locator("#old em")).to_be_hidden()
        page.close()
