"""One GeoReport server as this run has come to know it: what it is asked, and how it wants its times."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from city.model import Refused
from collectors import records
from collectors.auth import credentials
from collectors.http import Session
from collectors.open311.settings import Args

_ROOTS = ("service_requests", "requests", "services")


class Server:
    """Asks one server."""

    def __init__(self, args: Args, session: Session) -> None:
        self.args, self.session = args, session
        self._omit_timezone = args.omit_timezone

    def page(self, start: datetime, end: datetime, number: int) -> list[records.Record]:
        """The rows of one page of the requests of a span.

        A server that answers 400 to times with an offset is asked once without, and so from then on.
        """
        try:
            return self._ask("requests", self._span(start, end, number))
        except Refused as error:
            if error.status != 400 or self._omit_timezone:
                raise
            self._omit_timezone = True
            try:
                rows = self._ask("requests", self._span(start, end, number))
            except Refused:
                raise error from None  # it was not the offset
        self.session.warn("the server refuses times with an offset: set `omit_timezone: true`")
        return rows

    def named(self, keys: list[str]) -> list[records.Record]:
        """The rows with these ids, as far as the server knows them and the list."""
        return self._ask("requests", {"service_request_id": ",".join(keys)})

    def one(self, key: str) -> list[records.Record]:
        """The row with this id. Raises Refused with status 404 when there is none."""
        return self._ask(f"requests/{quote(key, safe='')}", {})

    def _span(self, start: datetime, end: datetime, number: int) -> dict[str, Any]:
        span = {"start_date": self._stamp(start), "end_date": self._stamp(end)}
        return span | {"page": number, "page_size": self.args.page_size}

    def _stamp(self, moment: datetime) -> str:
        # Never with fractions of a second: Chicago refuses them.
        zone, suffix = (ZoneInfo(self.args.zone), "") if self._omit_timezone else (UTC, "Z")
        return moment.astimezone(zone).strftime("%Y-%m-%dT%H:%M:%S") + suffix

    def _ask(self, name: str, query: dict[str, Any]) -> list[records.Record]:
        args, url = self.args, f"{self.args.url.rstrip('/')}/{name}.{self.args.format}"
        query |= {"jurisdiction_id": args.jurisdiction_id, "api_key": args.api_key}  # None is not sent
        who = credentials(args.auth, self.session)
        content = self.session.body(url, params=query, headers=args.headers, auth=who)
        return rows_of(content, args.format, url)


def rows_of(content: bytes, form: str, where: str = "") -> list[records.Record]:
    """The records of an answer about requests or services."""
    return records.of_xml(content, _ROOTS, where) if form == "xml" else records.of_json(content, where)


def key_of(row: records.Record) -> str | None:
    """The id of a request; None when it has none (yet)."""
    return str(row.get("service_request_id") or "").strip() or None
