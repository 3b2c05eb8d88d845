"""What the kinds of the emergency and planning scenes draw: levels, weather, warnings, events, lanes, stages."""

from datetime import UTC, datetime, timedelta

import pytest
from pydantic import ValidationError

from city.levels import per_hour
from city.limits import Limit
from dashboard import level_line, quakes
from dashboard.panels import gauge, lanes, quake, ticker, timeline, waiting, weather
from dashboard.reading import packed
from tests.builders import NOW
from tests.dashboard.look import HOSTILE, WORDS, classed, parts, reading, stands, text

HOUR = timedelta(hours=1)
MARKS = [{"name": "IV", "at": 1300}, {"name": "III", "at": 1387}, {"name": "II", "at": 1437}, {"name": "I", "at": 1487}]
RIVER = {"metric": "river_level", "low": 800, "high": 1600, "factor": 0.01, "unit": "m", "decimals": 2, "marks": MARKS}


def levels(*values, every=HOUR, place="A"):
    """Readings up to NOW, the last one last."""
    first = NOW - every * (len(values) - 1)
    return [{"at": first + every * at, "place": place, "value": value, "n": 1} for at, value in enumerate(values)]


def river(*values, limit=None, **args):
    loaded = {"reading": reading(*levels(*values), unit="cm"), "judged": stands(limit, values[-1])}
    return gauge.draw(gauge.Args(**RIVER | args), packed(loaded), WORDS)


# a level


def test_a_river_says_its_value_its_stage_in_words_and_its_rise():
    drawn = river(1373, 1379, 1385, 1391, shape="line", limit=Limit(warn=1387, breach=1437))
    assert text(drawn) == "13,91 m 3 Siaga IV III II I Siaga III +6 cm/jam"
    assert classed(drawn, "p3") and not classed(drawn, "p2")


@pytest.mark.parametrize(
    ("cm", "said"), [(1299, "Di bawah Siaga IV"), (1300, "Siaga IV"), (1487, "Siaga I"), (1700, "Siaga I")]
)
def test_a_mark_equalled_is_reached_and_the_last_one_is_the_worst(cm, said):
    drawn = river(cm, cm, cm, cm, shape="line")
    assert f"I {said} stabil" in text(drawn)


def test_the_fill_ends_where_the_value_lies_between_low_and_high_and_never_outside():
    widths = [classed(river(cm, shape="line"), "gauge")[0]["children"][-1]["props"]["style"]["width"]
              for cm in (800, 1200, 1600, 1700, 300)]  # fmt: skip
    assert widths == ["0.0%", "50.0%", "100.0%", "100.0%", "0.0%"]


def test_a_falling_river_has_a_true_minus_and_too_few_readings_have_no_rise():
    assert "−3 cm/jam" in text(river(1100, 1097, 1094, 1091))
    assert "naik turunnya belum diketahui" in text(river(1100, 1097))


def test_the_rise_is_the_slope_of_the_last_hours_of_one_place():
    # 100, 106, 112, 118: six an hour exactly; what lies before the three hours does not count.
    assert per_hour(levels(900, 100, 106, 112, 118), timedelta(hours=3)) == pytest.approx(6)
    assert per_hour(levels(1, 2), timedelta(hours=3)) is None
    assert per_hour(levels(1, 2, 3, every=timedelta(minutes=10)), timedelta(hours=3)) is None, "20 minutes of 3 hours"
    assert per_hour([*levels(1, 2, 3, 4), *levels(1, 2, 3, 4, place="B")], timedelta(hours=3)) is None
    assert per_hour([], HOUR) is None


def test_a_panel_draws_the_last_days_below_named_marks_and_a_gap_breaks_the_line():
    rows = levels(1000, 1010, 1020)
    old = [row | {"at": row["at"] - timedelta(hours=20)} for row in rows]
    drawn = level_line.history(gauge.Args(**RIVER), [*old, *rows], None, WORDS)
    assert len(classed(drawn, "l1")) == 2
    assert [name["children"] for name in classed(drawn, "gn")] == ["Siaga IV", "Siaga III", "Siaga II", "Siaga I"]
    assert "13,87" in text(drawn)


def test_labels_of_near_marks_are_pushed_apart_and_keep_their_order():
    placed = level_line.apart([50.0, 20.0, 18.0, 16.0])
    assert placed[:2] == [50.0, 20.0] and placed[2] == 20 - level_line.LABEL
    assert all(first - second >= level_line.LABEL for first, second in zip(placed, placed[1:], strict=False))


