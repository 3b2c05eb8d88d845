"""A chart as drawn: axis texts, the unfinished bucket apart, gaps, the now-line and what a limit colours."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from city.limits import Limit
from city.model import Reading
from dashboard.panels import trend
from dashboard.reading import packed
from tests.builders import NOW
from tests.dashboard.look import WORDS, classed, parts, reading, stands, text

LATE = Limit(warn=25, breach=40)


def buckets(*values: Any, partial: bool = False, unit: str = "cases") -> Reading:
    """Daily values up to 24 November; ``partial``: the last day is unfinished."""
    first = datetime(2026, 11, 24, tzinfo=UTC) - timedelta(days=len(values) - 1)
    days = [(first + timedelta(days=at)).isoformat() for at in range(len(values))]
    rows = [{"bucket": day, "value": size, "n": 40, "partial": False} for day, size in zip(days, values, strict=True)]
    rows[-1]["partial"] = partial
    return reading(*rows, unit=unit)


def chart(found: Reading, band: Any = (), limit: Limit | None = None, kind: str = "gauge", **changes: Any) -> Any:
    args = {
        name: changes.pop(name)
        for name in ("cumulative", "window", "grain", "target", "target_label")
        if name in changes
    }
    last = found.rows[-1]["value"] if found.rows else None
    judged = stands(limit, last, changes.pop("direction", "lower"), changes.pop("since", NOW))
    loaded = {"reading": found, "band": list(band), "judged": judged, "kind": kind}
    loaded |= {"day": 0.5, "now": NOW} | changes
    return trend.draw(trend.Args(metric="complaints_overdue", **args), packed(loaded), WORDS)


def paths(drawn: Any, name: str) -> list[str]:
    return [props["d"] for props in classed(drawn, name) if "d" in props]


def texts(drawn: Any, name: str) -> list[str]:
    return [props["children"] for props in classed(drawn, name)]


def test_a_line_ends_before_the_room_for_its_latest_value():
    drawn = chart(buckets(0, 10))
    assert paths(drawn, "l1") == ["M0.0 1000.0L820.0 0.0"]
    assert paths(drawn, "ax") == ["M0 1000H820"] and paths(drawn, "g") == ["M0 500.0H820", "M0 0.0H820"]


def test_the_axis_is_as_high_as_the_band_when_that_is_higher_than_the_line():
    drawn = chart(buckets(1, 2), band=[(0.0, 12.0), (0.0, 12.0)])
    assert texts(drawn, "yt") == ["0", "5", "10", "15"]
    assert [props["style"]["bottom"] for props in classed(drawn, "yt")] == ["0.0%", "33.3%", "66.7%", "100.0%"]


def test_the_days_at_both_ends_are_named_in_indonesian():
    drawn = chart(buckets(*range(31)))
    assert texts(drawn, "xt") == ["25 Okt", "24 Nov"]
    assert [props["style"]["left"] for props in classed(drawn, "xt")] == ["0.0%", "82.0%"]


def test_the_latest_value_is_dot_and_number_at_the_same_height():
    drawn = chart(buckets(5, 2.5, unit="m"))
    (last,), (dot,) = classed(drawn, "last"), classed(drawn, "dot")
    # The axis ends at six: 2.5 lies at 41.7 % of it.
    assert last["children"] == "2,5" and last["style"] == dot["style"] == {"left": "82.0%", "bottom": "41.7%"}


def test_an_unknown_latest_value_has_neither_dot_nor_number_and_no_colour():
    drawn = chart(buckets(41, 44, None), limit=LATE)
    assert not classed(drawn, "dot") and not classed(drawn, "last") and not classed(drawn, "lp")
    assert paths(drawn, "l1") == ["M0.0 316.7L410.0 266.7"], "the line ends where the knowledge ends"


def test_a_lone_value_among_unknown_ones_keeps_its_place_and_its_number():
    drawn = chart(buckets(None, None, 17))
    assert texts(drawn, "last") == ["17"] and classed(drawn, "last")[0]["style"]["left"] == "82.0%"


def test_a_zero_day_is_drawn_on_the_axis_and_said_as_zero():
    drawn = chart(buckets(0, 0))
    assert paths(drawn, "l1") == ["M0.0 1000.0L820.0 1000.0"] and texts(drawn, "last") == ["0"]
    assert texts(drawn, "yt") == ["0", "1"]


def test_no_rows_and_unknown_rows_are_said_in_words_without_any_axis():
    for found in (reading(), buckets(None), buckets(None, None)):
        drawn = chart(found)
        assert text(drawn) == "Belum ada data" and "Svg" not in {part["type"] for part in parts(drawn)}


# the unfinished bucket


def test_the_unfinished_bucket_of_a_count_is_an_open_dot_off_the_line():
    drawn = chart(buckets(12, 14, 3, partial=True), kind="count")
    assert paths(drawn, "l1") == ["M0.0 200.0L410.0 66.7"]
    assert "op" in classed(drawn, "dot")[0]["className"].split() and texts(drawn, "last") == ["3"]


def test_an_unfinished_bucket_never_passes_a_limit():
    drawn = chart(buckets(12, 14, 90, partial=True), kind="count", limit=LATE)
    assert not classed(drawn, "lp") and not classed(drawn, "abn")


def test_a_finished_last_bucket_of_a_count_belongs_to_the_line():
    drawn = chart(buckets(12, 14, 3), kind="count")
    assert paths(drawn, "l1")[0].count("L") == 2 and not classed(drawn, "op")


def test_the_first_day_of_a_count_is_a_dot_without_a_line():
    drawn = chart(buckets(3, partial=True), kind="count")
    assert not classed(drawn, "l1") and texts(drawn, "last") == ["3"]


# limits


@pytest.mark.parametrize(("last", "css"), [(24, ""), (25, "p3"), (40, "p2")])
def test_line_dot_and_number_take_the_same_colour(last, css):
    drawn = chart(buckets(1, last), limit=LATE)
    coloured = {name: bool(css) and css in classed(drawn, name)[0]["className"].split() for name in ("dot", "last")}
    assert coloured == {"dot": bool(css), "last": bool(css)} and len(paths(drawn, "lp")) == bool(css)


def test_a_breach_in_the_past_that_is_over_is_not_coloured():
    assert not classed(chart(buckets(90, 90, 3), limit=LATE), "lp")


def test_where_higher_is_better_a_fall_is_coloured():
    drawn = chart(buckets(0.9, 0.5, unit="ratio"), limit=Limit(breach=0.6), direction="higher")
    assert paths(drawn, "lp") == ["M0.0 100.0L820.0 500.0"] and texts(drawn, "last") == ["50%"]


def test_the_coloured_part_does_not_leap_over_an_unknown_day():
    passed = NOW - timedelta(days=1)
    assert paths(chart(buckets(10, None, 41, 60), limit=LATE, since=passed), "lp") == ["M546.7 316.7L820.0 0.0"]


def test_what_is_promised_is_a_dotted_line_with_its_name_and_is_always_on_the_chart():
    drawn = chart(buckets(10, 12), target=60, target_label="standar")
    assert paths(drawn, "tgt") == ["M0 0.0H820"] and texts(drawn, "vow") == ["standar 60"]
    assert not classed(chart(buckets(70, 80), target=60), "abn"), "a promise is no limit"
    assert not paths(chart(buckets(10, 12)), "tgt")


# today, hour by hour


def test_today_climbs_from_zero_to_the_present_and_has_a_line_at_now():
    drawn = chart(buckets(2, None, 3), cumulative=True, day=2.5 / 24)
    # 0, 2, 2, 5 at midnight, one, two and half past two o'clock; the axis ends at six.
    assert paths(drawn, "l1") == ["M0.0 1000.0H41.7V666.7H83.3V666.7H104.2V166.7"]
    assert paths(drawn, "now") == ["M104.2 1000V0"] and texts(drawn, "last") == ["5"]


@pytest.mark.parametrize(
    ("day", "hours", "left"),
    [
        (0.0, ["06", "12", "18", "24", "14.05"], "6.0%"),
        (0.5, ["00", "06", "18", "24", "14.05"], "50.0%"),
        (1.0, ["00", "06", "12", "18", "14.05"], "93.0%"),
    ],
)
def test_the_present_hour_makes_room_for_its_own_text_and_stays_on_the_chart(day, hours, left):
    drawn = chart(buckets(2), cumulative=True, day=day)
    assert texts(drawn, "xt") == hours and classed(drawn, "xt")[-1]["style"]["left"] == left


def test_a_total_of_today_passes_no_limit_and_turns_its_number_inwards_in_the_evening():
    drawn = chart(buckets(*[9] * 23), cumulative=True, day=0.95, limit=LATE)
    assert not classed(drawn, "lp") and not classed(drawn, "abn")
    assert "flip" in classed(drawn, "last")[0]["className"].split()
    assert "flip" not in classed(chart(buckets(90), cumulative=True, day=0.5), "last")[0]["className"].split()
