"""Mistakes that were found once by reading: each stays mended."""

from datetime import timedelta

import pytest

from city.judging import Judged
from dashboard import marks
from dashboard.panels import bars, table
from dashboard.reading import packed
from tests.builders import NOW
from tests.dashboard.look import WORDS, classed, parts, reading, text
from tests.dashboard.test_age_browser import frame, look, page  # noqa: F401 (a fixture)
from tests.dashboard.test_chart import buckets, chart, paths
from tests.dashboard.test_page import LAYOUT, mistakes
from tests.dashboard.test_stamps import found, panel, seen, source, stamper


def shape(drawn) -> dict:
    return next(part for part in parts(drawn) if part["props"].get("className") == "sh")


def test_square_triangle_and_diamond_differ_in_shape_and_not_in_colour_alone():
    assert shape(marks.mark(1, WORDS))["type"] == "Rect"
    assert shape(marks.mark(2, WORDS))["props"]["d"] != shape(marks.mark(3, WORDS))["props"]["d"]


def test_groups_that_are_all_too_small_for_a_median_are_counted_and_not_denied():
    rows = [{"agency": "pupr", "value": 4.0, "n": 4}, {"agency": "dlh", "value": 9.0, "n": 3}]
    loaded = {"readings": [reading(*rows, unit="hours")], "judged": Judged(), "adds_up": False}
    drawn = bars.draw(bars.Args(metric="complaints_time_to_close"), packed(loaded), WORDS)
    assert text(drawn) == "2 OPD lain: kurang dari 5 kasus"


def test_a_table_shows_no_percentage_of_fewer_than_five_cases():
    shares = reading({"category": "jalan", "value": 0.75, "n": 4}, unit="ratio")
    loaded = {"reading": shares, "judged": Judged(), "horizon_s": 14_400.0}
    drawn = table.draw(table.Args(metric="complaints_on_time_ratio"), packed(loaded), WORDS)
    assert "%" not in text(drawn)


def test_a_table_of_a_metric_without_groups_says_so():
    loaded = {"reading": reading(), "judged": Judged(), "horizon_s": 14_400.0}
    assert text(table.draw(table.Args(metric="complaints_open"), packed(loaded), WORDS))


def test_the_latest_share_of_two_cases_is_no_percentage():
    shares = buckets(0.9, 0.5, unit="ratio")
    shares.rows[-1]["n"] = 2
    (last,) = classed(chart(shares), "last")
    assert "%" not in last["children"]


def test_a_lone_known_day_is_drawn():
    assert all("L" in run or "Z" in run for run in paths(chart(buckets(12, None, 17, None, 18, 18)), "l1"))


def test_a_single_day_is_named_once():
    drawn = chart(buckets(7))
    assert [part["children"] for part in classed(drawn, "xt")] == ["24 Nov"]
    assert classed(drawn, "plot")[0]["aria-label"] == "Grafik 24 Nov, terakhir 7, tertinggi 24 Nov 7"


def test_a_failure_of_another_day_says_which_day():
    state = source(failures=900, since=NOW - timedelta(days=3), error_code="K-101")
    failure = stamper().stamp("overview", panel(), found(), seen(state))["failure"]
    assert "sejak 21 Nov 14.05" in failure["text"]


@pytest.mark.parametrize(
    ("old", "new"), [("[600,", "[-600,"), ("[600,", "[.inf,"), ("  rows:", "  gap: [-5, 0]\n  rows:")]
)
def test_a_size_that_no_screen_can_have_is_refused(tmp_path, old, new):
    assert mistakes(tmp_path, LAYOUT.replace(old, new, 1))


@pytest.mark.parametrize("areas", ["[header late, late open]", "[open late, late open]"])
def test_an_area_that_is_no_rectangle_is_refused(tmp_path, areas):
    assert mistakes(tmp_path, LAYOUT.replace("[. ., open late]", areas))


def test_a_panel_cannot_expire_before_it_is_stale(tmp_path):
    assert mistakes(tmp_path, LAYOUT.replace("stale_after: 5m", "stale_after: 5m\n    expires_after: 1m"))


@pytest.mark.parametrize("wrong", ["window: tody", "where: {distrik: a}"])
def test_a_window_or_a_filter_that_does_not_exist_is_refused_before_anything_starts(tmp_path, wrong):
    assert mistakes(tmp_path, LAYOUT.replace("label: Terbuka", f"label: Terbuka, {wrong}"))


def test_money_that_rounds_up_takes_the_next_size():
    assert (WORDS.money(999_999_999), WORDS.money(999_999)) == ("Rp1 M", "Rp1 jt")


def test_a_band_of_shares_without_width_is_one_share():
    assert WORDS.span((0.8, 0.8), "ratio") == "80%"


def test_the_header_forgets_the_oldest_panel_when_none_has_an_age(page):  # noqa: F811
    assert look(page, frame(60))["oldest"]
    assert look(page, frame(None))["oldest"] == ""