def test_marks_out_of_order_are_refused():
    with pytest.raises(ValidationError, match="marks must rise"):
        gauge.Args(**RIVER | {"marks": MARKS[::-1]})


# warnings


def warning(begun_h=-1.0, ends_h=2.0, what="Hujan Lebat dan Petir"):
    end = None if ends_h is None else NOW + HOUR * ends_h
    return {"opened_at": NOW + HOUR * begun_h, "closed_at": end, "category": what, "district": None,
            "priority": "Moderate", "value": 1, "n": 1}  # fmt: skip


def warned(*rows, per_page=2, limit=None):
    begun = sum(row["opened_at"] <= NOW for row in rows)
    loaded = {"reading": reading(*rows), "now": NOW, "judged": stands(limit, begun)}
    return ticker.draw(ticker.Args(rows=per_page), packed(loaded), WORDS)


def test_nothing_in_force_is_said_in_words():
    assert text(warned()) == "Tidak ada peringatan yang berlaku"


def test_warnings_that_fit_stand_still_with_what_and_until_when():
    drawn = warned(warning(), warning(ends_h=None), limit=Limit(warn=1))
    assert text(drawn) == (
        "3 Hujan Lebat dan Petir s.d. 16.05 3 Hujan Lebat dan Petir akhirnya belum diketahui"
    )  # fmt: skip
    assert classed(drawn, "tk1") and not classed(drawn, "tn")


def test_more_than_fit_take_turns_and_say_how_many_without_motion():
    drawn = warned(*[warning()] * 5)
    assert len(classed(drawn, "tp")) == 3 and classed(drawn, "tk3")
    assert [note["children"][0]["props"]["children"] for note in classed(drawn, "tn")] == [
        "1–2 dari 5", "3–4 dari 5", "5 dari 5"]  # fmt: skip
    assert classed(drawn, "still")[0]["children"] == "+3 lagi"


def test_more_than_the_style_sheet_can_turn_are_counted_all_the_same():
    drawn = warned(*[warning()] * 20)
    assert len(classed(drawn, "tp")) == ticker.PAGES and "1–2 dari 20" in text(drawn)


def test_an_announced_warning_says_when_it_begins_and_has_no_mark_yet():
    drawn = warned(warning(begun_h=1, ends_h=30), limit=Limit(warn=1))
    assert text(drawn) == "Hujan Lebat dan Petir mulai 15.05, s.d. 25 Nov 20.05" and not classed(drawn, "p3")


def test_hostile_text_of_a_warning_stays_text():
    drawn = warned(warning(what=HOSTILE))
    assert HOSTILE in text(drawn) and {part["type"] for part in parts(drawn)} <= {"Div", "Span", "B"}


# quakes


def shake(**changes):
    known = {"opened_at": NOW - 6 * HOUR, "closed_at": NOW - 6 * HOUR, "lat": -3.0, "lon": 102.4, "priority": None,
             "outcome": "not_felt", "category": None, "district": None, "value": 1, "n": 1}  # fmt: skip
    return known | {"values": {"quake_magnitude": 4.6, "quake_distance_km": 187.2}} | changes


def shaken(*rows):
    loaded = {"reading": reading(*rows), "now": NOW, "since": NOW - timedelta(days=30)}
    return quake.draw(quake.Args(), packed(loaded), WORDS)


def test_the_last_quake_says_how_strong_how_far_where_to_and_whether_felt():
    assert text(shaken(shake())) == "M 4,6 187 km barat daya 08.05, tidak dirasakan"
    # Of two things for which there is no room, the one that can still kill.
    both = text(shaken(shake(priority="tsunami", outcome="felt_here")))
    assert both.endswith("08.05, berpotensi tsunami")


def test_no_quake_says_since_when_and_an_unknown_magnitude_is_a_dash():
    assert text(shaken()) == "Tidak ada gempa sejak 25 Okt"
    assert text(shaken(shake(values={}, lat=None, lon=None))) == "M – 08.05, tidak dirasakan"


@pytest.mark.parametrize(
    ("lat", "lon", "said"),
    [(1, 103.62, "utara"), (1, 106.3, "timur laut"), (-1.6, 106, "timur"), (-4, 106, "tenggara"),
     (-5, 103.62, "selatan"), (-4, 101.2, "barat daya"), (-1.6, 100, "barat"), (1, 101, "barat laut")],
)  # fmt: skip
def test_eight_points_of_the_compass_from_the_middle_of_the_region(lat, lon, said):
    assert quakes.direction(WORDS.region, lat, lon) == said


# events


