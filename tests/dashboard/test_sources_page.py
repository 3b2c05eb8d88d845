"""The page of the sources, in a real Chromium: what is wrong comes first and is told; a source can be run on wish."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from city import database as city_database
from city.database import listen
from city.model import ChangedShape, Unreachable
from city.queries import Queries
from city.store import Store, Tally
from dashboard import sources
from dashboard.prerender import html_of
from dashboard.source_page import Sources
from tests import builders
from tests.dashboard import screens
from tests.dashboard.screens import Server, now

CHANGES = [
    {"field": "kondisi", "change": "new", "now": "text", "was": ""},
    {"field": "status_lampu", "change": "gone", "now": "", "was": "text"},
    {"field": "id_tiang", "change": "kind", "now": "text", "was": "number"},
    {"field": "catatan", "change": "empty", "now": "0.80", "was": "0.10"},
    {"field": "jenis", "change": "words", "now": "redup", "was": ""},
]
NOTES = {
    "changes": CHANGES,
    "warnings": ["RS Contoh: wrong key <b>"],
    "rejected": ["row 3: masuk: not a time"],
    "unknown": {"district": {"Mars": 2}},
    "implausible": [{"metric": "river", "place": "Tanggo Rajo", "what": "flat", "size": 7200}],
}


@pytest.fixture
def city(engine, tmp_path):
    """One source that is well, one whose rows changed, one that does not answer, one never read."""
    names = {"desk": "SIKESAL", "lamps": "Lampu jalan", "calls": "Panggilan 112", "water": "Kehilangan air"}
    sources = {name: {"collector": "csv_file", "kind": "complaint", "title": title, "owner": "Dishub"}
               for name, title in names.items()}  # fmt: skip
    config = builders.config(sources=sources)
    store = Store(engine, config, now)
    for name in ("desk", "lamps", "calls"):
        at = now() - timedelta(minutes=2)
        store.save(name, [builders.case(name)], started_at=at, finish=lambda: Tally(fetched=1))
    changed = ChangedShape("the rows have changed (+ kondisi)", where="lamps")
    store.fail("lamps", started_at=now(), error=changed, fetched=9, rejected=4, notes=NOTES)
    store.fail("calls", started_at=now(), error=Unreachable("no answer in time", where="calls"))
    return config


def words_of(engine, config, search=""):
    return html_of(Sources(engine, Queries(engine, config, now)).draw(search))


def test_problems_come_first_and_the_worst_is_shown_in_full(engine, city):
    text = words_of(engine, city)
    places = [text.index(f'source={name}"') for name in ("lamps", "calls", "water", "desk")]
    assert places == sorted(places)
    for told in (
        "hilang, dahulu teks", "angka menjadi teks", "kosong 10% menjadi 80%", "kata baru: redup", "baru: teks",
        "district: Mars (2)", "row 3: masuk: not a time", "river Tanggo Rajo: tidak berubah 2 j",
        "Terima susunan baru", "RS Contoh: wrong key &lt;b&gt;",
    ):  # fmt: skip
        assert told in text, told


def test_another_source_is_shown_by_its_address_and_an_unknown_one_is_no_error(engine, city):
    assert "Panggilan 112 tidak menjawab. " in words_of(engine, city, "?source=calls")
    assert "Lampu jalan mengubah susunan kolomnya. " in words_of(engine, city, "?source=nobody")


def test_what_is_not_there_is_a_dash_and_not_a_zero(engine, city):
    row = words_of(engine, city).split('source=water"')[1].split("</tr>")[0]
    assert row.count("–") == 5
    assert ">0<" not in row


def test_a_database_that_is_away_is_said(database, city):
    gone = city_database.engine(database.url.replace("/test_", "/gone_"))
    assert "basis data tidak menjawab" in html_of(Sources(gone, Queries(gone, city, now)).draw(""))


def test_everybody_who_looks_within_a_moment_shares_one_reading(engine, city):
    clock = [0.0]
    page = Sources(engine, Queries(engine, city, now), lambda: clock[0])
    before = html_of(page.draw(""))
    Store(engine, city, now).save("water", [builders.case("W")], started_at=now(), finish=lambda: Tally(fetched=1))
    assert (
        html_of(page.draw("")).split("Riwayat")[0].count("Belum ada")
        == before.split("Riwayat")[0].count("Belum ada")
        > 0
    )
    clock[0] += 3
    assert "Belum ada" not in html_of(page.draw(""))


def test_only_configured_sources_can_be_wished_for(engine, database, city):
    page = Sources(engine, Queries(engine, city, now))
    assert page.want("'; drop table cases; --", accept=True) == ""
    with listen(database.url, ("kendali_wanted",)) as heard:
        assert page.want("lamps", accept=True) == "Diminta; hasilnya tampak di sini."
        assert heard.wait(5) == [("kendali_wanted", {"region": "15.71", "source": "lamps", "accept": True})]


@pytest.fixture
def served(engine, city, database: city_database.Database, tmp_path: Path) -> Iterator[Server]:
    screens.wall(tmp_path, city)
    with screens.serving(city, tmp_path / "uji.yaml", database.web_url) as server:
        yield server


@pytest.fixture
def page(browser: Browser, served: Server) -> Iterator[Page]:
    opened = browser.new_page(viewport={"width": 1440, "height": 900})
    opened.said = []
    opened.on("console", lambda message: opened.said.append(message.text))
    opened.on("pageerror", lambda error: opened.said.append(str(error)))
    opened.goto(served.url + "/sources")
    opened.wait_for_selector(".srcs")
    yield opened
    opened.close()


@pytest.mark.browser
def test_a_wish_reaches_the_collectors_and_a_dead_server_is_noticed(page: Page, served: Server, database):
    assert page.inner_text(".det h2") == "Lampu jalan"
    assert page.evaluate("document.documentElement.scrollWidth") == 1440
    with listen(database.url, ("kendali_wanted",)) as heard:
        page.click("#source-accept")
        ((_, wish),) = heard.wait(5)
    assert wish == {"region": "15.71", "source": "lamps", "accept": True}
    expect(page.locator("#source-said")).to_have_text("Diminta; hasilnya tampak di sini.")
    page.click(".srcs >> text=Panggilan 112")
    expect(page.locator(".det h2")).to_have_text("Panggilan 112")
    expect(page.locator(".sheet")).to_have_class("sheet")
    assert page.said == [], "the console is silent"
    page.clock.install()
    served.stop()
    page.clock.fast_forward("00:20")
    expect(page.locator(".sheet")).to_have_class("sheet lost")
    expect(page.locator("#link")).to_contain_text("Terputus")


def test_no_other_part_of_the_product_styles_a_row_by_the_name_of_its_state():
    # `un` is a colour that every part of the product may take.
    words = {word for _, css in sources.STATES.values() for word in css.split()} - {"un"} | {"sel"}
    for sheet in Path("assets").glob("*.css"):
        bare = set(re.findall(r"(?:^|[},])\s*\.([\w-]+)\s*(?=[{,])", sheet.read_text(encoding="utf-8"), re.MULTILINE))
        assert not words & bare, f"{sheet.name}: .{words & bare} would change the table of the sources"
