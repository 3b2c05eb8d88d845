"""Signature and sealing of BPJS: the known vectors, what an encoder of another hand writes, and every way it breaks."""

import base64
import json
import time
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from city.model import NotUnderstood
from collectors.bpjs import Facility
from collectors.bpjs.lz_string import NotPacked, decompressed
from collectors.bpjs.sealed import key_of, opened
from collectors.bpjs.signature import headers, signature
from simulation import lz_string as simulated
from tests.collectors.sealing import locked, packed

CIPHER = (
    "BrIc3POWIpoZX21f0INPcZQanVLmtYB2Ivk5GQRx1GIq/x90A26JRluvRGx/BQ1yWB10iTibFH1W+401rncWdI+3QdUB0c6p19pdulJ18H7h"
    "fyx5Ho0/oOEauoFPnf5GtlGdpsFhJsVG8t4w659t5w=="
)
PACKED = "N4IgNglgzgLiBcBtUBrA9gEwKYq2AhlAiAGoCSACiADQgxYBOUWGE+CAzLQHb4C27eCABKAV3zcA5gAIAglMkMcIAL4BdFUA"
PLAIN = '{"list":[{"kodekelas":"VIP","tersedia":3,"nama":"Ruang Anggrek"}]}'
KEY = key_of("1234", "pwd", "433223232")
ANY_JSON = some.recursive(
    some.none() | some.booleans() | some.integers(-(10**9), 10**9) | some.text(),
    lambda inner: some.lists(inner, max_size=8) | some.dictionaries(some.text(max_size=8), inner, max_size=8),
)


@pytest.mark.parametrize(
    "message, key, signed",
    [
        ("aaa", "bbb", "20BKS3PWnD3XU4JbSSZvVlGi2WWnDa8Sv9uHJ+wsELA="),  # of the official catalogue
        ("1234&433223232", "pwd", "eXMtvX2r7e7CLCIu3kpEpCrvciZgK8FuOhKv06NDAHk="),
    ],
)
def test_a_message_is_signed_as_in_the_catalogue(message, key, signed):
    assert signature(message, key) == signed


def test_the_headers_of_a_request_are_those_of_the_catalogue_and_name_no_content_type():
    facility = Facility(code="R1", cons_id="1234", secret="pwd", user_key="k")
    assert headers(facility, "433223232") == {
        "X-cons-id": "1234", "X-timestamp": "433223232", "user_key": "k",
        "X-signature": "eXMtvX2r7e7CLCIu3kpEpCrvciZgK8FuOhKv06NDAHk=",
    }  # fmt: skip


def test_a_puskesmas_also_says_who_logs_in_and_a_service_without_user_key_gets_none():
    facility = Facility(code="P1", cons_id="1", secret="s", username="u", password="p")
    sent = headers(facility, "1")
    assert base64.b64decode(sent["X-authorization"].removeprefix("Basic ")) == b"u:p:095"
    assert "user_key" not in sent


def test_the_known_answer_is_opened():
    assert KEY.hex() == "f75bf2014da65c8f1c39a47de848ba383d051f4e218fa70774fcd3fb216c5f9b"
    assert decompressed(PACKED) == PLAIN
    assert opened(CIPHER, KEY, "here") == json.loads(PLAIN)


@given(some.text(max_size=400))
def test_any_text_that_another_encoder_has_packed_is_unpacked(text):
    assert decompressed(packed(text)) == text


@given(some.text(alphabet="ab\u00e9\u4e16\U0001f600", max_size=2_000))
@settings(max_examples=60)
def test_a_text_of_few_letters_makes_long_phrases_and_wide_codes(text):
    assert decompressed(packed(text)) == text


@given(ANY_JSON)
def test_any_answer_is_opened_as_it_was_sealed(value):
    sealed = locked(packed(json.dumps(value)), "1234", "pwd", "433223232")
    assert opened(sealed, KEY, "here") == value


@given(some.text(max_size=300))
def test_the_simulated_city_packs_as_the_other_encoder_does(text):
    # The other one adds a letter when the last is full, as JavaScript does.
    assert packed(text) in (simulated.packed(text), simulated.packed(text) + "A")
    assert decompressed(simulated.packed(text)) == text


@given(some.text(min_size=1, max_size=120), some.data())
def test_a_packed_text_that_is_cut_off_is_never_taken_for_a_shorter_one(text, data):
    whole = simulated.packed(text)
    with pytest.raises(NotPacked, match="cut off"):
        decompressed(whole[: data.draw(some.integers(0, len(whole) - 1))])


@given(some.text(alphabet="ABCDEFGHabcdefgh0123456789+-$ ", max_size=500))
def test_garbage_is_refused_or_read_but_ends(text):
    with suppress(NotPacked):
        assert len(decompressed(text, 100_000)) <= 100_000


@pytest.mark.parametrize("text", ["", "<html>", "N4Ig\u00e9", "N4Ig_", "////"])
def test_what_is_no_packed_text_is_told_without_being_quoted(text):
    with pytest.raises(NotPacked) as caught:
        decompressed(text)
    assert not text or text not in str(caught.value)


def test_a_space_is_a_plus_that_went_through_a_form():
    assert "+" in PACKED
    assert decompressed(PACKED.replace("+", " ")) == PLAIN


def test_a_phrase_that_was_never_told_is_refused():
    writer = simulated._Writer()
    for number, width in ((0, 2), (ord("a"), 8), (7, 3)):
        writer.put(number, width)
    with pytest.raises(NotPacked, match="a phrase that it has not told"):
        decompressed(writer.text())


def test_a_text_that_unfolds_beyond_measure_is_stopped_in_time():
    writer, codes = simulated._Writer(), 4
    for number, width in ((0, 2), (ord("a"), 8)):
        writer.put(number, width)
    while codes < 8_000:  # each code is the phrase before and one letter more: 32 million letters of 17 kB
        writer.put(codes, codes.bit_length())
        codes += 1
    began = time.monotonic()
    with pytest.raises(NotPacked, match="unfolds into more than 16000000 characters"):
        decompressed(writer.text())
    assert time.monotonic() - began < 20


def test_no_wrong_secret_opens_an_answer_or_fails_in_another_way():
    # One in 256 wrong keys leaves something that looks like padding.
    for number in range(600):
        with pytest.raises(NotUnderstood, match="decrypt failed"):
            opened(CIPHER, key_of("1234", f"wrong{number}", "433223232"), "here")


def test_another_timestamp_than_the_one_sent_does_not_open_it():
    with pytest.raises(NotUnderstood, match="another timestamp than ours") as caught:
        opened(CIPHER, key_of("1234", "pwd", "433223233"), "here")
    assert "compare this facility's `secret`" in str(caught.value)


@pytest.mark.parametrize("torn", [CIPHER[:-30], CIPHER[:64], "no base64!", "", "AAAA"])
def test_a_torn_answer_is_not_decrypted(torn):
    with pytest.raises(NotUnderstood, match="decrypt failed"):
        opened(torn, KEY, "here")


@pytest.mark.parametrize("inside", ['{"list": []}', "!BYS5Q"])
def test_the_right_key_to_something_else_is_another_fault(inside):
    with pytest.raises(NotUnderstood, match="decompress failed: the right key"):
        opened(locked(inside, "1234", "pwd", "433223232"), KEY, "here")


@pytest.mark.parametrize("inside, told", [("<html>", "HTML"), ('{"list": [', "broken or cut off"), ("", "broken")])
def test_what_is_packed_but_no_json_is_told(inside, told):
    with pytest.raises(NotUnderstood, match=told):
        opened(locked(packed(inside), "1234", "pwd", "433223232"), KEY, "here")