def happened(*tracks, priorities=None, **args):
    asked, found = zip(*tracks, strict=True)
    made = timeline.Args(tracks=asked, **args)
    loaded = {"readings": list(found), "priorities": priorities or [None] * len(asked), "now": NOW}
    return timeline.draw(made, packed(loaded), WORDS)


def outage(begun_h, ended_h=None, **changes):
    ended = None if ended_h is None else NOW + HOUR * ended_h
    return shake(opened_at=NOW + HOUR * begun_h, closed_at=ended, district="15.71.07", values={}, **changes)


OUTAGE = {"kind": "outage", "label": "Air mati", "ended": "Air pulih", "words": {"pompa": "pompa rusak"}}


def test_events_come_newest_first_and_an_end_is_an_event():
    cases = reading(outage(-5, -2, outcome="pompa"), outage(-1, outcome="ditulis bebas"))
    drawn = happened((OUTAGE, cases), ({"kind": "quake", "label": "Gempa", "form": "quake"}, reading(shake())), rows=4)
    assert text(drawn) == (
        "13.05 Air mati Kota Baru 12.05 Air pulih Kota Baru "
        "09.05 Air mati: pompa rusak Kota Baru 08.05 Gempa M 4,6 187 km barat daya"
    )
    assert [row["className"].split() for row in classed(drawn, "dt")] == [["dt", "on"], ["dt"], ["dt"], ["dt"]]


def test_alike_events_of_an_hour_and_place_are_one_line_with_their_number():
    flood = {"kind": "flood_report", "label": "Laporan banjir"}
    near = [outage(-minutes / 60) for minutes in (1, 2, 3)]
    assert text(happened((flood, reading(*near, outage(-3))), rows=4)) == (
        "14.04 3 × Laporan banjir Kota Baru 11.05 Laporan banjir Kota Baru"
    )


def test_the_hours_of_a_metric_say_how_many_mattered_of_how_many():
    start = datetime(2026, 11, 24, 6, tzinfo=UTC).isoformat()
    counts = reading({"bucket": start, "outcome": "darurat", "value": 2, "n": 2},
                     {"bucket": start, "outcome": "prank", "value": 7, "n": 7})  # fmt: skip
    track = {"metric": "calls_opened", "lead": "darurat", "label": "112", "words": {"darurat": "panggilan sah"}}
    assert text(happened((track, counts), rows=2)) == "13.00 112: 2 panggilan sah dari 9 panggilan sejam"
    assert "Tidak ada kejadian sejak" in text(happened((track | {"lead": "kebakaran"}, counts), rows=2))


def test_what_lasts_takes_the_mark_of_its_limit_and_what_is_over_does_not():
    drawn = happened((OUTAGE, reading(outage(-5, -2), outage(-1))), priorities=[3], rows=3)
    assert len(classed(drawn, "p3")) == 2, "the line and its mark"
    assert classed(drawn, "te")[0]["className"] == "te p3"


def test_what_does_not_fit_is_counted_and_what_lies_ahead_is_not_shown():
    found = reading(*(outage(-hour) for hour in range(5)), outage(2))
    drawn = happened(({"kind": "outage", "label": "Air mati"}, found), rows=2)
    assert text(drawn).endswith("+3 lebih lama") and text(drawn).startswith("14.05")


# weather


def forecast(steps, shape="line", now=NOW):
    times = [datetime(2026, 11, 24, 6, tzinfo=UTC) + 3 * HOUR * at for at in range(len(steps))]
    both = [
        reading(
            *({"bucket": at.isoformat(), "value": step[which], "n": 1} for at, step in zip(times, steps, strict=True))
        )
        for which in (0, 1)
    ]
    made = weather.Args(temperature="warmth", rain="rain", shape=shape)
    return weather.draw(made, packed({"temperature": both[0], "rain": both[1], "now": now}), WORDS)


def test_the_weather_line_says_now_and_what_changes_next():
    assert text(forecast([(31.2, 0.0), (30, 0.2), (27.4, 40.0)])) == "31 °C Tidak hujan 19.00 hujan lebat, 27 °C"
    assert text(forecast([(31.2, 0.0), (30, 0.0)])) == "31 °C Tidak hujan tidak berubah dalam 24 jam"


def test_a_step_that_is_over_is_not_now_and_no_forecast_is_said():
    assert text(forecast([(31, 0.0), (25, 9.0)], now=NOW + 3 * HOUR)).startswith("25 °C Hujan ringan")
    assert text(forecast([(31, 0.0)], now=NOW + 24 * HOUR)) == "Prakiraan belum ada"


