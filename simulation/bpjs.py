"""The web services of BPJS Kesehatan in the simulated city: signed, sealed where the real ones are, and as moody.

/bpjs/antreanrs, /bpjs/aplicaresws, /bpjs/vclaim-rest, /bpjs/pcare-rest. Logical errors come with HTTP 200. Each
facility has a pair of keys (:data:`CONSUMERS`) and a key per service; every envelope says ``simulated: true``.
"""

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7

from simulation import bpjs_facts as facts
from simulation.lz_string import packed
from simulation.messages import Answer, Request
from simulation.places import HOSPITALS, PUSKESMAS
from simulation.town import Town

_SKEW_S = 300
_PAGE = 100


@dataclass(frozen=True)
class Consumer:
    """A facility that has an agreement: its code, name and keys. Made up, and good for nothing else."""

    code: str
    name: str
    cons_id: str
    expired: bool = False

    @property
    def secret(self) -> str:
        """The consumer secret."""
        return f"rahasia-{self.cons_id}"

    def user_key(self, service: str) -> str:
        """Its key of one service."""
        return f"kunci-{service}-{self.cons_id}"


#: Three hospitals have an agreement, that of the fourth has run out; two puskesmas.
CONSUMERS = tuple(
    Consumer(f"SIMRS{number}", name, f"1000{number}", expired=number == 4)
    for number, (name, _) in enumerate(HOSPITALS, 1)
) + tuple(Consumer(f"SIMPKM{number}", name, f"2000{number}") for number, name in enumerate(PUSKESMAS, 1))
#: Of every puskesmas.
PCARE_USER, PCARE_PASSWORD, PCARE_APP = "pcare-simulasi", "rahasia-pcare", "095"


@dataclass(frozen=True)
class _Asked:
    town: Town
    who: Consumer
    now: datetime
    path: str


