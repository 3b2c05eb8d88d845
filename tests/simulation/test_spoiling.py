"""Every fault of a network can be ordered of the simulated city, and is told apart by whoever reads it."""

import pytest
import requests

from city.model import NotUnderstood, Refused, SourceError, Unreachable
from collectors.http import Session
from simulation import server, spoiling
from simulation.faults import KINDS
from simulation.town import Town

EXPECTED = {
    "401": (Refused, "HTTP 401"), "429": (Refused, "HTTP 429"), "500": (Refused, "HTTP 500"),
    "empty": (NotUnderstood, "empty"), "truncate": (NotUnderstood, "broke off"), "huge": (NotUnderstood, "larger than"),
    "bomb": (NotUnderstood, "larger than"), "endless": (NotUnderstood, "larger than"),
    "timeout": (Unreachable, "no answer in time"), "slow": (Unreachable, "no answer in time"),
    "drip": (Unreachable, "took longer than"), "reset": (Unreachable, "no connection"),
    "redirect": (Unreachable, "circle"), "html": (None, ""),
}  # fmt: skip


@pytest.fixture(scope="module")
def city(tmp_path_factory):
    spoiling._packed()  # packed once a process; here not within a time-out
    running, _ = server.start(Town(), tmp_path_factory.mktemp("city"))
    yield f"http://127.0.0.1:{running.server_address[1]}"
    running.stop()


def test_every_fault_that_can_be_ordered_is_tried():
    assert set(EXPECTED) == set(KINDS)


@pytest.mark.parametrize("fault", EXPECTED)
def test_a_fault_is_what_it_says_and_the_next_answer_is_good(city, fault):
    kind, text = EXPECTED[fault]
    # A redirection is followed five times before the circle is noticed.
    order = {"fault": fault, "prefix": "/river/", "seconds": 3, "count": 6 if fault == "redirect" else 1}
    assert requests.post(f"{city}/_faults", json=order, timeout=5).status_code == 200
    with Session(retries=0, read_timeout_s=1.3, body_timeout_s=1.8, max_bytes=2_000_000) as session:
        if kind is None:
            assert session.body(f"{city}/river/readings").startswith(b"<!doctype")
        else:
            with pytest.raises(SourceError, match=text) as caught:
                session.body(f"{city}/river/readings")
            assert type(caught.value) is kind
    requests.post(f"{city}/_faults", json={"fault": None}, timeout=5)
    with Session(retries=0) as session:
        assert b"readings" in session.body(f"{city}/river/readings")
