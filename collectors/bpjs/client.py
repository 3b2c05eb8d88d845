"""One facility asking one service of BPJS: each request signed for the moment it is sent."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from city.model import ChangedShape, Unreachable
from collectors.bpjs.envelope import Answer, read
from collectors.bpjs.sealed import key_of, opened
from collectors.bpjs.settings import Args, Facility
from collectors.bpjs.signature import SECRET_HEADERS, headers
from collectors.http import Session, place

Clock = Callable[[], datetime]
_WHITE_LIST = "check that the service is up; BPJS answers only machines whose address it has on its white list"


def running_from(now: datetime) -> Clock:
    """A clock that goes on from ``now``.

    A run is handed the moment it began; a signature is refused when minutes old, and a long run takes longer.
    So the moment is carried on by the time that has passed, which no change of the machine's clock disturbs.
    """
    began = time.monotonic()
    return lambda: datetime.fromtimestamp(now.timestamp() + time.monotonic() - began, UTC)


class Client:
    """``facility`` with its keys. ``clock`` gives the present moment."""

    def __init__(self, args: Args, facility: Facility, session: Session, clock: Clock) -> None:
        self.args, self.facility, self.session = args, facility, session
        self.clock = clock
        session.secret_headers.update(SECRET_HEADERS)

    def where(self, path: str) -> str:
        """The address of ``path``, as errors name it."""
        return place(self._url(path))

    def plain(self, path: str) -> Answer:
        """The answer of an endpoint that is not encrypted. Raises SourceError."""
        return self._ask(path)[0]

    def unsealed(self, path: str) -> Answer:
        """The answer of an encrypted endpoint, opened. Raises SourceError."""
        answer, key, where = self._ask(path)
        if answer.nothing:
            return answer
        if not isinstance(answer.response, str):
            step = "check that `url` and `service` belong together"
            raise ChangedShape("the answer is not encrypted, and it should be", where=where, next_step=step)
        return answer._replace(response=opened(answer.response, key, where))

    def _ask(self, path: str) -> tuple[Answer, bytes, str]:
        url, who = self._url(path), self.facility
        timestamp = str(int(self.clock().timestamp()))
        try:
            content, head = self.session.answer(url, headers=headers(who, timestamp))
        except Unreachable as error:
            raise Unreachable(error.what, where=error.where, next_step=_WHITE_LIST) from error
        answer = read(content, self.args.service, place(url), self._gap_s(head.get("Date")))
        return answer, key_of(who.cons_id, who.secret, timestamp), place(url)

    def _url(self, path: str) -> str:
        return f"{self.args.url.rstrip('/')}/{path}"

    def _gap_s(self, date: Any) -> float | None:
        try:
            return (parsedate_to_datetime(date) - self.clock()).total_seconds()
        except (TypeError, ValueError):  # no date, or none that can be read
            return None


def rows_in(answer: Answer, name: str, where: str) -> list[dict[str, Any]]:
    """The records under ``name`` in an answer; none when there is nothing. Raises ChangedShape."""
    if answer.response is None:
        return []
    found = answer.response.get(name, 0) if isinstance(answer.response, dict) else 0
    rows = [] if found is None else found
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise ChangedShape(f"no list of records under '{name}' in the answer", where=where)
    return rows
