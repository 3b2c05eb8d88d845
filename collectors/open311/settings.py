"""How a GeoReport server is reached, and its quirks."""

from datetime import timedelta
from typing import Literal

from pydantic import Field

from city import config
from city.config import Duration
from collectors.auth import Auth


class Args(config.Args):
    """How to reach the server, and its quirks."""

    url: str = Field(pattern=r"^https?://")
    format: Literal["json", "xml"] = "json"
    jurisdiction_id: str | None = None
    api_key: str | None = Field(default=None, description="sent as api_key in the query; `auth` sends one in a header")
    auth: Auth | None = None
    headers: dict[str, str] = Field(default_factory=dict, description="e.g. Accept-Encoding: '' for Alexandria")
    history: Duration = timedelta(days=90)
    page_size: int = Field(default=500, ge=1)
    omit_timezone: bool = Field(default=False, description="times without an offset, local in the region")
    missing: Literal["close", "keep"] = Field(
        default="close", description="an open case that the server no longer knows: closed as withdrawn, or left open"
    )
    missing_after: Duration = Field(default=timedelta(days=3), description="how long it must be missing before that")
    kind: str = "complaint"
    channel: str | None = None
    zone: config.Zone = "UTC"
