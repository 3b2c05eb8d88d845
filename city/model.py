"""The words of a city: cases, events, observations, readings, states and errors.

Facts are stored, numbers are derived. A complaint, memo, permit or call is a
:class:`Case` with a history of :class:`CaseEvent`; what arrives already counted
(beds, waiting times, rainfall) is an :class:`Observation`. None of them has room
for a name, phone, address, NIK, subject or free text: a collector drops those.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

import msgspec

#: The columns a case or an observation can be split by.
CASE_DIMENSIONS = ("category", "agency", "district", "channel", "place", "priority", "outcome", "status", "source")
OBSERVATION_DIMENSIONS = ("agency", "district", "category", "channel", "place", "source")


class Status(StrEnum):
    """Where a case stands. ``done`` and ``rejected`` close it."""

    RECEIVED = "received"
    ROUTED = "routed"
    IN_PROGRESS = "in_progress"
    DONE = "done"
    REJECTED = "rejected"


CLOSING = frozenset({Status.DONE, Status.REJECTED})


class CaseEvent(msgspec.Struct, frozen=True, order=True, gc=False):
    """One hand-over or change of status: ``stage`` is a Status or a stage of the source's own."""

    at: datetime
    stage: str
    agency: str | None = None


class Case(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Anything opened, due and closed. Unique by (region, source, key).

    All instants are aware. ``lat``/``lon`` are degrees WGS 84, rounded to about
    100 m before they are stored.
    """

    key: str
    kind: str
    opened_at: datetime
    due_at: datetime | None = None
    closed_at: datetime | None = None
    status: Status = Status.RECEIVED
    outcome: str | None = None
    category: str | None = None
    agency: str | None = None
    district: str | None = None
    channel: str | None = None
    place: str | None = None
    priority: str | None = None
    lat: float | None = None
    lon: float | None = None
    simulated: bool = False
    events: tuple[CaseEvent, ...] = ()


class Withdrawn(msgspec.Struct, frozen=True, gc=False):
    """An open case that its source no longer knows, since ``at``: the store closes it as it stands.

    Status rejected, outcome :data:`WITHDRAWN`.
    """

    key: str
    at: datetime


#: The outcome of a case that its source has withdrawn without a word.
WITHDRAWN = "withdrawn"


class Observation(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One value at one moment; the unit belongs to the metric, not to the row."""

    metric: str
    at: datetime
    value: float
    agency: str | None = None
    district: str | None = None
    category: str | None = None
    channel: str | None = None
    place: str | None = None
    simulated: bool = False


class Latest(NamedTuple):
    """The newest stored observation of one ``key`` (metric, agency, district, category, channel, place)."""

    key: tuple[Any, ...]
    at: datetime
    value: float
    steady_since: datetime

    @staticmethod
    def of(item: Observation) -> "Latest":
        """An observation as the newest of its key."""
        key = (item.metric, item.agency, item.district, item.category, item.channel, item.place)
        return Latest(key, item.at, item.value, item.at)


class ShapeChange(msgspec.Struct, frozen=True):
    """One difference between the rows of a source today and those of its good runs before.

    ``change``: new, gone, kind (another type), empty (``now`` and ``was`` are shares of empty cells) or words.
    """

    field: str
    change: str
    now: str = ""
    was: str = ""


class State(StrEnum):
    """What a frame says about its panel, worst first."""

    FAILED = "failed"
    MISSING = "missing"
    EXPIRED = "expired"
    STALE = "stale"
    FRESH = "fresh"


class Reading(msgspec.Struct, kw_only=True):
    """What a panel gets from a metric.

    ``rows``: one mapping per group. Keys: the dimensions asked for, ``bucket`` (ISO
    local start of the bucket) and ``partial`` when a grain was asked for, always
    ``value`` (float or int in ``unit``; ``None`` = unknown, never 0) and ``n`` (cases
    or observations behind the value).
    ``as_of``: the moment the data describes; ``None`` = never collected.
    """

    metric: str
    unit: str
    rows: list[dict[str, Any]]
    n: int
    as_of: datetime | None
    partial: bool = False
    simulated: bool = False
    sources: tuple[str, ...] = ()
    extra: Mapping[str, Any] = msgspec.field(default_factory=dict)

    @property
    def value(self) -> Any:
        """The one value of a reading that was not split; ``None`` when unknown."""
        return self.rows[0]["value"] if self.rows else None


class SourceError(Exception):
    """A source could not be read. Says where, what and what next; never row contents.

    ``code`` is short and stable so that an operator can name it on the phone.
    """

    code = "K-100"
    next_step = "see the source's settings in config.yaml"

    def __init__(self, what: str, *, where: str = "", next_step: str | None = None) -> None:
        self.what, self.where = what, where
        self.next_step = next_step or self.next_step
        super().__init__(f"{where + ': ' if where else ''}{what}. Next: {self.next_step}")


class Unreachable(SourceError):
    """No answer: refused, timed out, name not found, broken off."""

    code = "K-101"
    next_step = "check that the system is up and that this machine may reach it"


class Refused(SourceError):
    """Answered with an HTTP error: ``status`` is its number, ``after_s`` what it asks to wait (0: nothing).

    ``content``: what came with it, for a collector that knows its form; never shown.
    """

    code = "K-102"
    content = b""
    next_step = "check the address and the credentials, then ask the system's owner"

    def __init__(
        self, what: str, *, where: str = "", next_step: str | None = None, status: int = 0, after_s: float = 0.0
    ) -> None:
        super().__init__(what, where=where, next_step=next_step)
        self.status, self.after_s = status, after_s


class NotUnderstood(SourceError):
    """Answered with something that is not what was asked for: HTML, broken JSON, cut off."""

    code = "K-103"
    next_step = "open the address in a browser and compare it with the collector's description"


class MissingFile(SourceError):
    """The file or folder is not there."""

    code = "K-104"
    next_step = "check the path and that the export has run"


class UnreadableFile(SourceError):
    """The file is there but is not the kind that was configured (encoding, half-written, not a table)."""

    code = "K-105"
    next_step = "check encoding, separator and that the file was written to its end"


class ChangedShape(SourceError):
    """The columns or fields the configuration names are not there any more."""

    code = "K-106"
    next_step = "compare the source's columns with `fields` in config.yaml"


class TooManyRejected(SourceError):
    """More than a tenth of the rows did not parse: nothing was saved."""

    code = "K-107"
    next_step = "correct the mapping or the file, then run `run.py once SOURCE --dry-run`"


class CopiedFile(SourceError):
    """A file under a new name holds what another one held, byte for byte."""

    code = "K-108"
    next_step = "ask the source's owner why the export wrote the same again, and remove the copy"
