"""The daily brief of a region: the shape of ``brief`` in ``config.yaml``. What it holds is :mod:`city.brief`."""

import re
from collections.abc import Iterator, Mapping
from datetime import time
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from city.goals import PeriodKind
from city.yaml_lines import Where, nearest

Language = Literal["id", "en"]


def _time(value: object) -> time:
    """``07:00``; YAML reads an unquoted one as a number of minutes."""
    if isinstance(value, time):
        return value
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1440:
        return time(value // 60, value % 60)
    found = re.fullmatch(r"([01]?\d|2[0-3]):([0-5]\d)", str(value).strip())
    if not found:
        raise ValueError("write a time of day such as 07:00")
    return time(int(found[1]), int(found[2]))


def _address(value: str) -> str:
    """One mailbox. No line breaks: what stands here goes into the head of a letter."""
    if not value.isascii() or not re.fullmatch(r"[^\s@<>,;:\"]+@[^\s@<>,;:\"]+", value):
        raise ValueError("not an e-mail address; write name@example.go.id")
    return value


def _url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("write an http or https address")
    return value


Address = Annotated[str, AfterValidator(_address)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Email(_Strict):
    """The mail server and who gets the brief. The password stands in the environment, under ``password_env``."""

    host: str = Field(min_length=1)
    port: int = Field(default=587, ge=1, le=65535)
    starttls: bool = True
    user: str | None = None
    password_env: str | None = None
    sender: Address = Field(alias="from")
    to: tuple[Address, ...] = Field(min_length=1)


class Webhook(_Strict):
    """Where the brief is posted as JSON, signed with the secret in the environment under ``secret_env``."""

    url: Annotated[str, AfterValidator(_url)]
    secret_env: str | None = None


class BriefSettings(_Strict):
    """``at``: the local time from which the brief of a day is sent; ``period``: that of the score.

    ``metrics``: what is told of yesterday, in this order; ``late``: the kinds of case whose overdue are told by agency.
    ``folder`` gets a copy of the files. Without folder, email and webhook nothing is sent; /brief is there anyway.
    """

    at: Annotated[time, BeforeValidator(_time)] = time(7)
    languages: tuple[Language, ...] = ()
    period: PeriodKind = "week"
    metrics: tuple[str, ...] = Field(default=(), max_length=12)
    late: tuple[str, ...] = ()
    silent_days: int = Field(default=3, ge=1)
    folder: str | None = None
    email: Email | None = None
    webhook: Webhook | None = None


def check(data: Mapping[str, Any], known: Mapping[str, Any]) -> Iterator[tuple[Where, str]]:
    """Every mistake of ``brief`` that only shows beside the rest; ``known`` are the metrics by name."""
    brief = data.get("brief")
    if not isinstance(brief, dict):
        return
    names, kinds = brief.get("metrics"), brief.get("late")
    for index, name in enumerate(names if isinstance(names, list) else ()):
        if isinstance(name, str) and name not in known:
            yield ("brief", "metrics", index), "unknown metric" + nearest(name, known)
    with_promise = [name.removesuffix("s_overdue") for name in known if name.endswith("s_overdue")]
    for index, kind in enumerate(kinds if isinstance(kinds, list) else ()):
        if isinstance(kind, str) and kind not in with_promise:
            yield ("brief", "late", index), "unknown kind of case" + nearest(kind, with_promise)
    email = brief.get("email")
    if isinstance(email, dict) and bool(email.get("user")) != bool(email.get("password_env")):
        yield ("brief", "email"), "user and password_env belong together: write both or neither"
    if isinstance(email, dict) and email.get("user") and email.get("starttls") is False and not _here(email):
        yield ("brief", "email", "starttls"), "the password would cross the network readable; use starttls"


def _here(email: Mapping[str, Any]) -> bool:
    return email.get("host") in ("localhost", "127.0.0.1", "::1")
