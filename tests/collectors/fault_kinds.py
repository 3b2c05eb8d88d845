"""One entry per kind of source: how it is set up against a small server, and what it answers when all is well.

A new kind that asks over HTTP is one more entry of ``KINDS``; ``test_faults.py`` does the rest. The kind is the
first word of its name: a kind with several services has an entry for each that reads in its own way.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from conftest import NOW, Answer
from faults import Asked
from sealing import MELATI


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


def _xml(rows: list[dict[str, str]]) -> bytes:
    items = ["".join(f"<{name}>{text}</{name}>" for name, text in row.items()) for row in rows]
    return f"<service_requests>{''.join(f'<request>{item}</request>' for item in items)}</service_requests>".encode()


# One kelurahan and hour of the forecast: temperature, humidity, rain.
_SPOT = {"adm4": "15.71.01.1001", "desa": "Legok", "kecamatan": "Danau Sipin"}
_STEP = {"utc_datetime": "2026-11-24 06:00:00", "t": 31, "hu": 70, "tp": 0.2}
# In each of the three lists; the latest comes bare, which test_bmkg.py tries.
_QUAKES = [
    {"DateTime": f"2026-11-24T0{n}:00:00+00:00", "Coordinates": "-2.1,102.9", "Magnitude": "4.6", "Kedalaman": "10 km"}
    for n in range(2)
]
_FEED = "".join(f"<item><link>/{n}.xml</link></item>" for n in range(3))


def _warnings(asked: Asked) -> Answer:
    if not asked.path.endswith(".xml"):
        return 200, {}, f"<rss><channel>{_FEED}</channel></rss>".encode()
    return 200, {}, (
        f'<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><identifier>{asked.path}</identifier><sent>{NOW:%FT%TZ}'
        "</sent><status>Actual</status><msgType>Alert</msgType><info><event>Hujan Lebat</event><area><polygon>"
        "-1,103 -1,104 -2,104 -2,103 -1,103</polygon></area></info></alert>"
    ).encode()  # fmt: skip


_CENTRE = {"lat": -1.6, "lon": 103.6}
_REPORTS = [
    {
        "type": "Feature", "geometry": {"type": "Point", "coordinates": [103.6, -1.6]},
        "properties": {"pkey": str(n), "created_at": f"2026-11-24T0{n}:00:00Z", "source": "grasp"},
    }
    for n in range(3)
]  # fmt: skip
#: JSON all right, and no envelope in it: the answer has another shape.
_NO_ENVELOPE = {"another_type": ("K-106", "")}


def _portal(asked: Asked) -> Answer:
    result: dict[str, Any] = {"records": _TICKETS if asked.query.get("offset") == "0" else [], "total": len(_TICKETS)}
    if asked.path.endswith("/resource_show"):
        result = {"url": f"http://{asked.headers['Host']}/kasus.csv"}
    if asked.path == "/kasus.csv":
        return 200, {}, "\n".join(["nomor,masuk", *(",".join(row.values()) for row in _TICKETS), ""]).encode()
    return told({"success": True, "result": result})


#: One facility, so that its fault is that of the run; the secrets are looked for in what is told.
_FACILITY = MELATI | {"cons_id": "12345", "secret": "s-12345", "user_key": "k-12345"}
_CLINIC = {"namapoli": "BEDAH", "tanggal": "2026-11-24", "jumlah_antrean": 4} | {
    f"{kind}waktu_task{n}": 60 for n in range(1, 7) for kind in ("", "avg_")
}
_ROOM = {"kodekelas": "VIP", "koderuang": "R1", "kapasitas": "20", "tersedia": "9", "lastupdate": "2026-11-24 11:30:00"}


def _bpjs(service: str, code: int, rows: list[dict[str, Any]], count: int) -> Kind:
    about = {"metadata": {"code": code, "message": "OK"}}
    shared = {"service": service, "facilities": [_FACILITY], "history": "1s", "overlap": "1s"}
    return Kind(
        args=lambda url: shared | {"url": url},
        good=lambda asked: told(about | {"response": {"list": rows}}),
        changed=json.dumps(about | {"response": {"daftar": rows}}).encode(),
        rows=count,
        unlike=_NO_ENVELOPE,
    )


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
    "bmkg forecast": Kind(
        args=lambda url: {"service": "forecast", "url": url, "adm4": ["15.71.01.1001"]},
        good=lambda asked: told({"lokasi": _SPOT, "data": [{"lokasi": _SPOT, "cuaca": [[_STEP]]}]}),
        changed=json.dumps({"lokasi": _SPOT, "data": [{"prakiraan": [[_STEP]]}]}).encode(),
        unlike=_NO_ENVELOPE,
    ),
    "bmkg earthquakes": Kind(
        args=lambda url: {"service": "earthquakes", "url": url, "centre": _CENTRE},
        good=lambda asked: told({"Infogempa": {"gempa": _QUAKES}}),
        changed=json.dumps({"Infogempa": {"quakes": _QUAKES}}).encode(),
        rows=2 * 4,  # two cases with magnitude, depth and distance
        unlike=_NO_ENVELOPE,
    ),
    "bmkg warnings": Kind(
        args=lambda url: {"service": "warnings", "url": url, "centre": _CENTRE},
        good=_warnings,
        changed=b"<rss></rss>",
        changed_code="K-103",  # as for any XML that is not what was asked for
        unlike={"html": ("K-103", "XML is broken"), "cut_off": ("K-103", "XML"), "another_type": ("K-103", "not XML")},
    ),
    "petabencana": Kind(
        args=lambda url: {"url": url, "admin": "ID-JA"},
        good=lambda asked: told({"statusCode": 200, "result": {"type": "FeatureCollection", "features": _REPORTS}}),
        changed=json.dumps({"statusCode": 200, "result": {"type": "FeatureCollection", "reports": []}}).encode(),
        unlike=_NO_ENVELOPE,
    ),
    "ckan": Kind(
        args=lambda url: {"url": url, "resource": "kasus", "fields": _FIELDS},
        good=_portal,
        changed=json.dumps({"success": True, "result": {"records": [{"no": "1"}], "total": 1}}).encode(),
        unlike=_NO_ENVELOPE,
    ),
    "ckan file": Kind(
        args=lambda url: {"url": url, "resource": "kasus", "mode": "file", "fields": _FIELDS},
        good=_portal,
        changed=json.dumps({"success": True, "result": {"address": "/kasus.csv"}}).encode(),
        unlike=_NO_ENVELOPE,
    ),
    "bpjs antrean": _bpjs("antrean", 200, [_CLINIC], 1 + 2 * 6),  # entries; total and average of six tasks
    "bpjs aplicares": _bpjs("aplicares", 1, [_ROOM], 3),  # beds, free, occupied
}
