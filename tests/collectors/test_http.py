"""What a broken system looks like to a collector: one clear error each, and never a body in it."""

import gzip
import time
from email.utils import formatdate

import pytest

from city.model import NotUnderstood, Refused, Unreachable
from collectors.http import MAX_RETRY_AFTER_S, json_of


def test_a_body_is_read_whole_and_the_system_knows_who_asks(system, session):
    system.answer = lambda query: (200, {}, b'{"a": 1}')
    assert json_of(session.body(system.url, params={"q": "1"}), "here") == {"a": 1}
    assert system.asked == [{"q": "1"}]
    assert system.headers[0]["User-Agent"].startswith("Kendali/")


def test_a_login_page_instead_of_data_is_not_understood(system, session):
    system.answer = lambda query: (200, {"Content-Type": "text/html"}, b"<!doctype html><title>Masuk</title>")
    with pytest.raises(NotUnderstood, match="HTML or XML instead of JSON") as caught:
        json_of(session.body(system.url), system.url)
    assert "Masuk" not in str(caught.value)
    assert caught.value.code == "K-103"


def test_an_error_status_is_refused_with_its_number_and_without_the_secret(system, session):
    system.answer = lambda query: (403, {}, b"key 12345 is not allowed")
    with pytest.raises(Refused, match="answered HTTP 403") as caught:
        session.body(system.url.replace("//", "//user:pass@") + "/requests.json", params={"api_key": "12345"})
    assert "12345" not in str(caught.value)
    assert "pass" not in str(caught.value)


def test_a_busy_system_is_asked_again_after_the_time_it_names(system, session):
    answers = [(503, {"Retry-After": "1"}, b""), (200, {}, b"[1]")]
    system.answer = lambda query: answers.pop(0)
    began = time.monotonic()
    assert session.body(system.url) == b"[1]"
    assert time.monotonic() - began >= 1


@pytest.mark.parametrize("hour", [lambda: "3600", lambda: formatdate(time.time() + 3600, usegmt=True)])
def test_a_system_that_asks_for_an_hour_of_patience_is_not_asked_again(system, session, hour):
    system.answer = lambda query: (429, {"Retry-After": hour()}, b"")
    with pytest.raises(Refused, match=r"HTTP 429; it may be asked again in 3(600|5\d\d) s") as caught:
        session.body(system.url)
    assert len(system.asked) == 1
    assert caught.value.after_s > MAX_RETRY_AFTER_S


def test_a_retry_after_that_cannot_be_read_is_none(system, session):
    system.answer = lambda query: (429, {"Retry-After": "soon"}, b"")
    with pytest.raises(Refused, match=r"HTTP 429\."):
        session.body(system.url)
    assert len(system.asked) == 2


def test_a_system_that_stays_broken_is_refused_after_the_retries(system, session):
    system.answer = lambda query: (502, {}, b"")
    with pytest.raises(Refused, match="HTTP 502"):
        session.body(system.url)
    assert len(system.asked) == 2


def test_a_hanging_system_is_unreachable_in_time(system, session):
    system.answer = lambda query: (system.release.wait(5), (200, {}, b"late"))[1]
    with pytest.raises(Unreachable, match="no answer in time"):
        session.body(system.url)


def test_nobody_listening_is_unreachable_and_no_log_holds_the_key(session, caplog):
    with pytest.raises(Unreachable, match="no connection") as caught:
        session.body("http://127.0.0.1:9/requests.json?api_key=12345")
    assert "12345" not in str(caught.value) + caplog.text


def test_a_body_that_breaks_off_is_not_understood(system, session):
    system.answer = lambda query: (200, {"Content-Length": "1000"}, b'[{"a": 1}, ')
    with pytest.raises(NotUnderstood, match="broke off"):
        session.body(system.url)


@pytest.mark.parametrize("body", [b"", b"  \n"])
def test_an_empty_answer_is_an_error_and_not_an_empty_city(system, session, body):
    system.answer = lambda query: (200, {}, body)
    with pytest.raises(NotUnderstood, match="the answer is empty"):
        session.body(system.url)


def test_a_huge_body_is_not_swallowed(system, session):
    system.answer = lambda query: (200, {}, b"x" * 300_000)
    with pytest.raises(NotUnderstood, match="larger than 200000 bytes"):
        session.body(system.url)


def test_a_small_body_that_unpacks_to_a_huge_one_is_not_swallowed(system, session):
    system.answer = lambda query: (200, {"Content-Encoding": "gzip"}, gzip.compress(b"x" * 3_000_000))
    with pytest.raises(NotUnderstood, match="larger than"):
        session.body(system.url)


def test_a_wrongly_packed_body_is_not_understood(system, session):
    system.answer = lambda query: (200, {"Content-Encoding": "gzip"}, b"not gzip at all")
    with pytest.raises(NotUnderstood, match="packed wrongly"):
        session.body(system.url)


@pytest.mark.parametrize("body", [b'[{"a": ', b"hello", b"[1,,2]", b"\xff\xfe"])
def test_broken_json_is_not_understood(body):
    with pytest.raises(NotUnderstood, match="broken or cut off"):
        json_of(body, "here")
