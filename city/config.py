"""One region, complete: the shape of ``config.yaml``.

Unknown keys are refused everywhere. :func:`city.documents.load` reads the file,
reports every mistake at once with its line, and returns a :class:`Config`.
"""

import re
from datetime import date, timedelta
from difflib import get_close_matches
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from city.brief_settings import BriefSettings
from city.calendar import checked_promise
from city.goals import Scorecard
from city.history import History
from city.limits import Limit, Stage
from city.model import CASE_DIMENSIONS, OBSERVATION_DIMENSIONS, Case, Observation
from city.privacy import Privacy
from city.screens import Screen
from city.times import checked_window, duration
from city.working import WorkingTime


def _checked_name(name: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        raise ValueError("not a name: small letters, digits and _, beginning with a letter")
    return name


def _checked_dimension(name: str) -> str:
    known = dict.fromkeys([*CASE_DIMENSIONS, *OBSERVATION_DIMENSIONS])
    if name not in known:
        raise ValueError(f"unknown dimension '{name}'; known: {', '.join(known)}")
    return name


def _checked_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (OSError, ValueError, ZoneInfoNotFoundError):
        close = get_close_matches(name, available_timezones(), 1)
        hint = f"Did you mean '{close[0]}'?" if close else "Write it like Asia/Jakarta."
        raise ValueError(f"unknown time zone. {hint}") from None
    return name


class Strict(BaseModel):
    """A settings class that refuses what it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Args(Strict):
    """Base of the settings of one collector kind or one panel kind."""


#: ``5m``, ``2h``, ``1d`` in the file; a timedelta in code.
Duration = Annotated[timedelta, BeforeValidator(duration)]
#: What cases and observations are split and filtered by.
Dimension = Annotated[str, AfterValidator(_checked_dimension)]
#: A window of time up to now: ``today``, ``7d``; see :func:`city.times.window`.
WindowText = Annotated[str, AfterValidator(checked_window)]
#: A promise: ``48h``, ``3wd`` in working days or ``8wh`` in working hours. Kept as text, parsed by city.calendar.
Promise = Annotated[str, AfterValidator(checked_promise)]
#: What a source, a metric or a panel is called.
Name = Annotated[str, AfterValidator(_checked_name)]
#: A time zone of the IANA database.
Zone = Annotated[str, AfterValidator(_checked_zone)]


class Term(Strict):
    """One word of the region's vocabulary: its code, how it is shown, what else means it."""

    code: str
    name: str
    aliases: tuple[str, ...] = ()


class District(Term):
    """A kecamatan: ``lat``/``lon`` of its centroid in degrees."""

    lat: float
    lon: float


class Region(Strict):
    """Who and where: ``code`` is the Kemendagri code; ``boundaries`` an optional GeoJSON path."""

    code: str
    name: str
    timezone: Zone
    country: str = "ID"
    language: Literal["id", "en"] = "id"
    room: str = "Pusat Kendali"
    boundaries: str | None = None
    boundaries_key: str = "kode"
    districts: tuple[District, ...] = ()
    agencies: tuple[Term, ...] = ()
    categories: tuple[Term, ...] = ()

    @property
    def zone(self) -> ZoneInfo:
        """The region's time zone."""
        return ZoneInfo(self.timezone)


class Contract(Strict):
    """What the rows of a source must keep. ``freeze``: a changed shape fails the run until it is accepted.

    ``required``: fields of a case or an observation without which a row is rejected.
    """

    policy: Literal["evolve", "freeze"] = "evolve"
    required: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _known_fields(self) -> "Contract":
        known = dict.fromkeys([*Case.__struct_fields__, *Observation.__struct_fields__])
        for name in self.required:
            if name not in known:
                raise ValueError(f"required: unknown field '{name}'; known: {', '.join(known)}")
        return self


class Plausible(Strict):
    """What an observed metric can be: ``min``/``max`` refuse a value; the others are told with the run.

    ``jump``: the largest believable step between two readings of one place; ``flat_after`` and ``silent_after``:
    how long readings may stay the same, or stay away.
    """

    min: float | None = None
    max: float | None = None
    jump: float | None = Field(default=None, gt=0)
    flat_after: Duration | None = None
    silent_after: Duration | None = None

    @model_validator(mode="after")
    def _in_order(self) -> "Plausible":
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError("min is larger than max")
        return self


class Source(Strict):
    """One configured system of the city. ``args`` belong to the collector kind; ``owner`` answers for it."""

    collector: Name
    title: str | None = None
    attribution: str | None = Field(default=None, description="whom the licence wants named wherever the data is shown")
    kind: Name | None = None
    every: Duration = timedelta(minutes=5)
    stale_after: Duration = timedelta(minutes=15)
    expires_after: Duration = timedelta(hours=2)
    owner: str | None = None
    contract: Contract = Contract()
    args: dict[str, Any] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _ages_in_order(self) -> "Source":
        if self.expires_after < self.stale_after:
            raise ValueError("expires_after is shorter than stale_after: data must be stale before it expires")
        if self.every <= timedelta():
            raise ValueError("every: a period must be longer than nothing")
        return self


class MetricConfig(Strict):
    """A metric of the region's own: one measure of the closed vocabulary, filtered."""

    measure: str
    case_kind: Name | None = Field(default=None, alias="of")
    observation: str | None = None
    unit: str = ""
    kind: Literal["gauge", "count", "ratio", "duration"] = "gauge"
    direction: Literal["higher", "lower", "neutral"] = "neutral"
    title: str = ""
    help: str = ""
    where: dict[str, str | list[str]] = Field(default_factory=dict)
    quantile: float = Field(default=0.5, ge=0, le=1)
    horizon: Duration = timedelta(hours=4)
    from_stage: str | None = None
    to_stage: str | None = None
    numerator: str | None = None
    denominator: str | None = None
    owner: str = ""
    changes: dict[date, str] = Field(default_factory=dict, description="since when it is counted otherwise, and how")


class Api(Strict):
    """The data API: the variable that holds the keys for single cases, and how much one client may ask."""

    keys_env: str = "KENDALI_API_KEYS"
    per_minute: int = Field(default=240, ge=1)


class Simulation(Strict):
    """The simulated city that ``run.py up`` starts on loopback; leave the section out to have none."""

    port: int = 8311
    seed: int = 1571
    days: int = Field(default=120, ge=1)
    speed: float = Field(default=1, gt=0)


class Intake(Strict):
    """Where the collecting part takes what is sent or entered, on this machine only; ``port`` 0 = a free one."""

    port: int = Field(default=8052, ge=0, le=65535)


class Config(Strict):
    """The whole of ``config.yaml``."""

    region: Region
    sources: dict[Name, Source]
    sla: dict[Name, dict[str, Promise]] = Field(default_factory=dict)
    calendar: WorkingTime = WorkingTime()
    metrics: dict[Name, MetricConfig] = Field(default_factory=dict)
    limits: dict[Name, Limit] = Field(default_factory=dict)
    stages: tuple[Stage, ...] = Field(default=(), max_length=5)
    plausibility: dict[Name, Plausible] = Field(default_factory=dict)
    scorecard: Scorecard | None = None
    brief: BriefSettings | None = None
    pages: tuple[str, ...] = ()
    screens: dict[Name, Screen] = Field(default_factory=dict)
    screens_paired: bool = Field(default=False, description="show nothing to a screen that an admin has not approved")
    simulation: Simulation | None = None
    intake: Intake = Field(default_factory=Intake)
    history: History = Field(default_factory=History)
    api: Api = Field(default_factory=Api)
    health: Privacy = Field(default_factory=Privacy)
    licence: str = Field(default="", description="under which exports may be used; told in each of them")
