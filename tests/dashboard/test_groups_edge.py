"""Bars and maps at their edges: nothing, one, zero, few, unknown places, and more groups than fit."""

import pytest

from dashboard.schematic import Picture
from tests.dashboard.look import classed, reading, text
from tests.dashboard.test_case_panels import flowing
from tests.dashboard.test_panels_edge import HUGE, LIMIT, groups, mapped, ranked, widths

# bars


def test_one_group_is_a_full_bar_and_zero_groups_are_no_rows():
    assert widths(ranked(groups(("pupr", 7), ("dlh", 0)))) == ["100.0%"]
    assert text(ranked(groups(("pupr", 0), ("dlh", None)))) == "belum ada kasus"


def test_many_groups_fold_into_one_row_that_says_how_many():
    found = groups(*((f"opd{at:02d}", 100 - at) for at in range(30)))
    assert text(ranked(found)).endswith(" 25 OPD lain 2.075"), "95 + 94 + ... + 71"
    assert text(ranked(groups(*((f"k{at}", 9) for at in range(7)), by="district"), by="district")).endswith(
        "2 kecamatan lain 18"
    )


def test_as_many_groups_as_fit_have_no_rest():
    assert "lain" not in text(ranked(groups(*((f"opd{at}", 9) for at in range(5)))))


def test_a_share_of_zero_is_shown_when_there_are_enough_cases():
    found = reading({"agency": "pupr", "value": 0.0, "n": 5}, unit="ratio")
    assert text(ranked(found, adds_up=False)) == "PUPR 0%" and widths(ranked(found, adds_up=False)) == ["0.0%"]


@pytest.mark.parametrize(("size", "css"), [(24, None), (25, "p3"), (40, "p2"), (HUGE, "p2")])
def test_a_bar_beyond_its_limit_is_coloured_with_its_mark(size, css):
    drawn = ranked(groups(("pupr", size)), limit=LIMIT)
    assert len(classed(drawn, "mk")) == bool(css) and (not css or classed(drawn, css))


def test_a_flow_without_movement_says_so_and_one_with_only_a_queue_is_shown():
    assert text(flowing()) == "belum ada kasus"
    drawn = flowing(("pupr", 12, 0, 0, 0, 12, 0), total=False)
    assert text(drawn).endswith("PUPR 0 0 12") and widths(drawn) == ["0.0%", "0.0%"]


def test_a_flow_puts_what_has_no_agency_last_and_folds_the_rest():
    rows = [(None, 99, 0, 0, 0, 99, 0), ("a", -3, 8, 0, 0, 5, 0), ("b", 4, 0, 0, 0, 4, 0), ("c", 5, 0, 2, 0, 3, 0)]
    assert text(flowing(*rows, rows=2, total=False)).endswith("a 8 0 5 b 0 0 4 2 OPD lain 0 2 102")


# map


def test_a_map_of_no_cases_shows_zero_everywhere_and_one_class():
    drawn = mapped()
    assert [text({"props": props}).split()[0] for props in classed(drawn, "ml")] == ["0"] * 3
    assert len(classed(drawn, "q1")) == 3 and text({"props": classed(drawn, "ramp")[0]}) == "0"
    assert "tanpa lokasi" not in text(drawn)


def test_cases_of_a_district_the_region_does_not_have_are_counted_as_without_a_place():
    assert "skematis, 1.005 tanpa lokasi" in text(mapped(("15.71.07", 3), ("99.99", 1000), (None, 5), ("", None)))


def test_a_region_without_districts_has_an_empty_map_and_loses_no_case():
    drawn = mapped(("15.71.07", 3), late=[("15.71.07", 1)], shapes=Picture({}, 1000.0, True))
    assert not classed(drawn, "kec") and "lewat tenggat (1)" in text(drawn) and "3 tanpa lokasi" in text(drawn)


def test_the_classes_of_a_map_are_labelled_without_gap_or_overlap():
    drawn = mapped(("15.71.05", 3), ("15.71.07", 18), ("15.71.11", 9))
    assert text({"props": classed(drawn, "ramp")[0]}) == "3–8 9–17 18+"


def test_a_map_without_a_second_metric_has_no_marks():
    drawn = mapped(("15.71.07", 3), late=[], asked=None)
    assert not classed(drawn, "mk") and "lewat tenggat" not in text(drawn)
