"""All requests of a time, whatever the server makes of pages: by what comes, not by what was asked for.

Real servers cap pages silently (50 to 6,260 rows), ignore ``page``, or answer 500 for every span that holds a bad row.
"""

from collections.abc import Generator, Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from city.model import ChangedShape, NotUnderstood, Refused
from collectors import records
from collectors.open311.server import Server, key_of

#: A server answers for at most as much.
WINDOW = timedelta(days=90)
#: A span with a bad row is halved down to this, then passed over: today's bad row must not hide today.
SMALLEST = timedelta(hours=1)
#: With more broken hours than this it is the server that is broken, not some rows.
MOST_BROKEN = 20
#: So many requests without a single id are no coincidence.
NO_COINCIDENCE = 10
_MAX_PAGES = 2_000
Span = tuple[datetime, datetime]


class Windows:
    """Reads one server once. ``ids`` are those of the requests that have come."""

    def __init__(self, server: Server) -> None:
        self._server, self._seen = server, set[str]()
        self._ignores_page, self._largest, self._broken = False, 0, 0
        self._tokens, self.ids, self._sound = set[str](), set[str](), False

    def read(self, start: datetime, now: datetime) -> Iterator[records.Record]:
        """Every request from ``start`` to ``now``, each once. Raises SourceError."""
        while start < now:
            end = min(start + WINDOW, now + timedelta(minutes=5))
            yield from self._all_of([(start, end)])
            start = end
        if count := len(self._tokens):
            self._server.session.warn(f"{count} requests have a token but no id yet: left out until they have one")
        if count >= NO_COINCIDENCE and not self.ids:  # a city without complaints would be no good run
            what = f"no request has a service_request_id ({count} have only a token)"
            hint = "ask the system's owner for the ids of the requests"
            raise ChangedShape(what, where=self._server.args.url, next_step=hint)

    def _all_of(self, spans: list[Span]) -> Iterator[records.Record]:
        while spans:
            span = spans.pop()
            try:
                narrower = yield from self._pages(span)
                self._sound = True
            except Refused as error:
                narrower = self._halves(span, error)
            spans += [(start, end) for start, end in narrower if start < end]

    def _halves(self, span: Span, error: Refused) -> list[Span]:
        """The halves of a span that answers 500; nothing when it is small enough to be passed over."""
        start, end = span
        if error.status != 500 or not (self._sound or self._answers_at_all(span)):
            raise error
        self._sound = True
        if end - start > SMALLEST:
            middle = (start + (end - start) / 2).replace(microsecond=0)
            return [(start, middle), (middle, end)]
        self._broken += 1
        if self._broken > MOST_BROKEN:
            raise error
        days = f"{start:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M} UTC"
        self._server.session.warn(f"the server breaks (HTTP 500) on requests of {days}: passed over")
        return []

    def _answers_at_all(self, span: Span) -> bool:
        """Whether an end of a span that breaks is answered: to halve for a server that is down would only load it."""
        start, end = span
        for part in ((end - SMALLEST, end), (start, start + SMALLEST)):
            try:
                self._server.page(*part, 1)
            except Refused:
                continue
            return True
        return False

    def _pages(self, span: Span) -> Generator[records.Record, None, list[Span]]:
        """The new rows of a span; returns the narrower spans that hold the rest where ``page`` is ignored."""
        here, first, fresh = set[str](), list[records.Record](), False
        for number in range(1, _MAX_PAGES):
            rows = self._server.page(*span, number)
            marks = {_mark(row) for row in rows}
            self._largest = max(self._largest, len(rows))
            if marks <= here:  # empty, or nothing that this span has not brought: its pages are at an end
                self._notice(number, rows)
                return self._around(span, first) if self._ignores_page and fresh else []
            new = [row for row in rows if self._is_new(row)]
            fresh, here, first = fresh or bool(new), here | marks, first or rows
            yield from (row for row in new if not _only_token(row))
            if self._ignores_page:
                return self._around(span, first) if new else []
        raise NotUnderstood("the pages never end", where=self._server.args.url)

    def _notice(self, number: int, rows: list[records.Record]) -> None:
        if number == 2 and rows and not self._ignores_page:
            self._ignores_page = True
            self._server.session.warn("the server ignores `page`: it is read by ever shorter spans of time instead")

    def _around(self, span: Span, rows: list[records.Record]) -> list[Span]:
        """What lies before and after the rows that came."""
        times = records.times(rows, "requested_datetime", ZoneInfo(self._server.args.zone))
        if not times:
            return []
        if times[0] == times[-1] and len(rows) > 1 and len(rows) == self._largest:
            self._server.session.warn("the server answers with no more of one moment at a time: some may be missing")
        return [(span[0], times[0]), (times[-1], span[1])]

    def _is_new(self, row: records.Record) -> bool:
        mark = _mark(row)
        known = mark in self._seen
        self._seen.add(mark)
        if key := key_of(row):
            self.ids.add(key)
        if _only_token(row):
            self._tokens.add(mark)
        return not known


def _only_token(row: records.Record) -> bool:
    return key_of(row) is None and bool(row.get("token"))


def _mark(row: records.Record) -> str:
    return key_of(row) or str(row.get("token") or sorted(map(str, row.items())))
