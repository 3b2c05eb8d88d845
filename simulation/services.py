"""The other systems of the simulated city, each under a path of its own on the same server.

A service is a function of the town and a request; it knows nothing of sockets. Faults on demand
(``POST /_faults`` with its prefix) spoil its answers as they spoil those of the complaints desk.
"""

import importlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.message import Message
from typing import Any

from simulation.town import Town


@dataclass(frozen=True)
class Request:
    """What was asked: ``path`` is what follows the prefix, without a leading slash; ``headers`` in any case."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Message
    body: bytes
    now: datetime


@dataclass(frozen=True)
class Answer:
    """What is sent back."""

    body: bytes
    status: int = 200
    kind: str = "application/json; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)


Service = Callable[[Town, Request], Answer]
#: prefix -> service, or the module of this folder whose ``answer`` is one (they need the types above)
SERVICES: dict[str, Service | str] = {
    "/bmkg/": "bmkg",
    "/petabencana/": "petabencana",
    "/river/": "river",
    "/bpjs/": "bpjs",
}


def find(path: str) -> tuple[str, Service] | None:
    """The prefix and the service that answer ``path``."""
    prefix = next((prefix for prefix in SERVICES if path.startswith(prefix)), None)
    if prefix is None:
        return None
    service = SERVICES[prefix]
    return prefix, importlib.import_module(f"simulation.{service}").answer if isinstance(service, str) else service


def of_json(value: Any, status: int = 200) -> Answer:
    """``value`` as a JSON answer."""
    return Answer(json.dumps(value).encode(), status)
