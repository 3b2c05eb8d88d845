"""What panels draw: pure, so a drawing is compared as the JSON the browser gets."""

from datetime import UTC, datetime, timedelta

import pytest

from city import watch
from city.judging import Judged
from city.limits import Limit
from city.model import Reading
from dashboard import lines, panels
from dashboard.panels import bars, number, table, trend
from dashboard.panels import map as map_panel
from dashboard.reading import packed
from dashboard.schematic import picture
from tests.builders import NOW, config
from tests.dashboard.look import HOSTILE, WORDS, classed, parts, reading, stands, text, value

LATE = Limit(warn=25, breach=40)


def tile(found: Reading, **changes):
    """One number tile as drawn."""
    judged = stands(changes.pop("limit", None), max((row["value"] or 0 for row in found.rows), default=None))
    known = {"reading": found, "whole": None, "usual": None, "judged": judged}
    known |= {"quantile": False, "of_cases": False}
    asked = {key: changes.pop(key) for key in ("target", "of", "of_label", "top") if key in changes}
    shape = changes.pop("shape", "tiles")
    args = number.Args(tiles=[{"metric": "complaints_open", "label": "Terbuka", **asked}], shape=shape)
    return number.draw(args, packed([known | changes]), WORDS)


def test_every_panel_kind_has_the_same_four_parts():
    for name in panels.names():
        assert all(hasattr(panels.kind(name), part) for part in ("Args", "metrics", "load", "draw"))


def test_an_unknown_kind_names_the_nearest():
    with pytest.raises(LookupError, match="Did you mean 'trend'"):
        panels.kind("trends")


# numbers


def test_a_number_stands_on_its_band():
    drawn = tile(value(128), usual=(96.0, 131.0))
    assert text(drawn) == "Terbuka 128 biasanya 96–131"
    (bar,) = classed(drawn, "rb")
    assert [part["type"] for part in bar["children"]] == ["B", "Em"]
    assert not classed(drawn, "abnv")


def test_leaving_the_band_alone_brings_no_colour():
    assert not classed(tile(value(300), usual=(96.0, 131.0)), "abn")


@pytest.mark.parametrize(("late", "priority"), [(24, None), (25, 3), (39, 3), (40, 2), (41, 2)])
def test_a_limit_equalled_is_passed_and_brings_mark_and_colour(late, priority):
    drawn = tile(value(late), limit=LATE)
    assert bool(classed(drawn, "mk")) is bool(priority)
    assert not priority or classed(drawn, f"p{priority}")


def test_a_value_beyond_its_limit_that_does_not_count_yet_has_no_colour_and_says_what_it_waits_for():
    drawn = tile(value(41), limit=LATE.model_copy(update={"delay": timedelta(minutes=5)}), usual=(6.0, 12.0))
    assert text(drawn) == "Terbuka 41 lewat batas, < 5 mnt" and not classed(drawn, "abn") and not classed(drawn, "mk")


def test_a_value_that_came_back_keeps_the_colour_until_its_limit_is_over():
    back = LATE.model_copy(update={"clear": 20.0})
    passed = watch.step(26, back, "lower", None, NOW)
    judged = Judged(back, {None: watch.step(21, back, "lower", passed, NOW)})
    assert classed(tile(value(21), judged=judged), "p3")
    blind = Judged(back, {None: watch.step(None, back, "lower", passed, NOW)})
    assert not classed(tile(value(21), judged=blind), "p3"), "what is not seen is violet, in the list of alarms"


def test_zero_is_a_value_and_absence_is_a_dash():
    assert "0" in text(tile(value(0))).split()
    assert "–" in text(tile(value(None)))
    assert "–" in text(tile(reading()))


def test_a_share_of_fewer_than_five_cases_is_shown_as_counts():
    few = reading({"value": 0.75, "n": 4}, unit="ratio")
    assert text(tile(few, of_cases=True)) == "Terbuka 3 dari 4 terlalu sedikit untuk persen"
    enough = reading({"value": 0.8, "n": 5}, unit="ratio")
    assert text(tile(enough, of_cases=True)) == "Terbuka 80 %"


def test_a_median_of_fewer_than_five_cases_is_a_count_and_never_an_alarm():
    few = reading({"value": 90.0, "n": 2}, unit="hours")
    drawn = tile(few, of_cases=True, quantile=True, limit=Limit(breach=1))
    assert text(drawn) == "Terbuka 2 kasus terlalu sedikit untuk median" and not classed(drawn, "mk")


def test_a_duration_has_small_units_and_its_target_as_a_tick():
    drawn = tile(value(3 + 20 / 60, unit="hours"), target=4)
    assert text(drawn) == "Terbuka 3 j 20 mnt target 4 j"
    assert "S" in [part["type"] for part in classed(drawn, "rb")[0]["children"]]


def test_a_part_of_a_whole_says_of_what():
    assert "dari 41 panggilan" in text(tile(value(3), whole=value(41), of="calls_opened", of_label="panggilan"))


