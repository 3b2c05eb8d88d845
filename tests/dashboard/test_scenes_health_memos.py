"""The scenes of health and memos with real answers behind them: the figures, and that a reader can read them."""

from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect

from city.documents import load as load_config
from city.model import Case, CaseEvent, Observation
from city.times import day_start, local_day
from collectors import args_of
from dashboard.page import load_page
from dashboard.panels import stages
from dashboard.reading import unpacked
from dashboard.stage_rows import Rows
from tests.dashboard import screens
from tests.dashboard.look import WORDS, illegible
from tests.dashboard.screens import Screen, now

ROOT = Path(__file__).resolve().parents[2]
HOSPITALS = (
    "RSUD Simulasi Melati",
    "RSUD H. Simulasi Anggrek",
    "RSUD Simulasi Kenanga S.",
    "RS Simulasi Bhayangkara",
)
CLASSES = ("VIP", "KELAS I", "KELAS II", "KELAS III", "ICU")
CLINICS = ("PENYAKIT DALAM", "SARAF", "JANTUNG", "MATA", "BEDAH", "ANAK", "OBGYN")


@pytest.fixture
def city():
    """The configuration as shipped, without its screens: they show pages that are not served here."""
    return load_config(ROOT / "config.yaml", args_of, {"SIMULATION_SECRET": "x" * 40}).model_copy(
        update={"screens": {}}
    )


def beds(at, hospital, free=12, total=82):
    """The free beds of a hospital by class, written down at ``at``."""
    values = {"hospital_beds": total, "hospital_beds_free": free, "hospital_beds_occupied": total - free}
    return [
        Observation(metric=name, at=at, value=value, place=hospital, category=sort, channel=sort, simulated=True)
        for name, value in values.items()
        for sort in CLASSES
    ]


def queue(city, place, clinic, entries, seconds):
    """A clinic's queue of today: ``entries`` patients who spent ``seconds`` each in every task."""
    at = day_start(local_day(now(), city.region.zone), city.region.zone)
    values = {f"hospital_wait_task{task}_total_s": entries * seconds * task for task in range(1, 7)}
    return [
        Observation(metric=name, at=at, value=value, place=place, category=clinic)
        for name, value in ({"hospital_queue_entries": entries} | values).items()
    ]


def memo(number, agency, hours):
    """A memo opened ``hours`` ago, which moves on after 3, 9 and 27 hours."""
    opened = now() - timedelta(hours=hours)
    steps = [("received", 0), ("disposition", 3), ("signature", 9), ("done", 27)]
    events = tuple(CaseEvent(opened + timedelta(hours=h), stage, agency) for stage, h in steps if h <= hours)
    closed = opened + timedelta(hours=27) if hours >= 27 else None
    return Case(key=f"N-{number}", kind="memo", opened_at=opened, due_at=opened + timedelta(hours=26), closed_at=closed,
                status="done" if closed else "received", agency=agency, priority="biasa", events=events)  # fmt: skip


def fill(screen):
    """A day of a city with four hospitals, one of which has not written down its beds since the morning."""
    city, at = screen.config, now()
    ages = (timedelta(minutes=6), timedelta(minutes=25), timedelta(minutes=70), timedelta(hours=7))
    screen.save(*(one for place, age in zip(HOSPITALS, ages, strict=True) for one in beds(at - age, place)),
                source="aplicares")  # fmt: skip
    rows = [queue(city, place, clinic, 1 + 30 * index, 300 + 20 * index)
            for place in HOSPITALS for index, clinic in enumerate(CLINICS)]  # fmt: skip
    screen.save(*(one for row in rows for one in row), source="antrean_rs")
    hours = [at - timedelta(hours=hour) for hour in range(20)]
    waits = [Observation(metric="hospital_waiting_minutes", at=when, value=40 + 3 * index, place=HOSPITALS[0])
             for index, when in enumerate(hours)]  # fmt: skip
    screen.save(*waits, source="rumah_sakit")
    agencies = [agency.code for agency in city.region.agencies]
    memos = [memo(number, agencies[number % 12], 1 + number % 70) for number in range(400)]
    screen.save(*memos, source="sipadek")
    fevers = [Observation(metric="dengue_cases", at=at - timedelta(hours=3), value=value, district=district.code)
              for value, district in enumerate(city.region.districts)]  # fmt: skip
    screen.save(*fevers, source="dbd")
    people = {"population": 654_700, "jkn_members": 653_400, "jkn_active": 533_900}
    screen.save(*(Observation(metric=name, at=at - timedelta(hours=3), value=value) for name, value in people.items()),
                source="kepesertaan")  # fmt: skip
    air = {"air_ispu": 62, "hot_spots": 3}
    screen.save(*(Observation(metric=name, at=at - timedelta(minutes=20), value=value, place="Pos Simulasi Udara")
                  for name, value in air.items()), source="udara")  # fmt: skip
    screen.save(source="puskesmas")


def test_a_mean_weighs_each_patient_alike_and_not_each_clinic(engine, city):
    screen = Screen(engine, city, load_page(ROOT / "layouts/health.yaml", city))
    rows = [queue(city, "RS A", "SARAF", 10, 600), queue(city, "RS A", "MATA", 30, 200)]
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
def test_both_scenes_fit_one_screen_and_every_word_of_them_can_be_read(engine, database, city, browser):
    layouts = [ROOT / f"layouts/{name}.yaml" for name in ("health", "memos")]
    for layout in layouts:
        screen = Screen(engine, city, load_page(layout, city))
        fill(screen)
        with engine.connect() as connection:
            screen.publisher.publish(connection, screen.publisher.items)
    with screens.serving(city, layouts, database.web_url) as served:
        page = browser.new_page(viewport={"width": 1920, "height": 1080})
        for layout in reversed(layouts):
            page.goto(f"{served.url}/wall/{layout.stem}")
            expect(page.locator("#page #link")).to_have_text("Tersambung", timeout=20_000)
            expect(page.locator("#page .pn:is(.failed, .waiting)")).to_have_count(0, timeout=20_000)
            page.evaluate("document.fonts.ready")
            assert illegible(page) == []
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
