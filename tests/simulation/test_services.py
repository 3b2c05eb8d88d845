"""Every other system of the simulated city answers on the same server, and fails when told to."""

import json

import pytest
import requests

from simulation import server, services
from simulation.messages import Answer
from simulation.town import Town


@pytest.fixture
def city(tmp_path, monkeypatch):
    def mirror(town, asked):
        said = {"seed": town.seed, "path": asked.path, "query": asked.query, "body": asked.body.decode()}
        return Answer(
            json.dumps(said | {"method": asked.method}).encode(), 201, headers={"X-Seen": asked.headers["X-Key"]}
        )

    monkeypatch.setitem(services.SERVICES, "/mirror/", mirror)
    running, _ = server.start(Town(7), tmp_path)
    yield f"http://127.0.0.1:{running.server_address[1]}"
    running.stop()


def test_a_service_sees_the_request_whole_and_answers_for_itself(city):
    answer = requests.post(f"{city}/mirror/a%20b?x=1", data=b"form", headers={"X-Key": "k"}, timeout=5)
    assert (answer.status_code, answer.headers["X-Seen"]) == (201, "k")
    assert answer.json() == {"seed": 7, "path": "a b", "query": {"x": "1"}, "body": "form", "method": "POST"}


def test_its_answers_are_spoiled_on_demand(city):
    requests.post(f"{city}/_faults", json={"fault": "html", "prefix": "/mirror/"}, timeout=5)
    asked = {"url": f"{city}/mirror/x", "headers": {"X-Key": "k"}, "timeout": 5}
    assert requests.get(**asked).text.startswith("<!doctype html>")
    assert requests.get(**asked).json()["path"] == "x"
