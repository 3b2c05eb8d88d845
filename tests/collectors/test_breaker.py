"""A host that keeps failing is left in peace, what would ask it fails at once, and one good answer ends it."""

import threading
import time

import faults
import pytest

from city.model import NotUnderstood, Refused, Unreachable
from collectors.breaker import LIMIT, Breaker
from collectors.http import Session


class Clock:
    """Seconds that go on when told."""

    now = 1_000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def session(clock):
    with Session(retries=0, read_timeout_s=5, breaker=Breaker(clock)) as made:
        yield made


def failures(session, url, count, error=Refused):
    for _ in range(count):
        with pytest.raises(error):
            session.body(url)


def busy(system, status=503, **headers):
    system.answer = lambda query: (status, headers, b"")


def test_after_five_failures_in_a_row_a_host_is_not_asked_for_half_a_minute(system, session, clock):
    busy(system)
    failures(session, system.url, LIMIT)
    host = system.url.removeprefix("http://")
    with pytest.raises(Unreachable, match=f"^{host}: has failed 5 times; asked again in 30 s"):
        session.body(f"{system.url}/another/path?key=12345")
    clock.now += 29.9
    failures(session, system.url, 3, Unreachable)
    assert len(system.asked) == LIMIT


def test_a_probe_that_succeeds_ends_it_at_once(system, session, clock):
    busy(system)
    failures(session, system.url, LIMIT)
    system.answer = lambda query: (200, {}, b"[1]")
    clock.now += 30
    assert [session.body(system.url) for _ in range(3)] == [b"[1]"] * 3
    busy(system)
    failures(session, system.url, LIMIT)  # and it is counted from the beginning
    failures(session, system.url, 1, Unreachable)


def test_a_probe_that_fails_doubles_the_pause_up_to_five_minutes(system, session, clock):
    busy(system)
    failures(session, system.url, LIMIT)
    for pause in (30, 60, 120, 240, 300, 300):
        clock.now += pause - 1
        failures(session, system.url, 1, Unreachable)
        clock.now += 1
        before = len(system.asked)
        failures(session, system.url, 1)
        assert len(system.asked) == before + 1


def test_while_a_probe_is_on_its_way_nobody_else_asks(clock):
    breaker = Breaker(clock)
    for _ in range(LIMIT):
        with pytest.raises(Unreachable, match="no answer"), breaker.guarding("desk"):
            raise Unreachable("no answer")
    clock.now += 30
    with breaker.guarding("desk"), pytest.raises(Unreachable, match="has failed"), breaker.guarding("desk"):
        raise AssertionError("a second question")
    with breaker.guarding("desk"):
        pass  # the probe has come home well


@pytest.mark.parametrize("status", [400, 401, 403, 404, 500])
def test_an_error_that_is_an_answer_does_not_count(system, session, status):
    busy(system, status)
    failures(session, system.url, 2 * LIMIT)
    assert len(system.asked) == 2 * LIMIT


def test_an_answer_between_failures_begins_the_count_anew(system, session):
    for status in (503, 503, 503, 503, 404, 503, 503, 503, 503):
        busy(system, status)
        failures(session, system.url, 1)
    system.answer = lambda query: (200, {}, b"")
    failures(session, system.url, 2 * LIMIT, NotUnderstood)


def test_a_host_that_never_answers_costs_five_time_outs_and_then_nothing(clock):
    with faults.serving(lambda asked: (200, {}, b"[]")) as service:
        service.fault = faults.FAULTS["never_answers"].spoil
        with Session(retries=0, read_timeout_s=0.2, breaker=Breaker(clock)) as session:
            failures(session, service.url, LIMIT, Unreachable)
            began = time.monotonic()
            failures(session, service.url, 200, Unreachable)
            assert time.monotonic() - began < 0.5


def test_another_host_is_none_of_its_business(system, session):
    busy(system)
    failures(session, system.url, LIMIT + 1, (Refused, Unreachable))
    with faults.serving(lambda asked: (200, {}, b"[]")) as other:
        assert session.body(other.url) == b"[]"


def test_sources_share_what_they_learn_and_a_single_run_by_hand_is_never_held_up(system, clock):
    breaker = Breaker(clock)
    busy(system)
    for _ in range(LIMIT):
        with Session(retries=0, breaker=breaker) as one:
            failures(one, system.url, 1)
    with Session(retries=0, breaker=breaker) as scheduled, Session(retries=0) as by_hand:
        failures(scheduled, system.url, 1, Unreachable)
        failures(by_hand, system.url, 1, Refused)


def test_a_host_that_asks_for_ten_minutes_is_left_in_peace_for_ten_minutes(system, session, clock):
    busy(system, 429, **{"Retry-After": "600"})
    failures(session, system.url, 1)
    with pytest.raises(Unreachable, match="wants to be left in peace; asked again in 600 s"):
        session.body(system.url)
    system.answer = lambda query: (200, {}, b"[]")
    clock.now += 599
    failures(session, system.url, 1, Unreachable)
    clock.now += 1
    assert session.body(system.url) == b"[]"
    assert len(system.asked) == 2


def test_a_retry_after_of_a_year_is_believed_for_six_hours(system, session, clock):
    busy(system, 503, **{"Retry-After": str(365 * 86_400)})
    failures(session, system.url, 1)
    clock.now += 6 * 3600
    system.answer = lambda query: (200, {}, b"[]")
    assert session.body(system.url) == b"[]"


def test_twenty_sources_that_fail_together_make_one_pause_and_not_a_long_one(system, clock):
    breaker, together = Breaker(clock), threading.Barrier(20)
    busy(system)

    def ask():
        with Session(retries=0, breaker=breaker) as session, pytest.raises((Refused, Unreachable)):
            together.wait(10)
            session.body(system.url)

    threads = [threading.Thread(target=ask) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    clock.now += 30
    system.answer = lambda query: (200, {}, b"[]")
    with Session(retries=0, breaker=breaker) as session:
        assert session.body(system.url) == b"[]"
