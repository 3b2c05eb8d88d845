"""The other systems of the simulated city, each under a path of its own on the same server.

A service is a function of the town and a request; it knows nothing of sockets. Faults on demand
(``POST /_faults`` with its prefix) spoil its answers as they spoil those of the complaints desk.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.message import Message

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
#: prefix -> service
SERVICES: dict[str, Service] = {}


def find(path: str) -> tuple[str, Service] | None:
    """The prefix and the service that answer ``path``."""
    return next(((prefix, service) for prefix, service in SERVICES.items() if path.startswith(prefix)), None)
