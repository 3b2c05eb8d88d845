"""The door itself: whatever is sent, it answers in JSON, never with a 500, and what was taken is in the database."""

import asyncio
import json
import os
import socket
from contextlib import closing
from urllib.parse import quote

import httpx
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as some

from city.config import Config
from collectors import intake, signed
from tests.collectors import sending
from tests.collectors.conftest import NOW
from tests.collectors.sending import PUSH, SECRET, TOKEN, headers, lines, row
from tests.collectors.test_manual import JKN

#: KENDALI_FUZZ=10000 for the count that a release is tried with.
INPUTS = int(os.environ.get("KENDALI_FUZZ", "300"))
FUZZED = settings(max_examples=INPUTS, deadline=None, suppress_health_check=list(HealthCheck))
SLA = {"sla": {"complaint": {"default": "3wd"}}}

jsons = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats() | some.text()
    | some.sampled_from(["2026-11-24T12:00", "9999-12-31T23:59:59", "0001-01-01", "12:00 WIB", "\x00", "-1"]),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip
changed = some.fixed_dictionaries({}, optional=dict.fromkeys(("no", "masuk", "selesai", "jenis"), jsons))
#: A good row, as it is or with some of its fields changed.
rows = some.builds(lambda number, more: row(number) | more, some.integers(0, 9), some.just({}) | changed)
bodies = (
    (some.lists(rows, min_size=1, max_size=4) | some.lists(jsons, max_size=3)).map(lambda many: lines(*many))
    | some.binary(max_size=60)
    | some.lists(rows, max_size=3).map(lambda many: lines(*many)[:-2])
)
#: What the parser of the server lets through of a header.
texts = some.text(some.characters(min_codepoint=1, max_codepoint=255, exclude_characters="\r\n"), max_size=210)
odd = some.dictionaries(
    some.sampled_from(
        ["Content-Type", "Idempotency-Key", "X-Kendali-Timestamp", "X-Kendali-Signature", "Content-Length",
         "Content-Encoding", "X-Kendali-Token", "X-Other"]
    ), texts, max_size=3,
)  # fmt: skip


@pytest.fixture
def both(desk):
    """A region with a sender ``desk`` and a form ``paper``."""
    made = desk("push", PUSH | {"per_minute": 10**9}, source={"kind": "complaint"}, **SLA)
    source = type(made.config.sources["desk"])(collector="manual", args=JKN)
    made.config = made.config.model_copy(update={"sources": made.config.sources | {"paper": source}})
    return made


@pytest.fixture
def post(both):
    """Posts to the application itself, without a socket: thousands of inputs in a minute."""
    app = sending.application(both)
    with asyncio.Runner() as runner:

        async def ask(path, body, head):
            # With raise_app_exceptions a mistake of ours fails the test with its traceback.
            async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1") as client:
                raw = [(name.encode("latin-1"), text.encode("latin-1")) for name, text in head.items()]
                return await client.post(path, content=body, headers=raw)

        yield lambda path, body, head: runner.run(ask(path, body, head))


def good(answer):
    assert 200 <= answer.status_code < 500, answer.text
    told = answer.json()
    assert ("error" in told) == (answer.status_code != 200)
    return answer


def test_no_body_of_a_delivery_is_a_fault_of_ours(post, both):
    seen = set()

    @FUZZED
    @given(bodies, texts | some.just("k"))
    @example(lines(row(1)), "good")
    @example(b"{", "broken")
    @example(lines({}), "rejected")
    def deliver(body, key):
        seen.add(good(post("/ingest/desk", body, headers(body, key))).status_code)

    deliver()
    assert {200, 400, 422} <= seen, "good, broken and rejected ones were among them"


def test_no_header_and_no_address_is_a_fault_of_ours(post):
    @FUZZED
    @given(some.sampled_from(["desk", "paper", "nobody"]) | some.text(max_size=8), odd, some.booleans())
    def deliver(source, head, signed_well):
        body = lines(row(1))
        base = headers(body) if signed_well else {}
        answer = post(f"/ingest/{quote(source, safe='')}", body, base | head)
        assert 200 <= answer.status_code < 500
        assert source == "desk" or answer.status_code != 200

    deliver()


