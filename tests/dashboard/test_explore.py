"""The parts of /explore, drawn: links that narrow, numbers with what they rest on, nothing that is not there."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from html import unescape

import pytest

from city.explored import explore
from city.model import Status
from city.queries import Queries
from city.selection import read
from city.store import Store
from dashboard import explore_charts, explore_filters, explore_more, explore_numbers, explore_page, explore_series
from dashboard.prerender import html_of
from dashboard.words import Words
from tests.builders import NOW, case, clock, config, own_region, save

TODAY = date(2026, 11, 24)


@pytest.fixture(scope="module")
def reader(shared_engine):
    """Ten weeks of a complaint a day; seven of ten about roads, of which four were closed."""
    settings = config(region=config().region.model_dump() | {"code": own_region()["code"]})
    cases = [
        case(f"A-{day}", opened_at=NOW - timedelta(days=day, hours=6), category="jalan" if day % 10 < 7 else None,
             district="15.71.07", agency="pupr", status=Status.DONE if day < 4 else Status.RECEIVED,
             due_at=NOW - timedelta(days=day - 2),
             closed_at=NOW - timedelta(days=day, hours=1) if day < 4 else None)
        for day in range(70)
    ]  # fmt: skip
    save(Store(shared_engine, settings, clock()), *cases)
    return Queries(shared_engine, settings, clock())


def found(reader, query):
    with ThreadPoolExecutor(4) as pool:
        return explore(reader, read(query, reader.config, TODAY), pool)


def drawn(part):
    return unescape(html_of(part))


def test_a_bar_links_to_its_category_and_the_chosen_one_back_to_all(reader):
    words = Words(reader.config)
    one = drawn(explore_charts.pareto(found(reader, "period=30d"), words))
    assert "category=jalan" in one and "category=~" in one and "Tanpa kategori" in one
    chosen = drawn(explore_charts.pareto(found(reader, "period=30d&category=jalan"), words))
    assert "category=jalan" not in chosen and "pr on" in chosen


def test_the_line_of_four_fifths_is_drawn_once_where_they_are_reached(reader):
    shown = drawn(explore_charts.pareto(found(reader, "period=30d"), Words(reader.config)))
    assert shown.count(" cut") == 1
    assert shown.index("Jalan berlubang") < shown.index(" cut")


def test_a_day_of_the_line_narrows_to_it_and_a_whole_period_of_one_day_does_not(reader):
    words = Words(reader.config)
    days = drawn(explore_series.draw(found(reader, "period=7d"), words))
    assert "from=2026-11-20&to=2026-11-20" in days
    assert 'class="dot op"' in days  # today has not ended
    assert "from=" not in drawn(explore_series.draw(found(reader, "from=2026-11-20&to=2026-11-20"), words))


def test_a_share_of_too_few_is_not_told(reader):
    shown = drawn(explore_numbers.draw(found(reader, "period=30d"), Words(reader.config)))
    assert "n=4" in shown and "terlalu sedikit" in shown and "%" not in shown.split("Lewat")[0]


def test_numbers_are_held_against_the_other_period_and_against_all(reader):
    shown = drawn(
        explore_numbers.draw(found(reader, "period=30d&category=jalan&compare=previous"), Words(reader.config))
    )
    assert "±0 dari 21, 70% dari 30" in shown


def test_the_map_tells_every_district_and_links_to_it(reader):
    shown = drawn(explore_more.districts(found(reader, "period=30d"), reader.config, Words(reader.config)))
    assert "district=15.71.07" in shown and "district=15.71.05" in shown


def test_too_few_closed_have_no_curve(reader):
    shown = drawn(explore_more.durations(found(reader, "period=30d"), Words(reader.config)))
    assert "terlalu sedikit untuk median" in shown and "<path" not in shown


def test_an_option_that_is_chosen_is_taken_away_and_others_are_added(reader):
    words, seen = Words(reader.config), found(reader, "period=30d&category=jalan")
    shown = drawn(explore_filters.bar(seen, seen.selection, reader.config, TODAY, words))
    assert 'aria-checked="true"' in shown and "category=jalan,~" in shown
    assert "Hapus filter" in shown
    assert "Prioritas" not in shown  # complaints have none


def test_an_address_that_is_not_understood_is_told_and_the_rest_is_shown(reader):
    page = explore_page.Explore(lambda: reader)
    shown = "".join(map(drawn, page.draw("?category=jalann&period=30d")))
    assert '"jalann" tidak dikenal dan diabaikan.' in shown
    assert "Maksud Anda Jalan berlubang?" in shown and "Kasus per hari" in shown


def test_every_number_has_its_definition_over_what_is_looked_at(reader):
    shown = drawn(explore_numbers.draw(found(reader, "period=30d&category=jalan"), Words(reader.config)))
    told = re.findall(r'data-definition="(\w+)\?([^"]*)"', shown)
    assert [name for name, _ in told] == [
        f"complaints_{measure}" for measure in ("opened", "on_time_ratio", "time_to_close", "overdue", "reopened")
    ]
    assert all("category=jalan" in query and "from=" in query for _, query in told)


def test_cases_of_patients_are_not_taken_apart(shared_engine):
    sources = {"kapitasi": {"collector": "csv_file", "kind": "claim"}}
    queries = Queries(shared_engine, config(sources=sources, region=own_region()), clock())
    shown = "".join(map(drawn, explore_page.Explore(lambda: queries).draw("?kind=claim&period=30d")))
    assert "Kasus kesehatan tidak didaftar satu per satu" in shown and "<svg" not in shown.partition("<p")[2]
    assert 'href="/explore?kind=complaint' in shown


def test_nothing_that_matches_says_how_to_go_on(reader):
    page = explore_page.Explore(lambda: reader)
    shown = "".join(map(drawn, page.draw("?category==Belum+pernah&period=30d")))
    assert "Tidak ada kasus yang cocok" in shown and "hapus semua filter" in shown


def test_one_reading_serves_all_who_look_at_the_same(reader):
    at = [0.0]
    page = explore_page.Explore(lambda: reader, clock_s=lambda: at[0])
    one = read("period=30d", reader.config, TODAY)
    first = page._read(reader, one)
    assert page._read(reader, one) is first
    at[0] = explore_page.SHARED_S + 1
    assert page._read(reader, one) is not first
