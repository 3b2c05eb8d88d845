"""Any HTTP service that answers JSON, by mapping alone: complaints, memos, calls, queues, prices.

Reads   `url` with `query`, `headers`, `body` and `auth`, page by page; `{since}` and `{until}` in the
        query or the body stand for the span to read.
Yields  cases, cases with stages (`shape: event_log`, `each:` one row per element) or observations;
        `fields` are JMESPath within a record.
Limits  an event log is gathered in memory; a record that is neither text nor number in a mapped field is rejected.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from pydantic import Field, field_validator, model_validator

from city.config import Duration
from city.model import ChangedShape
from city.times import instant
from collectors import expressions
from collectors.auth import Auth, credentials
from collectors.gather import gather
from collectors.http import Session, json_of, place
from collectors.mapping import Mapping
from collectors.paging import Paging, pages


class Args(Mapping):
    """The request, how its pages follow one another, and where in the answer the records are."""

    url: str = Field(pattern=r"^https?://")
    method: Literal["GET", "POST"] = "GET"
    headers: dict[str, str] = Field(default_factory=dict)
    query: dict[str, str | int | float] = Field(default_factory=dict)
    body: dict[str, Any] | None = None
    auth: Auth | None = None
    paging: Paging | None = None
    records: str = Field(default="@", description="JMESPath of the list of records in an answer")
    each: str | None = Field(default=None, description="JMESPath of a list in a record: one row per element, as `each`")
    history: Duration = Field(default=timedelta(days=30), description="what {since} is the first time")
    overlap: Duration = Field(default=timedelta(days=1), description="how far {since} lies before the last reading")
    span: Duration | None = Field(default=None, description="the longest time from {since} to {until} in one request")

    @field_validator("records", "each")
    @classmethod
    def _path(cls, expression: str | None) -> str | None:
        return expression and expressions.checked(expression)

    @model_validator(mode="after")
    def _readable(self) -> "Args":
        expressions.check_columns(self)
        now = datetime(2026, 1, 1, tzinfo=ZoneInfo("UTC"))
        try:
            filled([self.query, self.body], now, now)
        except (KeyError, IndexError, ValueError) as error:
            raise ValueError("query and body know {since} and {until}, e.g. {since:%Y-%m-%d %H:%M:%S}") from error
        return self


#: The longest time that a backfill asks for at once, unless `span` says another.
SPAN = timedelta(days=7)


def spannable(args: Args) -> bool:
    """Whether the request says from when on: else every span of a backfill would read the same."""
    return "{since" in repr([args.query, args.body])


def filled(part: Any, since: datetime, until: datetime) -> Any:
    """``part`` with {since}, {until} (and {since_unix}, {until_unix}) filled in, however deep they stand."""
    if isinstance(part, str):
        return part.format(
            since=since, until=until, since_unix=int(since.timestamp()), until_unix=int(until.timestamp())
        )
    if isinstance(part, dict):
        return {name: filled(value, since, until) for name, value in part.items()}
    return [filled(value, since, until) for value in part] if isinstance(part, list) else part


def cursor(args: Args, since: dict[str, Any] | None, now: datetime) -> dict[str, Any]:
    """Read up to now."""
    return {"read_to": now.isoformat()}


def fetch(args: Args, session: Session, since: dict[str, Any] | None, now: datetime) -> Iterator[dict[str, Any]]:
    """Every record since the last reading; with ``each``, once per element of that list."""
    each = expressions.finder(args.each) if args.each else None
    for start, end in _spans(args, since, now):
        for record in _of_span(args, session, start, end):
            if each is None:
                yield record
            else:
                yield from ({**record, "each": element} for element in each(record) or [])


def _spans(args: Args, since: dict[str, Any] | None, now: datetime) -> Iterator[tuple[datetime, datetime]]:
    start = now - args.history if since is None else instant(since["read_to"]) - args.overlap
    while args.span and start + args.span < now:
        yield start, start + args.span
        start += args.span
    yield start, now


def _of_span(args: Args, session: Session, start: datetime, end: datetime) -> Iterator[Any]:
    zone = ZoneInfo(args.zone)
    query, body = filled([args.query, args.body], start.astimezone(zone), end.astimezone(zone))
    who = credentials(args.auth, session)

    def ask(url: str, asked: dict[str, Any]) -> tuple[Any, Any]:
        sent = {"json": body | asked} if args.method == "POST" and body is not None else {"params": asked}
        content, headers = session.answer(url, method=args.method, headers=args.headers, auth=who, **sent)
        return json_of(content, place(url)), headers

    for page in pages(args.paging, args.url, query, ask, lambda answer: _list(args, answer), session.warn):
        yield from page


def _list(args: Args, answer: Any) -> list[Any]:
    found = expressions.finder(args.records)(answer)
    if isinstance(found, dict):
        return [found]  # several servers give a single record bare
    if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
        has = f"; it has: {', '.join(map(str, list(answer)[:12]))}" if isinstance(answer, dict) else ""
        raise ChangedShape(f"no list of records at '{args.records}'{has}", where=place(args.url))
    return found


def parser(args: Args) -> Any:
    """The compiled mapping of a whole run."""
    return expressions.record_parser(args)


def parse(record: dict[str, Any], args: Args) -> Any:
    """One record as an item. Raises RowError ``field: what is wrong``."""
    return parser(args)(record)


#: The events of each case belong together; other shapes pass through.
fold = gather
