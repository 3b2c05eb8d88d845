"""How a system is told who asks: nothing, a bearer token, a password, a key, or OAuth2 client credentials.

Secrets come from the environment (``${NAME}`` in config.yaml) and stand in no error and no log.
"""

import time
from typing import Annotated, Any, Literal

import requests
from oauthlib.oauth2 import BackendApplicationClient, OAuth2Error
from pydantic import Field
from requests.auth import AuthBase, HTTPBasicAuth

from city.config import Strict
from city.model import Refused
from collectors.http import Session

#: A token is not used in the last moments of its life: the answer may take as long.
_MARGIN_S = 30.0


class Bearer(Strict):
    """``Authorization: Bearer ...``."""

    kind: Literal["bearer"]
    token: str


class Basic(Strict):
    """User and password."""

    kind: Literal["basic"]
    user: str
    password: str


class Key(Strict):
    """A key in a header of the system's own."""

    kind: Literal["header"]
    name: str
    value: str


class OAuth2(Strict):
    """Client credentials (RFC 6749, 4.4)."""

    kind: Literal["oauth2"]
    token_url: str = Field(pattern=r"^https?://")
    client_id: str
    client_secret: str
    scope: str | None = None


Auth = Annotated[Bearer | Basic | Key | OAuth2, Field(discriminator="kind")]


class _Header(AuthBase):
    def __init__(self, name: str, value: str) -> None:
        self._name, self._value = name, value

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers[self._name] = self._value
        return request


def credentials(auth: Auth | None, session: Session) -> AuthBase | None:
    """What requests adds to each request. Asks for a token where one is needed; Refused when none is given."""
    if auth is None:
        return None
    if isinstance(auth, Basic):
        return HTTPBasicAuth(auth.user, auth.password)
    if isinstance(auth, Key):
        session.secret_headers.add(auth.name)
        return _Header(auth.name, auth.value)
    token = auth.token if isinstance(auth, Bearer) else _token(auth, session)
    return _Header("Authorization", f"Bearer {token}")


def _token(auth: OAuth2, session: Session) -> str:
    """The token of this session, kept until it is about to expire."""
    key = (auth.token_url, auth.client_id, auth.scope)
    kept = session.tokens.get(key)
    if kept is None or kept[1] <= time.monotonic():
        kept = session.tokens[key] = _new_token(auth, session)
    return kept[0]


def _new_token(auth: OAuth2, session: Session) -> tuple[str, float]:
    client = BackendApplicationClient(auth.client_id)
    body = client.prepare_request_body(scope=auth.scope)
    login = HTTPBasicAuth(auth.client_id, auth.client_secret)
    head = {"Content-Type": "application/x-www-form-urlencoded"}
    content = session.body(auth.token_url, method="POST", data=body, auth=login, headers=head)
    try:
        given: dict[str, Any] = client.parse_request_body_response(content.decode("utf-8", "replace"))
    except (OAuth2Error, ValueError, TypeError) as error:
        raise Refused("gave no token for these client credentials", where=auth.token_url) from error
    lasts_s = float(given.get("expires_in") or 300)
    return str(given["access_token"]), time.monotonic() + max(0.0, lasts_s - _MARGIN_S)
