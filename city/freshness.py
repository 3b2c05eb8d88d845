"""How old is too old: one pure rule for every panel and source."""

from datetime import datetime, timedelta

from city.model import State


def state(
    as_of: datetime | None,
    now: datetime,
    stale_after: timedelta,
    expires_after: timedelta,
    *,
    failed: bool = False,
    missing: bool = False,
) -> State:
    """The state of data describing ``as_of``; worst wins: failed, missing, expired, stale, fresh.

    Limits are inclusive: an age equal to a limit has passed it.
    """
    if failed:
        return State.FAILED
    if missing or as_of is None:
        return State.MISSING
    age = now - as_of
    if age >= expires_after:
        return State.EXPIRED
    return State.STALE if age >= stale_after else State.FRESH
