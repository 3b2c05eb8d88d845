"""A clock face is one moment, also where clocks change and whatever the form it is written in."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from city.times import duration, instant, reader, window

BALTIMORE = "%m/%d/%Y %I:%M:%S %p"
JAMBI = ZoneInfo("Asia/Jakarta")
#: Each changes its clocks in its own way: by an hour at 2, at midnight, at one minute past, by half an hour.
ZONES = [ZoneInfo(name) for name in ("America/New_York", "America/Havana", "America/St_Johns", "Australia/Lord_Howe")]


def as_written(naive, zone):
    return naive.replace(tzinfo=zone).astimezone(UTC)


@pytest.mark.parametrize("zone", ZONES, ids=str)
def test_every_quarter_of_an_hour_of_a_year_is_the_moment_its_zone_says(zone):
    read, first = reader(BALTIMORE, zone), datetime(2008, 1, 1)
    for number in range(366 * 96):
        naive = first + timedelta(minutes=15 * number)
        assert read(naive.strftime(BALTIMORE)) == as_written(naive, zone), naive


@settings(max_examples=300, deadline=None)
@given(st.lists(st.datetimes(datetime(1900, 1, 2), datetime(2100, 1, 1)), min_size=1), st.sampled_from(ZONES))
def test_a_reader_that_remembers_answers_like_one_that_does_not(moments, zone):
    read = reader(BALTIMORE, zone)
    for naive in [moment.replace(microsecond=0) for moment in (*moments, *moments)]:
        assert read(naive.strftime(BALTIMORE)) == as_written(naive, zone)


def test_the_repeated_hour_of_autumn_means_the_first_one():
    read = reader(BALTIMORE, ZONES[0])
    assert read("11/05/2017 12:30:00 AM") == datetime(2017, 11, 5, 4, 30, tzinfo=UTC)
    assert read("11/05/2017 01:30:00 AM") == datetime(2017, 11, 5, 5, 30, tzinfo=UTC)
    assert read("11/05/2017 02:30:00 AM") == datetime(2017, 11, 5, 7, 30, tzinfo=UTC)


@pytest.mark.parametrize("text", ["16-03-2021 11:32:49 WIB", "16-03-2021 12:32:49 WITA", "16-03-2021 13:32:49WIT"])
def test_a_zone_word_beats_the_configured_zone_also_between_naive_rows(text):
    read, moment = reader("%d-%m-%Y %H:%M:%S", ZONES[0]), datetime(2021, 3, 16, 4, 32, 49, tzinfo=UTC)
    assert read("16-03-2021 00:32:49") == moment
    assert read(text) == read(text) == moment
    assert read("16-03-2021 00:32:49") == moment


@pytest.mark.parametrize(
    ("fmt", "text"),
    [("%d %B %Y, %H.%M", "7 Agustus 2026, 14.30"), ("%A, %d %b %Y %H:%M", "Jumat, 07 Agu 2026  14:30"),
     ("%d/%m/%y %H:%M", " 07/08/26 14:30 "), ("%H:%M %d/%m/%Y", "14:30 07/08/2026"),
     ("%Y-%m-%d %H:%M %z", "2026-08-07 09:30 +0200"), ("%Y-%m-%dT%H:%M:%S%z", "2026-08-07T07:30:00Z")],
)  # fmt: skip
def test_many_forms_and_month_names_are_the_same_afternoon(fmt, text):
    assert reader(fmt, JAMBI)(text) == instant(text, JAMBI, fmt) == datetime(2026, 8, 7, 7, 30, tzinfo=UTC)


@pytest.mark.parametrize("text", ["2026-08-07 14:30:00 +0700", "2026-08-07T14:30 WIB", "2026-08-07 14:30:00WIB"])
def test_an_offset_or_a_word_may_stand_apart(text):
    assert instant(text) == datetime(2026, 8, 7, 7, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("fmt", "told"),
    [("%d/%m/%Q", "%Q is not known; known: %Y"), ("%d/%m/%Y %d", "%d stands there twice"),
     ("%d/%m/%Y %I:%M", "%I and %p belong together")],
)  # fmt: skip
def test_a_form_nothing_can_be_read_with_is_refused_before_the_first_row(fmt, told):
    with pytest.raises(ValueError, match=told):
        reader(fmt, JAMBI)


@pytest.mark.parametrize("fmt", [None, "%d/%m/%Y", BALTIMORE])
@given(st.text())
def test_a_refusal_never_quotes_the_row_for_it_may_be_a_name(fmt, text):
    try:
        reader(fmt, JAMBI)(text + " Siti")
    except ValueError as error:
        assert "Siti" not in str(error)
    else:
        raise AssertionError("a name was read as a time")


@pytest.mark.parametrize("text", ["13:00 PM", "00:00 AM"])
def test_a_twelve_hour_clock_has_no_hour_thirteen_and_no_hour_zero(text):
    with pytest.raises(ValueError, match="must be 1 to 12"):
        reader("%Y %I:%M %p", JAMBI)("2026 " + text)


def test_a_time_before_the_first_year_is_refused():
    with pytest.raises(ValueError, match="outside the years 1 to 9999"):
        instant("0001-01-01T00:00:00", JAMBI)
    with pytest.raises(ValueError, match="both an offset and a zone word"):
        instant("2026-01-01T00:00:00+07:00 WIB")
    with pytest.raises(ValueError, match="not the name of a month"):
        instant("1 Foo 2026", JAMBI, "%d %B %Y")


def test_fractions_of_seconds_are_kept():
    read = reader("%Y-%m-%d %H:%M:%S.%f", JAMBI)
    assert read("2026-01-01 07:00:00.25") - read("2026-01-01 07:00:00.000001") == timedelta(microseconds=249_999)


def test_a_duration_longer_than_time_is_refused_like_any_other():
    with pytest.raises(ValueError, match="too long"):
        duration("9" * 400 + "d")


@pytest.mark.parametrize("text", ["yesterday", "0d", "1.5d", "d", ""])
def test_an_unknown_window_says_which_there_are(text):
    with pytest.raises(ValueError, match="write today, this_week, this_month, 24h, 7d or 4w"):
        window(text, datetime(2026, 1, 1, tzinfo=UTC), JAMBI)