class _Fault(Exception):
    """A logical error: a code and a message in the envelope."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


class _Nothing(Exception):
    """There is none of what was asked for."""


def answer(town: Town, request: Request) -> Answer:
    """What BPJS answers."""
    service, _, path = request.path.partition("/")
    if service not in _SERVICES:
        return Answer(b"<html><body><h1>404 Not Found</h1></body></html>", 404, "text/html")
    form = _SERVICES[service]
    try:
        who = _known(request, service)
        found = form.work(_Asked(town, who, request.now, path))
    except _Fault as fault:
        return form.enveloped(fault.code, fault.message, None)
    except _Nothing:
        return form.enveloped(form.none_code, form.none_text, None)
    sealed = _sealed(found, who, request) if form.seals else found
    return form.enveloped(form.good, "OK", sealed, len(found.get("list", ())))


def _known(request: Request, service: str) -> Consumer:
    head = request.headers
    cons_id, timestamp = head.get("X-cons-id", ""), head.get("X-timestamp", "")
    who = next((consumer for consumer in CONSUMERS if consumer.cons_id == cons_id), None)
    signed = hmac.digest((who.secret if who else "").encode(), f"{cons_id}&{timestamp}".encode(), "sha256")
    genuine = hmac.compare_digest(base64.b64encode(signed), head.get("X-signature", "").encode())
    on_time = timestamp.isdecimal() and abs(int(timestamp) - request.now.timestamp()) <= _SKEW_S
    if not who or not genuine or not on_time:
        raise _Fault(401, "Signature Service Tidak Sesuai")
    if who.expired:
        raise _Fault(401, "Unauthorized! Consumer ID is expired!")
    # Aplicares does without; a puskesmas has no key of a hospital's service, and the other way round.
    if service != "aplicaresws" and head.get("user_key") != who.user_key(service):
        raise _Fault(401, "Unauthorized! You are not registered for this service!")
    if (service == "pcare-rest") != who.code.startswith("SIMPKM"):
        raise _Fault(401, "Unauthorized! You are not registered for this service!")
    login = base64.b64encode(f"{PCARE_USER}:{PCARE_PASSWORD}:{PCARE_APP}".encode()).decode()
    if service == "pcare-rest" and head.get("X-authorization") != f"Basic {login}":
        raise _Fault(401, "Username atau password salah")
    return who


def _sealed(found: Any, who: Consumer, request: Request) -> str:
    key = hashlib.sha256(f"{who.cons_id}{who.secret}{request.headers['X-timestamp']}".encode()).digest()
    padder, cipher = PKCS7(128).padder(), Cipher(algorithms.AES256(key), modes.CBC(key[:16])).encryptor()
    padded = padder.update(packed(json.dumps(found)).encode()) + padder.finalize()
    return base64.b64encode(cipher.update(padded) + cipher.finalize()).decode()


def _queue(asked: _Asked) -> Any:
    if found := re.fullmatch(r"dashboard/waktutunggu/tanggal/(\d{4}-\d\d-\d\d)/waktu/(rs|server)", asked.path):
        rows = facts.queues(asked.town, asked.who.name, _day(found[1], "%Y-%m-%d"), asked.now)
    elif found := re.fullmatch(r"dashboard/waktutunggu/bulan/(\d\d)/tahun/(\d{4})/waktu/(rs|server)", asked.path):
        first = _day(f"01-{found[1]}-{found[2]}", "%d-%m-%Y")
        rows = facts.month_queues(asked.town, asked.who.name, first, asked.now)
    else:
        raise _Fault(404, "Not Found")
    if not rows:
        raise _Nothing
    about = {"kdppk": asked.who.code, "nmppk": asked.who.name, "insertdate": int(asked.now.timestamp() * 1000)}
    return {"list": [row | about for row in rows]}


def _beds(asked: _Asked) -> Any:
    found = re.fullmatch(rf"rest/bed/read/{asked.who.code}/(\d+)/(\d+)", asked.path)
    if not found:
        raise _Fault(0, "Faskes tidak sesuai")
    start, limit = max(1, int(found[1])), min(_PAGE, int(found[2]))
    rooms = facts.rooms(asked.town, asked.who.name, asked.now)[start - 1 : start - 1 + limit]
    return {"list": [room | {"kodeppk": asked.who.code} for room in rooms]}


def _monitoring(asked: _Asked) -> Any:
    visits = re.fullmatch(r"Monitoring/Kunjungan/Tanggal/([\d-]+)/JnsPelayanan/([12])", asked.path)
    claims = re.fullmatch(r"Monitoring/Klaim/Tanggal/([\d-]+)/JnsPelayanan/([12])/Status/([123])", asked.path)
    if visits:
        day, service = _day(visits[1], "%Y-%m-%d"), int(visits[2])
        name, rows = "sep", facts.visits(asked.town, asked.who.name, day, service, asked.now)
    elif claims:
        day, service, state = _day(claims[1], "%Y-%m-%d"), int(claims[2]), int(claims[3])
        name, rows = "klaim", facts.claims(asked.town, asked.who.name, day, service, state, asked.now)
    else:
        raise _Fault(404, "Not Found")
    if not rows:
        raise _Nothing
    return {name: rows}


def _registrations(asked: _Asked) -> Any:
    found = re.fullmatch(r"pendaftaran/tglDaftar/(\d\d-\d\d-\d{4})/(\d+)/(\d+)", asked.path)
    if not found:
        raise _Fault(404, "Not Found")
    start, limit = int(found[2]), min(_PAGE, int(found[3]))
    rows = facts.registrations(asked.town, asked.who.name, _day(found[1], "%d-%m-%Y"), asked.now)
    if not rows[start : start + limit]:
        raise _Nothing
    return {"count": len(rows), "list": rows[start : start + limit]}


def _day(text: str, form: str) -> date:
    try:
        return datetime.strptime(text, form).date()
    except ValueError:
        raise _Fault(201, "Format tanggal tidak sesuai") from None


@dataclass(frozen=True)
class _Form:
    """How one service writes its envelope, and who does its work."""

    key: str
    good: int
    none_code: int
    none_text: str
    seals: bool
    work: Callable[[_Asked], Any]

    def enveloped(self, code: int, message: str, response: Any, total: int = 0) -> Answer:
        texts = self.key == "metaData" and self.work is _monitoring
        about: dict[str, Any] = {"code": str(code) if texts else code, "message": message}
        if self.work is _beds:
            about["totalitems"] = total  # of the page, not of all rooms
        return Answer(json.dumps({self.key: about, "response": response, "simulated": True}).encode())


_SERVICES = {
    "antreanrs": _Form("metadata", 200, 204, "No Content", False, _queue),
    "aplicaresws": _Form("metadata", 1, 0, "Data tidak ada", False, _beds),
    "vclaim-rest": _Form("metaData", 200, 201, "Data tidak ditemukan", True, _monitoring),
    "pcare-rest": _Form("metaData", 200, 204, "No Content", True, _registrations),
}
