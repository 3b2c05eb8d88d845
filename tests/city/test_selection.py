"""What an address selects: read, written, compared, narrowed; and what is said of a wrong one."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from city.config import Config
from city.selection import DIMENSIONS, Flaw, Selection, WrongSelection, read, understood
from city.times import Window, instant

ZONE = ZoneInfo("Asia/Jakarta")
TODAY = date(2026, 11, 24)
REGION = {
    "code": "15.71", "name": "Kota Jambi", "timezone": "Asia/Jakarta",
    "districts": [{"code": "15.71.08", "name": "Jelutung", "lat": -1.6, "lon": 103.6}],
    "agencies": [{"code": "pupr", "name": "PUPR", "aliases": ["Dinas Pekerjaan Umum"]}, {"code": "dlh", "name": "DLH"}],
    "categories": [{"code": "jalan", "name": "Jalan berlubang"}, {"code": "sampah", "name": "Sampah menumpuk"}],
}  # fmt: skip
FILE = {
    "every": "1m",
    "stale_after": "1h",
    "expires_after": "1d",
    "owner": "Setda",
    "collector": "csv_file",
    "args": {},
}
CONFIG = Config.model_validate(
    {
        "region": REGION,
        "sources": {
            "memo": {**FILE, "title": "M", "kind": "memo"},
            "sikesal": {**FILE, "title": "S", "kind": "complaint"},
        },
    }
)


def asked(query: str) -> Selection:
    return read(query, CONFIG, TODAY)


def test_an_address_is_read_field_by_field():
    found = asked("?kind=memo&from=2026-09-01&to=2026-11-23&category=jalan,sampah&agency=pupr&compare=previous")
    where = {"agency": ("pupr",), "category": ("jalan", "sampah")}
    assert found == Selection("memo", date(2026, 9, 1), date(2026, 11, 23), where, "previous")


def test_nothing_asked_is_ninety_days_of_complaints():
    assert asked("") == Selection("complaint", date(2026, 8, 27), TODAY)
    assert asked("").days == 90


@pytest.mark.parametrize(
    ("period", "first"),
    [("7d", "2026-11-18"), ("30d", "2026-10-26"), ("month", "2026-11-01"), ("year", "2026-01-01")],
)
def test_a_period_ends_today(period, first):
    assert (asked(f"period={period}").first, asked(f"period={period}").last) == (date.fromisoformat(first), TODAY)


def test_names_and_aliases_are_as_good_as_codes():
    assert asked("agency=Dinas+pekerjaan+umum&district=jelutung").where == {
        "agency": ("pupr",),
        "district": ("15.71.08",),
    }


@pytest.mark.parametrize(
    ("query", "flaw"),
    [
        ("kind=complaints", Flaw("kind", "complaints", "complaint", "one of complaint, memo")),
        ("category=sampahh", Flaw("category", "sampahh", "sampah")),
        ("agency=pup", Flaw("agency", "pup", "pupr")),
        ("status=don", Flaw("status", "don", "done", "one of received, routed, in_progress, done, rejected")),
        ("from=1-9-2026", Flaw("from", "1-9-2026", "", "a day such as 2026-09-01")),
        ("to=9999-12-31", Flaw("to", "9999-12-31", "", "a day such as 2026-09-01")),
        ("compare=years", Flaw("compare", "years", "year", "one of previous, year, weekdays")),
    ],
)
def test_what_is_not_understood_is_told_with_the_nearest_and_the_rest_still_counts(query, flaw):
    found, flaws = understood(f"{query}&channel=sikesal", CONFIG, TODAY)
    assert flaws == (flaw,)
    assert found == Selection("complaint", date(2026, 8, 27), TODAY, {"channel": ("sikesal",)})


def test_every_mistake_is_in_the_error():
    with pytest.raises(WrongSelection, match=r"'to': 'x'.*'category': 'sampahh'.*did you mean 'sampah'"):
        asked("category=sampahh&to=x")


def test_days_in_the_wrong_order_are_the_last_of_them():
    found, flaws = understood("from=2026-11-20&to=2026-11-10", CONFIG, TODAY)
    assert (found.first, found.last) == (date(2026, 11, 10), date(2026, 11, 10))
    assert [(flaw.field, flaw.nearest) for flaw in flaws] == [("from", "2026-11-10")]


def test_what_is_not_known_has_a_sign_of_its_own():
    found = asked("category=~,jalan")
    assert found.where == {"category": ("", "jalan")}
    assert "category=~,jalan" in found.query()


words = st.text(st.characters(blacklist_categories=("Cs",)), max_size=12).map(str.strip)
days = st.dates(date(1971, 1, 1), date(2100, 1, 1))


@given(
    st.dictionaries(st.sampled_from(DIMENSIONS[3:4]), st.lists(words, min_size=1, max_size=3, unique=True).map(tuple)),
    days, st.integers(0, 900), st.sampled_from(["", "previous", "year", "weekdays"]),
)  # fmt: skip
def test_an_address_means_what_it_was_made_of(where, first, more, compare):
    made = Selection("memo", first, first + timedelta(days=more), where, compare)
    assert asked(made.query()) == made
    assert asked("?" + made.query()).query() == made.query()


@given(st.text(max_size=60))
def test_no_address_breaks_anything(query):
    found, _ = understood(query, CONFIG, TODAY)
    assert found.first <= found.last


def test_a_word_that_only_a_source_knows_can_be_asked_for():
    assert asked("category==Sampah+liar").where == {"category": ("Sampah liar",)}
    assert asked(asked("category==Sampah+liar").query()).where == {"category": ("Sampah liar",)}


def test_the_period_before_is_as_long_and_ends_where_it_begins():
    made = Selection("memo", date(2026, 9, 1), date(2026, 11, 24), compare="previous")
    assert made.other(ZONE) == Window(instant("2026-06-08T00:00", ZONE), instant("2026-09-01T00:00", ZONE))


def test_a_day_that_has_not_ended_is_held_against_as_much_of_the_other():
    now = datetime(2026, 11, 24, 7, 5, tzinfo=UTC)
    made = Selection("memo", date(2026, 11, 18), TODAY)
    for compare, end in (("previous", "2026-11-17"), ("weekdays", "2026-11-17"), ("year", "2025-11-24")):
        other = made.with_(compare=compare).other(ZONE, now)
        assert other and other.end == instant(f"{end}T14:05", ZONE)


@given(days, st.integers(0, 40))
def test_same_weekdays_are_before_it_and_begin_on_its_weekday(first, more):
    made = Selection("memo", first, first + timedelta(days=more), compare="weekdays")
    other = made.other(ZONE)
    assert other and other.end <= made.window(ZONE).start
    assert other.start.astimezone(ZONE).weekday() == first.weekday()
    assert made.window(ZONE).start - other.end < timedelta(days=7)


def test_nothing_to_compare_with_is_none():
    assert asked("").other(ZONE) is None


def test_a_second_press_takes_the_first_back():
    one = asked("").toggled(category="jalan")
    assert one.where == {"category": ("jalan",)}
    assert one.toggled(category="sampah").where == {"category": ("sampah",)}
    assert one.toggled(category="jalan") == asked("")
    both = one.toggled(agency="pupr", status="done")
    assert both.toggled(agency="pupr", status="done") == one
