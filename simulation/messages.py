"""What is asked of a service of the simulated city, and what it answers."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.message import Message
from typing import Any


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


def of_json(value: Any, status: int = 200) -> Answer:
    """``value`` as a JSON answer."""
    return Answer(json.dumps(value).encode(), status)
