"""Answers as real servers write them become records, or one clear error."""

from contextlib import suppress
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as some

from city.model import NotUnderstood
from city.times import instant
from collectors import RowError, records


def test_a_number_with_leading_zeros_is_a_code_and_other_numbers_stay():
    body = (
        b'[{"service_code": 006, "lat": 0.5, "long": -0.25, "text": "at 007 o\'clock, \\"008\\"", "n": 10, "e": 1e05}]'
    )
    expected = {"service_code": "006", "lat": 0.5, "long": -0.25, "text": 'at 007 o\'clock, "008"', "n": 10, "e": 1e5}
    assert records.of_json(body) == [expected]


def test_a_single_object_is_a_list_of_one_and_keys_come_in_any_case():
    assert records.of_json(b'{"SERVICE_REQUEST_ID": "1"}') == [{"service_request_id": "1"}]


@pytest.mark.parametrize("body", [b"3", b'"text"', b"[1, 2]", b"null", b'[{"a": 1}, null]'])
def test_json_that_is_no_list_of_records_is_not_understood(body):
    with pytest.raises(NotUnderstood, match="not a list of records"):
        records.of_json(body, "here")


def test_xml_records_keep_empty_fields_apart_from_absent_ones():
    more = b"<extended_attributes><simulated>true</simulated></extended_attributes>"
    body = b"<requests><request><A>1</A><b/>" + more + b"</request></requests>"
    assert records.of_xml(body, ("requests",)) == [{"a": "1", "b": None, "extended_attributes": {"simulated": "true"}}]


BOMB = b'<!DOCTYPE r [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><requests><request><id>&b;</id></request></requests>'
THIEF = b'<!DOCTYPE r [<!ENTITY f SYSTEM "file:///etc/hostname">]><requests><request><id>&f;</id></request></requests>'


@pytest.mark.parametrize("body", [b"<requests><request>", b"plain", BOMB, THIEF])
def test_broken_and_hostile_xml_is_not_understood(body):
    with pytest.raises(NotUnderstood, match="broken, cut off or not XML"):
        records.of_xml(body, ("requests",))


def test_a_web_page_is_not_taken_for_xml_data():
    with pytest.raises(NotUnderstood, match="begins with <html>, not <requests>"):
        records.of_xml(b"<html><body>Masuk</body></html>", ("requests",))


def test_a_field_is_text_a_time_or_a_named_problem():
    row = {"a": " x ", "n": 6, "deep": {"nik": "1571"}, "long": "x" * 201, "at": "2026-11-24 12:00", "bad": "kemarin"}
    jakarta = ZoneInfo("Asia/Jakarta")
    assert (records.text(row, "a"), records.text(row, "n"), records.text(row, "none")) == ("x", "6", None)
    assert records.time(row, "at", jakarta) == instant("2026-11-24T05:00:00Z")
    for field, problem in [("deep", "neither text"), ("long", "longer than 200"), ("bad", "not an ISO time")]:
        with pytest.raises(RowError, match=f"^{field}: {problem}") as caught:
            records.time(row, field, jakarta)
        assert "1571" not in str(caught.value)
    with pytest.raises(RowError, match="^none: missing"):
        records.needed_text(row, "none")


@pytest.mark.parametrize("lat, lon", [("0", "0"), ("91", "0"), ("nan", "1"), (None, "1"), ([], 1), ("1,5", "2")])
def test_a_position_that_lies_nowhere_is_no_position(lat, lon):
    assert records.position({"lat": lat, "long": lon}, "lat", "long") == (None, None)


def test_a_place_on_the_equator_is_a_place():
    assert records.position({"lat": "0.0", "long": 109.3}, "lat", "long") == (0.0, 109.3)


@given(some.binary(max_size=200))
def test_any_bytes_are_records_or_not_understood(body):
    for read in (lambda: records.of_json(body), lambda: records.of_xml(body, ("requests",))):
        with suppress(NotUnderstood):
            assert isinstance(read(), list)
