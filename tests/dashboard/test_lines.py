"""The arithmetic of a line: round ticks, places, steps, bands, and gaps that are never joined or drawn as zero."""

from datetime import date, datetime

import pytest

from dashboard import lines
from dashboard.lines import Scale, band_of, hours_so_far, running, tick_text, ticks, weekday_band, with_rows
from tests.dashboard.look import WORDS, reading

TEN = Scale([0.0, 5.0, 10.0], [0.0, 0.25, 0.5, 0.75])


@pytest.mark.parametrize(
    ("top", "found"),
    [
        (-5, [0, 1]),
        (0, [0, 1]),
        (0.4, [0, 0.2, 0.4]),
        (0.9, [0, 0.5, 1]),
        (1, [0, 1]),
        (3, [0, 1, 2, 3]),
        (10, [0, 5, 10]),
        (12, [0, 5, 10, 15]),
        (41, [0, 20, 40, 60]),
        (1234, [0, 500, 1000, 1500]),
        (10_000_000, [0, 5_000_000, 10_000_000]),
    ],
)
def test_ticks_are_round_and_from_one_on_whole(top, found):
    assert ticks(top) == pytest.approx(found)


def test_zero_lies_on_the_axis_and_the_last_tick_at_the_top():
    assert [TEN.y(value) for value in (0, 5, 10)] == [1000, 500, 0]


def test_a_line_joins_the_places_of_its_values():
    assert TEN.line([0, 5, 10, 2.5]) == ["M0.0 1000.0L250.0 500.0L500.0 0.0L750.0 750.0"]


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ([5, 5, None, 5], ["M0.0 500.0L250.0 500.0", "M750.0 500.0L750.0 500.0"]),
        ([None, 5, 5, None], ["M250.0 500.0L500.0 500.0"]),
        ([None, None, 5, 10], ["M500.0 500.0L750.0 0.0"]),
        ([None, None, None, None], []),
        ([], []),
    ],
)
def test_an_unknown_value_is_a_gap_and_no_zero(values, found):
    assert TEN.line(values) == found
    assert not any(" 1000.0" in run for run in found)


def test_a_known_zero_is_drawn_on_the_axis():
    assert TEN.line([5, 0]) == ["M0.0 500.0L250.0 1000.0"]


def test_a_line_from_a_later_point_keeps_the_places_of_the_whole():
    assert TEN.line([5, 5, 10, 10], first=2) == ["M500.0 0.0L750.0 0.0"]


def test_a_count_climbs_in_steps_first_across_then_up():
    assert TEN.line([0, 5, 10], step=True) == ["M0.0 1000.0H250.0V500.0H500.0V0.0"]


def test_a_band_is_a_closed_outline_high_edge_first_and_back_along_the_low_one():
    assert TEN.band([(0, 5), (5, 10)], False) == ["M0.0 500.0L250.0 0.0L250.0 500.0L0.0 1000.0Z"]


def test_a_band_breaks_where_there_is_no_history():
    found = TEN.band([(0, 5), (0, 5), None, (0, 5)], False)
    assert found == ["M0.0 500.0L250.0 500.0L250.0 1000.0L0.0 1000.0Z"], "a single bucket has no width"


def test_the_band_of_a_whole_day_reaches_beyond_the_present():
    (outline,) = Scale([0, 10], [0, 0.1]).band([(0, 5)] * 25, True)
    assert "L500.0 500.0" in outline and "L1000.0 500.0L1000.0 1000.0" in outline


def test_an_unknown_hour_adds_nothing_to_the_total_and_does_not_undo_it():
    assert running([2, None, 3, 0]) == [2, 2, 5, 5] and running([]) == []


def test_the_hours_of_today_end_at_the_present():
    assert hours_so_far(3, 2.5 / 24) == pytest.approx([0, 1 / 24, 2 / 24, 2.5 / 24])
    assert hours_so_far(0, 0.0) == [0]


# what is usual


def test_the_band_of_a_weekday_looks_at_the_same_weekday_only():
    mondays = [10, 20, 30, 40, 50]
    values = [size for monday in mondays for size in (monday, *[999] * 6)]
    # 10th and 90th percentile of five values, linear: positions 0.4 and 3.6.
    assert weekday_band([*values, 70], 35) == pytest.approx((14, 46))


def test_an_unknown_week_is_left_out_and_is_no_zero():
    values = [size for monday in (10, None, 10, 10, 10) for size in (monday, *[0] * 6)]
    assert weekday_band([*values, 70], 35) == (10, 10)
    assert weekday_band([*values[7:], 70], 28) is None, "three known weeks are too few"
    quiet = [0 if value is None else value for value in values]
    assert weekday_band([*quiet, 70], 35) == pytest.approx((4, 10)), "a known zero is a quiet week and counts"


def test_a_value_never_counts_for_its_own_band_nor_one_after_it():
    values = [size for monday in (5, 5, 5, 5) for size in (monday, *[0] * 6)]
    assert weekday_band([*values, 1000, *[0] * 6, 1000], 28) == (5, 5)


def test_the_band_of_today_begins_at_zero_and_needs_four_days():
    days = [[1.0, 2.0]] * 4
    assert band_of(days) == [(0, 0), (1, 1), (2, 2)]
    assert band_of(days[:3]) == [] and band_of([]) == [] and band_of([[], *days[:3]]) == []


def test_days_before_the_first_case_are_no_quiet_days():
    days, before = [[4.0, 8.0]] * 4, [[0.0, 0.0]] * 3
    assert band_of([*days, *before]) == [(0, 0), (4, 4), (8, 8)]
    # A quiet day in between is a quiet day: percentiles of 0, 4, 4, 4, 4 and 0, 8, 8, 8, 8.
    assert band_of([days[0], [0.0, 0.0], *days[1:], *before]) == [
        (0, 0),
        pytest.approx((1.6, 4)),
        pytest.approx((3.2, 8)),
    ]


def test_the_band_is_as_long_as_the_shortest_day():
    assert len(band_of([[1.0] * 24, [1.0] * 23, [1.0] * 24, [1.0] * 25])) == 24, "zero and 23 hours"


# small things


@pytest.mark.parametrize(
    ("value", "unit", "shown"),
    [
        (0, "hours", "0"),
        (1.5, "hours", "1 j"),
        (110, "minutes", "110"),
        (50, "minutes", "50"),
        (3, "days", "3 hr"),
        (0.817, "ratio", "82%"),
        (0, "ratio", "0%"),
        (1500, "cases", "1.500"),
        (0.2, "m", "0,2"),
    ],
)
def test_a_tick_has_one_unit_at_most(value, unit, shown):
    assert tick_text(value, unit, WORDS) == shown


def test_a_bucket_is_a_local_day_as_text_or_as_a_moment():
    days = [lines.bucket_day(bucket) for bucket in ("2026-11-24T00:00:00+07:00", datetime(2026, 11, 24, 23))]
    assert days == [date(2026, 11, 24)] * 2


def test_fewer_rows_leave_the_first_reading_as_it_was():
    whole = reading({"value": 1, "n": 1}, {"value": 2, "n": 1})
    cut = with_rows(whole, whole.rows[1:])
    assert (len(whole.rows), cut.rows, cut.as_of, cut.n) == (2, [{"value": 2, "n": 1}], whole.as_of, 2)
