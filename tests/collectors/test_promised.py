"""A follow-up at the intake: only our own pages may enter one, and whatever is sent is answered, never a fault."""

import json
from datetime import timedelta

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from city import followups
from city.queries import Queries
from city.store import Store
from collectors import intake, promised
from tests.builders import NOW, config, own_region

TOKEN = "a-token-of-this-installation"
GOAL = {"metric": "complaints_open", "field": "Pengaduan", "targets": [{"from": "2025-01-01", "value": 9}]}
ENTRY = {"do": "add", "goal": "complaints_open", "what": "Tambah tim", "owner": "pupr", "due": "2026-12-01",
         "entered_by": "Setda"}  # fmt: skip


@pytest.fixture
def city(shared_engine):
    return Queries(shared_engine, config(region=own_region(), scorecard={"goals": [GOAL]}), lambda: NOW)


@pytest.fixture
def post(shared_engine, city):
    store = Store(shared_engine, city.config, lambda: NOW)
    app = intake.application(city.config, shared_engine, store, lambda: NOW, TOKEN, {})
    with intake.serving(app, 0) as port, httpx.Client(trust_env=False) as client:
        yield lambda entry, token=TOKEN: client.post(
            f"http://127.0.0.1:{port}/followups", json=entry, headers={"X-Kendali-Token": token}
        )


def test_an_entry_is_kept_and_closed_and_others_tokens_are_refused(post, city):
    assert post(ENTRY, "wrong").status_code == 401
    number = post(ENTRY).json()["id"]
    (one,) = city.standing(followups.read)
    assert (one.id, one.what, one.entered_at) == (number, "Tambah tim", NOW)
    close = {"do": "close", "id": number, "note": "", "entered_by": "Setda"}
    refused = post(close)
    assert (refused.status_code, refused.json()["field"]) == (422, "note")
    assert post(close | {"note": "Selesai"}).status_code == 200
    assert city.standing(followups.read) == []
    assert post(close | {"note": "Selesai"}).json()["field"] == "id"


@pytest.mark.parametrize(
    ("more", "field"),
    [({"due": "besok"}, "due"), ({"due": "2026-11-23"}, "due"), ({"goal": "x"}, "goal"), ({"what": ""}, "what"),
     ({"owner": " "}, "owner"), ({"nik": "1"}, "")],
)  # fmt: skip
def test_a_refusal_names_the_field(post, more, field):
    answer = post(ENTRY | more)
    assert (answer.status_code, answer.json()["field"]) == (422, field)


odd = some.text(max_size=30) | some.integers() | some.none()
entries = some.fixed_dictionaries(dict.fromkeys(ENTRY, odd) | {"do": some.sampled_from(["add", "close"])})


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(some.binary(max_size=40) | entries.map(lambda one: json.dumps(one).encode()))
def test_nothing_that_is_sent_is_a_fault_of_ours(shared_engine, city, body):
    answer = promised.take(city.config, shared_engine, lambda: NOW + timedelta(0), body)
    assert answer.status == 422