def test_no_entry_is_a_fault_of_ours(post):
    metrics = some.sampled_from(["jkn_active", "jkn_coverage"]) | some.text(max_size=3)
    places = some.sampled_from(["Kota Jambi", "Muaro Jambi"]) | some.text(max_size=3)
    cells = some.dictionaries(places, some.dictionaries(metrics, jsons, max_size=2), max_size=2)
    entered = some.fixed_dictionaries(
        {"entered_by": some.just("Rina") | some.text(), "at": some.sampled_from(["2026-11", "2026-10"]) | some.text(),
         "values": cells}, optional={"confirmed": jsons, "x": jsons},
    )  # fmt: skip

    @FUZZED
    @given(entered.map(lambda one: json.dumps(one).encode()) | jsons.map(lambda one: json.dumps(one).encode()) | bodies)
    def enter(body):
        good(post("/manual/paper", body, {"X-Kendali-Token": TOKEN}))

    enter()


def test_a_day_at_the_end_of_the_calendar_is_one_rejected_row(post, both):
    body = lines(*map(row, range(20)), row(20, masuk="9999-12-30T23:59:59"))
    answer = good(post("/ingest/desk", body, headers(body))).json()
    assert (answer["saved"], answer["rejected"]) == (
        20, [{"row": 21, "problem": "opened_at: too near the end of the calendar"}],
    )  # fmt: skip
    body = lines(row(21, masuk="0001-01-01T00:00:00"))
    good(post("/ingest/desk", body, headers(body, "k-2")))


def test_other_addresses_and_methods_are_told_in_json(both):
    with sending.serving(both) as sender:
        for method, path, status in (("GET", "/ingest/desk", 405), ("POST", "/", 404), ("POST", "/ingest/a/b", 404),
                                     ("PUT", "/manual/paper", 405)):  # fmt: skip
            answer = sender.client.request(method, path)
            assert (answer.status_code, list(answer.json())) == (status, ["error"])


def test_a_form_cannot_be_pushed_to_and_a_sender_not_filled_in(both):
    with sending.serving(both) as sender:
        assert sender.send(lines(row(1)), source="paper").status_code == 401
        assert sender.enter({}, source="desk").status_code == 404


def test_one_slow_sender_does_not_hold_up_the_others(both, monkeypatch):
    monkeypatch.setattr(intake, "BODY_TIMEOUT_S", 1.0)
    with sending.serving(both) as sender, closing(socket.create_connection(("127.0.0.1", sender.port))) as slow:
        head = headers(b"")
        told = "".join(f"{name}: {text}\r\n" for name, text in head.items())
        slow.sendall(f"POST /ingest/desk HTTP/1.1\r\nHost: x\r\n{told}Content-Length: 100\r\n\r\n{{".encode())
        assert sender.send(lines(row(1))).json()["saved"] == 1
        assert sender.enter({"Kota Jambi": {"jkn_active": 80}}, source="paper").json()["saved"] == 1
        assert slow.recv(100).startswith(b"HTTP/1.1 408 ")


def test_a_database_that_is_away_is_told_with_when_to_come_back(desk):
    made = desk("push", PUSH)
    good_engine, made.engine = made.engine, sa.create_engine("postgresql+psycopg://nobody@127.0.0.1:1/none")
    body = lines(row(1))
    with sending.serving(made) as sender:
        answer = sender.client.post("/ingest/desk", content=body, headers=headers(body))
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")
        assert "send again with the same Idempotency-Key" in answer.json()["error"]
    made.engine = good_engine
    with sending.serving(made) as sender:
        assert sender.send(body).json()["saved"] == 1


def test_a_port_that_is_taken_is_one_sentence(both):
    with sending.serving(both) as sender:
        with (
            pytest.raises(intake.PortTaken, match=f"cannot listen on 127.0.0.1:{sender.port}: .*; set `intake.port`"),
            intake.serving(sending.application(both), sender.port),
        ):
            raise AssertionError("it must not listen")
        assert sender.send(lines(row(1))).status_code == 200


def test_the_door_is_there_for_sources_that_are_not_polled_only(both):
    assert intake.names(both.config) == ["desk", "paper"]
    one = {"region": both.config.region, "sources": {"a": {"collector": "csv_file"}}}
    assert intake.names(Config.model_validate(one)) == []
    assert Config.model_validate(one).intake.port == 8052


def test_a_signature_is_what_openssl_makes_of_it():
    # printf '1764000000.{"a":1}' | openssl dgst -sha256 -hmac a-secret-of-the-sender
    made = signed.signature(SECRET, "1764000000", b'{"a":1}')
    assert made == "sha256=5422ae5c768bfd3e2ed7f1a8578355187d5ebe06467d67e976b638fa0272aed1"
    assert signed.timely({"x-kendali-timestamp": str(int(NOW.timestamp()))}, NOW.timestamp())
    for wrong in ("", "now", "-1", "1e9", "9" * 400, "\u0661\u0667"):
        assert not signed.timely({"x-kendali-timestamp": wrong}, NOW.timestamp())
