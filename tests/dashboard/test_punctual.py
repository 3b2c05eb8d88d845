"""The report of punctuality per agency: what counts, who comes first; page and workbook, in two languages."""

import io
import zipfile
from datetime import date, timedelta
from pathlib import Path

import httpx
import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as some
from playwright.sync_api import Browser, expect

from city import database as city_database
from city.health import Health, SourceHealth
from city.queries import Queries
from city.sources import SourceState
from city.store import Store, Tally
from dashboard import punctual
from dashboard.prerender import html_of
from dashboard.source_page import REPORT, Sources
from dashboard.words import Words
from tests import builders
from tests.dashboard import screens
from tests.dashboard.screens import now

FIRST = date(2026, 10, 26)


def source(name, owner, shares, health=Health.GOOD):
    """A source with these shares of its days, oldest first."""
    state = SourceState(name=name, title=name.title(), stale_after=timedelta(1), expires_after=timedelta(2))
    known = [share for share in shares if share is not None]
    days = [(FIRST + timedelta(days=number), share, 1) for number, share in enumerate(shares)]
    return SourceHealth(
        state=state, health=health, collector="csv_file", owner=owner, every=timedelta(hours=1), days=days,
        punctual_ratio=sum(known) / len(known) if known else None, fetched=1, rejected=0, beats=True, notes={},
        changed_at=None, metrics=(),
    )  # fmt: skip


DISHUB = [source("lamps", "Dishub", [1, 0, 0.5], Health.LATE), source("buses", "Dishub", [None, 1, 1])]
DINKES = [source("beds", "Dinkes", [1, 1, 1])]
PAPER = [source("paper", "", [None, None, None], Health.NEVER)]
ALL = [*DINKES, *DISHUB, *PAPER]


def words(language="id"):
    return Words(builders.config(region=builders.config().region.model_dump() | {"language": language}))


def test_the_mean_is_over_the_days_known_of_all_sources_and_the_least_punctual_comes_first():
    first, second, last = punctual.agencies(ALL)
    assert (first.name, first.ratio, first.silent, first.good) == ("Dishub", 3.5 / 5, 1, 1)
    assert [share for _, share in first.days] == [1, 0.5, 0.75]
    assert (second.name, second.ratio, second.silent) == ("Dinkes", 1.0, 0)
    assert (last.name, last.ratio, [share for _, share in last.days]) == ("", None, [None] * 3)


shares = some.lists(some.none() | some.floats(0, 1), min_size=3, max_size=3)


@given(some.lists(some.tuples(some.sampled_from(["Dishub", "Dinkes", ""]), shares), min_size=1, max_size=6))
def test_every_source_is_in_one_agency_and_no_mean_leaves_the_range_of_its_days(made):
    found = [source(f"s{number}", owner, days) for number, (owner, days) in enumerate(made)]
    agencies = punctual.agencies(found)
    assert sorted(one.state.name for agency in agencies for one in agency.sources) == sorted(
        one.state.name for one in found
    )
    for agency in agencies:
        known = [share for one in agency.sources for _, share, _ in one.days if share is not None]
        assert (agency.ratio is None) == (not known)
        assert agency.ratio is None or min(known) - 1e-9 <= agency.ratio <= max(known) + 1e-9
    ratios = [agency.ratio for agency in agencies if agency.ratio is not None]
    assert ratios == sorted(ratios) and all(agency.ratio is None for agency in agencies[len(ratios) :])


def test_the_page_names_what_needs_attention_and_leaves_out_what_is_not_known():
    text = "".join(map(html_of, punctual.draw(ALL, words(), now(), REPORT)))
    rows = [part.split("</tr>")[0] for part in text.split("<tr")[2:]]
    assert "Dishub" in rows[0] and "1 dari 2 sumber" in rows[0] and "70,0%" in rows[0]
    assert 'href="?source=lamps"' in rows[0] and "terlambat" in rows[0] and "buses" not in rows[0]
    assert "tanpa pemilik" in rows[2] and rows[2].count("–") == 2 and "%" not in rows[2]
    assert "Semua OPD" in text and "3 pemilik, 4 sumber" in text


