"""Weather, earthquakes and warnings of BMKG, Indonesia's weather service, for one region.

Reads   `service: forecast` (three days, per kelurahan of `adm4`), `earthquakes` (latest, felt, M 5 and more)
        or `warnings` (the CAP messages of the nowcast feed). No key.
Yields  forecast_* observations per place and hour; a case a quake with its magnitude, depth and distance;
        a case a warning that covers the region, closed at its own expiry.
Limits  at most 60 requests a minute over all jobs of the process; BMKG must be named: `attribution: BMKG`.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from city.model import Case, Observation
from collectors.bmkg import earthquakes, forecast, warnings
from collectors.bmkg.settings import Args
from collectors.http import Session

__all__ = ["Args", "cursor", "fetch", "parse"]

#: BMKG's rule, over all its hosts together.
PER_MINUTE = {"bmkg.go.id": 60}
_SERVICES: dict[str, Any] = {"forecast": forecast, "earthquakes": earthquakes, "warnings": warnings}


def cursor(args: Args, since: dict[str, Any] | None, now: datetime) -> dict[str, Any]:
    """Read up to now; the warnings in force are added by ``fetch``."""
    return {"read_to": now.isoformat()}


def fetch(args: Args, session: Session, since: dict[str, Any] | None, now: datetime) -> Iterator[dict[str, Any]]:
    """The rows of the configured service. Raises SourceError; what is odd is a warning of the session."""
    yield from _SERVICES[args.service].fetch(args, session, since, now)


def parse(row: dict[str, Any], args: Args) -> Case | Observation | list[Case | Observation]:
    """One row of the configured service. Raises RowError."""
    found: Case | Observation | list[Case | Observation] = _SERVICES[args.service].parse(row, args)
    return found
