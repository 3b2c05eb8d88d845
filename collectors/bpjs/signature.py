"""The headers that sign a request to BPJS (its catalogue; test vectors in tests/collectors/test_bpjs.py)."""

import base64
import hmac

from collectors.bpjs.settings import Facility

#: Headers that must not follow a redirection to another host.
SECRET_HEADERS = ("X-cons-id", "X-signature", "user_key", "X-authorization")


def signature(message: str, key: str) -> str:
    """Base64 of HMAC-SHA256."""
    return base64.b64encode(hmac.digest(key.encode(), message.encode(), "sha256")).decode()


def headers(facility: Facility, timestamp: str) -> dict[str, str]:
    """The headers of one request; ``timestamp`` is unix time in whole seconds, UTC.

    No Content-Type: the gateways refuse a GET that carries one.
    """
    signed = {
        "X-cons-id": facility.cons_id,
        "X-timestamp": timestamp,
        "X-signature": signature(f"{facility.cons_id}&{timestamp}", facility.secret),
    }
    if facility.user_key:
        signed["user_key"] = facility.user_key
    if facility.username:
        who = f"{facility.username}:{facility.password}:{facility.app_code}"
        signed["X-authorization"] = f"Basic {base64.b64encode(who.encode()).decode()}"
    return signed
