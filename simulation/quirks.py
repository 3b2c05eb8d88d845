"""How real GeoReport servers differ from the standard; each found at an endpoint in use, all off as shipped."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.message import Message
from typing import Any

Row = dict[str, Any]


class Refused(Exception):
    """A question that the standard answers with an error: its HTTP code and text."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code, self.text = code, text


@dataclass(frozen=True)
class Quirks:
    """Yes-or-no quirks can be ordered by name (``--quirk``); the others have a value of their own.

    ``ignore_id_lists``: service_request_id filters nothing. ``xml_only``: JSON is not that of the standard
    (Greenwich). ``breaks_deflate``: a caller that takes deflate gets a body nobody can unpack (Alexandria).
    ``page_cap``: rows of a page whatever was asked (50 at Boston, 6,260 at Greenwich). ``jurisdiction``: the only
    one it serves. ``api_key``: needed, as api_key in the query or in the header ``X-Api-Key``. ``bad_rows_at``:
    a span that holds such a moment is answered with 500 (Chicago).
    """

    ignore_page: bool = False
    single_object: bool = False
    upper_case: bool = False
    omit_ids: bool = False
    reject_offsets: bool = False
    ignore_id_lists: bool = False
    xml_only: bool = False
    breaks_deflate: bool = False
    page_cap: int = 1000
    jurisdiction: str | None = None
    api_key: str | None = None
    bad_rows_at: tuple[datetime, ...] = ()

    def check(self, query: Mapping[str, str], headers: Message) -> None:
        """Raises Refused for the wrong jurisdiction (400 without one, 404 another) or api key (403)."""
        if self.api_key and self.api_key not in (query.get("api_key"), headers.get("X-Api-Key")):
            raise Refused(403, "api_key is missing or wrong")
        asked = query.get("jurisdiction_id")
        if self.jurisdiction and asked != self.jurisdiction:
            raise Refused(404 if asked else 400, f"jurisdiction_id {'was not found' if asked else 'is missing'}")


def dressed(rows: list[Row], quirks: Quirks) -> list[Row]:
    """The rows as a server with these quirks would write them."""
    if quirks.omit_ids:
        rows = [
            {"token" if name == "service_request_id" else name: value for name, value in row.items()} for row in rows
        ]
    return [{name.upper(): value for name, value in row.items()} for row in rows] if quirks.upper_case else rows
