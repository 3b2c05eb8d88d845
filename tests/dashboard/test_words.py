"""Numbers, durations, ages and names as a duty officer reads them."""

from datetime import UTC, date, datetime

import pytest

from city.config import Region
from city.metrics import catalogue
from dashboard.header import header
from dashboard.prerender import html_of
from dashboard.words import Words
from tests.builders import NOW, config

INDONESIAN = Words(config())


def english() -> Words:
    region = config().region.model_dump() | {"language": "en"}
    return Words(config(region=Region.model_validate(region).model_dump()))


def plain(parts: list) -> str:
    return " ".join(part if isinstance(part, str) else part.children for part in parts)


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        (1234567, "1.234.567"),
        (1234.5, "1.234"),
        (12.5, "12,5"),
        (0, "0"),
        (None, "–"),
        (-3, "−3"),
        (96, "96"),
        (0.04, "0,0"),
    ],
)
def test_a_number_is_written_the_indonesian_way_and_absence_is_not_zero(number, shown):
    assert INDONESIAN.number(number) == shown


def test_english_swaps_comma_and_point():
    assert (english().number(1234567), english().number(12.5)) == ("1,234,567", "12.5")


@pytest.mark.parametrize(("ratio", "shown"), [(0.817, "81,7%"), (0.9, "90%"), (1, "100%"), (0, "0%"), (None, "–")])
def test_a_share_is_a_percentage(ratio, shown):
    assert INDONESIAN.percent(ratio) == shown


def test_a_difference_of_shares_is_in_points_and_a_loss_has_a_true_minus():
    assert (INDONESIAN.difference(0.021), INDONESIAN.difference(-0.021)) == ("+2,1 poin", "−2,1 poin")


@pytest.mark.parametrize(
    ("rupiah", "shown"), [(1.5e9, "Rp1,5 M"), (250e6, "Rp250 jt"), (12_000, "Rp12 rb"), (500, "Rp500"), (None, "–")]
)
def test_money_is_rounded_to_its_size(rupiah, shown):
    assert INDONESIAN.money(rupiah) == shown


@pytest.mark.parametrize(
    ("hours", "shown"),
    [
        (48 / 3600, "48 dtk"),
        (7 / 60, "7 mnt"),
        (1.4, "1 j 24 mnt"),
        (4, "4 j"),
        (2 + 5 / 60, "2 j 05 mnt"),
        (54, "2 hr 6 j"),
        (48, "2 hr"),
        (0, "0 dtk"),
        (-1.5, "−1 j 30 mnt"),
        (None, "–"),
    ],
)
def test_a_duration_has_its_two_largest_units_only(hours, shown):
    assert INDONESIAN.duration_text(hours) == shown


def test_the_digits_of_a_duration_are_large_and_its_units_small():
    digits = INDONESIAN.duration(3 + 20 / 60)
    assert [part if isinstance(part, str) else f"<i>{part.children}" for part in digits] == [
        "3",
        "<i>j",
        "20",
        "<i>mnt",
    ]


def test_english_durations():
    assert english().duration_text(54) == "2 d 6 h"


@pytest.mark.parametrize(
    ("seconds", "shown"), [(5, "5 dtk lalu"), (60, "1 mnt lalu"), (15_900, "4 j 25 mnt lalu"), (-3, "0 dtk lalu")]
)
def test_an_age_is_said_in_words(seconds, shown):
    assert INDONESIAN.age(seconds) == shown


def test_times_and_dates_are_the_regions_own():
    midnight = datetime(2026, 11, 23, 17, 30, tzinfo=UTC)
    assert INDONESIAN.time(NOW) == "14.05" and INDONESIAN.zone_name(NOW) == "WIB"
    assert INDONESIAN.date(midnight) == "Sel, 24 Nov 2026"
    assert [INDONESIAN.day(date(2026, month, 1)) for month in (5, 8, 10, 12)] == ["1 Mei", "1 Agu", "1 Okt", "1 Des"]
    assert english().time(NOW) == "14:05"


