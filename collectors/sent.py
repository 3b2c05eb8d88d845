"""A delivery or an entry as one run, and what is answered: an HTTP status and a JSON object.

Nothing a sender writes raises here: bad input is a 4xx with what is wrong, by row number and field, never by content.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any, NamedTuple

import msgspec
import psycopg
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from city import received
from city.forms import Form
from city.received import Delivery
from city.store import RunResult, Store
from collectors import manual
from collectors.http import Session
from collectors.reading import Sent
from collectors.runner import Job

#: More rows than this are several deliveries: every rejected one is named in the answer.
MAX_ROWS = 50_000
MAX_NAME = 100
_LINE = msgspec.json.Decoder()


class Answer(NamedTuple):
    """An HTTP status, a JSON object, and how long to wait before the next try."""

    status: int
    body: dict[str, Any]
    retry_after_s: float | None = None


def problem(status: int, text: str, **more: Any) -> Answer:
    """A refusal in words."""
    return Answer(status, {"error": text} | more)


class Unreadable(ValueError):
    """A body that is not JSON lines; says which line."""


class Entered(msgspec.Struct, forbid_unknown_fields=True):
    """What the page hands over: who, for which period, row -> metric -> value, and which cells were confirmed."""

    entered_by: str
    at: str
    values: dict[str, dict[str, Any]]
    confirmed: list[tuple[str, str]] = msgspec.field(default_factory=list)


class Door:
    """The sources that are not polled, each with its job. Runs are in the calling thread, one of a source at a time."""

    def __init__(self, engine: Engine, store: Store, jobs: Mapping[str, Job], clock: Callable[[], datetime]) -> None:
        self._engine, self._store, self._jobs, self._clock = engine, store, jobs, clock
        self._forms = {
            name: Form(job.config, name, job.args) for name, job in jobs.items() if job.module is manual
        }  # fmt: skip

    def is_form(self, name: str) -> bool:
        """Whether ``name`` is filled in by hand."""
        return name in self._forms

    def deliver(self, name: str, key: str, body: bytes) -> Answer:
        """A signed delivery under its key: taken once, whatever happens to the answer."""
        digest, key = sha256(body).hexdigest(), sha256(key.encode("utf-8", "replace")).hexdigest()
        if known := self._known(name, key):
            return _again(known, digest)
        try:
            rows = list(lines(body))
        except Unreadable as error:
            return problem(400, str(error))
        if len(rows) > MAX_ROWS:
            return problem(413, f"more than {MAX_ROWS} rows: send several deliveries")
        rejected: list[tuple[int, str]] = []
        note = {"delivery": {"key": key, "body": digest, "rejected": rejected}}
        sent = Sent(rows=rows, notes=note, reject=lambda number, text: rejected.append((number, text)))
        try:
            result = self._run(name, sent)
        except sa.exc.IntegrityError:
            # Two with the same key at once: the other was faster.
            known = self._known(name, key)
            return _again(known, digest) if known else problem(409, "this key was used by another delivery just now")
        return _outcome(result, rejected)

    def _known(self, name: str, key: str) -> Delivery | None:
        return received.earlier(self._engine, self._store.region, name, key)

    def _run(self, name: str, sent: Sent) -> RunResult:
        return self._jobs[name].run(self._store, Session(retries=0), self._clock, sent=sent)

    def enter(self, name: str, body: bytes) -> Answer:
        """A filled form: saved whole, or refused with what is wrong in which cell."""
        try:
            given = msgspec.json.decode(body, type=Entered)
        except (ValueError, RecursionError) as error:
            told = str(error) if isinstance(error, msgspec.ValidationError) else "not a JSON object"
            return problem(400, told)
        form, who = self._forms[name], " ".join(given.entered_by.split())
        if not 0 < len(who) <= MAX_NAME or not who.isprintable():
            return problem(422, f"say who enters it, in at most {MAX_NAME} letters", field="entered_by")
        try:
            day = form.period(given.at)
        except ValueError as error:
            return problem(422, str(error), field="at", code="no_date")
        at = form.starts_at(day)
        if at > self._clock():
            return problem(422, "lies in the future", field="at", code="future")
        last = received.before(self._engine, self._store.region, name, form.args.by, at)
        wrong = manual.check(form, given.values, last, {(row, metric) for row, metric in given.confirmed})
        if wrong:
            told = "some cells need a look; nothing was saved"
            return problem(422, told, problems=[msgspec.structs.asdict(one) for one in wrong])
        rows = [
            {"at": at.isoformat(), "row": row, "values": cells}
            for row, cells in given.values.items()
            if any(manual.number(metric, raw, form.args) is not None for metric, raw in cells.items())
        ]
        if not rows:
            return problem(422, "no cell is filled; nothing was saved", code="empty")
        note = {"entered_by": who, "period": form.written(day)}
        return _outcome(self._run(name, Sent(rows=rows, notes=note)), [])


def lines(body: bytes) -> Iterator[dict[str, Any]]:
    """The objects of a body of JSON lines. Raises Unreadable with the number of the first line that is none."""
    if not body.strip():
        raise Unreadable("the body is empty; one JSON object a line is expected")
    parts = body.split(b"\n")
    if not parts[-1].strip():
        parts.pop()
    for number, part in enumerate(parts, 1):
        try:
            row = _LINE.decode(part)
        except (ValueError, RecursionError):
            raise Unreadable(f"line {number} is not JSON; one JSON object a line is expected") from None
        if not isinstance(row, dict):
            raise Unreadable(f"line {number} is not a JSON object")
        yield row


def _again(known: Delivery, digest: str) -> Answer:
    if known.body != digest:
        return problem(409, "this Idempotency-Key was used for another body; nothing was saved")
    return Answer(200, _figures(known.run, known.fetched, known.saved, known.revised, known.rejected))


def _outcome(result: RunResult, rejected: list[tuple[int, str]]) -> Answer:
    figures = _figures(result.id, result.fetched, result.saved, result.revised, rejected)
    if result.ok:
        return Answer(200, figures)
    if result.error_code == "K-107":
        told = f"{len(rejected)} of {result.fetched} rows are not understood; nothing was saved"
    else:
        told = f"({result.error_code}) {result.error}; nothing was saved"
    return Answer(422, {"error": told} | figures)


def _figures(
    run: int | None, fetched: int, saved: int, revised: int, rejected: list[tuple[int, str]]
) -> dict[str, Any]:
    named = [{"row": number, "problem": text} for number, text in rejected]
    return {"run": run, "fetched": fetched, "saved": saved, "revised": revised, "rejected": named}


def guarded(work: Callable[[], Answer]) -> Answer:
    """``work``, with what the database may say to it as an answer."""
    try:
        return work()
    except (sa.exc.DataError, psycopg.DataError):
        return problem(422, "a value that the database cannot hold; nothing was saved")
    except (sa.exc.OperationalError, sa.exc.InterfaceError, psycopg.OperationalError, sa.exc.TimeoutError):
        told = "the database is away; send again with the same Idempotency-Key, it is taken once"
        return Answer(503, {"error": told}, 30)
