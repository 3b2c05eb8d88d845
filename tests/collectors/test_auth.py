"""Who a JSON service is told that asks, and that its secrets go nowhere else."""

from base64 import b64decode

import pytest

from city.model import Refused
from tests.collectors.test_json_api import args, records, said


def test_the_key_goes_in_the_header_the_system_wants(system, session):
    records(args(system, auth={"kind": "header", "name": "X-API-Key", "value": "rahasia"}), session)
    records(args(system, auth={"kind": "bearer", "token": "rahasia"}), session)
    records(args(system, auth={"kind": "basic", "user": "kota", "password": "rahasia"}), session)
    assert system.headers[0]["X-API-Key"] == "rahasia"
    assert system.headers[1]["Authorization"] == "Bearer rahasia"
    assert b64decode(system.headers[2]["Authorization"].removeprefix("Basic ")) == b"kota:rahasia"


def test_a_redirection_to_another_host_does_not_take_the_key_along(system, session):
    seen = []
    system.routes["/api"] = lambda query, body: (302, {"Location": system.url.replace("127.0.0.1", "localhost")}, b"")
    system.answer = lambda query: (seen.append(system.headers[-1]), said([]))[1]
    records(args(system, auth={"kind": "header", "name": "X-API-Key", "value": "rahasia"}), session)
    assert len(seen) == 1, "the redirection was followed"
    assert "X-API-Key" not in seen[0]


def oauth(system):
    return {"kind": "oauth2", "token_url": f"{system.url}/token", "client_id": "kendali", "client_secret": "rahasia"}


def test_client_credentials_are_changed_for_a_token_that_is_kept(system, session):
    given = []
    system.routes["/token"] = lambda query, body: (given.append(body), said(
        {"access_token": f"t{len(given)}", "token_type": "Bearer", "expires_in": 3600}))[1]  # fmt: skip
    for _ in range(2):
        records(args(system, auth=oauth(system) | {"scope": "baca"}), session)
    assert [head["Authorization"] for head in system.headers[1:]] == ["Bearer t1", "Bearer t1"]
    assert given == [b"grant_type=client_credentials&scope=baca"]


def test_a_token_that_is_about_to_expire_is_fetched_anew(system, session):
    system.routes["/token"] = lambda query, body: said({"access_token": "t", "token_type": "Bearer", "expires_in": 10})
    for _ in range(2):
        records(args(system, auth=oauth(system)), session)
    assert len([body for body in system.bodies if body]) == 2


@pytest.mark.parametrize("answer", [said({"error": "invalid_client"}), said({}), (200, {}, b"<html>masuk</html>")])
def test_a_system_that_gives_no_token_is_refused_without_the_secret(system, session, answer):
    system.routes["/token"] = lambda query, body: answer
    with pytest.raises(Refused, match="gave no token for these client credentials") as caught:
        records(args(system, auth=oauth(system)), session)
    assert "rahasia" not in str(caught.value)
