"""Every page in Indonesian and in English, of the same city at the same moment: no word of one in the other."""

import io
import re
from collections.abc import Iterator
from datetime import date, timedelta
from functools import lru_cache
from html.parser import HTMLParser
from types import SimpleNamespace

import openpyxl
import pytest
from dash import html
from dash.development.base_component import Component

from city import forms, paired
from city.queries import Queries
from city.store import Store
from dashboard import form_page, form_told, guard, kpi_words, punctual, screens_page, states, workbook
from dashboard.app import VERSION
from dashboard.desk import bar, shell
from dashboard.kpi_page import Kpi
from dashboard.page import load_page
from dashboard.pair_page import _TEXTS, PairPage
from dashboard.prerender import html_of
from dashboard.publish import Publisher
from dashboard.replay_page import scene as replayed
from dashboard.rollcall import Health, Report, Screen
from dashboard.source_detail import draw as drawn_detail
from dashboard.sources import draw as drawn_sources
from dashboard.speech import catalogue, speech
from dashboard.states import CITY
from dashboard.wall import Wall, draw
from dashboard.words import Words
from tests.builders import NOW
from tests.dashboard import busy_city
from tests.dashboard.test_sources_page import NOTES

LANGUAGES = ("id", "en")
SCENES = sorted((busy_city.ROOT / "layouts").glob("*.yaml"))
#: What is written alike in both languages, and why. Names of the settings are known without it.
ALIKE = {
    "Kendali": "the product's own name",
    "RS": "in the names of the hospitals of the source",
    "Simulasi": "in the names of the hospitals of the source",
    "Melati Anggrek Kenanga Pos Kota Muaro Jambi Batang Hari": "places, as their sources call them",
    "VIP ICU KELAS Saraf Mata Bedah SARAF MATA BEDAH": "classes and clinics, as their sources call them",
    "BMKG BPJS JKN PBG PetaBencana id": "bodies that are sources",
    "Open JSON HTTP SQL CKAN XLSX CSV MB": "formats and units of machines",
    "I II III IV": "numerals",
    "i": "on the button of a definition",
    "M": "magnitude of a quake",
    "WIB WITA WIT": "the zones of Indonesia, whatever is spoken",
    "mm cm m km kali": "units of measure",
    "C": "degrees",
    "K": "before the number of an error",
    "v": "before the number of the version",
    "wall": "part of an address",
    "median total target": "the same word",
    "Jan Feb Mar Apr Jun Jul Sep Nov November": "months with the same name",
    "Normal Target": "the same word",
}
_ALIKE = {word for words in ALIKE for word in words.split()}
_WORD = re.compile(r"[^\W\d_]+")
_SAID = frozenset(
    """aria-label title alt placeholder aria-valuetext data-title data-place data-failure data-partial
    data-label data-play data-pause data-date data-time data-thinned data-lost""".split()
)


