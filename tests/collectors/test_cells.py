"""The cells of a row one by one: what counts as nothing, as a time, a number, a place; and no message quotes them."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from collectors import RowError, cells
from collectors.mapping import Mapping

NOON = datetime(2026, 11, 24, 5, 0, tzinfo=UTC)  # 12.00 in Jambi
FIELDS = {"key": "Nomor", "opened_at": "Masuk", "category": "Jenis"}
PLACE = {"lat": "Lintang", "lon": "Bujur"}


def args(**more):
    return Mapping(**{"fields": FIELDS, "zone": "Asia/Jakarta"} | more)


def fields_of(row, **more):
    """The text of every field of one row."""
    clean, found = cells.of(args(**more))
    cleaned = clean(row)
    return {field: get(cleaned) for field, get in found.items()}


def moment(text, field="opened_at", **more):
    return moments([text], field, **more)[0]


def moments(texts, field="opened_at", **more):
    """What one reader makes of texts that come one after another."""
    made = args(**more)
    clean, found = cells.of(made)
    read = cells.time(field, found, made)
    return [read(clean(("A1", text, ""))) for text in texts]


def place(lat, lon, **more):
    made = args(fields=FIELDS | PLACE, **more)
    clean, found = cells.of(made)
    return cells.position(found, made)(clean(("A1", "", "", lat, lon)))


def test_blanks_around_a_cell_go_and_those_inside_stay():
    row = ("  A 1\t", "\n2026-11-24\r\n", "\u00a0Jalan  rusak ")
    assert fields_of(row) == {"key": "A 1", "opened_at": "2026-11-24", "category": "Jalan  rusak"}


@pytest.mark.parametrize("text", ["", "   ", "\t\r\n", "\u00a0"])
def test_a_cell_of_blanks_is_nothing(text):
    assert fields_of(("A1", text, text)) == {"key": "A1", "opened_at": None, "category": None}


def test_the_words_of_the_settings_are_nothing_as_whole_cells_in_their_own_letters():
    words = ["-", " N/A ", "n/a", "-N/A", "", "0"]
    found = [fields_of(("A1", "", word), empty=["-", "N/A"])["category"] for word in words]
    assert found == [None, None, "n/a", "-N/A", None, "0"]


def test_a_constant_is_said_of_every_row_and_takes_no_column():
    made = args(constants={"channel": "loket", "simulated": False})
    assert made.columns == ["Nomor", "Masuk", "Jenis"]
    found = fields_of(("A1", "", ""), constants={"channel": "loket", "simulated": False})
    assert (found["channel"], found["simulated"]) == ("loket", "False")


def test_two_fields_may_read_the_same_column():
    made = {"fields": {"opened_at": "Masuk", "key": "Nomor", "place": "Nomor"}}
    assert args(**made).columns == ["Masuk", "Nomor"]
    assert fields_of(("2026-11-24", "A1"), **made) == {"opened_at": "2026-11-24", "key": "A1", "place": "A1"}


@pytest.mark.parametrize("row", [(), ("A1",), ("A1", ""), ("A1", "", "", "")])
def test_a_row_with_too_few_or_too_many_cells_is_no_row(row):
    with pytest.raises(IndexError):
        fields_of(row)


def test_two_hundred_characters_are_a_cell_and_one_more_is_free_text():
    assert fields_of(("A1", "", " " * 50 + "x" * 200 + " " * 50))["category"] == "x" * 200
    with pytest.raises(RowError) as caught:
        fields_of(("A1", "Budi 0812", "Budi tinggal di " + "x" * 185))
    assert str(caught.value) == "Jenis: longer than 200 characters"


@pytest.mark.parametrize("text", ["true", "TRUE", " ya ", "Yes", "1"])
def test_a_row_can_say_that_it_is_simulated(text):
    clean, found = cells.of(args(fields=FIELDS | {"simulated": "Uji"}))
    assert cells.marked(found)(clean(("A1", "", "", text)))


@pytest.mark.parametrize("text", ["", "false", "tidak", "0", "no", "benar sekali"])
def test_any_other_word_means_a_real_row(text):
    clean, found = cells.of(args(fields=FIELDS | {"simulated": "Uji"}))
    assert not cells.marked(found)(clean(("A1", "", "", text)))
    assert not cells.marked({})(("A1",))


@pytest.mark.parametrize(
    ("form", "text"),
    [
        (None, "2026-11-24T12:00:00+07:00"),
        (None, "2026-11-24T05:00Z"),
        (None, "2026-11-24 12:00"),
        (None, "20261124T120000"),
        (None, "2026-11-24 12:00:00 +0700"),
        (None, "2026-11-24 12:00 WIB"),
        (None, "2026-11-24 13:00 WITA"),
        (None, "2026-11-24 14:00 WIT"),
        ("%d/%m/%Y %H:%M", "24/11/2026 12:00"),
        ("%d/%m/%Y %H:%M", "24/11/2026   12:00"),
        ("%d/%m/%Y %H:%M", "24/11/2026 13:00 WITA"),
        ("%d/%m/%Y %H:%M", "2026-11-24 12:00:00"),
        ("%d/%m/%Y %H:%M", "2026-11-24T05:00:00Z"),
        ("%d/%m/%Y %H:%M", "2026-11-24 14:00 WIT"),
        ("%m/%d/%Y %I:%M:%S %p", "11/24/2026 12:00:00 PM"),
        ("%d %B %Y %H.%M", "24 November 2026 12.00"),
        ("%A, %d %b %y %H:%M", "Selasa, 24 Nov 26 12:00"),
        ("%Y-%m-%dT%H:%M:%S.%f%z", "2026-11-24T05:00:00.000+00:00"),
    ],
)
def test_the_same_noon_is_read_from_every_form(form, text):
    assert moment(text, time_format=form) == NOON
    assert moment(text, time_format=form).utcoffset() == timedelta(0)


def test_a_bare_date_is_the_midnight_at_which_it_begins_in_its_own_zone():
    starts = {"Asia/Jakarta": "2026-11-23T17:00Z", "Asia/Makassar": "2026-11-23T16:00Z", "UTC": "2026-11-24T00:00Z"}
    for zone, start in starts.items():
        for text in ("24/11/2026", "2026-11-24"):
            assert moment(text, time_format="%d/%m/%Y", zone=zone) == datetime.fromisoformat(start)


def test_months_have_their_indonesian_names():
    days = {"1 Mei 2026": 5, "1 Agustus 2026": 8, "1 Oktober 2026": 10, "1 Desember 2026": 12, "1 August 2026": 8}
    assert {text: moment(text, time_format="%d %B %Y", zone="UTC").month for text in days} == days


def test_a_column_that_mixes_forms_and_zone_words_reads_each_cell_for_itself():
    texts = ["24/11/2026 12:00", "2026-11-24 12:00:00", "24/11/2026 12:00 WIT", "", "24/11/2026 12:00",
             "24/11/2026 13:00", "25/11/2026 12:00", "24/11/2026 12:00 WIB"]  # fmt: skip
    hours = [0, 0, -2, None, 0, 1, 24, 0]
    expected = [None if hour is None else NOON + timedelta(hours=hour) for hour in hours]
    assert moments(texts, time_format="%d/%m/%Y %H:%M") == expected
    assert moments(texts[::-1], time_format="%d/%m/%Y %H:%M") == expected[::-1]


@pytest.mark.parametrize(
    "text",
    ["Budi", "31/02/2026 10:00", "24/13/2026 10:00", "24/11/2026 25:00", "24/11/2026", "24/11/26 10:00", "45985.5",
     "24/11/2026 10:00 PST", "0001-01-01", "2026-11-24T10:00+07:00 WIB", "\u0662\u0664/11/2026 10:00x"],
)  # fmt: skip
def test_what_is_no_time_names_the_field_and_not_the_cell(text):
    with pytest.raises(RowError) as caught:
        moment(text, time_format="%d/%m/%Y %H:%M")
    assert str(caught.value) == "opened_at: not a time in the configured form"


def test_a_time_that_nobody_maps_or_writes_is_nothing_until_it_is_needed():
    made = args()
    _, found = cells.of(made)
    assert cells.time("due_at", found, made)(("A1", "24/11/2026", None)) is None
    assert moment("  ") is None
    with pytest.raises(RowError, match="^due_at: missing$"):
        cells.needed("due_at", cells.time("due_at", found, made))(("A1", "x", None))
    assert cells.needed("key", found["key"])(("A1", None, None)) == "A1"


@pytest.mark.parametrize(
    ("decimal", "text", "value"),
    [(".", "1200.5", 1200.5), (".", "-3", -3), (".", "0", 0), (".", "1e3", 1000), (",", "1.200,5", 1200.5),
     (",", "1.234.567", 1_234_567), (",", "-0,25", -0.25), (",", "12", 12)],
)  # fmt: skip
def test_numbers_are_read_as_the_settings_write_them(decimal, text, value):
    assert cells.number(text, decimal) == value


@pytest.mark.parametrize("decimal", [".", ","])
@pytest.mark.parametrize("text", ["", "tiga", "12 menit", "nan", "inf", "-Infinity", "1e999", "1,2,3", "--1"])
def test_what_is_no_finite_number_is_none(decimal, text):
    with pytest.raises(ValueError):
        cells.number(text, decimal)


def test_a_comma_is_no_point_unless_the_settings_say_so():
    with pytest.raises(ValueError):
        cells.number("1,5", ".")


@pytest.mark.parametrize(
    ("lat", "lon"), [("", ""), ("-1.6", ""), ("", "103.6"), ("90.1", "0"), ("-91", "0"), ("0", "180.5"), ("x", "1")]
)
def test_a_place_that_is_not_on_earth_or_only_half_said_is_no_place(lat, lon):
    assert place(lat, lon) == (None, None)


def test_the_corners_of_the_earth_are_places_and_placeholders_only_as_a_pair():
    assert place("-90", "180") == (-90, 180)
    assert place("0", "0", ignore_positions=[[1, 1]]) == (0, 0)
    assert place("0.0", "-0", ignore_positions=[[0, 0]]) == (None, None)
    assert place("0", "109.3", ignore_positions=[[0, 0]]) == (0, 109.3)
    assert place("-1,6", "103,6", decimal=",") == (-1.6, 103.6)


def test_a_latitude_without_a_longitude_column_is_no_place():
    made = args(fields=FIELDS | {"lat": "Lintang"})
    clean, found = cells.of(made)
    assert cells.position(found, made)(clean(("A1", "", "", "-1.6"))) == (None, None)


@given(some.text(max_size=60), some.sampled_from([None, "%d/%m/%Y %H:%M", "%d %B %Y", "%Y-%m-%d"]))
def test_any_text_is_a_time_in_utc_or_one_and_the_same_message(text, form):
    try:
        found = moment(text, time_format=form)
        assert found is None or found.utcoffset() == timedelta(0)
    except RowError as error:
        assert str(error) == "opened_at: not a time in the configured form"


SENTENCES = {"Tersedia {} bed kosong*": 1, "*penuh!": 0, "{} jam": 60, "2[5-9] hari": 1, "*": -1}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Tersedia 15 bed kosong IGD", 15),
        ("kurang dari 1 jam", -1),
        ("Bed IGD penuh!", 0),
        ("1,5 jam", 90),
        ("27 hari", 1),
        ("24 hari", -1),
    ],
)
def test_a_number_said_in_words_is_read_by_the_first_form_that_fits(text, value):
    assert cells.sentences(SENTENCES, ",")(text) == value


@pytest.mark.parametrize("text", ["", "Budi", "tersedia 3", "dua jam", "1 jam 20 menit"])
def test_a_sentence_of_no_known_form_is_no_number(text):
    with pytest.raises(ValueError) as caught:
        cells.sentences({"{} jam": 60, "tersedia": 1}, ",")(text)
    assert text == "" or text not in str(caught.value)