@pytest.mark.parametrize(
    ("mm", "said"),
    [(None, ""), (0, "tidak hujan"), (0.2, "tidak hujan"), (0.4, "hujan ringan"), (15, "hujan sedang"),
     (30, "hujan lebat"), (60, "hujan sangat lebat")],
)  # fmt: skip
def test_rain_of_three_hours_has_the_name_of_its_hourly_rate(mm, said):
    assert weather.sky(mm, timedelta(hours=3)) == said


def test_columns_start_at_zero_and_unknown_rain_is_a_dash():
    drawn = forecast([(31, 30.0), (30, 15.0), (29, None)], shape="steps")
    heights = [
        part["props"]["style"]["height"] for part in parts(drawn) if part["type"] == "I" and "style" in part["props"]
    ]
    assert heights == ["100%", "50%", "0%"] and text(drawn) == "31 ° 30 mm 13.00 30 ° 15 mm 16.00 29 ° – mm 19.00"
    assert len(classed(drawn, "unk")) == 1


# lanes and stages


def lane(*values, first=0, partial=False, unit="cases"):
    days = [datetime(2026, 11, 20, tzinfo=WORDS.zone) + timedelta(days=at) for at in range(len(values))]
    rows = [{"bucket": day.isoformat(), "value": value, "n": 1, "partial": partial and day == days[-1]}
            for day, value in zip(days, values, strict=True)]  # fmt: skip
    return {"reading": reading(*rows, unit=unit), "begins": days[first] if first is not None else None}


def drawn_lanes(*found, **args):
    asked = [{"metric": "complaints_opened", "label": f"Lajur {number}"} for number in range(len(found))]
    return lanes.draw(lanes.Args(lanes=asked, **args), packed(list(found)), WORDS)


def test_lanes_stand_on_one_axis_each_with_its_own_height():
    drawn = drawn_lanes(lane(1, 2, 4, partial=True), lane(50, 100, 0))
    heights = [
        part["props"]["style"]["height"] for part in parts(drawn) if part["type"] == "I" and "style" in part["props"]
    ]
    assert heights == ["25%", "50%", "100%", "50%", "100%", "0%"]
    assert text(drawn) == "Lajur 0 tertinggi 4 4 Lajur 1 tertinggi 100 0 20 Nov 21 Nov 22 Nov"
    assert len(classed(drawn, "open")) == 1


def test_one_scale_for_lanes_that_count_the_same():
    drawn = drawn_lanes(lane(5), lane(10), shared=True)
    heights = [
        part["props"]["style"]["height"] for part in parts(drawn) if part["type"] == "I" and "style" in part["props"]
    ]
    assert heights == ["50%", "100%"]


def test_what_lies_before_the_first_record_is_unknown_and_not_zero():
    assert len(classed(drawn_lanes(lane(0, 0, 3, first=2)), "unk")) == 2
    assert text(drawn_lanes(lane(0, 0, first=None))) == "Belum ada data"


def test_stages_stand_in_their_order_with_counts_medians_and_the_longest():
    rows = [{"stage": "verifikasi", "value": 8, "n": 8, "median_h": 72.0, "longest_h": 240.0},
            {"stage": "lain", "value": 2, "n": 2, "median_h": 3.0, "longest_h": 5.0}]  # fmt: skip
    args = waiting.Args(kind="permit", stages={"diterima": "Diterima", "verifikasi": "Diverifikasi"})
    drawn = waiting.draw(args, packed(reading(*rows)), WORDS)
    assert text(drawn) == (
        "menunggu median terlama Diterima 0 – – Diverifikasi 8 3 hr 10 hr lain 2 <5 kasus 5 j"
    )  # fmt: skip


@pytest.mark.parametrize("module", [gauge, lanes, quake, ticker, timeline, waiting, weather])
def test_every_kind_says_how_much_room_it_needs(module):
    least = {
        gauge: RIVER, lanes: {"lanes": [{"metric": "a", "label": "A"}]}, quake: {}, ticker: {},
        waiting: {"kind": "permit"}, timeline: {"tracks": [OUTAGE]}, weather: {"temperature": "a", "rain": "b"},
    }  # fmt: skip
    width, height = module.needs(module.Args(**least[module]), "panel")
    assert 200 <= width <= 700 and 80 <= height <= 600


def test_a_list_tells_of_a_quake_what_matters_most():
    said = [quakes.brief(shake(**changes), WORDS) for changes in
            ({}, {"outcome": "felt_here"}, {"outcome": "felt_here", "priority": "tsunami"})]  # fmt: skip
    assert said == ["187 km barat daya", "187 km, dirasakan di sini", "187 km, berpotensi tsunami"]