def test_a_moment_of_another_day_says_which():
    yesterday = datetime(2026, 11, 23, 14, 14, tzinfo=UTC)
    assert INDONESIAN.moment(NOW, NOW) == "14.05"
    assert INDONESIAN.moment(yesterday, NOW) == "23 Nov 21.14"


@pytest.mark.parametrize(
    ("band", "unit", "shown"),
    [
        ((96, 131.4), "cases", "96–131"),
        ((5, 5.2), "cases", "5"),
        ((65, 88), "minutes", "65–88 mnt"),
        ((2.5, 4), "hours", "2,5–4 j"),
        ((20, 90), "hours", "0,8–3,8 hr"),
        ((0.8, 0.92), "ratio", "80–92%"),
    ],
)
def test_a_band_is_short_enough_to_stand_under_a_number(band, unit, shown):
    assert INDONESIAN.span(band, unit) == shown


def test_a_values_unit_is_said_unless_it_is_the_thing_counted():
    assert plain(INDONESIAN.value(128, "cases")) == "128"
    assert plain(INDONESIAN.value(84, "minutes")) == "1 j 24 mnt"
    assert plain(INDONESIAN.value(13.91, "m")) == "13,9 m"
    assert plain(INDONESIAN.value(None, "hours")) == "–"


def test_a_code_is_shown_by_its_name_an_unknown_one_as_it_is_and_none_in_words():
    assert INDONESIAN.name("agency", "pupr") == "PUPR"
    assert INDONESIAN.name("agency", "Dinas Baru") == "Dinas Baru"
    assert INDONESIAN.name("district", None) == "Tanpa kecamatan"


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize(
    ("zone", "name", "clock"),
    [
        ("Asia/Jakarta", "WIB", "14.05"),
        ("Asia/Pontianak", "WIB", "14.05"),
        ("Asia/Makassar", "WITA", "15.05"),
        ("Asia/Jayapura", "WIT", "16.05"),
    ],
)
def test_each_zone_of_the_country_has_its_name_and_its_time_in_both_languages(zone, name, clock, language):
    words = Words(config(region=config().region.model_dump() | {"timezone": zone, "language": language}))
    assert words.zone_name(NOW) == name
    assert words.time(NOW) == (clock if language == "id" else clock.replace(".", ":"))
    drawn = html_of(header("Kota", "", "", words))
    assert f">{name}<" in drawn and f'data-zone="{zone}"' in drawn


def test_a_metric_is_called_in_the_words_of_its_language_and_one_of_the_settings_as_they_say():
    sources = {name: {"collector": "csv_file", "kind": name} for name in ("warning", "flood_report", "tax")}
    known = catalogue(config(sources=sources, metrics={"wait": {"measure": "mean", "title": "Tunggu poli"}}))
    called = {name: [words.metric(metric) for words in (INDONESIAN, english())] for name, metric in known.items()}
    assert called["warnings_open"] == ["Peringatan terbuka", "Open warnings"]
    assert called["flood_reports_overdue"] == ["Laporan banjir lewat tenggat", "Overdue flood reports"]
    assert called["complaints_time_to_close"] == ["Waktu penyelesaian pengaduan", "Time to close complaints"]
    assert called["memos_on_time_ratio"] == ["Nota dinas selesai tepat waktu", "Memos closed on time"]
    assert called["taxs_open"] == ["Tax terbuka", "Open tax"], "a kind without words is called by its code"
    assert called["wait"] == ["Tunggu poli", "Tunggu poli"]
    assert known["warnings_open"].title == "Peringatan terbuka", "the command line says the same"


def test_counted_things_are_one_or_several_in_english():
    assert [english().many("{n} OPD lain", count) for count in (1, 2)] == ["1 other agency", "2 other agencies"]
    assert [INDONESIAN.many("{n} OPD lain", count) for count in (1, 1234)] == ["1 OPD lain", "1.234 OPD lain"]
    assert english().money(1.5e9) == "Rp1.5 bn" and english().difference(0.021) == "+2.1 pp"
