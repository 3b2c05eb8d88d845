"""A host that allows sixty requests a minute gets no more, whichever jobs and threads ask."""

import threading

import pytest

from city.model import Refused
from collectors.http import Session
from collectors.pace import SHARED, SPAN_S, Pace
from collectors.runner import Job
from tests.collectors.conftest import region


class Clock:
    """Seconds that pass when somebody sleeps."""

    def __init__(self):
        self.now, self.slept = 0.0, []

    def sleep(self, seconds):
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def pace(clock):
    made = Pace(lambda: clock.now, clock.sleep)
    made.limit("bmkg.go.id", 3)
    return made


def test_the_first_requests_of_a_minute_do_not_wait_and_the_next_waits_for_the_minute_to_pass(pace, clock):
    starts = []
    for _ in range(8):
        pace.wait("api.bmkg.go.id")
        starts.append(clock.now)
        clock.now += 1
    assert starts[:3] == [0, 1, 2] and starts[3] == SPAN_S
    assert all(later - earlier >= 60 for earlier, later in zip(starts, starts[3:], strict=False))


def test_the_hosts_below_a_name_share_its_limit(pace, clock):
    for host in ("api.bmkg.go.id", "data.bmkg.go.id", "www.bmkg.go.id", "bmkg.go.id"):
        pace.wait(host)
    assert clock.slept == [SPAN_S]


@pytest.mark.parametrize("host", ["", "127.0.0.1", "notbmkg.go.id", "bmkg.go.id.example.org"])
def test_a_host_that_is_only_called_alike_is_not_held_up(pace, clock, host):
    for _ in range(20):
        pace.wait(host)
    assert clock.slept == []


def test_after_a_quiet_minute_nobody_waits(pace, clock):
    for _ in range(3):
        pace.wait("bmkg.go.id")
    clock.now += 120
    pace.wait("bmkg.go.id")
    assert clock.slept == []


def test_of_two_limits_the_smaller_and_of_two_names_the_nearer_counts(pace):
    pace.limit("bmkg.go.id", 100)
    pace.limit("api.bmkg.go.id", 1)
    assert pace.limited("x.api.bmkg.go.id") == "api.bmkg.go.id"
    assert pace._limits["bmkg.go.id"] == 3


def test_many_threads_take_their_turns_one_behind_the_other():
    lock, slept = threading.Lock(), []

    def sleep(seconds):
        with lock:
            slept.append(seconds)

    pace = Pace(lambda: 0.0, sleep)
    pace.limit("h", 5)
    threads = [threading.Thread(target=lambda: [pace.wait("h") for _ in range(10)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # Nobody's clock moves: the n-th request waits for as many minutes as it is limits behind the first.
    assert sorted(slept) == sorted(SPAN_S * (number // 5) for number in range(5, 40))


def test_sessions_share_a_pace_and_every_retry_is_a_request_too(system, clock):
    pace = Pace(lambda: clock.now, clock.sleep)
    pace.limit("127.0.0.1", 4)
    system.answer = lambda query: (503, {}, b"busy")
    for _ in range(2):
        with Session(retries=2, pace=pace) as session, pytest.raises(Refused):
            session.body(system.url)
    assert len(system.asked) == 6
    assert clock.slept == [SPAN_S]


def test_a_redirection_is_a_request_too(system, clock):
    pace = Pace(lambda: clock.now, clock.sleep)
    pace.limit("127.0.0.1", 1)
    system.answer = lambda query: (200, {}, b"[]") if query else (302, {"Location": "/?there=1"}, b"")
    with Session(retries=0, pace=pace) as session:
        session.body(system.url)
    assert clock.slept == [SPAN_S]


def test_a_job_of_bmkg_holds_every_session_of_the_process_to_bmkgs_rule():
    Job("desk", region("bmkg", {"service": "earthquakes"}))
    assert Session().pace is SHARED
    assert SHARED.limited("api.bmkg.go.id") == "bmkg.go.id"
    assert SHARED._limits["bmkg.go.id"] == 60
