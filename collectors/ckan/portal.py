"""The settings of a CKAN source, and the portal's actions: asked, and refused in the portal's own word."""

import re
from datetime import timedelta
from typing import Any, Literal

from pydantic import Field, model_validator

from city.config import Duration
from city.model import ChangedShape, NotUnderstood, Refused, SourceError
from collectors.auth import Auth, credentials
from collectors.http import Session, json_of, place
from collectors.written import Written

#: The portal's word for what is wrong. The rest of its message may hold what was searched for, and is not told.
_WORD = re.compile(r"[A-Za-z ]{1,40}")


class Invalid(ChangedShape):
    """The portal finds the question invalid: a column that it names is not there, most often."""


class Args(Written):
    """The portal, the resource, and what of it."""

    url: str = Field(pattern=r"^https?://", description="the portal, without /api")
    resource: str = Field(min_length=1)
    mode: Literal["datastore", "file"] = "datastore"
    filters: dict[str, str | int | list[str | int]] = Field(default_factory=dict)
    sort: str = "_id"
    #: CKAN's own limit; a portal may have a smaller one and says nothing of it.
    page_size: int = Field(default=1_000, ge=1, le=32_000)
    newest_by: str | None = None
    overlap: Duration = timedelta(days=30)
    headers: dict[str, str] = Field(default_factory=dict)
    auth: Auth | None = None

    @model_validator(mode="after")
    def _fitting(self) -> "Args":
        if self.newest_by and self.newest_by not in self.columns:
            raise ValueError("newest_by must be a column that `fields` names")
        if self.newest_by and self.shape == "event_log":
            raise ValueError("an event log is read whole, for its cases reach back; leave newest_by out")
        if self.mode == "file" and (self.filters or self.newest_by):
            raise ValueError("filters and newest_by belong to the datastore")
        return self


class Portal:
    """Asks the actions of the portal of ``args``."""

    def __init__(self, args: Args, session: Session) -> None:
        self._args, self._session = args, session
        self.where = place(args.url)
        self.credentials: dict[str, Any] = {"headers": args.headers, "auth": credentials(args.auth, session)}
        #: What the server said of the last answer, see :meth:`Session.changed`.
        self.marks: dict[str, str] = {}

    def ask(self, action: str, query: dict[str, Any], marks: dict[str, str] | None = None) -> dict[str, Any] | None:
        """The ``result`` of an action; None when nothing has changed since ``marks``.

        Raises Refused, Invalid, ChangedShape, or the errors of the session.
        """
        url = f"{self._args.url.rstrip('/')}/api/3/action/{action}"
        try:
            found = self._session.changed(url, marks or {}, params=query, **self.credentials)
        except Refused as error:
            raise _said(error.content, place(url)) or error from None
        if found is None:
            return None
        content, self.marks = found
        answer = json_of(content, place(url))
        if said := _said(content, place(url)):
            raise said
        result = answer.get("result") if isinstance(answer, dict) else None
        if not isinstance(result, dict):
            raise ChangedShape("no `result` in the answer", where=place(url))
        return result


def _said(content: bytes, where: str) -> SourceError | None:
    """The error of an envelope that says ``success: false``; None for anything else."""
    try:
        answer = json_of(content, where)
    except NotUnderstood:
        return None
    if not isinstance(answer, dict) or answer.get("success") is not False:
        return None
    told = answer.get("error")
    word = told.get("__type") if isinstance(told, dict) else None
    word = word if isinstance(word, str) and _WORD.fullmatch(word) else "no"
    return (Invalid if word == "Validation Error" else Refused)(f"the portal says {word}", where=where)
