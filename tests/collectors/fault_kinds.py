"""One entry per kind of source: how it is set up against a small server, and what it answers when all is well.

A new kind that asks over HTTP is one more entry of ``KINDS``; ``test_faults.py`` does the rest.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from conftest import Answer
from faults import Asked


@dataclass(frozen=True)
class Kind:
    """A source of this kind in good health brings ``rows`` cases or observations.

    ``args(url)`` are its settings; ``changed`` is an answer without the fields that are needed. ``unlike`` names
    the faults that end in another code or text than ``faults.FAULTS`` says, or None where it has no such fault.
    ``source`` are more words of the source (``kind``, ``contract``), ``config`` of the whole configuration.
    """

    args: Callable[[str], dict[str, Any]]
    good: Callable[[Asked], Answer]
    changed: bytes
    changed_code: str = "K-106"
    rows: int = 3
    unlike: Mapping[str, tuple[str, str] | None] = field(default_factory=dict)
    source: Mapping[str, Any] = field(default_factory=dict)
    config: Mapping[str, Any] = field(default_factory=dict)


def told(rows: Any) -> Answer:
    """Rows as a JSON answer."""
    return 200, {"Content-Type": "application/json"}, json.dumps(rows).encode()


_REQUESTS = [
    {"service_request_id": str(n), "status": "open", "requested_datetime": f"2026-11-2{n}T03:00:00Z"} for n in range(3)
]
_TICKETS = [{"nomor": str(n), "masuk": f"2026-11-2{n} 10:00:00"} for n in range(3)]
_FIELDS = {"key": "nomor", "opened_at": "masuk"}

KINDS: dict[str, Kind] = {
    "open311": Kind(
        args=lambda url: {"url": url},
        good=lambda asked: told(_REQUESTS if asked.query.get("page") == "1" else []),
        changed=json.dumps([{"id": str(n)} for n in range(3)]).encode(),
        changed_code="K-107",
        unlike={"another_type": ("K-103", "not a list of records")},
    ),
    "open311 in xml": Kind(
        args=lambda url: {"url": url, "format": "xml"},
        good=lambda asked: (200, {}, _xml(_REQUESTS if asked.query.get("page") == "1" else [])),
        changed=b"<errors><error/></errors>",
        changed_code="K-103",
        unlike={"html": ("K-103", "XML is broken"), "cut_off": ("K-103", "XML"), "another_type": ("K-103", "XML")},
    ),
    "json_api": Kind(
        args=lambda url: {"url": f"{url}/tickets", "records": "data", "fields": _FIELDS},
        good=lambda asked: told({"data": _TICKETS}),
        changed=b'{"result": []}',
        unlike={"another_type": ("K-106", "no list of records at 'data'")},
    ),
    "petabencana": Kind(
        args=lambda url: {"url": url, "admin": "ID-JA"},
        good=lambda asked: told({"type": "FeatureCollection", "features": [_flooded(n) for n in range(3)]}),
        changed=b'{"type": "Feature", "features": []}',
        unlike={"another_type": ("K-106", "neither")},
    ),
    "ckan": Kind(
        args=lambda url: {"url": url, "resource": "izin", "fields": _FIELDS},
        good=lambda asked: _portal(_TICKETS if asked.query.get("offset", "0") == "0" else []),
        changed=b'{"success": true, "result": {"rows": []}}',
        unlike={"another_type": ("K-106", "no `result`")},
    ),
}


def _portal(rows: list[dict[str, str]]) -> Answer:
    return told({"success": True, "result": {"records": rows, "total": 3}})


def _flooded(number: int) -> dict[str, Any]:
    report = {"pkey": str(number), "created_at": "2026-11-24T03:00:00Z", "source": "grasp", "disaster_type": "flood"}
    return {"type": "Feature", "geometry": None, "properties": report}


def _xml(rows: list[dict[str, str]]) -> bytes:
    items = ["".join(f"<{name}>{text}</{name}>" for name, text in row.items()) for row in rows]
    return f"<service_requests>{''.join(f'<request>{item}</request>' for item in items)}</service_requests>".encode()
