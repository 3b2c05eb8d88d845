"""What a BPJS source needs to know. BPJS gives each facility its own keys: a city has none of its own."""

from datetime import timedelta
from typing import Literal

from pydantic import Field, model_validator

from city import config
from city.config import Duration

Service = Literal["antrean", "aplicares", "vclaim", "pcare"]


class Facility(config.Strict):
    """One hospital or puskesmas and its keys, each written ``${NAME}``; ``user_key`` is that of the service."""

    code: str = Field(pattern=r"^[0-9A-Za-z]+$", description="kdppk, e.g. 0115R001")
    name: str | None = Field(default=None, min_length=1)
    cons_id: str = Field(min_length=1, repr=False)
    secret: str = Field(min_length=1, repr=False)
    user_key: str | None = Field(default=None, min_length=1, repr=False)
    username: str | None = Field(default=None, min_length=1, repr=False)
    password: str | None = Field(default=None, min_length=1, repr=False)
    app_code: str = Field(default="095", description="kdAplikasi; 095 is P-Care of an FKTP")

    @property
    def title(self) -> str:
        """What the facility is called on screens and in warnings."""
        return self.name or self.code


class Args(config.Args):
    """One service of BPJS for a list of facilities. The base address has changed several times: it is a setting."""

    service: Service
    url: str = Field(pattern=r"^https?://")
    facilities: tuple[Facility, ...] = Field(min_length=1)
    zone: config.Zone = "Asia/Jakarta"
    history: Duration = Field(default=timedelta(days=30), description="how far back the first reading goes")
    overlap: Duration = Field(default=timedelta(days=7), description="how far back every later one goes")
    waktu: Literal["rs", "server"] = Field(default="rs", description="antrean: the hospital's times, or when they came")
    period: Literal["day", "month"] = Field(default="day", description="antrean: which dashboard")
    reads: tuple[Literal["visits", "claims"], ...] = Field(default=("visits", "claims"), description="vclaim")
    page_size: int = Field(default=100, ge=1, le=1_000, description="aplicares, pcare")
    old_after: Duration = Field(default=timedelta(days=1), description="aplicares: a room untouched for longer is told")

    @model_validator(mode="after")
    def _complete(self) -> "Args":
        titles = [facility.title for facility in self.facilities]
        if twice := next((title for title in titles if titles.count(title) > 1), None):
            raise ValueError(f"facilities: '{twice}' stands there twice; their numbers would be mixed")
        for facility in self.facilities:
            for field in self._needed():
                if getattr(facility, field) is None:
                    raise ValueError(f"facilities: '{facility.title}' has no {field}; {self.service} needs it")
        return self

    def _needed(self) -> tuple[str, ...]:
        # Several clients read Aplicares without a user_key.
        keys = () if self.service == "aplicares" else ("user_key",)
        return (*keys, "username", "password") if self.service == "pcare" else keys