class Texts(HTMLParser):
    """What can be read or heard in HTML."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.found += [value for name, value in attrs if name in _SAID and value]

    def handle_data(self, data):
        self.found.append(data)


def texts(page: str) -> set[str]:
    """The texts of a page that have letters."""
    return {" ".join(text.split()) for text in Texts(page).found if _WORD.search(text)}


def names(config) -> list[str]:
    """What the settings call things, the longest first."""
    region = config.region
    terms = [name for part in (region.districts, region.agencies, region.categories) for one in part
             for name in (one.name, one.code, *one.aliases)]  # fmt: skip
    sources = [name for key, one in config.sources.items() for name in (one.title, one.owner, key) if name]
    forms_ = [column.title for form in forms.of(config).values() for column in form.metrics.values()]
    own = [one.title for one in config.metrics.values() if one.title] + [stage.word for stage in config.stages]
    on_maps = [word for one in region.districts for word in one.name.split()]  # a line each, where a name is long
    found = {*terms, *on_maps, *sources, *forms_, *own, *config.metrics, *(path.stem for path in SCENES)}
    found |= {region.name, region.room, *busy_city.HOSPITALS}
    return sorted(filter(None, found), key=len, reverse=True)


@lru_cache(maxsize=8)
def _names(known: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, known))})(?!\w)", re.IGNORECASE)


def bare(text: str, known: list[str]) -> list[str]:
    """The words of a text that are no name of the settings and not alike by nature."""
    return [word for word in _WORD.findall(_names(tuple(known)).sub(" ", text)) if word not in _ALIKE]


@lru_cache(maxsize=2)
def vocabulary(side: str) -> set[str]:
    """The words that only one language uses, by the catalogue."""
    of = {"id": set[str](), "en": set[str]()}
    for one in catalogue("en"):
        if one.id:
            of["id"] |= words_in([one.id] if isinstance(one.id, str) else one.id)
            of["en"] |= words_in([one.string] if isinstance(one.string, str) else one.string)
    other = "en" if side == "id" else "id"
    return {word for word in of[side] - of[other] if len(word) > 2}


def words_in(found) -> set[str]:
    return {word.lower() for text in found for word in _WORD.findall(re.sub(r"\{\w*\}", " ", text))}


def untranslated(both: dict[str, set[str]], known: list[str]) -> list[str]:
    """Texts that are the same in both languages, and words of one language in the other."""
    same = [text for text in both["id"] & both["en"] if bare(text, known)]
    mixed = [f"{language}: {text}" for language, other in (("id", "en"), ("en", "id")) for text in both[language]
             if {word.lower() for word in bare(text, known)} & vocabulary(other)]  # fmt: skip
    return sorted({*same, *mixed})


def agree(both: dict[str, set[str]], city) -> None:
    found = untranslated(both, names(city["id"][0]))
    assert not found, "\n".join(found)


@pytest.fixture(scope="module")
def city(shared_engine):
    """What the publisher shows of one filled city, in each language: language -> (config, pages, states)."""
    found, clock = {}, lambda: NOW
    busy_city.fill(Store(shared_engine, busy_city.config("id"), clock), busy_city.config("id"), NOW)
    for language in LANGUAGES:
        config = busy_city.config(language)
        pages = [load_page(path, config) for path in SCENES]
        publisher = Publisher(shared_engine, config, pages, Queries(shared_engine, config, clock), clock)
        with shared_engine.connect() as connection:
            publisher.restore()
            publisher.publish(connection, publisher.items)
        shown = {
            name: states.current(shared_engine, config.region.code, name) for name in (*(p.name for p in pages), CITY)
        }
        found[language] = (config, pages, shown)
    return found


def by_language(draw_one) -> dict[str, set[str]]:
    return {language: texts(draw_one(language)) for language in LANGUAGES}


@pytest.mark.parametrize("number", range(len(SCENES)), ids=[path.stem for path in SCENES])
def test_a_scene_is_all_english_or_all_indonesian(city, number):
    def drawn(language):
        config, pages, shown = city[language]
        return html_of(draw(Wall(pages[number].name, (pages[number],)), shown, config, version=VERSION, insecure=True))

    both = by_language(drawn)
    agree(both, city)
    assert min(map(len, both.values())) > 40, "the scene is filled"


def test_every_panel_of_every_scene_has_something_to_say(city):
    _, pages, shown = city["en"]
    empty = {"No data yet", "no cases yet", "No forecast yet", "Nothing is overdue", "This panel cannot be computed"}
    for page in pages:
        for name, state in shown[page.name].items():
            assert not (texts(html_of(state["body"])) & empty or state["missing"]), f"{page.name}/{name}"


def test_a_scene_without_any_data_is_translated_too(city):
    for number, page in enumerate(city["id"][1]):
        both = {}
        for language in LANGUAGES:
            config, pages, _ = city[language]
            failed = {
                "missing": True,
                "failure": {"text": "SIKESAL", "tries": 2},
                "stale_after_s": 1,
                "expires_after_s": 2,
            }
            shown = dict.fromkeys(pages[number].panels, failed)
            both[language] = texts(
                html_of(draw(Wall(page.name, (pages[number],)), {page.name: shown}, config, version=VERSION))
            )
        agree(both, city)


def test_the_pages_of_the_sources_are_translated_with_everything_that_can_be_wrong(shared_engine, city):
    def drawn(language):
        config = city[language][0]
        queries, words = Queries(shared_engine, config, lambda: NOW), Words(config)
        found = queries.source_health()
        pages = [drawn_sources(found, found[0].state.name, html_of(()), words, NOW)]
        for one in found:
            told = SimpleNamespace(**{name: getattr(one, name) for name in dir(one) if not name.startswith("_")})
            told.notes = {name: part for name, part in NOTES.items() if name in ("changes", "implausible")}
            told.missing, told.withdrawn = 3, 2
            pages.append(drawn_detail(told, queries.source_runs(one.state.name), queries.metrics, words, NOW))
        pages.append(punctual.draw(found, words, NOW, "x"))
        book = openpyxl.load_workbook(io.BytesIO(punctual.workbook(found, words, NOW)))
        pages += [html.P(sheet.title) for sheet in book]
        cells = [cell for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row]
        pages += [html.P(cell) for cell in cells if isinstance(cell, str)]
        return html_of(pages)

    # What a collector says of a fault is the technician's sentence: English, as it is in the database.
    technical = re.compile(
        r"no answer in time|^kondisi$|^status_lampu$|^id_tiang$|^catatan$|^jenis$|redup|tanggo", re.I
    )
    both = {
        language: {text for text in found if not technical.search(text)}
        for language, found in by_language(drawn).items()
    }
    agree(both, city)


def test_the_scorecard_is_translated_in_every_period_and_with_whatever_is_missing(shared_engine, city):
    def drawn(language):
        config = city[language][0]
        # Without the region's own titles, which are the words of many a text.
        goals = tuple(goal.model_copy(update={"title": None, "field": "PUPR"}) for goal in config.scorecard.goals)
        config = config.model_copy(update={"scorecard": config.scorecard.model_copy(update={"goals": goals})})
        page, words = Kpi(Queries(shared_engine, config, lambda: NOW)), Words(config)
        whys = [html.P(words.t(text)) for said in (kpi_words.WHY, kpi_words.BECAUSE) for text in said.values()]
        return html_of([*(page.draw(f"?period={kind}&at=2026-11-10") for kind in kpi_words.KINDS), *whys])

    agree(by_language(drawn), city)


def test_desks_screens_and_replay_are_translated(city):
    report = Report(
        "a1b2c3d4e5f60718", "1", "overview", ["overview"], "overview", "x", 7, 1920, 1080, False, 20.0, 9.0, 48_000_000
    )

    def drawn(language):
        config, pages, _ = city[language]
        words = Words(config)
        rolls = [
            Screen("a1b2c3", "1", "", health, report, NOW - timedelta(seconds=40), False, False, health is Health.GOOD)
            for health in Health
        ]
        desks = [(f"/{name}", words.t(title)) for name, title in (("sources", "Sumber"), ("screens", "Layar"))]
        titles = {page.name: page.title for page in pages}
        return html_of([
            *screens_page.draw(rolls, {"screens_expected": 2, "screens_seen": 1}, "x", words, NOW),
            *screens_page.draw([], {}, "x", words, NOW), shell("sources", words, desks),
            *(replayed(page, titles, config, words, VERSION) for page in pages),
        ])  # fmt: skip

    both = by_language(drawn)
    addresses = re.compile(r"^/wall/\w+$|^overview$|^x$|a1b2c3")
    both = {language: {text for text in found if not addresses.search(text)} for language, found in both.items()}
    agree(both, city)


def test_the_page_of_a_new_screen_is_translated_however_it_stands(city):
    for standing in _TEXTS:
        pairing = SimpleNamespace(code=lambda token: "1234", standing=lambda token, standing=standing: standing)

        def drawn(language, pairing=pairing):
            return PairPage(pairing, Words(city[language][0])).html({"headers": []}).decode()

        both = {
            language: {text for text in found if "Kendali" not in text}
            for language, found in by_language(drawn).items()
        }
        agree(both, city)
    assert paired.WAITING in _TEXTS


#: What can be wrong with a cell (collectors/manual.py).
CODES = ("not_a_number", "person", "below_min", "above_max", "jump", "unknown_row", "unknown_metric")


@pytest.mark.parametrize("decimal", [".", ","])
def test_forms_and_their_templates_are_translated_with_every_complaint(city, decimal):
    def drawn(language):
        config = city[language][0]
        words, (form,) = Words(config), forms.of(config).values()
        form.args = form.args.model_copy(update={"decimal": decimal})
        day = date(2026, 11, 1)
        one = {"row": "Kota Jambi", "limit": 5.0, "problem": ""}
        problems = [
            one | {"metric": f"m{at}", "code": code, "confirm": code == "jump"} for at, code in enumerate(CODES)
        ]
        said = form_told.at_cells(problems, {}, form, {}, words)
        answers = ((503, "", {}), (422, "", said), (422, "at", {}), (422, "entered_by", {}), (400, "", {}))
        told = [form_told.summary(status, {"field": field}, found, form, {}, words) for status, field, found in answers]
        told += [text for _, text in said.values()] + [form_told.saved({"saved": 1, "revised": 2}, NOW, words)]
        parts = {"table": form_page.table(form, {}, {}, words), "history": form_page.history(form, [], words, NOW)}
        page = form_page.draw(form, day, parts, words, bar(words, [("/", words.t("Dinding"))], "/", NOW))
        return html_of([page, *map(html.P, told), *sheet(form, day, words)])

    def sheet(form, day, words) -> Iterator[Component]:
        book = openpyxl.load_workbook(io.BytesIO(workbook.template(form, day, {}, words)))
        yield html.P(book.active.title)
        yield from (html.P(str(cell)) for row in book.active.iter_rows(values_only=True) for cell in row if cell)
        yield from (html.P(rule.error) for rule in book.active.data_validations.dataValidation)

    both = by_language(drawn)
    both = {
        language: {text for text in found if text != "jkn_coverage" and text != "jkn_active"}
        for language, found in both.items()
    }
    agree(both, city)


def test_a_template_in_one_language_is_read_on_a_page_in_either(city):
    made = {language: Words(city[language][0]) for language in LANGUAGES}
    (form,) = forms.of(city["id"][0]).values()
    day, standing = date(2026, 11, 1), {("Kota Jambi", "jkn_active"): 81.5}
    for language in LANGUAGES:
        content = workbook.template(form, day, standing, made[language])
        assert workbook.read(content, made[language])[1] == standing
    assert workbook.read(workbook.template(form, day, standing, made["id"]), made["en"])[1] == standing


def test_refusals_are_said_in_the_regions_language():
    for told in (*guard._WORDS.values(), guard._NOT_ALLOWED):
        assert speech("en").t(told) != told


def test_a_word_that_nobody_translated_would_be_found(city):
    known = names(city["id"][0])
    for indonesian, english, found in (
        ("Ada yang lupa", "Ada yang lupa", ["Ada yang lupa", "en: Ada yang lupa"]),
        ("SIKESAL 3 mnt", "SIKESAL lewat tenggat", ["en: SIKESAL lewat tenggat"]),
        ("Warning terbuka", "Open warnings", ["id: Warning terbuka"]),
        ("Alam Barajo, PUPR, ICU", "Alam Barajo, PUPR, ICU", []),
    ):
        assert untranslated({"id": {indonesian}, "en": {english}}, known) == found
    assert texts('<p title="Judul">Satu <b>dua</b></p>12.05<img alt="tiga">') == {"Judul", "Satu", "dua", "tiga"}