def test_the_largest_group_is_named_in_the_strip():
    rows = [{"category": "jalan", "value": 9, "n": 9}, {"category": HOSTILE, "value": 2, "n": 2}]
    assert text(tile(reading(*rows), top="category", shape="line")) == "9 Jalan berlubang Terbuka"


# rows


def case(seconds: float, **changes):
    known = {"category": "jalan", "agency": "pupr", "district": "15.71.07", "value": seconds, "n": 1}
    return known | changes


def rows(*found, overdue=False, limit=None, n=None, count=4):
    cases = reading(*found, unit="seconds", n=n)
    loaded = {"reading": cases, "judged": stands(limit, n), "horizon_s": 14_400.0}
    return table.draw(table.Args(overdue=overdue, rows=count), packed(loaded), WORDS)


def test_the_next_to_fall_due_say_how_long_what_where_and_who():
    drawn = rows(case(1500), case(7200))
    assert text(drawn) == "25 mnt Jalan berlubang, Kota Baru PUPR 2 j Jalan berlubang, Kota Baru PUPR"
    soon, later = classed(drawn, "dr")
    assert "soon" in soon["className"] and "soon" not in later["className"]
    assert (soon["style"]["--w"], later["style"]["--w"]) == ("10%", "50%")


def test_the_longest_overdue_take_the_mark_of_their_number_only():
    assert classed(rows(case(-7200), overdue=True, limit=LATE, n=41), "p2")
    calm = rows(case(-7200), overdue=True, limit=LATE, n=3)
    assert not classed(calm, "p2") and not classed(calm, "p3") and "2 j" in text(calm)


def test_no_rows_say_so_in_words():
    assert text(rows()) == "Tidak ada yang akan jatuh tempo"
    assert text(rows(overdue=True)) == "Tidak ada yang lewat tenggat"


def test_what_is_unknown_is_named_as_such_and_hostile_text_stays_text():
    drawn = rows(case(60, category=HOSTILE, agency=None, district=None))
    assert f"{HOSTILE} Tanpa OPD" in text(drawn)
    assert {part["type"] for part in parts(drawn)} <= {"Div", "Span", "I"}


# bars


def one(found: Reading, adds_up=True, limit=None, count=2):
    loaded = {"readings": [found], "judged": stands(limit, {row["agency"]: row["value"] for row in found.rows})}
    loaded |= {"adds_up": adds_up}
    return bars.draw(bars.Args(metric="complaints_opened", rows=count), packed(loaded), WORDS)


def test_the_rest_of_a_count_folds_into_one_row():
    found = [{"agency": name, "value": size, "n": size} for name, size in (("pupr", 9), ("dlh", 5), ("a", 3), ("b", 1))]
    assert text(one(reading(*found))) == "PUPR 9 dlh 5 2 OPD lain 4"


def test_medians_never_add_up_and_few_cases_have_no_rank():
    found = [{"agency": "pupr", "value": 4.0, "n": 9}, {"agency": "dlh", "value": 99.0, "n": 4}]
    assert text(one(reading(*found, unit="hours"), adds_up=False)) == "PUPR 4 j 1 OPD lain: kurang dari 5 kasus"


def test_bars_start_at_zero_and_the_longest_is_full():
    found = [{"agency": "pupr", "value": 8, "n": 8}, {"agency": "dlh", "value": 2, "n": 2}]
    widths = [bar["children"]["props"]["style"]["width"] for bar in classed(one(reading(*found)), "bar")]
    assert widths == ["100.0%", "25.0%"]


def test_a_flow_shows_what_came_what_went_and_what_waits():
    row = {"agency": "pupr", "before": 33, "opened": 34, "closed": 21, "reopened": 0, "open": 46, "gap": 0}
    loaded = {"reading": reading(row), "judged": stands(LATE, {"pupr": 46})}
    flow = {"opened": "memos_opened", "closed": "memos_closed", "open": "memos_open"}
    drawn = bars.draw(bars.Args(flow=flow), packed(loaded), WORDS)
    assert text(drawn) == "masuk keluar antrean PUPR 34 21 2 46" and classed(drawn, "p2")


def test_bars_without_a_case_say_so():
    assert text(one(reading())) == "belum ada kasus"


# map


def drawn_map(counts, late=(), limit=None):
    region = config().region
    found, marked = (
        reading(*({"district": code, "value": size, "n": size} for code, size in group)) for group in (counts, late)
    )
    judged = stands(limit, sum(size for _, size in late))
    loaded = {"reading": found, "late": marked, "judged": judged, "picture": picture(region)}
    loaded |= {"points": None, "counts": True, "of_cases": False}
    return map_panel.draw(map_panel.Args(metric="complaints_open", late="complaints_overdue"), packed(loaded), WORDS)


COUNTS = [("15.71.05", 3), ("15.71.07", 18), ("15.71.11", 9), (None, 7)]


def test_every_district_carries_its_number_and_its_name():
    labels = [text({"props": props}) for props in classed(drawn_map(COUNTS), "ml")]
    assert sorted(labels) == ["18 Kota Baru", "3 Pelayangan", "9 Paal Merah"]