def test_both_languages_say_all_of_it():
    text = "".join(map(html_of, punctual.draw(ALL, words("en"), now(), REPORT)))
    for told in ("Punctuality by agency", "Download XLSX", "Needs attention", "1 of 2 sources", "late", "no owner",
                 "All agencies", "least punctual first", "Every source counts the same", "70.0%"):  # fmt: skip
        assert told in text, told
    for left in ("Laporan", "sumber", "pemilik", "tidak", "Tepat", "Hari ", "Semua"):
        assert left not in text, left


def test_the_workbook_holds_the_same_and_a_name_is_never_a_formula():
    book = openpyxl.load_workbook(io.BytesIO(punctual.workbook([*ALL, source("x", "=1+1", [1, 1, 1])], words(), now())))
    agencies, sources = ([[cell.value for cell in row] for row in sheet.iter_rows(min_row=3)] for sheet in book)
    assert book.sheetnames == ["Per OPD", "Per sumber"]
    assert agencies[:2] == [
        ["OPD atau pemilik", "Sumber", "Tepat waktu kini", "Tepat", "Hari tanpa kiriman"], ["Dishub", 2, 1, 0.7, 1],
    ]  # fmt: skip
    named = next(cell for row in book["Per OPD"].iter_rows() for cell in row if cell.value == "=1+1")
    assert named.data_type == "s", "a text, whatever it begins with"
    lamps = next(row for row in sources if row[1] == "Lamps")
    assert lamps == ["Dishub", "Lamps", "Terlambat", 0.5, 1, 0, 0.5]
    assert sources[0][4].date() == FIRST


def test_a_city_without_sources_of_a_past_still_has_its_workbook():
    assert openpyxl.load_workbook(io.BytesIO(punctual.workbook([], words(), now()))).sheetnames


@pytest.fixture
def city(engine):
    """A source in time and one never read, of two agencies."""
    sources = {name: {"collector": "csv_file", "kind": "complaint", "title": name.title(), "owner": owner}
               for name, owner in (("desk", "Diskominfo"), ("lamps", "Dishub"))}  # fmt: skip
    config = builders.config(sources=sources)
    Store(engine, config, now).save("desk", [builders.case()], started_at=now(), finish=lambda: Tally(fetched=1))
    return config


def test_a_database_that_is_away_is_said_in_place_of_the_report(database, city):
    gone = city_database.engine(database.url.replace("/test_", "/gone_"))
    page = Sources(gone, Queries(gone, city, now))
    assert "basis data tidak menjawab" in html_of(page.draw("?laporan=opd"))


@pytest.mark.browser
def test_from_the_page_of_the_sources_the_report_is_a_click_away_and_can_be_taken_along(
    browser: Browser, city, database: city_database.Database, tmp_path: Path
) -> None:
    screens.wall(tmp_path, city)
    with screens.serving(city, tmp_path / "uji.yaml", database.web_url) as server:
        page = browser.new_page(viewport={"width": 1440, "height": 900}, accept_downloads=True)
        said: list[str] = []
        page.on("console", lambda message: said.append(message.text))
        page.goto(server.url + "/sources")
        page.click("text=Laporan ketepatan per OPD")
        expect(page.locator(".rep tbody tr")).to_have_count(2)
        with page.expect_download() as got:
            page.click("text=Unduh XLSX")
        assert got.value.suggested_filename.startswith("ketepatan-20") and zipfile.is_zipfile(got.value.path())
        page.click("text=Semua sumber")
        expect(page.locator(".det h2")).to_be_visible()
        assert said == []
        assert httpx.get(server.url + REPORT).headers["content-type"].endswith("spreadsheetml.sheet")
        page.close()
