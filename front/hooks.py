"""The daily brief to a webhook: JSON, signed like what is sent to ``/ingest`` (docs/brief.md)."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import httpx

from city.brief_settings import Webhook
from collectors.signed import SIGNATURE, TIMESTAMP, signature
from front.mailing import Undelivered

TIMEOUT_S = 20.0
#: Names the delivery: the same on every try, so that a receiver can drop what it has already.
DELIVERY = "x-kendali-delivery"


def post(webhook: Webhook, body: Mapping[str, Any], name: str, at: datetime, env: Mapping[str, str]) -> None:
    """Post ``body``. Any 2xx has taken it; a redirect is not followed. Raises Undelivered."""
    data = json.dumps(body, ensure_ascii=False).encode()
    head = {"content-type": "application/json", DELIVERY: name}
    if webhook.secret_env:
        if webhook.secret_env not in env:
            raise Undelivered(f"the environment has no {webhook.secret_env}")
        head[TIMESTAMP] = str(int(at.timestamp()))
        head[SIGNATURE] = signature(env[webhook.secret_env], head[TIMESTAMP], data)
    # Its address may hold a key: only the host is ever told.
    where = f"webhook at {urlsplit(webhook.url).hostname}"
    try:
        # The answer is not read: it may be endless, and nothing in it matters.
        with httpx.stream("POST", webhook.url, content=data, headers=head, timeout=TIMEOUT_S) as answer:
            code = answer.status_code
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise Undelivered(f"{where} does not answer ({type(error).__name__})") from None
    if not 200 <= code < 300:
        raise Undelivered(f"{where} answers {code}")
