"""What stands around a BPJS answer: which code means good, nothing or a fault, service by service.

Logical errors arrive with HTTP 200. The key is metadata or metaData, the code a number or a text; 201 is
"created" in P-Care and "not found" in VClaim, and code 401 may be a business rule: faults are known by their
text. A message may name a patient, so none is ever quoted.
"""

import re
from typing import Any, NamedTuple

from city.model import ChangedShape, Refused, SourceError, Unreachable
from collectors.http import json_of

_GOOD = {"antrean": "200", "aplicares": "1", "vclaim": "200", "pcare": "200"}
#: Codes that mean "none" if the message does not say otherwise.
_NONE_CODES = {"vclaim": "201"}
_NONE_TEXTS = ("no content", "tidak ditemukan", "tidak ada data", "not found")
#: A clock that is off by more than this explains a refused signature.
SKEW_S = 60


class OddCode(Refused):
    """A code that is neither good nor none, with a text that names no known fault."""


class Answer(NamedTuple):
    """``response`` as it came; ``nothing``: the service says that there is none; ``total`` is metadata.totalitems."""

    response: Any
    nothing: bool = False
    simulated: bool = False
    total: int | None = None


def read(content: bytes, service: str, where: str, gap_s: float | None = None) -> Answer:
    """The answer in the envelope. ``gap_s``: the server's clock minus ours, None if it does not tell its time.

    Raises Refused or Unreachable for a fault the service tells of, ChangedShape when there is no envelope.
    """
    found = json_of(content, where)
    body = _lower(found) if isinstance(found, dict) else {}
    about = body.get("metadata")
    about = _lower(about) if isinstance(about, dict) else {}
    code, message = _text(about.get("code")), _text(about.get("message")).casefold()
    if not code:
        raise ChangedShape("no metadata with a code in the answer", where=where, next_step=_COMPARE)
    simulated = body.get("simulated") is True
    if _is_none(service, code, message):
        return Answer(None, True, simulated)
    if code != _GOOD[service]:
        raise _fault(code, message, where, gap_s)
    total = _text(about.get("totalitems"))
    return Answer(body.get("response"), False, simulated, int(total) if total.isdecimal() else None)


_COMPARE = "compare an answer of the service with its catalogue; its form has changed"


def _lower(part: dict[str, Any]) -> dict[str, Any]:
    return {str(key).lower(): value for key, value in part.items()}


def _text(value: Any) -> str:
    return str(value).strip() if isinstance(value, str | int | float) else ""


def _is_none(service: str, code: str, message: str) -> bool:
    # 201 of VClaim stands for other refusals too: zero is said only where the text says so, or nothing.
    if code == _NONE_CODES.get(service):
        return not message or any(text in message for text in _NONE_TEXTS)
    return service in ("antrean", "pcare") and any(text in message for text in _NONE_TEXTS)


def _fault(code: str, message: str, where: str, gap_s: float | None) -> SourceError:
    if "signature service tidak sesuai" in message:
        return _signature_fault(where, gap_s)
    if "consumer id is expired" in message:
        step = "ask the BPJS branch office to renew this facility's agreement"
        return Refused("the consumer id has expired", where=where, next_step=step)
    if "not registered for this service" in message:
        step = "ask the BPJS branch office for this service, and check that `user_key` is the one of this service"
        return Refused("the consumer is not registered for this service", where=where, next_step=step)
    if "timed out" in message:
        step = "wait; it is the service behind the gateway that does not answer"
        return Unreachable("the gateway got no answer in time from the service behind it", where=where, next_step=step)
    shown = code if re.fullmatch(r"[0-9]{1,4}", code) else "unknown"
    step = "look the code up in the service's catalogue; the message is not shown, for it may name a person"
    return OddCode(f"answered with code {shown}", where=where, next_step=step)


def _signature_fault(where: str, gap_s: float | None) -> SourceError:
    if gap_s is None:
        step = "compare this machine's clock with the real time, then `secret` with the one BPJS gave"
        return Refused("signature refused: a wrong secret or a wrong clock", where=where, next_step=step)
    if abs(gap_s) > SKEW_S:
        what = f"signature refused: this machine's clock is {abs(gap_s):.0f} s {'behind' if gap_s > 0 else 'ahead'}"
        return Refused(what, where=where, next_step="set the clock of this machine (NTP)")
    step = "compare this facility's `cons_id` and `secret` with those BPJS gave it"
    return Refused("signature refused though the clocks agree: a wrong secret", where=where, next_step=step)