def test_a_schematic_says_so_and_cases_without_a_place_are_counted():
    assert "skematis, 7 tanpa lokasi" in text(drawn_map(COUNTS))


def test_a_district_nobody_complained_from_shows_zero():
    assert "0 Pelayangan" in [text({"props": props}) for props in classed(drawn_map(COUNTS[1:]), "ml")]


def test_more_cases_are_a_darker_class():
    svg = [part["props"]["className"] for part in parts(drawn_map(COUNTS)) if part["type"] == "Path"]
    classes = [int(name.split("q")[1]) for name in svg if name.startswith("kec")]
    by_code = dict(zip(picture(config().region).shapes, classes, strict=True))
    assert by_code["15.71.05"] < by_code["15.71.11"] < by_code["15.71.07"]


def test_overdue_marks_have_the_colour_of_a_limit_or_none():
    late = [("15.71.07", 30), ("15.71.05", 12)]
    assert classed(drawn_map(COUNTS, late, LATE), "p2") and "lewat tenggat (42)" in text(drawn_map(COUNTS, late, LATE))
    assert not classed(drawn_map(COUNTS, late), "p2")


# trends


def days(*values, partial=False, unit="cases"):
    first = datetime(2026, 11, 24, tzinfo=UTC) - timedelta(days=len(values) - 1)
    buckets = [(first + timedelta(days=at)).isoformat() for at in range(len(values))]
    last = len(values) - 1
    found = [{"bucket": day, "value": size, "n": 1, "partial": partial and at == last}
             for at, (day, size) in enumerate(zip(buckets, values, strict=True))]  # fmt: skip
    return reading(*found, unit=unit)


def line(found: Reading, kind="gauge", band=(), limit=None, since=NOW, **args):
    judged = stands(limit, found.rows[-1]["value"], since=since)
    loaded = {"reading": found, "band": list(band), "judged": judged, "kind": kind}
    loaded |= {"day": 0.5, "now": NOW}
    return trend.draw(trend.Args(metric="complaints_overdue", **args), packed(loaded), WORDS)


def test_the_latest_value_stands_at_the_end_of_its_line():
    drawn = line(days(12, 14, 17))
    (last,) = classed(drawn, "last")
    assert last["children"] == "17" and "22 Nov" in text(drawn) and "24 Nov" in text(drawn)


def test_the_unfinished_day_of_a_count_is_drawn_apart():
    drawn = line(days(12, 14, 3, partial=True), kind="count")
    (path,) = classed(drawn, "l1")
    assert path["d"].count("L") == 1 and classed(drawn, "op")
    assert line(days(12, 14, 3, partial=True), kind="gauge") and not classed(line(days(1, 2, partial=True)), "op")


def test_an_unknown_day_breaks_the_line():
    assert len(classed(line(days(12, None, 17, 18)), "l1")) == 2


def test_only_the_part_beyond_the_limit_is_coloured():
    (path,) = classed(line(days(10, 12, 41, 44), limit=LATE, since=NOW - timedelta(days=1)), "lp")
    assert path["d"].count("L") == 2 and "p2" in path["className"]
    assert not classed(line(days(10, 12, 14), limit=LATE), "lp")


def test_the_band_is_drawn_where_there_is_history():
    assert len(classed(line(days(1, 2, 3, 4), band=[None, (1.0, 3.0), (1.0, 3.0), None]), "band")) == 1


def test_nothing_known_is_said_in_words():
    assert text(line(days(None, None))) == "Belum ada data"


def test_a_count_of_today_climbs_in_steps_to_now():
    drawn = line(days(2, 0, 3), cumulative=True)
    assert classed(drawn, "last")[0]["children"] == "5" and classed(drawn, "now") and "14.05" in text(drawn)
    assert "H" in classed(drawn, "l1")[0]["d"]


@pytest.mark.parametrize("top", [0, 0.4, 1, 2, 3, 7, 12, 41, 99, 1234])
def test_an_axis_has_two_to_five_round_ticks_from_zero(top):
    ticks = lines.ticks(top)
    assert ticks[0] == 0 and ticks[-1] >= top and 2 <= len(ticks) <= 5


def test_the_band_of_a_weekday_needs_four_weeks_and_leaves_out_the_time_before_the_first_case():
    quiet = [0.0] * 14 + [5.0] * 28
    assert lines.weekday_band(quiet, 42) == (5.0, 5.0)
    assert lines.weekday_band([0.0] * 21 + [5.0] * 21, 42) is None


def test_a_part_sits_on_a_line_from_zero_to_its_whole():
    (bar,) = classed(tile(value(3), whole=value(12), of="calls_opened"), "rb")
    assert bar["children"][0]["props"]["style"]["left"] == "25.0%"


def test_a_number_with_nothing_to_be_held_against_has_no_line():
    (bar,) = classed(tile(value(3)), "rb")
    assert bar["className"] == "rb none" and not bar["children"]
